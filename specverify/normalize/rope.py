"""Rotary position scaling: `rope_scaling` and `rope_parameters` are two spellings of one thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specverify.architectures.defaults import release
from specverify.architectures.keys import Config
from specverify.facts import Fact, Reading, Source, Where
from specverify.spec import Rope

ALIASES = {"su": "longrope"}
"""Older names of a scaling type."""
MAIN_LAYERS = ("full_attention", "main", "global")
"""In a table by layer type, the layers that see the whole context."""
INSIDE = (
    "factor",
    "original_max_position_embeddings",
    "attention_factor",
    "beta_fast",
    "beta_slow",
    "mscale",
    "mscale_all_dim",
    "low_freq_factor",
    "high_freq_factor",
    "short_factor",
    "long_factor",
    "alpha",
    "mrope_section",
    "truncate",
    "partial_rotary_factor",
)
OUTSIDE = ("rope_theta", "original_max_position_embeddings", "partial_rotary_factor")
"""Keys that may also stand beside the table."""
WINS_OUTSIDE = ("original_max_position_embeddings",)
"""Those of them that win there (Phi-3)."""


def rope(c: Config) -> Rope | None:
    """The text model's scaling; None where neither the config nor its class says anything of rotary positions.

    As in transformers 5: where both tables are given `rope_scaling` counts, whole; a key inside the table wins over one
    beside it, but for `original_max_position_embeddings`.
    """
    tables = [table for key in ("rope_scaling", "rope_parameters") if (table := _table(c, key)) is not None]
    literal = None if c.defaults is None else c.defaults.literal.get("rope_parameters")
    default = _main(literal)[0] if isinstance(literal, Mapping) else None
    if not tables and default is None and "rope_theta" not in c.raw:
        return None
    kind = _type(c, tables, default)
    facts = {}
    for key in (*INSIDE, "rope_theta"):
        inside = [_reading(c, key, *table) for table in tables if key in table[0]]
        beside = [_outside(c, key)] if key in OUTSIDE and key in c.raw else []
        counts = bool(beside) or bool(tables and key in tables[0][0])
        readings = (beside + inside if key in WINS_OUTSIDE else inside[:1] + beside + inside[1:]) if counts else []
        if counts and not (tables and key in tables[0][0]):
            readings = beside + inside
        if not readings and (not tables or key == "rope_theta") and default is not None and default.get(key) is not None:
            readings = [_class_reading(c, key, default[key])]
        if readings:
            facts[key] = Fact("rope_factor" if key == "factor" else key, tuple(readings))
    theta = facts.pop("rope_theta", None) or Fact("rope_theta", (), "not stated")
    found = Rope(
        kind,
        theta,
        facts.get("factor"),
        facts.get("original_max_position_embeddings"),
        tuple(facts.items()),
    )
    for fact in (found.type, found.theta, *facts.values()):
        c.facts.setdefault(fact.name, fact)
    return found


def _table(c: Config, key: str) -> tuple[Mapping[str, Any], str] | None:
    """The table under a key with its pointer: the one of the layers that see everything, where it is by layer type."""
    value = c.raw.get(key)
    if key not in c.raw:
        return None
    c.read.add(c.at(key))
    if value is None:
        return None
    if not isinstance(value, Mapping):
        c.problem("type", key, f"`{key}` should be an object", value)
        return None
    inner, below = _main(value)
    # Beam has null for the layers without positions.
    tables = [isinstance(entry, Mapping) for entry in value.values() if entry is not None]
    if any(tables) and not all(tables):
        c.problem("rope-mixed", key, f"`{key}` holds tables by layer type beside plain values", sorted(map(str, value)))
    return inner, c.at(key) + below


def _main(value: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    tables = {str(name): entry for name, entry in value.items() if isinstance(entry, Mapping)}
    if not tables:
        return value, ""
    name = next((name for name in MAIN_LAYERS if name in tables), next(iter(tables)))
    return tables[name], f"/{name}"


def _type(c: Config, tables: list[tuple[Mapping[str, Any], str]], default: Mapping[str, Any] | None) -> Fact:
    readings = [
        _reading(c, key, table, pointer) for table, pointer in tables for key in ("rope_type", "type") if table.get(key) is not None
    ]
    for index, reading in enumerate(readings):
        if not isinstance(reading.value, str):
            c.problem_at("type", reading.where.pointer or "", "the rotary scaling type should be a string", reading.value)
            return Fact("rope_type", tuple(readings), "the rotary scaling type is no string")
        readings[index] = Reading(ALIASES.get(reading.value, reading.value), reading.source, reading.where, reading.quote, reading.note)
    if not readings and not tables and default is not None:
        readings = [_class_reading(c, "rope_type", default.get("rope_type", "default"))]
    if not readings:
        where = Where(c.file, tables[0][1]) if tables else Where(c.file, c.pointer)
        readings = [Reading("default", Source.DERIVED, where, note="no scaling type is stated")]
    return Fact("rope_type", tuple(readings))


def _reading(c: Config, key: str, table: Mapping[str, Any], pointer: str) -> Reading:
    return Reading(table[key], Source.DECLARED, Where(c.file, f"{pointer}/{key}"))


def _outside(c: Config, key: str) -> Reading:
    c.read.add(c.at(key))
    return Reading(c.raw[key], Source.DECLARED, Where(c.file, c.at(key)))


def _class_reading(c: Config, key: str, value: Any) -> Reading:
    assert c.defaults is not None
    return Reading(value, Source.DEFAULTED, Where(f"{release()} {c.defaults.config_class}", f"/rope_parameters/{key}"))
