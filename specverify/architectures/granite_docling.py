"""Granite for Docling: SigLIP with a connector of one or two resolutions inside it, before Granite."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.blocks.vision import with_vision
from specverify.architectures.gemma import siglip
from specverify.architectures.granite import granite
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside, placed
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight


@family("granite_docling", source="transformers GraniteDoclingForConditionalGeneration; https://huggingface.co/ibm-granite")
def granite_docling(c: Config) -> Model:
    """Granite for Docling: features of some layers of the tower reach the first text layers; the root says whether the head is tied.

    Where `density_router_hidden_size` is a number, a router chooses the resolution for a page.
    """
    text, vision, body, tied = c.sub("text_config", text=True), c.sub("vision_config"), inside(c), c.flag("tie_word_embeddings")
    model = granite(text)

    def named(name: str) -> str:
        return name if name.startswith("lm_head.") else f"{body}text_model.{name.removeprefix('model.')}"

    model = replace(model, parts=tuple(placed(part, tied, named) for part in model.parts), tied=tied)
    tower = siglip(vision, f"{body}vision_model.", pooled=False)
    parts = [tower, Part("projector", "projector", Modality.VISION, connector(vision), prefix=f"{body}vision_model.connector.")]
    width = c.optional("density_router_hidden_size")
    if width is not None:
        router = density_router(vision.int("hidden_size"), width)
        parts.append(Part("density router", "projector", Modality.VISION, router, prefix=f"{body}density_router."))
    return with_vision(model, vision, *parts)


def connector(c: Config) -> tuple[Weight, ...]:
    """A coarse and, with `use_fine_route`, a fine way into the text, between norms and one matrix they share."""
    outputs, scale = c.int("out_hidden_size"), c.int("scale_factor")
    weights = (*norm("ln_in", c.int("hidden_size"), bias=True), *prefixed("coarse.", route(c, scale)))
    if c.flag("use_fine_route"):
        weights += prefixed("fine.", route(c, scale // 2))
    return (
        *weights,
        *norm("ln_mid", outputs, bias=True),
        *linear("mlp_fc2", outputs, outputs, Role.PROJECTOR),
        *norm("ln_out", outputs, bias=True),
    )


def route(c: Config, scale: Num) -> tuple[Weight, ...]:
    """A matrix over squares of `scale` by `scale` patches, and a norm and two matrices for every entry of `deepstack_visual_indexes`."""
    square, outputs = c.int("hidden_size") * scale * scale, c.int("out_hidden_size")
    weights = linear("projection", square, outputs, Role.PROJECTOR)
    for index in range(len(c.list("deepstack_visual_indexes", of=int) or ())):
        name = f"deepstack_mergers.{index}."
        weights += norm(f"{name}layer_norm", square, bias=True)
        weights += linear(f"{name}linear_1", square, outputs, Role.PROJECTOR, bias=True)
        weights += linear(f"{name}linear_2", outputs, outputs, Role.PROJECTOR, bias=True)
    return weights


def density_router(hidden: Num, width: Num) -> tuple[Weight, ...]:
    """One score for a patch, by which a tile's are pooled, and two matrices to one number for a page."""
    return (
        *linear("att", hidden, Num(1), Role.PROJECTOR, bias=True),
        *norm("norm", hidden, bias=True),
        *linear("fc1", hidden, width, Role.PROJECTOR, bias=True),
        *linear("fc2", width, Num(1), Role.PROJECTOR, bias=True),
    )
