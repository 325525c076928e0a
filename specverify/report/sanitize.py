"""What a repo says, made safe to show: a config or a card must not steer a terminal, hide a word or turn text around."""

from __future__ import annotations

import json
from typing import Any

from specverify.pattern import Pattern

LONGEST = 300
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_BLANK_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\U000e0100-\U000e01ef"
"""Characters that count as printable and show nothing; a name or a number can be hidden in a row of them."""
_BLANK = Pattern(f"[{_BLANK_LETTERS}]")
_SPACE = Pattern(f"[{_SPACES}]")
UNSAFE = Pattern(
    "[\\x7f-\\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f" + _BLANK_LETTERS + "]"
)
"""What JSON leaves as it is and a terminal, a browser or an eye would be misled by; the C0 controls JSON escapes itself."""


def clean(text: str, limit: int = LONGEST) -> str:
    """One line of at most `limit` characters (and a count of the rest) in which nothing is invisible or acts.

    Controls, escape sequences, line ends, directional and zero-width characters are shown as escapes: `\\x1b`, `\\u202e`.
    """
    rest = len(text) - limit
    kept = text if rest <= 0 else text[:limit]
    if not kept.isprintable() or (not kept.isascii() and _BLANK.search(kept)):
        kept = "".join(map(_visible, kept))
    return kept if rest <= 0 else f"{kept}... ({rest:,} more characters)"


def clean_value(value: Any, limit: int = LONGEST) -> str:
    """A value of a config as one line: numbers as they are, strings and the rest as JSON."""
    if isinstance(value, str):
        return clean(f'"{value}"', limit)
    return clean(json.dumps(value, ensure_ascii=False, default=str), limit)


def _visible(character: str) -> str:
    if (character.isprintable() and not _BLANK.match(character)) or _SPACE.match(character):
        return character
    code = ord(character)
    if character in "\t\n\r":
        return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
