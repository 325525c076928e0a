"""HunyuanOCR: Hunyuan behind a tower of its own, which convolves squares of patches and marks where an image begins and ends."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import as_role, linear, norm
from specverify.architectures.blocks.vision import patch_convolution, vision_tower, with_vision
from specverify.architectures.hunyuan import hunyuan_v1_dense
from specverify.architectures.keys import Config
from specverify.architectures.llava import tied_unless_denied
from specverify.architectures.model import Model
from specverify.architectures.qwen_vl import text_of
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight


@family("hunyuan_vl", source="transformers HunYuanVLForConditionalGeneration; https://arxiv.org/abs/2511.19575")
def hunyuan_vl(c: Config) -> Model:
    """HunyuanOCR: the text model's keys are in `text_config` or, in published files, at the root; patches enter as wide as the text."""
    text, vision = text_of(c, "hunyuan_vl_text"), c.sub("vision_config")
    model = hunyuan_v1_dense(text, tied=tied_unless_denied(c))
    return with_vision(model, vision, tower(vision), perceiver(vision, text.int("hidden_size")))


def tower(c: Config) -> Part:
    """Learned positions of the largest image and one more, and attention of four matrices."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    side = c.int("max_image_size") // patch
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix="vit.",
        layers="layers.{layer}.",
        outside=(
            *patch_convolution("embeddings.patch_embedding", hidden, c.int("num_channels"), patch, patch),
            Weight("embeddings.position_embedding.weight", (side * side + 1, hidden), Role.POSITION),
        ),
        projections=("q_proj", "k_proj", "v_proj", "o_proj"),
        feed_forward=("dense_h_to_4h", "dense_4h_to_h"),
        norms=("input_layernorm", "post_attention_layernorm"),
    )


def perceiver(c: Config, outputs: Num) -> Part:
    """Two convolutions and a matrix between two norms; the ends of a row and of an image are learned vectors."""
    hidden, side = c.int("hidden_size"), c.int("spatial_merge_size")
    convolutions = (
        *patch_convolution("proj.0", hidden * 2, hidden, side, side),
        *patch_convolution("proj.2", hidden * 4, hidden * 2, Num(1), Num(1)),
    )
    weights = (
        *norm("before_rms", hidden),
        *as_role(Role.PROJECTOR, convolutions),
        *linear("mlp", hidden * 4, outputs, Role.PROJECTOR, bias=True),
        Weight("image_newline", (hidden * 4,), Role.PROJECTOR),
        *(Weight(name, (outputs,), Role.PROJECTOR) for name in ("image_begin", "image_end", "image_sep")),
        *norm("after_rms", outputs),
    )
    return Part("projector", "projector", Modality.VISION, weights, prefix="vit.perceive.")
