"""A plan to quantize: bits of each recipe, what stays as it is, and when there can be no plan."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.planned import RECIPES, planned
from specverify.derive.weights import inventory, weight_bytes
from specverify.spec import Role
from specverify.target import PLANNED
from tests.architectures.plans import spec_of
from tests.derive.served import DENSE, figure, published, served

WIDTH = 4096
WIDE: dict[str, Any] = {
    **DENSE, "hidden_size": WIDTH, "intermediate_size": WIDTH, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 1000,
    "num_hidden_layers": 1,
}  # fmt: skip


def test_every_format_has_a_recipe() -> None:
    assert tuple(RECIPES) == PLANNED


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("fp8", 8 + 32 / WIDTH),
        ("int8", 8 + 32 / WIDTH),
        ("awq", 4.15625),
        ("gptq", 4.125),
        ("mxfp4", 4.25),
        ("nvfp4", 4.5 + 32 / WIDTH**2),
    ],
)
def test_bits_of_a_linear_layer(name: str, bits: float) -> None:
    spec = spec_of(WIDE)
    found = {entry.weight.name: entry.bytes_each.value for entry in planned(spec, inventory(spec, "bfloat16"), name)}
    assert found["mlp.down_proj.weight"] == bits * WIDTH**2 / 8
    assert found["lm_head.weight" if "lm_head.weight" in found else "model.embed_tokens.weight"] == 1000 * WIDTH * 2
    assert found["input_layernorm.weight"] == WIDTH * 2


def test_the_checkpoint_stays_what_it_is() -> None:
    found = served("llama-3.1-8b", quantize="fp8")
    assert found["weights.checkpoint_bytes"].value == 16_060_522_496
    linear = 32 * (2 * 4096**2 + 2 * 4096 * 1024 + 3 * 4096 * 14336)
    rows = 32 * (2 * 4096 + 2 * 1024 + 2 * 14336 + 4096)
    assert found["weights.bytes"].value == 16_060_522_496 - linear + 4 * rows
    assert found["weights.bytes_per_gpu"].value == found["weights.bytes"].value


def test_the_figures_say_that_they_are_planned() -> None:
    found = served("llama-3.1-8b", quantize="awq", gpu="h100-sxm-80gb")
    for name in ("weights.bytes", "weights.bytes_per_gpu", "capacity.needed_bytes_per_gpu"):
        assert (found[name].note or "").startswith("planned: awq, 4 bits in groups of 128")
    assert "planned" not in (found["weights.checkpoint_bytes"].note or "")


def test_routers_towers_and_projectors_are_left_alone() -> None:
    for name in ("qwen3-30b-a3b", "gemma-3-4b", "llama-4-scout"):
        spec = published(name)
        before = inventory(spec, "bfloat16")
        for old, new in zip(before, planned(spec, before, "int8"), strict=True):
            kept = old.weight.role in (Role.EMBEDDING, Role.HEAD, Role.NORM, Role.ROUTER, Role.POSITION, Role.TOWER, Role.PROJECTOR)
            kept = kept or old.part.role in ("tower", "projector") or len(old.weight.shape) != 2
            assert (new.bytes_each.value == old.bytes_each.value) == kept, old.weight.name


def test_mxfp4_takes_the_experts_of_a_mixture_alone() -> None:
    spec = published("qwen3-30b-a3b")
    before = inventory(spec, "bfloat16")
    changed = {old.weight.role for old, new in zip(before, planned(spec, before, "mxfp4"), strict=True) if old.scheme != new.scheme}
    assert changed == {Role.ROUTED_EXPERT}
    dense = published("llama-3.1-8b")
    entries = planned(dense, inventory(dense, "bfloat16"), "mxfp4")
    assert {entry.weight.role for entry in entries if entry.scheme is not None} == {Role.ATTENTION, Role.FEED_FORWARD}


@pytest.mark.parametrize("name", PLANNED)
def test_what_is_quantized_already_is_refused_with_its_reason(name: str) -> None:
    found = served("deepseek-v3", quantize=name)
    assert found["weights.checkpoint_bytes"].value == 688_574_839_360
    for figure_name in ("weights.bytes", "weights.bytes_per_gpu"):
        number = found[figure_name].number
        assert number.value is None
        assert number.reasons() == (f"it is published quantized (fp8): plan {name} from the checkpoint it was made from",)


@pytest.mark.parametrize(("name", "least", "most"), [("fp8", 0.5, 0.6), ("nvfp4", 0.28, 0.4), ("gptq", 0.25, 0.38)])
def test_a_plan_is_cut_like_any_other(name: str, least: float, most: float) -> None:
    """Scales follow their pieces: four GPUs hold a quarter each, and norms whole."""
    whole = figure("weights.bytes", "llama-3.1-8b", quantize=name) or 0
    share = figure("weights.bytes_per_gpu", "llama-3.1-8b", quantize=name, gpus=4) or 0
    assert whole / 4 <= share < whole / 4 * 1.01
    assert least < whole / 16_060_522_496 < most
    spec = published("llama-3.1-8b")
    assert weight_bytes(planned(spec, inventory(spec, "bfloat16"), name)).value == whole
