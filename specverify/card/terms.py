"""Words of cards and the canonical terms they mean, by kind: `Grouped-Query Attention (GQA)` is gqa, `BF16` is bf16."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specverify.card.kinds import (
    ACTIVATION,
    ARCHITECTURE,
    ATTENTION,
    BASE_MODEL,
    CODE_LICENSE,
    CUTOFF,
    LICENSE,
    PRECISION,
    QUANTIZATION,
)
from specverify.card.pattern import Pattern

_I = re.IGNORECASE
VOCABULARY: Mapping[str, tuple[tuple[str, Pattern], ...]] = {
    ATTENTION: (
        ("mla", Pattern(r"multi-?head latent attention|\bMLA\b", _I)),
        ("gqa", Pattern(r"group(?:ed)?[- ]quer(?:y|ies)(?: attention)?|\bGQA\b|分组查询注意力", _I)),
        ("mqa", Pattern(r"multi-?query(?: attention)?|\bMQA\b", _I)),
        ("mha", Pattern(r"multi-?head (?:self-?)?attention|\bMHA\b", _I)),
        ("swa", Pattern(r"sliding[- ]window(?: attention)?|\bSWA\b|滑动窗口", _I)),
        ("linear", Pattern(r"linear attention|lightning attention|gated delta ?net|\bKDA\b|线性注意力", _I)),
        ("mamba", Pattern(r"\bmamba-?2?\b", _I)),
        ("sparse", Pattern(r"sparse attention|\bDSA\b|\bNSA\b", _I)),
    ),
    ARCHITECTURE: (
        ("moe", Pattern(r"mixture[- ]of[- ](?:\d+[- ])?experts|\bMoE\b|混合专家", _I)),
        ("dense", Pattern(r"\bdense (?:transformer|model|decoder|language|architecture|llm|causal)|^\W*dense\W*$|稠密", _I)),
        ("encoder-decoder", Pattern(r"encoder[- ]decoder|\bseq2seq\b|sequence-to-sequence", _I)),
        ("decoder-only", Pattern(r"(?<!encoder-)(?<!encoder )decoder[- ]only|causal (?:decoder|language model)|auto-?regressive", _I)),
        ("encoder-only", Pattern(r"encoder[- ]only|bidirectional encoder", _I)),
        ("prefix-lm", Pattern(r"prefix[- ]?lm|prefix language model", _I)),
    ),
    ACTIVATION: (
        ("swiglu", Pattern(r"\bswiglu\b|\bsilu[- ]glu\b", _I)),
        ("geglu", Pattern(r"\bgeglu\b", _I)),
        ("reglu", Pattern(r"\breglu\b", _I)),
        ("relu2", Pattern(r"squared[- ]relu|relu\^?2|relu²", _I)),
        ("silu", Pattern(r"\bsilu\b|\bswish\b", _I)),
        ("gelu", Pattern(r"\bgelu\b", _I)),
        ("relu", Pattern(r"\brelu\b(?!\^?2|²)", _I)),
    ),
    PRECISION: (
        ("bf16", Pattern(r"\bbf-?16\b|\bbfloat-?16\b", _I)),
        ("fp16", Pattern(r"\bfp-?16\b|\bfloat-?16\b|half precision", _I)),
        ("fp32", Pattern(r"\bfp-?32\b|\bfloat-?32\b|full precision", _I)),
        ("fp8", Pattern(r"\bfp-?8\b|\be4m3\b", _I)),
        ("mxfp4", Pattern(r"\bmxfp4\b", _I)),
        ("nvfp4", Pattern(r"\bnvfp4\b", _I)),
    ),
    QUANTIZATION: (
        ("gptq", Pattern(r"\bgptq\b", _I)),
        ("awq", Pattern(r"\bawq\b", _I)),
        ("gguf", Pattern(r"\bgguf\b", _I)),
        ("bitsandbytes", Pattern(r"\bbitsandbytes\b|\bnf4\b", _I)),
        ("fp8", Pattern(r"\bfp-?8\b", _I)),
        ("mxfp4", Pattern(r"\bmxfp4\b", _I)),
        ("nvfp4", Pattern(r"\bnvfp4\b", _I)),
        ("int4", Pattern(r"\bint-?4\b|\bw4a16\b|\b4-?bit\b", _I)),
        ("int8", Pattern(r"\bint-?8\b|\bw8a8\b|\b8-?bit\b", _I)),
    ),
    LICENSE: (
        ("mit", Pattern(r"\bMIT\b")),
        ("apache-2.0", Pattern(r"\bapache[- ,]*(?:licen[sc]e[- ,]*)?(?:version |v)?2(?:\.0)?\b", _I)),
        ("llama3.1", Pattern(r"llama[- ]?3\.1 (?:community )?licen[sc]e|llama3\.1\b", _I)),
        ("llama3.2", Pattern(r"llama[- ]?3\.2 (?:community )?licen[sc]e|llama3\.2\b", _I)),
        ("llama3.3", Pattern(r"llama[- ]?3\.3 (?:community )?licen[sc]e|llama3\.3\b", _I)),
        ("llama3", Pattern(r"llama[- ]?3 (?:community )?licen[sc]e|llama3(?![.\d])", _I)),
        ("llama2", Pattern(r"llama[- ]?2 (?:community )?licen[sc]e|^llama2$", _I)),
        ("cc-by-nc-4.0", Pattern(r"\bcc[- ]by[- ]nc[- ]4\.0", _I)),
        ("cc-by-nc-sa-4.0", Pattern(r"\bcc[- ]by[- ]nc[- ]sa[- ]4\.0", _I)),
        ("cc-by-sa-4.0", Pattern(r"\bcc[- ]by[- ]sa[- ]4\.0", _I)),
        ("cc-by-4.0", Pattern(r"\bcc[- ]by[- ]4\.0", _I)),
        ("openrail", Pattern(r"open ?rail", _I)),
        ("gemma", Pattern(r"gemma terms|^gemma$", _I)),
        ("bsd-3-clause", Pattern(r"\bbsd[- ]3", _I)),
        ("gpl-3.0", Pattern(r"(?<![al])gpl[- ]?(?:v|version )?3", _I)),
    ),
}
_LABELS: tuple[tuple[str, Pattern], ...] = (
    (ATTENTION, Pattern(r"(?:self-?)?attention(?: mechanism| type| variant)?|注意力机制")),
    (ARCHITECTURE, Pattern(r"(?:model |network )?architecture(?: type)?|(?:model )?type|架构|模型(?:架构|类型)")),
    (ACTIVATION, Pattern(r"activation(?: function| type)?|hidden[ _]act(?:ivation)?|non-?linearity|激活函数")),
    (PRECISION, Pattern(r"(?:(?:weights?|model|training|tensor|native) )?(?:precision|dtype|data type|tensor type)|torch_dtype|精度")),
    (QUANTIZATION, Pattern(r"quanti[sz]ation(?: method| format| type| scheme| level)?|量化(?:方法|方式)?")),
    (CUTOFF, Pattern(r"(?:(?:knowledge|data|pretraining data|training data) )?cut-?off(?: date)?|data freshness|知识截止(?:日期|时间)?")),
    (CODE_LICENSE, Pattern(r"code licen[sc]e|licen[sc]e of the code")),
    (LICENSE, Pattern(r"(?:(?:model|weights?) )?licen[sc]e|模型许可证|许可证|开源协议")),
    (
        BASE_MODEL,
        Pattern(
            r"base(?: |_)model|(?:(?:fine-?tuned|continue-?pretrained|trained|adapted) from)(?: model)?|parent model|基座模型|基础模型"
        ),
    ),
)
_HINT = Pattern(
    r"attention|archit|type|activ|hidden|linear|precision|quanti|cut|fresh|licen|base|from|parent|注意|架构|类型|激活|精度|量化|截止|许可|协议|模型",
    _I,
)
"""What every label of these kinds holds: most lines have none of it."""
_MARKS = Pattern(r"[(（][^()（）]{0,60}[)）]|[†*:：]")
LONGEST_LABEL = 48
LONGEST_TEXT = 240
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = Pattern(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?,? ?(?:of )?((?:19|20)\d\d)\b|"
    r"\b((?:19|20)\d\d)[-./年](0?[1-9]|1[0-2])\b|\b(0?[1-9]|1[0-2])/((?:19|20)\d\d)\b",
    _I,
)
_REPO = Pattern(r"(?<![\w./-])([A-Za-z0-9][\w.-]{0,60}/[A-Za-z0-9][\w.-]{1,90})(?![\w/])")
_MODEL = Pattern(r"(?<![\w./-])([A-Z][A-Za-z]{1,20}\d*(?:[-_. ][A-Za-z0-9.]{1,20}){1,6})")


@dataclass(frozen=True, slots=True)
class Term:
    """Canonical terms and where in the text the first of them stands."""

    terms: tuple[str, ...]
    start: int
    end: int


def label_kind(label: str) -> str | None:
    """The kind in words that a label announces."""
    if not _HINT.search(label):
        return None
    bare = " ".join(_MARKS.sub(" ", label[:100]).split()).strip(" .-–#").lower()
    if not bare or len(bare) > LONGEST_LABEL:
        return None
    return next((kind for kind, pattern in _LABELS if pattern.fullmatch(bare)), None)


def terms_in(kind: str, text: str) -> Term | None:
    """The terms that the value of such a label states; None where it states none that is known."""
    text = text[:LONGEST_TEXT]
    if kind == CUTOFF:
        return _first_date(text)
    if kind == BASE_MODEL:
        found = _REPO.search(text) or _MODEL.search(text)
        return None if found is None else Term((found.group(1).strip(" ."),), found.start(1), found.end(1))
    known = list(_known(LICENSE if kind == CODE_LICENSE else kind, text))
    if not known:
        return None
    return Term(tuple(dict.fromkeys(term for term, _, _ in known)), min(a for _, a, _ in known), max(b for _, _, b in known))


def _known(kind: str, text: str) -> Iterator[tuple[str, int, int]]:
    for term, pattern in VOCABULARY.get(kind, ()):
        found = pattern.search(text)
        if found is not None:
            yield term, found.start(), found.end()


def _first_date(text: str) -> Term | None:
    found = _DATE.search(text)
    if found is None:
        return None
    month, year, numeric_year, numeric_month, slashed_month, slashed_year = found.groups()
    if month is not None:
        stated = f"{year}-{_MONTHS.index(month.lower()) + 1:02}"
    else:
        stated = f"{numeric_year or slashed_year}-{int(numeric_month or slashed_month):02}"
    return Term((stated,), found.start(), found.end())
