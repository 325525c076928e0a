from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from specverify.facts import Source
from specverify.outcome import Acceptance, Accepted, Evidence, Kept, Report
from specverify.report.rendering import Rendering, RuleText
from specverify.report.sarif import to_sarif
from specverify.rules.engine import rules
from tests.report.reports import LLAMA, finding, report_of

SHA = "0123456789abcdef0123456789abcdef01234567"
TEXT = '{\n  "hidden_size": 64,\n  "num_key_value_heads": 3\n}\n'
HOW = Rendering(
    [RuleText(r.code, r.name, r.severity, r.confidence, r.source, r.summary, r.doc) for r in rules()], "https://hub.example", "1.2.3"
)


def run_of(report: Report, how: Rendering = HOW) -> Any:
    (run,) = json.loads(to_sarif([report], how))["runs"]
    return run


def results(report: Report) -> Any:
    return run_of(report)["results"]


def report(*evidence: Evidence, severity: str = "error", message: str = "it is wrong", **changed: Any) -> Report:
    outcome = replace(finding("ATT003", severity, message), evidence=evidence or (at_line(3),))
    read = replace(report_of(LLAMA, (outcome,)), texts={"config.json": TEXT})
    return replace(read, **changed)


def at_line(line: int, pointer: str | None = "/num_key_value_heads", quote: str | None = '"num_key_value_heads": 3') -> Evidence:
    return Evidence(Source.DECLARED, "config.json", pointer, line, quote, 3)


def on_hub(*evidence: Evidence, **changed: Any) -> Report:
    return report(*evidence, **{"origin": "hub", "ref": "acme/small", "name": "acme/small", "sha": SHA, **changed})


def test_a_finding_stands_at_its_line_and_columns() -> None:
    (result,) = results(report())
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "models/small/config.json"
    assert place["region"] == {"startLine": 3, "startColumn": 3, "endColumn": 27, "snippet": {"text": '"num_key_value_heads": 3'}}
    assert TEXT.splitlines()[2][2:26] == '"num_key_value_heads": 3'
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "/num_key_value_heads"


def test_a_line_that_the_file_does_not_have_gives_no_columns() -> None:
    (result,) = results(report(at_line(30)))
    assert set(result["locations"][0]["physicalLocation"]["region"]) == {"startLine", "snippet"}


def test_columns_of_a_card_come_from_its_bytes() -> None:
    evidence = Evidence(Source.CLAIMED, "README.md", None, 2, "é 7B model", 7)
    (result,) = results(report(evidence, kept=Kept(contents={"README.md": "# x\n> é 7B model\n".encode()})))
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (3, 13)
    assert run_of(report())["columnKind"] == "unicodeCodePoints"


@pytest.mark.parametrize(("severity", "level"), [("error", "error"), ("warning", "warning"), ("info", "note")])
def test_severity_is_a_level(severity: str, level: str) -> None:
    (result,) = results(report(severity=severity))
    assert result["level"] == level


def test_a_fingerprint_outlives_a_moved_line_and_tells_places_apart() -> None:
    def fingerprint(*evidence: Evidence) -> Any:
        (result,) = results(report(*evidence))
        return result["partialFingerprints"]["specverify/v1"]

    here = fingerprint(at_line(3))
    assert fingerprint(at_line(90)) == here
    assert fingerprint(at_line(3, quote="3")) == here
    assert fingerprint(at_line(3, "/hidden_size")) != here
    words = Evidence(Source.CLAIMED, "README.md", None, 4, "a  7B model", 7)
    assert (
        fingerprint(words) == fingerprint(replace(words, line=40, quote="a 7B model")) != fingerprint(replace(words, quote="an 8B model"))
    )


def test_two_findings_of_a_rule_at_one_place_have_two_fingerprints() -> None:
    twice = report()
    twice = replace(twice, outcomes=twice.outcomes * 2)
    found = [result["partialFingerprints"]["specverify/v1"] for result in results(twice)]
    assert len(set(found)) == 2


def test_the_rule_is_documented_by_its_docstring() -> None:
    run = run_of(report())
    (told,) = run["tool"]["driver"]["rules"]
    rule = next(rule for rule in rules() if rule.code == "ATT003")
    assert (told["id"], told["help"]["markdown"], told["fullDescription"]["text"]) == ("ATT003", rule.doc, rule.summary)
    assert told["properties"]["precision"] == str(rule.confidence)
    assert run["results"][0]["ruleIndex"] == 0
    assert run["tool"]["driver"]["version"] == "1.2.3"


def test_a_repo_is_named_with_its_commit_and_its_files_stand_below_it() -> None:
    run = run_of(on_hub())
    assert run["versionControlProvenance"] == [{"repositoryUri": "https://hub.example/acme/small", "revisionId": SHA}]
    assert run["originalUriBaseIds"]["MODEL"]["uri"] == f"https://hub.example/acme/small/resolve/{SHA}/"
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert (place["uri"], place["uriBaseId"]) == ("config.json", "MODEL")
    assert run["automationDetails"]["id"] == "specverify/acme/small/"


def test_a_folder_is_no_repo() -> None:
    run = run_of(report())
    assert "versionControlProvenance" not in run
    assert "originalUriBaseIds" not in run


def test_artifacts_are_what_was_read_with_their_hashes() -> None:
    run = run_of(report(kept=Kept(contents={"config.json": b"{}"})))
    assert [artifact["location"]["uri"] for artifact in run["artifacts"]] == ["models/small/config.json"]
    assert run["artifacts"][0]["hashes"] == {"sha-256": hashlib.sha256(b"{}").hexdigest()}
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["index"] == 0


def test_a_class_default_is_no_file() -> None:
    default = Evidence(Source.DEFAULTED, "transformers 5.23.0 LlamaConfig", "/num_key_value_heads", value=None)
    (result,) = results(report(at_line(3), default))
    assert "physicalLocation" not in result["relatedLocations"][0]
    (alone,) = results(report(default))
    assert alone["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "models/small/config.json"
    assert len(alone["relatedLocations"]) == 1


def test_data_of_this_program_is_no_file_of_the_model() -> None:
    gpu = Evidence(Source.DECLARED, "specverify/derive/gpus.json", "/gpus/h100-sxm-80gb/memory_mib", value=81559)
    (result,) = results(report(gpu))
    assert "physicalLocation" not in result["relatedLocations"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "models/small/config.json"


def test_a_file_of_tensors_is_a_file_of_the_model() -> None:
    (result,) = results(report(Evidence(Source.MEASURED, "model.safetensors", value="BF16")))
    assert result["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "models/small/model.safetensors"}}}]


def test_what_broke_and_what_was_not_looked_at_is_said() -> None:
    invocation = run_of(report_of(LLAMA))["invocations"][0]
    assert invocation["executionSuccessful"] is False
    said = [(one["level"], one["message"]["text"]) for one in invocation["toolExecutionNotifications"]]
    assert ("error", "the rule crashed: ZeroDivisionError: division by zero") in said
    assert ("note", "not looked at: AAA004: README.md is not there") in said


def test_a_model_that_could_not_be_read_is_a_run_that_failed() -> None:
    run = run_of(Report("a/b", "a/b", error="a/b: gated", error_kind="Gated"))
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["results"] == []


def test_a_link_in_a_message_is_none() -> None:
    (result,) = results(report(message="see [here](http://evil.example)"))
    assert result["message"]["text"].startswith("see [here]\\(http://evil.example)")


def accepted(message: str, how: Acceptance = Acceptance.IGNORED, reason: str = "The loader pads the heads.") -> Accepted:
    return Accepted(replace(finding("ATT003", "error", message), evidence=(at_line(3),)), how, reason, "specverify.toml:4")


def test_an_accepted_finding_is_a_suppressed_result_with_its_reason() -> None:
    (result,) = results(replace(report(), outcomes=(accepted("let pass"),)))
    (suppression,) = result["suppressions"]
    assert (suppression["kind"], suppression["status"], suppression["justification"]) == (
        "external",
        "accepted",
        "The loader pads the heads.",
    )
    assert suppression["properties"] == {"how": "ignored", "by": "specverify.toml:4"}
    assert (result["ruleId"], result["ruleIndex"], result["level"], result["message"]["text"]) == (
        "ATT003", 0, "error", "let pass Fix: write another",
    )  # fmt: skip


def test_all_results_of_a_run_speak_of_suppressions_or_none_does() -> None:
    """SARIF 2.1.0, 3.27.23; and where an accepted finding is at the place of another, both keep a fingerprint of their own."""
    alone = report()
    assert "suppressions" not in results(alone)[0]
    both = results(replace(alone, outcomes=(accepted("known", Acceptance.KNOWN, "it was found before"), *alone.outcomes)))
    assert [len(result["suppressions"]) for result in both] == [0, 1]
    assert len({result["partialFingerprints"]["specverify/v1"] for result in both}) == 2


def test_a_reason_is_cleaned() -> None:
    (result,) = results(replace(report(), outcomes=(accepted("let pass", reason="red \x1b[31m\u202eeye"),)))
    assert not {"\x1b", "\u202e"} & set(result["suppressions"][0]["justification"])
