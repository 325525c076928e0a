"""Claims in words: attention, architecture, activation, precision, licence, base model, cutoff; hardware and speed with their conditions.

Labels and tables first, then sentences that are surely about this model. A statement of another model, a comparison or a
denial is refused, as for numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card import kinds
from specverify.card.claims import Notebook
from specverify.card.document import Run, lines_of
from specverify.card.labels import relation_of_section
from specverify.card.names import nearest_name
from specverify.card.numbers import DIGITS, Reading
from specverify.card.pattern import Pattern
from specverify.card.tables import Table
from specverify.card.terms import VOCABULARY, label_kind, terms_in
from specverify.card.text import Compact, compact, mentions

_I = re.IGNORECASE
_LINE = re.compile(r"(?:> ?)*(?:[-+•] |\d{1,2}[.)] )?([^:=|]{2,60})[:：] ?(.+)")
_NAME_HEADER = Pattern(r"models?(?: ?name)?|name|checkpoint|模型(?:名称|名)?", _I)
_USES = Pattern(
    r"\b(?:uses?|using|adopts?|employs?|features?|incorporates?|leverages?|utili[sz]es?|with|based on|built (?:on|with)|combines?|is an?|"
    r"are|introduces?|integrates?|equipped with|采用|使用|是)\b[^.;]{0,90}$",
    _I,
)
_OTHERS = Pattern(
    r"outperform|surpass|compar|unlike|instead of|rather than|than\b|such as|other (?:open )?models|similar|"
    r"support(?:s|ed)? for|versions?|variants?|"
    r"also (?:available|release|provide)|quantized models|\bif\b|\bwhether\b|future|will\b|plan",
    _I,
)
_DENIED = Pattern(r"\b(?:not|no|without|never|neither|non)\b|不", _I)
_GPU = Pattern(
    r"\b(?:NVIDIA )?(H100|H200|H20|H800|A100|A800|A10G?|A6000|L40S?|L4|T4|V100|B200|GB200|MI300X|MI325X|RTX ?\d{4}|"
    r"\d090)\b",
    _I,
)
_FITS = Pattern(
    r"(?:fits?|run|runs|running|deploy\w{0,4}|load\w{0,3}|serve\w?|requires?|needs?|at least|minimum)\b[^.;]{0,70}?"
    r"(?:(?:a |one |single |(\d{1,3}) ?[x×*] ?)+)?\b(\d{1,4} ?GB)\b(?: ?[*x×] ?(\d{1,3}))?[^.;]{0,20}?(?:GPU|VRAM|"
    r"memory|card|H100|A100|显存)",
    _I,
)
_SPEED = Pattern(rf"({DIGITS}) ?(?:output |generated )?(?:tokens?/s(?:ec(?:ond)?)?|tokens? per second|tok/s|tps\b)", _I)
_FIRST = Pattern(rf"(?:TTFT|time to first token)[^.;\d]{{0,30}}({DIGITS}) ?(ms|milliseconds?|s\b|sec)", _I)
_LATENCY = Pattern(rf"\b(p50|p90|p95|p99|average|mean|median)? ?latency[^.;\d]{{0,30}}({DIGITS}) ?(ms|milliseconds?|s\b|sec)", _I)
_CONDITION = Pattern(
    r"quant\w{0,10}|\bbpw\b|gguf|exl2|batch(?: size)?(?: of)? ?=? ?\d+|\d+[ -]?(?:input|output|prompt) tokens|"
    r"\b(?:int4|int8|fp8|bf16|fp16|4-?bit|8-?bit)\b|concurren\w+ (?:of )?\d+",
    _I,
)
_CUTOFF = Pattern(r"(?:knowledge|data|training data)[^.;]{0,30}cut-?off|cut-?off date", _I)
_PROMPT = Pattern(r"your knowledge|you are|system prompt", _I)
_LICENSED = Pattern(r"licen[sc]e", _I)
_RELATED = Pattern(
    r"\b(fine-?tuned?(?: version)?|finetune|continue[sd]?[- ]pre-?train\w*|further pre-?trained|post-?train\w*|"
    r"distill\w*|quanti[sz]ed(?: version)?|merge)\b"
    r"[^.;]{0,30}?\b(?:of|from|on|upon|based on|on top of|into)\b (?:the |our |base |model )*",
    _I,
)
ROLES = (
    ("distil", "distilled"),
    ("quanti", "quantized"),
    ("merge", "merge"),
    ("continue", "continued-pretraining"),
    ("further", "continued-pretraining"),
    ("post", "post-trained"),
    ("fine", "finetune"),
)
GB = 10**9
GIB = 2**30
_MECHANISMS = {
    kinds.ATTENTION: Pattern(r"attention|GQA|MLA|MQA|MHA|SWA|mamba|delta|KDA|滑动窗口", _I),
    kinds.ARCHITECTURE: Pattern(r"expert|MoE|dense|decoder|causal|regressive|encoder|seq2seq|sequence-to|prefix|专家|稠密", _I),
}
_AMOUNT = Pattern(r"\d ?GB\b", _I)
_RATE = Pattern(r"tok(?:ens?)? ?(?:/|per)|TTFT|first token|latency|\dtps", _I)
_DERIVED = Pattern(r"tune|train|distil|quanti|merge", _I)
_ABOUT = (
    *(
        "attention",
        "gqa",
        "mla",
        "mqa",
        "expert",
        "moe",
        "dense",
        "decoder",
        "encoder",
        "causal",
        "regressive",
        "licens",
        "licenc",
        "cutoff",
    ),
    *(
        "cut-off",
        "gb ",
        "gb)",
        "gb*",
        "gb.",
        "token/",
        "tokens/",
        "tokens per",
        "tok/",
        "ttft",
        "first token",
        "latency",
        "tuned",
        "finetune",
    ),
    *("distil", "merge", "train", "quanti", "mamba", "滑动窗口", "混合专家", "显存"),
)
_SEVERAL = Pattern(r"\bseries\b|\bfamily\b|\bsizes\b|\b(?:bigger|larger|smaller|some|both|all) models\b|系列", _I)
"""Words of a text about several models, of which one thing may be true of some only."""


def read_words(notebook: Notebook) -> None:
    """Note the claims in words of a card: metadata, labels, tables, then sentences."""
    _metadata(notebook)
    document = notebook.document
    for run in document.runs:
        if run.kind == "heading":
            continue
        _labels(notebook, run)
        if not mentions(document.plain[run.start : run.end], _ABOUT):
            continue
        paragraph = compact(document.plain, run.start, run.end)
        for start, end in _sentences(paragraph.text):
            _sentence(notebook, run, paragraph, start, end)
    for table in document.tables:
        _table(notebook, table)


def _metadata(notebook: Notebook) -> None:
    """Licence and base model as the front matter states them."""
    front = notebook.document.front_matter
    relation = front.values.get("base_model_relation")
    for key, kind in (("license", kinds.LICENSE), ("base_model", kinds.BASE_MODEL)):
        value = front.values.get(key)
        stated = tuple(
            entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, str) and 0 < len(entry) <= 120
        )
        line = front.line(key)
        if not stated or line is None:
            continue
        start = notebook.document.text.find(stated[0], notebook.document.start_of(line))
        if start < 0:
            continue
        role = relation if kind == kinds.BASE_MODEL and isinstance(relation, str) and len(relation) <= 20 else "stated"
        notebook.claim(kind, None, (start, start + len(stated[0])), emitter="metadata", section=(), role=role, terms=stated)


def _labels(notebook: Notebook, run: Run) -> None:
    document = notebook.document
    for start, end in lines_of(document, run):
        if document.plain.find(":", start, end) < 0 and document.plain.find("：", start, end) < 0:
            continue
        line = compact(document.plain, start, end)
        found = _LINE.match(line.text)
        kind = label_kind(found.group(1)) if found is not None else None
        if found is None or kind is None:
            continue
        term = terms_in(kind, found.group(2))
        if term is None:
            continue
        span = line.span(found.start(2) + term.start, found.start(2) + term.end)
        if _DENIED.search(found.group(2)[: term.start]):
            notebook.refuse(kind, span, "denied in the same line")
            continue
        relation, name = relation_of_section(notebook, run.section)
        notebook.claim(kind, None, span, emitter="label", section=run.section, subject=name, relation=relation, terms=term.terms)


def _table(notebook: Notebook, table: Table) -> None:
    """Labels down the side of a two-column table; and the model's own row where the header names a kind."""
    header = [label_kind(cell.text) for cell in table.rows[0]] if table.rows else []
    names = [column for column, cell in enumerate(table.rows[0]) if _NAME_HEADER.fullmatch(cell.text)] if table.rows else []
    for row in table.rows:
        kind = label_kind(row[0].text) if row and len(row) == 2 else None
        if kind is not None:
            relation, name = relation_of_section(notebook, table.section)
            _cell(notebook, table, kind, row[1].start, row[1].end, name, relation)
    if not names or not any(header):
        return
    for row in table.rows[1:]:
        name = row[names[0]].text if names[0] < len(row) else ""
        relation = notebook.subject.relation(name) if name else "unknown"
        for column, kind in enumerate(header):
            if kind is not None and column < len(row) and column != names[0] and relation != "other":
                _cell(notebook, table, kind, row[column].start, row[column].end, name, relation)


def _cell(notebook: Notebook, table: Table, kind: str, start: int, end: int, name: str | None, relation: str) -> None:
    text = compact(notebook.document.plain, start, end)
    term = terms_in(kind, text.text)
    if term is not None:
        span = text.span(term.start, term.end)
        notebook.claim(kind, None, span, emitter="table", section=table.section, subject=name, relation=relation, terms=term.terms)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for match in re.finditer(r"(?<=[.!?;])\s+(?=\S)|(?<=[。！？；])", text):
        if match.end() > at:
            yield at, match.end()
        at = match.end()
    if at < len(text):
        yield at, len(text)


def _sentence(notebook: Notebook, run: Run, paragraph: Compact, start: int, end: int) -> None:
    sentence = paragraph.text[start:end]
    if len(sentence) > 1000 or not mentions(sentence, _ABOUT):
        return
    for kind, hint in _MECHANISMS.items():
        for term, pattern in VOCABULARY[kind] if hint.search(sentence) else ():
            found = pattern.search(sentence)
            if found is not None and _USES.search(sentence[: found.start()]):
                span = paragraph.span(start + found.start(), start + found.end())
                if kind == kinds.ATTENTION and _SEVERAL.search(paragraph.text):
                    notebook.refuse(kind, span, "true of some of several models")
                else:
                    _note(notebook, run, sentence, kind, found.start(), span, (term,))
    if _CUTOFF.search(sentence) and (day := terms_in(kinds.CUTOFF, sentence)) is not None:
        span = paragraph.span(start + day.start, start + day.end)
        if _PROMPT.search(sentence):
            notebook.refuse(kinds.CUTOFF, span, "words of a prompt")
        else:
            _note(notebook, run, sentence, kinds.CUTOFF, day.start, span, day.terms)
    if _LICENSED.search(sentence) and (named := terms_in(kinds.LICENSE, sentence)) is not None and len(named.terms) == 1:
        before = sentence[: named.start].lower()
        kind = kinds.CODE_LICENSE if re.search(r"\bcode\b", before) and not re.search(r"weights|model", before) else kinds.LICENSE
        _note(notebook, run, sentence, kind, named.start, paragraph.span(start + named.start, start + named.end), named.terms)
    for hint, read in ((_DERIVED, _base), (_AMOUNT, _hardware), (_RATE, _speed)):
        if hint.search(sentence):
            read(notebook, run, sentence, paragraph, start)


def _base(notebook: Notebook, run: Run, sentence: str, paragraph: Compact, start: int) -> None:
    found = _RELATED.search(sentence)
    if found is None:
        return
    term = terms_in(kinds.BASE_MODEL, sentence[found.end() : found.end() + 100])
    if term is None or term.start > 2:
        return
    role = next(role for begin, role in ROLES if found.group(1).lower().startswith(begin))
    at = found.end() + term.start
    span = paragraph.span(start + at, start + at + len(term.terms[0]))
    if _DENIED.search(sentence[: found.start()][-30:]) or _OTHERS.search(sentence[: found.start()]):
        notebook.refuse(kinds.BASE_MODEL, span, "not surely about this model")
        return
    if notebook.subject.relation(term.terms[0]) == "self":
        return
    notebook.claim(kinds.BASE_MODEL, None, span, emitter="prose", section=run.section, role=role, confidence="medium", terms=term.terms)


def _hardware(notebook: Notebook, run: Run, sentence: str, paragraph: Compact, start: int) -> None:
    for found in _FITS.finditer(sentence):
        count = int(found.group(1) or found.group(3) or 1)
        amount = int(found.group(2)[:-2]) * max(count, 1)
        if not 1 <= amount <= 100_000:
            continue
        reading = Reading((amount * GB, amount * GIB), (GB, GIB))
        span = paragraph.span(start + found.start(2), start + found.end(2))
        _note(notebook, run, sentence, kinds.HARDWARE, found.start(), span, (), reading, _conditions(sentence))


def _speed(notebook: Notebook, run: Run, sentence: str, paragraph: Compact, start: int) -> None:
    conditions = _conditions(sentence)
    for found in _SPEED.finditer(sentence):
        value = _decimal(found.group(1))
        span = paragraph.span(start + found.start(1), start + found.end(1))
        _note(notebook, run, sentence, kinds.THROUGHPUT, found.start(), span, (), Reading((round(value),), (1,)), conditions)
    for kind, pattern, number, unit in ((kinds.TTFT, _FIRST, 1, 2), (kinds.LATENCY, _LATENCY, 2, 3)):
        for found in pattern.finditer(sentence):
            ms = _decimal(found.group(number)) * (1 if found.group(unit).lower().startswith("m") else 1000)
            span = paragraph.span(start + found.start(number), start + found.end(unit))
            percentile = (found.group(1).lower(),) if kind == kinds.LATENCY and found.group(1) else ()
            _note(notebook, run, sentence, kind, found.start(), span, (), Reading((round(ms),), (1,)), (*percentile, *conditions))


def _decimal(digits: str) -> float:
    return float(digits.replace(",", ""))


def _conditions(sentence: str) -> tuple[str, ...]:
    """What a measured or required amount is bound to: the hardware, batch, lengths and precision the sentence names."""
    named = [match.group().strip() for pattern in (_GPU, _CONDITION) for match in pattern.finditer(sentence)]
    return tuple(dict.fromkeys(named))[:8]


def _note(
    notebook: Notebook,
    run: Run,
    sentence: str,
    kind: str,
    at: int,
    span: tuple[int, int],
    terms: tuple[str, ...],
    reading: Reading | None = None,
    conditions: tuple[str, ...] = (),
) -> None:
    """Note a statement of a sentence, unless it compares, denies, or is about another model."""
    before = sentence[:at]
    if _OTHERS.search(before[-120:]):
        notebook.refuse(kind, span, "not surely about this model")
        return
    if _DENIED.search(before[-40:]):
        notebook.refuse(kind, span, "denied in the same sentence")
        return
    name = nearest_name(before, notebook.subject)
    relation = notebook.subject.relation(name) if name else "self"
    if relation == "other":
        notebook.refuse(kind, span, f"about {name}")
        return
    relation = "self" if relation == "unknown" else relation
    notebook.claim(
        kind,
        reading,
        span,
        emitter="prose",
        section=run.section,
        subject=name,
        relation=relation,
        confidence="medium",
        terms=terms,
        conditions=conditions,
    )
