"""BLOOM: GPT-2's blocks with linear biases on the scores instead of positions, and a norm behind the embedding."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family


@family("bloom", source="transformers BloomForCausalLM; https://arxiv.org/abs/2211.05100")
def bloom(c: Config) -> Model:
    """BLOOM: biases everywhere, a tied head, one tensor for queries, keys and values, four times the width between; ALiBi."""
    hidden = c.int("hidden_size")
    return decoder(
        c,
        mixer=lambda c, kind: mha(
            c,
            bias=True,
            o_bias=True,
            fused="query_key_value",
            names=("", "", "", "dense"),
            prefix="self_attention.",
            rotary=False,
        ),
        feed_forward=lambda c, kind: plain(c, intermediate=hidden * 4, names=("dense_h_to_4h", "dense_4h_to_h")),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=True),
        prefix="transformer.",
        layers="h.{layer}.",
        embedding="word_embeddings",
        extra=norm("word_embeddings_layernorm", hidden, bias=True),
        final_norm="ln_f",
        final_norm_bias=True,
        token_head="classifier",
        recipe=Recipe(norm="layer", position="alibi"),
    )
