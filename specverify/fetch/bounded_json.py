"""JSON of a machine's making (tensor headers, indexes, the Hub's answers): strict, and safe on any bytes.

Configs are read by `normalize.document`, which keeps what is wrong with them; here, what is wrong is refused.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NoReturn

from specverify.errors import Unreadable
from specverify.pattern import Pattern

_SURROGATE = Pattern(r"\\u[dD][89a-fA-F]")
"""An escape that makes no character on its own: a pair of them does, and JSON lets one stand alone."""


class _Duplicate(ValueError):
    """A key that stands twice in one object."""


def load_object(data: bytes, file: str, *, offset: int = 0) -> dict[str, Any]:
    """The object that `data` holds.

    Raises Unreadable for anything else, with the byte in `file`, `data` starting at byte `offset` of it: no UTF-8, no
    JSON, too deep, NaN, a key twice in one object, a text that is no Unicode.
    """
    root = _load(data, file, offset)
    if not isinstance(root, dict):
        raise Unreadable("not a JSON object", file=file, place=f"byte {offset}")
    return root


def load_list(data: bytes, file: str) -> list[Any]:
    """The array that `data` holds; as strict as `load_object`."""
    root = _load(data, file, 0)
    if not isinstance(root, list):
        raise Unreadable("not a JSON array", file=file, place="byte 0")
    return root


def _load(data: bytes, file: str, offset: int) -> Any:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 ({error.reason})", file=file, place=f"byte {offset + error.start}") from None
    try:
        root = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
        if _SURROGATE.search(text):
            json.dumps(root, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        place = offset + len(text[: error.pos].encode())
        raise Unreadable(f"not JSON: {error.msg}", file=file, place=f"byte {place}") from None
    except RecursionError:
        raise Unreadable("nested too deep", file=file, place=f"byte {offset}") from None
    except ValueError as error:
        said = str(error) if isinstance(error, _Duplicate) else "a number or text that JSON cannot hold"
        raise Unreadable(said, file=file, place=f"byte {offset}") from None
    return root


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key in found if counts[key] > 1)
        raise _Duplicate(f"{ascii(twice)[:80]} stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
