"""Gemma 3n: Gemma 3 with four streams of hidden states, a low-rank path beside attention, an embedding for every layer, and shared keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specverify import num
from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm, sharded
from specverify.architectures.blocks.vision import with_vision
from specverify.architectures.gemma import BOTH_SIDES
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside
from specverify.architectures.model import Kinds, Model, Recipe, crossed, decoder, depth_of, every, kinds, split_by
from specverify.architectures.registry import family
from specverify.architectures.tower_mobilenetv5 import mobilenetv5
from specverify.architectures.tower_usm import GEMMA3N, Sizes, both, conformer, listed_pairs
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, Mixer, Modality, Part, Role, Weight

FULL, SLIDING = "full_attention", "sliding_attention"
OWN, SHARED = "caching", "sharing"
MOST_STREAMS = 1_000
RECIPE = Recipe(norm_placement="pre and post", qk_norm="per-head")


@family("gemma3n_text", source="transformers Gemma3nForCausalLM; https://ai.google.dev/gemma/docs/gemma-3n")
def gemma3n_text(c: Config) -> Model:
    """Gemma 3n: MatFormer widths by layer, AltUp (arXiv:2301.13310) and LAuReL (arXiv:2411.07501) in each, per-layer embeddings."""
    return streams(c)


@family("gemma3n", source="transformers Gemma3nForConditionalGeneration; https://ai.google.dev/gemma/docs/gemma-3n")
def gemma3n(c: Config) -> Model:
    """Gemma 3n with images and audio, each with a small vocabulary of its own; the root says whether the head is tied."""
    text, vision, audio = c.sub("text_config", text=True), c.sub("vision_config"), c.sub("audio_config")
    body = inside(c)
    model = streams(text, prefix="model.language_model.", tied=c.flag("tie_word_embeddings"), root=c)
    images = Part("projector", "projector", Modality.VISION, embedder(vision, text), prefix=f"{body}embed_vision.")
    sounds = Part("audio projector", "projector", Modality.AUDIO, embedder(audio, text), prefix=f"{body}embed_audio.")
    towers = (mobilenetv5(vision, f"{body}vision_tower.timm_model."), audio_tower(audio, f"{body}audio_tower."))
    return with_vision(model, vision, *towers, images, sounds)


def embedder(c: Config, text: Config) -> tuple[Weight, ...]:
    """Soft tokens, or those of the vocabulary, each behind a norm, and a matrix into the text."""
    hidden = c.int("hidden_size")
    return (
        Weight("embedding.weight", (c.int("vocab_size"), hidden), Role.PROJECTOR),
        *norm("hard_embedding_norm", hidden),
        *norm("soft_embedding_norm", hidden),
        *linear("embedding_projection", hidden, text.int("hidden_size"), Role.PROJECTOR),
    )


def audio_tower(c: Config, prefix: str) -> Part:
    """The tower whose convolutions state kernels and strides; one place is added on either side of the frequencies."""
    kernels, strides = (listed_pairs(c, key) for key in ("sscp_conv_kernel_size", "sscp_conv_stride_size"))
    frequencies = c.int("input_feat_size")
    for (_, kernel), (_, stride) in zip(kernels, strides, strict=True):
        frequencies = (frequencies + 2 - kernel) // stride + 1
    sizes = Sizes(
        c.int("conf_num_attention_heads"),
        c.layers("conf_num_hidden_layers"),
        c.int("conf_conv_kernel_size"),
        both(c, "sscp_conv_channel_size"),
        kernels,
        frequencies,
    )
    return conformer(c, prefix, GEMMA3N, sizes)


def streams(c: Config, **placement: Any) -> Model:
    """The decoder of Gemma 3n. `placement` is for `decoder`."""
    inputs, window, bias = c.int("hidden_size_per_layer_input"), sliding_window(c), c.flag("attention_bias")
    widths, width_of = feed_forward_widths(c)

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(c, bias=bias, o_bias=bias, qk_norm="per-head", window=window if kind.startswith(SLIDING) else None)
        return reading(own) if kind.endswith(SHARED) else own

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c, intermediate=width_of(kind)),
        mixer_kinds=sharing(c),
        feed_forward_kinds=widths,
        norms=lambda c, kind: (*BOTH_SIDES(c, kind), *layer_input(c, inputs), *altup(c), *laurel(c)),
        recipe=RECIPE,
        extra=(*layer_embeddings(c, inputs), *stream_projections(c)),
        **placement,
    )


def feed_forward_widths(c: Config) -> tuple[Kinds | None, Callable[[str], Num]]:
    """What tells the layers' widths apart, and the width of each kind: `intermediate_size` is one number or a list of them."""
    if isinstance(c.choice("intermediate_size"), list):
        widths, told = split_by(c, Kinds(("dense",) * depth_of(c.layers()), (c.layers(),)), "intermediate_size")
        return widths, lambda kind: told(kind)[1]
    return None, lambda kind: c.int("intermediate_size")


def stream_projections(c: Config) -> tuple[Weight, ...]:
    """A projection into every stream but the first, and one out of it."""
    streams, hidden = c.int("altup_num_inputs"), c.int("hidden_size")
    if streams.value is None or streams.value > MOST_STREAMS:
        return (Weight("altup_projections.{unknown}", (num.unknown("`altup_num_inputs` is not plausible"),), Role.FEED_FORWARD),)
    names = ("altup_projections", "altup_unembed_projections")
    places = [f"{name}.{index}" for name in names for index in range(int(streams.value) - 1)]
    return tuple(weight for place in places for weight in linear(place, hidden, hidden, Role.FEED_FORWARD))


def sharing(c: Config, *, last_is_full: bool = False) -> Kinds:
    """Sliding and full layers; the last `num_kv_shared_layers` read the keys and values of the last one of their kind before them."""
    count, shared = c.layers(), c.int("num_kv_shared_layers", least=0)
    found = kinds(c, count, allowed=(FULL, SLIDING))
    if last_is_full and found.kinds:
        found = replace_last(found, FULL)
    if shared.value == 0:
        return found
    first = depth_of(count) - int(shared.value or 0)
    if shared.value is not None and set(filter(None, found.kinds[first:])) - set(found.kinds[: max(first, 0)]):
        c.problem("range", "num_kv_shared_layers", "layers share keys and values of a kind of layer that none before them is", shared.value)
    return crossed(found, every(c, count, lambda index: index >= first, shared, names=(OWN, SHARED)))


def replace_last(found: Kinds, kind: str) -> Kinds:
    """The same layers, the last of which is of this kind whatever the config says."""
    return Kinds((*found.kinds[:-1], kind), found.rests_on)


def reading(own: Attention) -> Attention:
    """Attention without keys and values of its own."""
    return replace(without(own, "k_proj", "v_proj", "k_norm"), cached=False)


def without(own: Attention, *modules: str) -> Attention:
    """Attention that lacks some of its modules."""
    return replace(own, weights=tuple(weight for weight in own.weights if weight.name.split(".")[-2] not in modules))


def layer_embeddings(c: Config, width: Num) -> tuple[Weight, ...]:
    """A second embedding, `width` wide for every layer, and the projection of the first one that is added to it."""
    packed = c.layers() * width
    return (
        Weight("embed_tokens_per_layer.weight", (c.int("vocab_size_per_layer_input"), packed), Role.EMBEDDING),
        *sharded("replicated", linear("per_layer_model_projection", c.int("hidden_size"), packed, Role.FEED_FORWARD)),
        *norm("per_layer_projection_norm", width),
    )


def layer_input(c: Config, width: Num) -> tuple[Weight, ...]:
    """How a layer's own embedding enters it: gated by the hidden state, and projected to its width."""
    hidden = c.int("hidden_size")
    gate, projection = (
        linear("per_layer_input_gate", hidden, width, Role.FEED_FORWARD),
        linear("per_layer_projection", width, hidden, Role.FEED_FORWARD),
    )
    return (*sharded("replicated", (*gate, *projection)), *norm("post_per_layer_input_norm", hidden))


def altup(c: Config) -> tuple[Weight, ...]:
    """Alternating updates: what a layer predicts of the streams it does not compute, and how it corrects them."""
    hidden, streams = c.int("hidden_size"), c.int("altup_num_inputs")
    weights = (
        Weight("altup.correct_output_scale", (hidden,), Role.FEED_FORWARD),
        *linear("altup.correction_coefs", streams, streams, Role.FEED_FORWARD),
        *linear("altup.prediction_coefs", streams, streams * streams, Role.FEED_FORWARD),
        *linear("altup.modality_router", hidden, streams, Role.FEED_FORWARD),
    )
    return (*sharded("replicated", weights), *norm("altup.router_norm", hidden))


def laurel(c: Config) -> tuple[Weight, ...]:
    """The learned residual: a path of `laurel_rank` beside attention."""
    hidden, rank = c.int("hidden_size"), c.int("laurel_rank")
    weights = (
        *linear("laurel.linear_left", hidden, rank, Role.FEED_FORWARD),
        *linear("laurel.linear_right", rank, hidden, Role.FEED_FORWARD),
    )
    return (*sharded("replicated", weights), *norm("laurel.post_laurel_norm", hidden))
