from __future__ import annotations

import unicodedata

import pytest

from specverify.report.sanitize import UNSAFE, clean, clean_value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, 中文, é, 🙂", "plain, 中文, é, 🙂"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]8;;http://x\x07", "\\x1b]8;;http://x\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("a\u200bb\ufeff\u2060", "a\\u200bb\\ufeff\\u2060"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\u3164\u2800", "\\u3164\\u2800"),
        ("128\u00a0K", "128\u00a0K"),
    ],
)
def test_what_acts_or_hides_is_shown(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_length_is_bounded() -> None:
    assert clean("x" * 1000, 10) == "x" * 10 + "... (990 more characters)"
    assert len(clean("\x1b" * 10_000_000, 100)) < 500


def test_values_are_one_line() -> None:
    assert clean_value({"a": [1, None, "\x1b"]}) == '{"a": [1, null, "\\u001b"]}'
    assert clean_value("\x1b") == '"\\x1b"'
    assert clean_value(float("nan")) == "NaN"


def test_every_control_and_format_character_is_unsafe_in_json() -> None:
    kept = [
        f"{code:x}"
        for code in range(0x7F, 0x110000)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp") and not UNSAFE.match(chr(code))
    ]
    assert kept == []
