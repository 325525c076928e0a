"""Claims files: what a report says of a model, typed by a person who read it, each claim with its source.

For a model with no public config it is all there is; for an open one it adds to the card. The form is
`schemas/claims.schema.json`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specverify.card import kinds
from specverify.card.bounded_yaml import Reader, Refused
from specverify.card.claims import Claim
from specverify.card.document import text_of
from specverify.card.numbers import Reading, amount, parameters, tokens, whole
from specverify.card.terms import VOCABULARY
from specverify.errors import Unreadable

MAX_BYTES = 2**20
MOST_CLAIMS = 500
STATUSES = ("open", "closed")
ROLES = ("stated", "native", "extended", "original", "trained", "evaluated")
KINDS = tuple(sorted(value for name, value in vars(kinds).items() if name.isupper() and isinstance(value, str)))
"""Every kind of claim there is."""
PARAMETERS = (kinds.TOTAL, kinds.ACTIVE, kinds.NON_EMBEDDING)
LENGTHS = (kinds.CONTEXT, kinds.OUTPUT, kinds.VOCABULARY)


@dataclass(frozen=True, slots=True)
class ClaimsFile:
    """`model` is its name, `status` `open` or `closed`; `not_stated` says of kinds that the sources are silent, and where."""

    file: str
    model: str
    status: str
    claims: tuple[Claim, ...]
    not_stated: Mapping[str, str]


def read_claims_file(data: bytes, file: str) -> ClaimsFile:
    """The claims of a file. Raises Unreadable, naming file and line, for anything that breaks the form or its bounds."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"more than the {MAX_BYTES:,} bytes that a claims file may have", file=file)
    text = text_of(data)
    reader = Reader("the file")
    try:
        values = reader.read(text)
    except Refused as refused:
        raise Unreadable(refused.problem.message, file=file, place=f"line {refused.problem.line}") from None
    if reader.problems:
        first = reader.problems[0]
        raise Unreadable(first.message, file=file, place=f"line {first.line}")
    place = _Place(file, text.split("\n"), reader.lines)
    _known_keys(values, ("model", "status", "claims", "not_stated", "repo"), "", place)
    model, status, stated = values.get("model"), values.get("status", "closed"), values.get("claims", [])
    if not isinstance(model, str) or not 0 < len(model.strip()) <= 200:
        raise place.wrong("model", "states no name of a model")
    if status not in STATUSES:
        raise place.wrong("status", f"is {status!r}, and may be {' or '.join(STATUSES)}")
    if not isinstance(stated, list) or len(stated) > MOST_CLAIMS:
        raise place.wrong("claims", f"is no list of at most {MOST_CLAIMS} claims")
    silent = values.get("not_stated") or {}
    if not isinstance(silent, dict) or not all(isinstance(why, str) for why in silent.values()):
        raise place.wrong("not_stated", "is no mapping of kinds to a reason")
    for kind in silent:
        _kind(kind, f"not_stated.{kind}", place)
    claims = tuple(_claim(entry, f"claims.{index}", model.strip(), place) for index, entry in enumerate(stated))
    return ClaimsFile(file, model.strip(), status, claims, dict(silent))


@dataclass(frozen=True, slots=True)
class _Place:
    """A file, its lines, and the line of each key."""

    file: str
    text: Sequence[str]
    lines: Mapping[str, int]

    def wrong(self, path: str, why: str) -> Unreadable:
        """The error for a key, with the line it stands at or would stand at."""
        known = path
        while known and known not in self.lines:
            known = known.rpartition(".")[0]
        return Unreadable(f"`{path[:100]}` {why}", file=self.file, place=f"line {self.lines.get(known, 1)}")

    def line(self, path: str) -> int:
        """The line of a key."""
        return self.lines.get(path, 1)


def _known_keys(values: Mapping[str, Any], known: Sequence[str], path: str, place: _Place) -> None:
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise place.wrong(f"{path}.{key}" if path else key, f"is no key of a claims file{hint}")


def _kind(kind: Any, path: str, place: _Place) -> str:
    if not isinstance(kind, str) or kind not in KINDS:
        near = difflib.get_close_matches(str(kind)[:100], KINDS, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise place.wrong(path, f"is no kind of claim{hint}")
    return kind


def _claim(entry: Any, path: str, model: str, place: _Place) -> Claim:
    if not isinstance(entry, dict):
        raise place.wrong(path, "is no claim with `kind`, `value` and `source`")
    _known_keys(entry, ("kind", "value", "role", "source", "where", "quote", "date", "conditions"), path, place)
    kind = _kind(entry.get("kind"), f"{path}.kind", place)
    source = entry.get("source")
    if not isinstance(source, str) or not source.strip():
        raise place.wrong(f"{path}.source", "states no source")
    role = entry.get("role", "stated")
    if role not in ROLES:
        raise place.wrong(f"{path}.role", f"is {role!r}, and may be one of {', '.join(ROLES)}")
    told = {name: entry.get(name) for name in ("where", "quote", "date")}
    for name, text in told.items():
        if text is not None and not isinstance(text, str):
            raise place.wrong(f"{path}.{name}", "is no text")
    conditions = entry.get("conditions", [])
    if not isinstance(conditions, list) or not all(isinstance(condition, str) for condition in conditions):
        raise place.wrong(f"{path}.conditions", "is no list of texts")
    reading, terms = _value(kind, entry.get("value"), f"{path}.value", place)
    line = place.line(f"{path}.value")
    words = place.text[line - 1].strip()
    column = len(place.text[line - 1]) - len(place.text[line - 1].lstrip()) + 1
    cited = ", ".join(text for text in (source.strip(), told["where"], told["date"]) if text)
    return Claim(
        kind,
        str(entry["value"]),
        reading.values if reading is not None else (),
        reading.quanta if reading is not None else (),
        kinds.UNITS.get(kind, ""),
        place.file,
        line,
        (column, column + len(words)),
        told["quote"] or words,
        "file",
        role,
        (),
        model,
        "self",
        "high",
        terms,
        (f"source: {cited}", *conditions),
    )


def _value(kind: str, value: Any, path: str, place: _Place) -> tuple[Reading | None, tuple[str, ...]]:
    """A number as it is printed or exact, or the terms of a kind in words."""
    if kind not in kinds.UNITS:
        terms = value if isinstance(value, list) else [value]
        known = [term for term, _ in VOCABULARY.get(kind, ())]
        if not terms or not all(isinstance(term, str) and 0 < len(term) <= 200 for term in terms):
            raise place.wrong(path, "states no words")
        strange = next((term for term in terms if known and kind != kinds.LICENSE and term not in known), None)
        if strange is not None:
            raise place.wrong(path, f"is {strange[:60]!r}; {kind} may be {', '.join(known)}")
        return None, tuple(terms)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise place.wrong(path, "states no number")
    read = parameters if kind in PARAMETERS else tokens if kind in LENGTHS else amount if kind == kinds.TRAINING_TOKENS else whole
    if isinstance(value, int):
        found: Reading | None = Reading((value,), (1,)) if 0 < value < 10**18 else None
    elif isinstance(value, float):
        found = Reading((value,), (0,)) if 0 < value < 10**18 else None
    else:
        found = read(value[:60])
    if found is None:
        raise place.wrong(path, f"is no number of {kinds.UNITS[kind]} as cards write them: 175B, 128K, 96")
    return found, ()
