"""A rule's documentation taken apart: its sections, and the example models in its fenced blocks.

The info string of a block is `<language> <bad|good> [<what>]`. Without `<what>` the block is a config.json and starts an
example; the blocks after it add to that example:

* `json bad generation_config.json`: a file by that name (any name, any language);
* `text bad files`: more paths that exist, one a line;
* `json bad tensors`: tensor name to its dtype and shape, as headers state them;
* `toml bad origin`: where the model is from (`name`, `origin`, `revision`, `sha`);
* `toml bad target`: keys of `Target`;
* `toml bad settings`: a settings file.

Blocks with other info strings are shown and not run.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from specverify.frozen import Struct, frozen

CONFIG = "config.json"


@frozen
class Example(Struct):
    """One model: `files` by name as text, other `paths` that exist, its `tensors`, `origin`, keys of its `target`, and `settings`."""

    bad: bool
    files: dict[str, str]
    paths: list[str] = field(default_factory=list)
    target: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, tuple[str, list[int]]] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    settings: list[str] = field(default_factory=list)


def sections(doc: str) -> dict[str, str]:
    """The text under each `## ` heading, by heading; what stands before the first is under the empty one."""
    found: dict[str, list[str]] = {"": []}
    heading = ""
    for line, fence in _lines(doc):
        if fence is None and line.startswith("## "):
            heading = line.removeprefix("## ").strip()
            found[heading] = []
        else:
            found[heading].append(line)
    return {name: "\n".join(lines).strip("\n") for name, lines in found.items()}


def examples(doc: str) -> tuple[Example, ...]:
    """The examples in order. Raises ValueError for a block that belongs to none, or to one of the other kind."""
    found: list[Example] = []
    for info, text in _blocks(doc):
        words = info.split()
        if len(words) not in (2, 3) or words[1] not in ("bad", "good"):
            continue
        bad, what = words[1] == "bad", words[2] if len(words) == 3 else CONFIG
        if what == CONFIG:
            found.append(Example(bad, {CONFIG: text}))
        elif not found or found[-1].bad is not bad:
            raise ValueError(f"the block {info!r} follows no {words[1]} config.json")
        elif what == "target":
            found[-1].target.update(tomllib.loads(text))
        elif what == "settings":
            found[-1].settings.append(text)
        elif what == "origin":
            found[-1].origin.update(tomllib.loads(text))
        elif what == "tensors":
            found[-1].tensors.update({name: (dtype, shape) for name, (dtype, shape) in json.loads(text).items()})
        elif what == "files":
            found[-1].paths.extend(text.split("\n"))
        else:
            found[-1].files[what] = text
    return tuple(found)


def _blocks(doc: str) -> Iterator[tuple[str, str]]:
    """Each fenced block: its info string and its text."""
    inside: list[str] = []
    for line, fence in _lines(doc):
        if fence is not None and line.startswith("```") and line != "```":
            inside = []
        elif fence is not None and line == "```":
            yield fence, "\n".join(inside)
        elif fence is not None:
            inside.append(line)


def _lines(doc: str) -> Iterator[tuple[str, str | None]]:
    """Each line, with the info string of the fenced block it is part of, the fences included."""
    fence: str | None = None
    for line in doc.split("\n"):
        if fence is None and line.startswith("```"):
            fence = line.removeprefix("```").strip()
            yield line, fence
        else:
            yield line, fence
            fence = None if line == "```" else fence
