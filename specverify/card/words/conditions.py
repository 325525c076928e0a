"""What a figure of memory or speed is bound to, in the card's words: hardware, engine, precision, batch, lengths."""

from __future__ import annotations

import re

from specverify.card.words.formats import FORMATS
from specverify.card.words.found import spelled
from specverify.card.words.gpus import gpus
from specverify.pattern import Pattern

_I = re.IGNORECASE
_ENGINE = Pattern(
    r"\b(?:vllm|sglang|tensorrt(?:-llm)?|trt-llm|llama\.cpp|exllama\w{0,3}|transformers|mlx|onnx\w{0,8}|openvino|ollama|executorch|"
    r"lmdeploy|ktransformers)\b",
    _I,
)
_LENGTH = Pattern(
    r"\b(?:prompt|input|output|context|sequence|isl|osl)(?:[- ](?:length|size|window|tokens?|len))? ?(?:of|=|:|is)? ?\d[\d,]{0,8}k?\b|"
    r"\b\d[\d,]{0,8}k? (?:input|output|prompt|context) ?(?:tokens?|length)?\b|\b\d{1,4}k (?:tokens?|context)\b",
    _I,
)
_BATCH = Pattern(
    r"\bbatch(?:[- ]?size)? ?(?:of|=|:|is)? ?\d{1,5}\b|\bconcurrency (?:of )?\d{1,6}\b|\bbs ?= ?\d{1,5}\b|\bsingle (?:request|user|"
    r"stream)\b",
    _I,
)
_DEVICE = Pattern(
    r"\b(?:mobile phones?|smartphones?|iphone\w{0,4}|ipad\w{0,4}|macbook(?: pro| air)?|raspberry pi(?: \d)?|laptops?|cpus?|"
    r"android(?: \w+ \d+)?|"
    r"m[1-5](?: (?:pro|max|ultra))?|tpus?|npus?|jetson(?: \w+)?|snapdragon(?: \w+)?|bm1684x?)\b",
    _I,
)
_WITHOUT = Pattern(r"\b(?:without|no|before) (?:(?:[\w-]{1,20} ){0,2}(?:quanti[sz]ation|quanti[sz]ing)|\d-?bits?)\b", _I)
_SQUEEZED = Pattern(r"\b(?:\d(?:\.\d{1,2})? ?bpw|quants?|quanti[sz]ed|quanti[sz]ation)\b|量化", _I)
_PERCENTILE = Pattern(r"\bp(?:50|90|95|99)\b|\b(?:median|mean|average|averaged)\b", _I)
_ONE = Pattern(r"^(?:an?|one|single) ", _I)
MOST = 10


def conditions(text: str, *, hardware: bool = True) -> tuple[str, ...]:
    """The conditions a text names, in order of kind; `hardware` False leaves accelerators out."""
    text = _WITHOUT.compiled.sub(lambda match: " " * len(match.group()), text)
    found = [text[start:end] for _, start, end in spelled(FORMATS, text)]
    if hardware:
        found += [_ONE.sub("", text[each.start : each.end].strip()) for each in gpus(text)]
        found += [match.group() for match in _DEVICE.finditer(text)]
    for pattern in (_SQUEEZED, _ENGINE, _BATCH, _LENGTH, _PERCENTILE):
        found += [match.group() for match in pattern.finditer(text)]
    return tuple(dict.fromkeys(found))[:MOST]
