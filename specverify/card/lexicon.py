"""Labels of cards, English and Chinese, and the kinds of claim they announce."""

from __future__ import annotations

import re

from specverify.card.kinds import (
    ACTIVE,
    CONTEXT,
    EXPERTS,
    HEAD_DIM,
    HIDDEN,
    INTERMEDIATE,
    KV_HEADS,
    LAYERS,
    NON_EMBEDDING,
    OUTPUT,
    Q_HEADS,
    SHARED_EXPERTS,
    TOP_K,
    TOTAL,
    TRAINING_TOKENS,
    VOCABULARY,
)
from specverify.card.pattern import Pattern

_COUNT = r"(?:(?:total |the )?(?:number|num|no)[ ._]*(?:of )?(?:the )?|n[_ ]|total )?"
_PARAMS = r"param(?:eters?|aters?|ters|s)?"
_MOST = r"(?:(?:max(?:imum)?\.?|native|total|supported|model|full|default|input|the|our)[ _])*"
TOTAL_AND_ACTIVE = "total and active"
ACTIVE_AND_TOTAL = "active and total"
QKV_HEADS = "q, k and v heads"
SEQUENCE = "sequence length"
"""A length that may as well be a training run's."""
LAYERS_AND_HIDDEN = "layers and hidden size"
LINEAR_HEADS = "heads of linear attention"
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
        (LAYERS_AND_HIDDEN, r"layers ?/ ?hidden(?:[ _](?:size|dim\w*))?"),
        (LINEAR_HEADS, rf"{_COUNT}(?:linear attention|gated delta ?net|lightning attention|linear attn) heads?"),
        (HEAD_DIM, r"(?:attention |attn )?head[ _-](?:dim(?:ension)?s?|size)(?:ality)?|(?:注意力)?头(?:的)?维度"),
        (
            HIDDEN,
            (
                r"(?:(?:attention|model|transformer|decoder) )*hidden[ _-](?:layer )?(?:size"
                r"|dim(?:ension)?(?:s|ality)?)|d_model|n_embd|n_embed"
            ),
        ),
        (HIDDEN, r"model[ _-](?:dim(?:ension)?(?:s|ality)?|size|width)|embedding size|(?:模型)?隐藏?层?(?:维度|大小)|隐藏(?:维度|大小)"),
        (
            INTERMEDIATE,
            r"(?:intermediate|ffn|feed-?forward(?: network)?|mlp)[ _-](?:hidden[ _-])?(?:size|dim(?:ension)?(?:s|ality)?)|ffn_dim",
        ),
        (VOCABULARY, r"(?:tokenizer )?(?:vocab(?:ulary)?)(?:[. _-]*size)?|n_vocab|tokenization|tokenizer|词汇?表(?:大小|规模|尺寸)?"),
        (SHARED_EXPERTS, rf"{_COUNT}(?:always[ -]active |fixed )?shared experts?|共享专家(?:数|数量)"),
        (
            TOP_K,
            (
                rf"{_COUNT}(?:activated|active|selected|chosen|routed) experts? ?(?:per"
                rf"|/) ?token|{_COUNT}(?:activated|active|selected|chosen) experts?"
            ),
        ),
        (
            TOP_K,
            r"experts?(?: used| activated| selected| active)* ?(?:per|/) ?token|num_experts_per_tok|top[- ]?k|expert(?:s)? utili[sz]ation",
        ),
        (TOP_K, r"(?:每个?token)?激活(?:的)?专家(?:数|数量)|routing strategy|路由策略"),
        (
            EXPERTS,
            rf"{_COUNT}(?:(?:routed|total|moe) )*experts?(?: count)?|(?:(?:非共享|路由|总)的?)?专家(?:总)?(?:数|数量)|n_routed_experts",
        ),
        (
            OUTPUT,
            (
                rf"{_MOST}(?:output|generation|response|completion)(?:[ _-](?:tokens?"
                rf"|length|limit|size))+|max[ _]new[ _]tokens|最大?输出(?:长度|token数?)"
            ),
        ),
        (TRAINING_TOKENS, r"(?:total )?(?:(?:pre-?)?train(?:ing|ed)?)[ _-](?:on )?tokens?(?: count)?"),
        (
            TRAINING_TOKENS,
            r"(?:pre-?)?训练(?:数据)? ?tokens?(?:数|量)?|token count",
        ),
        (LAYERS, rf"{_COUNT}(?:(?:hidden|transformer|model|decoder)[ _]*)*(?:layers?|lyaers)(?: count| number)?"),
        (LAYERS, r"transformer blocks|(?:总|模型|transformer)?层数|隐藏层数"),
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
OF_EXPERTS = (EXPERTS, TOP_K, SHARED_EXPERTS)
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
            if kind not in OF_EXPERTS and _ANOTHER_COUNT.search(remarks):
                return None
            return (NON_EMBEDDING if kind == TOTAL and _NOT_EMBEDDED.search(remarks) else kind), remarks
    return None
