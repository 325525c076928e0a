"""A model as a fragment of a CycloneDX 1.6 machine-learning bill of materials: what its files state, and the figures derived.

https://cyclonedx.org/docs/1.6/json/ . What the card states is marked as declared; what nobody states is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from specverify.outcome import Kept, Report
from specverify.report.json import document
from specverify.report.places import REPOS, repository
from specverify.report.rendering import Rendering
from specverify.report.sanitize import clean, clean_value
from specverify.report.shape import summary
from specverify.report.spdx import SPDX
from specverify.spec import Figure

SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
OWN_LICENSE = "other"
"""What a card states as its license where it names its own under `license_name`."""
OPENED_AS = {"README.md": "model-card", "config.json": "configuration"}
"""What a file of a repo is to those who follow a reference."""
LONGEST = 2_000


def to_cyclonedx(reports: Sequence[Report], how: Rendering) -> str:
    """The bill of these models; the bytes of their files have to be kept. A model that could not be read is not on it."""
    tool = {"type": "application", "name": "specverify", "version": how.version}
    return document(
        {
            "$schema": SCHEMA,
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"tools": {"components": [tool]}},
            "components": [_model(report, how.hub) for report in reports if report.error is None],
        }
    )


def _model(report: Report, hub: str) -> dict[str, Any]:
    kept = report.kept or Kept()
    group, _, name = report.name.rpartition("/")
    form: dict[str, Any] = {"type": "machine-learning-model", "bom-ref": clean(report.name)}
    form |= {"group": clean(group)} if group else {}
    form["name"] = clean(name)
    if report.sha is not None:
        form["version"] = clean(report.sha)
    form |= _some("licenses", _licenses(kept.metadata))
    if report.origin in REPOS and report.sha is not None:
        form["purl"] = f"pkg:huggingface/{quote(report.name, safe='/')}@{quote(report.sha)}"
    ancestors = [{"type": "machine-learning-model", "name": clean(base)} for base in kept.metadata.get("base_model", ())]
    form |= {"pedigree": {"ancestors": _apart(ancestors)}} if ancestors else {}
    form |= _some("externalReferences", _references(report, hub))
    form |= _some("components", _files(kept))
    form |= _some("modelCard", _card(report, kept))
    form["properties"] = list(_properties(report))
    return form


def _licenses(metadata: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """The licenses as the card states them: by SPDX identifier where the word is one, else by name."""
    names, links = metadata.get("license_name", ()), metadata.get("license_link", ())
    found = []
    for word in metadata.get("license", ()):
        spdx = SPDX.get(word.strip().lower())
        named = names[0] if word == OWN_LICENSE and names else word
        license_: dict[str, Any] = {"id": spdx} if spdx else {"name": clean(named)}
        license_["acknowledgement"] = "declared"
        if spdx is None and links and links[0].startswith("https://"):
            license_["url"] = _iri(links[0])
        found.append({"license": license_})
    return _apart(found)


def _references(report: Report, hub: str) -> Iterator[dict[str, Any]]:
    whole = repository(report, hub)
    if whole is None:
        return
    yield {"type": "distribution", "url": whole if report.sha is None else f"{whole}/tree/{quote(report.sha)}"}
    for file, kind in OPENED_AS.items():
        if report.sha is not None and report.files.get(file) == "read":
            yield {"type": kind, "url": f"{whole}/blob/{quote(report.sha)}/{file}"}


def _files(kept: Kept) -> Iterator[dict[str, Any]]:
    for name, contents in sorted(kept.contents.items()):
        yield {"type": "file", "name": clean(name), "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(contents).hexdigest()}]}


def _card(report: Report, kept: Kept) -> dict[str, Any]:
    """Task, architecture and datasets as the files state them; the scores, uses and limits that the card reports."""
    spec = report.spec
    classes = None if spec is None else spec.value("architectures")
    parameters: dict[str, Any] = {}
    for key, stated in (
        ("task", next(iter(kept.metadata.get("pipeline_tag", ())), None)),
        ("architectureFamily", None if spec is None else spec.value("model_type")),
        ("modelArchitecture", classes[0] if isinstance(classes, list) and classes else None),
    ):
        if isinstance(stated, str):
            parameters[key] = clean(stated)
    datasets = [{"type": "dataset", "name": clean(name)} for name in kept.metadata.get("datasets", ())]
    form = _some("modelParameters", parameters | _some("datasets", _apart(datasets)))
    scores = [
        {"type": clean(score.benchmark), "value": clean(score.raw)}
        | ({"slice": clean(", ".join(score.settings))} if score.settings else {})
        for score in kept.scores
        if score.surely
    ]
    form |= {"quantitativeAnalysis": {"performanceMetrics": _apart(scores)}} if scores else {}
    told = _some("useCases", _texts(kept.uses)) | _some("technicalLimitations", _texts(kept.limits))
    return form | _some("considerations", told)


def _texts(texts: Sequence[str]) -> list[str]:
    return [clean(text, LONGEST) for text in texts]


def _properties(report: Report) -> Iterator[dict[str, str]]:
    """The verdict, the target where it says something, the findings, and every figure in its unit, exact, or why it is unknown."""
    yield _property("verdict", summary(report)["verdict"])
    if report.spec is not None:
        yield _property("exactness", report.spec.exactness)
    for name, value in report.target.items():
        if value not in (None, {}):
            yield _property(f"target:{name}", value if isinstance(value, str) else clean_value(value))
    for finding in report.findings:
        yield _property(f"finding:{finding.severity}:{finding.code}", finding.message)
    for name, figure in sorted(report.figures.items()):
        yield _property(f"figure:{name}", _exact(figure))


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": f"specverify:{clean(name)}", "value": clean(value, LONGEST)}


def _exact(figure: Figure) -> str:
    """The value without separators, and its unit."""
    if figure.value is None:
        return f"unknown: {'; '.join(figure.number.reasons())}"
    if isinstance(figure.value, bool):
        return "yes" if figure.value else "no"
    return f"{figure.value} {figure.unit}".strip()


def _iri(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="/:?#@!$&'()*+,;=%~")


def _some(key: str, value: Any) -> dict[str, Any]:
    """The key with its value, or nothing where that is empty."""
    found = list(value) if isinstance(value, Iterator) else value
    return {key: found} if found else {}


def _apart(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries in their order, each once."""
    return [entry for number, entry in enumerate(entries) if entry not in entries[:number]]
