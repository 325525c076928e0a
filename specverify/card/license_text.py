"""Which licence a text is the text of, told by phrases that only that licence has; None where it is not sure.

Ids are the Hub's where its list has the licence; the others are the names publishers write in `license_name`. A text with
the phrases of two licences is of neither: it may offer a choice, or hold one for the code and one for the weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specverify.pattern import Pattern

MOST = 96 * 1024
"""Characters of a text that are read; the longest licence on the Hub's list has fewer."""
HEAD = 700
"""Characters, white space run together, in which a text names itself."""
LONGEST_MIT = 3_000
"""Characters of a text that is the MIT licence alone, notices of several holders included."""


class LicenseText(NamedTuple):
    """A recognized text: the licence's id, and the line (from 1) where the text begins, as it stands there."""

    id: str
    line: int
    quote: str


_TITLES: tuple[tuple[str, str], ...] = (
    ("gpl-2.0", "gnu general public license version 2, june 1991"),
    ("gpl-3.0", "gnu general public license version 3, 29 june 2007"),
    ("agpl-3.0", "gnu affero general public license version 3, 19 november 2007"),
    ("lgpl-2.1", "gnu lesser general public license version 2.1, february 1999"),
    ("lgpl-3.0", "gnu lesser general public license version 3, 29 june 2007"),
    ("mpl-2.0", "mozilla public license version 2.0"),
    ("epl-2.0", "eclipse public license - v 2.0"),
    ("cc0-1.0", "cc0 1.0 universal"),
    ("creativeml-openrail-m", "creativeml open rail-m"),
    ("openrail++", "creativeml open rail++-m"),
    ("bigcode-openrail-m", "bigcode open rail-m"),
    ("bigscience-openrail-m", "bigscience open rail-m"),
    ("bigscience-openrail-m", "bigscience openrail-m"),
    ("bigscience-bloom-rail-1.0", "bigscience rail license v1.0"),
    ("gemma", "gemma terms of use"),
    ("grok2-community", "grok 2 community license agreement"),
    ("fair-noncommercial-research-license", "fair noncommercial research license"),
    ("tongyi-qianwen", "tongyi qianwen license agreement"),
    ("tongyi-qianwen-research", "tongyi qianwen research license agreement"),
    ("qwen", "qwen license agreement"),
    ("qwen-research", "qwen research license agreement"),
    ("deepseek", "deepseek license agreement"),
    ("mrl", "mistral ai research license"),
    ("mnpl", "mistral ai non-production license"),
    ("falcon-llm-license", "tii falcon llm license"),
    ("falcon-180b-license", "falcon 180b tii license"),
    ("nvidia-open-model-license", "nvidia open model license agreement"),
    ("nvidia-nemotron-open-model-license", "nvidia nemotron open model license"),
    ("yi-license", "yi series models community license agreement"),
    ("lfm1.0", "lfm open license v1.0"),
    ("microsoft-research-license", "microsoft research license terms"),
    ("stabilityai-ai-community", "stability ai community license agreement"),
    ("stabilityai-nc-research-community", "stability ai non-commercial research community license agreement"),
    ("databricks-open-model-license", "databricks open model license"),
    ("tencent-hunyuan-community", "tencent hunyuan community license agreement"),
    ("modified-mit", "modified mit license"),
)
"""Licences whose texts begin with their own name, and with no other's."""
_WHOLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("apache-2.0", ("apache license version 2.0, january 2004", "grant of copyright license", "grant of patent license")),
    ("unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("wtfpl", ("do what the fuck you want to public license", "you just do what the fuck you want to")),
    ("isc", ("permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted",)),
    ("bsl-1.0", ("boost software license - version 1.0",)),
    ("artistic-2.0", ("the artistic license 2.0", "package")),
)
"""Licences told by all of their phrases."""
_NOTICE = 'licensed under the apache license, version 2.0 (the "license"); you may not use this file except in compliance with the license'
LONGEST_NOTICE = 2_000
"""Characters of a text that is the notice of the Apache licence in place of its terms."""
_MIT = (
    "permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files",
    "the above copyright notice and this permission notice shall be included in all copies",
    'the software is provided "as is", without warranty of any kind',
)
_BSD = (
    "redistribution and use in source and binary forms, with or without modification, are permitted",
    "redistributions of source code must retain the above copyright notice",
)
_MORE_TERMS = ("non-commercial", "noncommercial", "modified mit", "modification part", "monthly active", "research purposes only")
"""What a text that began as the MIT or BSD licence says once somebody has added terms."""
_LLAMA = Pattern(r"\bllama (2|3\.[123]|3|4) community license agreement\b")
_OPENMDW = Pattern(r"\bopenmdw license agreement,? ?\(?version (1\.[01])\b")
_CC = Pattern(r"\battribution(-noncommercial)?(-sharealike|-noderivatives)? ([234]\.[05]) (?:international|generic|unported)\b")
_CC_PARTS = {"-noncommercial": "-nc", "-sharealike": "-sa", "-noderivatives": "-nd", None: ""}
_SPACE = Pattern(r"[\s#*=_>]+")
_QUOTES = {ord("“"): '"', ord("”"): '"', ord("’"): "'", ord("–"): "-", ord("—"): "-", ord("‑"): "-"}


def license_of(text: str) -> LicenseText | None:
    """The licence that a LICENSE file holds; None where none is recognized, or more than one."""
    text = text[:MOST]
    plain = _SPACE.sub(" ", text.lower().translate(_QUOTES)).strip()
    found = set(_named(plain)) or set(_worded(plain))
    if len(found) != 1:
        return None
    line, quote = next((n, line.strip()) for n, line in enumerate(text.split("\n"), 1) if line.strip())
    return LicenseText(found.pop(), line, quote)


def _named(plain: str) -> Iterator[str]:
    """The licences that the head of a text names itself as."""
    head = plain[:HEAD]
    yield from (name for name, title in _TITLES if title in head)
    for match in _LLAMA.finditer(head):
        yield f"llama{match.group(1)}"
    for match in _OPENMDW.finditer(head):
        yield f"openmdw-{match.group(1)}"
    if "creative commons" in plain and ("licensed material" in plain or '"original author"' in plain):
        for match in _CC.finditer(head):
            yield f"cc-by{_CC_PARTS[match.group(1)]}{_CC_PARTS[match.group(2)]}-{match.group(3)}"


def _worded(plain: str) -> Iterator[str]:
    """The licences whose whole wording a text has."""
    yield from (name for name, phrases in _WHOLE if all(phrase in plain for phrase in phrases))
    if _NOTICE in plain and len(plain) <= LONGEST_NOTICE:
        yield "apache-2.0"
    altered = any(term in plain for term in _MORE_TERMS)
    if len(plain) <= LONGEST_MIT and not altered:
        if all(phrase in plain for phrase in _MIT):
            yield "mit"
        if all(phrase in plain for phrase in _BSD) and "all advertising materials" not in plain:
            clear = "no express or implied licenses to any party's patent rights" in plain
            yield "bsd-3-clause-clear" if clear else "bsd-3-clause" if "neither the name of" in plain else "bsd-2-clause"
