"""A model put in a format it is not published in: the usual recipe of each, for its linear layers alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from specverify import num
from specverify.derive.parameters import is_counted
from specverify.derive.weights import Stored, quantized_bytes
from specverify.frozen import replace
from specverify.spec import ModelSpec, Role, Scheme


class Recipe(NamedTuple):
    """A format as it is usually made: its layout, and how to call it."""

    scheme: Scheme
    said: str
    experts_alone: bool = False


EIGHT, FOUR, ONE = num.const(8), num.const(4), num.const(1)
RECIPES = {
    "fp8": Recipe(Scheme("fp8 by channel", EIGHT, ONE, None, scale_bits=32), "a scale for each output channel, activations as they come"),
    "int8": Recipe(Scheme("int8 by channel", EIGHT, ONE, None, scale_bits=32), "a scale for each output channel, activations as they come"),
    "awq": Recipe(Scheme("awq", FOUR, ONE, num.const(128), scale_bits=16, zero_bits=4), "4 bits in groups of 128 with zero points"),
    "gptq": Recipe(Scheme("int4 by group", FOUR, ONE, num.const(128), scale_bits=16), "4 bits in groups of 128, symmetric"),
    "mxfp4": Recipe(
        Scheme("mxfp4", FOUR, ONE, num.const(32), scale_bits=8), "blocks of 32, of a mixture the experts alone", experts_alone=True
    ),
    "nvfp4": Recipe(
        Scheme("nvfp4", FOUR, ONE, num.const(16), scale_bits=8, tensor_bits=32), "blocks of 16 with fp8 scales and one of the tensor"
    ),
}
"""What `Target.quantize` names. Scales as engines keep them: fp32 for channels, 16 bits for groups of integers."""
QUANTIZED = (Role.ATTENTION, Role.FEED_FORWARD, Role.ROUTED_EXPERT, Role.SHARED_EXPERT, Role.STATE_SPACE)
"""Roles whose matrices a recipe takes; embeddings, head, norms, routers, towers and projectors stay as they are."""
LANGUAGE = ("decoder", "encoder", "next-token-prediction")


def refusal(spec: ModelSpec, name: str) -> str | None:
    """Why the model cannot be planned in that format; None where it can."""
    if spec.quantization is None:
        return None
    method = spec.quantization.method.value
    return f"it is published quantized ({method}): plan {name} from the checkpoint it was made from"


def planned(spec: ModelSpec, stored: Iterable[Stored], name: str) -> tuple[Stored, ...]:
    """The tensors with their bytes in the format; unknown bytes, with the reason, where `refusal` has one."""
    reason, recipe = refusal(spec, name), RECIPES[name]
    entries = tuple(stored)
    is_mixture = any(entry.weight.role is Role.ROUTED_EXPERT for entry in entries)
    roles = (Role.ROUTED_EXPERT,) if recipe.experts_alone and is_mixture else QUANTIZED
    return tuple(_put(entries, recipe.scheme, roles, reason))


def _put(entries: Iterable[Stored], scheme: Scheme, roles: tuple[Role, ...], reason: str | None) -> Iterator[Stored]:
    for entry in entries:
        if not _is_linear(entry) or entry.weight.role not in roles:
            yield entry
        elif reason is not None:
            yield replace(entry, bytes_each=num.unknown(reason))
        else:
            yield replace(entry, scheme=scheme, bytes_each=quantized_bytes(entry.weight, scheme))


def _is_linear(entry: Stored) -> bool:
    weight = entry.weight
    if entry.part.role not in LANGUAGE or len(weight.shape) != 2 or not is_counted(weight):
        return False
    if weight.role is Role.STATE_SPACE and not weight.name.endswith(".weight"):
        return False
    return not weight.name.endswith(("bias", "A_log"))
