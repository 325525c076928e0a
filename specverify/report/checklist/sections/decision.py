"""H: the decision, its conditions, and who signs."""

from __future__ import annotations

from specverify.report.checklist.items import Guide, Item, Section

ADOPT, WITH_CONDITIONS, REJECT = "adopt", "adopt with conditions", "reject"

SECTION = Section(
    "H",
    "Decision",
    (
        Item(
            "H1",
            "Adopt, adopt with conditions, or reject?",
            guide=Guide(
                "The counts at the top of this page, every FAIL, and every answer above that is `no`.",
                "0 open lines; each FAIL and each `no` has a condition in the table below, or it is a rejection.",
                "`adopt` or `adopt with conditions`, by whoever decides.",
            ),
            choices=(ADOPT, WITH_CONDITIONS, REJECT),
            passes=(ADOPT, WITH_CONDITIONS),
        ),
        Item(
            "H2",
            "Has each condition an owner and a day on which it expires?",
            guide=Guide(
                "The table of conditions below.",
                "3 cells a row: what must hold, who sees to it, and the day (YYYY-MM-DD) after which the adoption is off.",
                "Every row is whole and none has expired; with `adopt` the table may be empty.",
            ),
            choices=(),
        ),
        Item(
            "H3",
            "Is it signed?",
            guide=Guide(
                "The table of signatures below.",
                "3 cells a row: name, role and day; at least 1 row, by somebody who answers for the service.",
                "Every row that is begun is whole, and there is one.",
            ),
            choices=(),
        ),
    ),
)
