"""A target out of what is stated by name, by settings, by options or by both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specverify.accelerator import Gpu
from specverify.target import InvalidTarget, Target, tokens

HARDWARE = (*("gpu", "gpus", "tensor_parallel", "pipeline_parallel", "data_parallel", "expert_parallel", "decode_context_parallel"),)
"""What another accelerator replaces together: a way to split eight GPUs says nothing of four others."""
IN_TOKENS = ("context", "encoder_context", "output", "max_batched_tokens")


def merged(stated: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is `given` over what settings state, field by field.

    A `gpu` replaces the hardware and how it is split, an `engine` its version too.
    """
    replaced = {*(HARDWARE if "gpu" in given else ()), *(("engine_version",) if "engine" in given else ())}
    return {name: value for name, value in stated.items() if name not in replaced} | dict(given)


def made(values: Mapping[str, Any], own: tuple[Gpu, ...] = ()) -> Target:
    """The target of fields by name, those left out as `Target` has them.

    `gpu` may carry its count (`8xh100-sxm-80gb`), and numbers of tokens may be text (`128k`). Raises InvalidTarget,
    UnknownGpu and TakenName.
    """
    fields: dict[str, Any] = {name: _tokens(name, value) if name in IN_TOKENS else value for name, value in values.items()}
    if fields.get("gpu") is not None:
        fields |= _counted(fields["gpu"], fields.get("gpus"), own)
    _one_way(fields)
    return Target(**fields, own_gpus=own)


def _tokens(name: str, value: Any) -> Any:
    try:
        return tokens(value) if isinstance(value, str) else value
    except InvalidTarget as error:
        raise InvalidTarget(f"{name}: {error}") from None


def _counted(gpu: str, gpus: int | None, own: tuple[Gpu, ...]) -> dict[str, Any]:
    from specverify.derive.gpus import find, parse

    count, name = parse(gpu)
    counted = name != gpu.strip()
    if counted and gpus is not None and gpus != count:
        raise InvalidTarget(f"gpus is {gpus}, and gpu says {count}")
    return {"gpu": find(name, own).name, "gpus": gpus if gpus is not None else count}


def _one_way(fields: Mapping[str, Any]) -> None:
    """A tensor-parallel size of 1 that somebody states is one: `Target` takes it for none, which is all GPUs."""
    gpus = fields.get("gpus", 1)
    pipeline, data = (fields.get(name, 1) for name in ("pipeline_parallel", "data_parallel"))
    if fields.get("tensor_parallel") == 1 and gpus > 1 and pipeline * data != gpus:
        ways = f"tensor x pipeline x data parallel is 1 x {pipeline} x {data} = {pipeline * data}"
        raise InvalidTarget(f"{gpus} GPUs, but {ways}")
