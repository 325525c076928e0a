"""The line of every key of a TOML text: tomllib, which has read it, does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t]+ | \#[^\n]*)
    | (?P<newline>\n)
    | (?P<mark>[\[\]{},=.])
    | (?P<quoted>\"{3}(?:\\.|[^\\])*?\"{3}(?!\") | '{3}.*?'{3}(?!') | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
    | (?P<bare>[^\s\[\]{},=.\#"']+)
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


class _Frame:
    """What is open: the document (`root`), an inline table or an array, at a path; `parts` are those of the key being read."""

    def __init__(self, kind: str, path: Path) -> None:
        self.kind = kind
        self.path = path
        self.parts: list[str] = []
        self.index = 0
        self.in_value = kind == "array"

    @property
    def here(self) -> Path:
        """The path of the value being read."""
        return (*self.path, self.index) if self.kind == "array" else (*self.path, *self.parts)


def key_lines(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every key and every entry of an array by its path; the first where a table is stated in pieces.

    `text` is valid TOML with `\\n` at the end of lines.
    """
    lines: dict[Path, int] = {}
    arrays: dict[Path, int] = {}
    stack = [_Frame("root", ())]
    tokens = _tokens(text)
    for token in tokens:
        frame = stack[-1]
        if token.kind == "newline":
            if frame.kind == "root":
                frame.parts, frame.in_value = [], False
        elif frame.kind == "root" and not frame.in_value and not frame.parts and token.text == "[":
            frame.path = _header(tokens, arrays)
            _note(lines, frame.path, token.line)
        elif not frame.in_value:
            if token.text == "=":
                frame.in_value = True
            elif token.text == "}":
                stack.pop()
            elif token.kind in ("bare", "quoted"):
                frame.parts.append(_word(token))
                _note(lines, frame.here, token.line)
        elif token.kind == "mark" and token.text in "]}":
            stack.pop()
        elif token.text == "," and frame.kind != "root":
            frame.index += 1
            frame.parts, frame.in_value = [], frame.kind == "array"
        else:
            if frame.kind == "array":
                lines.setdefault(frame.here, token.line)
            if token.kind == "mark" and token.text in "[{":
                stack.append(_Frame("array" if token.text == "[" else "table", frame.here))
    return lines


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "space":
            yield _Token(kind, match[0], line)
        line += match[0].count("\n")


def _header(tokens: Iterator[_Token], arrays: dict[Path, int]) -> Path:
    """The path of a table's header after its first bracket; `arrays` says how many entries each array of tables has so far."""
    first = next(tokens)
    repeated = first.text == "["
    words = [] if repeated else [_word(first)]
    for token in tokens:
        if token.text == "]":
            break
        if token.text != ".":
            words.append(_word(token))
    path: Path = ()
    for place, word in enumerate(words, 1):
        path = (*path, word)
        if repeated and place == len(words):
            arrays[path] = arrays.get(path, -1) + 1
            next(tokens)
        if path in arrays:
            path = (*path, arrays[path])
    return path


def _note(lines: dict[Path, int], path: Path, line: int) -> None:
    """The line of a path, and of each it is in that has none yet."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return
        lines[path[:length]] = line


def _word(token: _Token) -> str:
    if token.kind != "quoted":
        return token.text
    import tomllib

    word: str = tomllib.loads(f"word = {token.text}")["word"]
    return word
