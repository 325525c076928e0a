"""The date up to which a model's training data reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.kinds import CUTOFF
from specverify.card.words.found import Found
from specverify.pattern import Pattern

_I = re.IGNORECASE
HINTS = ("cutoff", "cut-off", "cut off", "knowledge u", "知识截止")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = Pattern(
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|"
    r"dec(?:ember)?)\.?(?: \d{1,2}(?:st|nd|rd|th)?)?,? (?:of )?(?P<of>20\d\d)(?!\d)"
    r"|(?<![\d/.-])(?P<month>0?[1-9]|1[0-2])/(?P<slash>20\d\d)(?![\d/])"
    r"|(?<![\d/.-])(?P<year>20\d\d)(?:-|/|\.|年 ?)(?P<second>0?[1-9]|1[0-2])(?!\d)(?: ?月)?"
    r"|(?<![\d/.-])(?:(?:early|mid|late|end of|q[1-4])[- ]?)?(?P<alone>20\d\d)(?![\d/.-]\d|\d|年)",
    _I,
)
_CUTOFF = Pattern(r"(?<![_\w])cut[- ]?off(?: date| point)?s?|knowledge (?:up to|until)|知识截止", _I)
_ABOUT_DATA = Pattern(r"knowledge|data|train|information|知识|数据", _I)
_FOR_SIZE = Pattern(r" for (?:the )?(\d{1,4}(?:\.\d)?[BM])\b")
_PROMPT = Pattern(r"\byou are\b|\byour knowledge|current date|today'?s? date|<\|", _I)
_EVALUATION = Pattern(r"leaderboard|benchmark|contest|problems|evaluat|similarity|threshold", _I)


def value(text: str) -> Iterator[Found]:
    """The dates beside a label: one, or one for each size."""
    if _PROMPT.search(text):
        return
    lead = text[:200]
    yield from _dates(lead, 0, 12 if len(text) <= 60 else 90)


def sentence(text: str) -> Iterator[Found]:
    """The dates a sentence gives for the end of the data."""
    for match in _CUTOFF.finditer(text):
        around = text[max(0, match.start() - 120) : match.end() + 80]
        if _PROMPT.search(text):
            yield Found(CUTOFF, match.start(), match.end(), refused="the text of a prompt")
        elif _EVALUATION.search(around) or not _ABOUT_DATA.search(around):
            yield Found(CUTOFF, match.start(), match.end(), refused="a date or value of something else")
        else:
            yield from _dates(text, match.end(), 40)


def _dates(text: str, start: int, gap: int) -> Iterator[Found]:
    """The first date within `gap` characters, and the others where each is given for a size."""
    first = _DATE.search(text, start)
    if first is None or first.start() - start > gap or re.search(r"[.;]\s", text[start : first.start()]):
        return
    sized = _FOR_SIZE.match(text, first.end())
    yield Found(CUTOFF, first.start(), first.end(), (_iso(first),), size=sized.group(1) if sized else None)
    at = sized.end() if sized else len(text)
    while sized is not None and (following := _DATE.search(text, at)) is not None and following.start() - at <= 12:
        sized = _FOR_SIZE.match(text, following.end())
        if sized is not None:
            yield Found(CUTOFF, following.start(), following.end(), (_iso(following),), size=sized.group(1))
            at = sized.end()


def _iso(match: re.Match[str]) -> str:
    """Year and month, or the year alone where no month is said."""
    parts = match.groupdict()
    if parts["name"]:
        return f"{parts['of']}-{_MONTHS.index(parts['name'][:3].lower()) + 1:02d}"
    if parts["month"]:
        return f"{parts['slash']}-{int(parts['month']):02d}"
    if parts["year"]:
        return f"{parts['year']}-{int(parts['second']):02d}"
    return parts["alone"] or ""
