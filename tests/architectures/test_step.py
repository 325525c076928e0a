"""Step 3.7 against its transformers class."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import check_against_corpus, spec_of, total_of, windows_of
from tests.architectures.reading import tensors, under

TEXT: dict[str, Any] = {
    "hidden_size": 48,
    "vocab_size": 70,
    "intermediate_size": 20,
    "moe_intermediate_size": 12,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_attention_groups": 2,
    "head_dim": 6,
    "moe_num_experts": 4,
    "moe_top_k": 2,
    "share_expert_dims": 10,
    "sliding_window": 8,
    "layer_types": ["full_attention", "sliding_attention", "sliding_attention", "full_attention", "sliding_attention"],
    "num_nextn_predict_layers": 1,
    "attention_other_setting": {"num_attention_heads": 6},
    "moe_layers_enum": "1,2, 3,4",
    "mlp_bias": True,
    "attention_bias": True,
}
VISION: dict[str, Any] = {"width": 32, "layers": 2, "heads": 2, "image_size": 56, "patch_size": 14, "mlp_ratio": 2.3}
STEP: dict[str, Any] = {
    "model_type": "step3p7",
    "architectures": ["Step3p7ForConditionalGeneration"],
    "projector_bias": True,
    "text_config": TEXT,
    "vision_config": VISION,
}


def step(**changes: Any) -> dict[str, Any]:
    """The config with other keys of the text model."""
    return {**STEP, "text_config": {**TEXT, **changes}}


def test_total() -> None:
    """Built by transformers 5.23; lists may go on to the layer of next-token prediction, which is not built."""
    assert total_of(STEP) == 189_822


def test_heads_of_sliding_layers() -> None:
    """By their own number, by what older files call it, or by a `per_layer_config` that then says all."""
    name = "self_attn.q_proj.weight"

    def heads(config: dict[str, Any]) -> list[int]:
        return [under(spec_of(config), f"model.layers.{index}.")[name][0] // 6 for index in range(4)]

    assert heads(STEP) == [4, 6, 6, 4]
    assert heads(step(num_sliding_attention_heads=8)) == [4, 8, 8, 4]
    assert heads(step(per_layer_config={"2": {"num_attention_heads": 2}})) == [4, 4, 2, 4]
    assert heads(step(attention_other_setting=None)) == [4] * 4
    assert windows_of(STEP) == [None, 8, 8, None]


@pytest.mark.parametrize(
    ("changes", "sparse"),
    [
        ({}, [1, 2, 3]),
        ({"moe_layers_enum": [0, 3]}, [0, 3]),
        ({"moe_layers_enum": None}, [3]),
        ({"mlp_layer_types": ["sparse", "dense", "dense", "dense", "sparse"]}, [0]),
    ],
)
def test_which_layers_are_mixtures(changes: dict[str, Any], sparse: list[int]) -> None:
    names = tensors(spec_of(step(**changes)))
    assert [index for index in range(4) if f"model.layers.{index}.moe.gate.weight" in names] == sparse


def test_a_list_of_layers_that_is_none() -> None:
    spec = spec_of(step(moe_layers_enum="one, two"))
    assert "/text_config/moe_layers_enum" in [problem.pointer for problem in spec.problems]


def test_names_of_the_published_checkpoint() -> None:
    names = tensors(spec_of(STEP))
    assert names["model.layers.1.moe.gate_proj.weight"] == (4, 12, 48)
    assert names["vision_model.transformer.resblocks.1.attn.in_proj_bias"] == (96,)
    assert names["vision_model.vit_downsampler2.weight"] == (128, 64, 3, 3)
    assert names["vit_large_projector.weight"] == (48, 128)


def test_corpus() -> None:
    check_against_corpus("step3p7")
