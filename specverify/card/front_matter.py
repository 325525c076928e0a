"""The YAML at the top of a card, with the line of every key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from specverify.card.bounded_yaml import MAX_BYTES, CardProblem, Reader, Refused
from specverify.frozen import Struct, frozen
from specverify.pattern import Pattern

_FENCE = re.compile(r"-{3}[ \t]*")
SOUGHT = 12
"""Lines in which a block of metadata is sought where it does not belong."""
LONGEST_SOUGHT = 200
"""Lines of such a block."""
_KNOWN = re.compile(r"(?:license|tags|base_model|pipeline_tag|language|library_name|datasets|metrics|model-index|model_name)\s{0,3}:")
_YAML_LINE = Pattern(r"\s*(?:#|-\s|[\w-]+\s*:(?:\s|$)|$)")
_CODE = re.compile(r"\s{0,3}(?:```|~~~)")
_PAIR = Pattern(r"[\w-]+\s*:")


@frozen
class FrontMatter(Struct):
    """The metadata of a card. `lines` gives the line of each key by its dotted path (`base_model`, `model-index.0.name`).

    `values` is empty where there is no front matter (`present` is False) and where it could not be read (`problems` says
    why). A key given twice keeps its last value and is a problem.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[CardProblem, ...] = ()
    present: bool = False
    last_line: int = 0
    """the line of the closing fence; 0 where there is no front matter"""

    def line(self, key: str) -> int | None:
        """The line a key stands at."""
        return self.lines.get(key)


def read_front_matter(lines: list[str]) -> FrontMatter:
    """The front matter of a card given as its lines. Raises nothing: what cannot be read is a problem with its line."""
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if first >= len(lines) or not _FENCE.fullmatch(lines[first].lstrip()):
        elsewhere = _block(lines, first)
        said = "this block of metadata does not open the card with a line `---`, so nothing reads it"
        return FrontMatter() if elsewhere is None else FrontMatter(problems=(CardProblem("misplaced", elsewhere + 1, said),))
    end = _next_fence(lines, first + 1, len(lines))
    if end is None:
        is_rule = first + 1 >= len(lines) or not _PAIR.match(lines[first + 1])
        problem = CardProblem("unclosed", first + 1, "the front matter has no closing `---`")
        return FrontMatter() if is_rule else FrontMatter(problems=(problem,))
    second = _block(lines, end + 1)
    said = "a second block of metadata stands here, and only the first is read"
    beside = [] if second is None else [CardProblem("second-block", second + 1, said)]
    text = "\n" * (first + 1) + "\n".join(lines[first + 1 : end]) + "\n"
    if len(text) > MAX_BYTES:
        problem = CardProblem("too-large", first + 1, f"the front matter is longer than {MAX_BYTES // 1024} KB and was not read")
        return FrontMatter(problems=(problem, *beside), present=True, last_line=end + 1)
    reader = Reader()
    try:
        values = reader.read(text)
    except Refused as refused:
        return FrontMatter(problems=(*reader.problems, refused.problem, *beside), present=True, last_line=end + 1)
    hyphens = [
        CardProblem("hyphen-key", reader.lines[key], f"`{key[:80]}` is a key that nothing knows: a hyphen stands before it")
        for key in values
        if key.startswith("-")
    ]
    return FrontMatter(values, reader.lines, (*reader.problems, *hyphens, *beside), True, end + 1)


def _next_fence(lines: list[str], start: int, end: int) -> int | None:
    return next((index for index in range(start, min(end, len(lines))) if _FENCE.fullmatch(lines[index])), None)


def _block(lines: list[str], start: int) -> int | None:
    """The line of a block of metadata near a line of the card: known keys between two lines `---`, or up to the first one."""
    for index in range(start, min(start + SOUGHT, len(lines))):
        fenced = _FENCE.fullmatch(lines[index].lstrip("\ufeff")) is not None
        opened = index + 1 if fenced else index
        if index and _CODE.match(lines[index - 1]):
            return None
        if not (fenced or index == start) or opened >= len(lines) or not _KNOWN.match(lines[opened]):
            continue
        closed = _next_fence(lines, opened, opened + LONGEST_SOUGHT)
        if closed is not None and all(_YAML_LINE.match(line) for line in lines[opened:closed]):
            return index
    return None
