"""LLaVA: a vision tower, a projector of two matrices, and any text model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.generic import generic
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family, find
from specverify.architectures.towers import image_tower, stated_type
from specverify.num import Num
from specverify.spec import LayerGroup, Modality, Part, Role, Weight

LANGUAGE_MODEL = "language_model."
PROJECTOR = "multi_modal_projector."
Projector = Callable[[Config, Num, Num], tuple[Weight, ...]]
"""The projector of a config, by the widths of tower and text model."""


@family("llava", source="transformers LlavaForConditionalGeneration; https://arxiv.org/abs/2304.08485")
def llava(c: Config) -> Model:
    """LLaVA 1.5 and Pixtral 12B: the head is tied where root or text config says so."""
    tied = c.flag("tie_word_embeddings") or c.sub("text_config", text=True).flag("tie_word_embeddings")
    return with_images(c, two_matrices, tied=tied)


@family("llava_next", source="transformers LlavaNextForConditionalGeneration; https://llava-vl.github.io/blog/2024-01-30-llava-next")
def llava_next(c: Config) -> Model:
    """LLaVA-NeXT: LLaVA over several tiles of an image, with a learned end of an image's row; the root says whether the head is tied."""
    model = with_images(c, two_matrices, tied=c.flag("tie_word_embeddings"))
    newline = Weight("image_newline", (c.sub("text_config", text=True).int("hidden_size"),), Role.PROJECTOR)
    return replace(model, parts=(*model.parts, Part("image newline", "projector", Modality.VISION, (newline,))))


@family("mistral3", source="transformers Mistral3ForConditionalGeneration; https://mistral.ai/news/mistral-small-3-1")
def mistral3(c: Config) -> Model:
    """Mistral Small 3.1 and later: Pixtral's tower, squares of `spatial_merge_size` patches merged into one; the root says what is tied."""
    return with_images(c, merging, tied=c.flag("tie_word_embeddings"))


def with_images(c: Config, projector: Projector, *, tied: bool) -> Model:
    """Tower, projector and text model, the text model by its own type and `tied` as the composite says."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    model = language_model(text, tied=tied)
    weights = prefixed(PROJECTOR, projector(c, vision.int("hidden_size"), text.int("hidden_size")))
    projection = Part("projector", "projector", Modality.VISION, weights)
    parts = (*model.parts, image_tower(vision, "vision_tower."), projection)
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


def two_matrices(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """From the features of as many tower layers as `vision_feature_layer` lists, side by side, into the text."""
    listed = c.choice("vision_feature_layer")
    features = num.counted(len(listed), "vision_feature_layer") if isinstance(listed, list) else Num(1)
    bias = c.flag("multimodal_projector_bias")
    return (
        *linear("linear_1", features * inputs, outputs, Role.PROJECTOR, bias=bias),
        *linear("linear_2", outputs, outputs, Role.PROJECTOR, bias=bias),
    )


def merging(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """A norm and the merging of a square of patches before the two matrices."""
    side = c.int("spatial_merge_size")
    return (
        *norm("norm", inputs),
        *linear("patch_merger.merging_layer", inputs * side * side, inputs, Role.PROJECTOR),
        *two_matrices(c, inputs, outputs),
    )


def language_model(c: Config, *, tied: bool) -> Model:
    """The text model of a composite: as the family of its own type lays it out, under a prefix, tied as the composite says."""
    model = of_own_family(c)
    return replace(model, parts=tuple(placed(part, tied) for part in model.parts), tied=tied)


def of_own_family(c: Config) -> Model:
    """A model as the family of its own type lays it out; its stated sizes alone where there is none."""
    own = find(stated_type(c))
    return own.build(c) if own is not None else generic(c, "causal") or Model((), c)


def placed(part: Part, tied: bool, prefix: str = LANGUAGE_MODEL) -> Part:
    """A part of the text model under the composite's prefix; the head of a decoder is its embedding, or has a tensor of its own."""
    table = next((weight for weight in part.weights if weight.role is Role.EMBEDDING), None)
    weights = []
    for weight in part.weights:
        is_head = part.role == "decoder" and weight.role is Role.HEAD and table is not None and weight.shape == table.shape
        same = (table.name if tied and table is not None else None) if is_head else weight.tied_to
        weights.append(renamed(replace(weight, name=part.prefix + weight.name, tied_to=same), prefix))
    return replace(
        part,
        weights=tuple(weights),
        layers=tuple(regrouped(group, prefix) for group in part.layers),
        prefix="",
        layer_prefix=prefix + part.layer_prefix,
    )


def renamed(weight: Weight, prefix: str) -> Weight:
    """A tensor under the prefix, and the one it is the same as."""
    return replace(weight, name=prefix + weight.name, tied_to=None if weight.tied_to is None else prefix + weight.tied_to)


def regrouped(group: LayerGroup, prefix: str) -> LayerGroup:
    """Layers whose copies of the text model's tensors name them under the prefix."""
    return replace(group, norms=tuple(replace(norm, tied_to=renamed(norm, prefix).tied_to) for norm in group.norms))
