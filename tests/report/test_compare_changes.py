"""Two revisions of a model: what changed is told with both values and both places, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from specverify.cli.reading import quotes
from specverify.outcome import Report, Skipped
from specverify.report.compare.changes import Changes, How
from specverify.report.compare.comparison import compare
from specverify.report.compare.terminal import render
from tests.fixture_files import FIXTURES
from tests.report.compared import CARD, read, write
from tests.report.reports import LLAMA, finding


def changed(before: Report, after: Report) -> Changes:
    found = compare([before, after], [quotes(before), quotes(after)], diff=True).changes
    assert found is not None
    return found


def two(tmp_path: Path, after: dict[str, Any], card: str = CARD, **files: str) -> list[Report]:
    """Two folders of one name: `LLAMA` with `CARD`, and what it became."""
    return read(
        write(tmp_path / "one" / "Small", LLAMA, README__md=CARD), write(tmp_path / "two" / "Small", after, README__md=card, **files)
    )


def test_the_same_model_twice_has_no_change(tmp_path: Path) -> None:
    reports = two(tmp_path, LLAMA)
    assert changed(*reports) == Changes((), (), (), (), changed(*reports).files)
    assert changed(*reports).files == ((), ())
    assert "nothing that was read differs" in render(compare(reports))


def test_a_fact_has_both_values_and_both_places_with_their_lines(tmp_path: Path) -> None:
    after = {"first": 1, **LLAMA, "num_key_value_heads": 4}
    (fact,) = [one for one in changed(*two(tmp_path, after)).facts if one.name == "num_key_value_heads"]
    assert (fact.before.value, fact.after.value, fact.moved) == (2, 4, False)
    at = (fact.before.file, fact.before.pointer, fact.before.line, fact.before.quote)
    assert at == ("config.json", "/num_key_value_heads", 10, '"num_key_value_heads": 2')
    assert (fact.after.line, fact.after.quote) == (11, '"num_key_value_heads": 4')


def test_a_value_that_is_now_left_to_its_default_is_known_otherwise(tmp_path: Path) -> None:
    after = {key: value for key, value in LLAMA.items() if key != "use_cache"}
    before = {**LLAMA, "rms_norm_eps": 1e-6}
    reports = read(write(tmp_path / "one", before), write(tmp_path / "two", {**after, "rms_norm_eps": 1e-6, "tie_word_embeddings": False}))
    moved = {fact.name: fact for fact in changed(*reports).facts if fact.moved}
    assert "tie_word_embeddings" in moved
    told = moved["tie_word_embeddings"]
    assert (str(told.before.source), str(told.after.source)) == ("defaulted", "declared")


def test_a_fact_that_is_unknown_now_says_why(tmp_path: Path) -> None:
    facts = {one.name: one for one in changed(*two(tmp_path, {**LLAMA, "num_attention_heads": "many"})).facts}
    assert facts["num_attention_heads"].before.value == 8
    assert facts["num_attention_heads"].after.value is None
    assert facts["num_attention_heads"].after.reason


def test_true_is_not_one_and_a_number_is_the_same_with_a_point(tmp_path: Path) -> None:
    names = {one.name for one in changed(*two(tmp_path, {**LLAMA, "rope_theta": 10000})).facts}
    assert "rope_theta" not in names
    reports = two(tmp_path / "more", {**LLAMA, "use_cache": 1})
    assert [key.pointer for file in changed(*reports).files.changed for key in file.keys] == ["/use_cache"]


def test_figures_that_changed_have_both_values(tmp_path: Path) -> None:
    reports = two(tmp_path, {**LLAMA, "num_key_value_heads": 4})
    figures = {one.name: one for one in changed(*reports).figures}
    assert (figures["cache.bytes_per_token"].before.value, figures["cache.bytes_per_token"].after.value) == (192, 384)
    differing = {name for name in reports[0].figures if reports[0].figures[name].value != reports[1].figures[name].value}
    assert set(figures) == differing
    assert "cache.bytes_per_token" in differing
    assert "parameters.mtp" not in differing


def test_rotary_scaling_and_quantization_are_facts_too(tmp_path: Path) -> None:
    after = {**LLAMA, "rope_scaling": {"rope_type": "linear", "factor": 4.0}, "quantization_config": {"quant_method": "fp8", "fmt": "e4m3"}}
    facts = {one.name: (one.before.value, one.after.value) for one in changed(*two(tmp_path, after)).facts}
    assert facts["rope_factor"] == (2.0, 4.0)
    assert facts["quant_method"] == (None, "fp8")


def test_claims_that_changed_appeared_or_went(tmp_path: Path) -> None:
    card = CARD.replace("| Number of Layers | 3 |", "| Number of Layers | 4 |").replace(
        "| Context Length | 8192 |", "| Vocabulary Size | 1000 |"
    )
    claims = [(one.kind, one.how) for one in changed(*two(tmp_path, LLAMA, card)).claims]
    assert sorted(claims) == [("context_length", How.WENT), ("num_layers", How.CHANGED), ("vocab_size", How.APPEARED)]
    (layers,) = [one for one in changed(*two(tmp_path / "more", LLAMA, card)).claims if one.kind == "num_layers"]
    assert layers.before is not None
    assert layers.after is not None
    assert [(str(v.agreement), v.stated.line) for v in (layers.before, layers.after)] == [("agrees", 8), ("disagrees", 8)]


def test_a_claim_that_only_moved_is_no_change_and_one_that_came_to_something_else_is(tmp_path: Path) -> None:
    assert changed(*two(tmp_path, LLAMA, CARD.replace("# Small", "\n\n# Small"))).claims == ()
    (layers,) = changed(*two(tmp_path / "more", {**LLAMA, "num_hidden_layers": 4})).claims
    assert (layers.kind, layers.how) == ("num_layers", How.CHANGED)


def test_findings_that_appeared_changed_or_went(tmp_path: Path) -> None:
    before, after = two(tmp_path, LLAMA)
    one, other, third = finding("AAA001", "error"), finding("AAA002", "info"), finding("AAA003", "info", "as it was")
    before = replace(before, outcomes=(one, other, third))
    after = replace(after, outcomes=(finding("AAA003", "warning", "worse"), finding("AAA004", "error"), Skipped("AAA002", "x", "no card")))
    told = {one.code: (one.how, one.reason) for one in changed(before, after).findings}
    assert told == {
        "AAA001": (How.WENT, None),
        "AAA002": (How.UNSEEN, "no card"),
        "AAA003": (How.CHANGED, None),
        "AAA004": (How.APPEARED, None),
    }
    text = " ".join(render(compare([before, after])).split())
    assert "AAA002 made-up-rule not checked: no card" in text


def test_files_that_came_went_or_differ_with_their_keys(tmp_path: Path) -> None:
    one = write(tmp_path / "one", LLAMA, generation_config__json='{"top_k": 1, "a/b": {"c": 2}}', LICENSE="x", model__gguf="")
    two = write(tmp_path / "two", LLAMA, generation_config__json='{"top_k": 1,\n "a/b": {"c": 3}}', privacy__md="y", model__gguf="")
    files = changed(*read(one, two)).files
    assert [(file.name, file.how) for file in files.changed] == [
        ("LICENSE", "removed"), ("generation_config.json", "changed"), ("privacy.md", "added"),
    ]  # fmt: skip
    assert [tuple(key) for key in files.changed[1].keys] == [("/a~1b/c", "2", "3", 1, 2)]
    assert files.unseen == (("model.gguf", "its contents are not read"),)


def test_one_name_is_one_model_and_others_are_told_apart_only_when_asked(tmp_path: Path) -> None:
    same = read(write(tmp_path / "one" / "Small"), write(tmp_path / "two" / "Small"))
    other = read(write(tmp_path / "A"), write(tmp_path / "B"))
    told = [compare(reports, diff=diff).changes is not None for reports in (same, other) for diff in (None, True, False)]
    assert told == [True, True, False, False, True, False]
    broken = replace(same[1], error="not there")
    assert compare([same[0], broken], diff=True).changes is None
    assert compare([*same, same[0]]).changes is None


def test_the_context_of_llama_2_went_from_2048_to_4096() -> None:
    reports = read(str(FIXTURES / "llama-2-7b-first-revision"), str(FIXTURES / "llama-2-7b"))
    found = changed(*reports)
    (positions,) = [one for one in found.facts if one.name == "max_position_embeddings"]
    assert [(told.value, told.line) for told in (positions.before, positions.after)] == [(2048, 14), (4096, 14)]
    assert ("CRD001", How.WENT) in [(one.code, one.how) for one in found.findings]
    text = render(compare(reports, [quotes(report) for report in reports], diff=True))
    assert '+ 4096 declared config.json:14#/max_position_embeddings | "max_position_embeddings": 4096' in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80


def test_a_huge_file_is_told_in_part(tmp_path: Path) -> None:
    many = json.dumps({str(number): number for number in range(1_500)})
    reports = read(write(tmp_path / "a", LLAMA, tokenizer_config__json="{}"), write(tmp_path / "b", LLAMA, tokenizer_config__json=many))
    (file,) = changed(*reports).files.changed
    assert (len(file.keys), file.more) == (1_000, 501)
    assert "1,481 more keys" in render(compare(reports, diff=True))
