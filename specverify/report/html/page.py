"""HTML pages of one file: nothing is loaded from elsewhere, nothing runs but what is written here, and what a repo wrote is text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from specverify.data import load_bytes
from specverify.report.sanitize import clean

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = "report/html"
STYLE = "style.css"
SCRIPT = "audit.js"
LONGEST = 20_000
"""Characters of any one text; the working of a figure is the longest."""


def page(template: str, values: Mapping[str, Any], *, script: bool = False) -> Iterator[str]:
    """The page that a template makes of these values, a line or more at a time; with the script that sorts, or without any."""
    style, program = _text(STYLE), _text(SCRIPT) if script else ""
    made = _environment().get_template(template).generate(**values, policy=_policy(style, program), style=style, script=program)
    return _lines(made)


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces put together into whole lines."""
    held: list[str] = []
    for piece in pieces:
        held.append(piece)
        if piece.endswith("\n"):
            yield "".join(held)
            held.clear()
    if held:
        yield "".join(held)


def _policy(style: str, script: str) -> str:
    """The Content-Security-Policy of a page that holds this style and this script, and may use nothing else."""
    sources = {"default-src": "'none'", "style-src": _hash(style), "base-uri": "'none'", "form-action": "'none'"}
    if script:
        sources["script-src"] = _hash(script)
    return "; ".join(f"{directive} {source}" for directive, source in sources.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(name: str) -> str:
    return load_bytes(f"{FOLDER}/{name}").decode()


@cache
def _environment() -> Environment:
    """Every value is escaped, and shown as `specverify.report.sanitize.clean` does; a name that is not given is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: Any) -> Any:
    if value is None or hasattr(value, "__html__"):
        return "" if value is None else value
    return clean(str(value), LONGEST)
