"""Characters of a text that nobody sees, or that turn it around: where they stand, what they are called, and what they do.

What Unicode calls default-ignorable, the bidirectional controls, and control characters. Those that a script or an emoji
needs where they stand are no secret and are left out: joiners in Persian or Indic words, marks of direction beside
right-to-left letters, selectors behind what they select, the tags of a regional flag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

from specverify.pattern import Pattern

Act = Literal["reorders", "spells", "hides"]
MOST = 2_000
"""Characters of one text that are given; one has none, a few, or is full of them."""
MOST_EXPLAINED = 50_000
"""Characters of one text whose surroundings are looked at; of more than that no text has need."""
LONGEST_TURNED = 300
"""Characters behind an override that are looked at."""

IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Default-ignorable code points (Unicode 16, DerivedCoreProperties) with the interlinear annotation marks, as the inside of a class."""
CONTROLS = "\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\u2028\u2029"
HIDDEN = Pattern(f"[{IGNORABLE}{CONTROLS}]")

_ZWNJ, _ZWJ, _ZWSP = "\u200c", "\u200d", "\u200b"
_MARKS = "\u200e\u200f\u061c"
_LRO, _RLO, _POP = "\u202d", "\u202e", "\u202c"
_FLAG, _LAST_TAG = "\U0001f3f4", "\U000e007f"
_TAG_OFFSET = 0xE0000
_PICTURE = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff"
)
_EMOJI = Pattern(f"[{_PICTURE}]")
_SELECTABLE = Pattern(f"[{_PICTURE}0-9#*]")
_JOINED_SCRIPTS = Pattern(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\u1900-\u1aaf\u1b00-\u1bff\ua800-\uaaff"
    "\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00010aff\U00011000-\U00011fff]"
)
"""Scripts whose letters join or stack: Arabic, Syriac, N'Ko, the Indic ones, Tibetan, Myanmar, Khmer, Mongolian and their kin."""
_UNSPACED = Pattern("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf]")
"""Scripts without blanks between words, which are cut for line breaks by zero-width spaces: Thai, Lao, Khmer, Myanmar."""
_RIGHT_TO_LEFT = Pattern("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_IDEOGRAPH = Pattern("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_STYLED = Pattern("[\u2200-\u22ff\u2a00-\u2aff\u1000-\u109f\ua840-\ua87f\u3000-\u303f\uff00-\uffee\u2018-\u201d]|" + _IDEOGRAPH.pattern)
"""What standardized variants exist of, besides emoji: mathematical signs, Myanmar, Phags-pa, East Asian punctuation and ideographs."""


class Hidden(NamedTuple):
    """One hidden character at an offset: its name, and what it does.

    `reorders`: text is shown in another order than it is read in; `spells`: a letter nobody sees; `hides`: no more than that.
    """

    offset: int
    character: str
    act: Act

    @property
    def name(self) -> str:
        """`U+200B ZERO WIDTH SPACE`."""
        import unicodedata

        known = unicodedata.name(self.character, "") or _NAMES.get(self.character, "")
        return f"U+{ord(self.character):04X} {known or 'a control character'}".strip()


_NAMES = {"\x1b": "ESCAPE", "\x08": "BACKSPACE", "\x7f": "DELETE", "\x0c": "FORM FEED", "\x0b": "LINE TABULATION", "\x85": "NEXT LINE"}


def hidden(text: str) -> Iterator[Hidden]:
    """The hidden characters of a text that nothing around them explains, in order, at most `MOST`."""
    return islice(_unexplained(text), MOST)


def _unexplained(text: str) -> Iterator[Hidden]:
    passed, line = 0, (0, 0, False)
    for looked_at, match in enumerate(HIDDEN.finditer(text)):
        at, character = match.start(), match.group()
        if at < passed:
            continue
        if looked_at >= MOST_EXPLAINED:
            yield Hidden(at, character, "hides")
        elif (end := _flag(text, at)) is not None:
            passed = end
        elif character in _MARKS:
            line = line if at < line[1] else _line(text, at, line[1])
            if not line[2]:
                yield Hidden(at, character, "hides")
        elif not _explained(text, at, character):
            yield Hidden(at, character, _act(text, at, character))


def spelled(characters: str) -> str:
    """The plain letters that tag characters stand for."""
    return "".join(chr(ord(c) - _TAG_OFFSET) for c in characters if 0x20 <= ord(c) - _TAG_OFFSET < 0x7F)


def _act(text: str, at: int, character: str) -> Act:
    if 0xE0020 <= ord(character) < 0xE007F:
        return "spells"
    return "reorders" if character in (_LRO, _RLO) and _turns(text, at, character) else "hides"


def _turns(text: str, at: int, override: str) -> bool:
    """Whether an override shows two or more characters in an order that they would not have had without it."""
    import unicodedata

    own = ("R", "AL", "AN") if override == _LRO else ("L", "EN")
    covered = re.split(f"[{_POP}\n]", text[at + 1 : at + 1 + LONGEST_TURNED], maxsplit=1)[0]
    return sum(unicodedata.bidirectional(c) in own for c in covered) >= 2


def _flag(text: str, at: int) -> int | None:
    """The end of the tags of a regional flag (Scotland, Wales) where they start here."""
    if at == 0 or text[at - 1] != _FLAG:
        return None
    end = at
    while end < len(text) and end - at < 8 and 0xE0030 <= ord(text[end]) <= 0xE007A:
        end += 1
    return end + 1 if 3 <= end - at <= 6 and text[end : end + 1] == _LAST_TAG else None


def _explained(text: str, at: int, character: str) -> bool:
    """Whether the text around a hidden character needs it."""
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if character in (_ZWJ, _ZWNJ):
        joined = any(c and _JOINED_SCRIPTS.match(c) for c in (before, after))
        return joined or (character == _ZWJ and _emoji_before(text, at) and bool(_EMOJI.match(after)))
    if character == _ZWSP:
        return any(c and _UNSPACED.match(c) for c in (before, after))
    if "\ufe00" <= character <= "\ufe0f":
        return bool(_SELECTABLE.match(before)) if character >= "\ufe0e" else bool(_STYLED.match(before))
    if "\U000e0100" <= character <= "\U000e01ef":
        return bool(_IDEOGRAPH.match(before))
    if "\u180b" <= character <= "\u180f":
        return "\u1800" <= before <= "\u18af"
    if character in ("\u115f", "\u1160"):
        return any("\u1100" <= c <= "\u11ff" or "\ua960" <= c <= "\ua97c" for c in (before, after) if c)
    if character in ("\u17b4", "\u17b5"):
        return "\u1780" <= before <= "\u17ff"
    return character == "\u034f" and bool(before) and not before.isascii()


def _emoji_before(text: str, at: int) -> bool:
    """Whether an emoji ends here, its selector and skin tone passed over."""
    start = at
    while start > max(0, at - 3) and (text[start - 1] == "\ufe0f" or "\U0001f3fb" <= text[start - 1] <= "\U0001f3ff"):
        start -= 1
    return start > 0 and _EMOJI.match(text, start - 1) is not None


def _line(text: str, at: int, since: int) -> tuple[int, int, bool]:
    """The line an offset stands on, from `since` at the earliest, and whether it holds right-to-left letters."""
    end = text.find("\n", at)
    start, end = text.rfind("\n", since, at) + 1, end if end >= 0 else len(text)
    return start, end, _RIGHT_TO_LEFT.search(text, max(start, since), end) is not None
