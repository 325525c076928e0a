"""Every figure answers why: its formula ends in facts with a place, and in numbers that say what they are."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.num import Num
from specverify.pipeline import verify
from specverify.report.explain import explain
from specverify.target import Target
from tests.fixture_files import FIXTURES

MODELS = (
    *("llama-3.1-8b", "gemma-3-27b", "gpt-oss-120b", "deepseek-v3", "deepseek-v3.2", "qwen3-next-80b-a3b", "qwen3-235b-a22b-fp8"),
    *("jamba-v0.1", "mamba-2.8b", "whisper-large-v3", "t5-base", "llama-4-scout", "bert-base"),
)
EIGHT = {"gpu": "h100-sxm-80gb", "gpus": 8}
B200: dict[str, Any] = {"gpu": "b200-sxm-180gb", "gpus": 8, "engine": "vllm"}
TARGETS: dict[str, dict[str, Any]] = {
    "none": {},
    "alone": {"gpu": "h100-sxm-80gb"},
    **{engine: {**EIGHT, "engine": engine} for engine in ("vllm", "vllm@0.8.5", "sglang", "llamacpp", "ik_llama", "transformers")},
    "planned in stages": {**B200, "tensor_parallel": 4, "pipeline_parallel": 2, "quantize": "nvfp4"},
    "fp8 and context parallel": {**B200, "decode_context_parallel": 2, "kv_dtype": "fp8"},
}
LARGEST_BARE = 32
"""Of numbers without a name or unit: bits of a byte, keys and values, values of a block."""
SETTINGS_ALONE = ("memory.groups", "memory.padding_layers", "memory.block_tokens", "context.effective.", "attention.score_matrix_bytes")
"""Figures that may rest on an engine's own numbers and nothing of the model."""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("model", MODELS)
def test_down_to_places_and_names(model: str, target: str) -> None:
    report = verify(str(FIXTURES / model), target=Target(**TARGETS[target]))
    for name, figure in report.figures.items():
        assert explain(report, name).startswith(f"{name} = "), name
        if figure.value is None:
            assert all(reason and reason != "unknown" for reason in figure.number.reasons()), name
            assert figure.number.reasons(), name
            continue
        leaves = list(figure.number.leaves())
        assert [leaf.value for leaf in leaves if is_bare(leaf)] == [], name
        places = [reading.where for leaf in leaves if leaf.fact is not None for reading in leaf.fact.readings]
        assert all(place.file and (place.pointer or place.line) for place in places), name
        assert places or name.startswith(SETTINGS_ALONE) or figure.value == 0, name


def is_bare(leaf: Num) -> bool:
    """A number in a formula of which nobody says what it is."""
    return leaf.fact is None and not leaf.label and not leaf.unit and (leaf.value or 0) > LARGEST_BARE
