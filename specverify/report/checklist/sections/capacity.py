"""C: what it costs, and the five dimensions in which a wrong choice does damage."""

from __future__ import annotations

from specverify.outcome import Report
from specverify.report.checklist.answering import by_figures, by_rules, claimed, noted, scores, together
from specverify.report.checklist.items import Answer, Guide, Item, Section, State
from specverify.report.checklist.lines import shown

SPLIT = (
    *("CAP001", "CAP002", "CAP005", "CAP006", "QNT003", "QNT007"),
    *("PAR001", "PAR002", "PAR003", "PAR004", "PAR005", "PAR007", "PAR008"),
)
NEEDED = ("capacity.needed_bytes_per_gpu", "capacity.budget_bytes_per_gpu", "capacity.max_concurrency", "capacity.max_context")


def fits(report: Report) -> Answer:
    """Whether the target's sequences fit on its GPUs."""
    figure = report.figures.get("capacity.fits")
    if figure is None:
        return Answer(State.UNVERIFIABLE, "no target GPU was named")
    if figure.value is None:
        return Answer(State.UNVERIFIABLE, "; ".join(figure.number.reasons()))
    return Answer(State.PASS if figure.value else State.FAIL, figure.note or "", tuple(shown(report, NEEDED)))


def budget(report: Report) -> tuple[str, ...]:
    """The latency that was promised, as the target states it."""
    stated = report.target.get("p99_ms")
    return (f"budget for 99 of 100 requests: {stated:,} ms" if stated else "no budget for the 99th percentile was stated (--p99-ms)",)


def tail(report: Report) -> Answer:
    """The latency tail, which no file tells; a dense model has none of routing."""
    experts = report.spec.value("router") if report.spec is not None else None
    told = (*shown(report, ("spec.router", "prefill.floor_seconds", "decode.floor_seconds"), unknown=True), *budget(report))
    if experts == "none":
        return Answer(State.PASS, "no experts are routed to: what is left of the tail is batching and lengths, which C9 asks for", told)
    return Answer(State.UNVERIFIABLE, "measure P50, P95 and P99 under the traffic and batching of production", told)


def splits(report: Report) -> Answer:
    """Whether the model splits the way the target asks for; on one GPU it need not."""
    if report.target.get("gpu") and report.target.get("gpus") == 1:
        return Answer(State.PASS, "one GPU: nothing is split")
    return by_rules(*SPLIT)(report)


SECTION = Section(
    "C",
    "Capacity and cost: the five damage dimensions",
    (
        Item("C1", "Memory for the weights", by_figures("weights.bytes", "weights.bytes_per_gpu")),
        Item(
            "C2",
            "Cache for the context and concurrency needed",
            by_figures("cache.bytes_per_token", "cache.sequence_bytes", "cache.total_bytes"),
        ),
        Item(
            "C3",
            "Fits the target GPUs",
            fits,
            guide=Guide(
                "The GPUs you have: name them with --gpu and run this again.",
                "`capacity.needed_bytes_per_gpu` and `capacity.budget_bytes_per_gpu`, as they then stand here; C1 and C2 until then.",
                "The first is no more than the second at the context and concurrency needed (A4).",
            ),
        ),
        Item("C4", "Compute a token costs, beside a dense model of that size", by_figures("parameters.activated", "parameters.total")),
        Item(
            "C5",
            "Latency tail of the mixture",
            tail,
            guide=Guide(
                "A load test with your own traffic: P50, P95 and P99 of first tokens and of whole requests, and the load of each expert.",
                "The floors and the budget below, and the same test of a dense model that costs as much.",
                "P99 is within the budget at peak load for an hour or more, and P99 over P50 is no more than 3.",
            ),
        ),
        Item(
            "C6",
            "Efficiency figures with hardware, batch and lengths",
            by_rules("EVL017"),
            guide=Guide(
                "Your own load test, or figures of the publisher or the engine with hardware, batch and lengths.",
                "The floors in A3: a figure that is quicker than a floor was measured on something else.",
                "Throughput, first token and time per token are known for your hardware, batch and lengths.",
            ),
        ),
        Item(
            "C7",
            "Splits over the target's GPUs",
            splits,
            guide=Guide(
                "The GPUs you have and how the engine is told to split the model over them.",
                "Query heads, key-value heads, feed-forward width and layers in B3: each divides evenly.",
                "The engine starts with that split, and the note names it.",
            ),
        ),
        Item(
            "C8",
            "Damage to the quality ceiling: is the best this model can do on your task good enough?",
            shows=("parameters.total", "parameters.activated", "spec.prototype"),
            guide=Guide(
                "Your own task set (D6) with the settings that suit this model best.",
                "The score your system needs, the score of what runs today, and those of the cheaper candidate (G6).",
                "It is above what is needed by more than the spread of repeated runs.",
            ),
            told=scores(),
        ),
        Item(
            "C9",
            "Damage to latency and throughput: does it hold what was promised, at peak?",
            shows=("prefill.floor_seconds", "decode.floor_seconds", "capacity.max_concurrency"),
            guide=Guide(
                "A load test at your peak rate, with your own lengths.",
                "The budget, the floors and the concurrency that fits, below; a result quicker than a floor is a mistake in the test.",
                "P99 is within the budget at peak, with the concurrency below or less.",
            ),
            told=together(budget, claimed("throughput", "time_to_first_token", "latency"), noted("FIT005", "FIT006")),
        ),
        Item(
            "C10",
            "Damage to memory and bandwidth: is there room when every sequence is as long as it may be?",
            shows=("weights.bytes_per_gpu", "cache.total_bytes", "capacity.needed_bytes_per_gpu", "capacity.budget_bytes_per_gpu"),
            guide=Guide(
                "The engine's log at start: bytes for the cache, and how many sequences of the longest it holds.",
                "The bytes below; the engine's own figure is no larger than the budget less the weights.",
                "With all sequences at full length nothing is evicted or refused, or how often that happens is accepted in writing.",
            ),
            told=noted("CAP004", "POS015"),
        ),
        Item(
            "C11",
            "Damage to implementation and operations: can your team run, upgrade and roll back this?",
            shows=("spec.model_type", "spec.architectures", "spec.dtype"),
            guide=Guide(
                "The engine's list of supported models at the version you run, and what the rules below say of it.",
                "The class and the type below must be in that list without code of the repo.",
                "It starts on your engine at the revision of E6, and a roll-back to what runs today was tried.",
            ),
            told=noted("IDN003", "QNT001", "KRN001", "KRN003", "POS019"),
        ),
        Item(
            "C12",
            "Damage to safety and debuggability: when it is wrong, will you see it and know why?",
            guide=Guide(
                "What is logged of a request: prompt, settings, revision, output, and who looks at it.",
                "F4's evidence on safety, and the rate of wrong answers in D6: at N cases and none wrong it is still up to 3/N.",
                "A wrong answer can be found, repeated with the same settings, and switched off within the hour.",
            ),
            told=noted("EVL015", "SEC001", "SEC003"),
        ),
    ),
)
