"""ERNIE 4.5 with images: text and image tokens have experts of their own, of two widths, beside shared ones."""

from __future__ import annotations

from specverify.architectures.blocks.feed_forward import activation, glu_weights
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import pair, with_vision
from specverify.architectures.deepseek import BALANCED, stated_sparse
from specverify.architectures.ernie import attention, dense
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside
from specverify.architectures.model import Model, Recipe, decoder
from specverify.architectures.qwen_vl import block_tower
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Experts, FeedForward, Modality, Part, Role, Weight


@family(
    "ernie4_5_vl_moe",
    source="transformers Ernie4_5_VLMoeForConditionalGeneration; https://ernie.baidu.com/blog/publication/ERNIE_Technical_Report.pdf",
)
def ernie4_5_vl_moe(c: Config) -> Model:
    """ERNIE 4.5-VL: the root says whether the head is tied; frames are merged in space and time before the text."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    model = decoder(
        text,
        mixer=attention,
        feed_forward=lambda c, kind: mixtures(c) if kind == "sparse" else dense(c, kind),
        feed_forward_kinds=stated_sparse(text),
        recipe=Recipe(balancing=BALANCED),
        tied=c.flag("tie_word_embeddings"),
    )
    resampler = merger(vision, text.int("hidden_size"), f"{inside(c)}resampler_model.")
    return with_vision(model, vision, tower(vision), resampler)


def mixtures(c: Config) -> FeedForward:
    """Two mixtures of as many experts, chosen from by the kind of token, and experts that both share, as wide as the text's.

    The image's experts are numbered on from the text's; the two balancing biases are one parameter.
    """
    hidden, experts, chosen = c.int("hidden_size"), c.int("moe_num_experts"), c.int("moe_k")
    width, image_width = pair(c, "moe_intermediate_size")
    weights: tuple[Weight, ...] = ()
    for router, size, first in (("weight", width, 0), ("weight_1", image_width, int(experts.value or 0))):
        weights += (Weight(f"mlp.gate.{router}", (hidden, experts), Role.ROUTER),)
        for weight in glu_weights(hidden, size, Role.ROUTED_EXPERT, prefix="mlp.experts.{expert}."):
            weights += (replace(weight, copies=experts, active=chosen, first=first),)
    weights += (Weight("mlp.moe_statics.e_score_correction_bias", (Num(2), experts), Role.ROUTER, dtype="F32"),)
    count = c.int("moe_num_shared_experts", least=0)
    shared = width * count if count.value != 0 else None
    if shared is not None:
        weights += glu_weights(hidden, shared, Role.SHARED_EXPERT, prefix="mlp.shared_experts.", bias=c.flag("use_bias"))
    return FeedForward(weights, width, activation=activation(c), experts=Experts(experts, chosen, width, shared, "softmax"))


def tower(c: Config) -> Part:
    """Qwen2-VL's tower over single frames, its patches embedded by a matrix, with a norm at its end."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    outside = (
        Weight("patch_embed.proj.weight", (hidden, c.int("in_channels") * patch * patch), Role.TOWER),
        *norm("ln", hidden, bias=True),
    )
    return block_tower(c, "vision_model.", outside, feed_forward=("fc1", "fc2"))


def merger(c: Config, outputs: Num, prefix: str) -> Part:
    """Squares of `spatial_merge_size` patches, then `temporal_merge_size` frames of them, each through two matrices and a norm."""
    side = c.int("spatial_merge_size")
    square = c.int("hidden_size") * side * side
    weights: tuple[Weight, ...] = ()
    for name, inputs in (("spatial_linear", square), ("temporal_linear", square * c.int("temporal_merge_size"))):
        weights += (
            *linear(f"{name}.0", inputs, square, Role.PROJECTOR, bias=True),
            *linear(f"{name}.2", square, square, Role.PROJECTOR, bias=True),
            *norm(f"{name}.3", square, bias=True),
        )
    weights += (*linear("mlp", square, outputs, Role.PROJECTOR, bias=True), *norm("after_norm", outputs))
    return Part("projector", "projector", Modality.VISION, weights, prefix=prefix)
