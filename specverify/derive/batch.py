"""How many sequences a replica, a pipeline stage and a mixture's experts work on in one decode step of the target."""

from __future__ import annotations

from specverify import num
from specverify.num import Num
from specverify.target import Target


def sequences_per_replica(target: Target) -> Num:
    """The target's sequences on one data-parallel replica, at most."""
    sequences = num.const(target.concurrency, "concurrency")
    if target.data_parallel > 1:
        sequences = num.ceil_div(sequences, num.const(target.data_parallel, "data_parallel"))
    return sequences


def sequences_in_flight(target: Target) -> Num:
    """A replica's sequences that one pipeline stage works on at a time: its share of them, and no less than one."""
    sequences = sequences_per_replica(target)
    if target.pipeline_parallel == 1:
        return sequences
    return num.maximum(sequences / num.const(target.pipeline_parallel, "pipeline_parallel"), 1)


def replicas_joined(target: Target) -> int:
    """How many replicas spread their experts over one another's GPUs: 1 where expert parallelism stays within a tensor-parallel group."""
    return max(1, min(target.expert_parallel // target.tensor_parallel, target.data_parallel))


def tokens_of_a_mixture(target: Target) -> Num:
    """Tokens whose experts stand on one set of GPUs: those of all replicas that expert parallelism joins."""
    joined = replicas_joined(target)
    tokens = sequences_in_flight(target)
    return tokens * num.const(joined, "replicas that share experts") if joined > 1 else tokens
