"""F: what it is meant for, and what is said of its risks."""

from __future__ import annotations

from specverify.outcome import Report
from specverify.report.checklist.answering import claimed, noted, scores, together
from specverify.report.checklist.items import Guide, Item, Section

SAFETY = "truthfulness and safety"
LANGUAGES = "multilingual"


def card(report: Report) -> tuple[str, ...]:
    """Which texts of the publisher there are to look at."""
    texts = [file for file, became in report.files.items() if became == "read" and file.endswith(".md")]
    return (f"texts to look at: {', '.join(texts)}" if texts else "there is no card: only the publisher's own pages can tell",)


SECTION = Section(
    "F",
    "Use and risk",
    (
        Item(
            "F1",
            "Is your use an intended one?",
            guide=Guide(
                "The card's section on intended use, and the licence's on permitted use.",
                "Your use in one sentence, as A1 has it.",
                "Both name it or a wider one that holds it.",
            ),
            told=card,
        ),
        Item(
            "F2",
            "Is your use outside everything the publisher rules out?",
            guide=Guide(
                "The card's section on uses out of scope, and the licence's list of forbidden ones.",
                "Your use, your users and your countries: 0 of them on either list.",
                "None is ruled out.",
            ),
            told=card,
        ),
        Item(
            "F3",
            "Are limitations and biases stated, and acceptable?",
            guide=Guide(
                "The card's sections on limitations and bias, and bias.md where there is one.",
                "Who is harmed where the model is wrong, and the rate of wrong answers in D6.",
                "They are stated, and each that touches your users has a measure against it or is accepted by name.",
            ),
            told=card,
        ),
        Item(
            "F4",
            "Was it red-teamed, and is that enough for your exposure?",
            guide=Guide(
                "Safety evaluations below, safety.md where there is one, and your own attack on your own prompts.",
                "TruthfulQA is 1 of the kinds needed: truth, toxicity, refusals and attacks are four.",
                "Attacks of the kind your users can make were tried on this revision, and the rate that got through is accepted.",
            ),
            told=together(card, scores(SAFETY, rules=("EVL015",))),
        ),
        Item(
            "F5",
            "Is its knowledge recent enough?",
            guide=Guide(
                "The cutoff the card or the report names, else 20 questions on what happened each half-year.",
                "The cutoff below, and the newest fact the task needs; with the facts in the prompt it matters less.",
                "The cutoff is later than that fact, or the facts are in the prompt.",
            ),
            told=together(card, claimed("knowledge_cutoff")),
        ),
        Item(
            "F6",
            "Does it cover your languages?",
            guide=Guide(
                "`language` of the card, and scores below by language.",
                "The languages of your users by share of requests; at least 50 cases of D6 in each above 5 %.",
                "Each is named by the card, and its score in D6 is within 5 points of the best one's.",
            ),
            told=together(scores(LANGUAGES), noted("FIT013", "MET014")),
        ),
        Item(
            "F7",
            "Is somebody named who answers for it?",
            guide=Guide(
                "The card's contact, and for your side the owner of the service.",
                "2 names: the publisher's contact and your owner.",
                "Both exist, and the owner signed below.",
            ),
            told=card,
        ),
    ),
)
