"""Write docs/cli.md: every command with its options, as click has them. `--check` only compares."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from inspect import cleandoc
from typing import Any

import click
from pages import ROOT, settled, table

from specverify import target
from specverify.cli import COMMANDS, options
from specverify.task import TASKS

TARGET = ROOT / "docs" / "cli.md"
HEAD = """\
<!-- written by scripts/generate_cli.py -->
# Commands

A REF is `org/name` or `org/name@revision` on the Hub, a folder (`./rules` where it is named like a command), or a claims file (`*.yaml`) of
a closed model. Numbers of tokens are as written, or binary with `k` and `m`: `128k` is 131,072. Settings that stand in a file stand in
[settings.md](settings.md), exit statuses in [ci.md](ci.md#exit-statuses).

{contents}"""
GROUPS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "Target": ("What the model is to run on.", options.target_options),
    "Reading": ("How the model is had.", options.reading_options),
    "Rules": ("Which findings count.", options.policy_options),
    "Acceptance": ("Which findings are let pass.", options.acceptance_options),
    "Settings": ("Which settings hold.", options.config_options),
}
"""Options that several commands share: the name of a group, what it is about, and the decorator that adds it."""

VALUES: Mapping[str, Iterable[str]] = {
    "--engine": target.ENGINES,
    "--kv-dtype": (*target.SHORT_DTYPES, *target.KV_DTYPES),
    "--state-dtype": (*target.SHORT_DTYPES, *target.STATE_DTYPES),
    "--quantize": target.PLANNED,
    "--mla": target.MLA,
    "--task": TASKS,
}
"""What options that take words take."""
VALUES_HEAD = """\
An engine may carry its release, `vllm@0.19.0`; without one it is the newest whose sources were read. Two dtypes with a slash between them,
`q8_0/q4_0`, are of keys and of values, as llama.cpp has them."""


def commands() -> dict[str, click.Command]:
    """Every command by the words it is called with."""
    found = {"specverify": "verify"} | {f"specverify {name}": name for name in COMMANDS}
    modules = {name: COMMANDS.get(name, "verify") for name in found.values()}
    return {words: getattr(import_module(f"specverify.cli.{modules[name]}"), f"{name}_command") for words, name in found.items()}


def flags(command: click.Command) -> dict[str, click.Option]:
    """The options of a command by their flags, `--help` among them."""
    context = click.Context(command, **command.context_settings)
    return {param.opts[-1]: param for param in command.get_params(context) if isinstance(param, click.Option)}


def page() -> str:
    """The page: a section a command, then the groups of options that several take."""
    shared = _shared()
    every = commands()
    contents = "\n".join(f"* [`{words}`](#{words.replace(' ', '-')}): {_brief(command)}" for words, command in every.items())
    parts = [HEAD.format(contents=contents)]
    for words, command in every.items():
        parts += _section(words, command, shared)
    parts.append("## Shared options")
    for group, found in shared.items():
        takers = ", ".join(f"`{words}`" for words, command in every.items() if found.keys() <= flags(command).keys())
        parts += [f"### {group} options", f"{GROUPS[group][0]} Taken by {takers}.", _options(found)]
    parts += ["## Values", VALUES_HEAD, table(("option", "takes"), [(f"`{flag}`", _listed(values)) for flag, values in VALUES.items()])]
    return "\n\n".join(parts) + "\n"


def _shared() -> dict[str, dict[str, click.Option]]:
    """The options of each group by their flags; one that stands in a smaller group stands there alone."""
    found = {name: flags(click.command(add_help_option=False)(decorate(_nothing))) for name, (_, decorate) in GROUPS.items()}
    sizes = {name: set(group) for name, group in found.items()}
    return {
        name: {flag: option for flag, option in group.items() if not any(flag in other < sizes[name] for other in sizes.values())}
        for name, group in found.items()
    }


def _nothing(**_: object) -> None:
    """A command with no options of its own."""


def _section(words: str, command: click.Command, shared: Mapping[str, Mapping[str, click.Option]]) -> Iterator[str]:
    context = click.Context(command, info_name=words)
    given = flags(command)
    groups = [group for group, found in shared.items() if found.keys() <= given.keys()]
    own = {flag: option for flag, option in given.items() if not any(flag in shared[group] for group in groups)}
    yield f"## {words}"
    yield f"```text\n{' '.join([words, *command.collect_usage_pieces(context)])}\n```"
    yield cleandoc(command.help or "")
    yield _options(own)
    if groups:
        yield "And " + ", ".join(f"[{group.lower()} options](#{group.lower()}-options)" for group in groups) + "."
    if command.epilog:
        yield f"```text\n{cleandoc(command.epilog.replace(chr(8), ''))}\n```"


def _options(found: Mapping[str, click.Option]) -> str:
    return table(("option", "is"), [(_spelt(option), _told(option)) for option in found.values()])


def _spelt(option: click.Option) -> str:
    """`-o`, `--output FILE`."""
    every = [*option.opts, *option.secondary_opts]
    value = "" if option.is_flag else " " + option.make_metavar(click.Context(click.Command(""))).replace("INTEGER RANGE", "INTEGER")
    return ", ".join(f"`{flag}`" for flag in every[:-1]) + (", " if every[:-1] else "") + f"`{every[-1]}{value}`"


def _told(option: click.Option) -> str:
    """The help, with the default where the help text shows it."""
    default = f"Default: `{option.default}`." if option.show_default and not option.is_flag else ""
    return f"{(option.help or '').strip()} {default}".strip()


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _brief(command: click.Command) -> str:
    return command.get_short_help_str(limit=140)


def main() -> int:
    """Exit status 1 under `--check` when the committed page is stale."""
    return settled(TARGET, page())


if __name__ == "__main__":
    sys.exit(main())
