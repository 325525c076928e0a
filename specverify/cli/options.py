"""The options that several commands take, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
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
            help="ideal, vllm, sglang, transformers or llamacpp: vllm@0.19.0 (default: ideal).",
        ),
        click.option("--memory-fraction", type=float, help="Share of GPU memory that is used (default: the engine's)."),
        click.option("--max-batched-tokens", type=Tokens(), help="Tokens of one scheduler step (default: the engine's)."),
        click.option("--max-sequences", type=click.IntRange(1), help="Sequences of one scheduler step (default: the engine's)."),
        click.option("--output-tokens", "output_tokens", type=Tokens(), help="Tokens of the context that are generated."),
        click.option("--draft-tokens", type=click.IntRange(0), help="Tokens guessed a step by the model's own MTP layers."),
        click.option("--mla", help="How latent attention is kept: latent (default), transposed or expanded."),
        click.option("--eager", is_flag=True, default=None, help="The engine captures no CUDA graphs."),
        click.option("--quantize", help="Put the weights in a format first: fp8, int8, awq, gptq, mxfp4, nvfp4."),
    )
    return _all(options, config_options(command))


def config_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which settings hold."""
    options = (
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


def settings_of(options: dict[str, Any]) -> Settings | None:
    """The settings that hold for this command, read once; a usage error for a file that is none."""
    kept = click.get_current_context().meta
    if "specverify.settings" not in kept:
        kept["specverify.settings"] = _read_settings(options["config"], options["no_config"])
    found: Settings | None = kept["specverify.settings"]
    return found


def _read_settings(path: str | None, none: bool) -> Settings | None:
    from specverify.errors import SpecverifyError
    from specverify.settings import discover, load

    if none:
        if path is not None:
            raise click.UsageError("--config names settings and --no-config wants none")
        return None
    if path is None:
        path, passed = discover()
        for one in passed:
            click.echo(f"{one}: not used, since it stands beside a model's config.json; --config {one} uses it", err=True)
    if path is None:
        return None
    try:
        return load(path)
    except SpecverifyError as error:
        raise click.UsageError(str(error)) from None
