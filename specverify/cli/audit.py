"""`specverify audit`: many models."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specverify.cli.options import policy_of, policy_options, preview_option, reading_options, target_of, target_options
from specverify.cli.output import deliver_pieces
from specverify.cli.reading import codes_of, warn_of_status
from specverify.cli.status import BROKEN, CLEAN, FOUND, INTERRUPTED, SEVERITIES

if TYPE_CHECKING:
    from specverify.policy import Policy, Uses
    from specverify.rules.engine import Rule
    from specverify.target import Target


@click.command("audit", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("shortlist", required=False)
@target_options
@reading_options
@policy_options
@preview_option
@click.option("--org", help="The models of an organization or user on the Hub, instead of a shortlist.")
@click.option("--filter", "tags", multiple=True, metavar="TAG", help="Models with this tag on the Hub; repeatable.")
@click.option("--limit", type=click.IntRange(1), help="At most so many of what the Hub lists.")
@click.option(
    "--results",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("specverify-audit.jsonl"),
    show_default=True,
    help="Where results are kept, a line each, as they come.",
)
@click.option("--resume", is_flag=True, help="Go on with the results file: what it holds is not done twice.")
@click.option("--workers", type=click.IntRange(1, 256), default=16, show_default=True, help="Models fetched at once.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("terminal", "csv", "markdown", "json", "html")),
    default="terminal",
    show_default=True,
    help="Format of the table.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the table to a file.")
@click.option(
    "--fail-on", type=click.Choice((*SEVERITIES, "never")), default="error", show_default=True, help="Exit 1 from this severity on."
)
def audit_command(
    shortlist: str | None,
    org: str | None,
    tags: tuple[str, ...],
    limit: int | None,
    results: Path,
    resume: bool,
    workers: int,
    form: str,
    output: Path | None,
    fail_on: str,
    **options: Any,
) -> None:
    """Verify every model of a shortlist: one REF a line, `-` for standard input, or what the Hub lists.

    Results are kept as they come: an audit that was interrupted loses nothing and goes on with --resume.
    """
    from specverify.audit.journal import Journal
    from specverify.audit.progress import tracked
    from specverify.audit.rows import row
    from specverify.audit.shortlist import read_shortlist
    from specverify.audit.table import FORMATS
    from specverify.errors import SpecverifyError
    from specverify.pipeline import listed, verify_many, waits
    from specverify.policy import Uses
    from specverify.rules.engine import rules, selected

    if (shortlist is None) == (org is None and not tags):
        raise click.UsageError("name a shortlist, or --org or --filter")
    target, policy = target_of(options), policy_of(options)
    select, ignore = codes_of(options["select"]), codes_of(options["ignore"])
    warn_of_status(select, preview=options["preview"])
    try:
        refs = listed(org, tags, limit) if shortlist is None else read_shortlist(shortlist, sys.stdin.buffer)
        with Journal(results, _asked(options, target, policy), resume=resume) as journal:
            todo = [ref for ref in refs if ref not in journal]
            reports = verify_many(
                todo,
                revision=options["revision"],
                target=target,
                offline=options["offline"],
                tensors=not options["no_tensors"],
                select=select,
                ignore=ignore,
                policy=policy,
                preview=options["preview"],
                workers=workers,
                ordered=False,
            )
            uses, chosen = Uses(policy), selected(rules(), select or policy.select, ignore, preview=options["preview"])
            for report in tracked(reports, len(refs), len(refs) - len(todo), waits, sys.stderr):
                uses.saw(report)
                journal.write(row(report))
            deliver_pieces(FORMATS[form](journal.rows(refs)), output)
            # An audit that goes on has not seen what the models before it needed.
            idle = _unused(uses, policy, chosen) if len(todo) == len(refs) else []
            status = _audit_status(chain([{"findings": idle, "status": "ok"}], journal.rows(refs)), fail_on)
    except SpecverifyError as error:
        click.echo(str(error), err=True)
        sys.exit(BROKEN)
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is done is kept in {results}: go on with --resume", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(status)


def _unused(uses: Uses, policy: Policy, chosen: Sequence[Rule]) -> list[dict[str, Any]]:
    """The findings about ignores that no model needed, said and given as a row has them."""
    from specverify.outcome import Finding
    from specverify.pipeline import unused

    ignores = [ignore for some in uses.unused().values() for ignore in some]
    found = [outcome for outcome in unused(chosen, ignores, policy) if isinstance(outcome, Finding)]
    for finding in found:
        click.echo(f"{finding.evidence[0].file}:{finding.evidence[0].line}: {finding.severity} {finding.code}: {finding.message}", err=True)
    return [{"severity": str(finding.severity)} for finding in found]


def _asked(options: dict[str, Any], target: Target, policy: Policy) -> dict[str, Any]:
    """What the rows of an audit depend on beside the model: every setting that is not the default."""
    from specverify.plugins import loaded
    from specverify.policy import Policy
    from specverify.target import Target

    rules = {name: codes_of(options[name]) for name in ("select", "ignore")}
    decided = hashlib.sha256(repr(policy).encode()).hexdigest()[:12] if policy != Policy() else None
    asked = {**target.to_dict(), "revision": options["revision"], "tensors": not options["no_tensors"], **rules}
    brought = [plugin.name for plugin in loaded()]
    asked |= {"policy": decided, "preview": options["preview"], "plugins": brought}
    default = {**Target().to_dict(), "revision": None, "tensors": True, "select": [], "ignore": [], "policy": None}
    default |= {"preview": False, "plugins": []}
    return {name: value for name, value in asked.items() if value != default[name]}


def _audit_status(rows: Iterable[dict[str, Any]], fail_on: str) -> int:
    """The exit status of an audit: as `exit_status`, over rows."""
    worst = CLEAN
    for entry in rows:
        severities = [finding["severity"] for finding in entry.get("findings", ())]
        if fail_on != "never" and any(SEVERITIES.index(severity) >= SEVERITIES.index(fail_on) for severity in severities):
            return FOUND
        if "error" in entry or entry["status"] == "broken":
            worst = BROKEN
    return worst
