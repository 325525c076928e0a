"""`specverify REF...`: what models say of themselves, and what they cost."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specverify.cli.options import WIDEST, claims_option, preview_option, reading_options, target_options
from specverify.cli.output import deliver
from specverify.cli.reading import reports_of
from specverify.cli.status import SEVERITIES, exit_status

if TYPE_CHECKING:
    from specverify.outcome import Report

COMMANDS_HELP = """\b
Commands (specverify COMMAND --help):
  audit          many models: a shortlist, or what the Hub lists
  checklist      a pre-adoption review as Markdown
  compare        models side by side, or two revisions of one as what changed
  explain        one figure, fact or rule: formula, worked line, evidence
  rules          every rule
  gpus           every accelerator known
  architectures  every model type read exactly
\b
Exit status: 0 clean, 1 findings at or above --fail-on, 2 usage,
3 a model could not be read or a rule crashed (1 wins over 3).
"""


@click.command("specverify", epilog=COMMANDS_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST})
@click.argument("refs", nargs=-1, required=True, metavar="REF...")
@target_options
@reading_options
@claims_option
@click.option(
    "--format", "form", type=click.Choice(("terminal", "json", "jsonl")), default="terminal", show_default=True, help="Report format."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to a file.")
@click.option("--select", multiple=True, metavar="CODE", help="Only these rules (a code, its start, or a name); repeatable, commas too.")
@click.option("--ignore", multiple=True, metavar="CODE", help="Not these rules.")
@preview_option
@click.option(
    "--fail-on", type=click.Choice((*SEVERITIES, "never")), default="error", show_default=True, help="Exit 1 from this severity on."
)
@click.option("--validate", is_flag=True, help="Check the report against its schema, and its figures against each other.")
@click.option("-v", "--verbose", is_flag=True, help="Everything: all findings, skipped rules, unread keys.")
@click.version_option(package_name="specverify")
def verify_command(
    refs: tuple[str, ...], form: str, output: Path | None, fail_on: str, validate: bool, verbose: bool, **options: Any
) -> None:
    """Verify what a model's config, class defaults and tensors say, and derive what it costs.

    REF is org/name, org/name@revision, a folder (./rules where it is named like a command) or a claims file (*.yaml).
    """
    reports = list(reports_of(refs, options))
    if validate:
        _validate(reports)
    text = _rendered(reports, form, verbose, to_file=output is not None)
    deliver(text, output)
    sys.exit(exit_status(reports, fail_on))


def _rendered(reports: Sequence[Report], form: str, verbose: bool, *, to_file: bool) -> str:
    if form == "terminal":
        from specverify.report.terminal import render

        color = not to_file and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        return "\n".join(render(report, verbose=verbose, color=color, width=None if color else 80) for report in reports)
    from specverify.report.json import to_json, to_jsonl

    if form == "jsonl":
        return "".join(to_jsonl(report) for report in reports)
    documents = [to_json(report).rstrip() for report in reports]
    return documents[0] if len(documents) == 1 else "[\n" + ",\n".join(documents) + "\n]"


def _validate(reports: Sequence[Report]) -> None:
    from specverify.derive.consistency import contradictions
    from specverify.report.validate import problems

    for report in reports:
        for problem in problems(report):
            raise click.ClickException(f"{report.ref}: the report breaks its own schema: {problem}")
        for contradiction in contradictions(report.figures, (report.target or {}).get("gpus", 1)):
            raise click.ClickException(f"{report.ref}: the report contradicts itself: {contradiction}")
