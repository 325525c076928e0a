"""Qwen3-Next and the text models of Qwen3.5: gated delta nets with gated attention at every few layers."""

from __future__ import annotations

from typing import Any

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.recurrent import gated_delta, kept_dtype
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import PRE_NORM, FeedForwardOf, Kinds, MixerOf, Model, Recipe, decoder, kinds, layer_groups
from specverify.architectures.qwen import BALANCED, FULL, mixture, sparse_layers
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Mixer, Modality, Part, Recurrent, Role

LINEAR = "linear_attention"


@family("qwen3_next", source="transformers Qwen3NextForCausalLM; Gated DeltaNet: https://arxiv.org/abs/2412.06464")
def qwen3_next(c: Config) -> Model:
    """Qwen3-Next: three gated delta nets to one attention layer, whose `q_proj` also makes an output gate; norms zero-centred.

    The published checkpoint holds `mtp.` tensors of which neither config nor class speaks: they are counted where the
    config states `mtp_num_hidden_layers`.
    """
    return hybrid(
        c,
        feed_forward=lambda c, kind: mixture(c) if kind == "sparse" else glu(c),
        feed_forward_kinds=sparse_layers(c),
        balancing=BALANCED,
    )


@family("qwen3_5_text", source="transformers Qwen3_5ForCausalLM")
def qwen3_5_text(c: Config, **placement: Any) -> Model:
    """The dense text model of Qwen3.5: Qwen3-Next with one projection each for qkv, z, b and a."""
    return hybrid(c, feed_forward=lambda c, kind: glu(c), split=True, **placement)


@family("qwen3_5_moe_text", source="transformers Qwen3_5MoeForCausalLM")
def qwen3_5_moe_text(c: Config, **placement: Any) -> Model:
    """The sparse text model of Qwen3.5: every feed-forward is a mixture with a gated shared expert."""
    return hybrid(c, feed_forward=lambda c, kind: mixture(c), split=True, balancing=BALANCED, **placement)


def hybrid(
    c: Config,
    *,
    feed_forward: FeedForwardOf,
    feed_forward_kinds: Kinds | None = None,
    balancing: str | None = None,
    split: bool = False,
    **placement: Any,
) -> Model:
    """Gated delta nets and gated attention, as `layer_types` says. `placement` is for `decoder`."""
    bias, state = c.flag("attention_bias"), kept_dtype(c, "mamba_ssm_dtype", "float32")

    def mixer(c: Config, kind: str) -> Mixer:
        if kind != LINEAR:
            return gqa(c, bias=bias, o_bias=bias, qk_norm="per-head", gate=True)
        return delta_net(c, split=split, state_dtype=state)

    model = decoder(
        c,
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=kinds(c, c.layers(), allowed=(FULL, LINEAR)),
        feed_forward_kinds=feed_forward_kinds,
        recipe=Recipe(qk_norm="per-head", balancing=balancing),
        **placement,
    )
    return replace(model, parts=(*model.parts, *next_token_prediction(c, mixer, feed_forward)))


def delta_net(c: Config, *, split: bool, state_dtype: str = "float32") -> Recurrent:
    """The gated delta net of a config's `linear_` sizes."""
    own = gated_delta(
        c.int("hidden_size"),
        c.int("linear_num_key_heads"),
        c.int("linear_num_value_heads"),
        c.int("linear_key_head_dim"),
        c.int("linear_value_head_dim"),
        c.int("linear_conv_kernel_dim"),
        split=split,
        state_dtype=state_dtype,
    )
    declared = state_dtype if c.raw.get("mamba_ssm_dtype") is not None else None
    return replace(own, states=tuple(state if state.dtype is None else replace(state, declared=declared) for state in own.states))


def next_token_prediction(c: Config, mixer: MixerOf, feed_forward: FeedForwardOf) -> tuple[Part, ...]:
    """The `mtp_num_hidden_layers` attention layers behind a joint of embedding and hidden state; embedding and head are the model's."""
    count = c.optional("mtp_num_hidden_layers", least=0) if "mtp_num_hidden_layers" in c else None
    if count is None or count.value == 0:
        return ()
    hidden = c.int("hidden_size")
    joint = (
        *linear("fc", hidden * 2, hidden, Role.PROJECTOR),
        *norm("pre_fc_norm_embedding", hidden),
        *norm("pre_fc_norm_hidden", hidden),
        *norm("norm", hidden),
    )
    groups = layer_groups(
        c,
        count,
        mixer=lambda c, kind: mixer(c, FULL),
        feed_forward=lambda c, kind: feed_forward(c, "sparse"),
        norms=PRE_NORM,
    )
    return (
        Part(
            "next-token prediction",
            "next-token-prediction",
            Modality.TEXT,
            prefixed("mtp.", joint),
            groups,
            layer_prefix="mtp.layers.{layer}.",
        ),
    )
