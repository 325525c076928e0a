"""Lists and lines of the form `label: value`."""

from __future__ import annotations

import re
from functools import lru_cache

from specverify.card import lexicon
from specverify.card.claims import Notebook
from specverify.card.document import Run, lines_of
from specverify.card.kinds import CONTEXT, HEAD_DIM, HIDDEN, INTERMEDIATE, OUTPUT
from specverify.card.names import core, size_in
from specverify.card.pairs import Pair, pairs
from specverify.card.recipe import named_recipe
from specverify.card.text import Compact, compact
from specverify.card.values import values
from specverify.pattern import Pattern

_LINE = re.compile(r"(?:> ?)*(?:[-+•] |\d{1,2}[.)] )?([^:=|]{2,100})[:=] ?(.+)")
TRAINING = Pattern(
    r"train|fine-?tun|hyper-?param|lora|axolotl|recipe|dataset|benchmark|evaluat|process|quanti[sz]|usage|infer|quick|how to|deploy|"
    r"微调|训练|推理|评测",
    re.IGNORECASE,
)
TUNING = re.compile(r"fine-?tun|lora|axolotl|微调", re.IGNORECASE)
_RUN_LABEL = Pattern(r"learning rate|batch|epoch|optimi[sz]er|warm-?up|lora|gradient|weight decay|scheduler|steps|seed", re.IGNORECASE)
_OF_LAYERS = Pattern(r"layers|heads", re.IGNORECASE)
_WIDTH_LABEL = re.compile(r"(?:^|[:;])\s{0,6}dim(?:ension)?s?\s{0,6}(?::|$)", re.IGNORECASE)
_OTHER_HEADS = Pattern(r"linear attention|delta ?net|lightning|resampler|vision|mamba|state[- ]space|线性", re.IGNORECASE)
_SHAPE_LABEL = Pattern(r"layers|heads|hidden|vocab|d_model|embedding|parameters|activation", re.IGNORECASE)


def read_labels(notebook: Notebook) -> set[int]:
    """Note the claims of labelled lines; the lines that were read, so that prose leaves them alone."""
    document, handled = notebook.document, set()
    neighbours: dict[tuple[int | None, tuple[str, ...]], list[str]] = {}
    for run in document.runs:
        if run.kind != "heading":
            neighbours.setdefault((run.list_id, run.section), []).append(document.plain[run.start : min(run.end, run.start + 80)])
    around = {key: " ; ".join(texts) for key, texts in neighbours.items()}
    for run in document.runs:
        if run.kind == "heading":
            continue
        for start, end in lines_of(document, run):
            if document.plain.find(":", start, end) < 0 and document.plain.find("=", start, end) < 0:
                continue
            line = compact(document.plain, start, end)
            read = [_read(notebook, run, pair, line, around[run.list_id, run.section]) for pair in _labelled(line.text)]
            if any(read):
                handled.add(document.line_at(line.span(0, 1)[0]))
    return handled


def _labelled(text: str) -> tuple[Pair, ...]:
    """The labels of a line with their values: one that takes the rest of the line, or several."""
    found = _LINE.match(text)
    several = pairs(text)
    if several or found is None:
        return several
    announced = lexicon.kind_of(found.group(1))
    return () if announced is None or announced[0] == lexicon.SIZE else (Pair(*announced, *found.span(2)),)


def _read(notebook: Notebook, run: Run, pair: Pair, line: Compact, around: str) -> bool:
    """Note what a label states; whether it stated or was refused something, so that prose has nothing left to read."""
    section, span = run.section, line.span(pair.start, pair.end)
    reason = refused_label(pair.kind, " / ".join(section[-2:]), around)
    if reason is not None:
        notebook.refuse(lexicon.SAID_OF.get(pair.kind, pair.kind), span, reason)
        return True
    relation, name = relation_of_section(notebook, section)
    kind, text = told_apart(pair.kind, around), line.text[pair.start : pair.end]
    found = list(values(kind, text, pair.remarks)) if kind is not None else []
    for value in found:
        notebook.claim(
            value.kind,
            value.reading,
            line.span(pair.start + value.start, pair.start + value.end),
            emitter="label",
            section=section,
            role=value.role,
            subject=name,
            relation=relation,
            conditions=named_recipe(text) if value.role == "extended" else (),
        )
    if not found:
        notebook.refuse(lexicon.SAID_OF.get(pair.kind, pair.kind), span, "the value is no single number of this kind")
    return bool(found)


def told_apart(kind: str, around: str) -> str | None:
    """The kind of a label beside others; None where it says too little.

    `dim` is the width of the model only among labels of layers and heads, and there `hidden dim` is that of a feed-forward layer.
    """
    if kind == lexicon.WIDTH:
        return HIDDEN if _says(_OF_LAYERS, around) else None
    return INTERMEDIATE if kind == HIDDEN and _says(_WIDTH_LABEL, around) else kind


def refused_label(kind: str, where: str, around: str) -> str | None:
    """Why a label under this heading and beside these labels states nothing of the model; None where it does.

    A length may be a training run's or an example's, and a head's size that of linear attention.
    """
    if kind == HEAD_DIM:
        return "the size of another kind of head" if _says(_OTHER_HEADS, around) else None
    if kind == OUTPUT:
        return "the length of an evaluation or usage example" if TRAINING.search(where) else None
    if kind == lexicon.SEQUENCE and (TRAINING.search(where) or _run_labels(around) >= 2) and not _says(_SHAPE_LABEL, around):
        return "the length of a training, evaluation or usage example"
    if kind == CONTEXT and TUNING.search(where):
        return "the length of a fine-tuning run"
    return None


@lru_cache(maxsize=4)
def _run_labels(around: str) -> int:
    """How many labels of a training run a list has; every label of the list asks for it."""
    return len(_RUN_LABEL.findall(around))


@lru_cache(maxsize=16)
def _says(pattern: re.Pattern[str], around: str) -> bool:
    return pattern.search(around) is not None


def relation_of_section(notebook: Notebook, section: tuple[str, ...]) -> tuple[str, str | None]:
    """Whose numbers stand under a heading: another size or sibling may be named there."""
    subject = notebook.subject
    for heading in reversed(section[1:] if len(section) > 1 else ()):
        size = size_in(heading)
        if size is not None and subject.size is not None and size != subject.size:
            return "sibling", heading
        if size is not None and core(heading)[0] in subject.roots:
            return subject.relation(heading), heading
    return "self", None
