"""The reader of the value beside each label."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from specverify.card import kinds
from specverify.card.words import activation, architecture, attention, bases, cutoff, formats, hardware, licenses, speed
from specverify.card.words.found import Found

MEASURES = {"throughput": kinds.THROUGHPUT, "ttft": kinds.TTFT, "latency": kinds.LATENCY}
"""Topics whose number is of speed."""
BASES = {
    "base": "stated",
    "finetuned": "finetune",
    "continued": "continued-pretraining",
    "distilled": "distilled",
    "quantized": "quantized",
    "adapter": "adapter",
}
"""Topics whose value is another model, and what it was to this one."""
FORMATS = ("precision", "quantization")
_READERS: dict[str, Callable[[str], Iterator[Found]]] = {
    "attention": attention.value,
    "gqa": attention.flag,
    "architecture": architecture.value,
    "activation": activation.value,
    "precision": formats.precision_value,
    "quantization": formats.quantization_value,
    "cutoff": cutoff.value,
    "hardware": hardware.value,
}


VOCABULARIES = {
    kinds.ATTENTION: attention.NAMES,
    kinds.ARCHITECTURE: architecture.CLASSES,
    kinds.ACTIVATION: activation.NAMES,
}
"""The canonical words of the kinds that have a closed set of them."""


def canonical(kind: str, word: str) -> bool:
    """Whether a word is one of a kind's own, as claims state them: `gqa`, not a card's spelling of it."""
    return any(word == name for name, _ in VOCABULARIES.get(kind, ()))


def values(topic: str, text: str) -> Iterator[Found]:
    """The claims of the value beside a label of this topic."""
    if topic in MEASURES:
        yield from speed.value(MEASURES[topic], text)
    elif topic in BASES:
        yield from bases.value(BASES[topic], text)
    elif topic in ("license", "code_license"):
        yield from licenses.value(kinds.CODE_LICENSE if topic == "code_license" else kinds.LICENSE, text)
    else:
        yield from _READERS[topic](text)
