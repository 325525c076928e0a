"""Kimi Linear: delta attention with a decay for each channel, latent attention without positions every few layers."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mla
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.blocks.recurrent import STATE, depthwise_conv
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.deepseek import BALANCED, stated_sparse
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, every, kinds
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Recurrent, State, Weight

FULL, LINEAR = "full_attention", "linear_attention"
NESTED = "linear_attn_config"


@family("kimi_linear", source="transformers KimiLinearForCausalLM; https://arxiv.org/abs/2510.26692")
def kimi_linear(c: Config) -> Model:
    """Kimi Linear: sizes of the delta attention from `linear_attn_config` where the file has one; the head is never tied."""
    heads, dim = linear_size(c, "num_heads", "linear_num_heads"), linear_size(c, "head_dim", "linear_head_dim")
    kernel = linear_size(c, "short_conv_kernel_size", "linear_conv_kernel_dim")

    def mixer(c: Config, kind: str) -> Mixer:
        return delta_attention(c.int("hidden_size"), heads, dim, kernel) if kind == LINEAR else mla(c, bias=c.flag("attention_bias"))

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: mixture(c) if kind == "sparse" else glu(c),
        mixer_kinds=attention_kinds(c),
        feed_forward_kinds=stated_sparse(c),
        tied=False,
        recipe=Recipe(position="none", balancing=BALANCED),
    )


def linear_size(c: Config, nested: str, flat: str) -> Num:
    """A size of the delta attention."""
    stated = c.sub(NESTED).optional(nested) if NESTED in c.raw else None
    return stated or c.int(flat)


def attention_kinds(c: Config) -> Kinds:
    """Layers by `layer_types`, else by the two lists of `linear_attn_config`, which count from one."""
    count = c.layers()
    nested = c.sub(NESTED) if NESTED in c.raw and c.raw.get("layer_types") is None else None
    full = nested.list("full_attn_layers", of=int) if nested is not None else None
    if nested is None or full is None or nested.list("kda_layers", of=int) is None:
        return kinds(c, count, allowed=(FULL, LINEAR))
    return every(c, count, lambda index: index + 1 in full, names=(LINEAR, FULL))


def mixture(c: Config) -> FeedForward:
    """Experts named as in Mixtral beside shared ones named as in DeepSeek, behind a sigmoid router."""
    width = c.int("moe_intermediate_size")
    return moe(
        c,
        experts=c.int("num_experts"),
        per_token=c.int("num_experts_per_token"),
        intermediate=width,
        shared=width * c.int("num_shared_experts", least=0),
        prefix="block_sparse_moe.",
        names=("w1", "w3", "w2"),
        router_kind="sigmoid",
        correction_bias="gate.e_score_correction_bias",
        groups=c.optional("num_expert_group"),
        groups_per_token=c.optional("topk_group"),
    )


def delta_attention(hidden: Num, heads: Num, dim: Num, kernel: Num, *, flat_decay: bool = False) -> Recurrent:
    """Kimi Delta Attention (arXiv:2510.26692): a state of `dim` x `dim` a head in float32, and convolutions over q, k and v.

    `flat_decay`: the decays of the heads have no further dimensions.
    """
    width, one = heads * dim, Num(1)
    weights = (
        *(weight for name in "qkv" for weight in linear(f"{name}_proj", hidden, width, STATE)),
        *(weight for name in "qkv" for weight in depthwise_conv(f"{name}_conv1d", width, kernel, bias=False)),
        *linear("f_a_proj", hidden, dim, STATE),
        *linear("f_b_proj", dim, width, STATE),
        Weight("dt_bias", (width,), STATE),
        Weight("A_log", (heads,) if flat_decay else (one, one, heads, one), STATE),
        *linear("b_proj", hidden, heads, STATE),
        *linear("g_a_proj", hidden, dim, STATE),
        *linear("g_b_proj", dim, width, STATE),
        *norm("o_norm", dim),
        *linear("o_proj", width, hidden, STATE),
    )
    states = (State("convolution", (width * 3,), kernel=kernel), State("delta", (heads, dim, dim), dtype="float32"))
    return Recurrent("kimi-delta", states, prefixed("self_attn.", weights))
