"""MiniCPM-V 4.6 and its kin: SigLIP's layers, halved along the way by attention in windows, before Qwen3.5."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.blocks.vision import of_tower, pair, with_vision
from specverify.architectures.gemma import siglip
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside, language_model, nested_in
from specverify.architectures.model import Model, depth_of
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import LayerGroup, Modality, Part, Role, Weight

MERGED = 4
"""Patches that each step of the merger joins, whatever `merge_kernel_size` says."""


@family(
    "minicpmv4_6",
    "minicpmv4_7",
    "minicpm_ocr",
    source="transformers MiniCPMV4_6ForConditionalGeneration, MiniCPMV4_7ForConditionalGeneration, MiniCPMOcrForConditionalGeneration; "
    "https://huggingface.co/openbmb/MiniCPM-V-4.6",
)
def minicpm_v(c: Config) -> Model:
    """MiniCPM-V 4.6 and 4.7, and MiniCPM-OCR: the root says whether the head is tied."""
    text, vision, body = c.sub("text_config", text=True), c.sub("vision_config"), inside(c)
    model = language_model(text, tied=c.flag("tie_word_embeddings"), named=nested_in(body))
    tower = siglip(vision, f"{body}vision_tower.", pooled=False)
    tower = replace(tower, weights=(*tower.weights, *prefixed("vit_merger.", window_merger(vision))))
    projector = merger(c, vision.int("hidden_size"), text.int("hidden_size"), f"{body}merger.mlp.")
    return with_vision(model, vision, tower, projector)


def window_merger(c: Config) -> tuple[Weight, ...]:
    """Between two layers: attention inside each window of `window_kernel_size` patches, and two matrices that make one of it."""
    hidden, intermediate = c.int("hidden_size"), c.int("intermediate_size")
    height, width = pair(c, "window_kernel_size")
    patches = height * width
    attention = tuple(
        weight for name in ("q_proj", "k_proj", "v_proj", "out_proj") for weight in linear(name, hidden, hidden, Role.ATTENTION, bias=True)
    )
    return of_tower(
        (
            *norm("layer_norm1", hidden, bias=True),
            *prefixed("self_attn.", attention),
            *norm("pre_norm", hidden * patches, bias=True),
            *linear("linear_1", hidden * patches, intermediate * patches, Role.FEED_FORWARD, bias=True),
            *linear("linear_2", intermediate * patches, hidden, Role.FEED_FORWARD, bias=True),
        )
    )


def merger(c: Config, inputs: Num, outputs: Num, prefix: str) -> Part:
    """`merger_times` steps, each of which makes one of four neighbours; the last is as wide as the text."""
    inner = num.maximum(c.layers("merger_times") - 1, 0)
    last = depth_of(inner)
    group = LayerGroup(inner, tuple(range(last)), (), None, step("", inputs, inputs))
    return Part(
        "projector",
        "projector",
        Modality.VISION,
        step(f"{last}.", inputs, outputs),
        (group,) if inner.value != 0 else (),
        prefix=prefix,
        layer_prefix=prefix + "{layer}.",
    )


def step(prefix: str, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """A norm over four neighbours and two matrices."""
    square = inputs * MERGED
    weights = (
        *norm("pre_norm", square, bias=True),
        *linear("linear_1", square, square, Role.PROJECTOR, bias=True),
        *linear("linear_2", square, outputs, Role.PROJECTOR, bias=True),
    )
    return prefixed(prefix, weights)
