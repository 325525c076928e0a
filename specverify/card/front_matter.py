"""The YAML at the top of a card, with the line of every key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from specverify.card.bounded_yaml import MAX_BYTES, CardProblem, Reader, Refused

_FENCE = re.compile(r"-{3}[ \t]*")
_PAIR = re.compile(r"[\w-]+\s*:")


@dataclass(frozen=True, slots=True)
class FrontMatter:
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
    if first >= len(lines) or not _FENCE.fullmatch(lines[first]):
        return FrontMatter()
    end = next((index for index, line in enumerate(lines[first + 1 :], first + 1) if _FENCE.fullmatch(line)), None)
    if end is None:
        is_rule = first + 1 >= len(lines) or not _PAIR.match(lines[first + 1])
        problem = CardProblem("unclosed", first + 1, "the front matter has no closing `---`")
        return FrontMatter() if is_rule else FrontMatter(problems=(problem,))
    text = "\n" * (first + 1) + "\n".join(lines[first + 1 : end]) + "\n"
    if len(text) > MAX_BYTES:
        problem = CardProblem("too-large", first + 1, f"the front matter is longer than {MAX_BYTES // 1024} KB and was not read")
        return FrontMatter(problems=(problem,), present=True, last_line=end + 1)
    reader = Reader()
    try:
        values = reader.read(text)
    except Refused as refused:
        return FrontMatter(problems=(*reader.problems, refused.problem), present=True, last_line=end + 1)
    return FrontMatter(values, reader.lines, tuple(reader.problems), True, end + 1)
