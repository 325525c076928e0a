"""How the engine of a target runs: its release, and what it takes by default where the target does not say."""

from __future__ import annotations

from typing import NamedTuple

from specverify import num
from specverify.derive.engines.constants import Release, release
from specverify.derive.gpus import Gpu, of
from specverify.num import Num
from specverify.target import Target

LARGE = 70 * 2**30
LARGEST = 160 * 2**30
"""Bytes of memory from which vLLM takes more by default (vllm/engine/arg_utils.py); an A100 counts as small."""
IDEAL_BATCH = 8192
"""Tokens of one step where no engine says: only engines with windows in flight look at it."""


class Serving(NamedTuple):
    """`batched_tokens` and `sequences` are those of one scheduler step; `sequences` is None for engines that have no such bound."""

    release: Release
    batched_tokens: Num
    sequences: Num | None


def serving(target: Target) -> Serving:
    """The engine of a target with its defaults. Raises UnknownGpu where those of the engine rest on the GPU."""
    chosen = release(target.engine, target.engine_version)
    size = "large" if target.gpu is None or chosen.engine != "vllm" else _size(of(target))
    if target.max_batched_tokens is not None:
        batched = num.const(target.max_batched_tokens, "max_num_batched_tokens")
    elif chosen.engine == "vllm":
        batched = chosen.constant(f"batched_tokens_{size}")
    else:
        batched = num.const(IDEAL_BATCH, "tokens of a step")
    if target.max_sequences is not None:
        sequences: Num | None = num.const(target.max_sequences, "max_num_seqs")
    elif chosen.engine == "vllm":
        sequences = chosen.constant("sequences_small" if size == "small" else "sequences_large")
    else:
        sequences = None
    return Serving(chosen, batched, sequences)


def _size(gpu: Gpu) -> str:
    memory = gpu.memory_bytes.value
    if memory is None or memory < LARGE or gpu.name.startswith("a100"):
        return "small"
    return "largest" if memory >= LARGEST else "large"
