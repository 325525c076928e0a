"""Qianfan-OCR: InternViT, squares of its patches laid side by side, before Qwen3, as InternVL is published."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import pair, patch_convolution, vision_tower, with_vision
from specverify.architectures.keys import Config
from specverify.architectures.llava import language_model
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight


@family("qianfan_ocr", source="transformers QianfanOCRForConditionalGeneration; https://huggingface.co/baidu/Qianfan-OCR")
def qianfan_ocr(c: Config) -> Model:
    """Qianfan-OCR: the root says whether the head is tied."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    model = language_model(text, tied=c.flag("tie_word_embeddings"))
    return with_vision(model, vision, internvit(vision), projector(c, vision.int("hidden_size"), text.int("hidden_size")))


def internvit(c: Config) -> Part:
    """InternViT (arXiv:2312.14238): a class token, learned positions, and a learned scale on what each block adds."""
    hidden = c.int("hidden_size")
    (height, width), (rows, columns) = pair(c, "patch_size"), pair(c, "image_size")
    outside = (
        Weight("embeddings.class_embedding", (Num(1), Num(1), hidden), Role.TOWER),
        *patch_convolution("embeddings.patch_embedding", hidden, c.int("num_channels"), height, width),
    )
    if c.flag("use_mask_token"):
        outside += (Weight("embeddings.mask_token", (Num(1), Num(1), hidden), Role.TOWER),)
    if c.flag("use_absolute_position_embeddings"):
        patches = (rows // height) * (columns // width)
        outside += (Weight("embeddings.position_embedding", (Num(1), patches + 1, hidden), Role.POSITION),)
    if not c.flag("use_mean_pooling"):
        outside += norm("layernorm", hidden, bias=True)
    more = tuple(Weight(name, (hidden,), Role.TOWER) for name in ("ls1", "ls2"))
    if c.flag("use_qk_norm"):
        more += (*norm("attn.q_norm", hidden), *norm("attn.k_norm", hidden))
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix="vision_model.",
        layers="encoder.layers.{layer}.",
        outside=outside,
        attention="attn.",
        projections=("q", "k", "v", "proj"),
        fused="qkv",
        bias=c.flag("attention_bias"),
        out_bias=True,
        norms=("norm1", "norm2"),
        norm_bias=c.text("norm_type") != "rms_norm",
        more=more,
    )


def projector(c: Config, inputs: Num, outputs: Num) -> Part:
    """A norm over as many patches as `downsample_ratio` makes one of, and two matrices."""
    ratio = c.number("downsample_ratio") or num.unknown("`downsample_ratio` is not stated")
    side = num.floor(1 / ratio)
    square = inputs * side * side
    weights = (
        *norm("0", square, bias=True),
        *linear("1", square, outputs, Role.PROJECTOR, bias=True),
        *linear("3", outputs, outputs, Role.PROJECTOR, bias=True),
    )
    return Part("projector", "projector", Modality.VISION, weights, prefix="mlp1.")
