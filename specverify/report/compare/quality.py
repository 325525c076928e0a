"""Quality evidence: what the card claims and what came of it, which scores it reports, and how those were had.

A score of a card is shown with the settings its card states and never marked: two cards that measure differently are not
compared by putting their numbers on one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from specverify.outcome import Agreement, Report, Scored, Skipped, Verdict
from specverify.report.claims import counted
from specverify.report.compare.cells import Cell, Row, Status, findings_of, is_closed, of_each, row, said, unknown
from specverify.report.sanitize import clean

CARD = "README.md"
OWN = ("self", "family")
"""Relations of a claim that is about the model itself."""
ELSEWHERE = ("license", "code_license", "base_model")
"""Kinds of claim that are no evidence of quality."""
HYGIENE = "EVL"
MOST = 3
"""Claims or scores of one kind that a cell shows before it only counts the rest."""
MOST_NAMED = 12
SCORES_NOTE = "as each card prints it, by its own settings: not measured alike"

WHOSE = "the table names no model that is surely this one: some of these scores may be another's"


def quality(reports: Sequence[Report]) -> Iterator[Row]:
    """The rows of the group."""
    yield row("claims", of_each(reports, _claims), mark=False)
    kinds = dict.fromkeys(verdict.kind for report in reports for verdict in _own(report))
    yield from (row(f"claim:{clean(kind)}", of_each(reports, partial(_of_kind, kind)), mark=False) for kind in kinds)
    yield row("scores", of_each(reports, _scores), mark=False)
    yield from _benchmarks(reports)
    yield row("evaluation findings", of_each(reports, _hygiene), mark=False)


def _own(report: Report) -> list[Verdict]:
    return [verdict for verdict in report.claims if verdict.relation in OWN and verdict.kind not in ELSEWHERE]


def _claims(report: Report) -> Cell:
    if is_closed(report):
        return said(f"{len(report.claims):,} claimed", status=Status.CLAIMED, note="closed: there is nothing to hold its claims against")
    if report.claims:
        return said(counted(report.claims))
    return said("none made") if report.files.get(CARD) == "read" else unknown(_no_card(report))


def _no_card(report: Report) -> str:
    return f"{CARD}: {report.files.get(CARD, 'not looked for')}"


def _of_kind(kind: str, report: Report) -> Cell:
    """Each value claimed once, with what came of it."""
    mine = [verdict for verdict in _own(report) if verdict.kind == kind]
    if not mine:
        no_card = not report.claims and report.files.get(CARD) != "read"
        return unknown(_no_card(report) if no_card else "makes no such claim")
    told = any(verdict.agreement is not Agreement.UNVERIFIABLE for verdict in mine)
    words = list(dict.fromkeys(clean(verdict.raw, 40) + (f" ({verdict.agreement})" if told else "") for verdict in mine))
    more = f", {len(words) - MOST:,} more" if len(words) > MOST else ""
    against = [verdict for verdict in mine if verdict.agreement in (Agreement.DISAGREES, Agreement.OPT_IN)]
    note = "; ".join(dict.fromkeys(f"{verdict.stated.file}:{verdict.stated.line}: {verdict.reason}" for verdict in against)) or None
    return said(", ".join(words[:MOST]) + more, status=Status.KNOWN if told else Status.CLAIMED, note=note, lines=mine)


def _scored(report: Report) -> tuple[Scored, ...]:
    return () if report.kept is None else report.kept.scores


def _no_scores(report: Report) -> Cell:
    if report.kept is None:
        return unknown("the files were not kept to be compared")
    if is_closed(report):
        return unknown("a claims file has no evaluation tables")
    return said("none reported") if report.files.get(CARD) == "read" else unknown(_no_card(report))


def _scores(report: Report) -> Cell:
    """How many scores on how many benchmarks, by group."""
    scores = _scored(report)
    if not scores:
        return _no_scores(report)
    groups: dict[str, set[str]] = {}
    for score in scores:
        groups.setdefault(score.group, set()).add(score.benchmark)
    told = ", ".join(f"{group} {len(names)}" for group, names in groups.items())
    return said(f"{len(scores):,} on {len({score.benchmark for score in scores}):,} benchmarks: {told}")


def _benchmarks(reports: Sequence[Report]) -> Iterator[Row]:
    """A row for each benchmark that two models or more report, then the others by name."""
    reported = [{score.benchmark for score in _scored(report)} for report in reports]
    names = list(dict.fromkeys(score.benchmark for report in reports for score in _scored(report)))
    shared = [name for name in names if sum(name in mine for mine in reported) > 1]
    for name in shared:
        yield row(f"score: {clean(name)}", of_each(reports, partial(_on, name)), note=SCORES_NOTE, mark=False)
    if any(mine - set(shared) for mine in reported):
        yield row("scores of one model alone", of_each(reports, partial(_alone, set(shared))), mark=False)


def _on(name: str, report: Report) -> Cell:
    scores = [score for score in _scored(report) if score.benchmark == name]
    if not scores:
        none = _no_scores(report)
        return unknown("reports no such score") if none.status is Status.KNOWN else none
    words = list(dict.fromkeys(f"{clean(score.raw, 20)} ({_settings(score)})" for score in scores))
    more = f", {len(words) - MOST:,} more" if len(words) > MOST else ""
    note = None if all(score.surely for score in scores) else WHOSE
    return said(", ".join(words[:MOST]) + more, status=Status.CLAIMED, note=note, lines=scores)


def _settings(score: Scored) -> str:
    return ", ".join(clean(setting, 30) for setting in score.settings[:MOST]) or "no settings stated"


def _alone(shared: set[str], report: Report) -> Cell:
    names = list(dict.fromkeys(score.benchmark for score in _scored(report) if score.benchmark not in shared))
    if not names:
        none = _no_scores(report)
        return said("none") if none.status is Status.KNOWN else none
    return said(", ".join(names[:MOST_NAMED]) + (f", {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""))


def _hygiene(report: Report) -> Cell:
    """The findings on how scores are reported, by code."""
    outcomes = [outcome for outcome in report.outcomes if outcome.code.startswith(HYGIENE)]
    found = list(dict.fromkeys(f"{o.code} {o.name}" for o in findings_of(outcomes)))
    if found:
        return said(", ".join(found))
    reasons = dict.fromkeys(o.reason for o in outcomes if isinstance(o, Skipped))
    if not outcomes or all(isinstance(outcome, Skipped) for outcome in outcomes):
        return unknown("; ".join(reasons) or "no rule on evaluations was run")
    return said("none")
