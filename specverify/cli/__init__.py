"""The command line: a module for each command. The only package that prints or exits."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module

COLLECTED_AFTER = 50_000
"""Objects made and kept between two looks for garbage."""
COMMANDS = {
    "audit": "audit",
    "checklist": "checklist",
    "compare": "compare",
    "lock": "lock",
    "check": "lock",
    "explain": "explain",
    "hook": "hook",
    "rules": "lists",
    "gpus": "lists",
    "architectures": "lists",
}
"""The modules of the commands, each loaded when its command is named."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: a command by name, else the arguments are models to verify."""
    # Loading modules makes many objects and no garbage, and looking for some at the usual 700 is a twentieth of a cold start.
    gc.set_threshold(COLLECTED_AFTER)
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given[0] if given and given[0] in COMMANDS else None
    command = getattr(import_module(f"specverify.cli.{COMMANDS[name] if name else 'verify'}"), f"{name or 'verify'}_command")
    try:
        if name is not None:
            command.main(given[1:], prog_name=f"specverify {name}")
        else:
            command.main(given or ["--help"], prog_name="specverify")
    finally:
        gc.freeze()  # the process ends here: there is no use in going through all it made once more
