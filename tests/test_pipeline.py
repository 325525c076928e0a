"""The stages joined: files to report, what a missing or broken file does, and that many models are one after another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from specverify import Report, SpecverifyError, Target, verify, verify_many
from specverify.errors import Unreadable
from specverify.fetch.files import ModelFiles
from specverify.outcome import Finding, Skipped
from specverify.pipeline import assess
from tests.architectures.plans import SMALL
from tests.fixture_files import FIXTURES

CONFIG: dict[str, Any] = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], **SMALL}


def files(config: dict[str, Any] | bytes = b"{}", **others: bytes) -> ModelFiles:
    data = json.dumps(config, indent=1).encode() if isinstance(config, dict) else config
    contents = {"config.json": data, **{name.replace("__", "."): content for name, content in others.items()}}
    return ModelFiles("x/y", "x/y", "folder", listing=tuple(contents), contents=contents)


def findings(report: Report, code: str) -> list[Finding]:
    return [found for found in report.findings if found.code == code]


def test_a_report_names_what_was_read_and_asked() -> None:
    report = assess(files(CONFIG), Target("h100-sxm-80gb", 8))
    assert (report.ref, report.name, report.error) == ("x/y", "x/y", None)
    assert report.target["tensor_parallel"] == 8
    assert report.files["config.json"] == "read"
    assert report.spec is not None
    assert report.spec.family == "llama"
    assert "capacity.fits" in report.figures


def test_without_a_target_there_is_no_capacity() -> None:
    assert not any(name.startswith("capacity.") for name in assess(files(CONFIG)).figures)


def test_the_files_beside_the_config_say_what_an_engine_makes_of_it() -> None:
    """A repository for sentence-transformers is served without an output head."""
    untied = {**CONFIG, "tie_word_embeddings": False}
    plain, pooled = (
        assess(files(untied, **more), Target(engine="vllm")).figures["weights.bytes_per_gpu"].value
        for more in ({}, {"modules__json": b"[]"})
    )
    assert (plain or 0) - (pooled or 0) == 128 * 32 * 2


@pytest.mark.parametrize(
    ("contents", "absent", "message"),
    [({}, {}, "config.json: not there"), ({}, {"config.json": "not in the folder"}, "config.json: not in the folder")],
)
def test_no_config_is_unreadable(contents: dict[str, bytes], absent: dict[str, str], message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        assess(ModelFiles("x", "x", "folder", contents=contents, absent=absent))


def test_a_finding_quotes_the_line_that_proves_it() -> None:
    report = assess(files({**CONFIG, "num_key_value_heads": 3}))
    found = findings(report, "ATT003")
    assert len(found) == 1
    evidence = {e.pointer: e for e in found[0].evidence}["/num_key_value_heads"]
    assert evidence.quote == '"num_key_value_heads": 3'
    text = report.texts["config.json"].splitlines()
    assert evidence.line is not None
    assert '"num_key_value_heads": 3' in text[evidence.line - 1]


def test_of_a_key_that_stands_twice_the_last_is_quoted() -> None:
    text = json.dumps(CONFIG, indent=1)[:-1] + ', "num_key_value_heads": 3\n}'
    report = assess(files(text.encode()))
    quotes = [e.quote for found in findings(report, "ATT003") for e in found.evidence if e.pointer == "/num_key_value_heads"]
    assert quotes == [', "num_key_value_heads": 3']


def test_a_broken_side_file_is_a_finding_and_no_more() -> None:
    report = assess(files(CONFIG, generation_config__json=b"{nope"))
    assert report.error is None
    assert findings(report, "DOC006")
    skipped = [o for o in report.outcomes if isinstance(o, Skipped) and "generation_config.json" in o.reason]
    assert all("not JSON" in outcome.reason for outcome in skipped)


def test_a_rule_without_its_input_is_skipped_with_the_file_it_lacks() -> None:
    report = assess(files(CONFIG))
    reasons = {outcome.reason for outcome in report.outcomes if isinstance(outcome, Skipped)}
    assert any(reason.startswith("generation_config.json: ") for reason in reasons)
    assert any(reason.startswith("tokenizer_config.json: ") for reason in reasons)


def test_selection_reaches_the_rules() -> None:
    assert {o.code for o in assess(files(CONFIG), select=["ATT001"]).outcomes} == {"ATT001"}
    assert "ATT001" not in {o.code for o in assess(files(CONFIG), ignore=["ATT"]).outcomes}


def test_what_is_no_language_model_is_reported_all_the_same() -> None:
    report = assess(files({"_class_name": "UNet2DConditionModel"}), Target("h100-sxm-80gb"))
    assert report.figures == {}
    assert report.spec is not None
    assert "diffusers" in (report.spec.fact("prototype").reason or "")
    assert json.dumps(report.to_dict())


def test_a_folder_by_its_path() -> None:
    report = verify(str(FIXTURES / "llama-3.1-8b"), target=Target(context=4096), offline=True)
    assert report.origin == "folder"
    assert report.to_dict()["figures"]["parameters.total"]["value"] == 8_030_261_248


def test_verify_raises_what_it_says_and_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("[1, 2]")
    with pytest.raises(SpecverifyError, match=r"config\.json:line 1: holds an array, not an object"):
        verify(str(tmp_path), offline=True)


def test_many_models_in_order_and_one_that_cannot_be_had_among_them(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    refs = [str(FIXTURES / "gpt2"), str(tmp_path), str(FIXTURES / "bert-base")]
    reports = list(verify_many(refs, offline=True))
    assert [report.ref for report in reports] == refs
    assert [report.error is None for report in reports] == [True, False, True]
    assert reports[1].error_kind == "Unreadable"
    assert (reports[1].spec, reports[1].outcomes) == (None, ())
    assert json.dumps(reports[1].to_dict())


def test_many_models_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    reports = verify_many(iter([str(FIXTURES / "gpt2"), str(tmp_path)]), offline=True)
    assert next(reports).name == "gpt2"


def test_a_gpu_nobody_knows_does_not_end_the_run() -> None:
    reports = list(verify_many([str(FIXTURES / "gpt2")], target=Target("h1000"), offline=True))
    assert reports[0].error_kind == "UnknownGpu"


def test_same_inputs_same_report() -> None:
    again = [json.dumps(assess(files(CONFIG), Target("h100-sxm-80gb")).to_dict()) for _ in range(2)]
    assert again[0] == again[1]
