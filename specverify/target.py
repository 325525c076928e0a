"""What the model is to run on, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specverify.errors import SpecverifyError
from specverify.frozen import Struct, frozen
from specverify.pattern import Pattern
from specverify.task import TASKS

if TYPE_CHECKING:
    from specverify.accelerator import Gpu

ENGINES = ("ideal", "vllm", "sglang", "transformers", "llamacpp", "ik_llama")
KV_DTYPES = (
    *("auto", "bfloat16", "float16", "float32", "fp8", "fp8_e4m3", "fp8_e5m2", "int8", "fp8_ds_mla", "nvfp4"),
    *("q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"),
)
"""Of keys and values; two with a slash between them are of the keys and of the values, as llama.cpp has them."""
STATE_DTYPES = ("auto", "bfloat16", "float16", "float32")
PLANNED = ("fp8", "int8", "awq", "gptq", "mxfp4", "nvfp4")
"""Formats weights can be put in: what `quantize` takes."""
MLA = ("latent", "transposed", "expanded")
COUNTS = (
    "gpus",
    "tensor_parallel",
    "pipeline_parallel",
    "data_parallel",
    "expert_parallel",
    "decode_context_parallel",
    "concurrency",
)
UNITS = {"k": 2**10, "m": 2**20}
VERSION = Pattern(r"\d{1,4}(?:\.\d{1,4}){0,3}[\w.+-]{0,40}")
SHORT_DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32", "f16": "float16", "f32": "float32"}


class InvalidTarget(SpecverifyError, ValueError):
    """A target that no set of GPUs can be."""


@frozen
class Target(Struct):
    """Hardware and serving settings.

    `gpu` is a name of the catalogue, or of `own_gpus`: accelerators that settings state beside it. `gpus` without any
    parallelism means tensor_parallel = gpus; else gpus must equal tensor x pipeline x data parallel.
    `decode_context_parallel` GPUs of a tensor-parallel group share one sequence's cache. `context` and `encoder_context`
    are tokens (None: the model's own), `output` the tokens of them that are generated (None: not said), `concurrency` sequences.
    `kv_dtype` `auto` is the model's dtype, `state_dtype` `auto` what the model class keeps. `engine` may carry its
    version (`vllm@0.19.0`); without one it is the newest modelled. `memory_fraction`, `max_batched_tokens` and
    `max_sequences` are the engine's own where None. `quantize` names a format the weights are to be put in. `draft_tokens`
    a step are guessed by the model's own next-token-prediction layers (0: it does not draft). `mla` is how the engine keeps
    latent attention: `latent`, `transposed` (a second copy for the values) or `expanded` to the keys and values of every
    head; `eager` that it captures no graphs. `task` names what the model is for (`specverify.task`), and `p99_ms` the milliseconds
    that 99 of 100 requests may take (None: no budget is stated). Raises InvalidTarget.
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
    engine_version: str | None = None
    memory_fraction: float | None = None
    max_batched_tokens: int | None = None
    max_sequences: int | None = None
    quantize: str | None = None
    decode_context_parallel: int = 1
    output: int | None = None
    draft_tokens: int = 0
    mla: str = "latent"
    eager: bool = False
    task: str | None = None
    p99_ms: int | None = None
    own_gpus: tuple[Gpu, ...] = ()

    def __post_init__(self) -> None:
        for name in COUNTS:
            _positive(name, getattr(self, name))
        for name in ("context", "encoder_context", "max_batched_tokens", "max_sequences", "output", "p99_ms"):
            if getattr(self, name) is not None:
                _positive(name, getattr(self, name))
        kept = [SHORT_DTYPES.get(dtype, dtype) for dtype in self.kv_dtype.split("/")]
        object.__setattr__(self, "kv_dtype", kept[0] if len(set(kept)) == 1 else "/".join(kept))
        object.__setattr__(self, "state_dtype", SHORT_DTYPES.get(self.state_dtype, self.state_dtype))
        engine, at, version = self.engine.partition("@")
        if at:
            object.__setattr__(self, "engine", engine)
            object.__setattr__(self, "engine_version", version)
        _one_of("engine", self.engine, ENGINES)
        if self.engine_version is not None and not VERSION.fullmatch(self.engine_version):
            raise InvalidTarget(f"engine_version is {self.engine_version!r}, not a version such as 0.19.0")
        _one_of("mla", self.mla, MLA)
        if self.draft_tokens != 0:
            _positive("draft_tokens", self.draft_tokens)
        if self.quantize is not None:
            _one_of("quantize", self.quantize, PLANNED)
        if self.task is not None:
            _one_of("task", self.task, tuple(TASKS))
        if len(kept) > 2 or (len(kept) == 2 and "auto" in kept):
            raise InvalidTarget(f"kv_dtype is {self.kv_dtype!r}, not one dtype or two, of keys and of values")
        for dtype in kept:
            _one_of("kv_dtype", dtype, KV_DTYPES)
        _one_of("state_dtype", self.state_dtype, STATE_DTYPES)
        if self.memory_fraction is not None and not 0 < self.memory_fraction <= 1:
            raise InvalidTarget(f"memory_fraction is {self.memory_fraction}, not in (0, 1]")
        parallel = (self.tensor_parallel, self.pipeline_parallel, self.data_parallel, self.expert_parallel)
        if parallel == (1, 1, 1, 1):
            object.__setattr__(self, "tensor_parallel", self.gpus)
        ways = self.tensor_parallel * self.pipeline_parallel * self.data_parallel
        if self.gpus == 1 and ways > 1:
            object.__setattr__(self, "gpus", ways)
        if self.tensor_parallel % self.decode_context_parallel:
            sizes = f"{self.decode_context_parallel}, which does not divide the {self.tensor_parallel} GPUs of a group"
            raise InvalidTarget(f"decode_context_parallel is {sizes}")
        if self.expert_parallel > self.gpus:
            raise InvalidTarget(f"expert_parallel is {self.expert_parallel}, more than the {self.gpus} GPUs")
        if ways != self.gpus:
            raise InvalidTarget(
                f"{self.gpus} GPUs, but tensor x pipeline x data parallel is "
                f"{self.tensor_parallel} x {self.pipeline_parallel} x {self.data_parallel} = {ways}"
            )

    def to_dict(self) -> dict[str, Any]:
        """The settings by name; accelerators of one's own by name, each with its cells."""
        settings = {name: getattr(self, name) for name in self.__slots__}
        return settings | {"own_gpus": {gpu.name: gpu.to_dict() for gpu in self.own_gpus}}


def tokens(text: str) -> int:
    """A number of tokens: `131072` as written, `128k` and `1m` binary. Raises InvalidTarget with what one looks like."""
    plain = text.strip().lower().replace(",", "").replace("_", "")
    digits, unit = (plain[:-1], UNITS[plain[-1]]) if plain[-1:] in UNITS else (plain, 1)
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 15 or int(digits) == 0:
        raise InvalidTarget(f"{text!r} is no number of tokens: write 131072, 128k or 1m")
    return int(digits) * unit


def _positive(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 2**53:
        raise InvalidTarget(f"{name} is {value!r}, not a whole number of at least 1")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidTarget(f"{name} is {value!r}, not one of {', '.join(allowed)}")
