"""G: the five ways in which such a choice fails, and whether something simpler was tried."""

from __future__ import annotations

from specverify.outcome import Report
from specverify.report.checklist.answering import noted, scores, together
from specverify.report.checklist.items import Guide, Item, Section
from specverify.report.checklist.sections.capacity import budget
from specverify.report.checklist.sections.evaluation import LONG, SEEN_OR_HEARD
from specverify.report.checklist.sections.fit import lengths, task_of


def simpler(report: Report) -> tuple[str, ...]:
    """Which cheaper kind of model the task could be tried with first."""
    task = task_of(report)
    prototype = report.spec.value("prototype") if report.spec is not None else None
    router = report.spec.value("router") if report.spec is not None else None
    lines = []
    if task is not None and prototype is not None and task.prototypes[0] != prototype:
        lines.append(f"simplest prototype for {task.name}: {task.prototypes[0]}, and this is {prototype}")
    if router not in (None, "none"):
        lines.append("simpler than a mixture of experts: a dense model of the activated size")
    return (*lines, "simpler than any: the system that runs today, rules or search, and a smaller model of the same family")


SECTION = Section(
    "G",
    "Failure drills",
    (
        Item(
            "G1",
            "A chat model as reranker, quality flat and cost up: is that ruled out?",
            shows=("spec.prototype", "parameters.activated", "prefill.floor_seconds"),
            guide=Guide(
                "A run of an encoder with a score head on the same pairs, beside this model: NDCG or accuracy, and cost per 1,000 pairs.",
                "The activated parameters below: encoders made for this have 0.02 to 0.6 billion.",
                "This model is better by more than the spread, at a cost that was accepted; n/a where nothing is scored or ranked.",
            ),
            told=noted("FIT001", "FIT002"),
        ),
        Item(
            "G2",
            "A mixture whose averages please and whose 99th percentile does not: was the tail measured?",
            shows=("spec.router", "parameters.total", "parameters.activated", "decode.floor_seconds"),
            guide=Guide(
                "The load test of C5 with real traffic: mean, P50, P95, P99, and the load of each expert.",
                "The budget below; the mean tells nothing of it.",
                "P99 is within the budget at peak; n/a where the router is `none`.",
            ),
            told=together(budget, noted("FIT005")),
        ),
        Item(
            "G3",
            "A long window that dies in production: were quality and memory tested at that length and load?",
            shows=("context.declared", "context.native", "cache.sequence_bytes", "cache.total_bytes", "capacity.max_concurrency"),
            guide=Guide(
                "A run with real documents at 25, 50 and 100 % of the 99th percentile of A4, at the concurrency of production.",
                "The cache for one sequence and for all of them, below, and the concurrency that fits.",
                "Quality holds (D7), nothing is evicted or refused, and first tokens come within the budget.",
            ),
            told=together(lengths, scores(LONG, rules=("FIT008", "POS011", "POS013"))),
        ),
        Item(
            "G4",
            "A leaderboard winner that fails real tickets: were your own cases run to the end?",
            guide=Guide(
                "At least 200 tickets of your own, with all turns, tools and rules, judged by those who solve them today.",
                "The share solved today, and the public scores below, which say nothing of it.",
                "It solves as many as today or more, with the decoding settings of production.",
            ),
            told=scores(rules=("EVL016",)),
        ),
        Item(
            "G5",
            "A multimodal demo that fails on documents: were layout, fields and refusals tested?",
            shows=("spec.modality_interface",),
            guide=Guide(
                "At least 100 documents of your own: fields, tables, columns, answers that span pages, questions without an answer.",
                "Accuracy by field, and the share of unanswerable questions that it declines.",
                "Both are above what the task needs; n/a where only text goes in (A5).",
            ),
            told=scores(*SEEN_OR_HEARD, rules=("EVL014", "FIT007", "FIT009")),
        ),
        Item(
            "G6",
            "Was a cheaper, simpler candidate tried first, and is this one better by enough to pay for it?",
            shows=("parameters.activated", "weights.bytes", "capacity.smallest_tensor_parallel"),
            guide=Guide(
                "D6 run on the simplest candidate that could do it, and the monthly cost of both.",
                "What this model costs, below, beside the candidate's own figures (`specverify compare` puts them side by side).",
                "The candidate was run on the same cases, and the difference is worth the difference in cost to whoever pays it.",
            ),
            told=simpler,
        ),
    ),
)
