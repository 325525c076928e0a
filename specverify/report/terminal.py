"""A report for a terminal: one screen with the verdict, the worst findings, the spec and the figures; all of it with `verbose`.

Plain text where it is piped: no escape codes, no boxes, one fact a line where there is room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from specverify.facts import Fact, Source
from specverify.num import Num
from specverify.outcome import Accepted, Broken, Evidence, Passed, Report, Skipped, Verdict
from specverify.report.amounts import exact, rounded, worked_line
from specverify.report.claims import counted
from specverify.report.first_screen import CAPACITY, KEY_FIGURES, exactness, on_hardware, says_something, setting, verdict_words
from specverify.report.growth import PREFIX, split, table
from specverify.report.layout import MARGIN, Block, Grid, Paragraph, Words, colored, lines, plain
from specverify.report.places import named
from specverify.report.rendering import Rendering
from specverify.report.rows import TAGS, spec_rows
from specverify.report.sanitize import clean, clean_value
from specverify.report.shape import summary
from specverify.spec import Figure

MOST_FINDINGS = 5
MOST_EVIDENCE = 2
MOST_KEYS = 200
NARROWEST, WIDEST = 40, 160
PIPED = 80
STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan", "clean": "green", "unverifiable": "yellow", "unreadable": "bold red"}
HINTS = {
    "NotFound": "Check the name and revision; a private repo looks the same without a token.",
    "Gated": "Accept its terms on the Hub and log in with `hf auth login`, or name a folder that has its files.",
    "Offline": "Run once without --offline, or name a folder that has its files.",
    "RateLimited": "Try again later, or log in with `hf auth login` for a higher limit.",
}


def render(report: Report, *, verbose: bool = False, width: int | None = None, color: bool = False) -> str:
    """The report as text that ends in a line feed. `width` None is the terminal's, or 80 where there is none."""
    import shutil

    columns = min(max(width or shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)
    laid_out = lines(_blocks(report, verbose, columns), columns)
    return (colored(laid_out, columns) if color else plain(laid_out)).rstrip("\n") + "\n"


def to_terminal(reports: Sequence[Report], how: Rendering) -> str:
    """The reports one after the other; as wide as a terminal where colours are wanted, else in 80 columns."""
    return "\n".join(render(report, verbose=how.verbose, color=how.color, width=None if how.color else PIPED) for report in reports)


def _blocks(report: Report, verbose: bool, columns: int) -> Iterator[Block]:
    yield from _head(report)
    if report.error is not None:
        return
    yield from _findings(report, verbose)
    rows = [] if report.spec is None else list(spec_rows(report.spec, report.figures))
    if rows:
        yield from _section("Spec")
        yield _grid([(row.label, row.text, row.source) for row in rows], dim=2)
    yield from _figures(report, verbose, columns)
    if report.notes:
        yield from _section("Notes")
        yield _grid([(clean(note),) for note in report.notes])
    if verbose:
        yield from _appendix(report)
    elif report.figures:
        yield _line("")
        yield _line("The working of a figure: specverify explain REF FIGURE. All there is: --verbose.", "dim")


def _head(report: Report) -> Iterator[Block]:
    found = summary(report)
    at = report.sha[:12] if report.sha else report.revision
    whence = (f" @ {clean(at)}" if at else "") + (f" ({clean(report.origin)})" if report.origin else "")
    yield Paragraph([(clean(report.name), "bold"), (whence, "dim")])
    checks = [f"{found[kind]:,} {kind}" for kind in ("ignored", "known", "passed", "skipped", "broken") if found[kind]]
    yield Paragraph([(verdict_words(found), STYLES[found["verdict"]]), (f"   checks: {', '.join(checks)}" if checks else "", "dim")])
    if report.error is not None:
        yield _line("")
        yield _grid([(clean(report.error, 1000),)])
        if report.error_kind in HINTS:
            yield _grid([(HINTS[report.error_kind],)])
    elif report.spec is not None:
        yield _line(exactness(report.spec), "dim")
        if report.claims:
            yield _line(f"claims: {counted(report.claims)} (specverify explain REF claim:KIND)", "dim")


def _findings(report: Report, verbose: bool) -> Iterator[Block]:
    shown = report.findings if verbose else report.findings[:MOST_FINDINGS]
    if not shown:
        return
    yield from _section("Findings")
    rows = []
    for finding in shown:
        style = STYLES[str(finding.severity)]
        evidence = finding.evidence if verbose else finding.evidence[:MOST_EVIDENCE]
        left = len(finding.evidence) - len(evidence)
        body = [(clean(finding.message, 600), ""), *(("\n" + _evidence(one), "dim") for one in evidence)]
        body.append((f"\n{left} more places" if left else "", "dim"))
        body.append((f"\nfix: {clean(finding.fix, 600)}" if finding.fix else "", ""))
        if verbose:
            body.append((f"\n{finding.name}, confidence {finding.confidence}", "dim"))
        rows.append(([(str(finding.severity), style)], [(clean(finding.code), style)], body))
    yield Grid(rows, margin="", gap=" ")
    if len(shown) < len(report.findings):
        yield _line(f"{len(report.findings) - len(shown)} more (--verbose)", "dim")


def _evidence(evidence: Evidence) -> str:
    """The place and its words: `config.json:14  "num_key_value_heads": 7`."""
    place = named(evidence)
    said = clean(evidence.quote, 160) if evidence.quote is not None else ""
    if evidence.quote is None and evidence.value is not None:
        said = clean_value(evidence.value, 160)
    source = "" if evidence.quote is not None else f" ({TAGS[evidence.source]})"
    note = f"  [{clean(evidence.note)}]" if evidence.note else ""
    return f"{clean(place)}  {said}{source}{note}"


def _figures(report: Report, verbose: bool, columns: int) -> Iterator[Block]:
    known = report.figures
    hardware = [name for name in sorted(known) if name.startswith("capacity.") or name.endswith(".floor_seconds")]
    if verbose:
        rest = [figure for name, figure in sorted(known.items()) if name not in hardware]
    else:
        hardware = [name for name in CAPACITY if name in known]
        rest = [known[name] for name in KEY_FIGURES if name in known and says_something(known, name)]
    claimed = ", resting on claims alone" if report.spec is not None and report.spec.exactness == "claimed" else ""
    for title, shown in ((f"Figures{setting(report)}{claimed}", rest), (on_hardware(report), [known[name] for name in hardware])):
        if shown:
            yield from _section(title)
            yield from _figure_list(shown) if verbose else _figure_table(shown, known, columns)
    if verbose or hardware:
        yield from _growth(report)
    assumed = dict.fromkeys(clause for figure in known.values() for clause in _clauses(figure, assumed=True))
    if assumed and not verbose:
        yield from _section("Assumed")
        yield _grid([(clause,) for clause in assumed])


def _growth(report: Report) -> Iterator[Block]:
    """A line for each context: what a sequence keeps, a prompt costs and a request takes."""
    figures = report.growth()
    rows = table(figures)
    if not rows:
        return
    longest = max(split(name)[0] for name in figures)
    yield from _section(f"Growth with context, at least (explain REF {PREFIX}{longest}.prefill_flops)")
    yield _grid(rows)
    told = "a token: its prefill, against the row above"
    output = [figure.value for name, figure in figures.items() if name.endswith(".request_output_tokens") and figure.value is not None]
    if output:
        told += f"; request: {' or '.join(exact(value, None) for value in sorted(set(output)))} output tokens"
    yield _line(MARGIN + told, "dim")


def _figure_table(figures: Sequence[Figure], all_figures: Mapping[str, Figure], columns: int) -> Iterator[Block]:
    """Known figures with as much of the working as fits on their line; then the unknown ones."""
    known = [figure for figure in figures if figure.value is not None]
    names = max((len(figure.name) for figure in known), default=0)
    values = max((len(rounded(figure.value, figure.unit)) for figure in known), default=0)
    rows = []
    for figure in known:
        style = {True: "green", False: "bold red"}.get(figure.value, "") if isinstance(figure.value, bool) else ""
        told = _comparison(figure, all_figures) if figure.name == "capacity.fits" else _working(figure, columns - names - values - 6)
        rows.append((figure.name, [(rounded(figure.value, figure.unit), style)], told))
    if rows:
        yield _grid(rows, right=1, dim=2)
    yield from _unknown(figures)


def _figure_list(figures: Sequence[Figure]) -> Iterator[Block]:
    """Every known figure with its whole working and its note, then the unknown ones."""
    for figure in figures:
        if figure.value is not None:
            shown, worked = rounded(figure.value, figure.unit), worked_line(figure.number, figure.unit)
            yield Paragraph([(f"{figure.name}  {shown}", "")], MARGIN)
            told = [line for line in (worked, clean(figure.note or "")) if line not in ("", shown, exact(0, figure.unit))]
            yield from (Paragraph([(line, "dim")], MARGIN * 3) for line in told)
    yield from _unknown(figures)


def _unknown(figures: Iterable[Figure]) -> Iterator[Block]:
    """Unknown figures, those of one reason together."""
    by_reason: dict[tuple[str, ...], list[str]] = {}
    for figure in figures:
        if figure.value is None:
            by_reason.setdefault(figure.number.reasons(), []).append(figure.name)
    for reasons, names in by_reason.items():
        yield _grid([("unknown", f"{', '.join(names)}\nbecause {'; '.join(clean(reason) for reason in reasons)}")])


def _clauses(figure: Figure, *, assumed: bool) -> list[str]:
    """The clauses of a figure's note that say what was assumed, or the others."""
    return [clause for clause in clean(figure.note or "").split("; ") if clause and ("assumed" in clause) == assumed]


def _working(figure: Figure, room: int) -> str:
    """The worked line where there is room, else all digits where rounding hid some."""
    worked = worked_line(_telling(figure.number), figure.unit)
    line = worked if len(worked) <= room else exact(figure.value, figure.unit) if isinstance(figure.value, int) else ""
    return "" if line == rounded(figure.value, figure.unit) else line


def _comparison(fits: Figure, figures: Mapping[str, Figure]) -> str:
    """What is needed of what there is on a GPU, and what that leaves out."""
    needed, budget = (figures.get(f"capacity.{name}_bytes_per_gpu") for name in ("needed", "budget"))
    sides = (
        []
        if needed is None or budget is None
        else [f"needs {rounded(needed.value, needed.unit)} of {rounded(budget.value, budget.unit)} a GPU"]
    )
    return "; ".join([*sides, *_clauses(fits, assumed=False)])


def _telling(number: Num) -> Num:
    """The one part of a sum that is not 0, so that its own working is shown; the number itself where there are more."""
    body = number.body()
    while body.op == "+":
        parts = [part for part in body.args if part.value != 0]
        if len(parts) != 1:
            return number
        number, body = parts[0], parts[0].body()
    return number


def _appendix(report: Report) -> Iterator[Block]:
    """What only `--verbose` tells: every fact, every check, every key nothing read, every file."""
    spec = report.spec
    if spec is not None:
        yield from _section("Facts")
        yield _grid([(clean(name), _fact_text(fact)) for name, fact in sorted(spec.facts.items())])
        for title, keys in (("Keys that nothing read", spec.keys.unread), ("Known keys that this model does not use", spec.keys.unused)):
            if keys:
                yield from _section(title)
                more = f", and {len(keys) - MOST_KEYS:,} more" if len(keys) > MOST_KEYS else ""
                yield _grid([(", ".join(clean(key, 100) for key in keys[:MOST_KEYS]) + more,)])
    if report.claims:
        yield from _section("Claims")
        yield _grid([_claim(verdict) for verdict in report.claims])
    if report.accepted:
        yield from _section("Findings that are accepted")
        yield _grid([_accepted(one) for one in report.accepted])
    skipped: dict[str, list[str]] = {}
    for outcome in report.outcomes:
        if isinstance(outcome, Skipped):
            skipped.setdefault(outcome.reason, []).append(outcome.code)
    rows = [("broken", f"{clean(o.code)}: {clean(o.error)}") for o in report.outcomes if isinstance(o, Broken)]
    rows += [("skipped", f"{clean(reason)}: {', '.join(map(clean, sorted(codes)))}") for reason, codes in sorted(skipped.items())]
    passed = sorted(o.code for o in report.outcomes if isinstance(o, Passed))
    rows += [("passed", ", ".join(map(clean, passed)))] if passed else []
    if rows:
        yield from _section("Checks")
        yield _grid(rows)
    if report.files:
        yield from _section("Files")
        yield _grid([(clean(name), clean(state)) for name, state in sorted(report.files.items())])


def _accepted(accepted: Accepted) -> tuple[str, str, str]:
    """A finding that fails nothing: how and by what line it is accepted, its code, and what it says with the reason."""
    said = clean(accepted.finding.message, 600)
    return f"{accepted.how} {clean(accepted.by)}", clean(accepted.code), f"{said}\nbecause {clean(accepted.reason, 600)}"


def _claim(verdict: Verdict) -> tuple[str, str, str]:
    """A claim in a line: its place, kind and words, the verdict with its reason."""
    place = f"{clean(verdict.stated.file)}:{verdict.stated.line}"
    return place, f"{clean(verdict.kind)} {clean(verdict.raw, 40)}", f"{verdict.agreement}: {clean(verdict.reason, 200)}"


def _fact_text(fact: Fact) -> Words:
    """Value and place of a fact; for one that is concluded, how."""
    known = fact.value is not None
    words = [(clean_value(fact.value) if known else f"unknown: {clean(fact.reason or 'null')}", "")]
    words.append((" (readings differ)" if fact.disputed else "", ""))
    for reading in fact.readings[:1]:
        derived = reading.source is Source.DERIVED
        how = clean(reading.note or "") if derived else clean(str(reading.where))
        words.append((f"  {TAGS[reading.source]}{': ' if derived and how else ' '}{how}".rstrip(), "dim"))
    return words


def _section(title: str) -> Iterator[Block]:
    yield _line("")
    yield _line(title, "bold")


def _line(text: str, style: str = "") -> Block:
    return Paragraph([(text, style)])


def _grid(rows: Iterable[Sequence[str | Words]], *, right: int | None = None, dim: int | None = None) -> Block:
    """Rows in columns two spaces in; the column `right` is set flush right, the column `dim` greyed."""
    return Grid(
        [[[(cell, "dim" if i == dim else "")] if isinstance(cell, str) else cell for i, cell in enumerate(row)] for row in rows], right
    )
