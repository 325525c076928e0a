"""Settings against their schema, every error with file, line and key."""

from __future__ import annotations

import datetime
import difflib
from typing import TYPE_CHECKING, Any

from specverify.data import schema
from specverify.report.sanitize import clean
from specverify.settings.toml import Document, InvalidSettings, Path, shown

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MOST_TOLD = 5
SHORT = {
    "tp": "tensor_parallel",
    "pp": "pipeline_parallel",
    "dp": "data_parallel",
    "ep": "expert_parallel",
    "dcp": "decode_context_parallel",
    "output_tokens": "output",
}
"""What the command line calls settings of a target."""


def check(document: Document) -> None:
    """Raises InvalidSettings where settings are not of their form: the first errors by line, one a line of the message."""
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(schema("settings")).iter_errors(_plain(document.values))
    told = [found for error in errors for found in _told(error, document)]
    told.sort(key=lambda error: int(error.place or 0))
    if not told:
        return
    first, *others = told[:MOST_TOLD]
    more = [f"and {len(told) - MOST_TOLD:,} more"] if len(told) > MOST_TOLD else []
    message = str(first).removeprefix(f"{first.file}:{first.place}: ")
    raise InvalidSettings("\n".join([message, *map(str, others), *more]), file=first.file, place=first.place)


def _told(error: ValidationError, document: Document) -> list[InvalidSettings]:
    path: Path = tuple(error.absolute_path)
    value: Any = error.instance
    wanted: Any = error.schema
    if error.validator == "anyOf" and isinstance(value, dict):
        # What is wrong in a table is said of it, and not that it is none of the other things it might be.
        inside = [told for inner in error.context if inner.validator != "type" or inner.path for told in _told(inner, document)]
        if inside:
            return inside
    if error.validator == "additionalProperties":
        properties = wanted["properties"]
        return [document.wrong((*path, key), f"is no setting{_near(key, properties, path)}") for key in value if key not in properties]
    if error.validator == "required":
        missing = next(key for key in wanted["required"] if key not in value)
        return [document.wrong(path, f"has no `{missing}`, which is {wanted['properties'][missing]['description']}")]
    if "propertyNames" in error.schema_path:
        return [document.wrong((*path, value), "is a name that is empty or too long")]
    return [document.wrong(path, f"is {brief(value)}, not {wanted.get('description', 'a setting')}")]


def brief(value: Any) -> str:
    """A value as an error names it."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return clean(repr(value), 60)


def _near(key: str, known: dict[str, Any], path: Path) -> str:
    near = [SHORT[key]] if SHORT.get(key) in known else difflib.get_close_matches(key[:100], known, n=1)
    return f": did you mean `{shown((*path, near[0]))}`?" if near else f": known here are {', '.join(known)}"


def _plain(value: Any) -> Any:
    """Values as JSON has them, a date of TOML as the text of one; a moment or a time of day stays what no setting is."""
    if isinstance(value, dict):
        return {key: _plain(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_plain(below) for below in value]
    return value.isoformat() if type(value) is datetime.date else value
