"""The named functions of class defaults, each on a case where a near miss would differ."""

from __future__ import annotations

from typing import Any

import pytest

from specverify import num
from specverify.architectures.computed import COMPUTED, COUNTED, NUMERIC
from specverify.num import Num

HM: dict[str, Any] = {"hit": "h", "miss": "m"}
CASES: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = [
    ("same", (7,), {}, 7),
    ("quotient", (65, 4), {}, 16),
    ("product", (3, 5), {}, 15),
    ("total", (64, 128), {}, 192),
    ("multiple", (64,), {"times": 4}, 256),
    ("share", (9,), {"times": 2, "by": 3}, 6),
    ("share", (9, 2), {"by": 2}, 2),
    ("product_quotient", (2, 9, 4), {}, 4),
    ("ceil_quotient", (33,), {"by": 16}, 3),
    ("ceil_quotient", (32,), {"by": 16}, 2),
    ("plus", (3,), {"add": 2}, 5),
    ("one_or", (True, 8), {}, 1),
    ("one_or", (False, 8), {}, 8),
    ("kept_if", (False, 8), {}, None),
    ("kept_if", (True, 8), {}, 8),
    ("kept_if", (False, 8, 3), {}, 3),
    ("half_window_if", (True, 512), {}, 257),
    ("half_window_if", (False, 512), {}, 512),
    ("half_window_if", ("all", 512), {"when": "all"}, 257),
    ("half_window_if", ("vision", 512), {"when": "all"}, 512),
    ("half_or", (9, 1), {}, 4),
    ("half_or", (None, 1), {}, 1),
    ("half_or", (0, 1), {}, 1),
    ("override_if", (True, None, 5), {}, 5),
    ("override_if", (True, 4, 5), {}, 4),
    ("override_if", (False, 4, 5), {}, 5),
    ("either", ("", 1, 2), {}, 2),
    ("either", (1, 1, 2), {}, 1),
    ("replaced_if", (True, 4), {"on": 9}, 9),
    ("replaced_if", (False, 4), {"on": 9}, 4),
    ("plus_or", (None, 7), {"add": 1}, 7),
    ("plus_or", (3, 7), {"add": 1}, 4),
    ("any_of", (False, None, 2), {}, True),
    ("any_of", (False, 0), {}, False),
    ("constant", (), {"value": [0]}, [0]),
    ("truncated_product", (10, 0.75), {}, 7),
    ("length", ([1, 2, 3],), {}, 3),
    ("summed", ([1, 2],), {"times": 2}, 6),
    ("last_stage", (96, [1, 1, 1, 1]), {}, 768),
    ("indices", (3,), {}, [0, 1, 2]),
    ("multiples", (7, 3), {}, [2, 5]),
    ("repeated", (2, "x"), {}, ["x", "x"]),
    ("pattern", (5,), {"cycle": "ab"}, ["a", "b", "a", "b", "a"]),
    ("pattern", (5,), {"cycle": "ab", "head": "z"}, ["z", "a", "b", "a", "b"]),
    ("pattern", (4,), {"cycle": "a", "tail": "yz"}, ["a", "a", "y", "z"]),
    ("pattern", (1,), {"cycle": "a", "tail": "yz"}, ["z"]),
    ("pattern", (3,), {"cycle": "ab", "from_end": True}, ["a", "b", "a"]),
    ("pattern", (4,), {"cycle": "ab", "from_end": True}, ["b", "a", "b", "a"]),
    ("pattern", (2,), {"cycle": "aab", "ensure": "b"}, ["a", "b"]),
    ("every_nth", (6, 3), HM, ["m", "m", "h", "m", "m", "h"]),
    ("every_nth", (4, 2), {**HM, "offset": 0}, ["h", "m", "h", "m"]),
    ("every_nth", (4, 3), {**HM, "last": "z"}, ["m", "m", "h", "z"]),
    ("every_nth_if", (2, None, 2), HM, ["h", "h"]),
    ("every_nth_if", (2, 64, 2), HM, ["m", "h"]),
    ("every_nth_in_two", (5, 2, 2, 3), HM, ["m", "h", "m", "m", "h"]),
    ("every_nth_in_two", (1, 2, 2, 3), HM, ["m"]),
    ("every_after", (4, 2, 1), {**HM, "head": ["z"]}, ["z", "m", "h", "m"]),
    ("every_from", (5, 2, 1), HM, ["m", "h", "m", "h", "m"]),
    ("first_k", (4, 1), {"head": "d", "rest": "s"}, ["d", "s", "s", "s"]),
    ("first_k_every", (5, 1, 2), {"head": "d", "rest": "s"}, ["d", "d", "s", "d", "s"]),
    ("window_from", (3, 64, 1), HM, ["m", "h", "h"]),
    ("window_from", (3, None, 1), HM, ["m", "m", "m"]),
    ("window_from", (2, 0, 1), HM, ["m", "h"]),
    ("window_from_if", (2, 0, 1), HM, ["m", "m"]),
    ("window_from_if", (2, 64, 1), HM, ["m", "h"]),
    ("windowed", (2, None), HM, ["m", "m"]),
    ("windowed", (2, 0), HM, ["h", "h"]),
    ("windowed_where", (3, True, 64, [0, 1, 0]), HM, ["h", "m", "h"]),
    ("windowed_where", (3, False, 64, [0, 1, 0]), HM, ["m", "m", "m"]),
    ("at", (3, [1]), HM, ["m", "h", "m"]),
    ("at", (3, None), {**HM, "cycle": "mh"}, ["m", "h", "m"]),
    ("experts_at", (4, 2, 1, 16), {}, [1, 16, 1, 16]),
    ("chosen", ([1, 0],), {"on": "h", "off": "m"}, ["h", "m"]),
    ("skip_pattern", (6, 2, 2), HM, ["h", "h", "m", "h", "m", "h"]),
    ("stage_names", (2,), {}, ["stem", "stage1", "stage2"]),
    ("stage_names_of", ([3, 4],), {}, ["stem", "stage1", "stage2"]),
]


@pytest.mark.parametrize(("name", "arguments", "constants", "expected"), CASES, ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)])
def test_what_it_computes(name: str, arguments: tuple[Any, ...], constants: dict[str, Any], expected: Any) -> None:
    assert COMPUTED[name](*arguments, **constants) == expected


def test_every_function_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(COMPUTED)


@pytest.mark.parametrize("case", [case for case in CASES if case[0] in NUMERIC], ids=lambda case: str(case[0]))
def test_numeric_functions_let_traced_numbers_through(case: tuple[str, tuple[Any, ...], dict[str, Any], Any]) -> None:
    name, arguments, constants, expected = case
    traced = [num.const(argument, f"n{i}") for i, argument in enumerate(arguments)]
    found = COMPUTED[name](*traced, **constants)
    assert isinstance(found, Num)
    assert found.value == expected
    assert set(found.formula()) & {"n"}


def test_the_marked_functions_exist() -> None:
    assert set(COMPUTED) >= NUMERIC | COUNTED
    assert not NUMERIC & COUNTED
