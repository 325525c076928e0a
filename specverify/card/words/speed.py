"""How fast a card says its model answers: tokens per second, the time to the first token, and latency."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.kinds import LATENCY, THROUGHPUT, TTFT
from specverify.card.numbers import Reading
from specverify.card.quantities import rate, seconds
from specverify.card.words.conditions import conditions
from specverify.card.words.found import Found
from specverify.pattern import Pattern

_I = re.IGNORECASE
HINTS = ("n/s", "s/s", "k/s", "t/s", "per sec", " tps", "ttft", "first token", "first-token", "latency", "延迟", "/秒")
_NUMBER = r"(?<![\w.,$^-])(?P<number>\d{1,7}(?:,\d{3}){0,3}(?:\.\d{1,3})?)"
_RATE = Pattern(
    rf"{_NUMBER} ?(?P<k>k)?\+? ?(?:output |generated |input )?(?:tokens?|toks?|t) ?(?:/ ?|per )(?:s|sec|second|秒)\b(?! per (?:gpu|"
    rf"device))|{_NUMBER.replace('number', 'number2')} ?TPS\b",
    _I,
)
_TIME = r"(?P<unit>ms|milliseconds?|s|secs?|seconds?|毫秒|秒)(?![\w/])"
_TTFT = Pattern(
    rf"(?:\bttft\b|time[- ]to[- ]first[- ]token|first[- ]token (?:latency|delay)|首(?:token|字)延迟)[^.;]{{0,50}}?{_NUMBER} ?{_TIME}", _I
)
_LATENCY = Pattern(
    rf"(?:latency|延迟)(?: \w+){{0,5}}? ?(?:of|is|at|to|:|=|around|about|under|below|~|为|低至)+ ?(?:\w+ ){{0,2}}?{_NUMBER} ?{_TIME}|"
    rf"{_NUMBER.replace('number', 'number2')} ?{_TIME.replace('unit', 'unit2')} (?:\w+ ){{0,2}}latency",
    _I,
)
_TRAINING = Pattern(r"\btrain(?:ed|ing)?\b|flops|mfu\b|utili[sz]ation|pre-?train|processed|dataset|训练", _I)
_OTHERS = Pattern(r"\bthan\b|\bvs\.?\b|compared|audio|speech|frames?", _I)
_HEADER_RATE = Pattern(r"tok(?:en)?s?\.? ?(?:/|per) ?(?:s|sec|second|秒)\b|\btps\b|t/s", _I)
_HEADER_TIME = Pattern(r"[(\[/ ](ms|milliseconds?|s|secs?|seconds?)[)\]↓]|[_ ](ms|sec|seconds)$", _I)


def sentence(text: str) -> Iterator[Found]:
    """The speeds a sentence states, each with what the sentence binds it to."""
    bound = conditions(text)
    for kind, pattern in ((THROUGHPUT, _RATE), (TTFT, _TTFT), (LATENCY, _LATENCY)):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            name = "number" if groups.get("number") else "number2"
            unit = groups.get("unit") or groups.get("unit2")
            quantity = rate(groups[name] or "", bool(groups.get("k"))) if kind == THROUGHPUT else seconds(groups[name] or "", unit or "")
            around = text[max(0, match.start() - 160) : match.end() + 80]
            if kind == LATENCY and re.search(r"first[- ]token|ttft", match.group(), _I):
                continue
            if _TRAINING.search(around):
                yield Found(kind, match.start(name), match.end(), refused="a speed of training")
            elif _OTHERS.search(text[max(0, match.start() - 60) : match.end() + 40]):
                yield Found(kind, match.start(name), match.end(), refused="a comparison, or not of text")
            elif quantity is not None:
                yield Found(kind, match.start(name), match.end(), quantity=quantity, conditions=bound)


def value(kind: str, text: str) -> Iterator[Found]:
    """A number with its unit beside a label."""
    if len(text) > 160:
        return
    if kind == THROUGHPUT:
        found = _RATE.search(text)
        if found is not None and found.group("number") and found.start() <= 12:
            yield _note(kind, rate(found.group("number"), bool(found.group("k"))), found.start("number"), found.end(), text)
        return
    match = re.match(rf"\W*(?:(?:about|around|under|~|<) ?)?{_NUMBER} ?{_TIME}", text, _I)
    if match is not None:
        yield _note(kind, seconds(match.group("number"), match.group("unit")), match.start("number"), match.end(), text)


def _note(kind: str, quantity: Reading | None, start: int, end: int, text: str) -> Found:
    return Found(kind, start, end, quantity=quantity, conditions=conditions(text[:start] + text[end:]))


def measured(kind: str, header: str, text: str) -> Iterator[Found]:
    """A bare number under a header that gives its unit: `Decode (tokens/sec)`, `TTFT (ms)`."""
    match = re.match(rf"\W{{0,3}}{_NUMBER}\s?(?:\(|$|\*|±)", text)
    if match is None:
        yield from value(kind, text)
        return
    quantity = None
    if kind == THROUGHPUT and _HEADER_RATE.search(header):
        quantity = rate(match.group("number"))
    elif kind != THROUGHPUT and (unit := _HEADER_TIME.search(header)) is not None:
        quantity = seconds(match.group("number"), (unit.group(1) or unit.group(2)).lower())
    if quantity is not None:
        yield Found(kind, match.start("number"), match.end("number"), quantity=quantity)
