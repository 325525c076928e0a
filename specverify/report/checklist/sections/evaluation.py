"""D: what the scores show, and what they cannot."""

from __future__ import annotations

from specverify.outcome import Report
from specverify.report.checklist.answering import noted, scores, together
from specverify.report.checklist.items import Guide, Item, Section
from specverify.report.checklist.sections.fit import task_of

LONG = "long context"
SEEN_OR_HEARD = ("multimodal", "speech")


def groups(report: Report) -> tuple[str, ...]:
    """The groups of benchmarks that speak for the task."""
    task = task_of(report)
    return ("no task was named",) if task is None else (f"groups that speak for {task.name}: {', '.join(task.groups)}",)


SECTION = Section(
    "D",
    "Evaluation evidence",
    (
        Item(
            "D1",
            "Are the benchmark groups that matter to the task reported, with their settings?",
            guide=Guide(
                "The scores below, and the coverage: groups reported, and groups with settings.",
                "The groups that speak for the task, below: one without a score is unknown, not good.",
                "Each of them has a score with shots, decoding and metric, or D6 covers it.",
            ),
            told=together(groups, scores(rules=("EVL022",))),
        ),
        Item(
            "D2",
            "Are shots, decoding and scoring of the scores you rely on known?",
            guide=Guide(
                "What the rules below found missing, at the lines they name.",
                "0 open questions on the benchmarks you rely on.",
                "None is open, or you rely on none of these scores.",
            ),
            told=noted("EVL002", "EVL003", "EVL004", "EVL005", "EVL006", "EVL007", "EVL008"),
        ),
        Item(
            "D3",
            "Are the scores those of this very checkpoint?",
            guide=Guide(
                "The names in the tables of the card, beside the name and the revision at the top of this page.",
                "The same stage (base or tuned), the same size, the same precision: 3 of 3.",
                "All three are the same, or the difference was measured.",
            ),
            told=noted("EVL010", "EVL020", "EVL021"),
        ),
        Item(
            "D4",
            "Can they be compared: prompts, decoding, scoring?",
            guide=Guide(
                "The settings on both sides of each comparison you rely on.",
                "0 differences in prompt, shots, decoding and metric between the models compared.",
                "Both sides were run alike, or you ran both yourself.",
            ),
            told=noted("EVL004", "EVL009", "EVL019"),
        ),
        Item(
            "D5",
            "Is contamination spoken of, and does your own set rule it out?",
            guide=Guide(
                "What the card says of overlap with training data, and the day your own cases were written.",
                "The knowledge cutoff (F5): cases older than it and public may have been trained on.",
                "The card says how overlap was looked for, or your set is private or later than the cutoff.",
            ),
            told=noted("EVL018"),
        ),
        Item(
            "D6",
            "Was your own task set run, with your own settings?",
            guide=Guide(
                "The run: cases, prompts, decoding settings, revision, scores with their spread.",
                "At least 200 cases of real work: a score of 80 % is then uncertain by 5.5 points either way, and at 50 cases by 11.",
                "It was run on the revision of E6 with production settings, and the score is above what C8 needs.",
            ),
            told=scores(),
        ),
        Item(
            "D7",
            "Is there evidence at the length of A4, beyond a needle test?",
            shows=("context.declared", "context.native", "context.effective.vllm"),
            guide=Guide(
                "Benchmarks on long text with the length they were run at, below, or your own run.",
                "The 99th percentile of A4, at 25, 50 and 100 % of it, answers at the start, the middle and the end.",
                "Quality at the full length is within 5 points of that at 8K tokens; n/a where A4 stays below 8K.",
            ),
            told=scores(LONG, rules=("EVL011", "EVL012", "EVL013", "FIT008")),
        ),
        Item(
            "D8",
            "Is there evidence on documents, images or audio like yours?",
            shows=("spec.modality_interface",),
            guide=Guide(
                "Benchmarks on images, pages and speech below, or your own run on at least 100 of your own files.",
                "Accuracy by field or word on your own files; letters read right are not a page understood.",
                "It is above what the task needs; n/a where only text goes in (A5).",
            ),
            told=scores(*SEEN_OR_HEARD, rules=("EVL014", "FIT009")),
        ),
    ),
)
