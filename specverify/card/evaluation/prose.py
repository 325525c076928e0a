"""Scores in lists and sentences, where the wording leaves no doubt which number belongs to which benchmark."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from specverify.card.document import CardDocument, lines_of
from specverify.card.evaluation.benchmarks import Mention, mentions
from specverify.card.evaluation.scores import PROSE, Score, Value, read_value, scale_of
from specverify.card.evaluation.settings import LENGTH, MISSABLE, ROW, settings_in
from specverify.card.names import Subject, nearest_name
from specverify.card.text import compact
from specverify.pattern import Pattern

MOST_SCORES = 500
LONGEST_LINE = 3000
_HOW = r"(?:\d{1,2}[- ]shot|zero[- ]shot|pass@\d{1,3}|accuracy|score|acc|em|f1|benchmark|test|(?:prompt|inst\w{0,9})?[- ]?(?:strict|loose))"
_IS = r"(?:[:=|]|is|of|at|was|to|score of|scores?|reach(?:es|ed)|accuracy of|达到|为|：)"
_REMARK = r"(?: ?\([^()]{0,60}\))?"
_AFTER = Pattern(rf"{_REMARK}(?: ?[,;]? ?{_HOW})?{_REMARK} ?{_IS} ?(?:an? )?(?:score of |accuracy of |about |up to )?", re.IGNORECASE)
_BEFORE = Pattern(
    rf"(\d{{1,3}}(?:\.\d{{1,3}})? ?%?){_REMARK}"
    r"(?: (?:pass@\d{1,3}|accuracy|points|score|em|f1))? (?:on|in|for) (?:the )?(?:[a-z-]{1,20} ){0,2}?$",
    re.IGNORECASE,
)
_NUMBER = Pattern(r"\d{1,3}(?:\.\d{1,4})? ?%?(?![\w%-])")
_MARGIN = Pattern(r"(?:by|improv\w{0,8}|gain\w{0,3}|higher|better|points?|increase\w{0,2}|\+) (?:of |about )?$", re.IGNORECASE)
_SENTENCE = Pattern(r"(?<=[.!?。；;])\s")


def read_scores(document: CardDocument, subject: Subject, offsets: Sequence[int]) -> Iterator[Score]:
    """The scores of lists and prose, in order; `offsets` are the places where benchmarks are named."""
    count = 0
    for run in document.runs:
        if run.kind == "heading":
            continue
        first = bisect_left(offsets, run.start)
        if first >= len(offsets) or offsets[first] >= run.end:
            continue
        for start, end in lines_of(document, run) if run.kind == "item" else ((run.start, run.end),):
            at = bisect_left(offsets, start)
            if at >= len(offsets) or offsets[at] >= end or end - start > LONGEST_LINE:
                continue
            squeezed = compact(document.plain, start, end)
            found = tuple(mentions(squeezed.text))
            for mention in found:
                value, at = _number_of(squeezed.text, mention)
                if value is None:
                    continue
                count += 1
                if count > MOST_SCORES:
                    return
                line = document.line_at(squeezed.span(at, at + 1)[0])
                sentence = _sentence(squeezed.text, mention)
                named = nearest_name(sentence.replace(squeezed.text[mention.start : mention.end], " "), subject)
                relation = subject.relation(named) if named else "self"
                yield Score(
                    mention.benchmark,
                    _label(squeezed.text, mention),
                    value,
                    scale_of(mention.benchmark, value),
                    named,
                    relation if relation != "unknown" else "self",
                    tuple(settings_in(sentence, ROW, line, (*MISSABLE, LENGTH))),
                    PROSE,
                    document.file,
                    line,
                    run.section,
                    column=sentence,
                )


def _number_of(text: str, mention: Mention) -> tuple[Value | None, int]:
    """The number said of a benchmark, and its offset."""
    linked = _AFTER.match(text, mention.end)
    at = linked.end() if linked else mention.end
    number = _NUMBER.match(text, at) if linked else None
    if number is not None:
        return _value(number.group(), text[number.end() : number.end() + 12]), at
    before = _BEFORE.search(text, max(0, mention.start - 90), mention.start)
    if before is not None and not _MARGIN.search(text, max(0, before.start() - 30), before.start()):
        return _value(before.group(1), ""), before.start(1)
    return None, 0


def _value(text: str, after: str) -> Value | None:
    """A number that is a score: a bare count of one or two digits may be anything."""
    if re.match(r" ?(?:shot|k\b|b\b|m\b|tokens|questions|problems|samples|tasks|languages|of the|times|x\b)", after, re.IGNORECASE):
        return None
    value = read_value(text)
    return value if value is not None and (value.percent or value.decimals) else None


def _sentence(text: str, mention: Mention) -> str:
    start = max((cut.end() for cut in _SENTENCE.finditer(text, 0, mention.start)), default=0)
    stop = _SENTENCE.search(text, mention.end)
    return text[start : stop.start() if stop else len(text)]


def _label(text: str, mention: Mention) -> str:
    return text[max(0, mention.start - 20) : mention.end + 30]
