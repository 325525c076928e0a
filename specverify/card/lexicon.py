"""Labels of cards, English and Chinese, and the kinds of claim they announce."""

from __future__ import annotations

import re

from specverify.card.kinds import ACTIVE, CONTEXT, KV_HEADS, LAYERS, NON_EMBEDDING, Q_HEADS, TOTAL
from specverify.card.pattern import Pattern

_COUNT = r"(?:(?:total |the )?(?:number|num|no)[ ._]*(?:of )?(?:the )?|n[_ ]|total )?"
_PARAMS = r"param(?:eters?|aters?|ters|s)?"
_MOST = r"(?:(?:max(?:imum)?\.?|native|total|supported|model|full|default|input|the|our)[ _])*"
TOTAL_AND_ACTIVE = "total and active"
ACTIVE_AND_TOTAL = "active and total"
QKV_HEADS = "q, k and v heads"
SEQUENCE = "sequence length"
"""A length that may as well be a training run's."""
SIZE = "size"
"""A column that states a size in a table, and nothing by itself."""

_KINDS: tuple[tuple[str, Pattern], ...] = tuple(
    (kind, Pattern(pattern))
    for kind, pattern in (
        (TOTAL_AND_ACTIVE, rf"(?:{_PARAMS} )?total ?/ ?activ\w*(?: {_PARAMS})?"),
        (ACTIVE_AND_TOTAL, rf"activ\w* ?/ ?total(?: {_PARAMS})?"),
        (ACTIVE, rf"{_COUNT}(?:activated|active|activation|activate) {_PARAMS}(?: per (?:token|forward pass))?(?: count| size)?"),
        (ACTIVE, rf"{_PARAMS} (?:activated|active)|activated|每?(?:token)?(?:激活|活跃)(?:的)?参数(?:量|数|规模)?"),
        (NON_EMBEDDING, rf"{_COUNT}non-?embedding {_PARAMS}"),
        (TOTAL, rf"{_COUNT}(?:(?:total|model|trainable|overall|all) )*{_PARAMS}(?: (?:count|size|number|scale))?"),
        (TOTAL, r"(?:total )?model size|(?:模型)?(?:总|模型)?参数(?:总)?(?:量|规模|数量|数)?"),
        (SIZE, r"size|sizes"),
        (LAYERS, rf"{_COUNT}(?:(?:hidden|transformer|model|decoder)[ _]*)*(?:layers?|lyaers)(?: count| number)?"),
        (LAYERS, r"transformer blocks|layers ?/ ?hidden(?: size)?|(?:总|模型|transformer)?层数|隐藏层数"),
        (KV_HEADS, rf"{_COUNT}(?:key[ /_-]*values?|kv|k/v)(?: attention)?[ _]*(?:heads?|groups?)"),
        (KV_HEADS, r"(?:number of )?query groups|kv ?头(?:数|数量)?"),
        (QKV_HEADS, r"qkv heads"),
        (Q_HEADS, rf"{_COUNT}(?:(?:self-)?(?:attention|attn|query|q)[ _]*)*heads?(?: count)?|(?:注意力|查询)头(?:数|数量)"),
        (CONTEXT, rf"{_MOST}(?:context|content)(?:[ _-]?(?:window|length|size|len))*(?: (?:length|size|limit))?"),
        (CONTEXT, r"max[ _]position[ _]embeddings|n_ctx|n_positions|(?:最大|支持)?上下文(?:窗口|长度|大小)*|最大上下文(?:窗口|长度)?"),
        (SEQUENCE, r"(?:(?:max(?:imum)?\.?|model|input|token)[ _])*(?:sequence|seq)[ _.]*len(?:gth)?s?"),
        (SEQUENCE, r"序列长度|最大(?:序列|输入)?长度"),
    )
)
_QUALIFIER = Pattern(r"\(([^()]*)\)|†|\*")
_SPACES = Pattern(r"[\s:]+")
_NOT_EMBEDDED = Pattern(r"non-? ?embed|w/o embed|without embed|exclud\w+ embed|不含|非嵌入|非embedding", re.IGNORECASE)
_ANOTHER_COUNT = Pattern(r"per (?!token|forward)|expert|dense only|vision|encoder|mtp|linear|draft", re.IGNORECASE)
LONGEST_LABEL = 60


def kind_of(label: str) -> tuple[str, str] | None:
    """The kind a label announces and the remark in its parentheses; None for a label of something else."""
    if len(label) > LONGEST_LABEL + 40 or not label.strip():
        return None
    remarks = " ".join(found.group(1) or "" for found in _QUALIFIER.finditer(label))
    bare = _SPACES.sub(" ", _QUALIFIER.sub(" ", label)).strip(" .-–#").lower()
    if len(bare) > LONGEST_LABEL:
        return None
    for kind, pattern in _KINDS:
        if pattern.fullmatch(bare):
            if _ANOTHER_COUNT.search(remarks):
                return None
            return (NON_EMBEDDING if kind == TOTAL and _NOT_EMBEDDED.search(remarks) else kind), remarks
    return None
