"""Dia: an encoder of bytes and a decoder of audio codes that reads it, each with its own config."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, head_kind, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.spec import Attention, FeedForward, Mixer, Modality, Part, Role, Weight


@family("dia", source="transformers DiaForConditionalGeneration; https://huggingface.co/nari-labs/Dia-1.6B")
def dia(c: Config) -> Model:
    """Dia: rotary positions in both stacks, cross-attention of its own head counts, one table and one head for all `num_channels`."""
    bare = head_kind(c.architecture) == "none"
    prefix, text = "" if bare else "model.", c.sub("decoder_config", text=True)
    parts = (_encoder(c.sub("encoder_config"), f"{prefix}encoder."), _decoder(text, f"{prefix}decoder.", headless=bare))
    return Model(parts, text, Recipe(objective="sequence-to-sequence"), interface="cross-attention")


def _encoder(c: Config, prefix: str) -> Part:
    hidden = c.int("hidden_size")
    table = Weight(f"{prefix}embedding.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: _self_attention(c, causal=False, cached=False),
        feed_forward=_feed_forward,
        norms=layer_norms("pre_sa_norm", "post_sa_norm"),
    )
    weights = (table, *norm(f"{prefix}norm", hidden))
    return Part("encoder", "encoder", Modality.TEXT, weights, groups, layer_prefix=f"{prefix}layers.{{layer}}.")


def _decoder(c: Config, prefix: str, *, headless: bool) -> Part:
    hidden, codes = c.int("hidden_size"), c.int("vocab_size") * c.int("num_channels")
    table = Weight(f"{prefix}embeddings.embed.weight", (codes, hidden), Role.EMBEDDING)
    head = () if headless else linear("logits_dense", hidden, codes, Role.HEAD)

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        crossing = gqa(
            c,
            heads=c.int("cross_num_attention_heads"),
            kv_heads=c.int("cross_num_key_value_heads"),
            dim=c.int("cross_head_dim"),
            source=c.int("cross_hidden_size"),
            prefix="cross_attention.",
            cross=True,
            rotary=False,
        )
        return _self_attention(c), crossing

    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixers,
        feed_forward=_feed_forward,
        norms=layer_norms("pre_sa_norm", "pre_ca_norm", "pre_mlp_norm"),
    )
    weights = (table, *norm(f"{prefix}norm", hidden), *head)
    return Part("decoder", "decoder", Modality.TEXT, weights, groups, layer_prefix=f"{prefix}layers.{{layer}}.")


def _self_attention(c: Config, *, causal: bool = True, cached: bool = True) -> Attention:
    return gqa(c, prefix="self_attention.", causal=causal, cached=cached)


def _feed_forward(c: Config, kind: str) -> FeedForward:
    return glu(c, fused="gate_up_proj")
