"""GLM-4.1V to GLM-OCR: patches convolved into squares and merged by a gated projector before a GLM text model."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import GATE_UP_DOWN, glu, glu_weights
from specverify.architectures.blocks.tensors import as_role, linear, norm, prefixed
from specverify.architectures.blocks.vision import patch_convolution, with_vision
from specverify.architectures.deepseek import BALANCED, experts, first_dense
from specverify.architectures.glm import LINEAGE, attention, sandwiched
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside, language_model, nested_in, tied_by_either
from specverify.architectures.model import Model, Recipe, decoder
from specverify.architectures.qwen_vl import block_tower
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight

PAPER = "https://arxiv.org/abs/2507.01006"


@family("glm4v", "glm4v_moe", source=f"transformers Glm4vForConditionalGeneration, Glm4vMoeForConditionalGeneration; {PAPER}")
def glm4v(c: Config) -> Model:
    """GLM-4.1V and, sparse, GLM-4.5V and 4.6V: root or text config says that the head is tied."""
    return with_tower(c, tied=tied_by_either(c))


@family("glm46v", "glmga", source=f"transformers Glm46VForConditionalGeneration; {PAPER}")
def glm46v(c: Config) -> Model:
    """The class of its own that transformers gives GLM-4.6V: the same, but the root alone says what is tied."""
    return with_tower(c, tied=c.flag("tie_word_embeddings"))


@family("glm_ocr", source="transformers GlmOcrForConditionalGeneration; https://huggingface.co/zai-org/GLM-OCR")
def glm_ocr(c: Config) -> Model:
    """GLM-OCR: no learned positions in the tower, but norms over query and key heads, and biases by `attention_bias`.

    The checkpoint's next-token-prediction layer, which the class passes over, is not listed.
    """
    return with_tower(c, tied=tied_by_either(c), ocr=True)


@family("glm4v_text", source=f"transformers Glm4vTextModel; {PAPER}")
def glm4v_text(c: Config) -> Model:
    """The text model of GLM-4.1V: GLM-4-0414 with biases on q, k and v."""
    dim = c.int("hidden_size") // c.int("num_attention_heads")
    return sandwiched(c, lambda c, kind: gqa(c, dim=dim, bias=True))


@family("glm_ocr_text", source="transformers GlmOcrTextModel; https://huggingface.co/zai-org/GLM-OCR")
def glm_ocr_text(c: Config) -> Model:
    """The text model of GLM-OCR: GLM-4-0414 without biases."""
    return sandwiched(c, lambda c, kind: gqa(c))


@family("glm4v_moe_text", source=f"transformers Glm4vMoeTextModel; {PAPER}")
def glm4v_moe_text(c: Config) -> Model:
    """The text model of GLM-4.5V: GLM-4.5 without norms over heads, and without its next-token prediction."""
    return decoder(
        c,
        mixer=attention,
        feed_forward=lambda c, kind: (
            experts(c, router_kind="sigmoid", correction_bias="gate.e_score_correction_bias") if kind == "sparse" else glu(c)
        ),
        feed_forward_kinds=first_dense(c),
        recipe=Recipe(balancing=BALANCED),
        lineage=LINEAGE,
    )


def with_tower(c: Config, *, tied: bool, ocr: bool = False) -> Model:
    """Tower and merger beside the text model of the type that the text config states."""
    text, vision, body = c.sub("text_config", text=True), c.sub("vision_config"), inside(c)
    model = language_model(text, tied=tied, named=nested_in(body))
    prefix = f"{body}visual."
    return with_vision(model, vision, tower(vision, prefix, ocr=ocr), merger(vision, prefix, ocr=ocr))


def tower(c: Config, prefix: str, *, ocr: bool) -> Part:
    """Patches of `temporal_patch_size` frames and gated blocks, which only in GLM-OCR are `intermediate_size` wide."""
    hidden, patch, biased = c.int("hidden_size"), c.int("patch_size"), c.flag("attention_bias")
    outside = patch_convolution("patch_embed.proj", hidden, c.int("in_channels"), c.int("temporal_patch_size"), patch, patch)
    if not ocr:
        side = c.int("image_size") // patch
        outside += (Weight("embeddings.position_embedding.weight", (side * side, hidden), Role.POSITION),)
        outside += norm("post_conv_layernorm", hidden)
    dim = hidden // c.int("num_heads")
    return block_tower(
        c,
        prefix,
        (*outside, *norm("post_layernorm", hidden)),
        feed_forward=GATE_UP_DOWN,
        feed_forward_bias=ocr and biased,
        intermediate=None if ocr else c.int("out_hidden_size"),
        bias=biased,
        output_bias=ocr and biased,
        norm_bias=False,
        more=(*norm("attn.q_norm", dim), *norm("attn.k_norm", dim)) if ocr else (),
    )


def merger(c: Config, prefix: str, *, ocr: bool) -> Part:
    """A convolution over squares of `spatial_merge_size` patches, a matrix with a norm, and a gated block."""
    outputs, side = c.int("out_hidden_size"), c.int("spatial_merge_size")
    wide: Num = outputs * c.int("in_channels") if ocr else c.int("intermediate_size")
    weights = (
        *as_role(Role.PROJECTOR, patch_convolution("downsample", outputs, c.int("hidden_size"), side, side)),
        *linear("merger.proj", outputs, outputs, Role.PROJECTOR),
        *norm("merger.post_projection_norm", outputs, bias=True),
        *prefixed("merger.", glu_weights(outputs, wide, Role.PROJECTOR, prefix="")),
    )
    return Part("projector", "projector", Modality.VISION, weights, prefix=prefix)
