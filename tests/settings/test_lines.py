"""The line of every key, in every way TOML has to write one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.settings.lines import key_lines

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = '''# [not.a.table]
top = 1
"quoted key" = "= [x] # not a comment"
a.b."c.d" = 'literal \\'
multi = """
[gpus.fake]
x = "1" \\""" still
"""
raw = \'\'\'
y = ''1''
\'\'\'
list = [ # comment ]
  1, [2.5, 1979-05-27 07:32:00],
  { k = "v", m.n = [3] },
]

[ spaced . "out.table" ]
key = 1.5
[gpus.x]
memory = { value = 1, note = "}" }
[[ignore]]
rule = "A"
[ignore.sub]
z = 1
[[ignore]]
rule = "B"
[[ignore.deep]]
w = 2
'''
EXPECTED = {
    ("top",): 2,
    ("quoted key",): 3,
    ("a",): 4,
    ("a", "b"): 4,
    ("a", "b", "c.d"): 4,
    ("multi",): 5,
    ("raw",): 9,
    ("list",): 12,
    ("list", 0): 13,
    ("list", 1): 13,
    ("list", 1, 0): 13,
    ("list", 1, 1): 13,
    ("list", 2): 14,
    ("list", 2, "k"): 14,
    ("list", 2, "m"): 14,
    ("list", 2, "m", "n"): 14,
    ("list", 2, "m", "n", 0): 14,
    ("spaced",): 17,
    ("spaced", "out.table"): 17,
    ("spaced", "out.table", "key"): 18,
    ("gpus",): 19,
    ("gpus", "x"): 19,
    ("gpus", "x", "memory"): 20,
    ("gpus", "x", "memory", "value"): 20,
    ("gpus", "x", "memory", "note"): 20,
    ("ignore",): 21,
    ("ignore", 0): 21,
    ("ignore", 0, "rule"): 22,
    ("ignore", 0, "sub"): 23,
    ("ignore", 0, "sub", "z"): 24,
    ("ignore", 1): 25,
    ("ignore", 1, "rule"): 26,
    ("ignore", 1, "deep"): 27,
    ("ignore", 1, "deep", 0): 27,
    ("ignore", 1, "deep", 0, "w"): 28,
}


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in inner:
        yield (*path, step)
        yield from paths(below, (*path, step))


def test_every_way_to_write_a_key() -> None:
    assert set(paths(tomllib.loads(TEXT))) == set(EXPECTED)
    assert key_lines(TEXT) == EXPECTED


def test_a_real_file_has_a_line_for_every_key_and_no_other() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lines = key_lines(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    rows = text.split("\n")
    for path, line in lines.items():
        words = [step for step in path if isinstance(step, str)]
        assert isinstance(path[-1], int) or words[-1].split(".")[-1] in rows[line - 1], (path, line)


PIECES = st.sampled_from(
    [
        "a",
        ".",
        " = ",
        "1",
        '"x"',
        "'y'",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        ",",
        "\n",
        "#",
        '"""',
        "'''",
        "\\",
        " ",
        "b",
        "1.5",
        "true",
        "c=1\n",
        "[d]\n",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
@settings(deadline=None)
def test_whatever_tomllib_reads_has_lines(text: str) -> None:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(key_lines(text)) == set(paths(values))
