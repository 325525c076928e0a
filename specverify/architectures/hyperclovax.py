"""HyperCLOVA X: Granite with norms on what the blocks put out, and Qwen2.5-VL's tower before it."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear
from specverify.architectures.blocks.vision import with_vision
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside, language_model
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.qwen_vl import patch_tower, square_merger
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Modality, Part, Role

BEFORE = ("input_layernorm", "post_attention_layernorm")
BEHIND = ("post_norm1", "post_norm2")


@family("hyperclovax", source="transformers HyperCLOVAXForCausalLM; https://arxiv.org/abs/2506.22403")
def hyperclovax(c: Config) -> Model:
    """HyperCLOVA X SEED Think: Granite's multipliers, and where `use_post_norm` is on a norm behind either block."""
    bias, mlp_bias, behind = c.flag("attention_bias"), c.flag("mlp_bias"), c.flag("use_post_norm")
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias),
        feed_forward=lambda c, kind: glu(c, bias=mlp_bias),
        norms=layer_norms(*BEFORE, *(BEHIND if behind else ())),
        recipe=Recipe(norm_placement="pre and post" if behind else "pre"),
    )


@family("hyperclovax_vision_v2", source="transformers HyperCLOVAXVisionV2ForConditionalGeneration; Naver, HyperCLOVA X SEED Think 32B")
def hyperclovax_vision_v2(c: Config) -> Model:
    """HyperCLOVA X with images: published with the text model whole under one module; the root says whether the head is tied."""
    vision, text, body = c.sub("vision_config"), c.sub("text_config", text=True), inside(c)
    model = language_model(text, tied=c.flag("tie_word_embeddings"), named=lambda name: f"{body}language_model.{name}")
    hidden, outputs, prefix = vision.int("hidden_size"), vision.int("out_hidden_size"), f"{body}vision_model."
    tower = patch_tower(vision, hidden=hidden, feed_forward=("gate_proj", "up_proj", "down_proj"), norm_bias=False, prefix=prefix)
    merger = replace(square_merger(vision, hidden, outputs, bias=False, prefix=prefix), name="merger")
    weights = linear("vision_projector", outputs, text.int("hidden_size"), Role.PROJECTOR, bias=True)
    projector = Part("projector", "projector", Modality.VISION, weights, prefix=body)
    return with_vision(model, vision, tower, merger, projector)
