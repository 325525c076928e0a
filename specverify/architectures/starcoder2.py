"""StarCoder2: GQA and rotary positions with LayerNorms, biases and a feed-forward of two matrices."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family


@family("starcoder2", source="transformers Starcoder2ForCausalLM; https://arxiv.org/abs/2402.19173")
def starcoder2(c: Config) -> Model:
    """StarCoder2: a tied head, biases by `use_bias`, and a window on every layer where `sliding_window` is a number."""
    bias, window = c.flag("use_bias"), sliding_window(c)
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias, window=window),
        feed_forward=lambda c, kind: plain(c, names=("c_fc", "c_proj"), bias=bias),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=True),
        final_norm_bias=True,
        recipe=Recipe(norm="layer"),
    )
