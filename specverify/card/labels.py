"""Lists and lines of the form `label: value`."""

from __future__ import annotations

import re
from functools import lru_cache

from specverify.card import lexicon
from specverify.card.claims import Notebook
from specverify.card.document import Run, lines_of
from specverify.card.kinds import CONTEXT
from specverify.card.names import core, size_in
from specverify.card.text import Compact, compact
from specverify.card.values import values

_LINE = re.compile(r"(?:> ?)*(?:[-+•] |\d{1,2}[.)] )?([^:=|]{2,100})[:=] ?(.+)")
TRAINING = re.compile(
    r"train|fine-?tun|hyper-?param|lora|axolotl|recipe|dataset|benchmark|evaluat|process|quanti[sz]|usage|infer|quick|how to|deploy|"
    r"微调|训练|推理|评测",
    re.IGNORECASE,
)
TUNING = re.compile(r"fine-?tun|lora|axolotl|微调", re.IGNORECASE)
_RUN_LABEL = re.compile(r"learning rate|batch|epoch|optimi[sz]er|warm-?up|lora|gradient|weight decay|scheduler|steps|seed", re.IGNORECASE)
_SHAPE_LABEL = re.compile(r"layers|heads|hidden|vocab|d_model|embedding|parameters|activation", re.IGNORECASE)


def read_labels(notebook: Notebook) -> set[int]:
    """Note the claims of labelled lines; the lines that were read, so that prose leaves them alone."""
    document, handled = notebook.document, set()
    neighbours: dict[tuple[int | None, tuple[str, ...]], list[str]] = {}
    for run in document.runs:
        if run.kind != "heading":
            neighbours.setdefault((run.list_id, run.section), []).append(document.plain[run.start : min(run.end, run.start + 80)])
    around = {key: " ".join(texts) for key, texts in neighbours.items()}
    for run in document.runs:
        if run.kind == "heading":
            continue
        for start, end in lines_of(document, run):
            if document.plain.find(":", start, end) < 0 and document.plain.find("=", start, end) < 0:
                continue
            line = compact(document.plain, start, end)
            found = _LINE.match(line.text)
            announced = lexicon.kind_of(found.group(1)) if found is not None else None
            if found is None or announced is None or announced[0] == lexicon.SIZE:
                continue
            handled.add(document.line_at(line.span(*found.span(1))[0]))
            _read(notebook, run, announced[0], line, found, around[run.list_id, run.section])
    return handled


def _read(notebook: Notebook, run: Run, kind: str, line: Compact, found: re.Match[str], around: str) -> None:
    section = run.section
    where = " / ".join(section[-2:])
    reason = refused_length(kind, where, around)
    if reason is not None:
        notebook.refuse(CONTEXT, line.span(*found.span(2)), reason)
        return
    relation, name = relation_of_section(notebook, section)
    read = False
    for value in values(kind, found.group(2)):
        read = True
        span = line.span(found.start(2) + value.start, found.start(2) + value.end)
        notebook.claim(value.kind, value.reading, span, emitter="label", section=section, role=value.role, subject=name, relation=relation)
    if not read:
        notebook.refuse(kind, line.span(*found.span(2)), "the value is no single number of this kind")


def refused_length(kind: str, where: str, around: str) -> str | None:
    """Why a length under this heading and beside these labels is a run's and not the model's; None where it is the model's."""
    if kind == lexicon.SEQUENCE and (TRAINING.search(where) or _run_labels(around) >= 2) and not _has_shape_label(around):
        return "the length of a training, evaluation or usage example"
    if kind == CONTEXT and TUNING.search(where):
        return "the length of a fine-tuning run"
    return None


@lru_cache(maxsize=4)
def _run_labels(around: str) -> int:
    """How many labels of a training run a list has; every label of the list asks for it."""
    return len(_RUN_LABEL.findall(around))


@lru_cache(maxsize=4)
def _has_shape_label(around: str) -> bool:
    return _SHAPE_LABEL.search(around) is not None


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
