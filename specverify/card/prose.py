"""Claims in sentences, where the wording leaves no doubt about kind and subject.

A pattern finds a number with its kind; the words before it in the sentence then decide whether it is the model's own:
comparisons, components, negations, training runs and other people's models are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from specverify.card.claims import Notebook
from specverify.card.document import Run
from specverify.card.kinds import (
    ACTIVE,
    CONTEXT,
    EXPERTS,
    HIDDEN,
    INTERMEDIATE,
    KV_HEADS,
    LAYERS,
    Q_HEADS,
    SHARED_EXPERTS,
    TOP_K,
    TOTAL,
    TRAINING_TOKENS,
    VOCABULARY,
)
from specverify.card.names import Subject, nearest_name
from specverify.card.numbers import PARAMETERS, TOKENS, WHOLE, Reading, amount, parameters, tokens, whole
from specverify.card.pattern import Pattern
from specverify.card.text import compact, mentions

_SENTENCE = Pattern(r"(?<=[.!?;])\s+(?=[^\s\d(])|(?<=[。！？；])")
LONGEST_SENTENCE = 1500
AROUND = 3000
"""Characters of its paragraph before and behind a sentence that say what it is about."""
MOST_NUMBERS = 40
"""Numbers of one sentence that are read; a sentence with more is a list that somebody forgot to set as one."""
N = rf"({PARAMETERS})"
T = rf"({TOKENS})"
W = rf"({WHOLE})"
_I = re.IGNORECASE
_PARAMETER = r"[ -]?(?:param(?:eter|ater)?s?)\b"
_ACTIVE_WORD = r"(?:activated?|actived|active|live|activation)"

Wording = tuple[str, str, Pattern]
LISTED = "listed"
"""One of several sizes: a family's, not one model's, unless the model's name says which."""

_PARAMETER_PATTERNS: tuple[Wording, ...] = tuple(
    (kind, role, Pattern(pattern, _I))
    for kind, role, pattern in (
        (ACTIVE, "stated", rf"{N} (?:of )?{_ACTIVE_WORD}\b"),
        (ACTIVE, "stated", rf"{N}{_PARAMETER},? (?:are |is |being )?(?:only )?(?:activated|active)\b"),
        (ACTIVE, "stated", rf"of which (?:only )?{N} (?:parameters )?(?:are|is) (?:activated|active)"),
        (ACTIVE, "stated", rf"(?:only )?{N} (?:are|is) activated"),
        (ACTIVE, "stated", rf"(?:activates|activating|activate) (?:only )?(?:about |around |approximately |~)?{N}(?! ?[~-] ?\d)"),
        (ACTIVE, "stated", rf"activates \S+ parameters \(averaging ?~?{N}\)"),
        (ACTIVE, "stated", rf"{_ACTIVE_WORD} param\w+ (?:of|is|are|:) ?(?:only |about |~)?{N}"),
        (ACTIVE, "stated", rf"(?:激活|活跃)(?:的)?(?:参数)?(?:量|数)?(?:仅)?(?:为|约|:)? ?{N} ?(?:参数)?"),
        (ACTIVE, "stated", rf"{N} ?(?:个)?(?:的)?(?:激活|活跃)参数"),
        (TOTAL, "stated", rf"parameter (?:scales|sizes|counts) of {N}"),
        (TOTAL, "stated", rf"{N} total\b"),
        (TOTAL, "stated", rf"{N}(?: model)? in total"),
        (TOTAL, "stated", rf"total (?:number )?(?:of )?(?:param\w+ )?(?:of |is |are )?(?:about |around |approximately |~)?{N}"),
        (TOTAL, "stated", rf"(?:总参数(?:量)?|参数(?:总)?量|参数规模)(?:为|约为|约|达|达到|:)? ?{N}"),
        (TOTAL, "stated", rf"{N} ?(?:的)?总?参数(?!以)"),
        (TOTAL, "stated", rf"{N}(?: (?:total|model|trainable))?{_PARAMETER}"),
    )
)
_GIVES = r"(?:with|has|and|supports?|handles?|for)"
_CONTEXT_PATTERNS: tuple[Wording, ...] = tuple(
    (CONTEXT, role, Pattern(pattern, _I))
    for role, pattern in (
        ("extended", rf"context (?:window|length)\b(?:[^.;]|\.\d){{0,60}}\bfrom (?:{TOKENS}) to {T}"),
        ("extended", rf"上下文(?:窗口|长度)?.{{0,6}}从 ?(?:{TOKENS}) ?(?:扩展|提升|增加)?(?:到|至|了)+ ?{T}"),
        ("extended", rf"{T} (?:tokens )?natively and (?:\w+ ){{0,2}}(?:up )?to"),
        ("extended", rf"(?:extend\w*|expand\w*)\b[^.;]{{0,40}}\b(?:up )?to {T}[ -](?:tokens? )?(?:of )?context"),
        ("extended", rf"extend(?:ed|ing|s)?(?: the| its)? (?:supported |maximum )?context (?:window|length) (?:to|of) {T}"),
        ("extended", rf"extended to {T} context length"),
        ("native", rf"native(?:ly)? (?:supports? )?(?:a |an )?(?:context length of )?{T}[ -](?:tokens? )?(?:of )?(?:context|seq)"),
        ("native", rf"native(?:ly)? (?:supports? )?(?:a )?context (?:length|window) (?:of |is )(?:up to )?{T}"),
        ("original", rf"original context length (?:was|is|of) {T}"),
        ("native", rf"原生支持 ?{T} ?(?:的)?(?:上下文|文本)"),
        ("stated", rf"{T}[ -](?:tokens?[ -])?(?:of )?(?:maximum |max |long )?context[ -](?:window|length|size)"),
        ("stated", rf"{T} tokens? of context"),
        ("stated", rf"(?:with|supports?|ha[sd]|have) (?:a |an )?({TOKENS}(?<=[km])) context\b"),
        ("stated", rf"long[- ]context \(up to {T}"),
        ("stated", rf"context (?:window|length|size)s? (?:is |of |support of |size of |up to |: |to |= ?|limit of |about |around )+{T}"),
        ("stated", rf"{_GIVES} (?:a |an )?(?:maximum )?(?:long )?(?:context|input)(?: size| window)? of (?:up to )?{T} ?tokens?"),
        ("stated", rf"window size of (?:up to )?{T}"),
        ("stated", rf"(?:maximum|supports?|handles?|context) (?:\w+ ){{0,2}}sequence length of (?:up to )?{T}"),
        ("stated", rf"long[- ]context \w+ of up to {T}"),
        ("evaluated", rf"context window lengths up to {T}"),
        ("stated", rf"支持 ?{T} ?(?:的)?(?:超长)?上下文"),
        ("stated", rf"上下文(?:窗口|长度)(?:为|达|可达|达到|:)? ?{T}"),
    )
)
_SHAPE_PATTERNS: tuple[Wording, ...] = tuple(
    (kind, "stated", Pattern(pattern, _I))
    for kind, pattern in (
        (LAYERS, rf"{W} (?:transformer |hidden |decoder )?layers\b(?! of)"),
        (KV_HEADS, rf"{W} (?:key[ /-]values?|kv|key[ -]and[ -]value)[ -](?:attention )?heads\b"),
        (Q_HEADS, rf"{W} (?:attention|query|q)[ -](?:attention )?heads\b"),
        (HIDDEN, rf"(?<!expert )hidden (?:size|dimension) (?:of |is |: )?{W}"),
        (INTERMEDIATE, rf"\bintermediate size (?:of |is |: )?{W}"),
        (VOCABULARY, rf"vocab(?:ulary)? size (?:of |is |: )?{W}"),
    )
)
_EXPERT_PATTERNS: tuple[Wording, ...] = tuple(
    (kind, "stated", Pattern(pattern, _I))
    for kind, pattern in (
        (EXPERTS, rf"mixture[- ]of[- ]{W}[- ]experts"),
        (
            EXPERTS,
            (
                rf"{W} (?:fine-grained |routed |total )?experts,? "
                r"(?:of which|and (?:chooses|selects|activates|routes)|with \d+ (?:active|activated|selected))"
            ),
        ),
        (EXPERTS, rf"out of {W} (?:routed |total )?experts"),
        (
            EXPERTS,
            (
                rf"(?:uses|has|with|contains|and|comprises|employs) {W} (?:routed |fine-grained |total )?experts\b"
                r"(?! (?:per|used|activated|active|are|is))"
            ),
        ),
        (TOP_K, rf"experts,? of which {W} are (?:active|activated|selected|used)"),
        (TOP_K, r"\btop-(\d{1,3})\b[ -](?:out of \d+|of \d+|gating|routing|experts|routed|router)"),
        (TOP_K, rf"experts and (?:chooses|selects|activates|routes to) {W}\b"),
        (TOP_K, rf"{W} (?:routed )?experts (?:are )?(?:used|activated|active|selected|chosen) (?:per|for each|for every) token"),
        (TOP_K, rf"(?:activates|selects|chooses|routes to) {W} (?:of \d+ )?(?:routed )?experts"),
        (SHARED_EXPERTS, rf"(?:plus|and|\+) {W} (?:always[ -]active )?shared experts?"),
    )
)
_TRAINED_PATTERNS: tuple[Wording, ...] = tuple(
    (TRAINING_TOKENS, "trained", Pattern(pattern, _I))
    for pattern in (
        rf"(?:pre-?)?trained\b[^.;]{{0,80}}?\b(?:on|for) (?:[\w-]+ ){{0,4}}?{N}\+? (?:[\w-]+ ){{0,4}}?tokens",
        rf"采用了? ?{N} ?tokens",
        rf"训练了?(?:超过|约)? ?{N} ?(?:tokens|标识符)",
        rf"经过约? ?{N} ?(?:tokens|标识符)",
    )
)
_OF_EXPERTS = Pattern(r"expert|top-\d", _I)
_OF_TRAINING = Pattern(r"tokens|标识符", _I)
_HINT = Pattern(r"\d")
_ABOUT = (
    *(
        "param",
        "parat",
        "activ",
        "context",
        "natively",
        "total",
        "window size",
        "window\nsize",
        "sequence length",
        "sequence\nlength",
        "layers",
    ),
    *("heads", "expert", "hidden", "intermediate", "vocab", "trained", "上下文", "参数", "激活", "活跃", "训练", "采用", "标识符"),
)

_OF_SIZE = Pattern(r"\d ?-? ?(?:[bmt](?![a-z])|[bmt]r?illion|bn\b|[百千十]?[亿万])", _I)
_OF_LENGTH = Pattern(r"context|input|nativ|window|sequence|支持|上下文", _I)
_OF_SHAPE = Pattern(r"layers|heads|hidden|intermediate|vocab", _I)
_HAS_LAYERS = Pattern(r"\b(?:this|the) model (?:has|consists of|contains) \d+ layers", _I)

_COMPARED = Pattern(
    r"outperform|surpass|compared? |comparable|rival|larger|smaller|bigger|better than|\bthan\b|\bvs\b|(?:under|below|at the) ?$|beats?\b|"
    r"similar to|competitors?|such as|models (?:with|of|between|around|up to|in the|under|below)|"
    r"超越|相比|上一代|优于|超过|类似",
    _I,
)
_COMPONENT = Pattern(
    r"vision|\bvit\b|encoder|\bmtp\b|(?<!mixture-of-)(?<!mixture of )expert|draft|adapter|lora|projector|tower|"
    r"embedding|teacher|reward|tokenizer|per block|clip|siglip|dense (?:transformer|layers)|linear attention|distill",
    _I,
)
_COMPONENT_AFTER = Pattern(r"[ -]*(?:params? |parameters? )?(?:vision|vit\b|encoder|embedding|expert|draft|reward|mtp|adapter|per )", _I)
_NEGATED = Pattern(r"\b(?:not|no longer|cannot|can't|doesn't|don't|without|never|unable|neither)\b|不支持|无法", _I)
_TUNED = Pattern(
    r"fine-?tun(?!ed version)|(?<!pre)(?<!pre-)\btrain(?:ed|ing)\b|packed|truncat|calibrat|evaluat|tested|benchmark|quanti[sz]|"
    r"generation length|output|batch|max_seq|recommend|distill|conversation|微调|训练",
    _I,
)
_BASE = Pattern(
    r"\bbase model\b|based on|built (?:up)?on|derived from|initiali[sz]ed from|using the|starting (?:with|from)|successor|基于|二代", _I
)
_RANGE = Pattern(r"(?:ranging|range|vary\w*|scales?|sizes?)\b[^.]{0,30}\bfrom\b|\bbetween\b|从", _I)
_TO = Pattern(r"\d ?[bmt]?(?:illion)? ?(?:~|-|to) ?$", _I)
_AMONG_EXPERTS = Pattern(r"[ -]param\w+ (?:\w+ )?model with \d+ experts", _I)
_NEWS = Pattern(r"\W*(?:news\W*)?(?:\d{4}[./-]\d|20\d\d年)", _I)
_PRONOUN = Pattern(r"\W*(?:it|this|the (?:model|resulting model)|our model|which|该模型|模型)\b", _I)
_OF_NAME = Pattern(r" ?(?:总)?参数(?:量)?的 ?([A-Za-z][\w.-]+)")
_JOIN = r"(?: ?, ?(?:and )?| and | & | ?/ ?|、|和)"
_LIST_BEFORE = Pattern(rf"((?:{PARAMETERS}){_JOIN}){{1,6}}$", _I)
_LIST_AFTER = Pattern(rf"(?:{_JOIN}(?:{PARAMETERS})){{1,6}}", _I)
_EACH = Pattern(PARAMETERS, _I)
_EXAMPLE = Pattern(r"for example|for instance|e\.g\.|limited to ?$|例如", _I)
_ALSO = Pattern(r"also (?:comes?|available|released?)|other (?:sizes|versions)|sibling", _I)


def read_prose(notebook: Notebook, handled: set[int]) -> None:
    """Note the claims of sentences on lines that no label was read from."""
    for run in notebook.document.runs:
        plain = notebook.document.plain
        if run.kind == "heading" or not mentions(plain[run.start : run.end], _ABOUT) or not _HINT.search(plain, run.start, run.end):
            continue
        whole_run = compact(plain, run.start, run.end)
        several = notebook.subject.size is None and any(
            role == LISTED for start, end in _sentences(whole_run.text) for _, role, *_ in _numbers(whole_run.text[start:end], "")
        )
        for start, end in _sentences(whole_run.text):
            sentence = whole_run.text[start:end]
            if not _HINT.search(sentence) or not mentions(sentence, _ABOUT):
                continue
            opening = max(0, start - AROUND)
            for kind, role, reading, a, b in islice(_numbers(sentence, whole_run.text[opening : end + AROUND]), MOST_NUMBERS):
                span = whole_run.span(start + a, start + b)
                if notebook.document.line_at(span[0]) in handled:
                    continue
                sized = LISTED if several and kind == TOTAL else role
                _judge(notebook, run, sentence, whole_run.text[opening:start], kind, sized, reading, (a, b), span)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for match in _SENTENCE.finditer(text):
        if match.end() > at:
            yield at, match.start() if match.start() > at else match.end()
        at = match.end()
    if at < len(text):
        yield at, len(text)


def _numbers(sentence: str, paragraph: str) -> Iterator[tuple[str, str, Reading, int, int]]:
    """Each number of a sentence that a pattern gives a kind, once; the first pattern has it."""
    if len(sentence) > LONGEST_SENTENCE:
        return
    seen: set[int] = set()
    for hint, patterns, read in ((_OF_SIZE, _PARAMETER_PATTERNS, parameters), (_OF_LENGTH, _CONTEXT_PATTERNS, tokens)):
        if not hint.search(sentence):
            continue
        for kind, role, pattern in patterns:
            for match in pattern.finditer(sentence):
                reading = read(match.group(1))
                if reading is None or match.start(1) in seen:
                    continue
                if kind == CONTEXT and not _is_length(match.group(1), match.group()):
                    continue
                seen.add(match.start(1))
                yield kind, role, reading, match.start(1), match.end(1)
                for listed in _listed(sentence, match) if kind != CONTEXT else ():
                    number = read(listed.group())
                    if number is not None and listed.start() not in seen:
                        seen.add(listed.start())
                        yield kind, LISTED, number, listed.start(), listed.end()
    for hint, patterns, reader in ((_OF_EXPERTS, _EXPERT_PATTERNS, whole), (_OF_TRAINING, _TRAINED_PATTERNS, amount)):
        if hint.search(sentence):
            for kind, role, pattern in patterns:
                for match in pattern.finditer(sentence):
                    stated = reader(match.group(1))
                    if stated is not None and match.start(1) not in seen:
                        seen.add(match.start(1))
                        yield kind, role, stated, match.start(1), match.end(1)
    if not _OF_SHAPE.search(sentence):
        return
    shape = [(kind, role, match) for kind, role, pattern in _SHAPE_PATTERNS for match in pattern.finditer(sentence)]
    if shape and (_several_shapes(paragraph) or _HAS_LAYERS.search(sentence)):
        for kind, role, match in shape:
            counted = whole(match.group(1))
            if counted is not None and match.start(1) not in seen:
                seen.add(match.start(1))
                yield kind, role, counted, match.start(1), match.end(1)


def _several_shapes(paragraph: str) -> bool:
    """Whether a paragraph states two kinds of size or more: then it describes a model, and none is a figure of speech."""
    return sum(pattern.search(paragraph) is not None for _, _, pattern in _SHAPE_PATTERNS) >= 2


def _listed(sentence: str, match: re.Match[str]) -> Iterator[re.Match[str]]:
    """The other numbers of the list that a number is the last or the first of: `16B and 236B parameters`."""
    before = _LIST_BEFORE.search(sentence[max(0, match.start(1) - 120) : match.start(1)])
    if before is not None:
        start = match.start(1) - len(before.group())
        yield from _EACH.finditer(sentence, start, match.start(1))
    elif match.end(1) == match.end() and (after := _LIST_AFTER.match(sentence, match.end())) is not None:
        following = sentence[after.end() : after.end() + 20]
        if not re.match(r" ?(?:activ|total|param|token|激活|总)", following, _I):
            yield from _EACH.finditer(sentence, match.end(), after.end())


def _is_length(raw: str, phrase: str) -> bool:
    """Whether a number is one of tokens: it has a unit, or is as long as contexts are."""
    found = tokens(raw)
    return found is not None and (not raw.strip().isdigit() or found.values[0] >= 256 or "token" in phrase)


def _judge(
    notebook: Notebook,
    run: Run,
    sentence: str,
    earlier: str,
    kind: str,
    role: str,
    reading: Reading,
    at: tuple[int, int],
    span: tuple[int, int],
) -> None:
    before, after = sentence[max(0, at[0] - 160) : at[0]], sentence[at[1] : at[1] + 60]
    clause = re.split(r"[,;(]|\bwhile\b|\bbut\b", before)[-1] if kind != CONTEXT else before[-90:]
    reason = _refusal(kind, role, before, clause, after)
    named_after = _OF_NAME.match(sentence, at[1])
    name = named_after.group(1) if named_after else nearest_name(sentence[: at[0]], notebook.subject)
    if name is None:
        name = nearest_name(earlier, notebook.subject)
        foreign = name is not None and notebook.subject.relation(name) == "other"
        if foreign == bool(_PRONOUN.match(sentence)) or (foreign and kind != CONTEXT):
            name = None
    relation = notebook.subject.relation(name) if name else "self"
    if relation == "other" and _speaks_of_itself(sentence[: at[0]], name or "", notebook.subject):
        name, relation = None, "self"
    if reason is None and relation == "other":
        reason = f"about {name}"
    if reason is None and _NEWS.match(notebook.document.plain, run.start):
        reason = "news of a release"
    if reason is not None:
        notebook.refuse(kind, span, reason)
        return
    if role == LISTED:
        role, relation = "stated", "family"
    size = notebook.subject.size
    if kind == TOTAL and relation in ("self", "family") and size is not None and abs(reading.values[0] - size) > 0.3 * size:
        relation = "family"
    notebook.claim(
        kind,
        reading,
        span,
        emitter="prose",
        section=run.section,
        role=role,
        subject=name,
        relation="self" if relation == "unknown" else relation,
        confidence="medium",
    )


def _speaks_of_itself(before: str, name: str, subject: Subject) -> bool:
    """Whether the sentence is about the model although it names another: `It is an extension of X and supports ...`."""
    at = before.rfind(name)
    between = before[at + len(name) :]
    if _PRONOUN.match(before) and len(between) > 12:
        return True
    if re.search(r"\b(?:this|our|the resulting) model\b|\bit\b", between, _I):
        return True
    opening = nearest_name(before[:40], subject)
    return bool(opening and opening != name and subject.relation(opening) == "self" and "," in between and _BASE.search(before[:at][-60:]))


def _refusal(kind: str, role: str, before: str, clause: str, after: str) -> str | None:
    """Why a number is not the model's own; None where it is."""
    if kind == TRAINING_TOKENS:
        return "a comparison with other models" if _COMPARED.search(re.sub(r"(?:more|less) than ?$", "", clause)[-70:]) else None
    if kind in (EXPERTS, TOP_K, SHARED_EXPERTS):
        return "a comparison with other models" if _COMPARED.search(clause[-70:]) else None
    if re.match(r" ?-?tokens?\b|万亿 ?token|亿 ?token", after, _I) and kind != CONTEXT:
        return "a count of training tokens"
    if _COMPARED.search(clause[-70:]):
        return "a comparison with other models"
    if _NEGATED.search(before[-80:]):
        return "denied in the same sentence"
    if kind == CONTEXT:
        if role != "evaluated" and _TUNED.search(re.split(r"[,;(]|\band (?:can|it)\b", before[-110:])[-1] + after[:25]):
            return "the length of a training or evaluation run"
        if _BASE.search(before[-60:]):
            return "the length of the base model"
        if _EXAMPLE.search(before[-90:]):
            return "an example"
        return None
    if _COMPONENT.search(clause[-45:]) or _COMPONENT_AFTER.match(after):
        return "a component of the model"
    if re.match(r"[^.]{0,6}以下", after):
        return "a class of models"
    if _AMONG_EXPERTS.match(after):
        return "total or activated is not said"
    if _RANGE.search(before[-70:]) or _TO.search(before) or re.match(r" ?(?:parameters? )?(?:to|-|~) ?\d", after):
        return "a range of sizes"
    if _ALSO.search(before[-60:]):
        return "a sibling"
    return None
