"""What one request costs at any context: bytes kept, FLOPs of its prompt, floors of its prefill and of its decode steps."""

from __future__ import annotations

from typing import NamedTuple

from specverify import num
from specverify.derive import cache
from specverify.derive.engines import reserve
from specverify.derive.figures import Setting
from specverify.derive.roofline import prefill_flops
from specverify.derive.speed import GENERATES_NOTHING, Rates, decode_step, prompt_seconds, rates_of, step_seconds
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
        self._step = decode_step(setting)

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
        setting = self.setting
        total = prefill_flops(setting.spec, context, setting.encoder_context, None if self._step is None else self._step.linear)
        attention = next((part for part in total.args if part.label == ATTENTION), None)
        if attention is None:
            return Prefill(total, total, total)
        return Prefill(total, num.total(part for part in total.args if part is not attention), attention.body())

    def prefill_seconds(self, context: Num) -> Num:
        """The least seconds of a prompt of `context` tokens: its weights read once, or its FLOPs at the full dense rate."""
        at = replace(self.setting, context=context)
        flops = self.prefill(context).total.named("prefill FLOPs", "FLOP")
        return num.maximum(*prompt_seconds(at, self._rates(), flops, self._step))

    def step_seconds(self, context: Num) -> Num:
        """The least seconds of a decode step of the target's batch at `context`."""
        work = None if self._step is None else decode_step(replace(self.setting, context=context), self._step)
        if work is None:
            return num.unknown(GENERATES_NOTHING)
        # Two steps of one request stand in one formula, and a name stands for one number.
        return step_seconds(work, self._rates(), self.setting.target, "" if context.value is None else f" at {context.value:,}")

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

    def _rates(self) -> Rates:
        found = rates_of(self.setting)
        assert found is not None, "seconds need a GPU"
        return found
