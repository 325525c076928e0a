"""DiffusionGemma: Gemma 4 twice over the same tensors, once to read the context and once to denoise a block of text after it."""

from __future__ import annotations

from specverify.architectures.blocks.feed_forward import glu_weights
from specverify.architectures.blocks.tensors import norm, prefixed
from specverify.architectures.gemma3n import FULL, RECIPE, SLIDING, replace_last
from specverify.architectures.gemma4 import attention_of, beside_experts, projected, scaled
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside
from specverify.architectures.model import Model, decoder, kinds
from specverify.architectures.registry import family
from specverify.architectures.tower_gemma4 import vision_tower
from specverify.frozen import replace
from specverify.spec import Attention, LayerGroup, Mixer, Part, Role, Weight


@family("diffusion_gemma", source="transformers DiffusionGemmaForBlockDiffusion; https://ai.google.dev/gemma/docs")
def diffusion_gemma(c: Config) -> Model:
    """DiffusionGemma: the decoder sees its block both ways and the encoder's keys and values, which it adds none to.

    Every layer has experts beside a dense block, and full layers no values of their own. `tie_word_embeddings` ties all that
    the two stacks have in common, but for biases.
    """
    text, vision, tied, body = c.sub("text_config", text=True), c.sub("vision_config"), c.flag("tie_word_embeddings"), inside(c)
    model = decoder(
        text,
        mixer=attention_of(text, keys_as_values=True, causal=False),
        feed_forward=lambda c, kind: beside_experts(c, c.int("intermediate_size")),
        mixer_kinds=replace_last(kinds(text, text.layers(), allowed=(FULL, SLIDING)), FULL),
        norms=scaled,
        recipe=replace(RECIPE, objective="block diffusion"),
        prefix="model.decoder.",
        extra=prefixed("self_conditioning.", self_conditioning(text)),
        tied=tied,
        root=c,
        vision=vision,
        interface="encoder + projector",
    )
    reader = reading_twin(model.parts[0], f"{body}decoder.", f"{body}encoder.language_model.", tied=tied)
    images = projected(c, f"{body}encoder.embed_vision.", vision.int("hidden_size"))
    return replace(model, parts=(reader, *model.parts, vision_tower(vision, f"{body}encoder.vision_tower."), images))


def self_conditioning(c: Config) -> tuple[Weight, ...]:
    """A gated feed-forward over what the last step of denoising expected of each token."""
    hidden = c.int("hidden_size")
    return (*norm("pre_norm", hidden), *glu_weights(hidden, c.int("intermediate_size"), prefix=""))


def reading_twin(part: Part, prefix: str, own: str, *, tied: bool) -> Part:
    """The stack under `own` that has the tensors of the one under `prefix`, but for its head and its conditioning on the last step."""

    def twin(weight: Weight) -> Weight:
        shared = tied and not weight.buffer and not weight.name.endswith(".bias")
        return replace(weight, tied_to=part.layer_prefix + weight.name if shared else None)

    def uncached(mixer: Mixer) -> Mixer:
        assert isinstance(mixer, Attention)
        return replace(mixer, weights=tuple(map(twin, mixer.weights)), causal=True, cached=False)

    def group(layers: LayerGroup) -> LayerGroup:
        block = layers.feed_forward
        return replace(
            layers,
            mixers=tuple(map(uncached, layers.mixers)),
            feed_forward=None if block is None else replace(block, weights=tuple(map(twin, block.weights))),
            norms=tuple(map(twin, layers.norms)),
        )

    outside = tuple(
        replace(weight, name=own + weight.name.removeprefix(prefix), tied_to=weight.name if tied else None)
        for weight in part.weights
        if weight.role is not Role.HEAD and "self_conditioning." not in weight.name
    )
    layers = own + part.layer_prefix.removeprefix(prefix)
    return replace(part, name="encoder", role="encoder", weights=outside, layers=tuple(map(group, part.layers)), layer_prefix=layers)
