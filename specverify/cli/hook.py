"""`specverify hook`: what pre-commit runs, which names files and not folders."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

import click

from specverify.cli.options import WIDEST
from specverify.cli.status import CLEAN
from specverify.cli.verify import verify_command

CONFIG = "config.json"


def models_of(files: Iterable[str]) -> list[str]:
    """The folders of models that the files stand in, in their order and each once; a file that stands in none is passed over."""
    folders = dict.fromkeys(os.path.dirname(file) or "." for file in files)
    return [folder for folder in folders if os.path.isfile(os.path.join(folder, CONFIG))]


def _verify(files: tuple[str, ...], **options: Any) -> None:
    folders = models_of(files)
    if not folders:
        sys.exit(CLEAN)
    click.get_current_context().invoke(verify_command, refs=tuple(folders), **options)


hook_command = click.Command(
    "hook",
    params=[click.Argument(["files"], nargs=-1, metavar="FILE..."), *(one for one in verify_command.params if one.name != "refs")],
    callback=_verify,
    help="""Verify the models whose folders these files are in: a config.json, a README.md, another file beside a config.json.

    A file of no model is passed over. Options and exit status are those of specverify REF. See .pre-commit-hooks.yaml.""",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
)
