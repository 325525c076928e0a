"""Speeds a card states, and whether the hardware, the batch and the lengths they were measured with stand beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from specverify.card.document import CardDocument
from specverify.card.text import compact
from specverify.pattern import Pattern

HARDWARE = "hardware"
BATCH = "batch"
LENGTH = "length"
MOST = 50
_WORDS = ("tok/s", "tokens/s", "token/s", "tokens per sec", "tokens / s", "ttft", "time to first token", "toks/s", "tok/sec", "t/s")
_SPEED = Pattern(
    r"(?<![\w.])~?\d[\d,.]{0,9}k? ?(?:output |generated |decode )?(?:tokens?|toks?|t) ?(?:/|per) ?s(?:ec(?:ond)?)?\b|"
    r"(?:\bttft|time[- ]to[- ]first[- ]token)\b.{0,30}?\d{1,9}(?:\.\d{1,9})? ?(?:ms|s\b|sec)|"
    r"(?<![\d.])\d{1,9}(?:\.\d{1,9})? ?(?:ms|s|seconds) (?:ttft|time[- ]to[- ]first[- ]token)",
    re.IGNORECASE,
)
_SPEED_HEADER = Pattern(r"(?:tokens?|toks?|t) ?(?:/|per) ?s(?:ec(?:ond)?)?\b|\bttft\b|time[- ]to[- ]first[- ]token", re.IGNORECASE)
_PLAIN_NUMBER = Pattern(r"~?\d[\d,.]*(?: ?ms| ?s)?")
_TRAINING = Pattern(r"\b(?:pre-?)?train(?:ing|ed)?\b|per gpu per second|mfu\b|训练", re.IGNORECASE)
_GIVES = {
    HARDWARE: Pattern(
        r"\b(?:[abhlv]\d{1,3}0{1,2}\w{0,4}|h20|l4|l40s?|t4|gb200|mi\d{3}\w?|rtx|gtx|tesla|titan|geforce|nvidia|amd|intel|apple|4090|3090|5090|"
        r"m[1-5](?: (?:pro|max|ultra))?|cpu|gpu|tpu|npu|jetson|orin|snapdragon|iphone|ipad|macbook|mac|raspberry|xeon|epyc|ryzen|gaudi|"
        r"inferentia|trainium|ascend|android|pixel|galaxy|groq|cerebras|a6000|cores?|threads?)\b",
        re.IGNORECASE,
    ),
    BATCH: Pattern(
        r"\bbatch|\bbs ?=? ?\d|concurren|\bqps\b|requests|\busers?\b|\bstreams?\b|single[- ](?:user|stream|request|sequence)", re.IGNORECASE
    ),
    LENGTH: Pattern(
        r"(?:input|prompt|output|context|sequence|prefill|decode|generation|seq)[- ]?(?:len|length|size|tokens?)|"
        r"\d[\d,.]{0,12} ?k?[- ]?tokens?(?! ?(?:/|per))|\b\d{1,4}k\b(?! ?tok)|\b[io]sl\b|"
        r"\b\d{3,6} ?(?:in|input|/|:) ?\d{2,6}\b|\b(?:pp|tg) ?\d{2,5}",
        re.IGNORECASE,
    ),
}
_REACH = 1500
_MOST = 10_000
"""Characters around a speed in which its conditions are looked for."""


class Speed(NamedTuple):
    """A speed a card states, the line from 1, and which of hardware, batch and length nothing near it states."""

    raw: str
    line: int
    missing: tuple[str, ...]


def read_speeds(document: CardDocument, lowered: str) -> Iterator[Speed]:
    """The speeds of serving the card states, first of each line; those of training runs are none."""
    if not any(word in lowered for word in _WORDS):
        return
    seen: set[int] = set()
    for start, end, section, speeds in (*_in_text(document), *_in_tables(document)):
        if len(seen) >= MOST:
            return
        near = " ".join((document.plain[max(0, start - _REACH) : end + _REACH][:_MOST], *section))
        own = f"{document.plain[start:end][:2000]} {' '.join(section)}"
        if _TRAINING.search(own):
            continue
        bare = _SPEED.sub(" ", near)
        missing = tuple(what for what, pattern in _GIVES.items() if not pattern.search(bare))
        for raw, at in speeds:
            line = document.line_at(at)
            if line not in seen and len(seen) < MOST:
                seen.add(line)
                yield Speed(raw, line, missing)


_Place = tuple[int, int, tuple[str, ...], list[tuple[str, int]]]


def _in_text(document: CardDocument) -> Iterator[_Place]:
    for run in document.runs:
        if run.kind == "heading":
            continue
        text = compact(document.plain, run.start, run.end)
        if len(text.text) > 6000:
            continue
        found = [(match.group(), text.span(*match.span())[0]) for match in _SPEED.finditer(text.text)]
        if found:
            yield run.start, run.end, run.section, found


def _in_tables(document: CardDocument) -> Iterator[_Place]:
    for table in document.tables:
        found = []
        columns = [column for column, cell in enumerate(table.rows[0]) if _SPEED_HEADER.search(cell.text[:200])] if table.rows else []
        for row in table.rows[1:]:
            cells = [row[column] for column in columns if column < len(row)]
            if row and _SPEED_HEADER.search(row[0].text[:200]):
                cells += row[1:]
            found += [(cell.text[:40], cell.start) for cell in cells if _PLAIN_NUMBER.fullmatch(cell.text[:40])]
        if found:
            yield table.start, table.end, table.section, found
