"""Qwen 1 to 3: Qwen2 puts biases on q, k and v, Qwen3 a norm on every query and key head; both have mixtures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specverify.architectures.blocks.attention import gqa, mha, sliding_window
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, every, kinds, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Attention, FeedForward, Weight

BALANCED = "auxiliary loss"
FULL, SLIDING = "full_attention", "sliding_attention"


def windowed(
    c: Config,
    *,
    bias: bool = False,
    o_bias: bool = False,
    qk_norm: str | None = None,
    sinks: str | None = None,
    full_rotary: bool = True,
) -> Callable[[Config, str], Attention]:
    """Attention whose `sliding_attention` layers see `sliding_window` tokens; `full_rotary`: the others have positions too.

    `sinks` names the tensor of one learned score a head, where there is one.
    """
    window = sliding_window(c)

    def mixer(c: Config, kind: str) -> Attention:
        seen = window if kind == SLIDING else None
        return gqa(c, bias=bias, o_bias=o_bias, qk_norm=qk_norm, sinks=sinks, window=seen, rotary=full_rotary or seen is not None)

    return mixer


def listed_windows(c: Config) -> Kinds:
    """Layers that see everything and layers that slide, by `layer_types` or as the class makes it up."""
    return kinds(c, c.layers(), allowed=(FULL, SLIDING))


def window_kinds(c: Config, slides: Callable[[int, int], bool]) -> Kinds:
    """Layers by `layer_types`; else, with `use_sliding_window`, those slide of which (index, `max_window_layers`) says so."""
    if c.raw.get("layer_types") is not None:
        return listed_windows(c)
    c.mark("layer_types")
    if not c.flag("use_sliding_window"):
        return every(c, c.layers(), lambda i: False, names=(FULL, SLIDING))
    limit = c.int("max_window_layers", least=0)
    return every(c, c.layers(), lambda i: slides(i, int(limit.value or 0)), limit, names=(FULL, SLIDING))


def sparse_layers(c: Config) -> Kinds:
    """Every `decoder_sparse_step`-th layer is a mixture, but for those that `mlp_only_layers` names."""
    step, experts = c.int("decoder_sparse_step"), c.int("num_experts", least=0)
    dense = c.list("mlp_only_layers", of=int) or []
    return every(c, c.layers(), lambda i: i not in dense and experts.value != 0 and (i + 1) % int(step.value or 1) == 0, step)


def mixture(c: Config, *, shared: bool = True, gated: bool = True, expert_weights: tuple[Weight, ...] | None = None) -> FeedForward:
    """Routed experts of `moe_intermediate_size`; `shared`: beside one that is always on, `gated` by itself."""
    return moe(
        c,
        experts=c.int("num_experts", least=0),
        per_token=c.int("num_experts_per_tok"),
        intermediate=c.int("moe_intermediate_size"),
        shared=c.int("shared_expert_intermediate_size", least=0) if shared else None,
        shared_prefix="shared_expert.",
        shared_gate="shared_expert_gate" if gated else None,
        expert_weights=expert_weights,
    )


@family("qwen", source="modeling_qwen.py of Qwen/Qwen-7B; https://arxiv.org/abs/2309.16609")
def qwen(c: Config) -> Model:
    """Qwen 1: multi-head attention with a bias on the one tensor of q, k and v, a feed-forward half as wide as `intermediate_size` says."""
    biased, heads, width = not c.flag("no_bias", True), c.int("num_attention_heads"), c.int("intermediate_size") // 2
    dim = c.int("head_dim", also=("kv_channels",))
    return decoder(
        c,
        mixer=lambda c, kind: mha(
            c, heads=heads, dim=dim, bias=True, o_bias=biased, fused="c_attn", names=("", "", "", "c_proj"), prefix="attn."
        ),
        feed_forward=lambda c, kind: replace(glu(c, intermediate=width, names=("w2", "w1", "c_proj"), bias=biased), activation="silu"),
        norms=layer_norms("ln_1", "ln_2"),
        prefix="transformer.",
        layers="h.{layer}.",
        embedding="wte",
        final_norm="ln_f",
    )


@family("qwen2", source="transformers Qwen2ForCausalLM; https://arxiv.org/abs/2407.10671")
def qwen2(c: Config) -> Model:
    """Qwen 1.5 to 2.5: Llama with biases on q, k and v. Layers from `max_window_layers` on slide if `use_sliding_window` is set."""
    return decoder(
        c,
        mixer=windowed(c, bias=True),
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=window_kinds(c, lambda i, limit: i >= limit),
    )


@family("qwen2_moe", source="transformers Qwen2MoeForCausalLM; https://arxiv.org/abs/2407.10671")
def qwen2_moe(c: Config) -> Model:
    """Qwen1.5-MoE and Qwen2-57B-A14B: Qwen2 with mixtures, each with a gated shared expert.

    With `use_sliding_window`, every other layer below `max_window_layers` slides: not those from it on, as in Qwen2.
    """
    return decoder(
        c,
        mixer=windowed(c, bias=c.flag("qkv_bias")),
        feed_forward=lambda c, kind: mixture(c) if kind == "sparse" else glu(c),
        mixer_kinds=window_kinds(c, lambda i, limit: i % 2 == 0 and i < limit),
        feed_forward_kinds=sparse_layers(c),
        recipe=Recipe(balancing=BALANCED),
    )


@family("qwen3", source="transformers Qwen3ForCausalLM; https://arxiv.org/abs/2505.09388")
def qwen3(c: Config) -> Model:
    """Qwen3: an explicit `head_dim` and a norm over each query and key head instead of Qwen2's biases; layers slide as there."""
    bias = c.flag("attention_bias")
    return decoder(
        c,
        mixer=windowed(c, bias=bias, o_bias=bias, qk_norm="per-head"),
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=window_kinds(c, lambda i, limit: i >= limit),
        recipe=Recipe(qk_norm="per-head"),
    )


@family("qwen3_moe", source="transformers Qwen3MoeForCausalLM; https://arxiv.org/abs/2505.09388")
def qwen3_moe(c: Config) -> Model:
    """Qwen3 with mixtures and no shared expert; with `use_sliding_window` every layer slides."""
    return normed_mixture(c)


def normed_mixture(c: Config, *, expert_weights: tuple[Weight, ...] | None = None, **placement: Any) -> Model:
    """The decoder of Qwen3-MoE; `expert_weights` where a checkpoint keeps experts together, `placement` for `decoder`."""
    bias, window = c.flag("attention_bias"), sliding_window(c)
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias, qk_norm="per-head", window=window),
        feed_forward=lambda c, kind: mixture(c, shared=False, expert_weights=expert_weights) if kind == "sparse" else glu(c),
        feed_forward_kinds=sparse_layers(c),
        recipe=Recipe(qk_norm="per-head", balancing=BALANCED),
        **placement,
    )
