"""Jamba: mostly Mamba, an attention layer and a mixture every few layers, and no positions at all."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.blocks.recurrent import mamba
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, every, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import FeedForward, Mixer

FEED_FORWARD = "feed_forward."


def periodic(c: Config, what: str, names: tuple[str, str], among: Num | None = None) -> Kinds:
    """`names[1]` at `{what}_layer_offset` and each `{what}_layer_period` from there; nowhere if there is but one `among`."""
    period, offset = c.int(f"{what}_layer_period"), c.int(f"{what}_layer_offset", least=0)
    several = among is None or among.value != 1
    return every(c, c.layers(), lambda i: several and i % int(period.value or 1) == offset.value, period, offset, names=names)


@family("jamba", source="transformers JambaForCausalLM; https://arxiv.org/abs/2403.19887")
def jamba(c: Config) -> Model:
    """Jamba: attention at `attn_layer_offset` of every `attn_layer_period` layers, Mamba with norms over dt, B and C elsewhere.

    Feed-forwards are mixtures at `expert_layer_offset` of every `expert_layer_period`. The state stays in float32.
    """
    experts, hidden = c.int("num_experts"), c.int("hidden_size")

    def mixer(c: Config, kind: str) -> Mixer:
        if kind != "mamba":
            return gqa(c, rotary=False)
        return mamba(
            hidden,
            c.int("mamba_expand") * hidden,
            c.int("mamba_d_state"),
            c.int("mamba_d_conv"),
            c.int("mamba_dt_rank"),
            conv_bias=c.flag("mamba_conv_bias"),
            proj_bias=c.flag("mamba_proj_bias"),
            inner_norms=("dt_layernorm", "b_layernorm", "c_layernorm"),
        )

    def feed_forward(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c, prefix=FEED_FORWARD)
        return moe(
            c,
            experts=experts,
            per_token=c.int("num_experts_per_tok"),
            intermediate=c.int("intermediate_size"),
            prefix=FEED_FORWARD,
            router="router",
        )

    return decoder(
        c,
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=periodic(c, "attn", ("mamba", "attention")),
        feed_forward_kinds=periodic(c, "expert", ("dense", "sparse"), experts),
        norms=layer_norms("input_layernorm", "pre_ff_layernorm"),
        final_norm="final_layernorm",
        recipe=Recipe(position="none", balancing="auxiliary loss"),
    )
