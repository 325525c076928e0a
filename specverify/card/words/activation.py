"""The function of the feed-forward blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.kinds import ACTIVATION
from specverify.card.words.found import Found, Vocabulary, all_of, spelled
from specverify.pattern import Pattern

_I = re.IGNORECASE
HINTS = ("glu", "elu", "silu", "swish")
NAMES: Vocabulary = (
    ("swiglu", Pattern(r"\bswi-?glu\b", _I)),
    ("geglu", Pattern(r"\bge-?glu\b", _I)),
    ("reglu", Pattern(r"\breglu\b", _I)),
    ("gelu", Pattern(r"\bgelu(?:_new|_fast|_pytorch_tanh)?\b", _I)),
    ("relu2", Pattern(r"\bsquared[- ]relu\b|\brelu ?(?:\^ ?2|2\b|²)|\brelu-?squared\b", _I)),
    ("relu", Pattern(r"\brelu\b", _I)),
    ("silu", Pattern(r"\bsilu\b|\bswish\b", _I)),
)
_USES = Pattern(
    r"\b(?:us(?:es?|ed|ing)|employ\w{0,3}|adopt\w{0,3}|with|and|i\.e\.|utili[sz]\w{1,3}|leverag\w{1,3}|incorporat\w{1,3}|"
    r"featur\w{1,3})\b|,|采用|使用",
    _I,
)
_TOOL = Pattern(r"\bfused|kernel|xformers|clamp", _I)


def value(text: str) -> Iterator[Found]:
    """The functions of the value of an activation label."""
    yield from all_of(ACTIVATION, NAMES, text[:120])


def sentence(text: str) -> Iterator[Found]:
    """The functions a sentence says the model uses."""
    for word, start, end in spelled(NAMES, text):
        before = text[max(0, start - 160) : start]
        if _TOOL.search(text[max(0, start - 24) : end + 60]):
            yield Found(ACTIVATION, start, end, refused="a part of some software")
        elif not _USES.search(before):
            yield Found(ACTIVATION, start, end, refused="the sentence does not say that the model uses it")
        else:
            yield Found(ACTIVATION, start, end, (word,))
