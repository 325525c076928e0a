"""Bamba and Falcon-H1: Mamba-2 with attention in some layers, and beside it in every layer."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.recurrent import mamba2
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, MixerOf, Model, decoder, kinds, layer_norms
from specverify.architectures.registry import family
from specverify.spec import Attention, Recurrent

FULL, LINEAR = "full_attention", "linear_attention"


@family("bamba", source="transformers BambaForCausalLM; https://huggingface.co/blog/bamba")
def bamba(c: Config) -> Model:
    """Bamba: attention at the layers of `attn_layer_indices`, Mamba-2 elsewhere. The state stays in float32."""
    return stack(
        c,
        lambda c, kind: attention(c) if kind == FULL else mamba2_mixer(c),
        kinds(c, c.layers(), "layers_block_type", allowed=(FULL, LINEAR)),
    )


@family("falcon_h1", source="transformers FalconH1ForCausalLM; https://arxiv.org/abs/2507.22448")
def falcon_h1(c: Config) -> Model:
    """Falcon-H1: Mamba-2 and attention side by side in every layer, both with states of their own; multipliers have no tensors."""
    gated_norm, out_bias = c.flag("mamba_rms_norm"), c.flag("projectors_bias")
    return stack(c, lambda c, kind: (mamba2_mixer(c, gated_norm=gated_norm, out_bias=out_bias), attention(c)))


def stack(c: Config, mixer: MixerOf, mixer_kinds: Kinds | None = None) -> Model:
    """A gated feed-forward behind every mixer, named as in Jamba."""
    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c, prefix="feed_forward.", bias=c.flag("mlp_bias")),
        mixer_kinds=mixer_kinds,
        norms=layer_norms("input_layernorm", "pre_ff_layernorm"),
        final_norm="final_layernorm",
    )


def attention(c: Config) -> Attention:
    """GQA with `attention_bias` on all four projections."""
    bias = c.flag("attention_bias")
    return gqa(c, bias=bias, o_bias=bias)


def mamba2_mixer(c: Config, *, gated_norm: bool = True, out_bias: bool | None = None) -> Recurrent:
    """Mamba-2 by the keys of Bamba, which Granite 4 and Falcon-H1 took over."""
    return mamba2(
        c.int("hidden_size"),
        c.int("mamba_n_heads"),
        c.int("mamba_d_head"),
        c.int("mamba_n_groups"),
        c.int("mamba_d_state"),
        c.int("mamba_d_conv"),
        conv_bias=c.flag("mamba_conv_bias"),
        proj_bias=c.flag("mamba_proj_bias"),
        gated_norm=gated_norm,
        out_bias=out_bias,
        prefix="mamba.",
    )
