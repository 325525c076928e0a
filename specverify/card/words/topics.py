"""Labels of lists and tables, English and Chinese, and what the value beside each is about."""

from __future__ import annotations

import re

from specverify.card.remembered import remembered
from specverify.pattern import Pattern

_TOPICS: tuple[tuple[str, tuple[str, ...], Pattern], ...] = tuple(
    (topic, stems, Pattern(pattern))
    for topic, stems, pattern in (
        (
            "attention",
            ("attention", "注意力"),
            r"(?:self-|hybrid |model )?attention(?: (?:mechanism|type|variant|implementation|kind))?s?|注意力(?:机制)?",
        ),
        ("gqa", ("gqa", "query"), r"gqa|grouped?[- ]query attention"),
        (
            "architecture",
            ("architecture", "type", "架构", "结构", "类型"),
            (
                r"(?:model |llm |network |base |core |language model )?(?:architecture|type)(?: (?:type|class|style|overview))?|"
                r"(?:模型)?(?:架构|结构|类型)"
            ),
        ),
        (
            "activation",
            ("act", "linearity", "激活"),
            r"(?:ffn |mlp |hidden |model )?(?:activation(?: functions?)?|non-?linearity|hidden[_ ]act(?:ivation)?)|激活函数",
        ),
        (
            "precision",
            ("precision", "type", "format", "精度", "数据类型"),
            (
                r"(?:model |weights? |native |default |numerical |tensor |torch[_ ]|parameter )?"
                r"(?:precision|dtype|data ?type|tensor type|numerical format|weights? format)|精度|数据类型"
            ),
        ),
        (
            "quantization",
            ("quant", "量化"),
            r"(?:weight )?quanti[sz]ation(?: (?:method|type|format|scheme|level|bits))?|quant(?: method| type)?|量化(?:方式|类型)?",
        ),
        (
            "cutoff",
            ("cut", "freshness", "截止"),
            (
                r"(?:(?:knowledge|(?:pre-?)?training|pre-?training data|training data|data|model)[ -])?cut-?off(?: date)?|"
                r"data freshness|知识截止(?:日期|时间)?"
            ),
        ),
        (
            "hardware",
            ("ram", "gpu", "memory", "hardware", "device", "显存", "显卡"),
            (
                r"(?:(?:min(?:imum|\.)?|recommended|required|peak|total|estimated|approx(?:\.|imate)?|inference|our) )*"
                r"(?:v-?ram|gpu v?ram|gpu memory|video memory|gpus?|gpu requirements?|hardware requirements?|vram requirements?|"
                r"gpu type and count|gpu configuration|test device|inference device)"
                r"(?: (?:usage|required|requirements?|needed|type|count))?|"
                r"(?:最低|所需|推荐)?(?:显存|显卡|gpu)(?: ?(?:占用|需求|要求|型号|类型|数量|和|与|及)){0,4}"
            ),
        ),
        (
            "throughput",
            ("throughput", "decod", "speed", "tps", "速度", "吞吐"),
            (
                r"(?:(?:output|generation|inference|average|avg\.?|decoding|decode|token|max|peak) )*"
                r"(?:throughput|decoding speed|decode speed|decode|generation speed|inference speed|speed|tps)|推理速度|吞吐(?:量)?"
            ),
        ),
        (
            "ttft",
            ("ttft", "first", "延迟"),
            r"(?:mean |median |average |avg\.? |p\d\d )?(?:ttft|time[- ]to[- ]first[- ]token|first[- ]token latency)|首(?:token|字)延迟",
        ),
        ("latency", ("latency", "延迟"), r"(?:(?:mean|median|average|avg\.?|inference|end-to-end|e2e|p\d\d) )*latency|延迟"),
        ("code_license", ("code", "software", "代码"), r"(?:code|source code|software)(?: base)? licen[sc]e|代码(?:许可证?|协议)"),
        (
            "license",
            ("licen", "许可", "协议"),
            (
                r"(?:(?:model|weights?|model weights?|our)(?:'s)? )?licen[sc](?:e|ing)(?: \(model\))?(?: type| name)?|"
                r"(?:模型)?(?:开源)?(?:许可证?|协议)"
            ),
        ),
        ("adapter", ("lora", "adapter"), r"(?:lora|adapter)(?: trained)? (?:base|for)(?: model)?"),
        ("continued", ("continue",), r"continue[d]?[- ](?:pre-?)?train(?:ed|ing)? (?:from|on)(?: (?:base )?model)?"),
        ("distilled", ("distilled", "teacher"), r"distilled from(?: model)?|teacher(?: model)?"),
        ("quantized", ("quanti", "original"), r"quanti[sz]ed (?:from|version of)(?: model)?|original (?:unquantized )?model"),
        (
            "finetuned",
            ("tune",),
            r"(?:instruction )?(?:fine-?tuned?|tuned|finetune) (?:from|of|on top of)(?: (?:the )?(?:base )?model)?",
        ),
        (
            "base",
            ("model", "backbone", "initiali", "基座", "基础"),
            (
                r"base(?: pre-?trained)?[- _]?models?(?: name| id)?|parent model|backbone(?: model)?|foundation model|initiali[sz]ed from|"
                r"基座(?:模型)?|基础模型"
            ),
        ),
    )
)
"""Each topic with words one of which every label of it has, in lower case, and what the whole label is."""
_SYMBOLS = re.compile(r"^[^\w]+|[^\w.)]+$")
_REMARK = re.compile(r"\([^()]*\)")
LONGEST = 60


@remembered
def topic_of(label: str) -> str | None:
    """What a label is about; None for a label of something else."""
    if not 2 <= len(label) <= LONGEST + 40:
        return None
    bare = _SYMBOLS.sub("", " ".join(_REMARK.sub(" ", label).split())).lower()
    if not 2 <= len(bare) <= LONGEST:
        return None
    for topic, stems, pattern in _TOPICS:
        if any(stem in bare for stem in stems) and pattern.fullmatch(bare):
            return topic
    return None
