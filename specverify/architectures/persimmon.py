"""Persimmon: GPT-NeoX under Llama's names, one block behind the other."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family


@family("persimmon", source="transformers PersimmonForCausalLM; Adept 2023, Persimmon-8B")
def persimmon(c: Config) -> Model:
    """Persimmon-8B: biases everywhere, half of each head rotated, LayerNorms over query and key heads by `qk_layernorm`."""
    qk_norm = "per-head" if c.flag("qk_layernorm") else None
    return decoder(
        c,
        mixer=lambda c, kind: mha(
            c,
            bias=True,
            o_bias=True,
            dim=c.int("hidden_size") // c.int("num_attention_heads"),
            qk_norm=qk_norm,
            qk_norm_names=("q_layernorm", "k_layernorm"),
            qk_norm_bias=True,
            fused="query_key_value",
            names=("", "", "", "dense"),
        ),
        feed_forward=lambda c, kind: plain(c, names=("dense_h_to_4h", "dense_4h_to_h")),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=True),
        final_norm="final_layernorm",
        final_norm_bias=True,
        recipe=Recipe(norm="layer", qk_norm=qk_norm),
    )
