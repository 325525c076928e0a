"""A config.json by its keys, and what a checkpoint of it stores and a sequence of it keeps."""

from __future__ import annotations

from typing import Any

from specverify import num
from specverify.derive import cache
from specverify.derive.manifest import manifest
from specverify.derive.parameters import counts
from specverify.spec import Attention, ModelSpec
from tests.architectures.plans import spec_of


def read(model_type: str, architecture: str | None = None, /, **config: Any) -> ModelSpec:
    """The spec of a config.json that states these keys."""
    named = {} if architecture is None else {"architectures": [architecture]}
    return spec_of({"model_type": model_type, **named, **config})


def total(spec: ModelSpec) -> int | float | None:
    """Unique parameters."""
    found = counts(spec)
    assert found is not None
    return found.total.value


def tensors(spec: ModelSpec) -> dict[str, tuple[int, ...]]:
    """Shapes by name, of the tensors a checkpoint stores."""
    return {name: shape for name, shape, weight in manifest(spec) if weight.tied_to is None}


def under(spec: ModelSpec, prefix: str) -> dict[str, tuple[int, ...]]:
    """Those of `tensors` whose names begin with `prefix`, which is left out."""
    return {name.removeprefix(prefix): shape for name, shape in tensors(spec).items() if name.startswith(prefix)}


def kept(spec: ModelSpec, tokens: int, encoder_tokens: int = 0) -> tuple[int | float | None, int | float | None]:
    """Bytes of keys and values in bfloat16: of the sequence, and of the encoder's output."""
    plan, size = cache.plan(spec), num.const(2)
    own = cache.attention_bytes(plan, num.const(tokens), size)
    return own.value, cache.cross_attention_bytes(plan, num.const(encoder_tokens), size).value


def encoder_attention(spec: ModelSpec) -> set[tuple[bool, bool]]:
    """Whether the encoder's attention is causal and whether its keys and values are kept, over its layers."""
    encoder = spec.encoder()
    assert encoder is not None
    mixers = [mixer for group in encoder.layers for mixer in group.mixers if isinstance(mixer, Attention)]
    return {(mixer.causal, mixer.cached) for mixer in mixers}
