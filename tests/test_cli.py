"""The command line as a user types it: exit statuses, formats, selection, and the words of a usage error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema
import pytest

from specverify import cli
from specverify.cli.status import exit_status
from specverify.data import schema
from specverify.outcome import Broken, Confidence, Finding, Report, Severity
from tests.fixture_files import FIXTURES

Run: TypeAlias = Callable[..., tuple[int, str, str]]

GPT2, BERT = str(FIXTURES / "gpt2"), str(FIXTURES / "bert-base")
HEALTHY: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 512,
    "intermediate_size": 1376,
    "num_hidden_layers": 8,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "vocab_size": 32000,
    "max_position_embeddings": 2048,
    "rope_theta": 10000.0,
    "torch_dtype": "bfloat16",
    "bos_token_id": 1,
    "eos_token_id": 2,
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process, offline; gives status, standard output and standard error."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        code = stopped.value.code
        assert isinstance(code, int)
        return code, out, err

    return command


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-c", "from specverify.cli import main; main()", "architectures"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")


@pytest.fixture
def model(tmp_path: Path) -> Callable[..., Path]:
    """Write a model folder that states a healthy config with these keys changed."""

    def write(name: str = "model", text: str | None = None, **changed: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({**HEALTHY, **changed}) if text is None else text, encoding="utf-8")
        return folder

    return write


# the installed program


def installed(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "specverify"
    command = [str(program)] if program.exists() else [sys.executable, "-c", "from specverify.cli import main; main()"]
    env = {**os.environ, "HF_HUB_OFFLINE": "1", **environment}
    return subprocess.run([*command, *arguments], capture_output=True, text=True, encoding="utf-8", env=env, timeout=60, check=False)


def test_the_program_reports_on_a_folder() -> None:
    done = installed(GPT2, "--gpu", "h100-sxm-80gb")
    assert (done.returncode, done.stderr) == (0, "")
    assert "cache.bytes_per_token" in done.stdout
    assert "\x1b[" not in done.stdout


def test_the_program_says_what_is_wrong_in_any_encoding(model: Callable[..., Path]) -> None:
    folder = model("modèle", num_key_value_heads=3, **{"nä\ud800me": 1})
    done = installed(str(folder), "-v", PYTHONIOENCODING="ascii", PYTHONUTF8="1")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "ATT003" in done.stdout
    assert "mod\\xe8le" in done.stdout


# exit statuses


def test_clean_is_0(run: Run, model: Callable[..., Path]) -> None:
    status, out, err = run(model())
    assert (status, err) == (0, "")
    assert "no errors, no warnings" in out


def test_an_error_is_1(run: Run, model: Callable[..., Path]) -> None:
    status, out, _ = run(model(num_key_value_heads=3))
    assert status == 1
    assert "ATT003" in out


def test_usage_is_2(run: Run) -> None:
    assert run(GPT2, "--no-such-option")[0] == 2


@pytest.mark.parametrize("text", ["{", "[]", '{"a": "\x00"'])
def test_a_model_that_cannot_be_read_is_3(run: Run, model: Callable[..., Path], text: str) -> None:
    status, out, _ = run(model(text=text))
    assert status == 3
    assert "config.json" in out


def test_a_folder_that_is_not_there_is_3(run: Run, tmp_path: Path) -> None:
    status, out, _ = run(tmp_path / "nothing")
    assert status == 3
    assert "could not be read" in out


def test_a_repository_that_is_not_cached_is_3_offline(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert run("nobody/nothing-of-the-kind", "--offline")[0] == 3


def test_1_wins_over_3(run: Run, model: Callable[..., Path]) -> None:
    bad, unreadable = model("bad", num_key_value_heads=3), model("unreadable", text="{")
    assert run(bad, unreadable)[0] == 1
    assert run(unreadable, bad)[0] == 1
    assert run(unreadable, GPT2)[0] == 3


def report(*outcomes: Any, error: str | None = None) -> Report:
    return Report("x", "x", outcomes=outcomes, error=error)


def finding(severity: Severity) -> Finding:
    return Finding("ATT001", "x", severity, Confidence.HIGH, "message", ())


@pytest.mark.parametrize(
    ("severity", "fail_on", "status"),
    [
        (Severity.ERROR, "error", 1),
        (Severity.WARNING, "error", 0),
        (Severity.WARNING, "warning", 1),
        (Severity.INFO, "warning", 0),
        (Severity.INFO, "info", 1),
        (Severity.ERROR, "never", 0),
    ],
)
def test_fail_on_draws_the_line(severity: Severity, fail_on: str, status: int) -> None:
    assert exit_status([report(), report(finding(severity))], fail_on) == status


def test_a_rule_that_crashed_is_3_unless_a_finding_makes_it_1() -> None:
    broken = Broken("ATT001", "x", "ZeroDivisionError")
    assert exit_status([report(broken)], "error") == 3
    assert exit_status([report(broken)], "never") == 3
    assert exit_status([report(broken, finding(Severity.ERROR))], "error") == 1


def test_a_skipped_rule_alone_is_0(run: Run) -> None:
    status, out, _ = run(GPT2, "--no-tensors", "--format", "json")
    kinds = {outcome["kind"] for outcome in json.loads(out)["outcomes"]}
    assert "skipped" in kinds
    assert status == 0


def test_fail_on_as_an_option(run: Run, model: Callable[..., Path]) -> None:
    bad = model(num_key_value_heads=3)
    assert run(bad, "--fail-on", "never")[0] == 0
    assert run(bad, "--fail-on", "info")[0] == 1
    assert run(bad, "--fail-on", "everything")[0] == 2


# selection


def codes(out: str, kind: str | None = None) -> set[str]:
    return {outcome["code"] for outcome in json.loads(out)["outcomes"] if kind in (None, outcome["kind"])}


def test_select_by_code_its_start_or_a_name(run: Run, model: Callable[..., Path]) -> None:
    bad = model(num_key_value_heads=3)
    assert codes(run(bad, "--format", "json", "--select", "ATT003")[1]) == {"ATT003"}
    assert codes(run(bad, "--format", "json", "--select", "att001,DOC001")[1]) == {"ATT001", "DOC001"}
    assert {code[:3] for code in codes(run(bad, "--format", "json", "--select", "ATT")[1])} == {"ATT"}
    assert codes(run(bad, "--format", "json", "--select", "key-value-heads-do-not-divide-heads")[1]) == {"ATT003"}


def test_ignore_takes_away(run: Run, model: Callable[..., Path]) -> None:
    bad = model(num_key_value_heads=3)
    status, out, _ = run(bad, "--format", "json", "--ignore", "ATT003")
    assert "ATT003" not in codes(out)
    assert "ATT001" in codes(out)
    assert status == 0
    assert codes(run(bad, "--format", "json", "--select", "ATT", "--ignore", "ATT003")[1], "finding") == set()


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_rule_nobody_knows_is_a_usage_error(run: Run, option: str) -> None:
    status, out, err = run(GPT2, option, "ATT001,XYZ")
    assert (status, out) == (2, "")
    assert "no rule is called 'XYZ'" in err


# formats and files


def test_json_is_valid_by_its_schema(run: Run, model: Callable[..., Path]) -> None:
    for folder in (GPT2, model(num_key_value_heads=3, num_experts="many"), model("unreadable", text="{")):
        out = run(folder, "--format", "json", "--gpu", "8xh100-sxm-80gb", "--validate")[1]
        jsonschema.validate(json.loads(out), schema("report"))


def test_several_refs_are_one_array_of_json(run: Run) -> None:
    reports = json.loads(run(GPT2, BERT, "--format", "json")[1])
    assert [one["model"]["name"] for one in reports] == ["gpt2", "bert-base"]


def test_jsonl_is_one_line_a_model(run: Run) -> None:
    lines = run(GPT2, BERT, "--format", "jsonl")[1].splitlines()
    assert [json.loads(line)["model"]["name"] for line in lines] == ["gpt2", "bert-base"]


def test_same_inputs_same_bytes(run: Run) -> None:
    assert run(GPT2, "--format", "json")[1] == run(GPT2, "--format", "json")[1]


def test_the_report_goes_to_a_file(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    status, out, _ = run(GPT2, "--format", "json", "-o", target)
    assert (status, out) == (0, "")
    assert json.loads(target.read_text(encoding="utf-8"))["model"]["name"] == "gpt2"


@pytest.mark.parametrize("form", ["terminal", "json", "jsonl"])
def test_text_that_is_no_unicode_goes_to_a_file_too(run: Run, model: Callable[..., Path], tmp_path: Path, form: str) -> None:
    folder = model(architectures=["\ud800ForCausalLM"], torch_dtype="\ud800", **{"x\ud800": 1})
    status, _, err = run(folder, "-v", "--format", form, "-o", tmp_path / "report")
    assert status in (0, 1), err
    assert (tmp_path / "report").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_said(run: Run, tmp_path: Path) -> None:
    status, _, err = run(GPT2, "-o", tmp_path / "no" / "such" / "folder")
    assert status == 1
    assert "folder" in err


# targets


@pytest.mark.parametrize(
    ("typed", "tokens"), [("131072", 131_072), ("128k", 131_072), ("128K", 131_072), ("1m", 1_048_576), ("4_096", 4096), ("32,768", 32_768)]
)
def test_tokens(run: Run, typed: str, tokens: int) -> None:
    figures = json.loads(run(GPT2, "--format", "json", "--context", typed)[1])["figures"]
    assert figures["cache.attention_bytes"]["value"] == 36_864 * tokens


@pytest.mark.parametrize("typed", ["0", "0k", "-1", "k", "128kk", "1.5k", "12q", "", "٣", "1" * 16, "128kb"])
def test_what_is_no_number_of_tokens(run: Run, typed: str) -> None:
    status, _, err = run(GPT2, f"--context={typed}")
    assert status == 2
    assert "is no number of tokens: write 131072, 128k or 1m" in err


def test_more_tokens_than_any_context(run: Run) -> None:
    status, _, err = run(GPT2, "--context", "999999999999999m")
    assert status == 2
    assert "context is" in err


def test_a_count_of_gpus_in_the_name(run: Run) -> None:
    figures = json.loads(run(str(FIXTURES / "llama-3.1-8b"), "--format", "json", "--gpu", "8xH100-SXM-80GB", "--context", "1k")[1])[
        "figures"
    ]
    assert figures["cache.sequence_bytes_per_gpu"]["value"] == 131_072 * 1024 // 8
    assert figures["capacity.fits"]["value"] is True


def test_ways_to_split(run: Run) -> None:
    figures = json.loads(
        run(str(FIXTURES / "llama-3.1-8b"), "--format", "json", "--gpu", "8xh100-sxm-80gb", "--tp", "4", "--dp", "2", "--context", "1k")[1]
    )["figures"]
    assert figures["cache.sequence_bytes_per_gpu"]["value"] == 131_072 * 1024 // 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--gpu", "h200"], "no GPU is called 'h200': did you mean h200-sxm-141gb"),
        (["--gpu", "h100-smx-80gb"], "did you mean h100-sxm-80gb"),
        (["--gpu", "zzz"], "`specverify gpus` lists those known"),
        (["--gpu", "0xh100-sxm-80gb"], "gpus is 0, not a whole number of at least 1"),
        (["--gpu", "8xh100-sxm-80gb", "--tp", "3"], "8 GPUs, but tensor x pipeline x data parallel is 3 x 1 x 1 = 3"),
        (["--tp", "0"], "--tp"),
        (["--engine", "tgi"], "engine is 'tgi', not one of ideal"),
        (["--kv-dtype", "int3"], "kv_dtype is 'int3'"),
        (["--memory-fraction", "1.5"], "memory_fraction is 1.5"),
        (["--format", "xml"], "'xml' is not one of"),
    ],
)
def test_targets_that_cannot_be(run: Run, options: list[str], message: str) -> None:
    status, out, err = run(GPT2, *options)
    assert (status, out) == (2, "")
    assert message in " ".join(err.split())


# commands


def test_no_argument_shows_the_help(run: Run) -> None:
    status, out, _ = run()
    assert status == 0
    assert "Exit status: 0 clean" in out


def test_a_folder_named_like_a_command_is_reached_by_its_path(
    run: Run, model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model("rules").parent)
    assert "Spec" in run("./rules")[1]
    assert "ATT001" in run("rules")[1]
    assert "Spec" not in run("rules")[1]


def test_rules_lists_every_rule_once(run: Run) -> None:
    status, out, _ = run("rules")
    lines = [line for line in out.splitlines() if not line.startswith(" ")]
    listed = [line.split()[0] for line in lines]
    assert status == 0
    assert len(listed) == len(set(listed)) >= 20
    assert listed == sorted(listed)


def test_gpus_lists_at_least_thirty(run: Run) -> None:
    out = run("gpus")[1]
    assert "h100-sxm-80gb" in out
    assert "81,559" in out
    assert len(out.splitlines()) > 30


def test_architectures_lists_types_with_family_and_source(run: Run) -> None:
    lines = run("architectures")[1].splitlines()
    listed = {line.split()[0]: line for line in lines}
    assert {"llama", "deepseek_v3", "gpt_oss", "gemma3", "whisper", "jamba"} <= set(listed)
    assert "DeepseekV3ForCausalLM" in listed["deepseek_v3"]


def test_explain_a_rule_by_code_or_name(run: Run) -> None:
    status, out, _ = run("explain", "att003")
    assert status == 0
    assert "key-value-heads-do-not-divide-heads" in out
    assert run("explain", "key-value-heads-do-not-divide-heads")[1] == out


def test_explain_a_figure_with_formula_working_and_evidence(run: Run) -> None:
    status, out, _ = run("explain", FIXTURES / "deepseek-v3", "cache.bytes_per_token")
    assert status == 0
    assert "61 x (512 + 64) x 2 B = 70,272" in out
    assert '"kv_lora_rank": 512' in out
    assert "config.json" in out


def test_explain_a_fact(run: Run) -> None:
    status, out, _ = run("explain", FIXTURES / "glm-4.5", "spec.prototype")
    assert status == 0
    assert "decoder-only" in out
    assert "causal mask" in out


def test_explain_heeds_the_target(run: Run) -> None:
    out = run("explain", FIXTURES / "gemma-2-9b", "cache.sequence_bytes", "--context", "8k")[1]
    assert "2,113,929,216" in out


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["nope"], 2, "no rule is called 'nope'; for a figure or fact name the model first"),
        ([GPT2, "nothing.here"], 2, "no figure or fact is called 'nothing.here'"),
        ([GPT2, "a", "b"], 2, "explain takes one name"),
        ([], 2, "Missing argument"),
    ],
)
def test_explain_what_is_not_there(run: Run, arguments: list[str], status: int, message: str) -> None:
    found, _, err = run("explain", *arguments)
    assert found == status
    assert message in " ".join(err.split())


def test_explain_a_model_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    status, out, err = run("explain", tmp_path / "nothing", "cache.sequence_bytes")
    assert (status, out) == (3, "")
    assert "nothing" in err


@pytest.mark.parametrize("command", [[], ["rules"], ["gpus"], ["architectures"], ["explain"]])
def test_every_command_has_help(run: Run, command: list[str]) -> None:
    status, out, _ = run(*command, "--help")
    assert status == 0
    assert out.startswith(f"Usage: {' '.join(['specverify', *command])} ")


def test_the_version(run: Run) -> None:
    status, out, _ = run("--version")
    assert status == 0
    assert "0.1.0" in out


# compare


def test_compare_puts_models_side_by_side_on_a_target(run: Run) -> None:
    status, out, err = run("compare", GPT2, BERT, "--gpu", "h100-sxm-80gb", "--context", "512")
    assert (status, err) == (0, "")
    assert out.startswith("Target: 1 x h100-sxm-80gb, 512 tokens\n")
    for title in ("Quality evidence", "Latency and throughput", "Memory and bandwidth", "Operations", "Safety and debuggability"):
        assert title in out
    assert "capacity.max_concurrency" in out


def test_compare_of_a_model_that_cannot_be_read_is_3_and_shows_the_others(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("compare", GPT2, tmp_path / "nothing", BERT)
    assert status == 3
    assert "could not be read" in out
    assert "gpt2" in out
    assert "bert-base" in out


@pytest.mark.parametrize(
    "arguments", [(), (GPT2,), (GPT2, BERT, GPT2, "--diff"), (GPT2, BERT, "--gpu", "abacus"), (GPT2, BERT, "--format", "html")]
)
def test_compare_that_makes_no_sense_is_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("compare", *arguments)[0] == 2


def test_compare_finds_errors_and_is_0(run: Run, model: Callable[..., Path]) -> None:
    status, out, _ = run("compare", model("good"), model("bad", num_key_value_heads=3), "--diff", "--format", "csv")
    assert status == 0
    assert "finding,ATT003" in out


def test_compare_writes_json_to_a_file(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "comparison.json"
    assert run("compare", GPT2, BERT, "--format", "json", "-o", target) == (0, "", "")
    jsonschema.validate(json.loads(target.read_text(encoding="utf-8")), schema("comparison"))


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--area", "moe"], {"MOE001", "MOE002", "MOE003", "MOE004"}),
        (["--area", "generation", "--area", "multimodal"], {"GEN001", "GEN002", "MMD001", "MMD002"}),
        (["--area", "generation", "--severity", "info"], {"GEN001"}),
        (["--area", "tensors", "--status", "preview"], {"QNT008", "QNT009"}),
        (["LongCat", "zero_expert_num"], {"MOE001"}),
        (["attribute-nobody-has"], set()),
    ],
)
def test_rules_are_filtered(run: Run, arguments: list[str], found: set[str]) -> None:
    status, out, _ = run("rules", *arguments)
    assert status == 0
    assert {line.split()[0] for line in out.splitlines() if line and not line.startswith(" ")} == found


def test_rules_as_json_say_all_there_is(run: Run) -> None:
    status, out, _ = run("rules", "--area", "moe", "--format", "json", "groups a router limits itself")
    (rule,) = json.loads(out)
    assert status == 0
    assert (rule["code"], rule["area"], rule["status"], rule["since"], rule["inputs"]) == (
        "MOE002",
        "moe",
        "stable",
        "0.1",
        ["spec", "config"],
    )
    assert rule["plugin"] is None
    assert set(rule) == {"code", "name", "area", "severity", "confidence", "status", "since", "source", "summary", "inputs", "plugin"}


def test_an_area_that_is_none_is_a_usage_error(run: Run) -> None:
    status, _, err = run("rules", "--area", "moo")
    assert status == 2
    assert "there are attention, capacity" in err


def test_a_rule_in_preview_runs_when_it_is_asked_for(run: Run, model: Callable[..., Path]) -> None:
    folder = str(model("dual", dual_chunk_attention_config={"chunk_size": 4096}))
    assert "POS025" not in run(folder, "--select", "POS025", "-v")[1]
    assert "does not run without --preview" in run(folder, "--select", "POS025")[2]
    assert "POS025" in run(folder, "--select", "POS025", "--preview", "-v")[1]
