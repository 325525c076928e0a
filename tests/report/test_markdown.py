from __future__ import annotations

from markdown_it import MarkdownIt

from specverify.outcome import Report
from specverify.report.markdown import MOST_FINDINGS, to_markdown
from specverify.report.rendering import Rendering
from tests.report.reports import LLAMA, UNKNOWN, finding, report_of


def written(*reports: Report) -> str:
    return to_markdown(reports, Rendering())


def test_the_verdict_comes_first_and_findings_are_a_table() -> None:
    lines = written(report_of(LLAMA)).splitlines()
    assert lines[0] == "## small"
    assert lines[2] == "**1 error, 1 remark** · 1 passed · 1 skipped · 1 broken"
    assert lines[6] == "| error | AAA003 made-up-rule | heads do not divide | config.json:7 |"


def test_evidence_is_folded_away_with_its_quote() -> None:
    text = written(report_of(LLAMA))
    assert '  - declared, config.json:7: "num\\_key\\_value\\_heads": 3' in text
    assert text.count("<details>") == text.count("</details>") == 3


def test_figures_are_rounded_with_their_working() -> None:
    assert "| cache.bytes\\_per\\_token | 192 B | 3 x 2 x 2 x 8 x 2 B = 192 bytes |" in written(report_of(LLAMA))


def test_an_unknown_figure_is_unknown() -> None:
    assert "| parameters.total | unknown |" in written(report_of(UNKNOWN))


def test_a_comment_is_bounded() -> None:
    many = tuple(finding(f"AAA{number:03}", "error", "x" * 5_000) for number in range(MOST_FINDINGS + 7))
    text = written(report_of(LLAMA, many))
    assert "7 more findings" in text
    assert len(text) < 65_536


def test_a_model_that_could_not_be_read_says_why() -> None:
    assert written(Report("a/b", "a/b", error="a/b: gated")).splitlines()[2:] == ["**could not be read**", "", "a/b: gated"]


def test_every_table_is_one() -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(written(report_of(LLAMA), report_of(UNKNOWN)))
    assert [token.type for token in tokens].count("table_open") == 6
