"""Every rule's documentation is complete, and its examples do what they say."""

from __future__ import annotations

import re

import pytest

from specverify.outcome import Report
from specverify.rules.engine import Rule, rules
from specverify.rules.examples import Example, examples, sections
from tests.rules.assessed import report

RULES = rules()
CASES = [(rule, example) for rule in RULES for example in examples(rule.doc)]


def report_of(example: Example) -> Report:
    settings = "\n".join(example.settings) if example.settings else None
    return report(example.files, *example.paths, target=example.target, tensors=example.tensors, origin=example.origin, settings=settings)


def case_id(case: tuple[Rule, Example]) -> str:
    rule, example = case
    return f"{rule.code}-{'bad' if example.bad else 'good'}-{[e for e in examples(rule.doc) if e.bad is example.bad].index(example)}"


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_bad_example_fires_its_rule_alone_and_a_good_one_nothing(case: tuple[Rule, Example]) -> None:
    rule, example = case
    found = report_of(example).findings
    assert {finding.code for finding in found} == ({rule.code} if example.bad else set()), [finding.message for finding in found]
    for finding in found:
        assert finding.evidence, "a finding shows what proves it"
        assert finding.message.endswith("."), "a message is a sentence"
        assert finding.fix, "a finding says what to do"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_documented(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z]{3}\d{3}", rule.code)
    assert rule.source
    assert rule.summary.endswith(".")
    assert sections(rule.doc).keys() >= {"Why", "Fix"}
    assert sections(rule.doc)["Why"]
    assert sections(rule.doc)["Fix"]
    assert {example.bad for example in examples(rule.doc)} == {True, False}


def test_the_worst_severity_of_a_rule_is_its_own() -> None:
    """What a rule says of itself is the most it does: one whose findings are worse would pass `--fail-on` by its entry."""
    for rule, example in CASES:
        for finding in report_of(example).findings:
            assert finding.severity.rank <= rule.severity.rank, rule.code


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


CASE = re.compile(
    r"\b(?:issue|PR) \d+|\bCVE-\d+"
    r"|\b(?:gpt-oss|OpenELM|LongCat|Marian|NuExtract|blip|notux|BLOOM|MiniCPM|Ming-|ChatDoctor|stella_|GPT-SW3|Reflection)"
    r"|\b(?:Apertus|Baichuan|Command-R|DeepSeek|Exaone|Falcon|Gemma|GLM|HunYuan|InternLM|InternViT|Kimi|Llama|LLaMA|LLaVA|MiMo|MiniMax|Ministral"
    r"|Mistral|Mixtral|Nemotron|Phi|Qwen|RoBERTa|Step|TeleChat|Yi)\w*(?:[- ][\w.]*\d[\w.]*|-\w+)*"
)
"""A published model, a thread or a vulnerability, as a text names them."""


def test_half_of_the_rules_cite_a_public_case() -> None:
    reasons = [re.sub(r"```.*?```", "", sections(rule.doc)["Why"], flags=re.DOTALL) for rule in RULES]
    assert sum(CASE.search(reason) is not None for reason in reasons) >= len(RULES) / 2


DOC = """What is found.

## Why
Because.

```json bad
{"a": 1}
```
```json bad generation_config.json
{"b": 2}
```
```toml bad target
tensor_parallel = 8
```
```text bad files
modeling.py
model.safetensors
```
```json bad tensors
{"a.weight": ["BF16", [2, 3]]}
```
```toml bad origin
revision = "main"
```

```json good
{"a": 2}
```

```json shown only
## not a heading
```

## Fix
Do.
"""


def test_blocks_add_to_the_example_before_them() -> None:
    bad, good = examples(DOC)
    assert bad == Example(
        True,
        {"config.json": '{"a": 1}', "generation_config.json": '{"b": 2}'},
        ["modeling.py", "model.safetensors"],
        {"tensor_parallel": 8},
        {"a.weight": ("BF16", [2, 3])},
        {"revision": "main"},
    )
    assert good == Example(False, {"config.json": '{"a": 2}'})


def test_sections_are_by_heading_and_blocks_hold_none() -> None:
    found = sections(DOC)
    assert list(found) == ["", "Why", "Fix"]
    assert found[""] == "What is found."
    assert found["Fix"] == "Do."
    assert "not a heading" in found["Why"]


@pytest.mark.parametrize("doc", ["```toml bad target\ngpus = 2\n```", "```json good\n{}\n```\n```toml bad target\ngpus = 2\n```"])
def test_a_block_of_no_example_is_refused(doc: str) -> None:
    with pytest.raises(ValueError, match="follows no bad config"):
        examples(doc)
