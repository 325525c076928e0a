"""The perceiver resampler (Flamingo, arXiv:2204.14198): a few learned latents read any number of patches, layer by layer."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.tensors import norm
from specverify.architectures.blocks.vision import towered
from specverify.architectures.keys import Config
from specverify.architectures.model import FeedForwardOf, MixerOf, NormsOf, layer_groups, layer_norms
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Mixer, Modality, Part, Role, Weight

WIDER = 4
"""How much wider than the latents the feed-forward is."""


def idefics_resampler(c: Config, width: Num, prefix: str) -> Part:
    """Idefics's: as wide as the tower, LayerNorms, a plain feed-forward without biases."""

    def mixer(c: Config, kind: str) -> Mixer:
        heads = c.int("resampler_n_heads")
        names = ("q_proj", "k_proj", "v_proj", "output_proj")
        qk_norm = "per-head" if c.flag("qk_layer_norms_perceiver") else None
        return reading(c, width, heads, heads, names, "0.", qk_norm)

    def feed_forward(c: Config, kind: str) -> FeedForward:
        return towered(plain(c, hidden=width, intermediate=width * WIDER, prefix="1.", names=("fc", "c_proj"), bias=False))

    norms = layer_norms("0.context_layer_norm", "0.latents_layer_norm", "1.ln", bias=True, size=width)
    return latents(c, width, prefix, "blocks.{layer}.", norm("layer_norm", width, bias=True), mixer, feed_forward, norms)


def idefics2_resampler(c: Config, width: Num, prefix: str) -> Part:
    """Idefics2's: as wide as the text model, grouped keys and values, RMSNorms and a gated feed-forward."""

    def mixer(c: Config, kind: str) -> Mixer:
        names = ("q_proj", "k_proj", "v_proj", "o_proj")
        return reading(c, width, c.int("resampler_n_heads"), c.int("num_key_value_heads"), names, "self_attn.")

    def feed_forward(c: Config, kind: str) -> FeedForward:
        return towered(glu(c, hidden=width, intermediate=width * WIDER))

    norms = layer_norms("input_latents_norm", "input_context_norm", "post_attention_layernorm", size=width)
    return latents(c, width, prefix, "layers.{layer}.", norm("norm", width), mixer, feed_forward, norms)


def reading(
    c: Config, width: Num, heads: Num, kv_heads: Num, names: tuple[str, str, str, str], prefix: str, qk_norm: str | None = None
) -> Attention:
    """The latents attend to the patches and to themselves."""
    return towered(
        gqa(
            c,
            hidden=width,
            heads=heads,
            kv_heads=kv_heads,
            dim=c.int("resampler_head_dim"),
            qk_norm=qk_norm,
            qk_norm_names=("q_layer_norm", "k_layer_norm"),
            qk_norm_bias=True,
            names=names,
            prefix=prefix,
            causal=False,
            cached=False,
            rotary=False,
        )
    )


def latents(
    c: Config,
    width: Num,
    prefix: str,
    layers: str,
    last: tuple[Weight, ...],
    mixer: MixerOf,
    feed_forward: FeedForwardOf,
    norms: NormsOf,
) -> Part:
    """`resampler_n_latents` latents, `resampler_depth` layers, and the `last` norm."""
    groups = layer_groups(c, c.layers("resampler_depth"), mixer=mixer, feed_forward=feed_forward, norms=norms)
    outside = (Weight("latents", (c.int("resampler_n_latents"), width), Role.TOWER), *last)
    return Part("resampler", "projector", Modality.VISION, outside, groups, prefix=prefix, layer_prefix=prefix + layers)
