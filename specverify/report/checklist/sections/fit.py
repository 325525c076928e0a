"""A: the four questions, and whether the architecture answers them."""

from __future__ import annotations

from specverify.outcome import Finding, Report, Severity, Skipped
from specverify.report.checklist.answering import MOST_EVIDENCE, advice, noted, together
from specverify.report.checklist.items import Answer, Guide, Item, Section, State
from specverify.report.checklist.lines import place, shown
from specverify.task import TASKS, Task

MADE_FOR = ("FIT001", "FIT002", "FIT003", "FIT004", "FIT007", "FIT010", "FIT012")
"""Rules on whether an architecture is made for a task."""
BESIDE = ("FIT011", "FIT013")


def task_of(report: Report) -> Task | None:
    """The task that was named, if one was."""
    return TASKS.get(str(report.target.get("task")))


def asked_for(report: Report) -> tuple[str, ...]:
    """What the task needs; that none was named."""
    task = task_of(report)
    if task is None:
        return ("no task was named: name one of " + ", ".join(TASKS) + " with --task",)
    reads = f"; it cannot do without {' and '.join(task.reads)}" if task.reads else ""
    return (f"task {task.name}: its output is {task.output}{reads}", f"made for that: {', '.join(task.prototypes)}")


def bound(report: Report) -> tuple[str, ...]:
    """What usually bounds the task, and which of weights and cache is the larger to read."""
    task = task_of(report)
    weights, cache = (report.figures[name].value if name in report.figures else None for name in ("weights.bytes", "cache.total_bytes"))
    lines = [f"usual for {task.name}: {task.bound}"] if task is not None else []
    if report.spec is not None and report.spec.value("prototype") == "encoder-only":
        lines.append("an encoder keeps no cache and decodes nothing: prefill compute bounds it")
    elif report.spec is not None and report.spec.value("router") not in (None, "none"):
        lines.append("a decode step reads the experts that its batch touches: more of them the larger the batch")
    elif weights is not None and cache is not None:
        most, least = ("caches", "weights") if cache > weights else ("weights", "caches")
        lines.append(f"at this context and concurrency a decode step reads more bytes of the {most} than of the {least}")
    return tuple(lines)


def lengths(report: Report) -> tuple[str, ...]:
    """Which lengths matter to the task, and what was asked for."""
    task, asked = task_of(report), report.target.get("context")
    lines = [f"what matters to {task.name}: {task.context}"] if task is not None else []
    return (*lines, f"context asked for: {asked:,} tokens" if asked else "no context was asked for: the figures are for the model's own")


def made_for(report: Report) -> Answer:
    """FAIL where a rule on the task warns, PASS where all that apply looked and none did; without a task it is for people."""
    told = tuple(shown(report, ("spec.prototype", "spec.training_objective"), unknown=True))
    task = task_of(report)
    if task is None:
        return Answer(State.HUMAN, "no task was named", told)
    outcomes = [outcome for outcome in report.outcomes if outcome.code in MADE_FOR]
    bad = [o for o in outcomes if isinstance(o, Finding) and o.severity is not Severity.INFO]
    if bad:
        proof = tuple(place(evidence) for finding in bad for evidence in finding.evidence[:MOST_EVIDENCE])
        return Answer(State.FAIL, " ".join(f"{finding.code}: {finding.message}" for finding in bad), (*told, *proof))
    unlooked: dict[str, list[str]] = {}
    for outcome in outcomes:
        if isinstance(outcome, Skipped) and not outcome.reason.startswith("the task "):
            unlooked.setdefault(outcome.reason, []).append(outcome.code)
    prototype = report.spec.value("prototype") if report.spec is not None else None
    if prototype is None or unlooked:
        reasons = (f"{', '.join(codes)}: {reason}" for reason, codes in unlooked.items())
        return Answer(State.UNVERIFIABLE, "; ".join(reasons) or "the prototype is not known", told)
    kind = "made for" if prototype in task.prototypes else "not the usual one for"
    return Answer(State.PASS, " ".join([f"{prototype} is {kind} {task.output}, and no rule speaks against it.", *advice(outcomes)]), told)


SECTION = Section(
    "A",
    "Task fit: the four questions",
    (
        Item(
            "A1",
            "What must come out: a vector, score or label; a text mapped from a text; open text?",
            guide=Guide(
                "What your system does with the model's output: the code or the design that takes it in.",
                "The output of the task named, below.",
                "It takes that shape and no other; a score or a label is not cut out of written text.",
            ),
            told=asked_for,
        ),
        Item(
            "A2",
            "Is this architecture made for that output?",
            made_for,
            guide=Guide(
                "The prototype and objective below, beside what must come out (A1), and what the reason above says was not seen.",
                "Vectors, scores and labels: encoder-only. A text mapped from a text: encoder-decoder. Open text: decoder-only.",
                "They are a pair, or you measured that this architecture is better on your own cases by enough to pay for it.",
            ),
        ),
        Item(
            "A3",
            "What bounds the service: prefill compute, decode bandwidth, memory for the cache, the latency tail, or nothing?",
            shows=(
                *("parameters.total", "parameters.activated", "weights.bytes", "cache.sequence_bytes", "cache.total_bytes"),
                *("prefill.flops", "prefill.floor_seconds", "decode.floor_seconds", "spec.router"),
            ),
            guide=Guide(
                "Your request mix: requests per second, tokens in and out, and the latency you promised.",
                "The floors and bytes below: a floor is the least the hardware allows, and what is measured is above it.",
                "The bound is named, and at your peak the figure for it leaves room: half of the promise at most is floor.",
            ),
            told=together(bound, noted("FIT005", "FIT006")),
        ),
        Item(
            "A4",
            "How many tokens go in and come out, at the median and at the 99th percentile, and does the model take them?",
            shows=("context.declared", "context.native", "context.effective.vllm", "capacity.max_context"),
            guide=Guide(
                "Logs of the system this replaces, or a sample of at least 100 real inputs through this model's own tokenizer.",
                "The context figures below; text that is not English takes more tokens.",
                "The 99th percentile in and out together is within the native and the effective context and `capacity.max_context`.",
            ),
            told=together(lengths, noted("POS015", "POS011")),
        ),
        Item(
            "A5",
            "Which inputs other than text are needed, and does the interface take them?",
            shows=("spec.modality_interface",),
            guide=Guide(
                "The inputs your system hands over: images, pages, sound, video.",
                "The interface below: `text only` reads nothing else; a projector and cross-attention take what their tower reads.",
                "Each input needed enters through the model itself, or none is needed.",
            ),
            told=noted("FIT007", *BESIDE),
        ),
    ),
)
