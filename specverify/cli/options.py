"""The options that several commands take, and what they stand for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from specverify.task import TASKS

if TYPE_CHECKING:
    from datetime import date

    from specverify.policy import Policy
    from specverify.settings.settings import Settings
    from specverify.target import Target

WIDEST = 120
"""Columns of a help text, at most."""
TARGET_FIELDS = {
    "gpu": "gpu",
    "tp": "tensor_parallel",
    "pp": "pipeline_parallel",
    "dp": "data_parallel",
    "ep": "expert_parallel",
    "dcp": "decode_context_parallel",
    "context": "context",
    "encoder_context": "encoder_context",
    "concurrency": "concurrency",
    "kv_dtype": "kv_dtype",
    "state_dtype": "state_dtype",
    "engine": "engine",
    "memory_fraction": "memory_fraction",
    "max_batched_tokens": "max_batched_tokens",
    "max_sequences": "max_sequences",
    "output_tokens": "output",
    "quantize": "quantize",
    "draft_tokens": "draft_tokens",
    "mla": "mla",
    "eager": "eager",
    "task": "task",
    "p99_ms": "p99_ms",
}
"""The options of `target_options`, and the fields of a target that they give."""


class Tokens(click.ParamType[int]):
    """A number of tokens: `131072` as written, `128k` and `1m` binary."""

    name = "tokens"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; fails with what a number of tokens looks like."""
        if isinstance(value, int):
            return value
        from specverify.target import InvalidTarget, tokens

        try:
            return tokens(str(value))
        except InvalidTarget as error:
            self.fail(str(error), param, ctx)


class Day(click.ParamType["date"]):
    """A day: `2027-01-31`."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day; fails with what one looks like."""
        from datetime import date

        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day: write 2027-01-31", param, ctx)


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what the model is to run on; what none gives is as settings state it, or as `Target` has it."""
    options = (
        click.option("--target", metavar="NAME", help="The target [targets.NAME] of the settings (default: their [target])."),
        click.option("--gpu", metavar="[N x]NAME", help="Target accelerator: h100-sxm-80gb, 8xh100-sxm-80gb; see `specverify gpus`."),
        click.option("--tp", type=click.IntRange(1), help="Tensor-parallel size (default: all GPUs)."),
        click.option("--pp", type=click.IntRange(1), help="Pipeline-parallel size."),
        click.option("--dp", type=click.IntRange(1), help="Data-parallel size."),
        click.option("--ep", type=click.IntRange(1), help="Expert-parallel size."),
        click.option("--dcp", type=click.IntRange(1), help="Decode-context-parallel size: GPUs that share a sequence's cache."),
        click.option("--context", type=Tokens(), help="Tokens of one sequence: 131072, 128k (default: the model's own)."),
        click.option("--encoder-context", type=Tokens(), help="Encoder tokens, for encoder-decoders."),
        click.option("--concurrency", type=click.IntRange(1), help="Sequences at once (default: 1)."),
        click.option("--kv-dtype", help="Dtype of keys and values: bf16, fp8, ... (default: the model's)."),
        click.option("--state-dtype", help="Dtype of recurrent state (default: the model class's)."),
        click.option(
            "--engine",
            metavar="NAME[@VERSION]",
            help="ideal, vllm, sglang, transformers, llamacpp or ik_llama: vllm@0.19.0 (default: ideal).",
        ),
        click.option("--memory-fraction", type=float, help="Share of GPU memory that is used (default: the engine's)."),
        click.option("--max-batched-tokens", type=Tokens(), help="Tokens of one scheduler step (default: the engine's)."),
        click.option("--max-sequences", type=click.IntRange(1), help="Sequences of one scheduler step (default: the engine's)."),
        click.option("--output-tokens", "output_tokens", type=Tokens(), help="Tokens of the context that are generated."),
        click.option("--draft-tokens", type=click.IntRange(0), help="Tokens guessed a step by the model's own MTP layers."),
        click.option("--mla", help="How latent attention is kept: latent (default), transposed or expanded."),
        click.option("--eager", is_flag=True, default=None, help="The engine captures no CUDA graphs."),
        click.option("--task", metavar="NAME", help=f"What the model is for: {', '.join(TASKS)}."),
        click.option("--p99-ms", type=click.IntRange(1), help="Milliseconds that 99 of 100 requests may take."),
        click.option("--quantize", help="Put the weights in a format first: fp8, int8, awq, gptq, mxfp4, nvfp4."),
    )
    return _all(options, config_options(command))


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which settings hold, and which plug-ins are loaded before they are read."""
    options = (
        click.option("--plugin", multiple=True, metavar="FILE", help="Rules and families in a Python file, which is run; repeatable."),
        click.option("--config", metavar="FILE", help="Settings (default: specverify.toml or pyproject.toml, here or above)."),
        click.option("--no-config", is_flag=True, help="Take no settings from a file."),
    )
    return _all(options, command)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how the model is had."""
    options = (
        click.option("--revision", help="Branch, tag or commit (or org/name@revision)."),
        click.option("--offline", is_flag=True, help="Use only what is on this machine."),
        click.option("--no-tensors", is_flag=True, help="Do not read tensor headers."),
    )
    return _all(options, command)


def policy_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which findings count: over and beside what settings say of it."""
    options = (
        click.option("--select", multiple=True, metavar="CODE", help="Only these rules (a code, its start, or a name), not the settings'."),
        click.option("--ignore", multiple=True, metavar="CODE", help="Not these rules; --select and --ignore repeat, and take commas."),
    )
    return _all(options, acceptance_options(command))


def acceptance_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which findings are let pass, and on which day."""
    options = (
        click.option("--baseline", metavar="FILE", help="Known findings: a baseline or a JSON report of earlier (default: the settings')."),
        click.option("--as-of", type=Day(), metavar="DATE", help="The day that decides what has expired: 2027-01-31 (default: today)."),
    )
    return _all(options, command)


def claims_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that adds the claims of a report to those of the card."""
    given = click.option("--claims", metavar="FILE", help="A claims file: what a report says of the model, beside its card.")
    return given(command)


def preview_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that runs rules in preview too."""
    return click.option("--preview", is_flag=True, help="Rules in preview too, which may still change.")(command)


def _all(options: Sequence[Callable[..., Any]], command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command


def target_of(options: dict[str, Any]) -> Target:
    """The target the options and the settings describe, an option before a setting; a usage error for one that cannot be."""
    from specverify.errors import SpecverifyError
    from specverify.settings.targets import made
    from specverify.target import InvalidTarget

    given = {field: options[name] for name, field in TARGET_FIELDS.items() if options[name] is not None}
    try:
        settings = settings_of(options)
        if settings is not None:
            return settings.target(options["target"], **given)
        if options["target"] is not None:
            raise InvalidTarget(f"--target {options['target']}: there are no settings here that name targets")
        return made(given)
    except SpecverifyError as error:
        raise click.UsageError(str(error)) from None


def policy_of(options: dict[str, Any]) -> Policy:
    """What is decided about findings, by settings and options; a usage error for a baseline that cannot be read.

    A command without the option for a baseline has none, and lets nothing pass that settings ignore.
    """
    from specverify.errors import SpecverifyError
    from specverify.policy import Policy

    settings, accepts = settings_of(options), "baseline" in options
    path = _baseline(options, None if settings is None else settings.baseline) if accepts else None
    if settings is None and path is None:
        return Policy()
    from datetime import date

    from specverify.frozen import replace
    from specverify.settings.baseline import read_baseline
    from specverify.settings.decisions import Decisions

    decided = Decisions() if settings is None else settings.decisions
    decided = decided if accepts else replace(decided, ignores=())
    as_of = options.get("as_of") or date.today()  # noqa: DTZ011 - a day of a settings file is one where it is read
    try:
        return decided.policy(as_of, None if path is None else read_baseline(path))
    except SpecverifyError as error:
        raise click.UsageError(str(error)) from None


def _baseline(options: dict[str, Any], stated: str | None) -> str | None:
    """The baseline that holds: the option's, else that of the settings, which need not be there yet where one is to be written."""
    given: str | None = options["baseline"]
    if given is not None or stated is None:
        return given
    return None if options.get("write_baseline") is not None and not os.path.lexists(stated) else stated


def settings_of(options: dict[str, Any]) -> Settings | None:
    """The settings that hold for this command, read once, after plug-ins, whose rules they may name; a usage error for what is none."""
    kept = click.get_current_context().meta
    if "specverify.settings" not in kept:
        _load_plugins(options["plugin"])
        kept["specverify.settings"] = _read_settings(options["config"], options["no_config"])
    found: Settings | None = kept["specverify.settings"]
    return found


def _load_plugins(files: Sequence[str]) -> None:
    """The plug-ins that are installed, then those named."""
    from specverify.plugins import InvalidPlugin, load_file, load_installed

    try:
        load_installed()
        for file in files:
            load_file(file)
    except InvalidPlugin as error:
        raise click.UsageError(str(error)) from None


def _read_settings(path: str | None, none: bool) -> Settings | None:
    from specverify.errors import SpecverifyError
    from specverify.settings import discover, load

    if none:
        if path is not None:
            raise click.UsageError("--config names settings and --no-config wants none")
        return None
    named = path is not None
    if path is None:
        path, passed = discover()
        for one in passed:
            click.echo(f"{one}: not used, since it stands beside a model's config.json; --config {one} uses it", err=True)
    if path is None:
        return None
    try:
        return load(path, plugins=named)
    except SpecverifyError as error:
        raise click.UsageError(str(error)) from None
