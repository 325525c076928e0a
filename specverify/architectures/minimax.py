"""MiniMax: lightning attention with a softmax layer every few; M2 went back to attention everywhere."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa, head_dim
from specverify.architectures.blocks.feed_forward import moe
from specverify.architectures.blocks.recurrent import STATE
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.deepseek import BALANCED
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, depth_of, kinds
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Recurrent, State, Weight

FULL, LINEAR = "full_attention", "linear_attention"
ATTENTION = "self_attn."


@family("minimax", source="transformers MiniMaxForCausalLM; https://arxiv.org/abs/2501.08313")
def minimax(c: Config) -> Model:
    """MiniMax-Text-01 as converted for transformers, which stores the decays of lightning attention: buffers of `block_size`."""
    block = c.int("block_size")
    return lightning_hybrid(c, kinds(c, c.layers(), allowed=(FULL, LINEAR)), block)


@family("minimax_text_01", "minimax_m1", source="https://arxiv.org/abs/2501.08313; https://arxiv.org/abs/2506.13585")
def minimax_text_01(c: Config) -> Model:
    """MiniMax-Text-01 and M1 as published: a 1 in `attn_type_list` is a softmax layer, a 0 lightning attention."""
    stated, count = c.list("attn_type_list", of=int) or [], c.layers()
    if len(stated) != count.value:
        c.problem("length", "attn_type_list", f"`attn_type_list` has {len(stated)} entries for {count.value} layers", len(stated))
    listed = [FULL if kind == 1 else LINEAR if kind == 0 else "" for kind in stated]
    depth = depth_of(count)
    return lightning_hybrid(c, Kinds((*listed, *("",) * depth)[:depth], (count,)), None)


def lightning_hybrid(c: Config, pattern: Kinds, block: Num | None) -> Model:
    """Mixtures in every layer, behind lightning or softmax attention."""
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c) if kind != LINEAR else lightning(c, block),
        feed_forward=lambda c, kind: mixture(c),
        mixer_kinds=pattern,
        recipe=Recipe(balancing="auxiliary loss"),
    )


@family("minimax_m2", source="transformers MiniMaxM2ForCausalLM; https://huggingface.co/MiniMaxAI/MiniMax-M2")
def minimax_m2(c: Config) -> Model:
    """MiniMax-M2: attention in every layer with norms as wide as all heads together, a sigmoid router balanced by a bias."""
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, qk_norm="full"),
        feed_forward=lambda c, kind: mixture(c, router_kind="sigmoid", correction_bias="e_score_correction_bias"),
        recipe=Recipe(qk_norm="full", balancing=BALANCED),
    )


def mixture(c: Config, *, router_kind: str = "softmax", correction_bias: str | None = None) -> FeedForward:
    """Experts of `intermediate_size`, named as in Mixtral."""
    return moe(
        c,
        experts=c.int("num_local_experts"),
        per_token=c.int("num_experts_per_tok"),
        intermediate=c.int("intermediate_size"),
        prefix="block_sparse_moe.",
        names=("w1", "w3", "w2"),
        router_kind=router_kind,
        correction_bias=correction_bias,
    )


def lightning(c: Config, block: Num | None) -> Mixer:
    """Lightning attention (arXiv:2401.04658): a state of `head_dim` x `head_dim` a head, and a gate over the output.

    `block` is the number of tokens its stored decays are for; None where they are computed.
    """
    hidden, heads, dim = c.int("hidden_size"), c.int("num_attention_heads"), head_dim(c)
    weights = (
        *linear("qkv_proj", hidden, heads * dim * 3, STATE),
        *linear("out_proj", heads * dim, hidden, STATE),
        *linear("output_gate", hidden, heads * dim, STATE),
        *norm("norm", heads * dim),
    )
    if block is not None:
        one = Num(1)
        weights += (
            Weight("slope_rate", (heads, one, one), STATE, buffer=True),
            Weight("query_decay", (heads, block, one), STATE, buffer=True),
            Weight("key_decay", (heads, block, one), STATE, buffer=True),
            Weight("diagonal_decay", (one, heads, block, block), STATE, buffer=True),
        )
    return Recurrent("lightning", (State("linear", (heads, dim, dim)),), prefixed(ATTENTION, weights))
