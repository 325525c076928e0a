"""Why a number of a sentence is not the model's own: comparisons, components, denials, runs, other models' lengths."""

from __future__ import annotations

import re

from specverify.card.kinds import CONTEXT, EXPERTS, LAYERS, SHARED_EXPERTS, TOP_K, TRAINING_TOKENS, VOCABULARY
from specverify.pattern import Pattern

_I = re.IGNORECASE
_COMPARED = Pattern(
    r"outperform|surpass|compared? |comparable|rival|larger|smaller|bigger|better than|\bthan\b|\bvs\b|(?:under|below|at the) ?$|beats?\b|"
    r"similar to|competitors?|such as|models (?:with(?! the parameter)|of|between|around|up to|in the|under|below)|"
    r"\b(?:any|every|other) ?$|"
    r"超越|相比|上一代|优于|超过|类似",
    _I,
)
_MORE_THAN = Pattern(r"(?:(?:more|less) than|超过) ?$", _I)
_COMPONENT = Pattern(
    r"vision|\bvit\b|encoder|\bmtp\b|(?<!mixture-of-)(?<!mixture of )expert|draft|adapter|lora|projector|tower|"
    r"embedding|teacher|reward|tokenizer|per block|clip|siglip|dense (?:transformer|layers)|linear attention|distill",
    _I,
)
_COMPONENT_AFTER = Pattern(
    r"[ -]*(?:params? |parameters? )?(?:(?:in|for|of) (?:the |its )?)?"
    r"(?:vision|vit\b|encoder|embedding|expert|draft|reward|mtp|adapter|per )",
    _I,
)
_NEGATED = Pattern(r"\b(?:not|no longer|cannot|can't|doesn't|don't|without|never|unable|neither)\b|不支持|无法", _I)
_TUNED = Pattern(
    r"fine-?tun(?!ed version)|(?<!pre)(?<!pre-)\btrain(?:ed|ing)\b|packed|truncat|calibrat|evaluat|tested|benchmark|quanti[sz]|"
    r"generation length|output|batch|max_seq|recommend|distill|conversation|微调|训练",
    _I,
)
_MEASURED = Pattern(
    r"\bexperiments (?:were|are)\b|\bconducted\b|validated on|(?:^|\s)--[a-z]|"
    r"\btemperature\b|\btop[-_ ]?p\b|scaffold|\bscores? (?:is|are|was|were)\b|"
    r"\bOn (?:[\w.+/-]{1,30} ){1,3}\($",
    _I,
)
_CUTS = Pattern(r"[,;(]|\band (?:can|it)\b")
_ANSWER_AFTER = Pattern(r"(?:[&+,]|\band\b)[^.;&+,]{0,14}\boutput\b", _I)
BASE = Pattern(
    r"\bbase model\b|based on|built (?:up)?on|derived from|initiali[sz]ed from|using the|starting (?:with|from)|successor|基于|二代", _I
)
_RANGE = Pattern(r"(?:ranging|range|vary\w*|scales?|sizes?)\b[^.]{0,30}\bfrom\b|\bbetween\b|从", _I)
_TO = Pattern(r"\d ?[bmt]?(?:illion)? ?(?:~|-|to) ?$", _I)
_TO_AFTER = Pattern(r" ?(?:parameters? )?(?:to|-|~) ?\d")
_AMONG_EXPERTS = Pattern(r"[ -]param\w+ (?:\w+ )?model with \d+ experts", _I)
_EXAMPLE = Pattern(r"for example|for instance|e\.g\.|limited to ?$|例如", _I)
_ALSO = Pattern(r"also (?:comes?|available|released?)|other (?:sizes|versions)|sibling", _I)
_SIZES_NAMED = Pattern(r"\bfor (?:the )?(?:\d{1,4}(?:\.\d)?[bm](?:, (?:and )?| and )){0,6}$", _I)
_ADDRESSED = Pattern(r"\byou(?:'ve|rself)\b", _I)
_TOKENS_AFTER = Pattern(r" ?-?tokens?\b|万亿 ?token|亿 ?token", _I)
_CLASS_AFTER = Pattern(r"[^.]{0,6}以下")
_SOME_LAYERS = Pattern(
    r"\b(?:add|new|extra|additional|first|last|top|bottom|every|freez|remov|prun|insert|upscal|target|replac|interleav|delet|skip|"
    r"of the|each|between|conv\w*|attention|dense|shared|between|alternat)\w*\b[^,;.]{0,30}$",
    _I,
)
_OTHER_VOCABULARY = Pattern(r"re-?train|merg|extend|expand|add(?:ed|ing|itional)|original|\bnew\b|contain|over ?$|than ?$", _I)
_SAID_TO_BE = ("evaluated", "trained", "recommended")
"""Roles that their wording gives a length: nothing around it is asked."""
_COMPARISON = "a comparison with other models"


def refusal(kind: str, role: str, before: str, clause: str, after: str) -> str | None:
    """Why a number is not the model's own; None where it is.

    `before` and `after` are the sentence around the number, `clause` the part of `before` that it belongs to.
    """
    if kind == TRAINING_TOKENS:
        return _COMPARISON if _COMPARED.search(_MORE_THAN.sub("", clause)[-70:]) else None
    if kind in (EXPERTS, TOP_K, SHARED_EXPERTS):
        return _COMPARISON if _COMPARED.search(clause[-70:]) else None
    if kind != CONTEXT and _TOKENS_AFTER.match(after) and kind != VOCABULARY:
        return "a count of training tokens"
    if _COMPARED.search(clause[-70:]):
        return _COMPARISON
    if _NEGATED.search(before[-80:]):
        return "denied in the same sentence"
    if kind == CONTEXT:
        return _of_length(role, before, after)
    if kind == LAYERS and _SOME_LAYERS.search(clause[-45:]):
        return "some of the layers"
    if kind == VOCABULARY:
        return "a vocabulary beside the model's own" if _OTHER_VOCABULARY.search(before) else None
    return _of_size(before, clause, after)


def _of_length(role: str, before: str, after: str) -> str | None:
    around = _CUTS.split(before[-110:])[-1] + _ANSWER_AFTER.split(after[:40])[0][:25]
    if role not in _SAID_TO_BE and (_TUNED.search(around) or _MEASURED.search(before)):
        return "the length of a training or evaluation run"
    if BASE.search(around if role == "trained" else before[-60:]):
        return "the length of the base model"
    return "an example" if role != "trained" and _EXAMPLE.search(before[-90:]) else None


def _of_size(before: str, clause: str, after: str) -> str | None:
    if _COMPONENT.search(clause[-45:]) or _COMPONENT_AFTER.match(after):
        return "a component of the model"
    if _SIZES_NAMED.search(before[-60:]):
        return "a size that names a model"
    if _ADDRESSED.search(after):
        return "said to somebody in an example"
    if _CLASS_AFTER.match(after):
        return "a class of models"
    if _AMONG_EXPERTS.match(after):
        return "total or activated is not said"
    if _RANGE.search(before[-70:]) or _TO.search(before) or _TO_AFTER.match(after):
        return "a range of sizes"
    return "a sibling" if _ALSO.search(before[-60:]) else None
