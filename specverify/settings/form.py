"""The form of settings as a JSON Schema: what schemas/settings.schema.json is written from.

The description of a value goes on after "is not": errors are made of it.
"""

from __future__ import annotations

from typing import Any

from specverify.accelerator import CELLS
from specverify.outcome import Confidence, Severity
from specverify.settings.toml import MOST_ENTRIES
from specverify.target import ENGINES, KV_DTYPES, MLA, PLANNED, SHORT_DTYPES, STATE_DTYPES
from specverify.task import TASKS

Schema = dict[str, Any]

LARGEST = 2**53
LONGEST_TEXT = 1000
LONGEST_NAME = 100
ITEM = r"^[A-Z][0-9]{0,3}$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
RULE = "the code of a rule, its start, or its name"
WHOLE = ("memory_mib",)
"""Cells that are whole numbers; and at least 1, as the bandwidth of memory is more than 0."""
BOUNDED_BELOW = ("memory_mib", "memory_gb_per_s")
_DTYPE = "|".join(sorted((*KV_DTYPES, *SHORT_DTYPES)))


def settings_form() -> Schema:
    """The whole file, or all below `[tool.specverify]`."""
    items = {"type": "string", "pattern": ITEM, "description": "a section of the checklist such as 'B', or an item such as 'B3'"}
    return _table(
        {
            "target": {**target_form(), "description": "a table of target settings"},
            "targets": _named({**target_form(), "description": "a table of target settings"}, "tables of targets by name: [targets.NAME]"),
            "gpus": _named(gpu_form(), "tables of accelerators by name: [gpus.NAME]"),
            "select": _list(_text(RULE, LONGEST_NAME), "a list of rules"),
            "ignore": _list(ignore_form(), "a list of tables: [[ignore]]"),
            "severity": {
                "type": "object",
                "additionalProperties": {"enum": [str(one) for one in Severity], "description": f"one of {', '.join(Severity)}"},
                "maxProperties": MOST_ENTRIES,
                "description": "a table of rules, each with a severity",
            },
            "allowed": _table(
                {
                    "licenses": _list(_text("the name of a license, as the Hub spells it", LONGEST_NAME), "a list of licenses"),
                    "organizations": _list(_text("the name of an organization", LONGEST_NAME), "a list of organizations"),
                },
                "a table of what is allowed",
            ),
            "require": _list(items, "a list of sections and items of the checklist"),
            "baseline": _text("the path of a file", LONGEST_TEXT),
            "plugins": _list(_text("the path of a Python file", LONGEST_TEXT), "a list of Python files"),
        },
        "a table of settings",
    )


def target_form() -> Schema:
    """Every field of `Target` that settings may state."""
    count = _whole()
    tokens = {
        "anyOf": [_whole(), {"type": "string", "pattern": r"^[0-9][0-9_,]{0,18}[kKmM]?$"}],
        "description": "a number of tokens: 131072, or '128k' and '1m', which are binary",
    }
    dtype = {"type": "string", "pattern": f"^({_DTYPE})(/({_DTYPE}))?$"}
    fields: dict[str, Schema] = {
        "gpu": _text("the name of an accelerator, or a count of them: '8xh100-sxm-80gb'", LONGEST_NAME),
        "gpus": count,
        "tensor_parallel": count,
        "pipeline_parallel": count,
        "data_parallel": count,
        "expert_parallel": count,
        "decode_context_parallel": count,
        "context": tokens,
        "encoder_context": tokens,
        "output": tokens,
        "max_batched_tokens": tokens,
        "concurrency": count,
        "max_sequences": count,
        "kv_dtype": {**dtype, "description": f"one of {', '.join(KV_DTYPES)}, or two of them with a slash between"},
        "state_dtype": _one_of((*STATE_DTYPES, *SHORT_DTYPES)),
        "engine": {
            "type": "string",
            "pattern": f"^({'|'.join(ENGINES)})(@.{{1,60}})?$",
            "description": f"one of {', '.join(ENGINES)}, with or without a version: 'vllm@0.19.0'",
        },
        "engine_version": _text("a version such as '0.19.0'", 60),
        "memory_fraction": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "description": "a number above 0 and at most 1"},
        "quantize": _one_of(PLANNED),
        "draft_tokens": _whole(0),
        "mla": _one_of(MLA),
        "eager": {"type": "boolean", "description": "true or false"},
        "task": _one_of(tuple(TASKS)),
        "p99_ms": count,
    }
    return _table(fields, "a table of target settings")


def gpu_form() -> Schema:
    """An accelerator: the cells of the catalogue, each a number or a table that says where it is from."""
    cells = {name: _cell(name) for name in CELLS}
    words = {"vendor": _text("a text", LONGEST_NAME), "architecture": _text("a text", LONGEST_NAME)}
    aliases = _list(_text("a name", LONGEST_NAME), "a list of names")
    return _table({**words, "aliases": aliases, **cells}, "a table of an accelerator's cells")


def ignore_form() -> Schema:
    """A finding that is known and accepted."""
    fields: dict[str, Schema] = {
        "rule": _text(RULE, LONGEST_NAME),
        "reason": _text("a text that says why", LONGEST_TEXT),
        "model": _text("a model's name, in which * stands for anything", LONGEST_NAME),
        "expires": {"type": "string", "format": "date", "pattern": DAY, "description": "a date: 2027-01-31"},
    }
    return _table(fields, "a table with `rule` and `reason`") | {"required": ["rule", "reason"]}


def _cell(name: str) -> Schema:
    whole = name in WHOLE
    below = "above 0" if name in BOUNDED_BELOW else "of at least 0, which says that it has none"
    value: Schema = {"type": "integer" if whole else "number", "maximum": LARGEST}
    value |= {"exclusiveMinimum": 0} if name in BOUNDED_BELOW else {"minimum": 0}
    what = f"a {'whole ' if whole else ''}number {below}"
    fields: dict[str, Schema] = {
        "value": {**value, "description": what},
        "source": _text("a text: a URL or a document", LONGEST_TEXT),
        "confidence": _one_of(tuple(map(str, Confidence))),
        "note": _text("a text", LONGEST_TEXT),
    }
    table = _table(fields, f"a table with a `value`, {what}") | {"required": ["value"]}
    return {"anyOf": [value, table], "description": f"{what}, or a table with `value`, `source`, `confidence` and `note`"}


def _whole(least: int = 1) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": LARGEST, "description": f"a whole number of at least {least}"}


def _text(description: str, longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": description}


def _one_of(words: tuple[str, ...]) -> Schema:
    return {"enum": list(words), "description": f"one of {', '.join(words)}"}


def _list(entry: Schema, description: str) -> Schema:
    return {"type": "array", "items": entry, "maxItems": MOST_ENTRIES, "description": description}


def _named(entry: Schema, description: str) -> Schema:
    names: Schema = {"minLength": 1, "maxLength": LONGEST_NAME}
    return {
        "type": "object",
        "propertyNames": names,
        "additionalProperties": entry,
        "maxProperties": MOST_ENTRIES,
        "description": description,
    }


def _table(properties: dict[str, Schema], description: str) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False, "description": description}
