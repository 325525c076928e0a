"""Reads the claims in words of a card: front matter, badges, labelled lines, tables, and sentences that leave no doubt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from specverify.card import kinds
from specverify.card.claims import Notebook
from specverify.card.document import Run, lines_of
from specverify.card.labels import relation_of_section
from specverify.card.names import Subject
from specverify.card.text import Compact, compact
from specverify.card.words import activation, architecture, attention, bases, cutoff, formats, hardware, licenses, speed
from specverify.card.words.conditions import conditions
from specverify.card.words.found import LONGEST_TEXT, Found
from specverify.card.words.metadata import read_metadata
from specverify.card.words.note import note
from specverify.card.words.tables import read_tables
from specverify.card.words.topics import topic_of
from specverify.card.words.values import FORMATS, values
from specverify.card.words.whose import news, whose
from specverify.pattern import Pattern

_I = re.IGNORECASE
_SPLIT = re.compile(r"[:=|]")
_VALUE = Pattern(r"[^:=|]{2,90}[:=] ?(.+)")
_MARKS = " \t>-+•.)0123456789"
_ENDS = re.compile(r"(?<=[.!?;])\s+(?=[^\s\d(a-z])|(?<=[。！？；])")
_DENIED = Pattern(r"\b(?:not|no|non|without|never)\b|不是|并非", _I)
_CHOICES = Pattern(
    r"\b(?:architecture|architectural|following)\b[^.]{0,40}\b(?:choices|features|components|improvements|details)\b[^.]{0,20}:?\W*$", _I
)
LABEL_WINDOW = 90
"""A label and its colon stand in the first characters of a line."""

Sentence = Callable[[str, Subject], Iterator[Found]]
_SENTENCES: tuple[tuple[tuple[str, ...], Sentence], ...] = (
    (attention.HINTS, lambda text, subject: attention.sentence(text)),
    (architecture.HINTS, lambda text, subject: architecture.sentence(text)),
    (activation.HINTS, lambda text, subject: activation.sentence(text)),
    (formats.PRECISION_HINTS, lambda text, subject: formats.precision_sentence(text)),
    (formats.HINTS, lambda text, subject: formats.quantization_sentence(text)),
    (cutoff.HINTS, lambda text, subject: cutoff.sentence(text)),
    (hardware.HINTS, lambda text, subject: hardware.sentence(text)),
    (speed.HINTS, lambda text, subject: speed.sentence(text)),
    (licenses.HINTS, lambda text, subject: licenses.sentence(text)),
    (bases.HINTS, bases.sentence),
)
"""Each reader of sentences with the words one of which is in whatever it reads, in lower case."""
_OWN_WORDING = (kinds.HARDWARE, kinds.THROUGHPUT, kinds.TTFT, kinds.LATENCY, kinds.CUTOFF)
"""Kinds that a card states without a subject: `Runs on one 24 GB GPU.`"""

Handled = set[tuple[str, int]]


def read_words(notebook: Notebook) -> None:
    """Note every claim that is said in words, and those of memory and speed."""
    read_metadata(notebook)
    _read_badges(notebook)
    handled = _read_labels(notebook)
    read_tables(notebook)
    _read_prose(notebook, handled)


def _read_badges(notebook: Notebook) -> None:
    document = notebook.document
    for kind, word, start, end in licenses.badges(document.text, document.start_of(document.front_matter.last_line + 1)):
        notebook.claim(kind, None, (start, end), emitter="label", section=(), terms=(word,))


def _read_labels(notebook: Notebook) -> Handled:
    """Note the claims of labelled lines; kinds and lines that were read, which prose leaves alone."""
    document, handled = notebook.document, set()
    for run in document.runs:
        if run.kind == "heading":
            continue
        for start, end in lines_of(document, run):
            split = _SPLIT.search(document.plain, start, min(end, start + LABEL_WINDOW))
            if split is None:
                continue
            topic = topic_of(document.plain[start : split.start()].strip(_MARKS))
            if topic is None:
                _read_remark(notebook, run, start, split.start())
                continue
            line = compact(document.plain, start, min(end, start + LONGEST_TEXT))
            found = _VALUE.match(line.text)
            if found is None:
                continue
            for each in _label(notebook, run, topic, line, found):
                handled.add((each.kind, document.line_at(line.span(each.start, each.end)[0])))
    return handled


def _read_remark(notebook: Notebook, run: Run, start: int, end: int) -> None:
    """Note how heads share keys and values where a label of their number says it: `Attention Heads (GQA): 64 for Q`."""
    if "(" not in notebook.document.plain[start:end]:
        return
    line = compact(notebook.document.plain, start, end)
    relation, name = relation_of_section(notebook, run.section)
    for each in attention.heads(line.text):
        note(notebook, each, line, emitter="label", section=run.section, subject=name, relation=relation)


def _label(notebook: Notebook, run: Run, topic: str, line: Compact, found: re.Match[str]) -> Iterator[Found]:
    relation, name = relation_of_section(notebook, run.section)
    where = " / ".join(run.section[-2:])
    refused = None
    if topic in FORMATS and formats.TRAINING.search(where):
        refused = "the precision of training"
    elif topic == "hardware":
        refused = hardware.refused_heading(run.section)
    at = found.start(1)
    for each in values(topic, found.group(1)):
        denied = _DENIED.search(found.group(1)[: each.start][-30:]) is not None
        moved = each._replace(start=each.start + at, end=each.end + at)
        note(
            notebook,
            moved,
            line,
            emitter="label",
            section=run.section,
            subject=name,
            relation=relation,
            refused="denied in the same line" if denied else refused,
        )
        yield moved


def _read_prose(notebook: Notebook, handled: Handled) -> None:
    document = notebook.document
    active = list(_active(document.plain))
    intro: tuple[str, int] | None = None
    for run in document.runs:
        if notebook.full:
            return
        text = document.plain[run.start : run.end].lower()
        if run.kind == "item" and intro is not None:
            _listed(notebook, run, intro[0])
        elif intro is not None:
            intro = None
        readers = [read for hints, read in active if any(hint in text for hint in hints)]
        if not readers and "following" not in text:
            continue
        whole = compact(document.plain, run.start, run.end)
        if run.kind != "item" and "following" in text[-120:]:
            intro = _introduced(whole.text)
        if run.kind == "heading":
            continue
        for start, end in _sentences(whole.text):
            sentence = whole.text[start:end]
            lower = sentence.lower()
            for hints, read in active:
                if read in readers and any(hint in lower for hint in hints):
                    _read_sentence(notebook, run, whole, (start, end), read, handled)


def _active(plain: str) -> Iterator[tuple[tuple[str, ...], Sentence]]:
    """The readers of which the card has a word, with the words it has: most cards have few, and each run is asked for them."""
    lowered = plain.lower()
    once = " ".join(set(lowered.split())).encode("ascii", "ignore").decode("ascii")
    for hints, read in _SENTENCES:
        there = tuple(hint for hint in hints if max(hint.split(), key=len) in (once if hint.isascii() else lowered))
        if there:
            yield there, read


def _introduced(text: str) -> tuple[str, int] | None:
    """What the list behind a paragraph is of: the parts of a merge, or choices of architecture."""
    tail = text[-200:]
    if bases.MERGE_INTRO.search(tail):
        return "merge", 0
    return ("choices", 0) if _CHOICES.search(tail) else None


def _listed(notebook: Notebook, run: Run, what: str) -> None:
    """A list item that is one of the models of a merge, or one of the mechanisms of the model."""
    line = compact(notebook.document.plain, run.start, min(run.end, run.start + 200))
    found = bases.value("merge", line.text) if what == "merge" else attention.item(line.text)
    for each in found:
        note(notebook, each, line, emitter="label", section=run.section)


def _read_sentence(notebook: Notebook, run: Run, whole: Compact, span: tuple[int, int], read: Sentence, handled: Handled) -> None:
    sentence = whole.text[span[0] : span[1]]
    document, subject = notebook.document, notebook.subject
    for each in read(sentence, subject):
        moved = each._replace(start=each.start + span[0], end=each.end + span[0])
        if (each.kind, document.line_at(whole.span(moved.start, moved.end)[0])) in handled:
            continue
        at = each.subject_end if each.subject_end is not None else each.start
        own = each.own or each.kind in _OWN_WORDING
        name, relation, reason = whose(subject, sentence, at, each.end, whole.text[: span[0]], own=own)
        if each.kind not in (kinds.LICENSE, kinds.CODE_LICENSE) and news(run.section):
            reason = "news of a release"
        if each.kind == kinds.ATTENTION and attention.WITHDRAWN.search(whole.text, span[1]):
            reason = "taken back in a later sentence"
        bound: tuple[str, ...] = ()
        if each.kind == kinds.HARDWARE:
            reason = hardware.refused_heading(run.section) or reason
            bound = conditions(run.section[-1], hardware=False) if run.section else ()
        note(
            notebook, moved, whole, emitter="prose", section=run.section, subject=name, relation=relation, refused=reason, conditions=bound
        )


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a paragraph that are short enough to be some."""
    at = 0
    for match in _ENDS.finditer(text):
        if 0 < match.end() - at <= LONGEST_TEXT:
            yield at, match.start() if match.start() > at else match.end()
        at = match.end()
    if 0 < len(text) - at <= LONGEST_TEXT:
        yield at, len(text)
