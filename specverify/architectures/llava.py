"""LLaVA: a vision tower, a projector of two matrices, and any text model."""

from __future__ import annotations

from collections.abc import Callable

from specverify import num
from specverify.architectures.blocks.tensors import as_role, linear, norm
from specverify.architectures.blocks.vision import patch_convolution, with_vision
from specverify.architectures.generic import generic
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, head_kind
from specverify.architectures.registry import family, find
from specverify.architectures.towers import image_tower, stated_type
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import LayerGroup, Modality, Part, Role, Weight

LANGUAGE_MODEL = "language_model."
PROJECTOR = "multi_modal_projector."
OUTSIDE = ("lm_head.", "mtp.")
"""What of a text model stands beside the composite's body, not in it."""
Naming = Callable[[str], str]
"""From a tensor's name in the text model alone to its name in a composite."""
Projector = Callable[[Config, Num, Num], tuple[Weight, ...]]
"""The projector of a config, by the widths of tower and text model."""


@family("llava", source="transformers LlavaForConditionalGeneration; https://arxiv.org/abs/2304.08485")
def llava(c: Config) -> Model:
    """LLaVA 1.5 and Pixtral 12B: the head is tied where root or text config says so."""
    return with_images(c, two_matrices, tied=tied_by_either(c))


@family("llava_next", source="transformers LlavaNextForConditionalGeneration; https://llava-vl.github.io/blog/2024-01-30-llava-next")
def llava_next(c: Config) -> Model:
    """LLaVA-NeXT: the root says whether the head is tied."""
    return tiled(c, tied=c.flag("tie_word_embeddings"))


@family("llava_onevision", source="transformers LlavaOnevisionForConditionalGeneration; https://arxiv.org/abs/2408.03326")
def llava_onevision(c: Config) -> Model:
    """LLaVA-OneVision: LLaVA-NeXT over SigLIP, the head tied where root or text config says so."""
    return tiled(c, tied=tied_by_either(c))


@family(
    "llava_next_video",
    source="transformers LlavaNextVideoForConditionalGeneration; https://llava-vl.github.io/blog/2024-04-30-llava-next-video",
)
def llava_next_video(c: Config) -> Model:
    """LLaVA-NeXT for video: OneVision whose frames are pooled, by a convolution where `spatial_pool_mode` is `conv`."""
    model = llava_onevision(c)
    if c.text("spatial_pool_mode") != "conv":
        return model
    hidden, stride = c.sub("vision_config").int("hidden_size"), c.int("spatial_pool_stride")
    outputs = c.optional("spatial_pool_out_channels") or hidden
    pool = patch_convolution("vision_resampler.pool", outputs, hidden, stride, stride)
    return replace(model, parts=(*model.parts, Part("pooler", "projector", Modality.VISION, as_role(Role.PROJECTOR, pool))))


@family("mistral3", source="transformers Mistral3ForConditionalGeneration; https://mistral.ai/news/mistral-small-3-1")
def mistral3(c: Config) -> Model:
    """Mistral Small 3.1 and later: Pixtral's tower, squares of `spatial_merge_size` patches merged into one; the root says what is tied."""
    return with_images(c, merging, tied=c.flag("tie_word_embeddings"))


def tiled(c: Config, *, tied: bool) -> Model:
    """LLaVA over several tiles of an image, with a learned end of an image's row."""
    model = with_images(c, two_matrices, tied=tied)
    newline = Weight("image_newline", (c.sub("text_config", text=True).int("hidden_size"),), Role.PROJECTOR)
    return replace(model, parts=(*model.parts, Part("image newline", "projector", Modality.VISION, (newline,))))


def with_images(
    c: Config,
    projector: Projector,
    *,
    tied: bool,
    tower: str = "vision_tower.",
    projection: str = PROJECTOR,
    nested: bool = False,
) -> Model:
    """Tower, projector and text model, the text model by its own type and `tied` as the composite says.

    `nested`: published as transformers 5 holds it, with all but the head under `model`.
    """
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    body = inside(c) if nested else ""
    model = language_model(text, tied=tied, named=nested_in(body) if nested else beneath)
    weights = projector(c, vision.int("hidden_size"), text.int("hidden_size"))
    into_text = Part("projector", "projector", Modality.VISION, weights, prefix=body + projection)
    return with_vision(model, vision, image_tower(vision, body + tower), into_text)


def tied_by_either(c: Config) -> bool:
    """Whether root or text config says that the head is tied."""
    return c.flag("tie_word_embeddings") or c.sub("text_config", text=True).flag("tie_word_embeddings")


def tied_unless_denied(c: Config) -> bool:
    """A head that is tied by default in root and text config, and is its own only where both say so."""
    text = c.sub("text_config", text=True)
    text.mark("tie_word_embeddings")
    c.mark("tie_word_embeddings")
    return not (c.raw.get("tie_word_embeddings") is False and text.raw.get("tie_word_embeddings") is False)


def inside(c: Config) -> str:
    """The module that holds all parts but the head; a bare model is that module."""
    return "" if head_kind(c.architecture) == "none" else "model."


def within(prefix: str) -> Naming:
    """All names beneath a prefix."""
    return lambda name: prefix + name


beneath = within(LANGUAGE_MODEL)
"""The text model whole under one module, as LLaVA is published."""


def nested_in(body: str) -> Naming:
    """The text model's body under a module of the composite's, whose head is the composite's own."""

    def named(name: str) -> str:
        return name if name.startswith(OUTSIDE) else f"{body}language_model.{name.removeprefix('model.')}"

    return named


def two_matrices(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """From the features of as many tower layers as `vision_feature_layer` lists, side by side, into the text."""
    return matrices("linear_1", "linear_2", feature_layers(c) * inputs, outputs, bias=c.flag("multimodal_projector_bias"))


def feature_layers(c: Config) -> Num:
    """How many layers of the tower the projector reads: as many as `vision_feature_layer` lists, or one."""
    listed = c.choice("vision_feature_layer")
    return num.counted(len(listed), "vision_feature_layer") if isinstance(listed, list) else Num(1)


def matrices(first: str, last: str, inputs: Num, outputs: Num, *, bias: bool = True) -> tuple[Weight, ...]:
    """Into the width of the text model, and once more."""
    return (
        *linear(first, inputs, outputs, Role.PROJECTOR, bias=bias),
        *linear(last, outputs, outputs, Role.PROJECTOR, bias=bias),
    )


def merging(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """A norm and the merging of a square of patches before the two matrices."""
    return (*merger(c, inputs), *two_matrices(c, inputs, outputs))


def merger(c: Config, inputs: Num) -> tuple[Weight, ...]:
    """A norm, and a square of `spatial_merge_size` patches made one as wide as each."""
    side = c.int("spatial_merge_size")
    return (*norm("norm", inputs), *linear("patch_merger.merging_layer", inputs * side * side, inputs, Role.PROJECTOR))


def language_model(c: Config, *, tied: bool, named: Naming = beneath) -> Model:
    """The text model of a composite: as the family of its own type lays it out, named and tied as the composite says."""
    model = of_own_family(c)
    return replace(model, parts=tuple(placed(part, tied, named) for part in model.parts), tied=tied)


def of_own_family(c: Config) -> Model:
    """A model as the family of its own type lays it out; its stated sizes alone where there is none."""
    own = find(stated_type(c))
    return own.build(c) if own is not None else generic(c, "causal") or Model((), c)


def placed(part: Part, tied: bool, named: Naming = beneath) -> Part:
    """A part of the text model in the composite; the head of a decoder is its embedding, or has a tensor of its own."""
    table = next((weight for weight in part.weights if weight.role is Role.EMBEDDING), None)
    weights = []
    for weight in part.weights:
        is_head = part.role == "decoder" and weight.role is Role.HEAD and table is not None and weight.shape == table.shape
        same = (table.name if tied and table is not None else None) if is_head else weight.tied_to
        weights.append(renamed(replace(weight, name=part.prefix + weight.name, tied_to=same), named))
    return replace(
        part,
        weights=tuple(weights),
        layers=tuple(regrouped(group, named) for group in part.layers),
        prefix="",
        layer_prefix=named(part.layer_prefix),
    )


def renamed(weight: Weight, named: Naming) -> Weight:
    """A tensor by its name in the composite, and the one it is the same as."""
    return replace(weight, name=named(weight.name), tied_to=None if weight.tied_to is None else named(weight.tied_to))


def regrouped(group: LayerGroup, named: Naming) -> LayerGroup:
    """Layers whose copies of the text model's tensors name them as the composite does."""
    return replace(group, norms=tuple(replace(norm, tied_to=renamed(norm, named).tied_to) for norm in group.norms))
