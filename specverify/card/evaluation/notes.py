"""What a card says around its scores: contamination, safety, perplexity, Elo, and every benchmark it so much as names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from specverify.card.document import CardDocument
from specverify.card.evaluation.benchmarks import NEEDLE, Benchmark, mentions
from specverify.pattern import Pattern

MOST_LINES = 20
MOST_MENTIONS = 10_000
MOST_LOOKS = 200
NEAR = 80
"""Characters on either side of a word in which its statement is looked for, and MOST_LOOKS such words."""
PART_REACH = 120
"""Characters behind a benchmark's name in which its subset or version is looked for."""


class Line(NamedTuple):
    """A line of a file, from 1, and the words on it that matter."""

    line: int
    words: str


class Notes(NamedTuple):
    """Lines of the card by what they say.

    `safety` is evidence of a safety evaluation, `safety_claim` a statement that the model is safe. `named`
    are the benchmarks named anywhere, a picture's caption included; `parts` those whose subset or version is told somewhere
    in the text.
    """

    contamination: Line | None = None
    safety: Line | None = None
    safety_claim: Line | None = None
    needle: tuple[Line, ...] = ()
    perplexity: tuple[Line, ...] = ()
    elo: tuple[Line, ...] = ()
    named: frozenset[Benchmark] = frozenset()
    parts: frozenset[str] = frozenset()
    offsets: tuple[int, ...] = ()
    """where benchmarks are named"""


_CONTAMINATION = (
    ("contaminat", "leak", "overlap", "污染", "泄露", "泄漏"),
    Pattern(
        r"contaminat|decontam|(?:test|benchmark|data|eval\w{0,6})[- ](?:set )?leak|"
        r"leak\w{0,4} (?:of|from|in|into) (?:the )?(?:test|bench|eval|train)|"
        r"overlap\w{0,4} (?:with|between) (?:\w{1,12} ){0,4}(?:test|eval|bench)|污染|泄露|泄漏",
        re.IGNORECASE,
    ),
)
_SAFETY = (
    ("red", "jailbreak", "safety", "refus", "toxic", "harm", "bias", "红队", "安全"),
    Pattern(
        r"\bred[- ]?team|jailbreak|refusal (?:rate|bench)|over-?refus|toxicity (?:score|rate|eval)|红队|安全(?:评测|评估|测试)|"
        r"safety (?:eval|test|bench|score|assess|result|metric|performance|measure)|"
        r"(?:evaluat|assess|test|measur)\w{0,4} (?:\w{1,12} ){0,4}(?:safety|toxicity|bias|harm)",
        re.IGNORECASE,
    ),
)
_SAFETY_CLAIM = (
    ("safe", "harmless"),
    Pattern(
        r"\b(?:safe|safer|harmless|harmlessness)\b(?! ?tensors)(?! ?(?:to|for) (?:use|load|run|say|assume|store))|"
        r"(?:strong|robust|improved|high|better|state-of-the-art) safety",
        re.IGNORECASE,
    ),
)
_PERPLEXITY = (
    ("perplexity", "ppl", "困惑度"),
    Pattern(r"(?:perplexit(?:y|ies)|\bppl\b|困惑度).{0,60}?(?<![\w.])\d{1,5}\.\d{1,6}", re.IGNORECASE),
)
_PERPLEXITY_HEADER = Pattern(r"perplexit|\bppl\b|困惑度", re.IGNORECASE)
_ELO = (("elo",), Pattern(r"\belo\b.{0,40}?\b(?:\d{3,4}|1,\d{3})\b|\b(?:\d{3,4}|1,\d{3})(?:\.\d{1,2})? elo\b", re.IGNORECASE))
_ELO_HEADER = Pattern(r"\belo\b", re.IGNORECASE)
_NUMBER = Pattern(r"~?\d[\d,.]*%?(?: ?[±(].{0,30})?")


def read_notes(document: CardDocument, lowered: str) -> Notes:
    """The notes of a card; `lowered` is its readable text in lower case."""
    named: set[Benchmark] = set()
    needle: list[Line] = []
    parts: set[str] = set()
    offsets: list[int] = []
    plain = document.plain
    for mention in islice(mentions(plain), MOST_MENTIONS):
        benchmark = mention.benchmark
        named.add(benchmark)
        offsets.append(mention.start)
        if benchmark.kind == NEEDLE and len(needle) < MOST_LINES:
            needle.append(Line(document.line_at(mention.start), plain[mention.start : mention.end]))
        if benchmark.part is not None and benchmark.name not in parts:
            after = re.split(r"\||\n\n", plain[mention.start : mention.end + PART_REACH], maxsplit=1)[0]
            if benchmark.part.search(after, 0):
                parts.add(benchmark.name)
    return Notes(
        next(_found(document, lowered, *_CONTAMINATION), None),
        next(_found(document, lowered, *_SAFETY), None),
        next(_found(document, lowered, *_SAFETY_CLAIM), None),
        tuple(needle),
        tuple(_lines(document, lowered, _PERPLEXITY, _PERPLEXITY_HEADER)),
        tuple(_lines(document, lowered, _ELO, _ELO_HEADER)),
        frozenset(named),
        frozenset(parts),
        tuple(offsets),
    )


def _found(document: CardDocument, lowered: str, words: tuple[str, ...], pattern: Pattern) -> Iterator[Line]:
    """The matches of a pattern near the words without which it has none."""
    for word in words:
        at = lowered.find(word)
        for _ in range(MOST_LOOKS):
            if at < 0:
                break
            match = pattern.search(document.plain, max(0, at - NEAR), at + NEAR)
            if match is not None:
                yield Line(document.line_at(match.start()), " ".join(match.group().split()))
            at = lowered.find(word, at + NEAR)


def _lines(document: CardDocument, lowered: str, said: tuple[tuple[str, ...], Pattern], header: Pattern) -> Iterator[Line]:
    """The lines that state a number of this kind: in prose, or under or beside a label of a table."""
    words, pattern = said
    if not any(word in lowered for word in words):
        return
    count = 0
    for run in document.runs:
        if run.kind != "heading":
            for match in pattern.finditer(document.plain, run.start, run.end):
                if "\n\n" not in match.group() and count < MOST_LINES:
                    count += 1
                    yield Line(document.line_at(match.start()), " ".join(match.group().split()))
    for table in document.tables:
        columns = {column for column, cell in enumerate(table.rows[0]) if header.search(cell.text[:200])} if table.rows else set()
        for row in table.rows[1:]:
            beside = bool(row) and header.search(row[0].text[:200]) is not None
            cell = next(
                (c for column, c in enumerate(row) if (column in columns or (beside and column)) and _NUMBER.fullmatch(c.text)), None
            )
            if cell is not None and count < MOST_LINES:
                count += 1
                yield Line(document.line_at(cell.start), cell.text)
