"""`specverify lock` and `specverify check --locked`: what models are now, and what has changed of them since."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specverify.cli.options import (
    WIDEST,
    acceptance_options,
    config_options,
    policy_of,
    reading_options,
    settings_of,
    target_of,
    target_options,
)
from specverify.cli.output import deliver, say
from specverify.cli.reading import quotes
from specverify.cli.status import BROKEN, CLEAN, FOUND, exit_status

if TYPE_CHECKING:
    from specverify.target import Target

LOCK = "specverify.lock"
MOST_BYTES = 256 * 2**20
CLAIMS = (".yaml", ".yml")


@click.command("lock", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST})
@click.argument("refs", nargs=-1, required=True, metavar="SHORTLIST|REF...")
@target_options
@reading_options
@acceptance_options
@click.option("--lock", "path", type=click.Path(dir_okay=False, path_type=Path), default=Path(LOCK), show_default=True, help="The file.")
def lock_command(refs: tuple[str, ...], path: Path, **options: Any) -> None:
    """Record what models are: commit, hashes of the files read, spec, facts, figures under the target, findings and verdict.

    A SHORTLIST is a file with a REF a line, or `-` for standard input. The same models give the same bytes. Where a model
    cannot be read nothing is written. Exit status: 0, or 3 where one could not be read or a rule crashed.
    """
    from specverify import __version__
    from specverify.pipeline import verify_many
    from specverify.report.lock.entry import entry, lock_text, ref_of

    target, tensors = target_of(options), not options["no_tensors"]
    status, entries, failed = CLEAN, {}, 0
    reports = verify_many(
        _named(refs),
        revision=options["revision"],
        target=target,
        offline=options["offline"],
        tensors=tensors,
        policy=policy_of(options),
        keep=True,
    )
    for report in reports:
        status = max(status, exit_status([report], "never"))
        if report.error is not None:
            click.echo(f"{report.ref}: {report.error}", err=True)
            failed += 1
        else:
            entries[ref_of(report)] = entry(report)
    if failed:
        click.echo(f"{path} is not written: {failed:,} of {failed + len(entries):,} models could not be read", err=True)
        sys.exit(BROKEN)
    deliver(lock_text(entries.items(), target.to_dict(), tensors=tensors, version=__version__), path)
    say(f"{len(entries):,} {'model' if len(entries) == 1 else 'models'} locked in {path}")
    sys.exit(status)


@click.command("check", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST})
@click.argument("refs", nargs=-1, metavar="[REF...]")
@click.option("--locked", is_flag=True, required=True, help="Check models against a lock file.")
@click.option("--lock", "path", default=LOCK, show_default=True, metavar="FILE", help="The lock file.")
@config_options
@acceptance_options
@click.option("--offline", is_flag=True, help="Use only what is on this machine.")
@click.option("--format", "form", type=click.Choice(("terminal", "json")), default="terminal", show_default=True, help="Report format.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write what changed to a file.")
def check_command(refs: tuple[str, ...], locked: bool, path: str, form: str, output: Path | None, **options: Any) -> None:
    """Verify the models of a lock file again, at the revision they were named by and under its target: what has changed since?

    Exit status: 0 nothing, 1 something changed, 3 a model or a file of one could not be read (1 wins over 3).
    """
    from specverify import __version__
    from specverify.errors import SpecverifyError
    from specverify.fetch.bounded_json import load_object
    from specverify.pipeline import verify_many
    from specverify.report.lock.drift import drift
    from specverify.report.lock.entry import locked as read_lock
    from specverify.settings.files import read_regular

    try:
        held = read_lock(load_object(read_regular(path, MOST_BYTES), path), path)
        target = _target(held["target"], options)
    except SpecverifyError as error:
        raise click.UsageError(str(error)) from None
    if held["specverify"] != __version__:
        words = f"locked by specverify {held['specverify']}, and this is {__version__}: what changed may be what specverify knows"
        click.echo(words, err=True)
    models = _chosen(held["models"], refs, path)
    reports = verify_many(models, target=target, offline=options["offline"], tensors=held["tensors"], policy=policy_of(options), keep=True)
    drifts = [drift(ref, locked_entry, report, quotes(report)) for (ref, locked_entry), report in zip(models.items(), reports, strict=True)]
    deliver(_rendered(drifts, form, to_file=output is not None), output)
    sys.exit(FOUND if any(one.is_changed for one in drifts) else CLEAN if all(one.is_told for one in drifts) else BROKEN)


def _named(given: Sequence[str]) -> list[str]:
    """The refs named, those of a shortlist in its place; exit status 3 for one that cannot be read."""
    from specverify.audit.shortlist import read_shortlist
    from specverify.errors import SpecverifyError

    refs: list[str] = []
    for one in given:
        try:
            refs += read_shortlist(one, sys.stdin.buffer) if _is_shortlist(one) else [one]
        except SpecverifyError as error:
            click.echo(str(error), err=True)
            sys.exit(BROKEN)
    return list(dict.fromkeys(refs))


def _is_shortlist(given: str) -> bool:
    return given == "-" or (os.path.isfile(given) and not given.lower().endswith(CLAIMS))


def _chosen(models: Mapping[str, Any], refs: Sequence[str], path: str) -> dict[str, Any]:
    """The models of the lock file, or those of them that are named."""
    missing = next((ref for ref in refs if ref not in models), None)
    if missing is not None:
        raise click.UsageError(f"{path} has no {missing}: lock it first")
    return {ref: models[ref] for ref in refs or models}


def _target(stated: Mapping[str, Any], options: dict[str, Any]) -> Target:
    """The target that was locked; an accelerator of one's own is as the settings have it now."""
    from specverify.settings.targets import made

    settings = settings_of(options)
    return made(stated, () if settings is None else settings.gpus)


def _rendered(drifts: Sequence[Any], form: str, *, to_file: bool) -> str:
    from specverify.report.lock.told import render, to_json

    if form == "json":
        return to_json(drifts)
    color = not to_file and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return render(drifts, width=WIDEST, color=color)
