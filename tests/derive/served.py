"""The figures of a model at a target, for the tests of derive."""

from __future__ import annotations

from functools import cache
from typing import Any

from specverify.derive.figures import figures
from specverify.normalize.config import normalize_bytes
from specverify.spec import Figure, ModelSpec
from specverify.target import Target
from tests.architectures.plans import SMALL, spec_of
from tests.fixture_files import FIXTURES

GIB, MIB = 2**30, 2**20
DENSE: dict[str, Any] = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", **SMALL}
"""Four layers of four query heads and two KV heads of eight: 4 x 2 x 2 x 8 x 2 B = 256 B a token."""
UNTIED = {**DENSE, "tie_word_embeddings": False}


@cache
def published(name: str) -> ModelSpec:
    """The spec of a fixture."""
    return normalize_bytes((FIXTURES / name / "config.json").read_bytes())


def served(model: str | dict[str, Any], **target: Any) -> dict[str, Figure]:
    """Every figure of a fixture, or of a config given as an object, at a target given as `Target`'s arguments."""
    return dict(figures(published(model) if isinstance(model, str) else spec_of(model), Target(**target)))


def figure(name: str, model: str | dict[str, Any], **target: Any) -> int | float | None:
    """The value of one figure."""
    return served(model, **target)[name].value


def per_gpu(model: str | dict[str, Any], engine: str = "vllm", **target: Any) -> int:
    """Bytes of the weights on one GPU, as an engine loads them."""
    found = figure("weights.bytes_per_gpu", model, engine=engine, **target)
    assert isinstance(found, int)
    return found


def rotary(positions: int, width: int, angle: int = 2) -> int:
    """Bytes of the cosines and sines of so many positions."""
    return positions * width * angle
