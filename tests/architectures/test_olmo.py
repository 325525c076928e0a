"""OLMo 1 to 3, OLMoE and FlexOlmo: which norms they have, where those stand, and which layers slide."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_published, total_of, windows_of
from tests.architectures.reading import kept, read, tensors, under

EXPERTS = {"num_experts": 3, "num_experts_per_tok": 2}
MIXER = {
    "self_attn.q_proj.weight": (32, 32),
    "self_attn.k_proj.weight": (16, 32),
    "self_attn.v_proj.weight": (16, 32),
    "self_attn.o_proj.weight": (32, 32),
}
QK_NORMS = {"self_attn.q_norm.weight": (32,), "self_attn.k_norm.weight": (16,)}
DENSE = {"mlp.gate_proj.weight": (48, 32), "mlp.up_proj.weight": (48, 32), "mlp.down_proj.weight": (32, 48)}
SPARSE = {
    "mlp.gate.weight": (3, 32),
    **{f"mlp.experts.{index}.{name}_proj.weight": (48, 32) for index in range(3) for name in ("gate", "up")},
    **{f"mlp.experts.{index}.down_proj.weight": (32, 48) for index in range(3)},
}
BEFORE = {"input_layernorm.weight": (32,), "post_attention_layernorm.weight": (32,)}
BEHIND = {"post_attention_layernorm.weight": (32,), "post_feedforward_layernorm.weight": (32,)}


@pytest.mark.parametrize(
    ("model_type", "changes", "expected", "biased"),
    [
        ("olmo", {}, 36_928, 37_312),
        ("olmo2", {}, 37_408, 37_792),
        ("olmo3", {}, 37_408, 37_792),
        ("olmoe", EXPERTS, 74_656, 75_040),
        ("flex_olmo", EXPERTS, 74_656, 75_040),
    ],
)
def test_totals(model_type: str, changes: dict[str, Any], expected: int, biased: int) -> None:
    config = {**SMALL, "model_type": model_type, **changes}
    assert total_of(config) == expected
    assert total_of({**config, "attention_bias": True}) == biased


@pytest.mark.parametrize(
    ("model_type", "changes", "layer"),
    [
        ("olmo", {}, {**MIXER, **DENSE}),
        ("olmo2", {}, {**MIXER, **QK_NORMS, **DENSE, **BEHIND}),
        ("olmo3", {}, {**MIXER, **QK_NORMS, **DENSE, **BEHIND}),
        ("olmoe", EXPERTS, {**MIXER, **QK_NORMS, **SPARSE, **BEFORE}),
        ("flex_olmo", EXPERTS, {**MIXER, **QK_NORMS, **SPARSE, **BEHIND}),
    ],
)
def test_names(model_type: str, changes: dict[str, Any], layer: dict[str, tuple[int, ...]]) -> None:
    spec = read(model_type, **SMALL, **changes)
    assert under(spec, "model.layers.1.") == layer
    outside = {name for name in tensors(spec) if ".layers." not in name}
    assert outside == {"model.embed_tokens.weight", "lm_head.weight", *(() if model_type == "olmo" else ("model.norm.weight",))}


@pytest.mark.parametrize("model_type", ["olmoe", "flex_olmo"])
def test_experts_in_use(model_type: str) -> None:
    found = counts(read(model_type, **SMALL, **EXPERTS))
    assert found is not None
    assert found.activated.value == 74_656 - 4 * 3 * 32 * 48


def test_windows() -> None:
    """Olmo3Config: three sliding layers to one full."""
    config = {**SMALL, "model_type": "olmo3", "num_hidden_layers": 5, "sliding_window": 8}
    assert windows_of(config) == [8, 8, 8, None, 8]
    assert windows_of({**SMALL, "model_type": "olmo2"}) == [None] * 4


def test_recipe_and_cache() -> None:
    placed = {name: read(name, **SMALL).value("norm_placement") for name in ("olmo", "olmo2", "olmo3", "olmoe", "flex_olmo")}
    assert placed == {"olmo": "pre", "olmo2": "post", "olmo3": "post", "olmoe": "pre", "flex_olmo": "post"}
    assert (read("olmo", **SMALL).value("norm"), read("olmo2", **SMALL).value("norm")) == ("layer", "rms")
    assert {read(name, **SMALL).value("qk_norm") for name in ("olmo2", "olmo3", "olmoe", "flex_olmo")} == {"full"}
    assert kept(read("olmoe", **SMALL), 10) == (4 * 2 * 2 * 8 * 10 * 2, 0)
    assert kept(read("olmo3", **SMALL, sliding_window=4), 10) == ((3 * 4 + 10) * 2 * 2 * 8 * 2, 0)


def test_corpus() -> None:
    check_against_corpus("olmo", "olmo2", "olmo3", "olmoe", "flex_olmo")


def test_published() -> None:
    check_published("olmo2", "olmo3", "olmoe")
