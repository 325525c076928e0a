"""How the weights are stored: their precision, and the scheme they are quantized with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.kinds import PRECISION, QUANTIZATION
from specverify.card.words.found import Found, Vocabulary, all_of, spelled
from specverify.pattern import Pattern

_I = re.IGNORECASE
PRECISION_HINTS = ("bf16", "bf-16", "float16", "float-16", "fp16", "fp-16", "fp32", "fp-32", "float32", "fp8", "float8", "fp4", "half prec",
                   "half-prec", "full prec", "full-prec")  # fmt: skip
HINTS = ("gptq", "awq", "ggu", "ggml", "exl", "fp8", "fp4", "int4", "int-4", "int8", "int-8", "4bit", "4-bit", "8bit", "8-bit", "w8a",
         "w4a", "bnb", "bitsandb", "nf4", "q8_0", "q4_k")  # fmt: skip
PRECISIONS: Vocabulary = (
    ("bf16", Pattern(r"(?<![\w-])(?:torch\.)?b(?:f|float)-?16(?![\w])", _I)),
    ("fp16", Pattern(r"(?<![\w-])(?:torch\.)?(?:fp|f|float)-?16(?![\w])|\bhalf[- ]precision", _I)),
    ("fp32", Pattern(r"(?<![\w-])(?:torch\.)?(?:fp|f|float)-?32(?![\w])|\bfull[- ]precision", _I)),
    ("mxfp4", Pattern(r"\bmxfp4\b", _I)),
    ("nvfp4", Pattern(r"\bnvfp4\b", _I)),
    ("fp8", Pattern(r"\bfp8(?:[-_ ]?e4m3(?:fn)?)?\b|\bfloat8\w{0,12}", _I)),
    ("fp4", Pattern(r"\bfp4\b", _I)),
    ("int4", Pattern(r"\bint-?4\b", _I)),
    ("int8", Pattern(r"\bint-?8\b", _I)),
)
SCHEMES: Vocabulary = (
    ("gptq", Pattern(r"\bgptq\b", _I)),
    ("awq", Pattern(r"\bawq\b", _I)),
    ("gguf", Pattern(r"\bgguf\b", _I)),
    ("ggml", Pattern(r"\bggml\b", _I)),
    ("exl2", Pattern(r"\bexl(?:lama)?v?-?2\b", _I)),
    ("bitsandbytes", Pattern(r"\bbitsandbytes\b|\bbnb\b|\bnf4\b", _I)),
    ("w8a8", Pattern(r"\bw8a8\b", _I)),
    ("w4a16", Pattern(r"\bw4a16\b", _I)),
    ("w8a16", Pattern(r"\bw8a16\b", _I)),
    ("nvfp4", Pattern(r"\bnvfp4\b", _I)),
    ("mxfp4", Pattern(r"\bmxfp4\b", _I)),
    ("fp8", Pattern(r"\bfp8\b", _I)),
    ("int4", Pattern(r"\bint-?4\b|\b4-?bits?\b", _I)),
    ("int8", Pattern(r"\bint-?8\b|\b8-?bits?\b", _I)),
    ("q8_0", Pattern(r"\bq8_0\b", _I)),
    ("q4_k_m", Pattern(r"\bq4_k_m\b", _I)),
)
FORMATS: Vocabulary = (*PRECISIONS, *SCHEMES)
_STORED = Pattern(
    r"\b(?:releas|publish|stor|provid|distribut|sav|upload|shipp|open-sourc)\w{1,4}\b(?: \w+){0,5}? (?:as|in|with|using) (?:\w+ ){0,2}$|"
    r"\b(?:weights?|checkpoints?|tensors?) (?:are|is) (?:\w+ ){0,2}(?:in|of) (?:\w+ )?$|\bnative(?:ly)? (?:\w+ ){0,1}$",
    _I,
)
_WEIGHTS = Pattern(r"[- ](?:precision )?(?:weights|checkpoint|tensors)\b|[- ]precision\b|[- ]format\b", _I)
_NATIVE = Pattern(r"\bnative(?:ly)? $", _I)
_VERSION = Pattern(
    r"(?:[-/ ,()]{1,4}\w[\w.]{0,19}){0,4}?[-/ ,()]{0,4}[- ]"
    r"(?:quanti[sz]\w{2,8}|versions?|quants?|weights|files?|models?|variants?|formats?|"
    r"repo\w{0,6}|checkpoints?|builds?|量化)\b",
    _I,
)
_THIS_IS = Pattern(
    r"\b(?:this|the) (?:model|repo(?:sitory)?|checkpoint|version|release)\b(?: \w+){0,2}? (?:is|are|contains?|hosts?|provides?|"
    r"includes?|has been|was|holds?)\b"
    r"[^.;]{0,80}$",
    _I,
)
_ALONE = Pattern(r"\W*(?:(?:an?|the|this|my|our|official|static|imatrix|weighted|quanti[sz]ed) ){0,3}", _I)
_OF_A_MODEL = Pattern(r".{0,40}?\b(?:of|for) (?:the )?[\w./-]{0,60}\d", _I)
_OFFERED = Pattern(
    r"\b(?:(?:we|i|they|team|thebloke) (?:(?:have|has|also|kindly|generously|now) ){0,3}(?:provid|releas|offer|upload|publish|made|"
    r"open-sourc)\w{0,4}|"
    r"(?:is|are) (?:also |now |generously )?(?:made )?available|available (?:here|at|on|in|from|by|thanks)|can be found|"
    r"thanks (?:to )?\w+ for|"
    r"quanti[sz]ed versions of this)\b|提供了|发布了|https?:|TheBloke",
    _I,
)
_NOT_SO = Pattern(
    r"\b(?:can|could|may|might|should|if|support\w{0,3}|recommend\w{0,3}|load\w{0,3}|upcast|to run|train\w{0,3}|fine-?tun\w{0,3}|"
    r"qlora|lora|optim\w{0,4}|"
    r"mixed|kv[- ]cache|activations?|compar\w{0,4}|than|inference|using|soon|will|plan\w{0,4}|evaluat\w{0,3}|accura\w{1,3}|"
    r"calibrat\w{1,3}|"
    r"quantize|convert\w{0,3}|cast|used?|uses|utili[sz]e\w{0,1}|example|script|illustrat\w{1,3}|algorithms?|achiev\w{1,3}|perform|"
    r"omitted|deploying|during|"
    r"config\w{0,8}|benchmark\w{0,3}|employing|adopt\w{0,3})\b|load_in|训练|采用|部署",
    _I,
)
TRAINING = Pattern(r"train|fine-?tun|hyper-?param|recipe|framework versions|evaluat|usage|quick|infer|微调|训练", _I)


def precision_value(text: str) -> Iterator[Found]:
    """The precisions of the value of a label."""
    if re.search(r"mixed|train", text[:80], _I):
        yield Found(PRECISION, 0, min(len(text), 80), refused="the precision of training")
        return
    if len(text) <= 80:
        yield from all_of(PRECISION, PRECISIONS, text)


def quantization_value(text: str) -> Iterator[Found]:
    """The schemes of the value of a label."""
    if len(text) <= 80:
        yield from all_of(QUANTIZATION, SCHEMES, text)


def precision_sentence(text: str) -> Iterator[Found]:
    """The precision that a sentence says the weights are published in."""
    found = spelled(PRECISIONS, text)
    formats = {word for word, _, _ in spelled(FORMATS, text)} if found else set()
    for word, start, end in found:
        if word in ("int4", "int8", "fp4"):
            continue
        before, after = text[max(0, start - 90) : start], text[end : end + 24]
        stored = _STORED.search(before)
        if stored is None and not (_WEIGHTS.match(after) and _THIS_IS.search(before) and before.strip()):
            continue
        if _NOT_SO.search(before) or _NOT_SO.search(after):
            yield Found(PRECISION, start, end, refused="a way to load, train or convert the model")
        else:
            yield Found(PRECISION, start, end, (word,), relation="family" if len(formats) > 1 else None)


def quantization_sentence(text: str) -> Iterator[Found]:
    """The scheme of the model's own weights, or of another repo's that the sentence points at."""
    for word, start, end in spelled(SCHEMES, text):
        before, after = text[max(0, start - 120) : start], text[end : end + 60]
        version = _VERSION.match(after)
        if version is None and not re.search(r"quanti[sz]ed (?:\w+ ){0,4}(?:to|in|with|using|via|by) (?:\w+ ){0,2}$", before, _I):
            continue
        if start and text[start - 1] in "-_":
            continue
        native = _NATIVE.search(before)
        if native is not None and version is not None:
            yield Found(QUANTIZATION, start, end, (word,), subject_end=start - len(before) + native.start())
        elif _NOT_SO.search(before[-70:]) or _NOT_SO.search(after[: version.end() + 12 if version else 20]):
            yield Found(QUANTIZATION, start, end, refused="a way to load, train or convert the model")
        elif re.search(
            r"\b(?:of|for) (?:this|the) (?:model|repo)|also|avail|kindly|generously|"
            r"TheBloke",
            before + after,
            _I,
        ) is None and (_THIS_IS.search(before) or (_ALONE.fullmatch(before) and version is not None and _OF_A_MODEL.match(after))):
            yield Found(QUANTIZATION, start, end, (word,), own=True)
        elif _OFFERED.search(text[max(0, start - 90) : end + 90]):
            yield Found(QUANTIZATION, start, end, (word,), relation="sibling", own=True)
        else:
            yield Found(QUANTIZATION, start, end, refused="the sentence does not say whose it is")
