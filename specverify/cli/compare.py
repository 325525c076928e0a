"""`specverify compare`: models side by side, or what changed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from specverify.cli.options import WIDEST, policy_of, reading_options, target_options
from specverify.cli.output import deliver
from specverify.cli.reading import quotes, reports_of
from specverify.cli.status import BROKEN, CLEAN
from specverify.frozen import replace


@click.command("compare", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST})
@click.argument("refs", nargs=-1, required=True, metavar="REF REF...")
@target_options
@reading_options
@click.option("--diff/--no-diff", default=None, help="What changed between two (default: where both are of one model).")
@click.option(
    "--format",
    "form",
    type=click.Choice(("terminal", "json", "markdown", "csv")),
    default="terminal",
    show_default=True,
    help="Format of the comparison.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the comparison to a file.")
def compare_command(refs: tuple[str, ...], diff: bool | None, form: str, output: Path | None, **options: Any) -> None:
    """Models side by side in what they are for, what they cost and how they can fail, never one score; or what changed.

    Two revisions (org/name@one org/name@two), or two folders of one name, are told as what changed between them.
    """
    if len(refs) < 2 or (diff and len(refs) > 2):
        raise click.UsageError("--diff is of two models" if diff and len(refs) > 2 else "name two models or more")
    from specverify.report.compare.comparison import compare

    policy = replace(policy_of(options), select=())
    reports = list(reports_of(refs, options | {"select": (), "ignore": (), "keep": True}, policy))
    comparison = compare(reports, [quotes(report) for report in reports], diff=diff)
    if form == "terminal":
        from specverify.report.compare.terminal import render

        color = output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        text = render(comparison, color=color, width=None if color else WIDEST)
    else:
        from specverify.report.compare.tables import FORMATS

        text = FORMATS[form](comparison)
    deliver(text, output)
    sys.exit(BROKEN if any(report.error is not None for report in reports) else CLEAN)
