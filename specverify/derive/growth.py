"""What a longer context costs: cache, memory, prefill and a whole request at several contexts, each against the one before.

128K is not four times 32K: attention grows with the square, fewer sequences fit, and every step reads a longer cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from specverify import num
from specverify.derive.figures import Setting, setting_of
from specverify.derive.noted import noted
from specverify.derive.request import Costs
from specverify.num import Num
from specverify.spec import Figure, ModelSpec, context_name
from specverify.target import Target

PREFIX = "growth."
CONTEXTS = (4096, 32_768, 131_072)
BATCHES = (1, 8, 32)
OUTPUT = 1024
"""Tokens of a request that are generated where the target does not say; a quarter of the context where that is less."""
COMPARED = (
    "cache_bytes",
    "prefill_flops",
    "prefill_flops_per_token",
    "decode_floor_seconds",
    "request_seconds",
    "request_seconds_per_token",
)
"""Columns of which there is also a `_ratio` to the context before."""
BOUND = "a lower bound"


class Column(NamedTuple):
    """A number of a row, by the name of its column."""

    name: str
    number: Num
    unit: str
    note: str | None


def growth(spec: ModelSpec, target: Target, figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """`growth.<context>.<column>` by name, contexts rising; `figures` are those of this spec and target.

    Columns that need a GPU are there where the target has one. What a column leaves out is in its note. Empty for what is
    no language model.
    """
    if not figures:
        return {}
    setting = setting_of(spec, target, {name: figure.number for name, figure in figures.items() if name.startswith("context.")})
    costs = Costs(setting)
    found: dict[str, Figure] = {}
    before: dict[str, Num] = {}
    for context in lengths(setting, figures):
        row = {column.name: column for column in _row(costs, figures, context)}
        prefix = f"{PREFIX}{context.value}."
        compared = {name: row[name].number.named(prefix + name, row[name].unit) for name in COMPARED if name in row}
        for name, number in compared.items():
            if name in before:
                row[f"{name}_ratio"] = Column(f"{name}_ratio", number / before[name], "times", "against the context before")
        before = compared
        found |= {prefix + column.name: Figure(prefix + column.name, column.number, column.unit, column.note) for column in row.values()}
    return found


def lengths(setting: Setting, figures: Mapping[str, Figure]) -> list[Num]:
    """The contexts of the table, rising: those of `CONTEXTS` that the model takes, the most it takes, and the target's own."""
    name = context_name(setting.target.engine)
    most = figures[name].number.named(name)
    found = {length: num.const(length, "context") for length in CONTEXTS if most.value is None or length < most.value}
    if most.value is not None:
        found[int(most.value)] = most.named("context")
    if setting.target.context is not None:
        found.setdefault(setting.target.context, setting.context)
    return [found[length] for length in sorted(found)]


def _row(costs: Costs, figures: Mapping[str, Figure], context: Num) -> Iterator[Column]:
    target, assumed = costs.setting.target, costs.setting.kv_note
    sequence, per_gpu = costs.sequence_bytes(context), costs.reserved_bytes(context, per_gpu=True)
    by_engine = noted(f"one sequence as {target.engine} reserves it", assumed)
    yield Column("cache_bytes", sequence, "bytes", noted("one sequence, as the mathematics needs it", assumed))
    yield Column("reserved_bytes", costs.reserved_bytes(context), "bytes", by_engine)
    yield Column("reserved_bytes_per_gpu", per_gpu, "bytes", by_engine)
    weights = figures["weights.bytes_per_gpu"].number.named("weights.bytes_per_gpu", "B")
    for batch in sorted({*BATCHES, target.concurrency}):
        count = num.const(batch, "sequences")
        if batch > 1:
            together = count * sequence.named("cache of a sequence", "B")
            yield Column(f"cache_bytes_at_{batch}", together, "bytes", noted(f"{batch:,} sequences", assumed))
        held = weights + _of_a_replica(count, target) * per_gpu.named("reserved for a sequence", "B")
        yield Column(f"memory_bytes_per_gpu_at_{batch}", held, "bytes", noted(f"weights and sequences alone: {BOUND}", assumed))
    prefill = costs.prefill(context)
    whole = prefill.total.named("prefill FLOPs", "FLOP")
    yield Column("prefill_flops", prefill.total, "FLOP", f"{BOUND}: text model only, scans and norms left out")
    yield Column("prefill_linear_flops", prefill.linear, "FLOP", "the part that grows with the context")
    yield Column("prefill_attention_flops", prefill.attention, "FLOP", "the part that grows with its square, where no window stops it")
    yield Column("prefill_attention_share", prefill.attention.named("attention FLOPs", "FLOP") / whole, "of 1", "attention in the prefill")
    yield Column("prefill_flops_per_token", whole / context, "FLOP", BOUND)
    if target.gpu is not None:
        yield from _on_gpu(costs, figures, context, per_gpu)


def _on_gpu(costs: Costs, figures: Mapping[str, Figure], context: Num, per_gpu: Num) -> Iterator[Column]:
    """How many sequences fit; the floors of a prompt, of a step, and of a request that fills the context with its output."""
    target = costs.setting.target
    pool = figures["memory.kv_pool_bytes_per_gpu"]
    room = pool.number.named("memory.kv_pool_bytes_per_gpu", "B")
    fitting = room // per_gpu if per_gpu.value != 0 else num.unknown("the model keeps nothing per sequence: memory bounds none")
    if target.data_parallel > 1:
        fitting = fitting * num.const(target.data_parallel, "data_parallel")
    yield Column("sequences_that_fit", fitting, "sequences", noted("in what the weights leave", pool.note))
    yield Column("prefill_floor_seconds", costs.prefill_seconds(context), "s", f"{BOUND}: one prompt of the whole context")
    yield Column("decode_floor_seconds", costs.step_seconds(context), "s", f"{BOUND}: one step of the target's batch")
    output = _output(target, context)
    given = (context - output).named("input tokens")
    prefill, steps = costs.prefill_seconds(given), costs.steps_seconds(given, output)
    request = prefill.named("prefill of the input", "s") + steps.named("steps of the output", "s")
    chosen = f"an output of {OUTPUT:,} tokens, or a quarter of the context, assumed" if target.output is None else None
    yield Column("request_input_tokens", given, "tokens", noted("the context without the output", chosen))
    yield Column("request_output_tokens", output, "tokens", noted("a decode step each", chosen))
    yield Column("request_prefill_seconds", prefill, "s", noted(f"{BOUND}: the prompt alone", chosen))
    yield Column("request_decode_seconds", steps, "s", noted(f"{BOUND}: a step of the target's batch for each output token", chosen))
    yield Column("request_seconds", request, "s", noted(f"{BOUND}: prefill of the input and a step for each token of the output", chosen))
    yield Column("request_seconds_per_token", request.named("request", "s") / context, "s", noted(BOUND, chosen))


def _output(target: Target, context: Num) -> Num:
    """Tokens of the context that are generated."""
    if target.output is None:
        return num.minimum(num.const(OUTPUT), context // 4).named("output tokens")
    if context.value is not None and target.output >= context.value:
        return num.unknown(f"{target.output:,} output tokens leave no input in a context of {context.value:,}")
    return num.const(target.output, "output")


def _of_a_replica(sequences: Num, target: Target) -> Num:
    """The sequences of the fullest data-parallel replica."""
    return sequences if target.data_parallel == 1 else num.ceil_div(sequences, num.const(target.data_parallel, "data_parallel"))
