"""LFM2 and LFM3: short convolutions between gates, and attention in a few layers."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.blocks.recurrent import STATE, depthwise_conv
from specverify.architectures.blocks.tensors import extended, linear, prefixed
from specverify.architectures.deepseek import BALANCED, first_dense
from specverify.architectures.keys import Config
from specverify.architectures.model import FeedForwardOf, Kinds, Model, Recipe, decoder, kinds, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Recurrent, Role, State

FULL, SLIDING, CONVOLUTION = "full_attention", "sliding_attention", "conv"
FEED_FORWARD, NAMES = "feed_forward.", ("w1", "w3", "w2")


@family("lfm2", source="transformers Lfm2ForCausalLM; https://arxiv.org/abs/2511.23404")
def lfm2(c: Config) -> Model:
    """LFM2: attention where `layer_types` or `full_attn_idxs` says so, a gated convolution of `conv_L_cache` tokens elsewhere."""
    width = adjusted(c)
    return stack(c, lambda c, kind: dense(c, width))


@family("lfm2_moe", source="transformers Lfm2MoeForCausalLM; https://arxiv.org/abs/2511.23404")
def lfm2_moe(c: Config) -> Model:
    """LFM2 MoE: mixtures after the first `num_dense_layers`, balanced by a bias unless `use_expert_bias` is off."""
    return stack(
        c,
        lambda c, kind: mixture(c) if kind == "sparse" else dense(c),
        feed_forward_kinds=first_dense(c, "num_dense_layers"),
        balancing=BALANCED if c.flag("use_expert_bias") else None,
    )


def stack(c: Config, feed_forward: FeedForwardOf, feed_forward_kinds: Kinds | None = None, balancing: str | None = None) -> Model:
    """Attention and convolutions as `layer_types` says; `tie_embedding` is the older spelling of what is tied."""
    return decoder(
        c,
        mixer=lambda c, kind: attention(c) if kind != CONVOLUTION else convolution(c),
        feed_forward=feed_forward,
        mixer_kinds=kinds(c, c.layers(), allowed=(FULL, CONVOLUTION)),
        feed_forward_kinds=feed_forward_kinds,
        norms=layer_norms("operator_norm", "ffn_norm"),
        final_norm="embedding_norm",
        tied=tied(c),
        recipe=Recipe(qk_norm="per-head", balancing=balancing),
    )


@family("lfm3", source="transformers Lfm3ForCausalLM; https://huggingface.co/LiquidAI/LFM3-1.7B")
def lfm3(c: Config) -> Model:
    """LFM3: some attention layers slide, a gate scales each head's output, and what a block adds is normed too (`use_sandwich_norm`)."""
    window, bias, gate = sliding_window(c), c.flag("attention_bias"), c.flag("use_attention_gate")
    behind = ("post_operator_norm", "post_ffn_norm") if c.flag("use_sandwich_norm") else ()

    def mixer(c: Config, kind: str) -> Mixer:
        if kind == CONVOLUTION:
            return convolution(c)
        own = gqa(c, bias=bias, o_bias=bias, qk_norm="per-head", window=window if kind == SLIDING else None)
        heads = linear("self_attn.gate_proj", c.int("hidden_size"), own.num_attention_heads, Role.ATTENTION)
        return extended(own, *heads) if gate else own

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: dense(c),
        mixer_kinds=kinds(c, c.layers(), allowed=(FULL, SLIDING, CONVOLUTION)),
        norms=layer_norms("operator_norm", "ffn_norm", *behind),
        final_norm="embedding_norm",
        recipe=Recipe(norm_placement="pre and post" if behind else "pre", qk_norm="per-head"),
    )


def tied(c: Config) -> bool:
    """Whether the head is the embedding."""
    return c.flag("tie_embedding") if "tie_embedding" in c else c.flag("tie_word_embeddings")


def dense(c: Config, width: Num | None = None) -> FeedForward:
    """A gated feed-forward, named as in Llama's own code."""
    return glu(c, intermediate=width, prefix=FEED_FORWARD, names=NAMES)


def mixture(c: Config) -> FeedForward:
    """Experts of `moe_intermediate_size` behind a sigmoid router."""
    return moe(
        c,
        experts=c.int("num_experts"),
        per_token=c.int("num_experts_per_tok"),
        intermediate=c.int("moe_intermediate_size"),
        prefix=FEED_FORWARD,
        names=NAMES,
        router_kind="sigmoid",
        correction_bias="expert_bias" if c.flag("use_expert_bias") else None,
    )


def adjusted(c: Config) -> Num:
    """Width of the feed-forward: with `block_auto_adjust_ff_dim`, two thirds, multiplied and rounded up to `block_multiple_of`."""
    stated = c.int("intermediate_size")
    if not c.flag("block_auto_adjust_ff_dim"):
        return stated
    factor = c.number("block_ffn_dim_multiplier") or num.unknown("`block_ffn_dim_multiplier` is null")
    multiple = c.int("block_multiple_of")
    return num.ceil_div(num.floor(factor * (stated * 2 // 3)), multiple) * multiple


def attention(c: Config) -> Mixer:
    """GQA with a norm over each head."""
    return gqa(c, qk_norm="per-head", qk_norm_names=("q_layernorm", "k_layernorm"), names=("q_proj", "k_proj", "v_proj", "out_proj"))


def convolution(c: Config) -> Mixer:
    """A short convolution over time between two gates: three projections of the input in one tensor."""
    hidden, kernel, bias = c.int("hidden_size"), c.int("conv_L_cache"), c.flag("conv_bias")
    weights = (
        *linear("in_proj", hidden, hidden * 3, STATE, bias=bias),
        *depthwise_conv("conv", hidden, kernel, bias=bias),
        *linear("out_proj", hidden, hidden, STATE, bias=bias),
    )
    return Recurrent("short-convolution", (State("convolution", (hidden,), kernel=kernel),), prefixed("conv.", weights))
