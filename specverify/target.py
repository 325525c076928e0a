"""What the model is to run on, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from specverify.errors import SpecverifyError
from specverify.facts import Struct

ENGINES = ("ideal", "vllm", "sglang", "transformers", "llamacpp")
KV_DTYPES = ("auto", "bfloat16", "float16", "float32", "fp8", "fp8_e4m3", "fp8_e5m2", "int8")
STATE_DTYPES = ("auto", "bfloat16", "float16", "float32")
SHORT_DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}


class InvalidTarget(SpecverifyError, ValueError):
    """A target that no set of GPUs can be."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Target(Struct):
    """Hardware and serving settings.

    `gpu` is a catalogue name. `gpus` without any parallelism means tensor_parallel = gpus; else gpus must equal
    tensor x pipeline x data parallel. `context` and `encoder_context` are tokens (None: the model's own),
    `concurrency` sequences. `kv_dtype` `auto` is the model's dtype, `state_dtype` `auto` what the model class keeps.
    Raises InvalidTarget.
    """

    gpu: str | None = None
    gpus: int = 1
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    data_parallel: int = 1
    expert_parallel: int = 1
    context: int | None = None
    encoder_context: int | None = None
    concurrency: int = 1
    kv_dtype: str = "auto"
    state_dtype: str = "auto"
    engine: str = "ideal"
    memory_fraction: float = field(default=0.92)

    def __post_init__(self) -> None:
        for name in ("gpus", "tensor_parallel", "pipeline_parallel", "data_parallel", "expert_parallel", "concurrency"):
            _positive(name, getattr(self, name))
        for name in ("context", "encoder_context"):
            if getattr(self, name) is not None:
                _positive(name, getattr(self, name))
        object.__setattr__(self, "kv_dtype", SHORT_DTYPES.get(self.kv_dtype, self.kv_dtype))
        object.__setattr__(self, "state_dtype", SHORT_DTYPES.get(self.state_dtype, self.state_dtype))
        _one_of("engine", self.engine, ENGINES)
        _one_of("kv_dtype", self.kv_dtype, KV_DTYPES)
        _one_of("state_dtype", self.state_dtype, STATE_DTYPES)
        if not 0 < self.memory_fraction <= 1:
            raise InvalidTarget(f"memory_fraction is {self.memory_fraction}, not in (0, 1]")
        parallel = (self.tensor_parallel, self.pipeline_parallel, self.data_parallel, self.expert_parallel)
        if parallel == (1, 1, 1, 1):
            object.__setattr__(self, "tensor_parallel", self.gpus)
        ways = self.tensor_parallel * self.pipeline_parallel * self.data_parallel
        if self.gpus == 1 and ways > 1:
            object.__setattr__(self, "gpus", ways)
        if self.expert_parallel > self.gpus:
            raise InvalidTarget(f"expert_parallel is {self.expert_parallel}, more than the {self.gpus} GPUs")
        if ways != self.gpus:
            raise InvalidTarget(
                f"{self.gpus} GPUs, but tensor x pipeline x data parallel is "
                f"{self.tensor_parallel} x {self.pipeline_parallel} x {self.data_parallel} = {ways}"
            )

    def to_dict(self) -> dict[str, Any]:
        """The settings by name."""
        return {name: getattr(self, name) for name in self.__slots__}


def _positive(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 2**53:
        raise InvalidTarget(f"{name} is {value!r}, not a whole number of at least 1")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidTarget(f"{name} is {value!r}, not one of {', '.join(allowed)}")
