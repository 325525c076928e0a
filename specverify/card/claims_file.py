"""Claims files: what a report says of a model, typed by a person who read it, each claim with its source.

For a model with no public config it is all there is; for an open one it adds to the card. The form is
`schemas/claims.schema.json`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from specverify.card import kinds
from specverify.card.bounded_yaml import Reader, Refused
from specverify.card.claimed_value import NoValue, number_of, words_of
from specverify.card.claims import Claim
from specverify.card.document import text_of
from specverify.errors import Unreadable
from specverify.frozen import Struct, frozen

MAX_BYTES = 2**20
MOST_CLAIMS = 500
MOST_CONDITIONS = 20
LONGEST_NAME = 200
LONGEST_TEXT = 1000
"""Characters of a source, a quote, a condition or a reason."""
STATUSES = ("open", "closed")
ROLES = ("stated", "native", "extended", "original", "trained", "evaluated")
KINDS = tuple(sorted(value for name, value in vars(kinds).items() if name.isupper() and isinstance(value, str)))
"""Every kind of claim there is."""
KEYS = ("model", "status", "repo", "claims", "not_stated")
CLAIM_KEYS = ("kind", "value", "unit", "role", "source", "where", "quote", "date", "conditions")
DATE = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"


@frozen
class ClaimsFile(Struct):
    """What one file claims of one model.

    `status` is `open` or `closed`, None where the file does not say; `repo` the open model's name on the Hub, where it is
    given. `not_stated` says of kinds that the sources are silent, and where one would look.
    """

    file: str
    model: str
    claims: tuple[Claim, ...]
    not_stated: Mapping[str, str]
    status: str | None = None
    repo: str | None = None


def read_claims_file(data: bytes, file: str) -> ClaimsFile:
    """The claims of a file. Raises Unreadable, naming file and line, for anything that breaks the form or its bounds."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"more than the {MAX_BYTES:,} bytes that a claims file may have", file=file)
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 ({error.reason})", file=file, place=f"byte {error.start}") from None
    text = text_of(data)
    reader = Reader("the file")
    try:
        values = reader.read(text)
    except Refused as refused:
        raise Unreadable(refused.problem.message, file=file, place=f"line {refused.problem.line}") from None
    if reader.problems:
        first = reader.problems[0]
        raise Unreadable(first.message, file=file, place=f"line {first.line}")
    return _file(values, _Place(file, text.split("\n"), reader.lines))


@frozen
class _Place(Struct):
    """A file, its lines, and the line of each key."""

    file: str
    text: Sequence[str]
    lines: Mapping[str, int]

    def wrong(self, path: str, why: str) -> Unreadable:
        """The error for a key."""
        return Unreadable(f"`{path[:100]}` {why}", file=self.file, place=f"line {self.line(path)}")

    def line(self, path: str) -> int:
        """The line a key stands at: that of what it is in where it is missing, or is repeated by an alias."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 1)


def _file(values: Mapping[str, Any], place: _Place) -> ClaimsFile:
    _known_keys(values, KEYS, "", place)
    model = _text(values, "model", place, longest=LONGEST_NAME)
    if model is None:
        raise place.wrong("model", "states no name of a model")
    status = values.get("status")
    if "status" in values and status not in STATUSES:
        raise place.wrong("status", f"is {_brief(status)}, and may be {' or '.join(STATUSES)}")
    stated = values.get("claims", [])
    if not isinstance(stated, list) or len(stated) > MOST_CLAIMS:
        raise place.wrong("claims", f"is no list of at most {MOST_CLAIMS} claims")
    silent = values.get("not_stated", {})
    if not isinstance(silent, dict):
        raise place.wrong("not_stated", "is no mapping of kinds to a reason")
    reasons = {_kind(kind, f"not_stated.{kind}", place): _text(silent, kind, place, "not_stated") or "" for kind in silent}
    claims = tuple(_claim(entry, f"claims.{index}", model, place) for index, entry in enumerate(stated))
    both = next((claim.kind for claim in claims if claim.kind in reasons), None)
    if both is not None:
        raise place.wrong(f"not_stated.{both}", "is claimed in the same file")
    return ClaimsFile(place.file, model, claims, reasons, status, _text(values, "repo", place, longest=LONGEST_NAME))


def _known_keys(values: Mapping[str, Any], known: Sequence[str], path: str, place: _Place) -> None:
    for key in values:
        if key not in known:
            raise place.wrong(f"{path}.{key}" if path else key, f"is no key of a claims file{_near(key, known)}")


def _kind(kind: Any, path: str, place: _Place) -> str:
    if not isinstance(kind, str) or kind not in KINDS:
        raise place.wrong(path, f"is no kind of claim{_near(str(kind), KINDS)}")
    return kind


def _near(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word[:100], known, n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _text(values: Mapping[str, Any], key: str, place: _Place, path: str = "", longest: int = LONGEST_TEXT) -> str | None:
    """A text, None where the key is absent."""
    if key not in values:
        return None
    text = values[key]
    if not isinstance(text, str) or not text.strip() or len(text) > longest:
        raise place.wrong(f"{path}.{key}" if path else key, f"is no text of at most {longest:,} characters")
    return text.strip()


def _claim(entry: Any, path: str, model: str, place: _Place) -> Claim:
    if not isinstance(entry, dict):
        raise place.wrong(path, "is no claim with `kind`, `value` and `source`")
    _known_keys(entry, CLAIM_KEYS, path, place)
    kind = _kind(entry.get("kind"), f"{path}.kind", place)
    source = _text(entry, "source", place, path)
    if source is None:
        raise place.wrong(f"{path}.source", "states no source")
    role = entry.get("role", "stated")
    if role not in ROLES:
        raise place.wrong(f"{path}.role", f"is {_brief(role)}, and may be one of {', '.join(ROLES)}")
    unit, where, quote = (_text(entry, key, place, path) for key in ("unit", "where", "quote"))
    try:
        reading = number_of(kind, entry.get("value"), unit) if kind in kinds.UNITS else None
        terms = () if reading is not None else words_of(kind, entry.get("value"))
    except NoValue as error:
        raise place.wrong(f"{path}.value", str(error)) from None
    if unit is not None and reading is None:
        raise place.wrong(f"{path}.unit", "is given for a value in words")
    line = place.line(f"{path}.value")
    stands = place.text[line - 1]
    words = stands.strip()
    column = len(stands) - len(stands.lstrip()) + 1
    value = entry["value"]
    return Claim(
        kind,
        ", ".join(map(str, value)) if isinstance(value, list) else f"{value} {unit}" if unit else str(value),
        reading.values if reading is not None else (),
        reading.quanta if reading is not None else (),
        kinds.UNITS.get(kind, ""),
        place.file,
        line,
        (column, column + len(words)),
        quote or words[:LONGEST_TEXT],
        "file",
        role,
        (),
        model,
        "self",
        "high",
        terms,
        _conditions(entry, path, place),
        ", ".join(part for part in (source, where, _date(entry, path, place)) if part),
    )


def _conditions(entry: Mapping[str, Any], path: str, place: _Place) -> tuple[str, ...]:
    stated = entry.get("conditions", [])
    if not isinstance(stated, list) or len(stated) > MOST_CONDITIONS:
        raise place.wrong(f"{path}.conditions", f"is no list of at most {MOST_CONDITIONS} texts")
    texts = (_text({str(index): text}, str(index), place, f"{path}.conditions") for index, text in enumerate(stated))
    return tuple(text for text in texts if text is not None)


def _date(entry: Mapping[str, Any], path: str, place: _Place) -> str | None:
    """A year, month or day; a bare year is a number in YAML."""
    if "date" not in entry:
        return None
    date = str(entry["date"])
    if isinstance(entry["date"], bool | float) or len(date) > 10 or not re.fullmatch(DATE, date):
        raise place.wrong(f"{path}.date", "is no date such as 2022-04-05, 2022-04 or 2022")
    return date


def _brief(value: Any) -> str:
    return repr(value)[:60]
