from __future__ import annotations

from dataclasses import replace

import pytest

from specverify.facts import Source
from specverify.outcome import Evidence, Report
from specverify.report.terminal import render
from specverify.target import Target
from tests.report.reports import BY_NAME, DEEPSEEK, IMAGES, LLAMA, MIXTRAL, UNKNOWN, finding, report_of

HOSTILE = "\x1b]0;owned\x07\u202egnp\u200b\x9b31m[red]x[/red] :smile: \r\n https://e.org"


def lines(report: Report, *, verbose: bool = False, width: int = 80, color: bool = False) -> list[str]:
    return render(report, verbose=verbose, width=width, color=color).splitlines()


def row(report: Report, label: str, width: int = 120) -> str:
    """The one line that starts with a label."""
    found = [line for line in lines(report, width=width) if line.startswith(f"  {label} ")]
    assert len(found) == 1, found
    return " ".join(found[0].split())


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", BY_NAME)
def test_lines_keep_to_the_width_and_are_plain(name: str, width: int) -> None:
    for verbose in (False, True):
        shown = lines(report_of(BY_NAME[name]), verbose=verbose, width=width)
        assert max(map(len, shown)) <= width
        assert all(line.isprintable() and line == line.rstrip() for line in shown)


@pytest.mark.parametrize("name", BY_NAME)
def test_one_screen_comes_first(name: str) -> None:
    assert len(lines(report_of(BY_NAME[name]))) <= 50


def test_verdict_name_and_exactness_come_first() -> None:
    report = replace(report_of(LLAMA), sha="0123456789abcdef", origin="hub")
    assert lines(report)[:3] == [
        "small @ 0123456789ab (hub)",
        "1 error, 1 remark   checks: 1 passed, 1 skipped, 1 broken",
        "exact: LlamaForCausalLM of family llama, every tensor known",
    ]
    assert lines(report_of(UNKNOWN, ()))[1].startswith("no errors, no warnings")
    assert lines(report_of(UNKNOWN))[2].startswith("generic: the sizes InventedForCausalLM states are read")
    assert lines(report_of(IMAGES))[2].startswith("not a language model")


def test_the_worst_findings_come_with_their_proof() -> None:
    text = render(report_of(LLAMA), width=80)
    assert text.index("AAA003 heads do not divide") < text.index("AAA001 it is wrong")
    assert 'config.json:7  "num_key_value_heads": 3' in text
    assert "fix: write another" in text


def test_more_findings_than_fit_are_counted_and_told_in_full_when_asked() -> None:
    outcomes = tuple(finding(f"BBB00{index}", "warning") for index in range(8))
    report = report_of(LLAMA, outcomes)
    assert "3 more (--verbose)" in lines(report)
    assert not any("BBB007" in line for line in lines(report))
    assert sum("BBB00" in line for line in lines(report, verbose=True)) == 8


def test_the_spec_says_how_each_part_is_known() -> None:
    report = report_of(LLAMA)
    assert row(report, "attention") == "attention gqa, 8 heads, 2 KV heads, head_dim 8 (default) declared"
    assert row(report, "layers") == "layers 3 x attention + feed-forward declared"
    assert row(report, "context").startswith("context 8,192 declared")
    assert row(report, "rope") == "rope linear, factor 2, theta 10,000 declared"
    assert row(report_of(MIXTRAL), "experts") == "experts 4 routed, 2 per token, 160 wide, softmax router declared"
    assert row(report_of(MIXTRAL), "layers") == "layers 2 x attention (sliding 512) + experts declared"
    sparse = report_of(DEEPSEEK)
    assert row(sparse, "layers") == "layers 1 x latent attention + feed-forward, 3 x latent attention + experts derived"
    assert row(sparse, "attention") == "attention mla, 4 heads, latent 16, rotary 8 declared"


def test_figures_are_in_binary_and_decimal_units_with_working_where_there_is_room() -> None:
    report = report_of(LLAMA, target=Target(context=8192))
    assert row(report, "cache.bytes_per_token") == "cache.bytes_per_token 192 B 3 x 2 x 2 x 8 x 2 B = 192 bytes"
    assert row(report, "cache.sequence_bytes") == "cache.sequence_bytes 1.50 MiB 3 x 2 x 2 x 8 x 8,192 x 2 B = 1,572,864 bytes"
    assert "Figures at 8,192 tokens" in lines(report)
    assert not any(line.startswith("On ") for line in lines(report))
    assert "On 2 x h100-sxm-80gb (tensor parallel 2)" in lines(report_of(LLAMA))
    assert row(report_of(LLAMA), "capacity.fits").startswith("capacity.fits yes")


def test_unknown_figures_are_named_with_their_reason_and_never_shown_as_0() -> None:
    text = " ".join(render(report_of(UNKNOWN), width=80).split())
    assert "unknown parameters.total, parameters.activated, weights.bytes" in text
    assert "because the tensors of invented are not known to specverify" in text
    assert "bfloat16 assumed" in text


def test_verbose_tells_every_check_key_and_file() -> None:
    text = render(report_of(LLAMA), verbose=True, width=100)
    for told in (
        "README.md is not there: AAA004", "AAA005: ZeroDivisionError", "AAA002", "/made_up", "/use_cache", "not there",
        "made-up-rule, confidence high", "num_key_value_heads",
    ):  # fmt: skip
        assert told in text
        assert told in ("README.md is not there: AAA004", "num_key_value_heads") or told not in render(report_of(LLAMA, ()), width=100)


def test_a_model_that_could_not_be_read_is_said_plainly() -> None:
    text = render(Report("a/b", "a/b", error="a/b: its files need access", error_kind="Gated"), width=80)
    assert "could not be read" in text
    assert "its files need access" in text
    assert "hf auth login" in text
    assert "Figures" not in text


def test_hostile_text_is_shown_and_never_acts() -> None:
    evidence = Evidence(Source.DECLARED, HOSTILE, HOSTILE, None, None, {HOSTILE: [HOSTILE]}, HOSTILE)
    outcome = replace(finding("AAA001", "error", HOSTILE), evidence=(evidence,), fix=HOSTILE)
    config = LLAMA | {HOSTILE: HOSTILE, "torch_dtype": HOSTILE, "architectures": [HOSTILE], "hidden_act": HOSTILE}
    report = replace(report_of(config, (outcome,)), name=HOSTILE, sha=HOSTILE, notes=(HOSTILE,), files={HOSTILE: HOSTILE})
    for verbose in (False, True):
        text = render(report, verbose=verbose, width=100)
        assert all(line.isprintable() for line in text.split("\n"))
        assert "[red]x[/red]" in text
        assert ":smile:" in text
    failed = render(Report(HOSTILE, HOSTILE, error=HOSTILE, error_kind="NotFound"), width=100)
    assert all(line.isprintable() for line in failed.split("\n"))


def test_color_is_only_there_when_asked_for_whatever_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "61")
    assert "\x1b" not in render(report_of(LLAMA), width=80)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b[1;31merror" in render(report_of(LLAMA), width=80, color=True)
    assert max(map(len, render(report_of(LLAMA)).splitlines())) <= 61


def test_same_report_same_text() -> None:
    assert render(report_of(DEEPSEEK), width=80, verbose=True) == render(report_of(DEEPSEEK), width=80, verbose=True)


@pytest.mark.parametrize("engine", ["ideal", "vllm", "llamacpp", "ik_llama"])
def test_figures_are_of_the_context_that_the_engine_gives(engine: str) -> None:
    unscaled = {key: value for key, value in LLAMA.items() if key != "rope_scaling"}
    assert "Figures at 4,096 tokens" in "\n".join(lines(report_of(unscaled, target=Target(engine=engine))))
