"""`specverify rules`, `gpus` and `architectures`: what is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from specverify.cli.options import config_options, settings_of
from specverify.cli.output import say

if TYPE_CHECKING:
    from specverify.rules.engine import Rule


@click.command("rules", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--area", multiple=True, metavar="NAME", help="Only rules of this area: attention, evaluation, ...; repeatable.")
@click.option(
    "--severity", multiple=True, type=click.Choice(("error", "warning", "info")), help="Only rules whose worst is this; repeatable."
)
@click.option(
    "--status", multiple=True, type=click.Choice(("preview", "stable", "deprecated")), help="Only rules of this status; repeatable."
)
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="Output format.")
@config_options
def rules_command(
    words: tuple[str, ...], area: tuple[str, ...], severity: tuple[str, ...], status: tuple[str, ...], form: str, **options: Any
) -> None:
    """Every rule that has all WORDs in its documentation: code, severity, confidence, name and what it finds."""
    from specverify.rules.engine import rules

    settings_of(options)
    areas = {rule.area for rule in rules()}
    unknown = [name for name in area if name not in areas]
    if unknown:
        raise click.UsageError(f"no area is called {unknown[0]!r}: there are {', '.join(sorted(areas))}")
    found = [
        rule
        for rule in rules()
        if (not area or rule.area in area)
        and (not severity or rule.severity in severity)
        and (not status or rule.status in status)
        and all(word.lower() in f"{rule.code} {rule.name} {rule.doc}".lower() for word in words)
    ]
    if form == "json":
        say(json.dumps([_described(rule) for rule in found], indent=2, ensure_ascii=False))
        return
    for rule in found:
        life = "" if rule.status == "stable" else f" ({rule.status})"
        whose = "" if rule.plugin is None else f" (plug-in {rule.plugin})"
        say(f"{rule.code}  {rule.severity:<8}{rule.confidence:<8}{rule.name}{life}{whose}\n        {rule.summary}")


def _described(rule: Rule) -> dict[str, Any]:
    """A rule as JSON."""
    told = ("code", "name", "area", "severity", "confidence", "status", "since", "source", "summary")
    return {name: str(getattr(rule, name)) for name in told} | {"inputs": list(rule.inputs), "plugin": rule.plugin}


@click.command("gpus", context_settings={"help_option_names": ["-h", "--help"]})
@config_options
def gpus_command(**options: Any) -> None:
    """Every accelerator of the catalogue, then those of your settings; memory is what is usable, rates are dense."""
    from specverify.derive.gpus import CELLS, known

    settings = settings_of(options)
    head = ("memory MiB", "GB/s", "bf16", "fp16", "fp8", "fp4 TFLOPS", "scale-up GB/s")
    say(f"{'name':<26}" + "".join(f"{title:>14}" for title in head))
    for gpu in known(() if settings is None else settings.gpus).values():
        cells = (getattr(gpu, cell).value for cell in CELLS)
        whose = "" if gpu.own is None else f"  own, {gpu.own.file}:{gpu.own.line}"
        say(f"{gpu.name:<26}" + "".join(f"{'-' if value is None else f'{value:,}':>14}" for value in cells) + whose)


@click.command("architectures", context_settings={"help_option_names": ["-h", "--help"]})
@config_options
def architectures_command(**options: Any) -> None:
    """Every model type whose tensors are known: the family that reads it, the tests that prove its parameters and manifest
    (tensors) and its cache, and the class or paper it was written from. Other types are read by their stated sizes.

    Types of plug-ins come last; what proves them is theirs to say.
    """
    from specverify.architectures.registry import find, registered
    from specverify.data import load_json

    settings_of(options)
    proofs: dict[str, dict[str, str]] = load_json("architectures/coverage.json")
    brought = {kind: family for kind, family in sorted(registered().items()) if family.plugin is not None}
    proofs |= {kind: {"family": family.name, "tensors": "-", "cache": "-"} for kind, family in brought.items()}
    widths = {column: max(len(column), *(len(row[column]) for row in proofs.values())) + 2 for column in ("family", "tensors", "cache")}
    first = max(map(len, proofs)) + 2
    say("type".ljust(first) + "".join(column.ljust(width) for column, width in widths.items()) + "source")
    for model_type, row in proofs.items():
        family = find(model_type)
        source = family.source if family is not None else ""
        source += f" (plug-in {brought[model_type].plugin})" if model_type in brought else ""
        say(model_type.ljust(first) + "".join(row[column].ljust(width) for column, width in widths.items()) + source)
