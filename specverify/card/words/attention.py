"""The attention mechanism: how heads share keys and values, windows, recurrence, sparsity."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.kinds import ATTENTION
from specverify.card.words.found import Found, Vocabulary, all_of, last_match, spelled
from specverify.pattern import Pattern

_I = re.IGNORECASE
HINTS = ("attention", "注意力")
SURE_NAMES: Vocabulary = (
    ("mla", Pattern(r"multi[- ]?head[- ]latent[- ]attention(?: ?\(MLA\))?|\bMLA\b", _I)),
    ("gqa", Pattern(r"group(?:ed)?[- ]+(?:multi-?)?query[- ]+attentions?(?: ?\(GQA\))?|分组查询注意力", _I)),
    ("mqa", Pattern(r"multi[- ]?query[- ]attention(?: ?\(MQA\))?|多查询注意力", _I)),
    ("local-global", Pattern(r"(?:local[ /-](?:and[ -]|to[ -])?global|global[ /-](?:and[ -])?local) (?:\w+[ -])?attention", _I)),
    (
        "local-global",
        Pattern(
            r"(?:alternat|interleav)\w+ (?:\w+[ -]){0,3}(?:local|sliding)(?:[- ]\w+){0,4}? (?:and|with) (?:\w+[ -]){0,2}(?:global|"
            r"full)",
            _I,
        ),
    ),
    ("swa", Pattern(r"sliding[- ]?window (?:self-)?attention(?: ?\(SWA\))?|滑动窗口注意力", _I)),
    ("linear", Pattern(r"lightning attention|gated[- ]delta[- ]?net(?:works?)?|kimi delta attention(?: ?\(KDA\))?|线性注意力", _I)),
    (
        "sparse",
        Pattern(r"(?:(?:deepseek|native|block|learned|trainable) )?(?:block-)?sparse attention(?: ?\((?:DSA|NSA)\))?|稀疏注意力", _I),
    ),
    ("hybrid", Pattern(r"hybrid (?:linear )?attention|hybrid-attention|混合注意力", _I)),
    ("linear", Pattern(r"linear attention", _I)),
    ("none", Pattern(r"attention-free", _I)),
)
NAMES: Vocabulary = (
    *SURE_NAMES,
    ("gqa", Pattern(r"\bGQA\b|grouped[- ]query", _I)),
    ("mqa", Pattern(r"\bMQA\b|multi-?query", _I)),
    ("mha", Pattern(r"\bMHA\b|multi-?head (?:self-)?attention", _I)),
    ("swa", Pattern(r"\bSWA\b|sliding[- ]window", _I)),
    ("linear", Pattern(r"\b(?:KDA|GDN|lightning|gated ?deltanet|RWKV|retention)\b", _I)),
    ("mamba", Pattern(r"\bmamba-?2?\b", _I)),
    ("sparse", Pattern(r"\b(?:DSA|NSA|MoBA)\b")),
    ("hybrid", Pattern(r"\bhybrid\b", _I)),
)
_USES = Pattern(
    r"\b(?:us(?:es?|ed|ing)|employ(?:s|ed|ing)?|adopt(?:s|ed|ing)?|leverag(?:es?|ed|ing)|utili[sz](?:es?|ed|ing)|featur(?:es?|ing)|"
    r"incorporat(?:es?|ed|ing)|integrat(?:es?|ed|ing)|includ(?:es?|ing)|with|combin(?:es?|ed|ing)|based on|introduc(?:es?|ing)|equipped|"
    r"has|have|interleaves?|alternates?|implements?|powered by|core is|designs?|is an?)\b|采用|基于|使用|引入",
    _I,
)
_TOOL = Pattern(r"kernel|optimi[sz]ation|library|backend|implementation|parallel|flash", _I)
_FOR_TRAINING = Pattern(r" (?:\w+ )?(?:during|for|in) (?:the )?(?:fine-?tuning|training)", _I)
_HEADS = Pattern(r"(?:attention heads?|注意力头数?) ?\((GQA|MQA|MHA)\)$", _I)
_VERB = Pattern(r"alternates|interleaves", _I)
_IS_A = Pattern(r"\bis an?$", _I)
_ARCHITECTURE = Pattern(r" (?:\w+ )?(?:architecture|model|transformer|language model)\b", _I)
WITHDRAWN = Pattern(
    r"\b(?:not|n't) (?:yet )?(?:include|use|adopt|enable|implement|support)\w{0,2}\b[^.]{0,80}(?:attention|\bGQA\b|\bSWA\b)", _I
)
"""A later sentence that takes an attention mechanism back: it is in the design, and not in this release."""
_YES = Pattern(r"\W*(?:yes|true|✓|✔|✅|是)\W*", _I)


def value(text: str) -> Iterator[Found]:
    """The mechanisms of the value of an attention label."""
    found = list(all_of(ATTENTION, NAMES, text[:200]))
    yield from found
    if not found:
        yield Found(ATTENTION, 0, min(len(text), 200), refused="the mechanism named is none that is known by its name")


def heads(label: str) -> Iterator[Found]:
    """The sharing that a label of the number of heads has in parentheses: `Number of Attention Heads (GQA)`."""
    found = _HEADS.search(label)
    if found is not None:
        yield Found(ATTENTION, found.start(1), found.end(1), (found.group(1).lower(),))


def flag(text: str) -> Iterator[Found]:
    """Whether a column headed GQA says yes."""
    if _YES.fullmatch(text[:20]):
        yield Found(ATTENTION, 0, len(text), ("gqa",))
    elif text.strip():
        yield Found(ATTENTION, 0, min(len(text), 60), refused="denied in the same statement")


def item(text: str) -> Iterator[Found]:
    """A list item that is nothing but the name of a mechanism."""
    for word, start, end in spelled(SURE_NAMES, text):
        if len(text) - (end - start) <= 12:
            yield Found(ATTENTION, start, end, (word,))


def sentence(text: str) -> Iterator[Found]:
    """The mechanisms a sentence says the model uses."""
    found = spelled(SURE_NAMES, text)
    for word, start, end in found:
        before, after = text[max(0, start - 120) : start], text[end : end + 40]
        uses = last_match(_USES, before)
        if _TOOL.search(after[:24]) or _TOOL.search(before[-14:]):
            yield Found(ATTENTION, start, end, (word,), refused="a part of some software")
        elif _FOR_TRAINING.match(after):
            yield Found(ATTENTION, start, end, (word,), refused="a setting of training")
        elif word == "local-global" and _VERB.match(text, start):
            yield Found(ATTENTION, start, end, (word,))
        elif uses is None or (_IS_A.search(uses.group()) and not _ARCHITECTURE.match(after)):
            yield Found(ATTENTION, start, end, (word,), refused="the sentence does not say that the model uses it")
        else:
            at = max(0, start - 120) + uses.start()
            yield Found(ATTENTION, start, end, (word,), subject_end=at)
