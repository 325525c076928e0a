"""The wordings that give a number of a sentence its kind: what is counted, and the role of a length."""

from __future__ import annotations

import re
from typing import NamedTuple

from specverify.card.kinds import (
    ACTIVE,
    CONTEXT,
    EXPERTS,
    HEAD_DIM,
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
from specverify.card.numbers import PARAMETERS, TOKENS, WHOLE
from specverify.pattern import Pattern

N = rf"({PARAMETERS})"
T = rf"({TOKENS})"
W = rf"({WHOLE})"
_I = re.IGNORECASE
_PARAMETER = r"[ -]?(?:param(?:eter|ater)?s?)\b"
JOIN = r"(?: ?, ?(?:and )?| and | & | ?/ ?|、|和)"
LISTED = "listed"
"""One of several sizes: a family's, not one model's, unless the model's name says which."""
_SEVERAL = "different|various|multiple|two|three|four|five|six|seven|eight"
_ACTIVE_WORD = r"(?:activated?|actived|active|live|activation)"


class Wording(NamedTuple):
    """A pattern whose first group is a number of this kind, the role it gives it, and words one of which it always holds.

    A sentence without any of those needs the expression neither compiled nor tried.
    """

    kind: str
    role: str
    pattern: Pattern
    stems: tuple[str, ...]


PARAMETER_PATTERNS: tuple[Wording, ...] = tuple(
    Wording(kind, role, Pattern(pattern, _I), tuple(stems.split(";")))
    for kind, role, stems, pattern in (
        (ACTIVE, "stated", "activ;live", rf"{N} (?:of )?{_ACTIVE_WORD}\b"),
        (ACTIVE, "stated", "activ", rf"{N}{_PARAMETER},? (?:are |is |being )?(?:only )?(?:activated|active)\b"),
        (ACTIVE, "stated", "of which", rf"of which (?:only )?{N} (?:parameters )?(?:are|is) (?:activated|active)"),
        (ACTIVE, "stated", "activated", rf"(?:only )?{N} (?:are|is) activated"),
        (
            ACTIVE,
            "stated",
            "activat",
            rf"(?:activates|activating|activate) (?:only )?(?:about |around |approximately |~)?{N}(?! ?[~-] ?\d)",
        ),
        (ACTIVE, "stated", "averaging", rf"activates \S+ parameters \(averaging ?~?{N}\)"),
        (ACTIVE, "stated", "activ;live", rf"{_ACTIVE_WORD} param\w+ (?:of|is|are|:) ?(?:only |about |~)?{N}"),
        (ACTIVE, "stated", "激活;活跃", rf"(?:激活|活跃)(?:的)?(?:参数)?(?:量|数)?(?:仅)?(?:为|约|:)? ?{N} ?(?:参数)?"),
        (ACTIVE, "stated", "激活;活跃", rf"{N} ?(?:个)?(?:的)?(?:激活|活跃)参数"),
        (TOTAL, "stated", "parameter", rf"parameter (?:scales|sizes|counts) of {N}"),
        (TOTAL, "stated", "total", rf"{N} total\b"),
        (TOTAL, "stated", "in total", rf"{N}(?: model)? in total"),
        (TOTAL, "stated", "total", rf"total (?:number )?(?:of )?(?:param\w+ )?(?:of |is |are )?(?:about |around |approximately |~)?{N}"),
        (TOTAL, "stated", "参数", rf"(?:总参数(?:量)?|参数(?:总)?量|参数规模)(?:为|约为|约|达|达到|:)? ?{N}"),
        (TOTAL, "stated", "参数", rf"{N} ?(?:的)?总?参数(?!以)"),
        (TOTAL, "stated", "param", rf"{N}(?: (?:total|model))?{_PARAMETER}"),
        (TOTAL, LISTED, "sizes", rf"(?:{PARAMETERS}){JOIN}{N} (?:model |parameter )?sizes\b"),
        (
            TOTAL,
            LISTED,
            "parameter;sizes",
            (
                rf"\b(?:parameter (?:sizes|counts|scales)(?: of)?|(?:{_SEVERAL}) (?:model )?sizes(?: of|,? including|:)?|"
                rf"sizes, including) \(?{N}(?={JOIN}(?:{PARAMETERS}))"
            ),
        ),
        (
            TOTAL,
            LISTED,
            "available in;come in;comes in;released in",
            rf"\b(?:available|comes?|released) in (?:sizes (?:of )?)?{N}(?={JOIN}(?:{PARAMETERS}))",
        ),
        (TOTAL, "stated", "parameters", r"(?<![\w.,])(\d{1,3}(?:,\d{3}){2,3}) (?:total |model )?parameters\b"),
        (TOTAL, "stated", "out of", rf"activ\w* (?:param\w+ )?(?:per token )?out of (?:a total of |its |the )?{N}"),
        (TOTAL, "stated", "sparse;dense", rf"\b(?:sparse|dense) (?:(?:{PARAMETERS})(?:, | and ))?{N} (?:moe |dense )?models?\b"),
    )
)
_TUNED = r"\b(?:trained|fine-?tuned)"
_GIVES = r"(?:with|has|and|supports?|handles?|for)"
CONTEXT_PATTERNS: tuple[Wording, ...] = tuple(
    Wording(CONTEXT, role, Pattern(pattern, _I), tuple(stems.split(";")))
    for role, stems, pattern in (
        (
            "extended",
            "from",
            rf"context (?:window|length)\b(?:[^.;]|\.\d){{0,60}}\bfrom (?:{TOKENS})(?: in [\w.-]{{1,40}})? to (?:over |about )?{T}",
        ),
        ("extended", "extended to", rf"context (?:length|window|size) (?:is |was |has been )?(?:further )?extended to {T}"),
        ("extended", "can be", rf"(?:sequence length|context)\b[^.;]{{0,30}}\bcan be (?:further )?(?:extended|expanded) (?:up )?to {T}"),
        ("extended", "上下文", rf"上下文[^。;]{{0,20}}(?:扩展|外推)(?:至|到) ?{T}"),
        ("extended", "上下文", rf"上下文[^。;]{{0,60}}?[从由][^。;]{{0,20}}?(?:{TOKENS}) ?(?:扩展?|提升)[到至]了? ?{T}"),
        ("recommended", "recommended", rf"recommended (?:maximum )?context (?:length|size|window) (?:is |of ){T}"),
        (
            "trained",
            "trained;tuned",
            rf"{_TUNED} (?:on [^.,;]{{1,40}} )?(?:with|on|at) (?:a |an )?{T}[ -](?:tokens? )?context(?: length| size| window)?\b",
        ),
        ("trained", "tuned", rf"\bfine-?tuned (?:it |this model )with ({TOKENS}(?<=[kK]))(?=[.,;]|$)"),
        ("trained", "sequence length", rf"\b(?:performed|trained|fine-?tuned) with (?:a |an )?{T}[ -](?:tokens? )?sequence length\b"),
        ("trained", "sequence length", rf"\b(?:used?|using|with) a (?:maximum )?sequence length of {T}"),
        ("trained", "limited to", rf"\bsequence length was limited to {T}"),
        ("stated", "context is", rf"\bcontext is ({TOKENS}(?<=[kmKM]))(?= |[.,;]|$)"),
        ("stated", "tokens used", rf"sequence length of {T} tokens used"),
        ("trained", "with a context", rf"\b(?:trained|fine-?tuned) with a context (?:length|size|window) of {T}"),
        ("extended", "上下文", rf"上下文(?:窗口|长度)?.{{0,6}}从 ?(?:{TOKENS}) ?(?:扩展|提升|增加)?(?:到|至|了)+ ?{T}"),
        ("extended", "natively and", rf"{T} (?:tokens )?natively and (?:\w+ ){{0,2}}(?:up )?to"),
        ("extended", "extend;expand", rf"(?:extend\w*|expand\w*)\b[^.;]{{0,40}}\b(?:up )?to {T}[ -](?:tokens? )?(?:of )?context"),
        (
            "extended",
            "extend",
            rf"extend(?:ed|ing|s)?(?: the| its)? (?:supported |maximum )?context (?:window|length) (?:to|of) (?:over |about )?{T}",
        ),
        ("extended", "extended to", rf"extended to {T} context length"),
        (
            "native",
            "native",
            rf"native(?:ly)? (?:supports? )?(?:a |an )?(?:context length of )?{T}[ -](?:tokens? )?(?:of )?(?:context|seq)",
        ),
        ("native", "native", rf"native(?:ly)? (?:supports? )?(?:a )?context (?:length|window) (?:of |is )(?:up to )?{T}"),
        ("native", "native context", rf"native context length \((?:mostly |about )?{T}"),
        ("original", "original context", rf"original context length (?:was|is|of) {T}"),
        ("native", "原生支持", rf"原生支持 ?{T} ?(?:的)?(?:上下文|文本)"),
        ("stated", "context", rf"{T}[ -](?:tokens?[ -])?(?:of )?(?:maximum |max |long )?context[ -](?:window|length|size)"),
        ("stated", "of context", rf"{T} tokens? of context"),
        ("stated", "context of", rf"\b(?:large|larger|long|longer|huge|maximum|max) context of (?:up to )?{T}"),
        ("stated", "inputs of", rf"\blong(?:er)? inputs of (?:up to )?{T} ?tokens?"),
        ("stated", "up to", rf"\blong[- ]context (?:\w+ ){{1,3}}up to {T} (?:input )?(?:tokens|length)"),
        ("stated", "context", rf"(?:with|supports?|ha[sd]|have) (?:a |an )?({TOKENS}(?<=[km])) context\b"),
        ("stated", "(up to", rf"long[- ]context \(up to {T}"),
        ("stated", "long context", rf"long context,? (?:of )?(?:at least|up to) {T} tokens"),
        ("stated", "support", rf"supports? (?:up to )?{T} long[- ]context"),
        ("stated", "input tokens", rf"(?:supports?|handles?) (?:up to )?{T}\+? input tokens"),
        ("stated", "input length", rf"input length of (?:up to )?{T} tokens"),
        ("stated", "sequence length", rf"maximum {T} sequence length"),
        ("stated", "support", rf"context\b[^.;]{{0,80}}\bsupports? (?:up to )?({TOKENS}(?<=[kmKM]))(?= tokens|[.,;]|$)"),
        ("stated", "tokens (", rf"context (?:window|length)s? of (?:up to )?(?:{TOKENS}) tokens \([^()]{{0,40}}\) and {T} tokens"),
        (
            "stated",
            "context",
            rf"context (?:window|length|size)s? (?:is |of |support of |size of |up to |: |to |= ?|limit of |about |around )+{T}",
        ),
        ("stated", "token", rf"{_GIVES} (?:a |an )?(?:maximum )?(?:long )?(?:context|input)(?: size| window)? of (?:up to )?{T} ?tokens?"),
        ("stated", "window size", rf"window size of (?:up to )?{T}"),
        ("stated", "sequence length of", rf"(?:maximum|supports?|handles?|context) (?:\w+ ){{0,2}}sequence length of (?:up to )?{T}"),
        ("stated", "of up to", rf"long[- ]context \w+ of up to {T}"),
        ("evaluated", "lengths up to", rf"context window lengths up to {T}"),
        ("stated", "支持", rf"支持(?:最大|最长)? ?{T} ?(?:的)?(?:超长)?(?:上下文|序列长度)"),
        ("stated", "上下文", rf"上下文(?:窗口|长度)(?:为|达|可达|达到|:)? ?{T}"),
    )
)
STATED_SHAPE_PATTERNS: tuple[Wording, ...] = tuple(
    Wording(LAYERS, "stated", Pattern(pattern, _I), (stem,))
    for stem, pattern in (
        ("层数", r"层数(?:设定)?为 ?(\d{1,4}) ?层"),
        ("layers in total", rf"{W} layers in total\b"),
        ("comprised of", rf"\bcomprised of {W} layers\b"),
        ("structure with", rf"\bstructure with {W} layers\b"),
        ("depth", rf"\bdepth (?:is )?set (?:at|to) {W} layers\b"),
    )
)
SHAPE_PATTERNS: tuple[Wording, ...] = tuple(
    Wording(kind, "stated", Pattern(pattern, _I), tuple(stems.split(";")))
    for kind, stems, pattern in (
        (LAYERS, "layer;blocks", rf"{W}[ -](?:(?:transformer|hidden|decoder|repeating|main) )?(?:layers?|blocks)\b(?! of)"),
        (KV_HEADS, "heads", rf"{W} (?:key[ /-]values?|kv|key[ -]and[ -]value)[ -](?:attention )?heads\b"),
        (Q_HEADS, "heads", rf"{W}[ -](?:(?:attention|query|q)[ -])?(?:attention )?heads\b"),
        (HIDDEN, "hidden", rf"(?<!expert )hidden (?:size|dimension) (?:of |is |: )?{W}"),
        (HIDDEN, "hidden", rf"{W}[ -]hidden(?: (?:size|dim\w*|units?))?\b(?! layers)"),
        (HIDDEN, "hidden;embedding", rf"hidden layers are {W}-dimensional|embedding size is {W}"),
        (HEAD_DIM, "head dim", rf"\bhead dim(?:ension)? (?:of |is |: )?{W}"),
        (INTERMEDIATE, "intermediate size", rf"\bintermediate size (?:of |is |: )?{W}"),
        (VOCABULARY, "vocab", rf"vocab(?:ulary)? size (?:of |is |: )?{W}"),
    )
)
"""Read only where a paragraph or list has several of them: then it describes a model."""
VOCABULARY_PATTERNS: tuple[Wording, ...] = tuple(
    Wording(VOCABULARY, "stated", Pattern(pattern, _I), tuple(stems.split(";")))
    for stems, pattern in (
        ("vocab", rf"vocab(?:ulary)?(?: size)? of {T}"),
        ("vocab", rf"(?:has|have|with|uses?) an? {T}[ -](?:tokens? )?vocab(?:ulary)?\b"),
    )
)
EXPERT_PATTERNS: tuple[Wording, ...] = tuple(
    Wording(kind, "stated", Pattern(pattern, _I), tuple(stems.split(";")))
    for kind, stems, pattern in (
        (EXPERTS, "mixture", rf"mixture[- ]of[- ]{W}[- ]experts"),
        (
            EXPERTS,
            "expert",
            (
                rf"{W} (?:fine-grained |routed |total )?experts,? "
                r"(?:of which|and (?:chooses|selects|activates|routes)|with \d+ (?:active|activated|selected))"
            ),
        ),
        (EXPERTS, "out of", rf"out of (?:the )?{W} (?:routed |total )?experts"),
        (
            EXPERTS,
            "expert",
            (
                rf"(?:uses|has|with|contains|and|comprises|employs) {W} (?:routed |fine-grained |total )?experts\b"
                r"(?! (?:per|used|activated|active|are|is))"
            ),
        ),
        (TOP_K, "of which", rf"experts,? of which {W} are (?:active|activated|selected|used)"),
        (TOP_K, "top-", r"\btop-(\d{1,3})\b[ -](?:out of \d+|of \d+|gating|routing|experts|routed|router)"),
        (TOP_K, "experts and", rf"experts and (?:chooses|selects|activates|routes to) {W}\b"),
        (TOP_K, "token", rf"{W} (?:routed )?experts (?:are )?(?:used|activated|active|selected|chosen) (?:per|for each|for every) token"),
        (TOP_K, "expert", rf"(?:activates|selects|chooses|routes to) {W} (?:of \d+ )?(?:routed )?experts"),
        (SHARED_EXPERTS, "shared expert", rf"(?:plus|and|\+) {W} (?:always[ -]active )?shared experts?"),
    )
)
TRAINED_PATTERNS: tuple[Wording, ...] = tuple(
    Wording(TRAINING_TOKENS, "trained", Pattern(pattern, _I), tuple(stems.split(";")))
    for stems, pattern in (
        ("trained", rf"(?:pre-?)?trained\b[^.;]{{0,80}}?\b(?:on|for) (?:[\w-]+ ){{0,4}}?{N}\+? (?:[\w-]+ ){{0,4}}?tokens"),
        ("采用", rf"采用了? ?{N} ?tokens"),
        ("训练", rf"训练了?(?:超过|约)? ?{N} ?(?:tokens|标识符)"),
        ("经过", rf"经过约? ?{N} ?(?:tokens|标识符)"),
    )
)
