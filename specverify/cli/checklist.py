"""`specverify checklist`: a pre-adoption review."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from specverify.cli.options import acceptance_options, claims_option, policy_of, reading_options, target_options
from specverify.cli.output import deliver, say
from specverify.cli.reading import reports_of
from specverify.cli.status import BROKEN


@click.command("checklist", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("ref")
@target_options
@reading_options
@claims_option
@acceptance_options
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the review to a file.")
def checklist_command(ref: str, output: Path | None, **options: Any) -> None:
    """A pre-adoption review as Markdown: what the files answer is answered, the rest is left to people."""
    from specverify.report.checklist import summary, to_markdown

    policy = replace(policy_of(options), select=())
    (report,) = reports_of([ref], options | {"select": (), "ignore": ()}, policy)
    if report.error is not None:
        click.echo(report.error, err=True)
        sys.exit(BROKEN)
    as_of = options["as_of"]
    deliver(to_markdown(report, None if as_of is None else as_of.isoformat()), output)
    if output is not None:
        say(f"{summary(report)}\nThe whole review, for people to fill in: {output}")
