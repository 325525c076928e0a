"""Whose mechanism, date or licence a sentence states, and the reasons why it is not the model's."""

from __future__ import annotations

import re

from specverify.card.names import KNOWN, Subject, core, nearest_name, size_in
from specverify.pattern import Pattern

_I = re.IGNORECASE
_SIZE = re.compile(r"(?<![\w.-])(\d{1,4}(?:\.\d{1,2})?) ?([BM])(?![\w])")
_SIZES = re.compile(r"\d(?: ?[BM])?(?:,| and| or| &|/) (?:and )?\d{1,4}(?:\.\d)? ?[BM]\b")
_COMPARED = Pattern(
    r"outperform|surpass|compar(?:ed|able|ison)|\brival|\bthan\b|\bvs\b|beats?\b|similar to|competitors?|such as|unlike|traditional|"
    r"previous|predecessor|超越|相比|优于|类似|传统",
    _I,
)
_NEGATED = Pattern(
    r"\b(?:not|no longer|cannot|can't|doesn't|don't|didn't|without|never|unable|neither|instead of|rather than|replac\w{1,4})\b|"
    r"不支持|无法|没有",
    _I,
)
_FUTURE = Pattern(
    r"\b(?:will|would|plan(?:s|ned)? to|going to|upcoming|future|soon|could|might|to explore|aim(?:s|ed)? to)\b|即将|未来|计划", _I
)
_COMPONENT = Pattern(
    r"vision (?:encoder|tower|transformer)|\bvit\b|image encoder|audio encoder|speech encoder|draft model|reward model|\bmtp\b|"
    r"tokenizer|teacher",
    _I,
)
_OWN = Pattern(
    r"\b(?:this|the|these|our|all|both|each|these)(?: [\w-]+){0,4} (?:models?|versions?|variants?|architecture|series|family|"
    r"release|llms?|checkpoints?|repos?\w{0,6}|weights)\b|"
    r"\b(?:it|we|it's|they|i)\b|^\W*(?:an?|the)? ?(?:[\w.%-]+ ){0,4}$|(?:该|本|我们的?)模型|本(?:仓库|项目)|^\W*[\w /&-]{3,40}: ?",
    _I,
)
_STARTS_LIKE_A_NAME = Pattern(
    r"\W*(?!The\b|This\b|It\b|Our\b|We\b|These\b|All\b|Both\b|Each\b|They\b|An?\b|Model\b|Models\b|There\b|Inference\b|Which\b|That\b)"
    r"([A-Z][\w.-]*)(?:\s+v?\d[\w.]*)?\s+(?:is|was|are|uses|utilizes|adopts|has|employs|features|leverages|supports)\b"
)
_SOME = Pattern(r"\b(?:bigger|larger|largest|smaller|some|other|certain|several|many) (?:[\w-]+ )?(?:models|versions|variants)\b", _I)
_LATER = Pattern(r"[^,.;]{0,40}, ?(?:the |our )?([A-Z][\w.-]{1,60})(?![\w.-])")
"""The model behind what it is based on: `Based on X attention, NAME has ...`."""
_NEWS_HEADING = Pattern(r"\b(?:news|updates?|change ?log|release notes|what's new|history)\b|更新|新闻|动态", _I)
_PRONOUN = Pattern(r"\W*(?:it|they|this|the (?:model|resulting model|architecture)|our model|we|该模型|模型)\b", _I)
_NEWS = re.compile(r"\W*(?:news\W*)?(?:\d{4}[./-]\d|20\d\d年)", re.IGNORECASE)

Whose = tuple[str | None, str, str | None]
"""The name the sentence gives the model, the relation to the card's own, and why the statement is refused."""


def whose(subject: Subject, sentence: str, at: int, end: int, earlier: str, *, own: bool = False) -> Whose:
    """Whose statement stands at `sentence[at:end]`, by the words before it; `own` where its wording says so itself."""
    before, after = sentence[:at], sentence[end : end + 60]
    reason = _refusal(before, after, sentence)
    if reason is None and _SOME.search(sentence[max(0, at - 120) : end + 40]):
        reason = "true of some of several models"
    name = nearest_name(before, subject)
    relation = subject.relation(name) if name else "self"
    if name is None and _PRONOUN.match(sentence):
        told = nearest_name(earlier[-400:], subject)
        if told is not None and subject.relation(told) not in ("other", "unknown"):
            name, relation = told, subject.relation(told)
    if name is None and (later := _LATER.match(sentence, end)) is not None:
        behind = nearest_name(later.group(1), subject)
        if behind is not None:
            name, relation = behind, subject.relation(behind)
    if relation == "sibling" and name is not None and _beside_own(subject, before, name):
        relation = "family"
    if relation == "other":
        if _PRONOUN.match(before) or re.search(
            r"\b(?:this|our|the resulting) model\b|\bit\b|\bwe\b", before[before.rfind(name or "") :], _I
        ):
            name, relation = None, "self"
        else:
            reason = reason or f"about {name}"
    elif name is None:
        reason = reason or _not_its_own(subject, before, own)
    if relation == "unknown":
        relation = "self"
    return name, _of_size(subject, relation, name, f"{before[-90:]}"), reason


def news(section: tuple[str, ...]) -> bool:
    """Whether a text stands among the news of a project, which are of other models as often as of this one."""
    return any(_NEWS_HEADING.search(heading) for heading in section[1:])


def _beside_own(subject: Subject, before: str, name: str) -> bool:
    """Whether the name is the last of a list that the model itself is in: `A and B`."""
    ahead = before[max(0, before.rfind(name) - 60) : before.rfind(name)]
    joined = re.search(r"(\S+) ?(?:,|&|and|和|、) ?(?:the )?$", ahead)
    return joined is not None and subject.relation(joined.group(1)) == "self"


def _not_its_own(subject: Subject, before: str, own: bool) -> str | None:
    """Why a sentence that names no model in a known way is not surely about the card's own."""
    opening = _STARTS_LIKE_A_NAME.match(f"{before} is ")
    if opening is not None:
        first = (core(opening.group(1)) or ("",))[0]
        if first in KNOWN and first not in subject.roots:
            return f"about {opening.group(1)[:60]}"
        if any(first in words for words in subject.cores):
            return None
        return None if own else "not surely about the model of the card"
    return None if own or _OWN.search(before) else "not surely about the model of the card"


def of_size(subject: Subject, size: str) -> str:
    """The relation of the size a statement is bound to: `for the 70B`."""
    stated = size_in(size)
    if stated is None or subject.size is None:
        return "family"
    return "self" if abs(stated - subject.size) <= 0.06 * subject.size else "sibling"


def _of_size(subject: Subject, relation: str, name: str | None, before: str) -> str:
    """A statement bound to another size than the repo's name hints at is a sibling's."""
    sizes = [float(number) * (10**9 if unit == "B" else 10**6) for number, unit in _SIZE.findall(before)]
    if relation not in ("self", "family") or not sizes or (name and size_in(name) is not None):
        return relation
    if not re.search(r"\bfor the|\bversions?\b|\bmodels?\b|\bvariants?\b|\bcheckpoints?\b|-- ?$| - ", before, _I):
        return relation
    if subject.size is None or _SIZES.search(before):
        return "family"
    return "sibling" if all(abs(size - subject.size) > 0.1 * subject.size for size in sizes) else relation


def _refusal(before: str, after: str, sentence: str) -> str | None:
    clause = re.split(r"[;(]|\bwhile\b|\bbut\b|, and\b", before[-160:])[-1]
    if _NEWS.match(sentence):
        return "news of a release"
    if _COMPARED.search(clause[-90:]):
        return "a comparison with other models"
    if _NEGATED.search(clause[-70:]):
        return "denied in the same sentence"
    if _FUTURE.search(clause[-70:]):
        return "a plan"
    if _COMPONENT.search(clause[-50:]) or re.match(
        r"[ -]*(?:vision (?:encoder|tower|transformer)|vit\b|draft|reward|reference)", after, _I
    ):
        return "a component of the model"
    return None
