"""`specverify REF...`: what models say of themselves, and what they cost."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specverify.cli.formats import FORMATS, FROM_FILES, OF_ONE, written
from specverify.cli.options import WIDEST, claims_option, policy_of, policy_options, preview_option, reading_options, target_options
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
  lock           record what models are: specverify.lock
  check          --locked: what has changed of them since
  explain        one figure, fact or rule: formula, worked line, evidence
  hook           the models of changed files, for pre-commit
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
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), default="terminal", show_default=True, help="Report format.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to a file.")
@policy_options
@preview_option
@click.option("--write-baseline", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Record the findings as known.")
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
    from specverify.pipeline import concluded

    if form in OF_ONE and len(refs) > 1:
        raise click.UsageError(f"--format {form} is of one model: name one REF")
    policy = policy_of(options)
    reports = concluded(list(reports_of(refs, options | {"keep": form in FROM_FILES}, policy)), policy)
    if validate:
        _validate(reports)
    color = output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    deliver(written(reports, form, verbose=verbose, color=color), output)
    if options["write_baseline"] is not None:
        from specverify.settings.baseline import baseline_text

        deliver(baseline_text(reports), options["write_baseline"])
    sys.exit(exit_status(reports, fail_on))


def _validate(reports: Sequence[Report]) -> None:
    from specverify.derive.consistency import contradictions
    from specverify.report.validate import problems

    for report in reports:
        for problem in problems(report):
            raise click.ClickException(f"{report.ref}: the report breaks its own schema: {problem}")
        target = report.target or {}
        for contradiction in contradictions(report.figures, target.get("gpus", 1), target.get("engine", "ideal")):
            raise click.ClickException(f"{report.ref}: the report contradicts itself: {contradiction}")
