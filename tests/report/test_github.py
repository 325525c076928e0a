from __future__ import annotations

from dataclasses import replace
from typing import Any

from specverify.facts import Source
from specverify.outcome import Evidence, Report
from specverify.report.github import to_github
from specverify.report.rendering import Rendering
from tests.report.reports import LLAMA, finding, report_of


def written(report: Report) -> str:
    return to_github([report], Rendering())


def report(message: str = "it is wrong", severity: str = "error", **changed: Any) -> Report:
    return replace(report_of(LLAMA, (finding("AAA001", severity, message),)), **changed)


def test_a_finding_is_a_command_at_its_line() -> None:
    assert written(report()) == (
        "::error file=models/small/config.json,line=7,title=AAA001 made-up-rule"
        "::small config.json:7: it is wrong%0Afix: write another\n"
    )  # fmt: skip


def test_columns_are_told_where_the_file_is_known() -> None:
    text = "\n" * 6 + '  "num_key_value_heads": 3\n'
    assert ",line=7,col=3,endColumn=27,title=" in written(report(texts={"config.json": text}))


def test_severities_are_commands() -> None:
    assert written(report(severity="warning")).startswith("::warning ")
    assert written(report(severity="info")).startswith("::notice ")


def test_properties_and_data_are_escaped_as_the_runner_reads_them() -> None:
    text = written(report("50% of a:b,c", ref="a,b:c%/small"))
    assert "file=a%2Cb%3Ac%25/small/config.json," in text
    assert "50%25 of a:b,c" in text


def test_a_line_end_in_a_name_or_message_starts_no_command() -> None:
    text = written(report("x\n::error::y\r\n##[error]z", name="n\n::error::"))
    assert text.count("\n") == 1
    assert text.startswith("::error ")


def test_a_file_of_a_repo_is_named_in_words_only() -> None:
    text = written(report(origin="hub", ref="acme/small", name="acme/small"))
    assert "file=" not in text
    assert "::acme/small config.json:7: " in text


def test_a_class_default_has_no_line() -> None:
    default = Evidence(Source.DEFAULTED, "transformers 5.23.0 LlamaConfig", "/x", 3)
    text = written(replace(report(), outcomes=(replace(finding("AAA001", "error"), evidence=(default,)),)))
    assert text.startswith("::error title=AAA001 made-up-rule::small: it is wrong")


def test_nothing_found_and_nothing_read_are_said() -> None:
    assert written(report_of(LLAMA, ())) == "::notice title=specverify::small: no finding\n"
    assert written(Report("a/b", "a/b", error="a/b: gated")) == "::error title=a/b could not be read::a/b: gated\n"
