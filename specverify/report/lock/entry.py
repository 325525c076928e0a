"""A model as a lock file holds it: commit, files read, spec, facts, figures, findings and verdict; no places and no day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from specverify.data import schema
from specverify.errors import Unreadable
from specverify.outcome import Report
from specverify.report.compare.changes import nowhere, side_of
from specverify.report.json import entries_by_line
from specverify.report.sanitize import clean
from specverify.report.shape import summary
from specverify.spec import Tensor
from specverify.spec_form import json_value, spec_to_dict

LOCK_VERSION = "1.0"
DEPTH = 4
"""Objects deep, an entry stands on a line: the file, its models, a model, its facts."""
DEFAULT_REVISION = "main"
OF_PLACES = ("readings", "disputed")
"""Keys of the form of a fact that say where it stands and who else says so, not what it is."""


def lock_text(entries: Iterable[tuple[str, Mapping[str, Any]]], target: Mapping[str, Any], *, tensors: bool, version: str) -> str:
    """A lock file of models by ref: the same models under the same target are the same bytes, whatever their order.

    `tensors` says whether tensor headers were read, `version` is that of specverify.
    """
    stated = {name: json_value(value) for name, value in sorted(target.items()) if value is not None and name != "own_gpus"}
    head = {"lock_version": LOCK_VERSION, "specverify": version, "tensors": tensors, "target": stated}
    return entries_by_line(head | {"models": dict(sorted(entries))}, DEPTH)


def locked(form: Mapping[str, Any], file: str) -> Mapping[str, Any]:
    """The content of a lock file, known to be one. Raises Unreadable with the place in it that is wrong."""
    from jsonschema import Draft202012Validator

    error = min(Draft202012Validator(schema("lock")).iter_errors(form), key=lambda one: list(map(str, one.absolute_path)), default=None)
    if error is not None:
        place = "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in error.absolute_path)
        raise Unreadable(f"no lock file: {clean(error.message)}", file=file, place=place)
    return form


def ref_of(report: Report) -> str:
    """What names the model and its revision, so that it can be read again: an option's revision goes into it."""
    named = report.revision in (None, DEFAULT_REVISION) or report.ref.endswith(f"@{report.revision}")
    return report.ref if named else f"{report.ref}@{report.revision}"


def entry(report: Report) -> dict[str, Any]:
    """What is locked of a model that was read, with the files kept."""
    side = side_of(report, nowhere)
    kept = report.kept
    return {
        "name": report.name,
        "revision": report.revision,
        "sha": report.sha,
        "verdict": summary(report)["verdict"],
        "spec": spec_digest(report),
        "files": {name: _file(data) for name, data in sorted(kept.contents.items())} if kept is not None else {},
        "tensors": tensor_digests(kept.tensors) if kept is not None else {},
        "facts": {
            name: {"unknown": told.reason} if told.source is None else {"value": json_value(told.value), "source": str(told.source)}
            for name, told in sorted(side.facts.items())
        },
        "figures": {
            name: {"value": cell.value, "unit": unit} | ({"unknown": cell.note} if cell.value is None else {})
            for name, (unit, cell) in sorted(side.figures.items())
        },
        "findings": [
            {name: str(getattr(finding, name)) for name in ("code", "name", "severity", "confidence", "message")}
            for finding in sorted(side.findings, key=lambda finding: (finding.code, finding.message))
        ],
    }


def spec_digest(report: Report) -> str | None:
    """SHA-256 of what a spec says, whatever line says it; None where there is no spec."""
    if report.spec is None:
        return None
    text = json.dumps(_without_places(spec_to_dict(report.spec)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def tensor_digests(tensors: Iterable[Tensor]) -> dict[str, str]:
    """For each tensor file the SHA-256 of its tensors' names, dtypes and shapes: what is read of weights is no more."""
    by_file: dict[str, list[tuple[str, str, list[int]]]] = {}
    for tensor in tensors:
        by_file.setdefault(tensor.file, []).append((tensor.name, tensor.dtype, list(tensor.shape)))
    return {file: hashlib.sha256(json.dumps(sorted(by_file[file])).encode()).hexdigest() for file in sorted(by_file)}


def _file(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def _without_places(form: Any) -> Any:
    if isinstance(form, dict):
        return {key: _without_places(value) for key, value in form.items() if key not in OF_PLACES}
    return [_without_places(value) for value in form] if isinstance(form, list) else form
