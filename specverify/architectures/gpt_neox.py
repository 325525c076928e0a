"""GPT-NeoX and Pythia: rotary positions on part of each head, two norms a layer, feed-forward beside attention."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family


@family("gpt_neox", source="transformers GPTNeoXForCausalLM; https://arxiv.org/abs/2204.06745")
def gpt_neox(c: Config) -> Model:
    """GPT-NeoX-20B, Pythia, StableLM-alpha: biases everywhere, a head of its own that checkpoints call `embed_out`.

    `use_parallel_residual: false` puts the feed-forward behind attention; the tensors stay the same.
    """
    bias = c.flag("attention_bias")
    for key in ("rotary_pct", "rotary_emb_base"):
        if key in c:
            c.number(key)
    return decoder(
        c,
        mixer=lambda c, kind: mha(c, bias=bias, o_bias=bias, fused="query_key_value", names=("", "", "", "dense"), prefix="attention."),
        feed_forward=lambda c, kind: plain(c, names=("dense_h_to_4h", "dense_4h_to_h")),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=True),
        prefix="gpt_neox.",
        embedding="embed_in",
        final_norm="final_layer_norm",
        final_norm_bias=True,
        head="embed_out",
        token_head="classifier",
        recipe=Recipe(norm="layer", parallel=c.flag("use_parallel_residual")),
    )
