"""Mixtures of other labs on grouped attention: windows by `layer_types`, norms over heads, and how the experts are kept."""

from __future__ import annotations

from collections.abc import Callable

from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.blocks.tensors import extended, linear
from specverify.architectures.deepseek import BALANCED, experts, first_dense, stated_sparse
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms, split_by
from specverify.architectures.qwen import BALANCED as BY_LOSS
from specverify.architectures.qwen import SLIDING, listed_windows, mixture, sparse_layers, windowed
from specverify.architectures.registry import family
from specverify.spec import Attention, FeedForward, Mixer, Role

CORRECTION = "gate.e_score_correction_bias"


def normed(c: Config, *, sinks: str | None = None, full_rotary: bool = True) -> Callable[[Config, str], Attention]:
    """Windows by `layer_types`, a norm over each query and key head, `attention_bias` on all four projections."""
    bias = c.flag("attention_bias")
    return windowed(c, bias=bias, o_bias=bias, qk_norm="per-head", sinks=sinks, full_rotary=full_rotary)


def routed(c: Config, **options: object) -> FeedForward:
    """`num_experts` of `moe_intermediate_size` behind a sigmoid router, beside `num_shared_experts` of the same width."""
    width = c.int("moe_intermediate_size")
    return moe(
        c,
        experts=c.int("num_experts"),
        per_token=c.int("num_experts_per_tok"),
        intermediate=width,
        router_kind="sigmoid",
        **{"shared": width * c.int("num_shared_experts", least=0), **options},  # type: ignore[arg-type]
    )


@family("afmoe", source="transformers AfmoeForCausalLM; Arcee AI, Trinity")
def afmoe(c: Config) -> Model:
    """Trinity: a gate on the output of attention, positions on sliding layers alone, norms around both blocks.

    The balancing bias is a parameter that is not trained.
    """
    attention = normed(c, full_rotary=False)

    def mixer(c: Config, kind: str) -> Mixer:
        own = attention(c, kind)
        return extended(own, *linear("self_attn.gate_proj", c.int("hidden_size"), own.num_attention_heads * own.head_dim, Role.ATTENTION))

    def feed_forward(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c)
        return routed(c, router="router.gate", correction_bias="expert_bias", correction_is_parameter=True)

    return decoder(
        c,
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=listed_windows(c),
        feed_forward_kinds=first_dense(c, "num_dense_layers"),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", "pre_mlp_layernorm", "post_mlp_layernorm"),
        recipe=Recipe(norm_placement="pre and post", qk_norm="per-head", balancing=BALANCED),
    )


@family("dots1", source="transformers Dots1ForCausalLM; https://arxiv.org/abs/2506.05767")
def dots1(c: Config) -> Model:
    """dots.llm1: DeepSeek-V3's mixture over grouped attention, layers sliding from `max_window_layers` on."""
    return decoder(
        c,
        mixer=normed(c),
        feed_forward=lambda c, kind: experts(c, router_kind="sigmoid", correction_bias=CORRECTION) if kind == "sparse" else glu(c),
        mixer_kinds=listed_windows(c),
        feed_forward_kinds=first_dense(c),
        recipe=Recipe(qk_norm="per-head", balancing=BALANCED),
    )


@family("exaone_moe", source="transformers ExaoneMoeForCausalLM; LG AI Research, K-EXAONE")
def exaone_moe(c: Config) -> Model:
    """K-EXAONE: EXAONE 4's attention behind norms in front of the blocks, and DeepSeek-V3's mixture.

    The checkpoint's `mtp` tensors, which the class passes over, are not listed.
    """

    def feed_forward(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c)
        groups = {"groups": c.optional("n_group"), "groups_per_token": c.optional("topk_group")}
        return routed(c, correction_bias="e_score_correction_bias", **groups)

    return decoder(
        c,
        mixer=windowed(c, qk_norm="per-head", full_rotary=sliding_window(c) is None),
        feed_forward=feed_forward,
        mixer_kinds=listed_windows(c),
        feed_forward_kinds=stated_sparse(c),
        recipe=Recipe(qk_norm="per-head", balancing=BALANCED),
    )


@family("hy_v3", source="transformers HYV3ForCausalLM; Tencent, Hunyuan 3")
def hy_v3(c: Config) -> Model:
    """Hunyuan 3: one dense layer, then mixtures; with `num_shared_experts` 0 the shared one is `intermediate_size` wide.

    The checkpoint's next-token-prediction layer, which the class passes over, is not listed.
    """
    bias, count = c.flag("mlp_bias"), c.int("num_shared_experts", least=0)
    shared = c.int("intermediate_size") if count.value == 0 else c.int("moe_intermediate_size") * count

    def feed_forward(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c, bias=bias)
        return routed(c, router="router.gate", shared=shared, shared_prefix="shared_mlp.", shared_bias=bias, correction_bias="expert_bias")

    attention_bias = c.flag("attention_bias")
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=attention_bias, o_bias=attention_bias, qk_norm="per-head"),
        feed_forward=feed_forward,
        feed_forward_kinds=stated_sparse(c),
        recipe=Recipe(qk_norm="per-head", balancing=BALANCED),
    )


@family("laguna", source="transformers LagunaForCausalLM; Poolside, Laguna")
def laguna(c: Config) -> Model:
    """Laguna: query heads listed once a layer, a gate on the output of attention with one value a head or one an element.

    The balancing bias is a parameter that is not trained.
    """
    window, bias = sliding_window(c), c.flag("attention_bias")
    layers, of_kind = split_by(c, listed_windows(c), "num_attention_heads_per_layer")

    def mixer(c: Config, kind: str) -> Mixer:
        reach, heads = of_kind(kind)
        own = gqa(c, heads=heads, bias=bias, o_bias=bias, qk_norm="per-head", window=window if reach == SLIDING else None)
        return output_gated(c, own)

    def feed_forward(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c)
        return routed(
            c,
            shared=c.int("shared_expert_intermediate_size", least=0),
            shared_prefix="shared_expert.",
            correction_bias="experts.e_score_correction_bias",
            correction_is_parameter=True,
        )

    return decoder(
        c,
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=layers,
        feed_forward_kinds=stated_sparse(c),
        recipe=Recipe(qk_norm="per-head", balancing=BALANCED),
    )


def output_gated(c: Config, own: Attention) -> Attention:
    """With a gate on the output: one value a head where `gating` is true or `per-head`, else one an element."""
    gating, heads = c.choice("gating", True), own.num_attention_heads
    width = heads if gating is True or gating == "per-head" else heads * own.head_dim
    return extended(own, *linear("self_attn.g_proj", c.int("hidden_size"), width, Role.ATTENTION))


@family("mellum", source="transformers MellumForCausalLM; JetBrains, Mellum")
def mellum(c: Config) -> Model:
    """Mellum 2: Qwen3-MoE whose layers slide, and are mixtures, by lists.

    The checkpoint's `mtp` tensors, which the class passes over, are not listed.
    """
    return decoder(
        c,
        mixer=normed(c),
        feed_forward=lambda c, kind: mixture(c, shared=False) if kind == "sparse" else glu(c),
        mixer_kinds=listed_windows(c),
        feed_forward_kinds=stated_sparse(c),
        recipe=Recipe(qk_norm="per-head", balancing=BY_LOSS),
    )


@family("flint", source="transformers FlintForCausalLM")
def flint(c: Config) -> Model:
    """Flint: Qwen2-MoE with norms and sinks for the heads, and a shared expert that nothing gates."""
    return decoder(
        c,
        mixer=normed(c, sinks="softmax_offset"),
        feed_forward=lambda c, kind: mixture(c, gated=False) if kind == "sparse" else glu(c),
        mixer_kinds=listed_windows(c),
        feed_forward_kinds=sparse_layers(c),
        recipe=Recipe(qk_norm="per-head", balancing=BY_LOSS),
    )


@family("mimo_v2_flash", source="transformers MiMoV2FlashForCausalLM; https://huggingface.co/XiaomiMiMo/MiMo-V2-Flash")
def mimo_v2_flash(c: Config) -> Model:
    """MiMo-V2-Flash: values narrower than keys; sliding layers have twice the KV heads and a sink for every query head.

    The checkpoint's next-token-prediction layers, which the class passes over, are not listed.
    """
    window, bias, kv_heads = sliding_window(c), c.flag("attention_bias"), c.int("num_key_value_heads")

    def mixer(c: Config, kind: str) -> Mixer:
        slides = kind == SLIDING
        return gqa(
            c,
            kv_heads=kv_heads * 2 if slides else kv_heads,
            v_dim=c.int("v_head_dim"),
            bias=bias,
            window=window if slides else None,
            sinks="attention_sink_bias" if slides else None,
        )

    def feed_forward(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c)
        return experts(c, router_kind="sigmoid", correction_bias=CORRECTION)

    return decoder(
        c,
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=listed_windows(c),
        feed_forward_kinds=stated_sparse(c),
        recipe=Recipe(balancing=BALANCED),
    )
