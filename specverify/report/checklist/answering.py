"""How files answer an item: by rules, by figures, by a fact; and what is told a person who has to answer one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from specverify.facts import Fact
from specverify.outcome import Accepted, Broken, Finding, Outcome, Passed, Report, Scored, Severity, Skipped, evidence_of
from specverify.report.checklist.items import Answer, State
from specverify.report.checklist.lines import is_closed, place, shown

MOST_EVIDENCE = 3
MOST_SCORES = 8


def by_rules(*codes: str, shows: Sequence[str] = ()) -> Callable[[Report], Answer]:
    """An item that rules answer: FAIL on a warning or error, PASS where one looked and found nothing, else UNVERIFIABLE.

    `shows` are the facts and figures printed beside it.
    """

    def answer(report: Report) -> Answer:
        outcomes = [outcome for outcome in report.outcomes if outcome.code in codes]
        bad = [o for o in outcomes if isinstance(o, Finding) and o.severity is not Severity.INFO]
        told = tuple(shown(report, shows))
        if bad:
            proof = tuple(place(evidence) for finding in bad for evidence in finding.evidence[:MOST_EVIDENCE])
            return Answer(State.FAIL, " ".join(f"{finding.code}: {finding.message}" for finding in bad), told + proof)
        if any(isinstance(o, Passed | Finding | Accepted) for o in outcomes):
            return Answer(State.PASS, " ".join(advice(outcomes)), told)
        reasons = dict.fromkeys(o.reason for o in outcomes if isinstance(o, Skipped))
        return Answer(State.UNVERIFIABLE, "; ".join(reasons) or "no rule looks at this", told)

    return answer


def advice(outcomes: Iterable[Outcome]) -> list[str]:
    """What rules found that speaks against nothing: findings, and those that somebody has accepted, by whom and why."""
    found = [f"{o.code}: {o.message}" for o in outcomes if isinstance(o, Finding)]
    return found + [accepted(o) for o in outcomes if isinstance(o, Accepted)]


def accepted(outcome: Accepted) -> str:
    """A finding that settings or a baseline let pass, and what they say."""
    return f"{outcome.code}: {outcome.finding.message} ({outcome.how}: {outcome.reason}, {outcome.by})"


def by_figures(*names: str) -> Callable[[Report], Answer]:
    """An item that is answered by figures: PASS where all are known, else UNVERIFIABLE with the reasons."""

    def answer(report: Report) -> Answer:
        figures = [report.figures[name] for name in names if name in report.figures]
        unknown = [reason for figure in figures if figure.value is None for reason in figure.number.reasons()]
        told = tuple(shown(report, names))
        if unknown or not figures:
            return Answer(State.UNVERIFIABLE, "; ".join(dict.fromkeys(unknown)) or "the figures could not be had", told)
        return Answer(State.PASS, "", told)

    return answer


def by_fact(name: str, what: str) -> Callable[[Report], Answer]:
    """An item that is answered by a fact being known."""

    def answer(report: Report) -> Answer:
        fact = report.spec.fact(name) if report.spec is not None else Fact(name, (), "there is no spec")
        if fact.value is None:
            return Answer(State.UNVERIFIABLE, f"{what}: {(fact.reason or 'not stated').removeprefix(f'{name}: ')}")
        return Answer(State.PASS, "", tuple(place(evidence) for evidence in evidence_of(fact)[:MOST_EVIDENCE]))

    return answer


def cannot_be_read(why: str) -> Callable[[Report], Answer]:
    """An item that no file of a model answers."""
    return lambda report: Answer(State.UNVERIFIABLE, why)


def never_passed(code: str, why: str, found: State) -> Callable[[Report], Answer]:
    """An item of which files can show the bad case only: `found` where the rule fires, else UNVERIFIABLE with `why`."""

    def answer(report: Report) -> Answer:
        finding = next((finding for finding in report.findings if finding.code == code), None)
        if finding is None:
            return Answer(State.UNVERIFIABLE, why)
        return Answer(found, f"{code}: {finding.message}", tuple(place(evidence) for evidence in finding.evidence[:MOST_EVIDENCE]))

    return answer


def noted(*codes: str, shows: Sequence[str] = ()) -> Callable[[Report], tuple[str, ...]]:
    """What is told a person: each rule's findings with their first line, or that it found nothing, or why it did not look."""

    def told(report: Report) -> tuple[str, ...]:
        lines: list[str] = [*shown(report, shows, unknown=True)]
        if is_closed(report):
            return (*lines, "the model is closed: no rule could look at it")
        for outcome in (outcome for outcome in report.outcomes if outcome.code in codes):
            if isinstance(outcome, Finding):
                proof = f" ({place(outcome.evidence[0])})" if outcome.evidence else ""
                lines.append(f"{outcome.code}: {outcome.message}{proof}")
            elif isinstance(outcome, Accepted):
                lines.append(accepted(outcome))
            elif isinstance(outcome, Skipped) and outcome.reason.startswith("the task "):
                continue
            elif isinstance(outcome, Skipped):
                lines.append(f"{outcome.code}: not told, {outcome.reason}")
            elif isinstance(outcome, Broken):
                lines.append(f"{outcome.code}: crashed")
            else:
                lines.append(f"{outcome.code}: nothing found of {outcome.name.replace('-', ' ')}")
        return tuple(lines)

    return told


def scores(*groups: str, rules: Sequence[str] = ()) -> Callable[[Report], tuple[str, ...]]:
    """What is told a person of the scores of these groups (none: of all), one a benchmark with its settings, and what rules say of them."""

    def told(report: Report) -> tuple[str, ...]:
        kept = () if report.kept is None else report.kept.scores
        own = {score.benchmark: score for score in reversed(kept) if not groups or score.group in groups}
        lines = [_score(score) for score in list(own.values())[::-1][:MOST_SCORES]]
        if len(own) > MOST_SCORES:
            lines.append(f"and {len(own) - MOST_SCORES} more benchmarks")
        of = f" on {' or '.join(groups)}" if groups else ""
        return (*(lines or [f"the card reports no score of a known benchmark{of}"]), *noted(*rules)(report))

    return told


def claimed(*kinds: str) -> Callable[[Report], tuple[str, ...]]:
    """What is told a person of the claims of these kinds, each with its line; that there is none, of a kind that has none."""

    def told(report: Report) -> tuple[str, ...]:
        lines: list[str] = []
        for kind in kinds:
            found = dict.fromkeys(place(claim.stated) for claim in report.claims if claim.kind == kind)
            lines += list(found)[:MOST_EVIDENCE] or [f"no text of the publisher states a {kind.replace('_', ' ')} that is read here"]
        return tuple(lines)

    return told


def together(*parts: Callable[[Report], tuple[str, ...]]) -> Callable[[Report], tuple[str, ...]]:
    """What is told by several, one after the other."""
    return lambda report: tuple(line for part in parts for line in part(report))


def closed_or(answer: Answer, report: Report) -> Answer:
    """The answer; of a closed model what is known is claimed, and a claim alone answers nothing."""
    if not is_closed(report) or answer.state.is_for_people:
        return answer
    return Answer(State.UNVERIFIABLE, "rests on claims alone", answer.evidence)


def _score(score: Scored) -> str:
    settings = f" ({'; '.join(score.settings)})" if score.settings else " (no settings stated)"
    whose = "" if score.surely else ", whose it is cannot be told"
    return f"{score.file}:{score.line} {score.benchmark} {score.raw}{settings}{whose}"
