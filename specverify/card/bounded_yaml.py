"""YAML read within bounds and with the line of every key: front matter, claims files, evaluation results.

The reader works on libyaml's events alone: depth, nodes and the nodes that aliases would stand for are counted as they
come, so a hostile document is left at the bound, before anything of its size is built. Plain scalars follow the core
schema of YAML 1.2, as the Hub reads them: `no` is a word, a date is text, `010` is ten.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from specverify.frozen import Struct, frozen
from specverify.pattern import Pattern

MAX_BYTES = 256 * 1024
MAX_DEPTH = 64
MAX_NODES = 20_000
LONGEST_NUMBER = 300
"""Digits; a longer number stays text."""

_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Line breaks to libyaml, which reads YAML 1.1; characters like any other to YAML 1.2, and to whoever counts lines."""
_INTEGER = Pattern(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = Pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


class CardProblem(NamedTuple):
    """Something of the card that cannot be taken as it stands: `line` counts from 1 in README.md."""

    kind: str
    line: int
    message: str


class Refused(Exception):
    """A document that cannot be read, or not within the bounds."""

    def __init__(self, kind: str, line: int, message: str) -> None:
        self.problem = CardProblem(kind, line, message)
        super().__init__(message)


@dataclass(slots=True)
class _Open:
    """A collection being read: `key` waits for its value; `nodes` is what it costs, for aliases that repeat it."""

    value: dict[str, Any] | list[Any]
    path: str
    anchor: str | None
    nodes_before: int
    key: str | None = None


@frozen
class Yaml(Struct):
    """A YAML file beside the card, read within the bounds. `failed` where nothing could be had; `problems` says why."""

    value: Any = None
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[CardProblem, ...] = ()
    failed: bool = False


def read_yaml(text: str, what: str) -> Yaml:
    """The value of a YAML text, a list or a mapping; `what` is what messages call it. Raises nothing."""
    if len(text) > MAX_BYTES:
        return Yaml(problems=(CardProblem("too-large", 1, f"{what} is longer than {MAX_BYTES // 1024} KB and was not read"),), failed=True)
    reader = Reader(what)
    try:
        value = reader.load(text)
    except Refused as refused:
        return Yaml(None, reader.lines, (*reader.problems, refused.problem), True)
    return Yaml(value, reader.lines, tuple(reader.problems))


class Reader:
    """Builds values from events, iteratively. `lines` is the line of each key and entry by its dotted path."""

    def __init__(self, what: str = "the front matter") -> None:
        self.what = what
        self.lines: dict[str, int] = {}
        self.problems: list[CardProblem] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0

    def read(self, text: str) -> dict[str, Any]:
        """The mapping the text states. Raises Refused."""
        root = self.load(text)
        if root is None:
            return {}
        if not isinstance(root, dict):
            first = 1 + len(text) - len(text.lstrip("\n"))
            raise Refused("not-a-mapping", first, f"{self.what} states no `key: value` pairs")
        return root

    def load(self, text: str) -> Any:
        """The value the text states, a mapping or a list. Raises Refused."""
        import yaml

        try:
            return self._build(_BREAKS.sub(" ", text), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except (yaml.YAMLError, ValueError, RecursionError, MemoryError) as error:
            mark = getattr(error, "problem_mark", None)
            said = getattr(error, "problem", None) or type(error).__name__
            raise Refused("unreadable", 1 + mark.line if mark is not None else 1, f"not YAML: {said}") from None

    def _build(self, text: str, loader: Any) -> Any:
        import yaml

        stack: list[_Open] = []
        root: Any = None
        seen = False
        for event in yaml.parse(text, Loader=loader):
            line = event.start_mark.line + 1 if event.start_mark is not None else 1
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    raise Refused("unreadable", line, f"{self.what} holds more than one document")
                seen = True
            elif isinstance(event, yaml.ScalarEvent):
                self._count(1, line)
                value = event.value if not event.implicit[0] or event.style else scalar(event.value)
                if event.anchor:
                    self._anchors[event.anchor] = (value, 1)
                root = self._place(stack, value, line, root)
            elif isinstance(event, yaml.AliasEvent):
                value, cost = self._anchors.get(event.anchor or "", (None, 0))
                if not cost:
                    raise Refused("unreadable", line, f"the alias `*{str(event.anchor)[:40]}` stands for nothing that is complete")
                self._count(cost, line)
                root = self._place(stack, value, line, root)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._count(1, line)
                if len(stack) >= MAX_DEPTH:
                    raise Refused("too-deep", line, f"{self.what} is nested deeper than {MAX_DEPTH} levels")
                opened: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
                path = self._path(stack)
                root = self._place(stack, opened, line, root)
                stack.append(_Open(opened, path, event.anchor, self._nodes - 1))
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                closed = stack.pop()
                if closed.anchor:
                    self._anchors[closed.anchor] = (closed.value, self._nodes - closed.nodes_before)
        return root

    def _count(self, nodes: int, line: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise Refused("too-many-nodes", line, f"{self.what} stands for more than {MAX_NODES:,} values")

    def _path(self, stack: list[_Open]) -> str:
        """The dotted path of what is placed next."""
        if not stack:
            return ""
        top = stack[-1]
        name = str(len(top.value)) if isinstance(top.value, list) else top.key or ""
        return f"{top.path}.{name}" if top.path else name

    def _place(self, stack: list[_Open], value: Any, line: int, root: Any) -> Any:
        """Put a value where the reader stands; the root, which the first value is."""
        if not stack:
            return value
        top = stack[-1]
        if isinstance(top.value, list):
            self.lines[self._path(stack)] = line
            top.value.append(value)
        elif top.key is None:
            top.key = self._key(top, value, line)
        else:
            top.value[top.key] = value
            top.key = None
        return root

    def _key(self, top: _Open, value: Any, line: int) -> str:
        if isinstance(value, dict | list):
            raise Refused("unreadable", line, f"a key of {self.what} is a list or a mapping")
        key = value if isinstance(value, str) else "null" if value is None else str(value)
        path = f"{top.path}.{key}" if top.path else key
        if key in top.value:
            self.problems.append(CardProblem("duplicate-key", line, f"`{path[:80]}` is given twice (first at line {self.lines[path]})"))
        self.lines[path] = line
        return key


def scalar(text: str) -> Any:
    """A plain scalar by the core schema of YAML 1.2.2 (section 10.3.2)."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > LONGEST_NUMBER or not (text[0].isdigit() or text[0] in "+-."):
        return text
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
