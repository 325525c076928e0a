"""`specverify explain`: why a figure or a fact is what it is."""

from __future__ import annotations

import sys
from typing import Any

import click

from specverify.cli.options import claims_option, reading_options, settings_of, target_options
from specverify.cli.output import say
from specverify.cli.reading import quotes, reports_of
from specverify.cli.status import BROKEN


@click.command("explain", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("what", nargs=-1, required=True, metavar="[REF] NAME")
@target_options
@reading_options
@claims_option
def explain_command(what: tuple[str, ...], **options: Any) -> None:
    """Why a figure or fact is what it is, or what a rule is about.

    specverify explain REF cache.sequence_bytes; REF spec.prototype; ATT001.
    """
    from specverify.errors import SpecverifyError
    from specverify.report.explain import explain, explain_rule
    from specverify.rules.engine import rules

    if len(what) == 1:
        settings_of(options)
        rule = next((rule for rule in rules() if what[0].upper() == rule.code or what[0].lower() == rule.name), None)
        if rule is None:
            raise click.UsageError(f"no rule is called {what[0]!r}; for a figure or fact name the model first: explain REF {what[0]}")
        say(explain_rule(rule))
        return
    if len(what) > 2:
        raise click.UsageError("explain takes one name: explain REF cache.sequence_bytes")
    options |= {"select": (), "ignore": ()}
    for report in reports_of(what[:1], options):
        if report.error is not None:
            click.echo(report.error, err=True)
            sys.exit(BROKEN)
        try:
            say(explain(report, what[1], quotes(report)))
        except SpecverifyError as error:
            raise click.UsageError(str(error)) from None
