"""The command line: commands, options and exit codes. The only module that prints or exits."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from specverify.card.claims_file import ClaimsFile
    from specverify.facts import Where
    from specverify.outcome import Report
    from specverify.target import Target

CLEAN, FOUND, USAGE, BROKEN = 0, 1, 2, 3
INTERRUPTED = 130
"""As a shell says of a program that SIGINT ended."""
SEVERITIES = ("info", "warning", "error")
UNITS = {"k": 2**10, "m": 2**20}
WIDEST = 120
COLLECTED_AFTER = 50_000
"""Objects made and kept between two looks for garbage."""
COMMANDS_HELP = """\b
Commands (specverify COMMAND --help):
  audit          many models: a shortlist, or what the Hub lists
  checklist      a pre-adoption review as Markdown
  explain        one figure, fact or rule: formula, worked line, evidence
  rules          every rule
  gpus           every accelerator known
  architectures  every model type read exactly
\b
Exit status: 0 clean, 1 findings at or above --fail-on, 2 usage,
3 a model could not be read or a rule crashed (1 wins over 3).
"""


class Tokens(click.ParamType[int]):
    """A number of tokens: `131072` as written, `128k` and `1m` binary."""

    name = "tokens"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; fails with what a number of tokens looks like."""
        if isinstance(value, int):
            return value
        text = str(value).strip().lower().replace(",", "").replace("_", "")
        digits, unit = (text[:-1], UNITS[text[-1]]) if text[-1:] in UNITS else (text, 1)
        if not digits.isascii() or not digits.isdecimal() or len(digits) > 15 or int(digits) == 0:
            self.fail(f"{value!r} is no number of tokens: write 131072, 128k or 1m", param, ctx)
        return int(digits) * unit


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what the model is to run on."""
    options = (
        click.option("--gpu", metavar="[N x]NAME", help="Target accelerator: h100-sxm-80gb, 8xh100-sxm-80gb; see `specverify gpus`."),
        click.option("--tp", type=click.IntRange(1), help="Tensor-parallel size (default: all GPUs)."),
        click.option("--pp", type=click.IntRange(1), help="Pipeline-parallel size."),
        click.option("--dp", type=click.IntRange(1), help="Data-parallel size."),
        click.option("--ep", type=click.IntRange(1), help="Expert-parallel size."),
        click.option("--dcp", type=click.IntRange(1), help="Decode-context-parallel size: GPUs that share a sequence's cache."),
        click.option("--context", type=Tokens(), help="Tokens of one sequence: 131072, 128k (default: the model's own)."),
        click.option("--encoder-context", type=Tokens(), help="Encoder tokens, for encoder-decoders."),
        click.option("--concurrency", type=click.IntRange(1), default=1, show_default=True, help="Sequences at once."),
        click.option("--kv-dtype", default="auto", show_default=True, help="Dtype of keys and values: bf16, fp8, ..."),
        click.option("--state-dtype", default="auto", show_default=True, help="Dtype of recurrent state."),
        click.option(
            "--engine",
            default="ideal",
            show_default=True,
            metavar="NAME[@VERSION]",
            help="ideal, vllm, sglang, transformers or llamacpp: vllm@0.19.0.",
        ),
        click.option("--memory-fraction", type=float, help="Share of GPU memory that is used (default: the engine's)."),
        click.option("--max-batched-tokens", type=Tokens(), help="Tokens of one scheduler step (default: the engine's)."),
        click.option("--max-sequences", type=click.IntRange(1), help="Sequences of one scheduler step (default: the engine's)."),
        click.option("--output-tokens", "output_tokens", type=Tokens(), help="Tokens of the context that are generated."),
        click.option("--draft-tokens", type=click.IntRange(0), default=0, help="Tokens guessed a step by the model's own MTP layers."),
        click.option("--mla", default="latent", show_default=True, help="How latent attention is kept: latent, transposed or expanded."),
        click.option("--eager", is_flag=True, help="The engine captures no CUDA graphs."),
        click.option("--quantize", help="Put the weights in a format first: fp8, int8, awq, gptq, mxfp4, nvfp4."),
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


def _all(options: Sequence[Callable[..., Any]], command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command


@click.command("specverify", epilog=COMMANDS_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST})
@click.argument("refs", nargs=-1, required=True, metavar="REF...")
@target_options
@reading_options
@claims_option
@click.option(
    "--format", "form", type=click.Choice(("terminal", "json", "jsonl")), default="terminal", show_default=True, help="Report format."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to a file.")
@click.option("--select", multiple=True, metavar="CODE", help="Only these rules (a code, its start, or a name); repeatable, commas too.")
@click.option("--ignore", multiple=True, metavar="CODE", help="Not these rules.")
@click.option(
    "--fail-on", type=click.Choice((*SEVERITIES, "never")), default="error", show_default=True, help="Exit 1 from this severity on."
)
@click.option("--validate", is_flag=True, help="Check the JSON report against its schema.")
@click.option("-v", "--verbose", is_flag=True, help="Everything: all findings, skipped rules, unread keys.")
@click.version_option(package_name="specverify")
def verify_command(
    refs: tuple[str, ...], form: str, output: Path | None, fail_on: str, validate: bool, verbose: bool, **options: Any
) -> None:
    """Verify what a model's config, class defaults and tensors say, and derive what it costs.

    REF is org/name, org/name@revision, a folder (./rules where it is named like a command) or a claims file (*.yaml).
    """
    reports = list(_reports(refs, options))
    if validate:
        _validate(reports)
    text = _rendered(reports, form, verbose, to_file=output is not None)
    _deliver(text, output)
    sys.exit(exit_status(reports, fail_on))


def _deliver(text: str, output: Path | None) -> None:
    """To the file named, or to standard output."""
    if output is None:
        _print(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from None


def _reports(refs: Sequence[str], options: dict[str, Any]) -> Iterator[Report]:
    from specverify.pipeline import verify_many

    if options.get("claims") is not None and len(refs) > 1:
        raise click.UsageError("--claims is about one model: name one REF")
    yield from verify_many(
        refs,
        claims=_claims(options.get("claims")),
        revision=options["revision"],
        target=_target(options),
        offline=options["offline"],
        tensors=not options["no_tensors"],
        select=_codes(options["select"]),
        ignore=_codes(options["ignore"]),
    )


def _claims(path: str | None) -> ClaimsFile | None:
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


def _codes(given: Sequence[str]) -> list[str]:
    from specverify.rules.engine import rules

    codes = [code.strip() for entry in given for code in entry.split(",") if code.strip()]
    for code in codes:
        if not any(rule.code.startswith(code.upper()) or rule.name == code.lower() for rule in rules()):
            raise click.UsageError(f"no rule is called {code!r}: see `specverify rules`")
    return codes


def _target(options: dict[str, Any]) -> Target:
    """The target the options describe; a usage error for one that cannot be."""
    from specverify.errors import SpecverifyError
    from specverify.target import InvalidTarget, Target

    gpus, gpu = 1, None
    try:
        if options["gpu"]:
            from specverify.derive.gpus import find, parse

            gpus, name = parse(options["gpu"])
            gpu = find(name).name
        tensor, pipeline, data = (options[name] or 1 for name in ("tp", "pp", "dp"))
        if options["tp"] == 1 and gpus > 1 and pipeline * data != gpus:
            raise InvalidTarget(f"{gpus} GPUs, but --tp 1 --pp {pipeline} --dp {data} is for {pipeline * data}")
        return Target(
            gpu,
            gpus,
            tensor,
            pipeline,
            data,
            options["ep"] or 1,
            context=options["context"],
            encoder_context=options["encoder_context"],
            concurrency=options["concurrency"],
            kv_dtype=options["kv_dtype"],
            state_dtype=options["state_dtype"],
            engine=options["engine"],
            memory_fraction=options["memory_fraction"],
            max_batched_tokens=options["max_batched_tokens"],
            max_sequences=options["max_sequences"],
            quantize=options["quantize"],
            decode_context_parallel=options["dcp"] or 1,
            output=options["output_tokens"],
            draft_tokens=options["draft_tokens"],
            mla=options["mla"],
            eager=options["eager"],
        )
    except SpecverifyError as error:
        raise click.UsageError(str(error)) from None


def exit_status(reports: Sequence[Report], fail_on: str) -> int:
    """0 clean, 1 findings at or above `fail_on`, 3 a model that could not be read or a rule that crashed; 1 wins over 3."""
    from specverify.outcome import Broken, Severity

    if fail_on != "never":
        least = Severity(fail_on).rank
        if any(finding.severity.rank >= least for report in reports for finding in report.findings):
            return FOUND
    if any(report.error is not None or any(isinstance(outcome, Broken) for outcome in report.outcomes) for report in reports):
        return BROKEN
    return CLEAN


def _rendered(reports: Sequence[Report], form: str, verbose: bool, *, to_file: bool) -> str:
    if form == "terminal":
        from specverify.report.terminal import render

        color = not to_file and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        return "\n".join(render(report, verbose=verbose, color=color, width=None if color else 80) for report in reports)
    from specverify.report.json import to_json, to_jsonl

    if form == "jsonl":
        return "".join(to_jsonl(report) for report in reports)
    documents = [to_json(report).rstrip() for report in reports]
    return documents[0] if len(documents) == 1 else "[\n" + ",\n".join(documents) + "\n]"


def _validate(reports: Sequence[Report]) -> None:
    from specverify.report.validate import problems

    for report in reports:
        for problem in problems(report):
            raise click.ClickException(f"{report.ref}: the report breaks its own schema: {problem}")


def _print(text: str) -> None:
    """To standard output, whatever its encoding; a reader that went away is no error, and what it would still be sent is dropped."""
    stream = sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    try:
        stream.write(text if text.endswith("\n") else text + "\n")
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@click.command("explain", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("what", nargs=-1, required=True, metavar="[REF] NAME")
@target_options
@reading_options
@claims_option
def explain_command(what: tuple[str, ...], **options: Any) -> None:
    """Why a figure or fact is what it is, or what a rule is about.

    specverify explain REF cache.sequence_bytes; REF spec.prototype; ATT001.
    """
    from specverify.errors import SpecverifyError
    from specverify.report.explain import explain, explain_rule
    from specverify.rules.engine import rules

    if len(what) == 1:
        rule = next((rule for rule in rules() if what[0].upper() == rule.code or what[0].lower() == rule.name), None)
        if rule is None:
            raise click.UsageError(f"no rule is called {what[0]!r}; for a figure or fact name the model first: explain REF {what[0]}")
        _print(explain_rule(rule))
        return
    if len(what) > 2:
        raise click.UsageError("explain takes one name: explain REF cache.sequence_bytes")
    options |= {"select": (), "ignore": ()}
    for report in _reports(what[:1], options):
        if report.error is not None:
            click.echo(report.error, err=True)
            sys.exit(BROKEN)
        try:
            _print(explain(report, what[1], _quote(report)))
        except SpecverifyError as error:
            raise click.UsageError(str(error)) from None


def _quote(report: Report) -> Callable[[Where], tuple[int, str] | None]:
    """A function that finds the line of a place in the files of a report."""
    from specverify.normalize.locate import offsets, place_of

    places = {file: offsets(text) for file, text in report.texts.items()}

    def quote(where: Where) -> tuple[int, str] | None:
        found = place_of(report.texts.get(where.file, ""), places.get(where.file, {}).get(where.pointer or ""))
        return None if found is None or not where.pointer else (found.line, found.quote)

    return quote


@click.command("rules", context_settings={"help_option_names": ["-h", "--help"]})
def rules_command() -> None:
    """Every rule: code, severity, confidence, name and what it finds."""
    from specverify.rules.engine import rules

    for rule in rules():
        _print(f"{rule.code}  {rule.severity:<8}{rule.confidence:<8}{rule.name}\n        {rule.summary}")


@click.command("gpus", context_settings={"help_option_names": ["-h", "--help"]})
def gpus_command() -> None:
    """Every accelerator of the catalogue; memory is what is usable, rates are dense."""
    from specverify.derive.gpus import CELLS, catalogue

    head = ("memory MiB", "GB/s", "bf16", "fp16", "fp8", "fp4 TFLOPS", "scale-up GB/s")
    _print(f"{'name':<26}" + "".join(f"{title:>14}" for title in head))
    for gpu in catalogue().values():
        cells = (getattr(gpu, cell).value for cell in CELLS)
        _print(f"{gpu.name:<26}" + "".join(f"{'-' if value is None else f'{value:,}':>14}" for value in cells))


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
    _print("type".ljust(first) + "".join(column.ljust(width) for column, width in widths.items()) + "source")
    for model_type, row in proofs.items():
        family = find(model_type)
        source = family.source if family is not None else ""
        _print(model_type.ljust(first) + "".join(row[column].ljust(width) for column, width in widths.items()) + source)


@click.command("audit", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("shortlist", required=False)
@target_options
@reading_options
@click.option("--org", help="The models of an organization or user on the Hub, instead of a shortlist.")
@click.option("--filter", "tags", multiple=True, metavar="TAG", help="Models with this tag on the Hub; repeatable.")
@click.option("--limit", type=click.IntRange(1), help="At most so many of what the Hub lists.")
@click.option(
    "--results",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("specverify-audit.jsonl"),
    show_default=True,
    help="Where results are kept, a line each, as they come.",
)
@click.option("--resume", is_flag=True, help="Go on with the results file: what it holds is not done twice.")
@click.option("--workers", type=click.IntRange(1, 256), default=16, show_default=True, help="Models fetched at once.")
@click.option("--format", "form", type=click.Choice(("terminal", "csv", "markdown", "json")), default="terminal", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the table to a file.")
@click.option(
    "--fail-on", type=click.Choice((*SEVERITIES, "never")), default="error", show_default=True, help="Exit 1 from this severity on."
)
def audit_command(
    shortlist: str | None,
    org: str | None,
    tags: tuple[str, ...],
    limit: int | None,
    results: Path,
    resume: bool,
    workers: int,
    form: str,
    output: Path | None,
    fail_on: str,
    **options: Any,
) -> None:
    """Verify every model of a shortlist: one REF a line, `-` for standard input, or what the Hub lists.

    Results are kept as they come: an audit that was interrupted loses nothing and goes on with --resume.
    """
    from specverify.audit.journal import Journal
    from specverify.audit.progress import tracked
    from specverify.audit.rows import row
    from specverify.audit.shortlist import read_shortlist
    from specverify.audit.table import FORMATS
    from specverify.errors import SpecverifyError
    from specverify.pipeline import listed, verify_many, waits

    if (shortlist is None) == (org is None and not tags):
        raise click.UsageError("name a shortlist, or --org or --filter")
    target = _target(options)
    try:
        refs = listed(org, tags, limit) if shortlist is None else read_shortlist(shortlist, sys.stdin.buffer)
        with Journal(results, _asked(options, target), resume=resume) as journal:
            todo = [ref for ref in refs if ref not in journal]
            reports = verify_many(
                todo,
                revision=options["revision"],
                target=target,
                offline=options["offline"],
                tensors=not options["no_tensors"],
                workers=workers,
                ordered=False,
            )
            for report in tracked(reports, len(refs), len(refs) - len(todo), waits, sys.stderr):
                journal.write(row(report))
            _deliver_pieces(FORMATS[form](journal.rows(refs)), output)
            status = _audit_status(journal.rows(refs), fail_on)
    except SpecverifyError as error:
        click.echo(str(error), err=True)
        sys.exit(BROKEN)
    except KeyboardInterrupt:
        click.echo(f"interrupted; what is done is kept in {results}: go on with --resume", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(status)


def _asked(options: dict[str, Any], target: Target) -> dict[str, Any]:
    """What the rows of an audit depend on beside the model: every setting that is not the default."""
    from specverify.target import Target

    asked = {**target.to_dict(), "revision": options["revision"], "tensors": not options["no_tensors"]}
    default = {**Target().to_dict(), "revision": None, "tensors": True}
    return {name: value for name, value in asked.items() if value != default[name]}


def _deliver_pieces(pieces: Iterable[str], output: Path | None) -> None:
    """As `_deliver`, a piece at a time: the whole may be longer than memory."""
    if output is None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with contextlib.nullcontext(sys.stdout) if output is None else output.open("w", encoding="utf-8") as stream:
            stream.writelines(pieces)
            stream.flush()
    except BrokenPipeError:
        sys.stdout.close()
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from None


def _audit_status(rows: Iterable[dict[str, Any]], fail_on: str) -> int:
    """The exit status of an audit: as `exit_status`, over rows."""
    worst = CLEAN
    for entry in rows:
        severities = [finding["severity"] for finding in entry.get("findings", ())]
        if fail_on != "never" and any(SEVERITIES.index(severity) >= SEVERITIES.index(fail_on) for severity in severities):
            return FOUND
        if "error" in entry or entry["status"] == "broken":
            worst = BROKEN
    return worst


@click.command("checklist", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("ref")
@target_options
@reading_options
@claims_option
@click.option("--as-of", metavar="DATE", help="The date line of the review (a review has no clock of its own).")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the review to a file.")
def checklist_command(ref: str, as_of: str | None, output: Path | None, **options: Any) -> None:
    """A pre-adoption review as Markdown: what the files answer is answered, the rest is left to people."""
    from specverify.report.checklist import summary, to_markdown

    (report,) = _reports([ref], options | {"select": (), "ignore": ()})
    if report.error is not None:
        click.echo(report.error, err=True)
        sys.exit(BROKEN)
    _deliver(to_markdown(report, as_of), output)
    if output is not None:
        _print(f"{summary(report)}\nThe whole review, for people to fill in: {output}")


COMMANDS = {
    "audit": audit_command,
    "checklist": checklist_command,
    "explain": explain_command,
    "rules": rules_command,
    "gpus": gpus_command,
    "architectures": architectures_command,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: a command by name, else the arguments are models to verify."""
    # Loading modules makes many objects and no garbage, and looking for some at the usual 700 is a twentieth of a cold start.
    gc.set_threshold(COLLECTED_AFTER)
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = COMMANDS.get(given[0]) if given else None
    try:
        if command is not None:
            command.main(given[1:], prog_name=f"specverify {given[0]}")
        else:
            verify_command.main(given or ["--help"], prog_name="specverify")
    finally:
        gc.freeze()  # the process ends here: there is no use in going through all it made once more
