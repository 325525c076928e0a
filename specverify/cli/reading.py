"""The models a command names, verified."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from specverify.cli.options import target_of
from specverify.cli.status import BROKEN

if TYPE_CHECKING:
    from specverify.card.claims_file import ClaimsFile
    from specverify.facts import Where
    from specverify.outcome import Report
    from specverify.policy import Policy


def reports_of(refs: Sequence[str], options: dict[str, Any], policy: Policy | None = None) -> Iterator[Report]:
    """The reports of these models under the options and the policy given, in their order."""
    from specverify.pipeline import verify_many

    if options.get("claims") is not None and len(refs) > 1:
        raise click.UsageError("--claims is about one model: name one REF")
    preview = bool(options.get("preview"))
    warn_of_status(codes_of(options["select"]), preview=preview)
    yield from verify_many(
        refs,
        claims=claims_of(options.get("claims")),
        revision=options["revision"],
        target=target_of(options),
        offline=options["offline"],
        tensors=not options["no_tensors"],
        select=codes_of(options["select"]),
        ignore=codes_of(options["ignore"]),
        policy=policy,
        keep=options.get("keep", False),
        preview=preview,
    )


def claims_of(path: str | None) -> ClaimsFile | None:
    """The claims file an option names; exit status 3 where it cannot be read."""
    if path is None:
        return None
    from specverify.errors import SpecverifyError
    from specverify.pipeline import more_claims

    try:
        return more_claims(path)
    except SpecverifyError as error:
        click.echo(str(error), err=True)
        sys.exit(BROKEN)


def codes_of(given: Sequence[str]) -> list[str]:
    """The codes, starts and names given, one by one; a usage error for one that is no rule's."""
    from specverify.policy import names
    from specverify.rules.engine import rules

    codes = [code.strip() for entry in given for code in entry.split(",") if code.strip()]
    for code in codes:
        if not any(names(code, rule) for rule in rules()):
            raise click.UsageError(f"no rule is called {code!r}: see `specverify rules`")
    return codes


def warn_of_status(select: Sequence[str], *, preview: bool) -> None:
    """Say of rules selected by their whole code or name that they do not run without `--preview`, or are deprecated."""
    from specverify.rules.engine import Status, rules

    for rule in rules():
        if any(code.upper() == rule.code or code.lower() == rule.name for code in select):
            if rule.status is Status.DEPRECATED:
                click.echo(f"{rule.code} {rule.name} is deprecated and will go: see `specverify explain {rule.code}`", err=True)
            if rule.status is Status.PREVIEW and not preview:
                click.echo(f"{rule.code} {rule.name} is in preview and does not run without --preview", err=True)


def quotes(report: Report) -> Callable[[Where], tuple[int, str] | None]:
    """A function that finds the line of a place in the files of a report."""
    from specverify.normalize.locate import offsets, place_of

    places = {file: offsets(text) for file, text in report.texts.items()}

    def quote(where: Where) -> tuple[int, str] | None:
        found = place_of(report.texts.get(where.file, ""), places.get(where.file, {}).get(where.pointer or ""))
        return None if found is None or not where.pointer else (found.line, found.quote)

    return quote
