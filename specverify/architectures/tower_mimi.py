"""Mimi (arXiv:2410.00037): a SEANet with a transformer on either side of one semantic and many acoustic codebooks."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.audio import convolution, repeated, transposed_convolution
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import norm, prefixed
from specverify.architectures.blocks.vision import of_tower
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_groups
from specverify.architectures.seanet import ratios_of, seanet_decoder, seanet_encoder
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, LayerGroup, Modality, Part, Role, Weight


def mimi(c: Config, prefix: str) -> Part:
    """The codec under `prefix`, in the flat layout that is published; a null `encoder_config` or `decoder_config` leaves that half out."""
    hidden, step, semantic = c.int("hidden_size"), _step(c), c.int("num_semantic_quantizers")
    weights: tuple[Weight, ...] = ()
    groups: tuple[LayerGroup, ...] = ()
    if _has(c, "encoder"):
        weights += seanet_encoder(c, "encoder.")
        weights += convolution("downsample.conv", hidden, hidden, step * 2, bias=False) if step.value != 1 else ()
        groups += _transformer(c, f"{prefix}encoder_transformer.")
    if _has(c, "decoder"):
        inputs = hidden // c.int("upsample_groups")
        weights += seanet_decoder(c, "decoder.")
        weights += transposed_convolution("upsample.conv", hidden, inputs, step * 2, bias=False) if step.value != 1 else ()
        groups += _transformer(c, f"{prefix}decoder_transformer.")
    weights += _quantizer(c, "semantic", semantic)
    weights += _quantizer(c, "acoustic", c.int("num_quantizers") - semantic)
    return Part("codec", "tower", Modality.AUDIO, weights, groups, prefix=prefix)


def _has(c: Config, half: str) -> bool:
    key = f"{half}_config"
    c.mark(key)
    return key not in c.raw or c.raw[key] is not None


def _step(c: Config) -> Num:
    """Frames of the convolutions that one frame of codes stands for; 1 where the two rates are the same."""
    rate, hop = c.int("sampling_rate"), num.product(ratios_of(c))
    stated = c.number("frame_rate")
    of_codes = stated if stated is not None else rate / (hop * 2)
    return num.floor(num.ceil_div(rate, hop) / of_codes)


def _quantizer(c: Config, name: str, count: Num) -> tuple[Weight, ...]:
    """Residual codebooks, which are buffers, between projections to and from their width."""
    hidden, width = c.int("hidden_size"), c.int("vector_quantization_hidden_dimension")
    size, dim = c.int("codebook_size"), c.int("codebook_dim")
    codebook = (
        Weight("initialized", (Num(1),), Role.TOWER, buffer=True),
        Weight("cluster_usage", (size,), Role.TOWER, buffer=True),
        Weight("embed_sum", (size, dim), Role.TOWER, buffer=True),
    )
    weights = (
        *convolution("input_proj", hidden, width, 1, bias=False),
        *convolution("output_proj", width, hidden, 1, bias=False),
        *repeated(count, lambda index: prefixed(f"layers.{index}.codebook.", codebook)),
    )
    return prefixed(f"quantizer.{name}_residual_vector_quantizer.", weights)


def _transformer(c: Config, prefix: str) -> tuple[LayerGroup, ...]:
    """Causal layers of a window, with a learned scale on what each block adds."""
    hidden, bias = c.int("hidden_size"), c.flag("attention_bias")

    def mixer(c: Config, kind: str) -> Attention:
        own = gqa(c, bias=bias, o_bias=bias, window=c.optional("sliding_window"), cached=False)
        return replace(own, weights=of_tower(own.weights))

    def feed_forward(c: Config, kind: str) -> FeedForward:
        own = plain(c, prefix="mlp.", bias=False)
        return replace(own, weights=of_tower(own.weights))

    scales = (Weight("self_attn_layer_scale.scale", (hidden,), Role.TOWER), Weight("mlp_layer_scale.scale", (hidden,), Role.TOWER))
    norms = (*norm("input_layernorm", hidden, bias=True), *norm("post_attention_layernorm", hidden, bias=True), *scales)
    groups = layer_groups(c, c.layers(), mixer=mixer, feed_forward=feed_forward, norms=lambda c, kind: norms)
    return tuple(replace(group, prefix=f"{prefix}layers.{{layer}}.") for group in groups)
