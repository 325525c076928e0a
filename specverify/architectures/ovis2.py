"""Ovis2: patches become probabilities over a vocabulary of their own, which its embedding table turns into the text's inputs."""

from __future__ import annotations

from specverify.architectures.blocks.feed_forward import GATE_UP_DOWN
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.composite import projector, root_of, with_text
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Part, Role, Weight


@family("ovis2", source="transformers Ovis2ForConditionalGeneration; https://arxiv.org/abs/2405.20797")
def ovis2(c: Config) -> Model:
    """Ovis2: a text model behind AIMv2; the root says how wide a visual word is, and the shape of a head that is not tied.

    The tower's head knows the visual words but for `num_visual_indicator_tokens` marks around an image.
    """
    vision, root = c.sub("vision_config"), root_of(c)
    stride, words = vision.int("hidden_stride"), vision.int("vocab_size")
    seen = words - vision.int("num_visual_indicator_tokens", least=0)
    head = (
        *linear("vision_tower.head_linear", vision.int("hidden_size") * stride * stride, seen, Role.PROJECTOR),
        *norm("vision_tower.head_norm", seen, bias=True),
    )
    tower, tied = aimv2(vision, f"{root}vision_tower.transformer."), c.flag("tie_word_embeddings")
    model = with_text(c, f"{root}language_model.", tower, tied=tied, vision=vision, head=language_head)
    table = Weight("visual_embeddings_table.weight", (words, c.int("hidden_size")), Role.PROJECTOR)
    return replace(model, parts=(*model.parts, projector(root, (*head, table))))


def language_head(c: Config, table: Weight, *, tied: bool) -> tuple[Weight, ...]:
    """A head by the sizes of the root."""
    shape = (c.int("vocab_size"), c.int("hidden_size"))
    return (Weight("lm_head.weight", shape, Role.HEAD, tied_to=table.name if tied else None),)


def aimv2(c: Config, prefix: str) -> Part:
    """AIMv2's ViT (arXiv:2411.14402): learned positions, RMSNorms, SwiGLU."""
    hidden, patch, side = c.int("hidden_size"), c.int("patch_size"), c.int("image_size") // c.int("patch_size")
    outside = (
        *patch_convolution("embeddings.patch_embedding", hidden, c.int("num_channels"), patch, patch),
        Weight("embeddings.position_embedding.weight", (side * side, hidden), Role.POSITION),
        *norm("embeddings.rms_norm", hidden),
        *norm("rms_norm", hidden),
    )
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=prefix,
        layers="encoder.layers.{layer}.",
        outside=outside,
        attention="attention.",
        bias=c.flag("qkv_bias"),
        feed_forward=GATE_UP_DOWN,
        feed_forward_prefix="ffn.",
        feed_forward_bias=c.flag("mlp_bias"),
        norms=("rms_norm1", "rms_norm2"),
        norm_bias=False,
    )
