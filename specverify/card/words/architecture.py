"""The class of model: dense or a mixture of experts, which half of a transformer, recurrent or not, with sight or without."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.kinds import ARCHITECTURE
from specverify.card.words.found import Found, Vocabulary, all_of, last_match, spelled
from specverify.pattern import Pattern

_I = re.IGNORECASE
HINTS = ("expert", "moe", "decoder", "encoder", "regressive", "causal", "dense ", "mamba", "prefix-l", "prefix l", "prefixl", "vision-l",
         "vision l", "visual l", "visual-l", "专家", "自回归", "seq2seq", "sequence-to")  # fmt: skip
_EXPERTS = r"mix(?:ture|ure)?[- ]+of[- ]+(?:\d{1,4}[- ])?experts?(?: ?\(?SMoE\)?| ?\(MoE\))?|混合专家(?:模型)?(?: ?\(MoE\))?"
_CLASSES: Vocabulary = (
    ("encoder-decoder", Pattern(r"encoder[-/ ](?:and[- ])?decoder|seq(?:uence)?-?(?:2|to)-?seq(?:uence)?", _I)),
    ("moe", Pattern(_EXPERTS, _I)),
    ("moe", Pattern(r"\b(?:S?MoE|MOE)\b(?!-)")),
    ("prefix-lm", Pattern(r"prefix[- ]?(?:lm\b|decoder|language model)", _I)),
    ("decoder-only", Pattern(r"(?:causal )?decoder[- ]only|transformer[- ]decoder|decoder transformer", _I)),
    ("encoder-only", Pattern(r"encoder[- ]only|bidirectional encoder(?= models?\b| transformers?\b)", _I)),
    ("decoder-only", Pattern(r"causal (?:language models?|lms?)\b|因果语言模型", _I)),
    ("decoder-only", Pattern(r"auto-?regressive (?:\w+ )?(?:language models?|llms?|lms?|transformers?)\b|自回归(?:语言)?模型", _I)),
    ("vision-language", Pattern(r"(?:vision|visual)[- ]language(?: model)?", _I)),
    ("mamba", Pattern(r"\bmamba-?2?\b", _I)),
)
CLASSES: Vocabulary = (
    *_CLASSES,
    ("vision-language", Pattern(r"\bVLMs?\b")),
    ("dense", Pattern(r"\bdense\b(?! (?:retriev|embedding|passage|vector))", _I)),
    ("hybrid", Pattern(r"\bhybrid\b(?![ -](?:reason|think|search|retriev))", _I)),
)
_SENTENCE: Vocabulary = (
    *_CLASSES,
    ("dense", Pattern(r"\bdense(?= (?:\w+[- ]){0,2}(?:language model|llm|transformer|decoder|model))", _I)),
    ("hybrid", Pattern(r"\bhybrid(?= (?:mamba|transformer|ssm|state[- ]space|attention-mamba|linear))", _I)),
)
_IS = Pattern(
    r"(?:\b(?:is|are|being|as|present|introduce|release|announce|unveil|open-sourc(?:e|ing)|adopts?|uses?|using|employs?|"
    r"leverag(?:es?|ing)|"
    r"utili[sz](?:es?|ing)|features?|has|have|powered by|built (?:on|upon|with)|based on|follows?|combines?|via|with|through)\b|,)"
    r"\s*(?:(?:an?|the|our|its)\b)?[\s\"']*$|^\W*(?:an?|the|our)[\s\"']*$",
    _I,
)
_NO_LINK = r"(?!(?:that|which|with|for|to|of|is|are|and|in|by|on|as|from|the|an?|can|has)\b)"
_GAP = rf"{_NO_LINK}[\w().+-]{{1,30}}"
_ADJECTIVES = Pattern(rf"(?:{_GAP}[ ,/]{{1,3}}){{0,9}}", _I)
_NOUN = Pattern(
    rf"(?:[ -]{{1,3}}{_NO_LINK}[\w/().+]{{1,30}}){{0,6}}?[ -]{{1,3}}"
    r"(?:(?:large )?language[- ]models?|models?|llms?|lms?|transformers?|architectures?|networks?|decoders?|"
    r"backbones?|designs?|variant)\b|\W*模型|\W*架构",
    _I,
)
_ARTICLE = Pattern(
    r"(?:\b(?:is|are|present|introduce|release|meet|adopts?|uses?|employs?|leverages?|powered by|features?|as|on)\b|[,—]|^\W*)\s*"
    r"(?:an?|the|our)\s|[—:] ?the\s|\b(?:series|family|collection|suite) of\s",
    _I,
)
_ITSELF = Pattern(rf"\b(?:is|are) an? (?:{_GAP},? ){{0,6}}$", _I)
_NO_PART = Pattern(r"(?! (?:technique|method|approach|layer|block|router|training|implementation|paradigm|research))", _I)
_NOUN_WITHIN = Pattern(r"(?:models?|llms?|lms?|transformers?|模型)$", _I)
_BOTH = Pattern(r"\bdense and\b|\band dense\b|dense or|variants of|both ", _I)
_LIKENESS = Pattern(r"same (?:\w+ )?architecture|similar to|like (?:the )?|inspired by|unlike", _I)


def value(text: str) -> Iterator[Found]:
    """The classes named by the value of an architecture or type label."""
    head = re.split(r"(?<=[a-z)])[.;](?:\s|$)", text[:300])[0]
    for found in all_of(ARCHITECTURE, CLASSES, head):
        before = head[max(0, found.start - 40) : found.start]
        if {"dense", "moe"} <= set(found.terms) and "hybrid" not in found.terms:
            yield Found(ARCHITECTURE, found.start, found.end, refused="several variants in one statement")
        elif _LIKENESS.search(before):
            yield Found(ARCHITECTURE, found.start, found.end, refused="a comparison with other models")
        else:
            yield found


def sentence(text: str) -> Iterator[Found]:
    """The classes a sentence says the model is of: `NAME is a sparse mixture-of-experts language model`."""
    found = spelled(_SENTENCE, text)
    words = {word for word, _, _ in found}
    for word, start, end in found:
        before = text[max(0, start - 160) : start]
        article = last_match(_ARTICLE, before)
        is_a = _IS.search(before) or (article is not None and _ADJECTIVES.fullmatch(before, article.end()))
        if {"dense", "moe"} <= words and "hybrid" not in words and _BOTH.search(text):
            yield Found(ARCHITECTURE, start, end, refused="several variants in one statement")
        elif word == "moe" and _ITSELF.search(before) and _NO_PART.match(text, end):
            yield Found(ARCHITECTURE, start, end, (word,))
        elif not is_a or not (_NOUN.match(text, end) or _NOUN_WITHIN.search(text[start:end])):
            yield Found(ARCHITECTURE, start, end, refused="the sentence does not say that the model is of this class")
        elif _LIKENESS.search(before[-60:]):
            yield Found(ARCHITECTURE, start, end, refused="a comparison with other models")
        else:
            yield Found(ARCHITECTURE, start, end, (word,))
