"""Claims in sentences, where the wording leaves no doubt about kind and subject.

A pattern finds a number with its kind; the words before it in the sentence then decide whether it is the model's own:
comparisons, components, negations, training runs and other people's models are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import islice
from typing import NamedTuple

from specverify.card.claims import Notebook
from specverify.card.document import CardDocument, Run
from specverify.card.kinds import CONTEXT, TOTAL
from specverify.card.lexicon import kind_of
from specverify.card.names import Subject, core, names_in, nearest_name, sizes_in
from specverify.card.numbers import PARAMETERS, Reading, amount, parameters, tokens, whole
from specverify.card.recipe import named_recipe
from specverify.card.refusals import BASE, refusal
from specverify.card.text import compact, mentions
from specverify.card.wordings import (
    CONTEXT_PATTERNS,
    EXPERT_PATTERNS,
    JOIN,
    LISTED,
    PARAMETER_PATTERNS,
    SHAPE_PATTERNS,
    STATED_SHAPE_PATTERNS,
    TRAINED_PATTERNS,
    VOCABULARY_PATTERNS,
    Wording,
)
from specverify.pattern import Pattern

_I = re.IGNORECASE
_SENTENCE = Pattern(r"(?<=[.!?;])\s+(?=[^\s\d(])|(?<=[。！？；])")
LONGEST_SENTENCE = 1500
LONGEST_ITEM = 120
AROUND = 3000
"""Characters of its paragraph before and behind a sentence that say what it is about."""
NEAR = 800
"""Characters before a sentence in which the model may be named that it goes on about."""
MOST_NUMBERS = 40
"""Numbers of one sentence that are read; a sentence with more is a list that somebody forgot to set as one."""
SHORTEST_CELL = 16
SIZE_APART = 0.3
"""A number of parameters this far from the size in the model's name is not of this model but of its family."""

_HINT = Pattern(r"\d")
_ABOUT = (
    *("param", "parat", "activ", "context", "natively", "total", "window size", "window\nsize", "sequence", "layer", "blocks", "heads"),
    *(
        "expert",
        "hidden",
        "intermediate",
        "vocab",
        "trained",
        "tuned",
        "input",
        "sizes",
        "sparse",
        *(f"top-{digit}" for digit in range(1, 10)),
    ),
    *("上下文", "参数", "激活", "活跃", "训练", "采用", "标识符", "层数", "序列"),
)
_OF_SIZE = Pattern(r",\d{3} (?:total |model )?param|\d ?-? ?(?:[bmt](?![a-z])|[bmt]r?illion|bn\b|[百千十]?[亿万])", _I)
_OF_LENGTH = Pattern(r"context|input|nativ|window|sequence|tuned|支持|上下文", _I)
_OF_SHAPE = Pattern(r"层数|layer|heads|hidden|intermediate|vocab|blocks|embedding size", _I)
_OF_EXPERTS = Pattern(r"expert|top-\d", _I)
_OF_TRAINING = Pattern(r"tokens|标识符", _I)
_OF_VOCABULARY = Pattern(r"vocab", _I)
_SIZED = Pattern(r"\d ?-?(?:[bmt]|[bmt]r?illion)[ -]?param", _I)
_HAS_LAYERS = Pattern(
    r"\b(?:this|the|our|resulting) (?:resulting |final )?model (?:has|consists of|contains) (?:a total of )?\d+ layers", _I
)
_GROUPS: tuple[tuple[Pattern, tuple[Wording, ...], Callable[[str], Reading | None]], ...] = (
    (_OF_SIZE, PARAMETER_PATTERNS, parameters),
    (_OF_LENGTH, CONTEXT_PATTERNS, tokens),
    (_OF_EXPERTS, EXPERT_PATTERNS, whole),
    (_OF_TRAINING, TRAINED_PATTERNS, amount),
    (_OF_VOCABULARY, VOCABULARY_PATTERNS, tokens),
)
_LIST_BEFORE = Pattern(rf"((?:{PARAMETERS}){JOIN}){{1,6}}$", _I)
_LIST_AFTER = Pattern(rf"(?:{JOIN}(?:{PARAMETERS})){{1,6}}", _I)
_LISTED_ELSE = Pattern(r" ?(?:activ|total|param|token|激活|总)", _I)
_EACH = Pattern(PARAMETERS, _I)
_CLAUSE = Pattern(r"[,;(]|\bwhile\b|\bbut\b")
_NEWS = Pattern(r"\W*(?:news\W*)?(?:\d{4}[./-]\d|20\d\d年)", _I)
_PRONOUN = Pattern(r"\W*(?:it|this|the (?:model|resulting model)|our model|which|该模型|模型)\b", _I)
_FOR_NAME = Pattern(r" ?(?:tokens? |context )?for (?:the )?([A-Za-z][\w.-]{2,60})")
_WE = Pattern(r"\bwe (?:release|present|introduce|propose|extend|train)", _I)
_OF_NAME = Pattern(r" ?(?:总)?参数(?:量)?的 ?([A-Za-z][\w.-]+)")
_FOR_SERIES = Pattern(r"[^.;]{0,20}\bfor (?:the )?([A-Z][\w.-]{1,60}) (?:series|models|family)\b")
"""`32k for the GLM-4-0414 series`: whose length it is stands behind it."""
_ITSELF = Pattern(r"\b(?:this|our|the resulting) model\b|\bit\b", _I)
_THE_MODEL = Pattern(r"\bthe ([\w.-]{1,30}) model\b", _I)
_DERIVED = Pattern(r"\b(?:version|variant|extension|expansion|fine-?tune|upgrade|descendant) of\b|\bfine-?tuned\b[^,.]{0,20}$", _I)
_TRAINED_ON = Pattern(r"\btrained on (?:the )?$", _I)
_OF_THE_OTHER = Pattern(r" ?(?:models?)? ?[,:]? ?(?:which|that|whose|(?<=: )(?:this|the) model)\b", _I)
_FOR_SIZES = Pattern(r" ?(?:tokens? ?|context ?)?(?:\((?:for )?|for (?:the |its )?)([^().;]{2,40})", _I)
_IS = Pattern(r" ?(?:is|was|are|has|comes|consists)\b", _I)
_AT_LEAST = Pattern(r"(?:\b(?:over|more than|at least)|超过|逾) ?$", _I)


class Found(NamedTuple):
    """A number of a sentence with the kind a wording gives it, and its span there."""

    kind: str
    role: str
    reading: Reading
    start: int
    end: int


def read_prose(notebook: Notebook, handled: set[int]) -> None:
    """Note the claims of sentences on lines that no label was read from."""
    document = notebook.document
    lists = _Lists(document)
    for run in _stretches(document):
        if notebook.full:
            return
        plain = document.plain
        if not mentions(plain[run.start : run.end], _ABOUT) or not _HINT.search(plain, run.start, run.end):
            continue
        whole_run = compact(plain, run.start, run.end)
        text = whole_run.text
        read = [(start, end, _read(text, start, end, run, lists)) for start, end in _sentences(text)]
        several = notebook.subject.size is None and any(found.role == LISTED for _, _, numbers in read for found in numbers)
        for start, end, numbers in read:
            for found in numbers:
                span = whole_run.span(start + found.start, start + found.end)
                if document.line_at(span[0]) not in handled:
                    listed = found._replace(role=LISTED) if several and found.kind == TOTAL else found
                    _judge(notebook, run, text[start:end], text[max(0, start - AROUND) : start], listed, span)


def _read(text: str, start: int, end: int, run: Run, lists: _Lists) -> list[Found]:
    """The numbers of the sentence `text[start:end]`."""
    sentence = text[start:end]
    if len(sentence) > LONGEST_SENTENCE or not mentions(sentence, _ABOUT) or not _HINT.search(sentence):
        return []
    # Edges at multiples, so that sentences side by side have one surrounding text, which is judged once.
    first, last = max(0, start - AROUND) // AROUND * AROUND, (end // AROUND + 2) * AROUND
    around = partial(lists.around, run, text[first:last])
    return list(islice(_numbers(sentence, around), MOST_NUMBERS))


def _stretches(document: CardDocument) -> Iterator[Run]:
    """Paragraphs and items, and the second cells of tables that are a label and a sentence a row."""
    yield from (run for run in document.runs if run.kind != "heading")
    for table in document.tables:
        if all(len(row) == 2 for row in table.rows):
            for label, cell in table.rows:
                if len(cell.text) >= SHORTEST_CELL and kind_of(label.text) is None:
                    yield Run("cell", cell.start, cell.end, table.section)


class _Lists:
    """The items of each list of a card as one text: `24-layer` and `16 attention heads` are bullets of their own."""

    def __init__(self, document: CardDocument) -> None:
        self._document = document
        self._texts: dict[int, str] | None = None

    def around(self, run: Run, text: str) -> str:
        """The run's own text with what stands in the items of the same list."""
        if run.list_id is None:
            return text
        if self._texts is None:
            items: dict[int, list[str]] = {}
            for item in self._document.runs:
                if item.list_id is not None and item.end - item.start <= LONGEST_ITEM:
                    items.setdefault(item.list_id, []).append(self._document.plain[item.start : item.end])
            self._texts = {key: " ".join(" ; ".join(texts).split()) for key, texts in items.items()}
        return f"{text} ; {self._texts.get(run.list_id, '')[: 4 * LONGEST_SENTENCE]}"


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for match in _SENTENCE.finditer(text):
        if match.end() > at:
            yield at, match.start() if match.start() > at else match.end()
        at = match.end()
    if at < len(text):
        yield at, len(text)


def _numbers(sentence: str, around: Callable[[], str]) -> Iterator[Found]:
    """Each number of a sentence that a wording gives a kind, once; the first wording has it."""
    seen: set[int] = set()
    for hint, wordings, read in _GROUPS:
        if hint.search(sentence):
            yield from _worded(sentence, wordings, read, seen)
    if _OF_SHAPE.search(sentence):
        yield from _worded(sentence, STATED_SHAPE_PATTERNS, whole, seen)
        shapes = list(_worded(sentence, SHAPE_PATTERNS, whole, seen))
        if shapes and (_HAS_LAYERS.search(sentence) or _several_shapes(around())):
            yield from shapes


def _worded(sentence: str, wordings: tuple[Wording, ...], read: Callable[[str], Reading | None], seen: set[int]) -> Iterator[Found]:
    lower = sentence.lower()
    for wording in wordings:
        if not any(stem in lower for stem in wording.stems):
            continue
        for match in wording.pattern.finditer(sentence):
            group = match.lastindex or 1
            reading = read(match.group(group))
            if reading is None or match.start(group) in seen:
                continue
            if wording.kind == CONTEXT and not _is_length(match.group(group), match.group()):
                continue
            seen.add(match.start(group))
            yield Found(wording.kind, wording.role, reading, *match.span(group))
            if read is not parameters:
                continue
            for listed in _listed(sentence, match):
                number = read(listed.group())
                if number is not None and listed.start() not in seen:
                    seen.add(listed.start())
                    yield Found(wording.kind, LISTED, number, *listed.span())


@lru_cache(maxsize=64)
def _several_shapes(paragraph: str) -> bool:
    """Whether a paragraph states two kinds of size or more: then it describes a model, and none is a figure of speech."""
    kinds = {wording.kind for wording in SHAPE_PATTERNS if wording.pattern.search(paragraph) is not None}
    return len(kinds) + bool(_SIZED.search(paragraph)) >= 2


def _listed(sentence: str, match: re.Match[str]) -> Iterator[re.Match[str]]:
    """The other numbers of the list that a number is the last or the first of: `16B and 236B parameters`."""
    before = _LIST_BEFORE.search(sentence[max(0, match.start(1) - 120) : match.start(1)])
    if before is not None:
        start = match.start(1) - len(before.group())
        yield from _EACH.finditer(sentence, start, match.start(1))
        return
    after = _LIST_AFTER.match(sentence, match.end()) if match.end(1) == match.end() else None
    if after is not None and not _LISTED_ELSE.match(sentence, after.end()):
        yield from _EACH.finditer(sentence, match.end(), after.end())


def _is_length(raw: str, phrase: str) -> bool:
    """Whether a number is one of tokens: it has a unit, or is as long as contexts are."""
    found = tokens(raw)
    return found is not None and (not raw.strip().isdigit() or found.values[0] >= 256 or "token" in phrase)


def _judge(notebook: Notebook, run: Run, sentence: str, earlier: str, found: Found, span: tuple[int, int]) -> None:
    """Note a number as the model's own, or somebody's, or refuse it."""
    kind, subject = found.kind, notebook.subject
    before, after = sentence[max(0, found.start - 160) : found.start], sentence[found.end : found.end + 60]
    name, relation = _subject(sentence, earlier, found, subject)
    clause = _CLAUSE.split(before)[-1] if kind != CONTEXT else before[-90:]
    own = clause.replace(name, " ") if name is not None and relation in ("self", "variant", "family") else clause
    reason = refusal(kind, found.role, before, own, after)
    if reason is None and relation == "other":
        reason = f"about {name}"
    if reason is None and _NEWS.match(notebook.document.plain, run.start):
        reason = "news of a release"
    if reason is not None:
        notebook.refuse(kind, span, reason)
        return
    role = found.role
    if role == LISTED:
        role, relation = "stated", "family"
    size = subject.size
    if kind == TOTAL and relation in ("self", "family") and size is not None and abs(found.reading.values[0] - size) > SIZE_APART * size:
        relation = "family"
    bound = _AT_LEAST.search(before)
    notebook.claim(
        kind,
        found.reading,
        span,
        emitter="prose",
        section=run.section,
        role=role,
        subject=name,
        relation=relation,
        confidence="medium",
        conditions=named_recipe(sentence) if role == "extended" else (bound.group().strip(),) if bound else (),
    )


def _subject(sentence: str, earlier: str, found: Found, subject: Subject) -> tuple[str | None, str]:
    """Whose number it is: the name the sentence gives it and the relation; the model's own where none is named."""
    before = sentence[: found.start]
    name = _named_after(sentence[found.end : found.end + 80], subject) or nearest_name(before, subject)
    if name is None:
        name = nearest_name(earlier[-NEAR:], subject)
        if name is not None and not _goes_on_about(name, subject.relation(name), sentence, earlier, found.kind):
            name = _at_the_head(earlier, subject)
    relation = subject.relation(name) if name else "self"
    series = _FOR_SERIES.match(sentence, found.end)
    if found.kind == CONTEXT and series is not None:
        return series.group(1), subject.relation(series.group(1))
    if found.kind == CONTEXT and _of_other_sizes(sentence[found.end : found.end + 60], subject):
        return name, "sibling"
    if name is not None and relation in ("other", "sibling") and _speaks_of_itself(before, name, subject):
        return None, "self"
    return name, "self" if relation == "unknown" else relation


def _named_after(after: str, subject: Subject) -> str | None:
    """The model that the words behind a number give it to: `32K for the X series`, `62 亿参数的 X`."""
    named = _OF_NAME.match(after)
    if named is not None:
        return named.group(1)
    given = _FOR_NAME.match(after)
    return next(names_in(given.group(1), subject), None) if given is not None else None


def _of_other_sizes(after: str, subject: Subject) -> bool:
    """Whether a length is said to be of other sizes than the model's: `32K tokens (2B and 4B)`."""
    named = _FOR_SIZES.match(after)
    sizes = sizes_in(named.group(1)) if named is not None else ()
    return bool(sizes) and subject.size is not None and subject.size not in sizes


def _at_the_head(earlier: str, subject: Subject) -> str | None:
    """The sibling that a paragraph or item begins with: its sentences are about that one."""
    name = next(names_in(earlier[:60], subject), None)
    return name if name is not None and earlier.find(name) <= 3 and subject.relation(name) == "sibling" else None


def _goes_on_about(name: str, relation: str, sentence: str, earlier: str, kind: str) -> bool:
    """Whether a sentence that names nobody is about the model that the one before it named.

    A sentence that has the other model for its subject is gone on with; one that only mentions it may be so by a length alone,
    which more often than a size stands without its model.
    """
    if relation != "other":
        return relation == "sibling" or bool(_PRONOUN.match(sentence))
    last = earlier.rstrip()
    *_, (start, end) = _sentences(last)
    at = last.find(name, start, end)
    introduced = 0 <= at - start <= 2 and _IS.match(last, at + len(name)) is not None
    return introduced or (kind == CONTEXT and not _PRONOUN.match(sentence) and not _WE.search(sentence))


def _speaks_of_itself(before: str, name: str, subject: Subject) -> bool:
    """Whether the sentence is about the model although it names another: `It is an extension of X and supports ...`."""
    at = before.rfind(name)
    if at < 0:
        return False
    between = before[at + len(name) :]
    if _PRONOUN.match(before) and not _OF_THE_OTHER.match(between) and (len(between) > 12 or _TRAINED_ON.search(before[:at])):
        return True
    if _ITSELF.search(between) and not _OF_THE_OTHER.match(between):
        return True
    own = _THE_MODEL.search(between)
    if own is not None and any(f" {' '.join(core(own.group(1)))} " in f" {' '.join(name)} " for name in subject.cores):
        return True
    opening = next(names_in(before[:40], subject), None)
    if not opening or opening == name or "," not in between or subject.relation(opening) not in ("self", "variant", "family"):
        return False
    return BASE.search(before[:at][-60:]) is not None or _DERIVED.search(before[:at][-60:]) is not None
