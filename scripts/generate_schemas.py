"""Write schemas/: the spec and report schemas off the dataclasses, the config schema off the alias table and the reading code.

`--check` only compares, and exits 1 where a file is stale.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

from config_keys import ReadKey, keys_read

from specverify.architectures.aliases import KEYS, Key
from specverify.architectures.generic import TEXT_CONFIGS
from specverify.architectures.keys import LARGEST_INT
from specverify.card.claimed_value import MOST_WORDS
from specverify.card.claims_file import (
    DATE,
    KINDS,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_CLAIMS,
    MOST_CONDITIONS,
    ROLES,
    STATUSES,
)
from specverify.facts import Fact, Source
from specverify.normalize.config import CONTEXT_KEYS
from specverify.normalize.rope import INSIDE
from specverify.num import Num
from specverify.outcome import (
    SCHEMA_VERSION,
    Acceptance,
    Accepted,
    Agreement,
    Broken,
    Confidence,
    Evidence,
    Finding,
    Passed,
    Severity,
    Skipped,
)
from specverify.report.compare.cells import Status
from specverify.report.compare.changes import How
from specverify.report.compare.comparison import GROUPS
from specverify.report.compare.shape import COMPARISON_VERSION
from specverify.report.lock.drift import OVERALL
from specverify.report.lock.entry import LOCK_VERSION
from specverify.report.lock.told import DRIFT_VERSION
from specverify.settings.form import settings_form, target_form
from specverify.spec import Keys, Part, Problem, Quantization, Rope
from specverify.spec_form import LITERAL, MIXERS, NON_FINITE, RESERVED, default_of, hints, is_pairs

TARGET = Path(__file__).resolve().parent.parent / "schemas"
Schema = dict[str, Any]

QUANTIZATION = "normalize/quantization.py"
"""The module whose keys stand inside `quantization_config`."""
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TYPES = {"count": "integer", "number": "number", "flag": "boolean", "text": "string", "list": "array", "object": "object"}
"""JSON types of the kinds of `aliases.Key`; a kind that is not here may be anything."""


def spec_schema() -> Schema:
    """The form of `spec_form.spec_to_dict`: reserved keys beside any number of facts."""
    definitions: dict[str, Schema] = {
        "value": {"description": f"Any value of a config. A number JSON has no word for is {{{NON_FINITE!r}: 'NaN'}}; {LITERAL!r} quotes."},
        "non_finite": _strict({NON_FINITE: {"enum": ["NaN", "Infinity", "-Infinity"]}}),
        "number": _number(),
        "reading": _strict(
            {"value": _ref("value"), "source": _enum(Source), "file": TEXT},
            {"pointer": TEXT, "line": COUNT, "quote": TEXT, "note": TEXT},
        ),
        "fact": _fact(),
        "named_fact": _fact(named=True),
    }
    reserved: dict[str, Schema] = {
        "family": TEXT,
        "exactness": {"enum": ["exact", "generic", "claimed", "none"]},
        "source": _nullable(TEXT),
        "rope": _of(Rope | None, definitions),
        "quantization": _of(Quantization | None, definitions),
        "parts": _of(tuple[Part, ...], definitions),
        "problems": _of(tuple[Problem, ...], definitions),
        "keys": _of(Keys, definitions),
        "plan_facts": {"type": "object", "additionalProperties": _ref("fact")},
    }
    assert set(reserved) == set(RESERVED)
    return {
        **_head("spec", "A model on specverify's one schema: named facts beside the plan of its layers."),
        "type": "object",
        "properties": reserved,
        "required": sorted({"prototype", "attention", *reserved} - {"plan_facts"}),
        "additionalProperties": _ref("fact"),
        "$defs": definitions,
    }


def report_schema() -> Schema:
    """The form of `report.shape.report_dict`, with the spec's own definitions inside."""
    spec = spec_schema()
    definitions = spec.pop("$defs")
    definitions["spec"] = {key: value for key, value in spec.items() if not key.startswith("$")}
    where = {"pointer": TEXT, "line": COUNT}
    working = {"value": _ref("figure_value"), "formula": TEXT, "worked": TEXT}
    evidence = {"source": _enum(Source), "file": TEXT, "value": _ref("value")}
    assert {field.name for field in dataclasses.fields(Evidence)} == {*evidence, *where, "quote", "note"}
    definitions |= {
        "figure_value": {"anyOf": [{"type": ["integer", "number", "boolean", "null"]}, _ref("non_finite")]},
        "evidence": _strict(evidence, {**where, "quote": TEXT, "note": TEXT}),
        "figure": {
            **_strict(
                {**working, "unit": TEXT, "rests_on": _list(_strict({"fact": TEXT}, {"source": _enum(Source), "file": TEXT, **where}))},
                {
                    "definitions": {"type": "object", "additionalProperties": _strict(working)},
                    "note": TEXT,
                    "reasons": {**_list(TEXT), "minItems": 1},
                },
            ),
            "if": {"properties": {"value": {"type": "null"}}},
            "then": {"required": ["reasons"]},
        },
        "finding": _outcome(Finding, "finding"),
        "accepted": _accepted(),
        "passed": _outcome(Passed, "passed"),
        "skipped": _outcome(Skipped, "skipped"),
        "broken": _outcome(Broken, "broken"),
        "compared": _strict({"name": TEXT, "value": _ref("value"), "matches": {"type": "boolean"}, "evidence": _list(_ref("evidence"))}),
        "claim": _strict(
            {
                **dict.fromkeys(("kind", "raw", "unit", "file", "emitter", "role", "relation", "reason"), TEXT),
                "accepted": {**_list({"type": ["integer", "number", "string"]}), "minItems": 1},
                "line": COUNT,
                "columns": {**_list(COUNT), "minItems": 2, "maxItems": 2},
                "quote": _nullable(TEXT),
                "section": _list(TEXT),
                "subject": _nullable(TEXT),
                "confidence": _enum(Confidence),
                "verdict": _enum(Agreement),
                "compared": _list(_ref("compared")),
            },
            {"remark": {"enum": ["below", "loose", "padded", "unbounded"]}, "conditions": _list(TEXT), "source": TEXT},
        ),
        "refused": _strict({**dict.fromkeys(("kind", "raw", "file", "reason"), TEXT), "line": COUNT}),
    }
    severities = [str(severity) for severity in reversed(Severity)]
    counts = {
        "findings": _strict(dict.fromkeys(severities, COUNT)),
        **dict.fromkeys(map(str, Acceptance), COUNT),
        "broken": COUNT,
        "skipped": COUNT,
        "passed": COUNT,
    }
    counts["claims"] = _strict(dict.fromkeys(map(str, Agreement), COUNT))
    nullable = _nullable(TEXT)
    body = _strict(
        {
            "schema_version": {"const": SCHEMA_VERSION},
            "model": _strict(
                {
                    "ref": TEXT,
                    "name": TEXT,
                    "origin": nullable,
                    "revision": nullable,
                    "sha": nullable,
                    "files": {"type": "object", "additionalProperties": TEXT},
                },
                {"error": TEXT, "error_kind": nullable},
            ),
            "spec": _nullable(_ref("spec")),
            "figures": {"type": "object", "additionalProperties": _ref("figure")},
            "growth": _nullable(_growth()),
            "claims": _list(_ref("claim")),
            "refused": _list(_ref("refused")),
            "outcomes": _list({"oneOf": [_ref(kind) for kind in ("finding", "accepted", "broken", "skipped", "passed")]}),
            "summary": _strict({"verdict": {"enum": ["unreadable", *severities, "unverifiable", "clean"]}, **counts}),
            "target": {"type": "object", "additionalProperties": _ref("value")},
            "notes": _list(TEXT),
        }
    )
    return {**_head("report", "What specverify says about one model."), **body, "$defs": definitions}


def comparison_schema() -> Schema:
    """The form of `report.compare.shape.comparison_dict`; the cells of a row stand in the order of `models`."""
    nullable = _nullable(TEXT)
    value: Schema = {"anyOf": [{"type": ["integer", "number", "boolean", "string", "null"]}, _ref("non_finite")]}
    told = {"value": {}, "source": _nullable(_enum(Source))}
    key = {"pointer": TEXT, "before": nullable, "after": nullable, "line_before": _nullable(COUNT), "line_after": _nullable(COUNT)}
    claim = {"raw": TEXT, "verdict": _enum(Agreement), "reason": TEXT, "file": TEXT, "line": COUNT}
    how = _enum(How)
    definitions: dict[str, Schema] = {
        "non_finite": _strict({NON_FINITE: {"enum": ["NaN", "Infinity", "-Infinity"]}}),
        "cell": {
            **_strict({"value": value, "text": {**TEXT, "minLength": 1}, "status": _enum(Status)}, {"note": TEXT, "places": _list(TEXT)}),
            "if": {"properties": {"status": {"const": str(Status.UNKNOWN)}}},
            "then": {"properties": {"value": {"type": "null"}}, "required": ["note"]},
        },
        "row": _strict({"name": TEXT, "unit": TEXT, "marked": {"type": "boolean"}, "cells": _list(_ref("cell"))}, {"note": TEXT}),
        "told": _strict(told, {"file": TEXT, "pointer": TEXT, "line": COUNT, "quote": TEXT, "reason": TEXT}),
        "claim": _strict(claim),
        "finding": _strict({"severity": _enum(Severity), "message": TEXT}),
        "key": _strict(key),
    }
    sides = {name: {"before": side, "after": side} for name, side in (("told", _ref("told")), ("cell", _ref("cell")))}
    either = {name: dict.fromkeys(("before", "after"), _nullable(_ref(name))) for name in ("claim", "finding")}
    changes = _strict(
        {
            "facts": _list(_strict({"name": TEXT, "moved": {"type": "boolean"}, **sides["told"]})),
            "figures": _list(_strict({"name": TEXT, "unit": TEXT, **sides["cell"]})),
            "claims": _list(_strict({"kind": TEXT, "how": how, **either["claim"]})),
            "findings": _list(_strict({"code": TEXT, "name": TEXT, "how": how, **either["finding"]}, {"reason": TEXT})),
            "files": _list(
                _strict({"name": TEXT, "how": {"enum": ["added", "removed", "changed"]}, "keys": _list(_ref("key"))}, {"more_keys": COUNT})
            ),
            "unseen_files": _list(_strict({"name": TEXT, "reason": TEXT})),
        }
    )
    model = dict.fromkeys(("origin", "revision", "sha", "exactness"), nullable)
    body = _strict(
        {
            "schema_version": {"const": COMPARISON_VERSION},
            "models": {**_list(_strict({"ref": TEXT, "name": TEXT, **model}, {"error": TEXT, "error_kind": nullable})), "minItems": 2},
            "target": {"type": "object"},
            "groups": _list(_strict({"name": {"enum": [name for name, *_ in GROUPS]}, "title": TEXT, "rows": _list(_ref("row"))})),
            "changes": _nullable(changes),
        }
    )
    return {
        **_head("comparison", "Models side by side, and what changed between two of them.", COMPARISON_VERSION),
        **body,
        "$defs": definitions,
    }


def _growth() -> Schema:
    """The table of growth: a value of each column for each context (`report.growth.growth_dict`)."""
    values = {**_list(_ref("figure_value")), "description": "One for each context; null where there is none."}
    column = _strict({"unit": TEXT, "values": values, "formula": TEXT, "note": TEXT}, {"reasons": {**_list(TEXT), "minItems": 1}})
    return _strict(
        {"contexts": {**_list(COUNT), "description": "In tokens."}, "columns": {"type": "object", "additionalProperties": column}}
    )


def lock_schema() -> Schema:
    """The form of a lock file (`report.lock.entry`)."""
    value: Schema = {"description": "Any value of a config, as in the form of a spec."}
    known = _strict({"value": value, "source": _enum(Source)})
    unknown = _strict({"unknown": TEXT})
    figure = {
        **_strict(
            {"value": {"anyOf": [{"type": ["integer", "number", "boolean", "null"]}, {"type": "object"}]}, "unit": TEXT}, {"unknown": TEXT}
        ),
        "if": {"properties": {"value": {"type": "null"}}},
        "then": {"required": ["unknown"]},
    }
    digest: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    finding = {"code": TEXT, "name": TEXT, "severity": _enum(Severity), "confidence": _enum(Confidence), "message": TEXT}
    model = {
        "name": TEXT,
        "revision": _nullable(TEXT),
        "sha": _nullable(TEXT),
        "verdict": TEXT,
        "spec": _nullable(digest),
        "files": _by_name(_strict({"sha256": digest, "size": COUNT})),
        "tensors": _by_name(digest),
        "facts": _by_name({"anyOf": [known, unknown]}),
        "figures": _by_name(figure),
        "findings": _list(_strict(finding)),
    }
    body = _strict(
        {
            "lock_version": {"const": LOCK_VERSION},
            "specverify": TEXT,
            "tensors": {"type": "boolean", "description": "Whether tensor headers were read."},
            "target": target_form(),
            "models": _by_name(_strict(model)),
        }
    )
    return {**_head("lock", "What models were when they were locked, by ref.", LOCK_VERSION), **body}


def drift_schema() -> Schema:
    """The form of `report.lock.told.to_json`; `changes` are as a comparison has them."""
    compared = comparison_schema()
    sides = _strict({"before": _nullable(TEXT), "after": _nullable(TEXT)})
    changes = next(form for form in compared["properties"]["changes"]["anyOf"] if form != {"type": "null"})
    who = {"ref": TEXT, "name": TEXT, "revision": _nullable(TEXT)}
    told = _strict({**who, "changed": {"type": "boolean"}, "changes": changes}, dict.fromkeys(OVERALL, sides))
    unread = _strict({**who, "error": TEXT, "error_kind": _nullable(TEXT)})
    body = _strict({"schema_version": {"const": DRIFT_VERSION}, "models": _list({"anyOf": [told, unread]})})
    return {**_head("drift", "What has changed of models since they were locked.", DRIFT_VERSION), **body, "$defs": compared["$defs"]}


def claims_schema() -> Schema:
    """The form of a claims file (`card.claims_file`)."""
    text = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
    name = {**text, "maxLength": LONGEST_NAME}
    words = {"type": "array", "items": {"type": ["string", "integer"], "minLength": 1}, "minItems": 1, "maxItems": MOST_WORDS}
    claim = _strict(
        {
            "kind": {"enum": list(KINDS), "description": "What is claimed."},
            "value": {
                "anyOf": [{"type": ["number", "string"]}, words],
                "description": "As printed (175B, 128K, 350 ms), exact in the unit of the kind, or in words.",
            },
            "source": {**text, "description": "A URL or a document."},
        },
        {
            "unit": {**text, "description": "Of a number that is printed without one."},
            "role": {"enum": list(ROLES), "description": "Of a context: what it is the length of."},
            "where": {**text, "description": "Page, section or table of the source."},
            "quote": text,
            "date": {"type": ["string", "integer"], "pattern": f"^{DATE}$", "minimum": 1000, "maximum": 9999},
            "conditions": {**_list(text), "maxItems": MOST_CONDITIONS, "description": "What the claim is bound to: hardware, batch."},
        },
    )
    body = _strict(
        {"model": name},
        {
            "repo": {**name, "description": "The open model on the Hub that these claims are about."},
            "status": {"enum": list(STATUSES), "description": "`closed`: no public config, and these claims are all there is."},
            "claims": {**_list(claim), "maxItems": MOST_CLAIMS},
            "not_stated": {
                "type": "object",
                "propertyNames": {"enum": list(KINDS)},
                "additionalProperties": text,
                "description": "Kinds of which the sources say nothing, each with what was read.",
            },
        },
    )
    return {**_head("claims", "What reports claim of a model, each claim with its source."), **body}


def settings_schema() -> Schema:
    """The form of a settings file (`settings.form`)."""
    return {**settings_form(), **_head("settings", "specverify.toml, or [tool.specverify] of a pyproject.toml.")}


def config_schema() -> Schema:
    """Type and range of every key of a config.json that specverify reads; keys it does not read may be anything."""
    found = keys_read()
    properties: dict[str, Schema] = {}
    for spelling in CONTEXT_KEYS:
        found.setdefault(spelling, ReadKey()).kinds["count"] = -1
    of_quantization = {name: read for name, read in found.items() if read.modules == {QUANTIZATION}}
    properties |= {name: _read_key(read) for name, read in found.items() if name not in of_quantization}
    for key in KEYS.values():
        users = "".join(f"; `{spelling}` in {who}" for spelling, who in key.spellings)
        properties[key.name] = {**_key_type(key), "description": f"Canonical key{users}."}
        for spelling, who in key.spellings:
            properties[spelling] = {**_key_type(key), "description": f"`{key.name}` as used by {who}."}
    for name in ("rope_scaling", "rope_parameters"):
        properties[name] |= {"properties": {key: {} for key in sorted((*INSIDE, "rope_type", "type", "rope_theta"))}}
    properties["quantization_config"] |= {"properties": {name: _read_key(of_quantization[name]) for name in sorted(of_quantization)}}
    nested: Schema = {"anyOf": [{"$ref": "#"}, {"type": "null"}]}
    properties |= {name: {**nested, "description": "The language model's own config."} for name in TEXT_CONFIGS}
    return {
        **_head("config", "The keys of a config.json that specverify reads, in every spelling."),
        "type": "object",
        "properties": dict(sorted(properties.items())),
    }


def _head(name: str, description: str, version: str = SCHEMA_VERSION) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:specverify:{name}:{version}",
        "title": f"specverify {name}",
        "description": description,
    }


def _strict(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    form: Schema = {"type": "object", "properties": {**required, **(optional or {})}}
    return form | {"required": list(required), "additionalProperties": False}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(entry: Schema) -> Schema:
    return {"type": "array", "items": entry}


def _by_name(entry: Schema) -> Schema:
    return {"type": "object", "additionalProperties": entry}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _enum(kind: type[Enum]) -> Schema:
    return {"enum": [str(member) for member in kind]}


def _number() -> Schema:
    plain: Schema = {"anyOf": [{"type": ["number", "boolean", "null"]}, _ref("non_finite")]}
    traced = _strict({"value": plain}, {"fact": TEXT, "label": TEXT, "unit": TEXT, "op": TEXT, "args": _list(_ref("number"))})
    return {"anyOf": [plain, traced], "description": "A number, or one that says what it was made of; `fact` names a fact of the spec."}


def _fact(named: bool = False) -> Schema:
    required = {"value": _ref("value"), "readings": _list(_ref("reading"))}
    form = _strict(
        {"name": TEXT, **required} if named else required, {"source": _enum(Source), "reason": TEXT, "disputed": {"const": True}}
    )
    return form | {"description": (Fact.__doc__ or "").split("\n\n")[0]}


def _of(hint: Any, definitions: dict[str, Schema]) -> Schema:
    """The schema of a field by its type; dataclasses go into `definitions`."""
    if hint is Any:
        return _ref("value")
    if hint is Num:
        return _ref("number")
    if hint is Fact:
        return _ref("named_fact")
    if get_origin(hint) is tuple:
        entry = get_args(hint)[0]
        if is_pairs(hint):
            return {"type": "object", "additionalProperties": _of(get_args(entry)[1], definitions)}
        return _list(_of(entry, definitions))
    members = [_of(member, definitions) for member in get_args(hint) if member is not type(None)]
    if members:
        return {"anyOf": [*members, *([{"type": "null"}] if type(None) in get_args(hint) else [])]}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}
            definitions[hint.__name__] = _dataclass(hint, definitions)
        return _ref(hint.__name__)
    return {"type": {str: "string", bool: "boolean", int: "integer", float: "number"}[hint]}


def _dataclass(kind: type, definitions: dict[str, Schema]) -> Schema:
    """The schema of a plan's part: a field with a default may be left out."""
    required: dict[str, Schema] = {}
    optional: dict[str, Schema] = {}
    for name, mixer in MIXERS.items():
        if mixer is kind:
            required["mixer"] = {"const": name}
    types = hints(kind)
    for field in dataclasses.fields(kind):
        default = default_of(field)
        schema = _of(types[field.name], definitions)
        if default is dataclasses.MISSING:
            required[field.name] = schema
        else:
            shown = [] if default == () else default
            optional[field.name] = {**schema, "default": shown} if isinstance(shown, bool | int | str | list | None) else schema
    description = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    return {"description": description, **_strict(required, optional)}


def _outcome(kind: type, name: str) -> Schema:
    """The schema of an outcome, field by field."""
    known: dict[str, Schema] = {
        "severity": _enum(Severity),
        "confidence": _enum(Confidence),
        "evidence": _list(_ref("evidence")),
        "fix": _nullable(TEXT),
    }
    fields = {field.name: known.get(field.name, TEXT) for field in dataclasses.fields(kind)}
    description = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    return {"description": description, **_strict({"kind": {"const": name}, **fields})}


def _accepted() -> Schema:
    """The schema of a finding that is accepted: how, and beside the finding why and by what."""
    found = _outcome(Finding, "finding")["properties"]
    description = " ".join((Accepted.__doc__ or "").split())
    return {"description": description, **_strict({**found, "kind": _enum(Acceptance), "reason": TEXT, "by": TEXT})}


def _key_type(key: Key) -> Schema:
    form: Schema = {"type": [TYPES[key.kind], "null"] if key.nullable else TYPES[key.kind]}
    return form | ({"minimum": key.least, "maximum": LARGEST_INT} if key.kind == "count" else {})


def _read_key(read: ReadKey) -> Schema:
    """The type of a key that only the reading code knows: what any of its readers takes."""
    form: Schema = {"description": f"Read in {', '.join(sorted(read.modules))}."} if read.modules else {}
    if read.kinds and all(kind in TYPES for kind in read.kinds):
        form["type"] = sorted({TYPES[kind] for kind in read.kinds} | {"null"})
        if "count" in read.kinds and "number" not in read.kinds:
            least = read.kinds["count"]
            form |= ({} if least is None else {"minimum": least}) | {"maximum": LARGEST_INT}
    return form


SCHEMAS = {
    "spec": spec_schema,
    "report": report_schema,
    "comparison": comparison_schema,
    "config": config_schema,
    "claims": claims_schema,
    "settings": settings_schema,
    "lock": lock_schema,
    "drift": drift_schema,
}


def text_of(name: str) -> str:
    """A schema as it stands in its file."""
    return json.dumps(SCHEMAS[name](), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Exit status 1 under `--check` when a committed schema is stale."""
    stale = []
    for name in SCHEMAS:
        path = TARGET / f"{name}.schema.json"
        text = text_of(name)
        if "--check" not in sys.argv:
            TARGET.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    if "--check" in sys.argv:
        print(f"stale: {', '.join(stale)}: run scripts/generate_schemas.py" if stale else "the schemas are up to date")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
