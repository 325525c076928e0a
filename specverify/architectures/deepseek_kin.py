"""Decoders of other labs on DeepSeek's latent attention."""

from __future__ import annotations

from typing import Any

from specverify import num
from specverify.architectures.blocks.attention import mla
from specverify.architectures.blocks.feed_forward import activation, glu, glu_weights, stacked_experts
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.deepseek import BALANCED, experts, first_dense, indexed, stated_sparse
from specverify.architectures.keys import Config
from specverify.architectures.llama_kin import gated
from specverify.architectures.model import Model, Recipe, decoder, kinds, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Experts, FeedForward, Latent, Role, Weight

EXPERTS = "mlp.experts."


def balanced(c: Config, **options: Any) -> FeedForward:
    """DeepSeek-V3's mixture: a sigmoid router balanced by a bias."""
    return experts(c, router_kind="sigmoid", correction_bias="gate.e_score_correction_bias", **options)


def stacked(c: Config) -> tuple[Weight, ...]:
    """One of `moe_intermediate_size` wide experts that stand together in two tensors."""
    return stacked_experts(c.int("hidden_size"), c.int("moe_intermediate_size"), EXPERTS, outputs_first=True)


def latent(c: Config, kind: str) -> Latent:
    """Latent attention with `attention_bias` as in DeepSeek."""
    return mla(c, bias=c.flag("attention_bias"))


@family("youtu", source="transformers YoutuForCausalLM; https://huggingface.co/tencent/Youtu-LLM-2B")
def youtu(c: Config) -> Model:
    """Youtu-LLM: a dense decoder on latent attention."""
    return decoder(c, mixer=latent, feed_forward=lambda c, kind: glu(c))


@family("minicpm3", source="transformers MiniCPM3ForCausalLM; https://arxiv.org/abs/2404.06395")
def minicpm3(c: Config) -> Model:
    """MiniCPM3: a dense decoder on latent attention, with scaled embeddings, residuals and logits that own no weight."""
    return decoder(c, mixer=latent, feed_forward=gated)


@family("mistral4", source="transformers Mistral4ForCausalLM; Mistral AI, Mistral Small 4")
def mistral4(c: Config) -> Model:
    """Mistral 4: latent attention and DeepSeek's mixture, with a softmax router that no bias balances."""

    def mixture(c: Config, kind: str) -> FeedForward:
        return experts(c, expert_weights=stacked(c)) if kind == "sparse" else glu(c)

    return decoder(c, mixer=latent, feed_forward=mixture, feed_forward_kinds=first_dense(c))


@family("axk1", source="transformers AXK1ForCausalLM; SK Telecom, A.X K1")
def axk1(c: Config) -> Model:
    """A.X K1: DeepSeek-V3 with a norm on what each mixture adds."""

    def mixture(c: Config, kind: str) -> FeedForward:
        return extended(balanced(c), *norm("post_mlp_layernorm", c.int("hidden_size"))) if kind == "sparse" else glu(c)

    return decoder(c, mixer=latent, feed_forward=mixture, feed_forward_kinds=stated_sparse(c), recipe=Recipe(balancing=BALANCED))


@family("axk2", source="transformers AXK2ForCausalLM; SK Telecom, A.X K2")
def axk2(c: Config) -> Model:
    """A.X K2: DeepSeek-V3.2 whose norms are gated by what they read, and whose queries bring an output gate with them.

    Queries and gate are read from the compressed queries with and without their norm. The norm in front of a dense
    feed-forward has no gate.
    """
    hidden = c.int("hidden_size")

    def mixer(c: Config, kind: str) -> Latent:
        own = indexed(c)
        rank, dim = c.int("q_lora_rank"), own.qk_nope_head_dim + own.qk_rope_head_dim + own.v_head_dim
        both = (own.num_attention_heads * dim, rank * 2)
        weights = (replace(w, shape=both) if w.name == "self_attn.q_b_proj.weight" else w for w in own.weights)
        return replace(own, weights=tuple(weights))

    def mixture(c: Config, kind: str) -> FeedForward:
        name = "post_attention_layernorm"
        return extended(balanced(c), *gated_norm(c, name)) if kind == "sparse" else extended(glu(c), *norm(name, hidden))

    return decoder(
        c,
        mixer=mixer,
        feed_forward=mixture,
        feed_forward_kinds=stated_sparse(c),
        norms=lambda c, kind: gated_norm(c, "input_layernorm"),
        recipe=Recipe(balancing=BALANCED),
    )


def gated_norm(c: Config, name: str) -> tuple[Weight, ...]:
    """A norm, and a gate on its output from two matrices of rank `gated_norm_rank`."""
    hidden, rank = c.int("hidden_size"), c.int("gated_norm_rank")
    return (
        *norm(f"{name}.norm", hidden),
        *linear(f"{name}.W_down", hidden, rank, Role.FEED_FORWARD),
        *linear(f"{name}.W_up", rank, hidden, Role.FEED_FORWARD),
    )


@family("hy_v4", source="transformers HYV4ForCausalLM; Tencent, Hunyuan 4")
def hy_v4(c: Config) -> Model:
    """Hunyuan 4: DeepSeek-V3.2 with a gate and sinks in attention, and `hc_mult` residual streams (arXiv:2409.19606).

    A `shared` layer of `indexer_types` takes the choice of the one before. Next-token-prediction layers, which the class
    passes over, are not listed.
    """
    hidden, streams = c.int("hidden_size"), c.int("hc_mult")

    def mixer(c: Config, kind: str) -> Latent:
        own = indexed(c, scores=kind != "shared")
        heads = own.num_attention_heads
        gate = linear("self_attn.linear_gate", hidden, heads * own.v_head_dim, Role.ATTENTION)
        return extended(own, *gate, Weight("self_attn.learnable_sink_param", (heads,), Role.ATTENTION))

    own_norms = layer_norms("input_layernorm", "post_attention_layernorm")
    head = (
        Weight("hc_head.hc_head_fn", (streams, streams * hidden), Role.PROJECTOR),
        Weight("hc_head.hc_head_base", (streams,), Role.PROJECTOR),
        Weight("hc_head.hc_head_scale", (Num(1),), Role.PROJECTOR),
    )
    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: balanced(c, expert_weights=stacked(c)) if kind == "sparse" else glu(c),
        mixer_kinds=kinds(c, c.layers(), "indexer_types", allowed=("full", "shared")),
        feed_forward_kinds=stated_sparse(c),
        norms=lambda c, kind: (*own_norms(c, kind), *streams_mixed("attn", hidden, streams), *streams_mixed("mlp", hidden, streams)),
        extra=head,
        recipe=Recipe(balancing=BALANCED),
    )


def streams_mixed(block: str, hidden: Num, streams: Num) -> tuple[Weight, ...]:
    """How a block reads the residual streams and writes to them: weights of both, from all streams together."""
    prefix = f"hc_{block}_layer.hc_pre.hc_"
    return (
        Weight(prefix + "fn", (streams * 2, streams * hidden), Role.PROJECTOR),
        Weight(prefix + "base", (streams * 2,), Role.PROJECTOR),
        Weight(prefix + "scale", (num.const(2, "read and write"),), Role.PROJECTOR),
    )


@family("longcat_flash", source="transformers LongcatFlashForCausalLM; https://arxiv.org/abs/2509.01322")
def longcat_flash(c: Config) -> Model:
    """LongCat-Flash: each layer is two of latent attention with a dense feed-forward each, and one mixture beside them.

    `zero_expert_num` of the experts a token may choose compute nothing, so what it touches varies. The checkpoint's `mtp`
    tensors, which the class passes over, are not listed.
    """
    bias, query_dim = c.flag("attention_bias"), c.int("qk_head_dim")

    def feed_forward(c: Config, kind: str) -> FeedForward:
        return extended(shortcut_mixture(c), *(w for i in (0, 1) for w in glu(c, prefix=f"mlps.{i}.").weights))

    return decoder(
        c,
        mixer=lambda c, kind: tuple(mla(c, bias=bias, query_dim=query_dim, prefix=f"self_attn.{i}.") for i in (0, 1)),
        feed_forward=feed_forward,
        norms=layer_norms(*(f"{name}.{i}" for name in ("input_layernorm", "post_attention_layernorm") for i in (0, 1))),
        count=c.layers("num_layers"),
        recipe=Recipe(balancing=BALANCED),
    )


def shortcut_mixture(c: Config) -> FeedForward:
    """Experts that compute and experts that pass their input on, behind one router.

    The class has gate and up matrices for the latter too, no checkpoint does: with them, the count is not defined.
    """
    hidden, width = c.int("hidden_size"), c.int("moe_intermediate_size")
    computing, idle = c.int("n_routed_experts", least=0), c.optional("zero_expert_num", least=0)
    choices = computing if idle is None else computing + idle
    copies, chosen = computing, c.int("num_experts_per_tok")
    if idle is not None and idle.value != 0:
        copies = num.unknown("transformers builds gate and up matrices for zero-compute experts too, which no checkpoint holds")
        chosen = num.unknown("how many of the chosen experts compute varies from token to token")
    routed = glu_weights(hidden, width, Role.ROUTED_EXPERT, prefix=EXPERTS + "{expert}.")
    weights = (
        *linear("mlp.router.classifier", hidden, choices, Role.ROUTER, bias=c.flag("router_bias")),
        Weight("mlp.router.e_score_correction_bias", (choices,), Role.ROUTER, buffer=True, dtype="F32"),
        *(replace(weight, copies=copies, active=chosen) for weight in routed),
    )
    mixture = Experts(choices, c.int("num_experts_per_tok"), width, router="softmax")
    return FeedForward(weights, width, activation=activation(c), experts=mixture)
