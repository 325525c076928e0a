"""`specverify rules`, `gpus` and `architectures`: what is known."""

from __future__ import annotations

from typing import Any

import click

from specverify.cli.options import config_options, settings_of
from specverify.cli.output import say


@click.command("rules", context_settings={"help_option_names": ["-h", "--help"]})
def rules_command() -> None:
    """Every rule: code, severity, confidence, name and what it finds."""
    from specverify.rules.engine import rules

    for rule in rules():
        say(f"{rule.code}  {rule.severity:<8}{rule.confidence:<8}{rule.name}\n        {rule.summary}")


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
def architectures_command() -> None:
    """Every model type whose tensors are known: the family that reads it, the tests that prove its parameters and manifest
    (tensors) and its cache, and the class or paper it was written from. Other types are read by their stated sizes.
    """
    from specverify.architectures.registry import find
    from specverify.data import load_json

    proofs = load_json("architectures/coverage.json")
    widths = {column: max(len(column), *(len(row[column]) for row in proofs.values())) + 2 for column in ("family", "tensors", "cache")}
    first = max(map(len, proofs)) + 2
    say("type".ljust(first) + "".join(column.ljust(width) for column, width in widths.items()) + "source")
    for model_type, row in proofs.items():
        family = find(model_type)
        source = family.source if family is not None else ""
        say(model_type.ljust(first) + "".join(row[column].ljust(width) for column, width in widths.items()) + source)
