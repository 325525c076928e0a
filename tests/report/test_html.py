from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from specverify.facts import Fact, Reading, Source, Where
from specverify.outcome import Acceptance, Accepted, Report
from specverify.report.html.page import page
from specverify.report.html.report import to_html
from specverify.report.rendering import Rendering, RuleText
from specverify.rules.engine import rules
from tests.report.reports import BY_NAME, DEEPSEEK, LLAMA, UNKNOWN, finding, report_of


def written(*reports: Report, how: Rendering | None = None) -> str:
    return to_html(reports, how or Rendering())


def words(text: str) -> str:
    """What is shown, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", " ", text, flags=re.DOTALL))).split())


def policy(text: str) -> dict[str, str]:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert found is not None
    return {entry.split()[0]: entry.split(" ", 1)[1] for entry in unescape(found[1]).split("; ")}


@pytest.mark.parametrize("name", BY_NAME)
def test_every_kind_of_model_has_a_page(name: str) -> None:
    text = written(report_of(BY_NAME[name]))
    assert text.startswith("<!DOCTYPE html>")
    assert "small" in words(text)


def test_the_style_is_the_one_the_policy_names_and_no_script_is() -> None:
    text = written(report_of(LLAMA))
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy(text) == {"default-src": "'none'", "style-src": f"'sha256-{digest}'", "base-uri": "'none'", "form-action": "'none'"}


def test_nothing_is_loaded() -> None:
    text = written(report_of(LLAMA), report_of(DEEPSEEK))
    assert re.findall(r"\b(?:src|srcset|data|action|poster)=|url\(|@import|<link", text) == []
    assert {link[0] for link in re.findall(r'href="([^"]*)"', text)} == {"#"}


def test_a_finding_is_told_with_evidence_to_unfold() -> None:
    text = written(report_of(LLAMA))
    assert "heads do not divide Fix write another" in words(text)
    (evidence, *_) = re.findall(r'<details class="evidence">(.*?)</details>', text, re.DOTALL)
    assert words(evidence) == 'Evidence 1 place: config.json:7 config.json:7 declared "num_key_value_heads": 3'


def test_words_in_backticks_are_code() -> None:
    outcomes = (finding("AAA001", "error", "`<b>` is `x"),)
    assert '<p class="message"><code>&lt;b&gt;</code> is `x</p>' in written(report_of(LLAMA, outcomes))


def test_a_figure_has_its_formula_worked_line_and_facts() -> None:
    text = written(report_of(LLAMA))
    (row,) = [row for row in re.findall(r'<details class="row figure">.*?</details>', text, re.DOTALL) if "cache.bytes_per_token<" in row]
    assert '<code class="worked">3 x 2 x 2 x 8 x 2 B = 192 bytes</code>' in row
    assert "num_key_value_heads 2 declared config.json#/num_key_value_heads" in words(row)


def test_an_unknown_figure_says_why() -> None:
    assert "Unknown because the tensors of invented are not known to specverify" in words(written(report_of(UNKNOWN)))


def test_a_fact_has_every_reading_and_says_where_they_differ() -> None:
    report = report_of(LLAMA)
    assert report.spec is not None
    claim = Reading(9, Source.CLAIMED, Where("README.md", line=4), "9 heads")
    heads = report.spec.fact("num_attention_heads").with_readings(claim)
    spec = replace(report.spec, facts={**report.spec.facts, "num_attention_heads": heads})
    row = next(
        r for r in re.findall(r'<details class="row fact">.*?</details>', written(replace(report, spec=spec)), re.DOTALL) if "9 heads" in r
    )
    assert "readings differ" in row
    assert "claimed 9 README.md:4 9 heads" in words(row)


def test_a_rule_is_documented_where_it_found_something() -> None:
    rule = next(rule for rule in rules() if rule.code == "ATT003")
    how = Rendering([RuleText(rule.code, rule.name, rule.severity, rule.confidence, rule.source, rule.summary, rule.doc)])
    text = written(report_of(LLAMA, (finding("ATT003", "error"),)), how=how)
    assert rule.doc.splitlines()[0] in unescape(text)
    assert "About this rule" not in written(report_of(LLAMA, (finding("AAA001", "error"),)), how=how)


def test_more_models_are_listed_first() -> None:
    text = words(written(report_of(LLAMA), Report("a/b", "a/b", error="a/b: gated")))
    assert text.startswith("2 models - specverify small 1 error, 1 remark a/b could not be read ")
    assert "a/b: gated" in text


def test_skipped_checks_are_told_with_their_reason() -> None:
    assert "README.md is not there AAA004" in words(written(report_of(LLAMA)))


def test_values_are_escaped_once_and_steer_nothing() -> None:
    name: Any = "<b>&amp;\x1b[31m\u202e{{ 7 * 7 }}"
    text = written(replace(report_of(LLAMA), name=name))
    assert "<h1>&lt;b&gt;&amp;amp;\\x1b[31m\\u202e{{ 7 * 7 }}</h1>" in text


def test_a_template_that_is_not_given_a_value_fails() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        "".join(page("audit.html", {}))


def test_a_fact_without_a_reading_is_shown() -> None:
    report = report_of(LLAMA)
    assert report.spec is not None
    spec = replace(report.spec, facts={"odd": Fact("odd", (), "nobody says")})
    assert "odd unknown Unknown because nobody says" in words(written(replace(report, spec=spec)))


def test_accepted_findings_are_told_among_the_checks_with_their_reason() -> None:
    ignored = Accepted(finding("AAA001", "error", "let `pass`"), Acceptance.IGNORED, "<i>it is padded</i>", "specverify.toml:4")
    known = Accepted(finding("AAA002", "info", "seen"), Acceptance.KNOWN, "it was found before", "baseline.json")
    text = written(report_of(LLAMA, (known, ignored)))
    (table,) = re.findall(r'<table class="readings accepted">(.*?)</table>', text, re.DOTALL)
    rows = [words(row) for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)]
    assert rows == [
        "ignored AAA001 let pass because <i>it is padded</i> specverify.toml:4",
        "known AAA002 seen because it was found before baseline.json",
    ]
    assert "<i>" not in table
    assert "1 ignored, 1 known, 0 passed" in words(text)
    assert "Found and accepted" not in written(report_of(LLAMA))
