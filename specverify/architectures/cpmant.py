"""CPM-Ant: every sequence begins with learned prompt tokens, and positions are one bias table for all layers."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import FeedForward, Mixer, Role, Weight


@family("cpmant", source="transformers CpmAntForCausalLM; https://github.com/OpenBMB/CPM-Live")
def cpmant(c: Config) -> Model:
    """CPM-Ant: the table holds the prompts behind the vocabulary, and the head is not tied to it.

    What is there when generation starts sees itself both ways. The prompt's keys and values are cached too.
    """
    hidden, heads, prompt = c.int("hidden_size"), c.int("num_attention_heads"), c.int("prompt_length", least=0)
    segments, buckets = c.int("segment_types", least=0), c.int("position_bias_num_buckets", least=0)

    def mixer(c: Config, kind: str) -> Mixer:
        names = ("project_q", "project_k", "project_v", "attention_out")
        return replace(mha(c, dim=c.int("dim_head"), names=names, prefix="self_att.self_attention.", rotary=False), prompt=prompt)

    def feed_forward(c: Config, kind: str) -> FeedForward:
        own = glu(c, intermediate=c.int("dim_ff"), prefix="ffn.ffn.", names=("w_in.w_0", "w_in.w_1", "w_out"))
        return replace(own, activation="gelu")

    return decoder(
        c,
        mixer=mixer,
        feed_forward=feed_forward,
        norms=layer_norms("self_att.layernorm_before_attention", "ffn.layernorm_before_ffn"),
        prefix="cpmant.",
        layers="encoder.layers.{layer}.",
        embedding="input_embedding",
        embedding_rows=c.int("vocab_size") + c.int("prompt_types", least=0) * prompt,
        final_norm="encoder.output_layernorm",
        tied=False,
        extra=(
            Weight("segment_embedding.weight", (segments, hidden), Role.POSITION),
            Weight("position_bias.relative_attention_bias", (segments * segments + buckets, heads), Role.POSITION),
        ),
        recipe=Recipe(position="relative"),
        mask="prefix",
    )
