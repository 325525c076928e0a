"""Phi-1 to Phi-2: one norm a layer with attention and feed-forward beside each other; and the mixture Phi-3.5-MoE."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import moe, plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family


@family("phi", source="transformers PhiForCausalLM; https://arxiv.org/abs/2309.05463")
def phi(c: Config) -> Model:
    """Phi-1, 1.5 and 2: biases everywhere, the head included, and rotary positions on part of each head."""
    qk_norm = "per-head" if c.flag("qk_layernorm") else None
    return decoder(
        c,
        mixer=lambda c, kind: gqa(
            c,
            bias=True,
            o_bias=True,
            names=("q_proj", "k_proj", "v_proj", "dense"),
            qk_norm=qk_norm,
            qk_norm_names=("q_layernorm", "k_layernorm"),
            qk_norm_bias=True,
        ),
        feed_forward=lambda c, kind: plain(c),
        norms=layer_norms("input_layernorm", bias=True),
        final_norm="final_layernorm",
        final_norm_bias=True,
        head_bias=True,
        recipe=Recipe(norm="layer", parallel=True, qk_norm=qk_norm),
    )


@family("phimoe", source="transformers PhimoeForCausalLM; https://arxiv.org/abs/2404.14219")
def phimoe(c: Config) -> Model:
    """Phi-3.5-MoE: Mixtral with LayerNorms, and biases in attention and on the head where the config asks for them."""
    bias, window = c.flag("attention_bias"), sliding_window(c)
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias, window=window),
        feed_forward=lambda c, kind: moe(
            c,
            experts=c.int("num_local_experts"),
            per_token=c.int("num_experts_per_tok"),
            intermediate=c.int("intermediate_size"),
            prefix="block_sparse_moe.",
            names=("w1", "w3", "w2"),
            router_kind="sparsemixer",
        ),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=True),
        final_norm_bias=True,
        head_bias=c.flag("lm_head_bias"),
        recipe=Recipe(norm="layer", balancing="auxiliary loss"),
    )
