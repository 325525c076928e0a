"""`specverify checklist`: a pre-adoption review."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specverify.cli.options import acceptance_options, claims_option, policy_of, reading_options, settings_of, target_options
from specverify.cli.output import deliver, replace_file, say
from specverify.cli.reading import reports_of
from specverify.cli.status import BROKEN, CLEAN, FOUND
from specverify.frozen import replace

if TYPE_CHECKING:
    from specverify.outcome import Report
    from specverify.report.checklist.filled import Filled

EPILOG = """\b
Exit status: 0 every item required passes, 1 one is open, 2 usage or a filled-in
review that cannot be read (it is left as it is), 3 the model could not be read.
"""


@click.command("checklist", epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("ref")
@target_options
@reading_options
@claims_option
@acceptance_options
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the review to a file; answers in it are kept.")
@click.option(
    "--update", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="As --output, of a file that must be there."
)
@click.option("--require", multiple=True, metavar="B,E6", help="Exit 1 while one of these sections or items is open; repeatable.")
def checklist_command(ref: str, output: Path | None, update: Path | None, require: tuple[str, ...], **options: Any) -> None:
    """A pre-adoption review as Markdown: what the files answer is answered, the rest is left to people, who sign it.

    Run again on a file people have filled in, it keeps their answers and marks those whose evidence changed. HUMAN never passes by
    itself: a required item passes by the files, or by a person with a name and a day.
    """
    from specverify.report.checklist.page import summary, to_markdown

    settings = settings_of(options)
    required = _items(require or (() if settings is None else settings.require))
    day = None if options["as_of"] is None else options["as_of"].isoformat()
    if output is not None and update is not None:
        raise click.UsageError("--output and --update name a file each: name one")
    filled = _filled(output if update is None else update, must=update is not None)
    output = update or output
    (report,) = reports_of([ref], options | {"select": (), "ignore": (), "keep": True}, replace(policy_of(options), select=()))
    if report.error is not None:
        click.echo(report.error, err=True)
        sys.exit(BROKEN)
    _same_model(report, filled, output)
    page = to_markdown(report, day, filled)
    if output is None:
        deliver(page, None)
    else:
        replace_file(page, output)
        say(f"{summary(report)}\nThe whole review, for people to fill in: {output}")
    sys.exit(_gate(report, filled, required, day))


def _items(require: tuple[str, ...]) -> tuple[str, ...]:
    from specverify.report.checklist.gate import UnknownItem, items_of

    try:
        return items_of(require)
    except UnknownItem as error:
        raise click.UsageError(f"--require: {error}") from None


def _filled(path: Path | None, *, must: bool) -> Filled | None:
    """What people wrote in the file, where it is there. Exit status 2 for one that is no review."""
    from specverify.report.checklist.filled import MOST_BYTES, InvalidReview, read

    if path is None:
        return None
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        return read(data, str(path)) if data.strip() else None
    except FileNotFoundError:
        if must:
            raise click.UsageError(f"--update: {path}: not there; --output makes one") from None
        return None
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from None
    except InvalidReview as error:
        raise click.UsageError(str(error)) from None


def _same_model(report: Report, filled: Filled | None, path: Path | None) -> None:
    from specverify.report.checklist.lines import plain, text
    from specverify.report.sanitize import clean

    if filled is not None and filled.model != plain(text(report.name)):
        raise click.UsageError(f"{path}: a review of {clean(filled.model)}, and the model is {clean(report.name)}")


def _gate(report: Report, filled: Filled | None, required: tuple[str, ...], day: str | None) -> int:
    """1 while a required item is open, each named on standard error; else 0."""
    from specverify.report.checklist.gate import open_items
    from specverify.report.checklist.page import given
    from specverify.report.checklist.review import review
    from specverify.report.sanitize import clean

    lines = review(report)
    found = open_items(lines, given(report, lines, filled), required, day)
    for name, reason in found:
        click.echo(f"{name} is open: {clean(reason)}", err=True)
    return FOUND if found else CLEAN
