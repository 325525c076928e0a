"""E: where it is from, on what terms, and whether that is pinned."""

from __future__ import annotations

from specverify.outcome import Report
from specverify.report.checklist.answering import by_rules, cannot_be_read, claimed, never_passed
from specverify.report.checklist.items import Answer, Guide, Item, Section, State
from specverify.report.checklist.lines import is_closed


def licence(report: Report) -> Answer:
    """Whether the card states a licence in full, and the files beside it say the same."""
    told = by_rules("CRD009", "MET001", "MET002", "MET003", "MET004")(report)
    return Answer(State.UNVERIFIABLE, told.why, told.evidence) if told.state is State.PASS and told.why else told


def pinned(report: Report) -> Answer:
    """Whether the review is of one commit."""
    if is_closed(report):
        return Answer(State.UNVERIFIABLE, "nothing is public of which a revision could be pinned")
    if report.sha is None:
        return Answer(State.UNVERIFIABLE, f"a {report.origin or 'folder'} has no commit: pin a revision before adoption")
    return Answer(State.PASS, "", (f"commit {report.sha}",))


SECTION = Section(
    "E",
    "Provenance and licence",
    (
        Item(
            "E1",
            "Licence stated",
            licence,
            guide=Guide(
                "The LICENSE file of the repo and the terms the publisher names.",
                "1 licence in the front matter, the file and the prose alike.",
                "All three name the same terms, and those allow your use.",
            ),
        ),
        Item(
            "E2",
            "Terms of the base model kept",
            never_passed("MET005", "the base model's terms are not among the files", State.FAIL),
            guide=Guide(
                "`base_model` of the card, and the licence of each model it names.",
                "0 terms of theirs that this model's licence leaves out: use, name, attribution, users per month.",
                "Every term of each base is kept, or there is no base.",
            ),
            told=claimed("base_model", "license"),
        ),
        Item(
            "E3",
            "Access terms",
            never_passed("MET006", "nothing says that terms must be accepted first", State.HUMAN),
            guide=Guide(
                "The model's page on the Hub, signed in as whoever deploys it.",
                "The terms shown there; 0 where none are.",
                "Somebody who may do so for your organization accepted them, or there are none.",
            ),
        ),
        Item(
            "E4",
            "Training data named",
            cannot_be_read("whether what is named is all there was cannot be read from files"),
            guide=Guide(
                "`datasets` of the card and the section on training data in it or in the publisher's report.",
                "The kinds of data your policy rules out, and the languages and years you need.",
                "What is named meets your policy, and what is not named is accepted by whoever answers for it.",
            ),
            told=claimed("training_tokens"),
        ),
        Item(
            "E5",
            "Newest version known",
            never_passed("MET027", "no file says what came later", State.HUMAN),
            guide=Guide(
                "The publisher's page on the Hub, by date, on the day of this review.",
                "The revision at the top of this page.",
                "There is no newer one for the same task, or the note says why this one.",
            ),
        ),
        Item(
            "E6",
            "Revision pinned",
            pinned,
            guide=Guide(
                "The deployment's own settings: the revision it loads.",
                "40 hexadecimal digits of a commit; a branch or a tag is none.",
                "It loads that commit, from a copy you keep, and the note names it.",
            ),
        ),
        Item("E7", "No code of the repo has to run", by_rules("IDN003", "IDN004", "SEC001", "SEC003")),
    ),
)
