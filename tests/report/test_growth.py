"""The table of growth in a report: as data, on the terminal, and one number at a time; and that nobody pays who does not ask."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from specverify import Report, Target, verify
from specverify.report.explain import explain
from specverify.report.json import to_json
from specverify.report.terminal import render
from specverify.report.validate import problems
from tests.fixture_files import FIXTURES
from tests.report.reports import IMAGES, report_of

H100: dict[str, Any] = {"gpu": "h100-sxm-80gb", "gpus": 8}


def reported(name: str = "gemma-3-27b", **target: Any) -> Report:
    return verify(str(FIXTURES / name), offline=True, target=Target(**target))


def table(report: Report, *, verbose: bool = False) -> list[str]:
    lines = render(report, verbose=verbose, width=80).splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("Growth with context")]
    return lines[starts[0] : lines.index("", starts[0])] if starts else []


def test_data_has_a_column_for_each_cost_and_a_value_for_each_context() -> None:
    growth = json.loads(to_json(reported(**H100)))["growth"]
    assert growth["contexts"] == [4096, 32_768, 131_072]
    assert all(len(column["values"]) == 3 for column in growth["columns"].values())
    assert growth["columns"]["cache_bytes"]["values"][2] == 11_173_625_856
    assert growth["columns"]["cache_bytes"]["unit"] == "bytes"
    assert growth["columns"]["cache_bytes_ratio"]["values"][0] is None
    assert growth["columns"]["cache_bytes_ratio"]["formula"] == "growth.131072.cache_bytes / growth.32768.cache_bytes"
    assert "a lower bound" in growth["columns"]["request_seconds"]["note"]


def test_data_says_why_a_column_is_unknown_and_keeps_to_the_schema() -> None:
    report = reported("whisper-large-v3", **H100)
    column = json.loads(to_json(report))["growth"]["columns"]["prefill_flops"]
    assert column["values"] == [None]
    assert column["reasons"] == ["what a prompt is for an encoder-decoder depends on the task"]
    assert list(problems(report)) == []


def test_what_is_no_language_model_has_none() -> None:
    report = report_of(IMAGES)
    assert json.loads(to_json(report))["growth"] is None
    assert table(report) == []


def test_the_terminal_shows_it_on_a_gpu_and_where_all_is_asked_for() -> None:
    assert table(reported()) == []
    shown = table(reported(**H100))
    assert len(shown) <= 8
    assert shown[1].split() == ["tokens", "cache", "fit", "prefill", "attention", "step", "request", "a", "token"]
    assert shown[2].split()[:4] == ["4,096", "736", "MiB", "744"]
    assert "1,024 output tokens" in shown[-1]
    without = table(reported(), verbose=True)
    assert without[1].split() == ["tokens", "cache", "of", "8", "of", "32", "prefill", "attention", "a", "token"]
    assert "output" not in without[-1]


def test_a_longest_table_keeps_to_a_line_each() -> None:
    shown = table(reported("deepseek-v3", context=65_536, concurrency=3, **H100))
    assert len(shown) == 8
    assert max(map(len, shown)) <= 80


def test_every_cell_answers_why() -> None:
    report = reported(**H100)
    for name, figure in report.growth().items():
        assert explain(report, name).startswith(f"{name} = "), name
        assert figure.number.rests_on() or name.endswith("put_tokens")
    text = explain(report, "growth.131072.request_seconds")
    assert "prefill of the input + steps of the output" in text
    assert "sliding_window = 1024 (declared)" in text
    assert "gpu.memory_gb_per_s = 3350" in text


def test_a_ratio_is_explained_by_the_rows_it_compares() -> None:
    text = explain(reported(), "growth.131072.cache_bytes_ratio")
    assert "growth.131072.cache_bytes / growth.32768.cache_bytes" in text
    assert "11,173,625,856 bytes / " in text


def test_nobody_pays_for_it_who_does_not_ask() -> None:
    code = (
        "import sys; from specverify import verify; from specverify.report.terminal import render;"
        f"render(verify({str(FIXTURES / 'gpt2')!r}, offline=True)); print('specverify.derive.growth' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
