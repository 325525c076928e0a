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
    LINEAR_V_HEADS,
    NON_EMBEDDING,
    OUTPUT,
    Q_HEADS,
    SHARED_EXPERTS,
    TOP_K,
    TOTAL,
    TRAINING_TOKENS,
    VOCABULARY,
)
from specverify.card.remembered import remembered
from specverify.pattern import Pattern

_COUNT = r"(?:(?:total |the )?(?:number|num|no)[ ._]*(?:of )?(?:the )?|n[_ ]|total )?"
_PARAMS = r"param(?:eters?|aters?|ters|s)?"
_MOST = r"(?:(?:max(?:imum)?\.?|native|total|supported|model|full|default|input|the|our)[ _])*"
_DIM = r"(?:size|dim(?:ension)?(?:s|ality)?)"
TOTAL_AND_ACTIVE = "total and active"
ACTIVE_AND_TOTAL = "active and total"
EXPERTS_AND_TOP_K = "experts, and how many a token uses"
TOP_K_AND_EXPERTS = "experts a token uses, and all"
QKV_HEADS = "q, k and v heads"
SEQUENCE = "sequence length"
"""A length that may as well be a training run's."""
LAYERS_AND_HIDDEN = "layers and hidden size"
WIDTH = "dim"
"""The width of a model beside labels of layers and heads, and of a vector elsewhere."""
TRAINING_DATA = "training data"
"""Words, or an amount of tokens."""
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
        (TOTAL, rf"{_COUNT}(?:(?:total|model|overall|all) )*{_PARAMS}(?: (?:count|size|number|scale))?"),
        (
            TOTAL,
            r"(?:total )?model size|(?:模型)?(?:总|模型)?参数(?:总)?(?:量|规模|数量|数)?|(?:モデル)?(?:総)?パラメータ?ー?(?:数|サイズ)",
        ),
        (SIZE, r"size|sizes"),
        (LAYERS_AND_HIDDEN, rf"layers ?/ ?hidden(?:[ _]{_DIM})?"),
        (LINEAR_HEADS, rf"{_COUNT}(?:linear attention|gated delta ?net|lightning attention|linear attn) heads?|线性注意力头(?:数|数量)"),
        (HEAD_DIM, rf"(?:attention |attn )?head[ _-]{_DIM}|d_head|(?:注意力)?头(?:的)?维度"),
        (HIDDEN, rf"(?:(?:attention|model|transformer|decoder) )*hidden[ _-](?:layer )?{_DIM}|d_model|n_embd|n_embed"),
        (WIDTH, r"dim(?:ension)?"),
        (HIDDEN, r"model[ _-](?:dim(?:ension)?(?:s|ality)?|width)|embedding size|(?:模型)?隐藏?层?(?:维度|大小)|隐藏(?:维度|大小)"),
        (INTERMEDIATE, rf"(?:intermediate|ffn|feed-?forward(?: network)?|mlp)[ _-](?:hidden[ _-])?{_DIM}|ffn_dim|d_ff"),
        (VOCABULARY, r"(?:tokenizer )?(?:vocab(?:ulary)?)(?:[. _-]*size)?|n_vocab|tokenization|tokenizer|词汇?表(?:大小|规模|尺寸)?"),
        (SHARED_EXPERTS, rf"{_COUNT}(?:always[ -]active |fixed )?shared experts?|共享专家(?:数|数量)"),
        (TOP_K, rf"{_COUNT}(?:activated|active|selected|chosen|routed) experts? ?(?:per|/) ?token"),
        (TOP_K, rf"{_COUNT}(?:activated|active|selected|chosen) experts?|moe top[- ]?k|num_experts_per_tok|expert(?:s)? utili[sz]ation"),
        (TOP_K, r"experts?(?: used| activated| selected| active)* ?(?:per|/) ?token|(?:每个?token)?激活(?:的)?专家(?:数|数量)"),
        (TOP_K, r"routing strategy|路由策略"),
        (EXPERTS, rf"{_COUNT}(?:(?:routed|total|moe|text) )*experts?(?: count)?|n_routed_experts"),
        (EXPERTS, r"(?:(?:非共享|路由|总)的?)?专家(?:总)?(?:数|数量)"),
        (OUTPUT, rf"{_MOST}(?:output|generation|response|completion)(?:[ _-](?:tokens?|length|limit|size))+|最大?输出(?:长度|token数?)"),
        (TRAINING_TOKENS, rf"{_COUNT}(?:total )?(?:pre-?)?train(?:ing|ed)?[ _-](?:on )?tokens?(?: count)?|token count"),
        (TRAINING_DATA, r"(?:pre-?)?training data(?: size)?|训练数据量?"),
        (TRAINING_TOKENS, r"(?:pre-?)?训练(?:数据)? ?tokens?(?:数|量)?"),
        (LAYERS, rf"{_COUNT}(?:(?:hidden|transformer|model|decoder|main)[ _]*)*(?:layers?|lyaers)(?: count| number)?"),
        (LAYERS, r"(?:transformer|decoder) blocks|(?:总|模型|网络|transformer ?)?层数|隐藏层数"),
        (KV_HEADS, rf"{_COUNT}(?:key[ /_-]*values?|kv|k/v)(?: attention)?[ _-]*(?:heads?|groups?)"),
        (KV_HEADS, r"(?:number of )?query groups|kv ?头(?:数|数量)?"),
        (QKV_HEADS, rf"{_COUNT}(?:attention )?(?:qkv|q ?/ ?kv) heads"),
        (Q_HEADS, rf"{_COUNT}(?:(?:self-)?(?:attention|attn|query|q)[ _-]*)*heads?(?: count)?|(?:注意力|查询)头(?:数|数量)"),
        (
            CONTEXT,
            rf"{_MOST}(?:context|content)(?:[ _-]?(?:window|length|size|len))*(?: (?:length|size|limit))?",
        ),
        (CONTEXT, r"context (?:length|window) (?:for|of) (?:this|the) model"),
        (CONTEXT, r"max[ _]position[ _]embeddings|n_ctx|n_positions|コンテキスト(?:長|サイズ|ウィンドウ)"),
        (CONTEXT, r"(?:最大|支持)?上下文(?:窗口|长度|大小)*|最大上下文(?:窗口|长度)?"),
        (SEQUENCE, r"(?:(?:max(?:imum)?\.?|model|input|token)[ _])*(?:sequence|seq)[ _.]*len(?:gth)?s?"),
        (SEQUENCE, r"max(?:imum)?[ _](?:input[ _])?length|max(?:imum)?[ _]input[ _]tokens|序列长度|最大(?:序列|输入)?长度"),
    )
)
_STEMS: dict[str, tuple[str, ...]] = {
    TOTAL_AND_ACTIVE: ("activ",),
    ACTIVE_AND_TOTAL: ("activ",),
    ACTIVE: ("activ", "激活", "活跃"),
    NON_EMBEDDING: ("embedding",),
    TOTAL: ("param", "size", "参数", "パラメ"),
    SIZE: ("size",),
    LAYERS_AND_HIDDEN: ("hidden",),
    LINEAR_HEADS: ("linear", "delta", "lightning", "线性"),
    HEAD_DIM: ("head", "头"),
    HIDDEN: ("hidden", "d_model", "n_emb", "model", "embedding", "隐"),
    WIDTH: ("dim",),
    INTERMEDIATE: ("intermediate", "ffn", "feed", "mlp", "d_ff"),
    VOCABULARY: ("vocab", "tokeniz", "词"),
    SHARED_EXPERTS: ("shared", "共享"),
    TOP_K: ("expert", "top", "rout", "专家", "路由"),
    EXPERTS: ("expert", "专家"),
    OUTPUT: ("output", "generation", "response", "completion", "输出"),
    TRAINING_TOKENS: ("token",),
    TRAINING_DATA: ("train", "训练"),
    LAYERS: ("layer", "lyaer", "blocks", "层"),
    KV_HEADS: ("key", "kv", "k/v", "query"),
    QKV_HEADS: ("kv",),
    Q_HEADS: ("head", "头"),
    CONTEXT: ("context", "content", "position", "n_ctx", "コンテキスト", "上下文"),
    SEQUENCE: ("seq", "max", "序列", "最大"),
}
"""What every label of a kind holds one of: a label without any needs none of the expressions compiled."""
SAID_OF = {SIZE: TOTAL, TOTAL_AND_ACTIVE: TOTAL, ACTIVE_AND_TOTAL: ACTIVE, SEQUENCE: CONTEXT, WIDTH: HIDDEN, LAYERS_AND_HIDDEN: LAYERS}
SAID_OF |= {EXPERTS_AND_TOP_K: EXPERTS, TOP_K_AND_EXPERTS: TOP_K, QKV_HEADS: Q_HEADS, TRAINING_DATA: TRAINING_TOKENS}
SAID_OF |= {LINEAR_HEADS: LINEAR_V_HEADS}
"""The kind of claim that a label of several numbers, or of a doubtful one, is refused as."""
OF_EXPERTS = (EXPERTS, TOP_K, SHARED_EXPERTS, EXPERTS_AND_TOP_K, TOP_K_AND_EXPERTS)
_PAIRS = (
    (TOTAL, r"total ?/ ?activ", TOTAL_AND_ACTIVE),
    (TOTAL, r"activ\w* ?/ ?total", ACTIVE_AND_TOTAL),
    (EXPERTS, r"total ?/ ?activ", EXPERTS_AND_TOP_K),
    (EXPERTS, r"activ\w* ?/ ?total", TOP_K_AND_EXPERTS),
    (Q_HEADS, r"\bq ?/ ?kv?\b", QKV_HEADS),
)
"""Remarks that say a label announces two numbers, and in which order."""
_HINT = Pattern(
    r"param|activ|size|layer|lyaer|head|dim|[dn] ?_|n[ _](?:ctx|pos|vocab|embd)|hidden|width|ffn|vocab|token|expert|top|rout|"
    r"length|len|limit|context|content|window|train|block|group|position|model|参数|激活|活跃|パラ|コンテ|头|维度|大小|词|专家|路由|输出|训练|层|上下文|序列|输入",
    re.IGNORECASE,
)
"""What every label has something of; most of what looks like a label has not."""
_QUALIFIER = Pattern(r"\(([^()]*)\)|†|\*")
_SUBSCRIPT = Pattern(r"_ ?(?:text|mathrm|rm)? ?\{ ?([a-z_]{1,30}) ?\}", re.IGNORECASE)
_SPACES = Pattern(r"[\s:]+")
_NOT_EMBEDDED = Pattern(r"non-? ?embed|w/o embed|without embed|exclud\w+ embed|不含|非嵌入|非embedding", re.IGNORECASE)
_ANOTHER_COUNT = Pattern(r"per (?!token|forward)|expert|dense only|vision|encoder|mtp|linear|draft|lora|adapter|trainable", re.IGNORECASE)
LONGEST_LABEL = 60


@remembered
def kind_of(label: str) -> tuple[str, str] | None:
    """The kind a label announces and the remark in its parentheses; None for a label of something else."""
    if len(label) > LONGEST_LABEL + 40 or not _HINT.search(label):
        return None
    if "{" in label:
        label = _SUBSCRIPT.sub(r"_\1", label).strip().removeprefix("(").removesuffix(")")
    remarks = " ".join(found.group(1) or "" for found in _QUALIFIER.finditer(label))
    bare = _SPACES.sub(" ", _QUALIFIER.sub(" ", label)).strip(" .-–#").lower()
    if len(bare) > LONGEST_LABEL:
        return None
    possible = {kind for kind, stems in _STEMS.items() if any(stem in bare for stem in stems)}
    kind = next((kind for kind, pattern in _KINDS if kind in possible and pattern.fullmatch(bare)), None)
    if kind is None or not remarks:
        return None if kind is None else (kind, "")
    for single, words, pair in _PAIRS:
        if kind == single and re.search(words, remarks, re.IGNORECASE):
            return pair, remarks
    if kind not in OF_EXPERTS and _ANOTHER_COUNT.search(remarks):
        return None
    return (NON_EMBEDDING if kind == TOTAL and _NOT_EMBEDDED.search(remarks) else kind), remarks
