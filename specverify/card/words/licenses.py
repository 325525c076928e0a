"""Licences by their ids on the Hub, of the weights and of the code.

A licence the Hub has no id for is `other:NAME`, the name as the card writes it, in lower case with hyphens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.kinds import CODE_LICENSE, LICENSE
from specverify.card.words.found import Found, Vocabulary, last_match, spelled
from specverify.pattern import Pattern

_I = re.IGNORECASE
HINTS = ("licen", "协议", "许可")
_CC = r"(?:cc|creative commons)[- ](?:attribution[- ])?"
_NC = r"(?:by[- ])?(?:nc|non-?commercial)"
_V = r"(?:[- ](?:v|version )?4(?:\.0)?)"
NAMES: Vocabulary = (
    ("other:modified-mit", Pattern(r"\bmodified[- _]MIT\b(?: license)?", _I)),
    ("apache-2.0", Pattern(r"\bapache(?:[- ]?licen[sc]e)?,?[- ]?\(?(?:v(?:ersion)?\.? ?)?2(?:\.0)?(?!\d|\.\d)(?:[- ]licen[sc]e)?", _I)),
    ("mit", Pattern(r"\bMIT\b(?! ?(?:csail|press|-licensed (?:data|code)))(?: licen[sc]e)?")),
    ("bsd-3-clause", Pattern(r"\bbsd[- ]3[- ]clause\b", _I)),
    ("bsd-2-clause", Pattern(r"\bbsd[- ]2[- ]clause\b", _I)),
    ("agpl-3.0", Pattern(r"\bagpl(?:[- ]?v?3(?:\.0)?)\b|gnu affero general public licen[sc]e,? (?:v|version )3(?:\.0)?", _I)),
    ("lgpl-3.0", Pattern(r"\blgpl(?:[- ]?v?3(?:\.0)?)\b", _I)),
    ("gpl-3.0", Pattern(r"\bgpl(?:[- ]?v?3(?:\.0)?)\b|gnu general public licen[sc]e,? (?:v|version )3(?:\.0)?", _I)),
    ("cc-by-nc-sa-4.0", Pattern(rf"\b{_CC}{_NC}[- ](?:sa|sharealike){_V}", _I)),
    ("cc-by-nc-nd-4.0", Pattern(rf"\b{_CC}{_NC}[- ](?:nd|noderivatives){_V}", _I)),
    ("cc-by-nc-4.0", Pattern(rf"\b{_CC}{_NC}{_V}", _I)),
    ("cc-by-nc-2.0", Pattern(r"\bcc[- ]by[- ]nc[- ]2\.0", _I)),
    ("cc-by-sa-4.0", Pattern(rf"\b{_CC}(?:by[- ])?(?:sa|sharealike){_V}|\bcc[- ]by[- ]sa[- ]4\.0", _I)),
    ("cc-by-sa-3.0", Pattern(r"\bcc[- ]by[- ]sa[- ]3\.0", _I)),
    ("cc-by-4.0", Pattern(rf"\bcc[- ]by{_V}|creative commons attribution{_V}", _I)),
    ("cc0-1.0", Pattern(r"\bcc0(?:[- ]1\.0)?\b", _I)),
    ("llama3.1", Pattern(r"\bllama[- ]?3\.1 (?:community )?licen[sc]e(?: agreement)?", _I)),
    ("llama3.2", Pattern(r"\bllama[- ]?3\.2 (?:community )?licen[sc]e(?: agreement)?", _I)),
    ("llama3.3", Pattern(r"\bllama[- ]?3\.3 (?:community )?licen[sc]e(?: agreement)?", _I)),
    ("llama4", Pattern(r"\bllama[- ]?4 (?:community )?licen[sc]e(?: agreement)?", _I)),
    ("llama3", Pattern(r"\bllama[- ]?3 (?:community )?licen[sc]e(?: agreement)?|\bllama3\b(?= ?$)", _I)),
    ("llama2", Pattern(r"\bllama[- ]?(?:v)?2 (?:community )?licen[sc]e(?: agreement)?|\bllama2\b(?= ?$)", _I)),
    ("gemma", Pattern(r"\bgemma (?:terms of use|licen[sc]e)|\bgemma\b(?= ?$)", _I)),
    ("bigscience-bloom-rail-1.0", Pattern(r"\bbigscience-bloom-rail-1\.0\b|\bbloom rail licen[sc]e(?: v?1\.0)?", _I)),
    ("bigscience-openrail-m", Pattern(r"\bbigscience[- ]open-?rail-?m\b", _I)),
    ("bigcode-openrail-m", Pattern(r"\bbigcode[- ]open-?rail-?m\b(?: v?1)?", _I)),
    ("creativeml-openrail-m", Pattern(r"\bcreativeml[- ]open-?rail(?:\+\+)?-?m\b", _I)),
    ("openrail", Pattern(r"\bopen-?rail(?:-m)?\b", _I)),
)
_IN_NAMES = ("mit", "apache", "bsd", "gpl", "gnu", "cc", "creative", "llama", "gemma", "rail")
"""One of these is in every name above."""
_NAMED = Pattern(
    r"(?<![\w-])(?P<name>(?:[A-Z0-9][\w.&+/-]{0,24},? ){0,4}?(?:(?:AI )?(?:Open |Community |Research |Model |Non-?Commercial |"
    r"Custom |Public )){0,4}"
    r"(?:License|Licence|LICENSE|Terms of Use)(?: Agreement)?(?: (?:v|Version )?\d(?:\.\d)?(?: ?- ?NC)?)?)(?!\w)"
)
_GENERIC = Pattern(
    r"(?:the |a |this |our |see |under |\W)*(?:(?:code|model|source|open|open[- ]source|software|license|licence|custom|commercial|"
    r"community|original|main|project|full) ?)*"
    r"(?:licen[sc]e|terms of use)(?: agreement)?",
    _I,
)
_UNDER = Pattern(
    r"\b(?:(?:released?|licen[sc]ed|distributed|available|open-?sourced?|published|provided|shared|governed|covered|made available|"
    r"under)\b(?: \w+){0,4}? "
    r"(?:under|by|with|as|is|on)|subject to|licen[sc]e (?:is|:)|follows?|adheres? to|adherence to|comply with|bound by|under)\b|"
    r"采用|遵循|依照|基于|根据|遵守",
    _I,
)
_CODE = Pattern(r"\b(?:source[- ])?code(?:base)?\b(?! (?:generation|llama|llm|model))|代码|\bscripts?\b", _I)
_WEIGHTS = Pattern(r"\b(?:models?|weights?|checkpoints?|parameters)\b|模型|权重", _I)
_DATA = Pattern(
    r"\b(?:data(?:sets?)?|corpus|corpora|dataset|images?|paper|library|tokenizer|notebook|examples?|benchmark|website|tool|"
    r"package)\b|数据",
    _I,
)
_NOT_ITS_OWN = Pattern(
    r"\b(?:original(?:ly)?|formerly|previous\w{0,2}|base (?:model|weights)|underlying|upstream|inherit\w{0,3}|if (?:you|the)|not\b|"
    r"unless|except|all rights|"
    r"same as|similar to|respective|permissive\w{0,2}[- ]licensed|copyright|will be|may be|instead of|other|their own|compatible|"
    r"variant of|versions? of this|contribut\w{1,5}|uses|built with)\b",
    _I,
)


def license_id(text: str) -> str | None:
    """The id of the one licence that a short text is the name of."""
    found = spelled(NAMES, text)
    if len({word for word, _, _ in found}) == 1:
        return found[0][0]
    named = _NAMED.search(text) if not found else None
    return _other(named) if named is not None and not _GENERIC.fullmatch(named.group()) else None


def _other(named: re.Match[str]) -> str:
    bare = re.sub(r"(?i)\b(?:the|license|licence|agreement|terms of use)\b", " ", named.group("name"))
    slug = re.sub(r"[^a-z0-9.]+", "-", bare.lower()).strip("-.")
    return f"other:{slug}"


def _licences(text: str) -> Iterator[tuple[str, int, int]]:
    """The licences a text names, those with an id and those with a name of their own."""
    lower = text.lower()
    known = spelled(NAMES, text) if any(word in lower for word in _IN_NAMES) else []
    yield from known
    if "icense" not in text and "ICENSE" not in text and "icence" not in text and "erms of Use" not in text:
        return
    for named in _NAMED.finditer(text):
        if not _GENERIC.fullmatch(named.group()) and all(named.end() <= start or named.start() >= end for _, start, end in known):
            yield _other(named), named.start(), named.end()


def value(kind: str, text: str) -> Iterator[Found]:
    """The licence beside a label; several in one value say no single one."""
    head = re.split(r"(?<=[a-zA-Z)])\.(?:\s|$)", text[:160])[0]
    found = list(_licences(head))
    names = {word for word, _, _ in found}
    if len(names) == 1:
        word, start, end = found[0]
        if _NOT_ITS_OWN.search(head[:start]) or _DATA.search(head[:start]):
            yield Found(kind, start, end, refused="the licence of something else")
        elif kind == LICENSE and _CODE.search(head) and not _WEIGHTS.search(head):
            yield Found(CODE_LICENSE, start, end, (word,))
        else:
            yield Found(kind, start, end, (word,))
    elif names:
        yield Found(kind, 0, len(head), refused="several licences in one value")


def sentence(text: str) -> Iterator[Found]:
    """What a sentence says code and weights are licensed under."""
    at = 0
    for word, start, end in sorted(_licences(text), key=lambda item: item[1]):
        before = text[max(at, start - 170) : start]
        under = last_match(_UNDER, before)
        at = end
        if under is None or len(before) - under.end() > 60:
            yield Found(LICENSE, start, end, refused="the sentence does not say what is licensed under it")
            continue
        what = before[: under.start()]
        if _TOGETHER.match(text[end : end + 110]):
            yield Found(LICENSE, start, end, refused="several licences in one statement")
            continue
        if _NOT_ITS_OWN.search(before) or _DATA.search(what[-60:]):
            yield Found(LICENSE, start, end, refused="the licence of something else")
            continue
        code, weights = _CODE.search(what), _WEIGHTS.search(what)
        subject_end = start - len(before) + under.start()
        if code and not weights:
            yield Found(CODE_LICENSE, start, end, (word,), subject_end=subject_end, own=True)
            continue
        if code and weights:
            yield Found(CODE_LICENSE, start, end, (word,), subject_end=subject_end, own=True)
        itself = re.search(
            r"\b(?:this|the|our|all)\b[^.]{0,60}$|\b(?:project|repository|repo)\b|模型|权重|^\W*(?:weights|models?)", what, _I
        )
        yield Found(LICENSE, start, end, (word,), subject_end=subject_end, own=bool(itself))


_SAYING_NOTHING = Pattern(r"\b(?:model|agreement|licen[sc]e|custom|community|see|other|the|file)\b|\W+", _I)
_TOGETHER = Pattern(
    r"(?: ?licen[sc]e| ?许可证| ?协议)?\W{0,3}(?:and|as well as|和|与|以及)(?! (?:model|weights|the (?:model|weights|"
    r"use)))(?:(?!under|subject|weights|权重)[^.;]){0,80}?"
    r"(?:licen[sc]e|许可|协议)",
    _I,
)
_BADGE = Pattern(r"img\.shields\.io/badge/(?P<label>[\w%. -]{0,40}?licen[sc]e[\w%. ]{0,20})-(?P<name>(?:[^-\s\"'()<>?&]|--){1,60})-", _I)


def badges(text: str, start: int) -> Iterator[tuple[str, str, int, int]]:
    """The kind, the licence and the span of each licence badge from `start` on."""
    at = text.find("img.shields.io/badge/", start)
    if at < 0:
        return
    for match in _BADGE.finditer(text, at):
        label = re.sub(r"%20|_", " ", match.group("label")).lower()
        name = re.sub(r"%20|_", " ", match.group("name").replace("--", "-"))
        word = license_id(name) or license_id(f"{name} License")
        if word is None or "data" in label or not _SAYING_NOTHING.sub("", name).strip():
            continue
        yield CODE_LICENSE if "code" in label else LICENSE, word, match.start("name"), match.end("name")
