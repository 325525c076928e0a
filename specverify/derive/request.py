"""What one request costs at any context: bytes kept, FLOPs of its prompt, floors of its prefill and of its decode steps."""

from __future__ import annotations

from typing import NamedTuple

from specverify import num
from specverify.derive import cache, roofline
from specverify.derive.capacity import fastest_rate, sequences_per_replica
from specverify.derive.engines import reserve
from specverify.derive.figures import Setting
from specverify.derive.gpus import of
from specverify.derive.weights import resident
from specverify.frozen import replace
from specverify.num import Num

ATTENTION = "attention FLOPs"
"""The name that `roofline.prefill_flops` gives to the part of it that grows with the square of the context."""


class Prefill(NamedTuple):
    """FLOPs of a prompt: `attention` is by who sees whom, `linear` all the rest."""

    total: Num
    linear: Num
    attention: Num


class Costs:
    """The costs of a setting as functions of the context, for what stands on the target's GPUs.

    Seconds need a target with a GPU; they are those of one data-parallel replica, and raise UnknownGpu.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._weights_read: Num | None = None

    def sequence_bytes(self, context: Num) -> Num:
        """Bytes of one sequence, as the mathematics needs it."""
        return self._kept(self.setting.entries, context)

    def reserved_bytes(self, context: Num, *, per_gpu: bool = False) -> Num:
        """Bytes that the target's engine sets aside for one sequence, in all or on the fullest GPU."""
        at = replace(self.setting, context=context)
        reserved = reserve(at.target.engine)
        return reserved(at.own_entries, at.request) if per_gpu else reserved(at.entries, at.whole_request)

    def prefill(self, context: Num) -> Prefill:
        """FLOPs of a prompt of `context` tokens."""
        total = roofline.prefill_flops(self.setting.spec, context)
        attention = next((part for part in total.args if part.label == ATTENTION), None)
        if attention is None:
            return Prefill(total, total, total)
        return Prefill(total, num.total(part for part in total.args if part is not attention), attention.body())

    def prefill_seconds(self, context: Num) -> Num:
        """The least seconds of a prompt of `context` tokens: its FLOPs at the full dense rate of the GPUs of a replica."""
        rate = of(self.setting.target).flops(fastest_rate(self.setting.spec))
        return self.prefill(context).total.named("prefill FLOPs", "FLOP") / (rate * self._gpus())

    def step_seconds(self, context: Num) -> Num:
        """The least seconds of a decode step of the target's batch at `context`: what it reads at full memory bandwidth."""
        sequences = sequences_per_replica(self.setting.target)
        if self._weights_read is None:
            weights = roofline.decode_weight_bytes(self.setting.spec, resident(self.setting.stored), sequences)
            self._weights_read = weights.named("weight bytes read", "B") / self._gpus()
        # Two steps of one request stand in one formula, and a name stands for one number.
        at = "" if context.value is None else f" at {context.value:,}"
        own = replace(self.setting, context=context).request.context
        kept = self._kept(self.setting.own_entries, own).named(f"cache read of a sequence{at}", "B")
        return (self._weights_read + sequences * kept) / of(self.setting.target).memory_bytes_per_second

    def steps_seconds(self, first: Num, steps: Num) -> Num:
        """The least seconds of `steps` decode steps, the first with `first` tokens in the cache and each with one more.

        So many times the mean of the first and the last: exact where every layer keeps all, and less than the sum where
        windows fill on the way.
        """
        begin = self.step_seconds(first).named("first step", "s")
        end = self.step_seconds(first + steps - 1).named("last step", "s")
        return steps * (begin + end) / 2

    def _kept(self, entries: tuple[cache.Entry, ...], context: Num) -> Num:
        setting = self.setting
        state_dtype = None if setting.target.state_dtype == "auto" else setting.target.state_dtype
        return num.total(
            (
                cache.attention_bytes(entries, context, setting.kv_bytes),
                cache.state_bytes(entries, setting.kv_dtype, state_dtype),
                cache.cross_attention_bytes(entries, setting.encoder_context, setting.kv_bytes),
            )
        )

    def _gpus(self) -> Num:
        return num.const(self.setting.target.tensor_parallel * self.setting.target.pipeline_parallel, "GPUs of a replica")
