from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

from specverify.outcome import Kept, Report, Scored
from specverify.report.cyclonedx import to_cyclonedx
from specverify.report.rendering import Rendering
from specverify.report.spdx import SPDX
from tests.report.reports import LLAMA, UNKNOWN, report_of

SHA = "0123456789abcdef0123456789abcdef01234567"
HOW = Rendering((), "https://hub.example", "1.2.3")


def model(report: Report) -> Any:
    (component,) = json.loads(to_cyclonedx([report], HOW))["components"]
    return component


def kept(**metadata: tuple[str, ...]) -> Report:
    return replace(report_of(LLAMA), kept=Kept(metadata=metadata))


def property_of(component: Any, name: str) -> str:
    (found,) = [entry["value"] for entry in component["properties"] if entry["name"] == name]
    return str(found)


def test_what_the_config_states_is_the_architecture() -> None:
    component = model(report_of(LLAMA))
    assert component["type"] == "machine-learning-model"
    assert component["modelCard"]["modelParameters"] == {"architectureFamily": "llama", "modelArchitecture": "LlamaForCausalLM"}


def test_what_nobody_states_is_left_out() -> None:
    component = model(report_of(LLAMA))
    assert not {"licenses", "version", "purl", "pedigree", "externalReferences", "description", "supplier", "group"} & set(component)


def test_what_the_card_states_is_told() -> None:
    component = model(kept(pipeline_tag=("text-generation",), datasets=("acme/text", "acme/text"), base_model=("acme/base",)))
    parameters = component["modelCard"]["modelParameters"]
    assert parameters["task"] == "text-generation"
    assert parameters["datasets"] == [{"type": "dataset", "name": "acme/text"}]
    assert component["pedigree"]["ancestors"] == [{"type": "machine-learning-model", "name": "acme/base"}]


def test_a_license_is_an_spdx_identifier_where_it_is_one() -> None:
    assert model(kept(license=("apache-2.0",)))["licenses"] == [{"license": {"id": "Apache-2.0", "acknowledgement": "declared"}}]
    assert model(kept(license=("llama3.1",)))["licenses"][0]["license"]["name"] == "llama3.1"
    own = kept(license=("other",), license_name=("acme-terms",), license_link=("https://acme.example/terms",))
    assert model(own)["licenses"][0]["license"] == {
        "name": "acme-terms", "acknowledgement": "declared", "url": "https://acme.example/terms",
    }  # fmt: skip


def test_every_identifier_is_one_of_spdx() -> None:
    official = json.loads((files("cyclonedx.schema") / "_res" / "spdx.SNAPSHOT.schema.json").read_text(encoding="utf-8"))
    assert set(SPDX.values()) <= set(official["enum"])
    assert all(word == identifier.lower() for word, identifier in SPDX.items())


def test_a_repo_has_its_commit_and_its_places() -> None:
    report = replace(report_of(LLAMA), origin="hub", name="acme/small", ref="acme/small", sha=SHA, files={"README.md": "read"})
    component = model(report)
    assert (component["group"], component["name"], component["version"]) == ("acme", "small", SHA)
    assert component["purl"] == f"pkg:huggingface/acme/small@{SHA}"
    assert component["externalReferences"] == [
        {"type": "distribution", "url": f"https://hub.example/acme/small/tree/{SHA}"},
        {"type": "model-card", "url": f"https://hub.example/acme/small/blob/{SHA}/README.md"},
    ]


def test_files_are_hashed() -> None:
    component = model(replace(report_of(LLAMA), kept=Kept(contents={"config.json": b"{}"})))
    digest = hashlib.sha256(b"{}").hexdigest()
    assert component["components"] == [{"type": "file", "name": "config.json", "hashes": [{"alg": "SHA-256", "content": digest}]}]


def test_scores_are_those_of_the_model_itself() -> None:
    scores = (
        Scored("MMLU", "g", "81.2", ("5-shot",), "README.md", 3),
        Scored("GPQA", "g", "40", (), "README.md", 4, surely=False),
    )
    component = model(replace(report_of(LLAMA), kept=Kept(scores=scores)))
    assert component["modelCard"]["quantitativeAnalysis"]["performanceMetrics"] == [{"type": "MMLU", "value": "81.2", "slice": "5-shot"}]


def test_uses_and_limits_are_the_cards_own_words() -> None:
    component = model(replace(report_of(LLAMA), kept=Kept(uses=("Chat.",), limits=("English only.",))))
    assert component["modelCard"]["considerations"] == {"useCases": ["Chat."], "technicalLimitations": ["English only."]}


def test_figures_are_exact_and_unknown_ones_say_why() -> None:
    assert property_of(model(report_of(LLAMA)), "specverify:figure:cache.bytes_per_token") == "192 bytes"
    told = property_of(model(report_of(UNKNOWN)), "specverify:figure:parameters.total")
    assert told == "unknown: the tensors of invented are not known to specverify"
