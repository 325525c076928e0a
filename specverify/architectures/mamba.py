"""Mamba: selective state spaces and nothing else, no attention, no feed-forward, no positions."""

from __future__ import annotations

from specverify.architectures.blocks.recurrent import mamba as selective
from specverify.architectures.blocks.recurrent import mamba2 as dual
from specverify.architectures.keys import Config
from specverify.architectures.model import MixerOf, Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family

MIXER = "mixer."


@family("mamba", "falcon_mamba", source="transformers MambaForCausalLM, FalconMambaForCausalLM; https://arxiv.org/abs/2312.00752")
def mamba(c: Config) -> Model:
    """Mamba, and Falcon Mamba (arXiv:2410.05355), whose norms over dt, B and C have no weights. The state stays in float32."""
    bias = c.flag("use_bias")
    return stack(
        c,
        lambda c, kind: selective(
            c.int("hidden_size"),
            c.int("intermediate_size"),
            c.int("state_size"),
            c.int("conv_kernel"),
            c.int("time_step_rank"),
            conv_bias=c.flag("use_conv_bias"),
            proj_bias=bias,
            prefix=MIXER,
        ),
    )


@family("mamba2", source="transformers Mamba2ForCausalLM; https://arxiv.org/abs/2405.21060")
def mamba2(c: Config) -> Model:
    """Mamba-2: heads of state that share B and C by groups, and a gated norm. The state stays in float32."""
    bias = c.flag("use_bias")
    return stack(
        c,
        lambda c, kind: dual(
            c.int("hidden_size"),
            c.int("num_heads"),
            c.int("head_dim"),
            c.int("n_groups"),
            c.int("state_size"),
            c.int("conv_kernel"),
            conv_bias=c.flag("use_conv_bias"),
            proj_bias=bias,
            prefix=MIXER,
        ),
    )


def stack(c: Config, mixer: MixerOf) -> Model:
    """One norm and one mixer a layer."""
    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: None,
        norms=layer_norms("norm"),
        prefix="backbone.",
        embedding="embeddings",
        final_norm="norm_f",
        recipe=Recipe(position="none"),
    )
