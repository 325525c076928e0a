"""Decoders that are Llama but for a switch: EXAONE 4, SmolLM3, Apertus and the kin of `llama_kin`."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from specverify.spec import Attention
from tests.architectures.plans import SMALL, check_against_corpus, check_published, decoder_of, spec_of, total_of, windows_of
from tests.architectures.reading import kept, read, tensors, total, under

KIN = (
    "exaone4",
    "smollm3",
    "seed_oss",
    "ministral",
    "ministral3",
    "apertus",
    "arcee",
    "helium",
    "cwm",
    "jais2",
    "bitnet",
    "diffllama",
    "nanochat",
)
WIDE = {"head_dim": 16}
TINY = {
    "exaone4": {},
    "smollm3": {},
    "apertus": {},
    "arcee": {},
    "jais2": {},
    "helium": {"head_dim": 8},
    "bitnet": {},
    "diffllama": {},
    "nanochat": {},
}
MIXER = {
    "self_attn.q_proj.weight": (32, 32),
    "self_attn.k_proj.weight": (16, 32),
    "self_attn.v_proj.weight": (16, 32),
    "self_attn.o_proj.weight": (32, 32),
}
WIDE_MIXER = {
    "self_attn.q_proj.weight": (64, 32),
    "self_attn.k_proj.weight": (32, 32),
    "self_attn.v_proj.weight": (32, 32),
    "self_attn.o_proj.weight": (32, 64),
}
QKV_BIAS = {"self_attn.q_proj.bias": (64,), "self_attn.k_proj.bias": (32,), "self_attn.v_proj.bias": (32,)}
QK_NORMS = {"self_attn.q_norm.weight": (8,), "self_attn.k_norm.weight": (8,)}
GATED = {"mlp.gate_proj.weight": (48, 32), "mlp.up_proj.weight": (48, 32), "mlp.down_proj.weight": (32, 48)}
UNGATED = {"mlp.up_proj.weight": (48, 32), "mlp.down_proj.weight": (32, 48)}
BEFORE = {"input_layernorm.weight": (32,), "post_attention_layernorm.weight": (32,)}
BIASED = {
    **{f"self_attn.{name}_proj.bias": (width,) for name, width in (("q", 32), ("k", 16), ("v", 16), ("o", 32))},
    "mlp.up_proj.bias": (48,),
    "mlp.down_proj.bias": (32,),
    "input_layernorm.bias": (32,),
    "post_attention_layernorm.bias": (32,),
}
LAYERS: dict[str, dict[str, tuple[int, ...]]] = {
    "exaone4": {**MIXER, **QK_NORMS, **GATED, "post_attention_layernorm.weight": (32,), "post_feedforward_layernorm.weight": (32,)},
    "smollm3": {**MIXER, **GATED, **BEFORE},
    "seed_oss": {**WIDE_MIXER, **QKV_BIAS, **GATED, **BEFORE},
    "ministral": {**WIDE_MIXER, **GATED, **BEFORE},
    "ministral3": {**WIDE_MIXER, **GATED, **BEFORE},
    "cwm": {**WIDE_MIXER, **GATED, **BEFORE},
    "helium": {**MIXER, **GATED, **BEFORE},
    "arcee": {**MIXER, **UNGATED, **BEFORE},
    "jais2": {**MIXER, **UNGATED, **BEFORE, **BIASED},
    "bitnet": {**MIXER, "self_attn.attn_sub_norm.weight": (32,), **GATED, "mlp.ffn_sub_norm.weight": (48,), **BEFORE},
    "diffllama": {**MIXER, **{f"self_attn.lambda_{name}": (8,) for name in ("q1", "k1", "q2", "k2")}, **GATED, **BEFORE},
    "nanochat": {**MIXER, "mlp.fc1.weight": (48, 32), "mlp.fc2.weight": (32, 48)},
    "apertus": {
        **MIXER,
        **QK_NORMS,
        **UNGATED,
        "mlp.act_fn.alpha_p": (1,),
        "mlp.act_fn.alpha_n": (1,),
        "mlp.act_fn.beta": (),
        "mlp.act_fn.eps": (),
        "attention_layernorm.weight": (32,),
        "feedforward_layernorm.weight": (32,),
    },
}


@pytest.mark.parametrize("model_type", LAYERS)
def test_names(model_type: str) -> None:
    spec = read(model_type, **SMALL, **TINY.get(model_type, WIDE))
    assert under(spec, "model.layers.1.") == LAYERS[model_type]
    outside = {name for name in tensors(spec) if ".layers." not in name}
    assert outside - {"lm_head.weight", "model.norm.bias", "model.norm.weight"} == {"model.embed_tokens.weight"}
    assert ("model.norm.weight" in outside) == (model_type != "nanochat")


@pytest.mark.parametrize(
    ("model_type", "changes", "expected"),
    [
        ("exaone4", {}, 37_280),
        ("exaone4", {"tie_word_embeddings": True}, 34_176),
        ("smollm3", {}, 34_112),
        ("smollm3", {"attention_bias": True}, 34_496),
        ("smollm3", {"mlp_bias": True}, 34_624),
        ("smollm3", {"tie_word_embeddings": False}, 37_216),
        ("seed_oss", {}, 50_016),
        ("seed_oss", {"attention_bias": False}, 49_504),
        ("seed_oss", {"attention_out_bias": True}, 50_144),
        ("seed_oss", {"mlp_bias": True}, 50_528),
        ("ministral", {}, 49_504),
        ("ministral3", {}, 49_504),
        ("apertus", {}, 31_144),
        ("apertus", {"attention_bias": True}, 31_528),
        ("apertus", {"hidden_act": "silu"}, 31_136),
        ("arcee", {}, 31_072),
        ("arcee", {"attention_bias": True}, 31_456),
        ("arcee", {"mlp_bias": True}, 31_392),
        ("helium", {}, 37_216),
        ("helium", {"attention_bias": True}, 37_472),
        ("helium", {"mlp_bias": True}, 37_728),
        ("cwm", {}, 49_504),
        ("cwm", {"mlp_bias": True}, 50_016),
        ("jais2", {}, 32_064),
        ("jais2", {"attention_bias": False}, 31_680),
        ("jais2", {"mlp_bias": False}, 31_744),
        ("bitnet", {}, 37_536),
        ("bitnet", {"attention_bias": True, "tie_word_embeddings": True}, 34_816),
        ("diffllama", {}, 37_344),
        ("diffllama", {"head_dim": 10}, 40_448),
        ("nanochat", {}, 30_784),
        ("nanochat", {"attention_bias": True}, 31_168),
    ],
)
def test_totals(model_type: str, changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total_of({**SMALL, "model_type": model_type, **TINY.get(model_type, WIDE), **changes}) == expected


def test_a_classifier_and_a_bare_model() -> None:
    assert total(read("smollm3", "SmolLM3ForSequenceClassification", **SMALL)) == 34_112 + 2 * 32
    assert "layers.0.mlp.act_fn.alpha_p" in tensors(read("apertus", "ApertusModel", **SMALL))


def test_constants_of_xielu_are_no_parameters() -> None:
    buffers = {name.rsplit(".", 1)[-1] for name, _, weight in manifest(read("apertus", **SMALL)) if weight.buffer}
    assert buffers == {"beta", "eps"}


@pytest.mark.parametrize(
    ("model_type", "changes", "seen"),
    [
        ("exaone4", {"sliding_window": 8}, [8, 8, 8, None]),
        ("exaone4", {"sliding_window": None, "layer_types": ["full_attention"] * 4}, [None] * 4),
        ("smollm3", {}, [None] * 4),
        ("smollm3", {"sliding_window": 8, "use_sliding_window": True, "no_rope_layer_interval": 2}, [None, 8, None, 8]),
        ("smollm3", {"sliding_window": 8}, [None] * 4),
        ("smollm3", {"sliding_window": 8, "use_sliding_window": True, "layer_types": ["sliding_attention"] * 4}, [8] * 4),
        ("ministral", {"sliding_window": 8}, [8] * 4),
        ("ministral", {"sliding_window": None}, [None] * 4),
        ("ministral3", {"sliding_window": 8}, [8] * 4),
        ("cwm", {"sliding_window": 8, "num_hidden_layers": 6}, [None, 8, 8, 8, None, 8]),
    ],
)
def test_windows(model_type: str, changes: dict[str, Any], seen: list[int | None]) -> None:
    assert windows_of({**SMALL, "model_type": model_type, **changes}) == seen


def placed(config: dict[str, Any]) -> list[int]:
    """The layers that rotate queries and keys."""
    groups = decoder_of(config).layers
    return sorted(i for group in groups for i in group.indices if isinstance(group.mixers[0], Attention) and group.mixers[0].rotary)


def test_layers_without_positions() -> None:
    """SmolLM3Config: 0 in `no_rope_layers` is one; Exaone4Attention: those that see everything beside others that slide."""
    smollm, exaone = {**SMALL, "model_type": "smollm3"}, {**SMALL, "model_type": "exaone4"}
    assert placed(smollm) == [0, 1, 2]
    assert placed({**smollm, "no_rope_layers": [0, 1, 1, 0]}) == [1, 2]
    assert placed({**smollm, "no_rope_layer_interval": 2}) == [0, 2]
    assert placed({**exaone, "sliding_window": 8}) == [0, 1, 2]
    assert placed({**exaone, "sliding_window": None, "layer_types": ["full_attention"] * 4}) == [0, 1, 2, 3]


def test_a_kind_that_the_class_does_not_have() -> None:
    problems = spec_of({**SMALL, "model_type": "smollm3", "layer_types": ["linear_attention"] * 4}).problems
    assert {problem.pointer for problem in problems} == {"/layer_types"}


@pytest.mark.parametrize("model_type", KIN)
def test_cache(model_type: str) -> None:
    spec = read(model_type, **{**SMALL, "head_dim": 8})
    assert spec.value("attention") == "gqa"
    assert kept(spec, 10) == (4 * 2 * 2 * 8 * 10 * 2, 0)


def test_recipe() -> None:
    assert (read("exaone4", **SMALL).value("norm_placement"), read("exaone4", **SMALL).value("qk_norm")) == ("post", "per-head")
    assert (read("jais2", **SMALL).value("norm"), read("jais2", **SMALL).value("feed_forward")) == ("layer", "plain")
    assert (read("apertus", **SMALL).value("qk_norm"), read("apertus", **SMALL).value("feed_forward")) == ("per-head", "plain")
    assert read("seed_oss", **SMALL).value("modern_decoder_recipe") is True
    assert read("arcee", **SMALL).value("modern_decoder_recipe") is False


def test_the_root_of_a_model_with_images() -> None:
    """A config of this type whose text model is nested is Mistral 3's composite: tower, merging projector, text model."""
    text = {"model_type": "ministral3", **SMALL, **WIDE, "tie_word_embeddings": True}
    vision = {"model_type": "pixtral", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}
    nested = {"text_config": text, "vision_config": {**vision, "patch_size": 4, "head_dim": 8}, "spatial_merge_size": 2}
    spec = read("ministral3", "Mistral3ForConditionalGeneration", **nested)
    tower = 16 * 3 * 4 * 4 + 16 + 2 * (4 * 16 * 16 + 3 * 16 * 24 + 2 * 16)
    projector = 16 + 16 * 4 * 16 + 16 * 32 + 32 * 32
    assert total(spec) == 49_504 - 97 * 32 + tower + projector
    assert spec.value("num_hidden_layers") == 4
    assert kept(spec, 10)[0] == 4 * 2 * 2 * 16 * 10 * 2


def test_corpus() -> None:
    check_against_corpus(*KIN)


def test_published() -> None:
    check_published("exaone4", "smollm3", "ministral3")
