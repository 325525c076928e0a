"""The value beside a label taken apart: one cell or the rest of a line may state several numbers with words around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from specverify.card import lexicon
from specverify.card.kinds import (
    ACTIVE,
    CONTEXT,
    EXPERTS,
    HIDDEN,
    KV_HEADS,
    LAYERS,
    LINEAR_QK_HEADS,
    LINEAR_V_HEADS,
    NON_EMBEDDING,
    OUTPUT,
    Q_HEADS,
    SHARED_EXPERTS,
    TOP_K,
    TOTAL,
    TRAINING_TOKENS,
    VOCABULARY,
)
from specverify.card.numbers import PARAMETERS, TOKENS, WHOLE, Reading, amount, parameters, tokens, whole
from specverify.card.text import mentions
from specverify.pattern import Pattern

LONGEST_VALUE = 200
LONGEST_LEAD = 12
"""Characters before the first number of a value; with more before it the value is a sentence."""
_PARAMETERS = Pattern(PARAMETERS, re.IGNORECASE)
_EXACT = Pattern(r"(?<![\w.,])\d{1,3}(?:,\d{3}){2,3}(?![\d,.])|(?<![\w.,])\d{8,13}(?![\d,.])")
_PAIR = Pattern(r"(\d+(?:\.\d+)?\s*[TB])-A(\d+(?:\.\d+)?\s*B)(?![a-z])", re.IGNORECASE)
_UNIT = Pattern(r"(?:in )?(b|m)(?:illions?)?(?: (?:of )?param\w*)?", re.IGNORECASE)
_BARE = Pattern(r"\W{0,3}(\d{1,3}(?:,\d{3}){1,2}|\d{1,6}(?:\.\d{1,4})?)\W{0,3}")
_SLASH = Pattern(r"\s{0,3}/\s{0,3}\d")
_OF_TOKENS = Pattern(r"\s{0,3}tokens?\b", re.IGNORECASE)
_NOT_EMBEDDED = Pattern(r"[\s(,]{0,4}(?:non-?embed|without embed|w/o embed|excluding embed)", re.IGNORECASE)
_WITH_EMBEDDINGS = Pattern(r"[\s,]{0,3}(?:with|including) embed", re.IGNORECASE)
_TOKENS = Pattern(TOKENS, re.IGNORECASE)
_LEAD = Pattern(
    r"\W*(?:(?:up to|about|around|approx(?:imately|\.)?|over|maximum(?: of)?|max|full|natively?|default|the|"
    r"原生|约|最长|最大|支持|可达|高达|为|总计|共)\W*)*",
    re.IGNORECASE,
)
_CLAUSE = Pattern(r"[,;(]|\band\b")
_ARROWS = ("->", "=>", "→", "➜")
_ARROW = Pattern(rf"\s{{0,3}}({TOKENS})\s{{0,3}}(?:-{{1,3}}>|→|=>|➜)\s{{0,3}}({TOKENS})", re.IGNORECASE)
_ONE_OF_SEVERAL = Pattern(r"\s{0,3}(?:-|to\b|~|/|or\b|,\s{1,3}(?=\d{1,7} ?[km]?\s{0,3}(?:,|$)))\s{0,3}\d", re.IGNORECASE)
_ANSWER = Pattern(r"output|generat|response|输出|生成", re.IGNORECASE)
_ACTIVE = Pattern(r"activ|激活|活跃|live", re.IGNORECASE)
_TOTAL = Pattern(r"total|总|overall", re.IGNORECASE)
_EXTENDED = Pattern(r"exten[ds]|yarn|extrapol|外推|扩展|rope|scal", re.IGNORECASE)
_NATIVE = Pattern(r"nativ|原生|original|pretrain", re.IGNORECASE)
_UNFIT = Pattern(r"fine-?tun|train(?:ed|ing)|微调|训练", re.IGNORECASE)
_KEYS = r"(?:kv|k/v|keys?(?:[ /&-]|and){0,5}values?|keys?)\b"
_COUNTED = r"(\d{1,4})(?: ?个|[ -]?(?:for|in|x))?[ -]?"
_NAMED = r"(?:[ -]?heads?)? ?(?:为|:|=|头)? ?(\d{1,4})(?!\d|[,.]\d)"
_OF_KEYS = (Pattern(rf"{_COUNTED}(?:attention )?{_KEYS}", re.IGNORECASE), Pattern(rf"\b{_KEYS}{_NAMED}", re.IGNORECASE))
_OF_QUERIES = (
    Pattern(rf"{_COUNTED}(?:q\b|quer(?:y|ies)|(?:attention )?heads?\b)", re.IGNORECASE),
    Pattern(rf"\b(?:q|quer(?:y|ies)){_NAMED}", re.IGNORECASE),
    Pattern(r"\W{0,3}(\d{1,4})(?!\d|[,.]\d)"),
)
_SLASHED_HEADS = Pattern(r"(\d{1,4})\s{0,3}/\s{0,3}(\d{1,4})(?:\s{0,3}/\s{0,3}\d{1,4})?\s{0,3}$")
_MANY_HEADS = Pattern(r"(\d{1,4})\s{0,3}/\s{0,3}(\d{1,4})\s{0,3}/\s{0,3}\d{1,4}")
_PLAIN_COUNT = Pattern(
    rf"\W*({WHOLE})\s*(?:(?:main |hidden |transformer |decoder )?layers?|heads?|层|个)?(?=\s*(?:$|[,;/(.&|]|\+ ?\d{{1,2}} mtp))",
    re.IGNORECASE,
)
_LISTED_COUNT = Pattern(r"\d\s*[/&]\s*\d|\d\s*,\s+\d|encoder|decoder|each|\bfor\b", re.IGNORECASE)

SMALLEST_VOCABULARY = 100
_FOR_V = Pattern(r"(\d{1,4}) ?(?:for|in)? ?v\b", re.IGNORECASE)
_FOR_QK = Pattern(r"(\d{1,4}) ?(?:for|in)? ?q ?/? ?k\b", re.IGNORECASE)
_SLASHED = Pattern(rf"\W{{0,3}}({WHOLE})\s{{0,3}}/\s{{0,3}}({WHOLE})\s{{0,3}}$")
_COUNT_OF = r"(?<![\d.-])(\d{1,5})"
_OF_MIXTURE = {
    EXPERTS: (
        Pattern(rf"{_COUNT_OF} (?:total |fine-grained )?routed\b", re.IGNORECASE),
        Pattern(rf"\b\d{{1,3}} (?:out )?of {_COUNT_OF}\b", re.IGNORECASE),
        Pattern(rf"{_COUNT_OF} total\b", re.IGNORECASE),
        Pattern(rf"{_COUNT_OF} (?:fine-grained )?experts?\b(?! (?:per|used|activated|active|selected))", re.IGNORECASE),
    ),
    TOP_K: (
        Pattern(r"\btop[- ]?(\d{1,3})\b", re.IGNORECASE),
        Pattern(rf"{_COUNT_OF} (?:out )?of \d", re.IGNORECASE),
        Pattern(rf"{_COUNT_OF} (?:experts )?(?:active|activated|selected|used|chosen)\b", re.IGNORECASE),
    ),
    SHARED_EXPERTS: (Pattern(rf"{_COUNT_OF} (?:fixed |always[ -]active )?shared", re.IGNORECASE),),
}
_OF_TOKENIZER = Pattern(rf"(?:with|of)(?: a)?(?: vocab\w*)?(?: of)?(?: size)? ({TOKENS})", re.IGNORECASE)
_LEADING_TOKENS = Pattern(rf"\W{{0,3}}(?:(?:up to|about|around|~|approximately|over|max(?:imum)?|default) ?)?({TOKENS})", re.IGNORECASE)
_LEADING_AMOUNT = Pattern(rf"\W{{0,3}}(?:(?:up to|about|around|~|approximately|over|more than) ?)?({PARAMETERS})", re.IGNORECASE)


class Value(NamedTuple):
    """A number of a value: its kind, what it can mean, its span in the text given, and the role words give it."""

    kind: str
    reading: Reading
    start: int
    end: int
    role: str = "stated"


def values(kind: str, text: str, remarks: str = "") -> Iterator[Value]:
    """The numbers that the value `text` of a label of this kind states; none where the wording leaves a doubt.

    `remarks` are what the label has in parentheses: in `Parameters (M)` the unit of a bare number.
    """
    if len(text) > LONGEST_VALUE:
        text = text[:LONGEST_VALUE]
    if kind in (TOTAL, ACTIVE, NON_EMBEDDING, lexicon.SIZE, lexicon.TOTAL_AND_ACTIVE, lexicon.ACTIVE_AND_TOTAL):
        yield from _parameter_values(kind, text, remarks)
    elif kind in (CONTEXT, lexicon.SEQUENCE):
        yield from _lengths(text)
    elif kind in (Q_HEADS, lexicon.QKV_HEADS):
        yield from _heads(kind, text)
    elif kind == lexicon.LINEAR_HEADS:
        yield from _linear_heads(text)
    elif kind in _SLASHED_PAIRS:
        yield from _pair_of(*_SLASHED_PAIRS[kind], text)
    elif kind in lexicon.OF_EXPERTS:
        yield from _experts(kind, text)
    elif kind == VOCABULARY:
        yield from _vocabulary(text)
    elif kind == OUTPUT:
        yield from _one_length(OUTPUT, text)
    elif kind == TRAINING_TOKENS or (kind == lexicon.TRAINING_DATA and "token" in text.lower()):
        yield from _trained(text)
    elif kind == lexicon.TRAINING_DATA:
        return
    else:
        yield from _count(kind, text)


def _parameter_values(kind: str, text: str, remarks: str) -> Iterator[Value]:
    unit, bare = _UNIT.fullmatch(remarks.strip()), _BARE.fullmatch(text)
    if unit is not None and bare is not None and kind not in _DUAL:
        reading = parameters(f"{bare.group(1)}{unit.group(1)}")
        yield from _value(TOTAL if kind == lexicon.SIZE else kind, reading, bare.start(1), bare.end(1))
        return
    pair = _PAIR.search(text) if mentions(text, ("-a",)) else None
    if pair is not None and kind in (TOTAL, lexicon.SIZE):
        yield from _value(TOTAL, parameters(pair.group(1)), pair.start(1), pair.end(1))
        yield from _value(ACTIVE, parameters(pair.group(2)), pair.start(2), pair.end(2))
        return
    found = sorted([*_PARAMETERS.finditer(text), *_EXACT.finditer(text)], key=lambda match: match.start())
    found = [match for match in found if not _OF_TOKENS.match(text, match.end())]
    if kind in _DUAL:
        for name, match in zip(_DUAL[kind], found[:2], strict=False):
            yield from _value(name, parameters(match.group()), match.start(), match.end())
        return
    if not found or _LEAD.match(text) is None or len(found) > 4 or any(_SLASH.match(text, match.end()) for match in found):
        return
    labelled = TOTAL if kind == lexicon.SIZE else kind
    stated: list[tuple[str | None, re.Match[str]]] = []
    for index, match in enumerate(found):
        before = text[found[index - 1].end() if index else 0 : match.start()]
        after = text[match.end() : found[index + 1].start() if index + 1 < len(found) else len(text)][:30]
        if not index and kind == TOTAL and _NOT_EMBEDDED.match(after):
            stated.append((NON_EMBEDDING, match))
        elif index and kind == TOTAL and _WITH_EMBEDDINGS.match(after):
            stated = [(TOTAL, match)]  # in `2.3B effective (5.1B with embeddings)` the first leaves weights out
        elif not index or not re.search(r"embed|嵌入", f"{before[-20:]} {after}", re.IGNORECASE):
            stated.append((_named(before[-14:], after), match))
    unnamed = [match for name, match in stated if name is None]
    once_more = [match for match in unnamed if text[: match.start()].rstrip().endswith("(")]
    if len(unnamed) > 1 and not once_more:
        return
    for index, (named, match) in enumerate(stated):
        if match is found[0] and len(_LEAD.sub("", text[: match.start()], count=1)) > LONGEST_LEAD:
            return
        if named is not None or not index or match in once_more:
            yield from _value(named or labelled, parameters(match.group()), match.start(), match.end())


_DUAL = {lexicon.TOTAL_AND_ACTIVE: (TOTAL, ACTIVE), lexicon.ACTIVE_AND_TOTAL: (ACTIVE, TOTAL)}
_SLASHED_PAIRS = {
    lexicon.LAYERS_AND_HIDDEN: (LAYERS, HIDDEN),
    lexicon.EXPERTS_AND_TOP_K: (EXPERTS, TOP_K),
    lexicon.TOP_K_AND_EXPERTS: (TOP_K, EXPERTS),
}


def _named(before: str, after: str) -> str | None:
    """The kind that the words around a number give it; those behind it count first, up to the next clause."""
    clause = re.split(r"[,;]|\band\b|与|和", after)[0]
    for words in (clause, before):
        if _ACTIVE.search(words):
            return ACTIVE
        if _TOTAL.search(words):
            return TOTAL
    return None


def _lengths(text: str) -> Iterator[Value]:
    lead = _LEAD.match(text)
    begin = lead.end() if lead else 0
    arrow = _ARROW.match(text) if any(sign in text for sign in _ARROWS) else None
    if arrow is not None:
        yield from _value(CONTEXT, tokens(arrow.group(1)), arrow.start(1), arrow.end(1), "native")
        yield from _value(CONTEXT, tokens(arrow.group(2)), arrow.start(2), arrow.end(2), "extended")
        return
    found = list(_TOKENS.finditer(text))
    if not found or found[0].start() > begin or _ONE_OF_SEVERAL.match(text, found[0].end()) or _UNFIT.search(text[:40]):
        return
    for index, match in enumerate(found[:3]):
        before = text[found[index - 1].end() if index else 0 : match.start()]
        after = text[match.end() : found[index + 1].start() if index + 1 < len(found) else len(text)]
        if index and before.strip() == "(" and ")" in after:
            continue  # the same length once more, as in 512K (524,288)
        if index and (_ANSWER.search(before[-30:]) or _ANSWER.match(after.lstrip(" -"))):
            yield from _value(OUTPUT, tokens(match.group()), match.start(), match.end())
            continue
        before, near = _CLAUSE.split(before)[-1], _CLAUSE.split(after)[0]
        extended = _EXTENDED.search(before) or (not _NATIVE.search(f"{before} {near}") and _EXTENDED.search(near))
        native = _NATIVE.search(f"{text[:begin] if not index else before} {near}")
        if index and not extended:
            return
        role = "extended" if extended else "native" if native else "stated"
        yield from _value(CONTEXT, tokens(match.group()), match.start(), match.end(), role)


def _heads(kind: str, text: str) -> Iterator[Value]:
    """Heads of queries, and of keys and values where they stand beside: `64 for Q and 4 for KV`, `GQA with 40 heads and 8 KV-heads`."""
    slashed = _SLASHED_HEADS.match(text) if kind == lexicon.QKV_HEADS else _MANY_HEADS.match(text)
    if slashed is not None:
        yield from _value(Q_HEADS, whole(slashed.group(1)), slashed.start(1), slashed.end(1))
        yield from _value(KV_HEADS, whole(slashed.group(2)), slashed.start(2), slashed.end(2))
        return
    keys = _first(_OF_KEYS, text)
    if keys is None:
        yield from _count(Q_HEADS, text)
        return
    queries = _first(_OF_QUERIES, text[: keys.start(1)]) or _first(_OF_QUERIES[:2], text)
    if queries is not None and queries.start(1) != keys.start(1):
        yield from _value(Q_HEADS, whole(queries.group(1)), queries.start(1), queries.end(1))
    yield from _value(KV_HEADS, whole(keys.group(1)), keys.start(1), keys.end(1))


def _first(patterns: Iterable[Pattern], text: str) -> re.Match[str] | None:
    """The match of the first pattern that has one."""
    return next((found for pattern in patterns if (found := pattern.search(text)) is not None), None)


def _linear_heads(text: str) -> Iterator[Value]:
    """`32 for V and 16 for QK`: the heads of linear attention have no queries of their own number."""
    for kind, pattern in ((LINEAR_V_HEADS, _FOR_V), (LINEAR_QK_HEADS, _FOR_QK)):
        found = pattern.search(text)
        if found is not None:
            yield from _value(kind, whole(found.group(1)), found.start(1), found.end(1))


def _pair_of(first: str, second: str, text: str) -> Iterator[Value]:
    found = _SLASHED.match(text)
    if found is not None:
        yield from _value(first, whole(found.group(1)), found.start(1), found.end(1))
        yield from _value(second, whole(found.group(2)), found.start(2), found.end(2))


def _experts(kind: str, text: str) -> Iterator[Value]:
    """The numbers of a mixture in one cell: `128 routed (top-6) + 1 shared`, `8 out of 64`; a bare number is of the label's kind."""
    found = {name: _first(patterns, text) for name, patterns in _OF_MIXTURE.items()}
    total = found[EXPERTS]
    if kind == TOP_K and total is not None and found[TOP_K] is None:
        found |= {TOP_K: total, EXPERTS: None}  # under `activated experts`, routed ones are those a token is routed to
    for name, match in found.items():
        if match is not None:
            yield from _value(name, whole(match.group(1)), match.start(1), match.end(1))
    if found.get(kind) is None and not (kind == SHARED_EXPERTS and any(found.values())):
        plain = _PLAIN_COUNT.match(text)
        if plain is not None and not any(match is not None and match.start(1) == plain.start(1) for match in found.values()):
            yield from _value(kind, whole(plain.group(1)), plain.start(1), plain.end(1))


def _vocabulary(text: str) -> Iterator[Value]:
    """A number of tokens in a vocabulary, at the start or after `with`; a name of a tokenizer alone states none."""
    found = (_OF_TOKENIZER.search(text) if mentions(text, ("with", "of")) else None) or _LEADING_TOKENS.match(text)
    if found is not None and not _SLASH.match(text, found.end(1)):
        reading = tokens(found.group(1))
        if reading is not None and reading.values[-1] >= SMALLEST_VOCABULARY:
            yield Value(VOCABULARY, reading, found.start(1), found.end(1))


def _one_length(kind: str, text: str) -> Iterator[Value]:
    found = _LEADING_TOKENS.match(text)
    if found is not None and not re.match(r"\s*(?:-|to\b|~|/)\s*\d", text[found.end(1) :]):
        yield from _value(kind, tokens(found.group(1)), found.start(1), found.end(1))


def _trained(text: str) -> Iterator[Value]:
    found = _LEADING_AMOUNT.match(text)
    if found is not None:
        yield from _value(TRAINING_TOKENS, amount(found.group(1)), found.start(1), found.end(1), "trained")


def _count(kind: str, text: str) -> Iterator[Value]:
    found = _PLAIN_COUNT.match(text)
    rest = text[found.end() :] if found else ""
    if found is None or (_LISTED_COUNT.search(text[:60]) and not (kind == LAYERS and re.match(r"\s*[(/]", rest))):
        return
    yield from _value(kind, whole(found.group(1)), found.start(1), found.end(1))


def _value(kind: str, reading: Reading | None, start: int, end: int, role: str = "stated") -> Iterator[Value]:
    if reading is not None:
        yield Value(kind, reading, start, end, role)
