"""DeepSeek: multi-head latent attention, and mixtures with shared experts after the first dense layers."""

from __future__ import annotations

from typing import Any

from specverify.architectures.blocks.attention import mla
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.blocks.tensors import linear, norm, prefixed, sharded
from specverify.architectures.keys import Config
from specverify.architectures.model import PRE_NORM, FeedForwardOf, Kinds, MixerOf, Model, Recipe, decoder, every, kinds, layer_groups
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Latent, Modality, Part, Role, Weight

BALANCED = "auxiliary-loss-free (correction bias)"


def dense_then_sparse(c: Config) -> Kinds:
    """The first `first_k_dense_replace` layers dense, then every `moe_layer_freq`-th a mixture."""
    count, dense, step = c.layers(), c.int("first_k_dense_replace", least=0), c.optional("moe_layer_freq")
    first = dense.value or 0
    period = 1 if step is None else step.value or 1
    return every(c, count, lambda index: index >= first and index % period == 0, dense, step)


def first_dense(c: Config, key: str = "first_k_dense_replace") -> Kinds:
    """As many dense layers as `key` says, then mixtures."""
    dense = c.int(key, least=0)
    first = dense.value or 0
    return every(c, c.layers(), lambda index: index >= first, dense)


def experts(c: Config, *, shared_each: Num | None = None, **options: object) -> FeedForward:
    """Routed experts of `moe_intermediate_size` beside `n_shared_experts` of the same width, or of `shared_each`."""
    width = c.int("moe_intermediate_size")
    shared = c.optional("n_shared_experts", least=0)
    return moe(
        c,
        experts=c.int("n_routed_experts"),
        per_token=c.int("num_experts_per_tok"),
        intermediate=width,
        shared=(shared_each or width) * shared if shared is not None else None,
        groups=c.optional("n_group"),
        groups_per_token=c.optional("topk_group"),
        **options,  # type: ignore[arg-type]
    )


@family("deepseek_v2", source="transformers DeepseekV2ForCausalLM; https://arxiv.org/abs/2405.04434")
def deepseek_v2(c: Config) -> Model:
    """DeepSeek-V2: MLA, routed and shared experts, softmax router with group-limited choice."""
    bias = c.flag("mlp_bias")
    return decoder(
        c,
        mixer=lambda c, kind: mla(c, bias=c.flag("attention_bias")),
        feed_forward=lambda c, kind: experts(c, shared_bias=bias) if kind == "sparse" else glu(c, bias=bias),
        feed_forward_kinds=dense_then_sparse(c),
        recipe=Recipe(balancing="auxiliary loss"),
    )


@family("deepseek_v3", "kimi_k2", source="transformers DeepseekV3ForCausalLM; https://arxiv.org/abs/2412.19437")
def deepseek_v3(c: Config) -> Model:
    """DeepSeek-V3: DeepSeek-V2 with a sigmoid router balanced by a bias instead of a loss, and next-token-prediction layers."""

    return predicting(c, lambda c, kind: mla(c, bias=c.flag("attention_bias")), dense_then_sparse(c))


@family("deepseek_v32", source="transformers DeepseekV32ForCausalLM; https://arxiv.org/abs/2512.02556")
def deepseek_v32(c: Config) -> Model:
    """DeepSeek-V3.2: DeepSeek-V3 with an indexer in every layer, whose keys are cached beside the latents."""
    return predicting(c, lambda c, kind: indexed(c), stated_sparse(c))


def predicting(c: Config, mixer: MixerOf, sparse: Kinds, mixers: Kinds | None = None, **facts: Any) -> Model:
    """Latent attention and mixtures balanced by a bias, with next-token-prediction layers. `mixers` are the kinds `mixer` tells apart."""

    def mixture(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c)
        return experts(c, router_kind="sigmoid", correction_bias="gate.e_score_correction_bias")

    model = decoder(
        c,
        mixer=mixer,
        feed_forward=mixture,
        mixer_kinds=mixers,
        feed_forward_kinds=sparse,
        recipe=Recipe(balancing=BALANCED),
        **facts,
    )
    return replace(model, parts=(*model.parts, *next_token_prediction(c, mixer=mixer, feed_forward=mixture)))


def stated_sparse(c: Config) -> Kinds:
    """Dense and sparse layers by `mlp_layer_types`, or as the class makes it up."""
    return kinds(c, c.layers(), "mlp_layer_types", allowed=("dense", "sparse"))


def indexed(c: Config, *, scores: bool = True) -> Latent:
    """Latent attention to the `index_topk` tokens an indexer picks (DeepSeek-V3.2); `scores`: the layer has the indexer itself.

    The indexer reads the compressed queries, so `q_lora_rank` is required. It caches a key of `index_head_dim` a token.
    """
    own = mla(c, bias=c.flag("attention_bias"))
    if not scores:
        return replace(own, index_topk=c.int("index_topk"))
    hidden, heads, dim = c.int("hidden_size"), c.int("index_n_heads"), c.int("index_head_dim")
    indexer = (
        *linear("wq_b", c.int("q_lora_rank"), heads * dim, Role.ATTENTION),
        *linear("wk", hidden, dim, Role.ATTENTION),
        *norm("k_norm", dim, bias=True),
        *linear("weights_proj", hidden, heads, Role.ATTENTION),
    )
    weights = (*own.weights, *sharded("replicated", prefixed("self_attn.indexer.", indexer)))
    return replace(own, weights=weights, index_head_dim=dim, index_topk=c.int("index_topk"))


def next_token_prediction(c: Config, *, mixer: MixerOf, feed_forward: FeedForwardOf) -> tuple[Part, ...]:
    """The `num_nextn_predict_layers` extra layers behind the last: joined input, one sparse layer, own norm.

    The checkpoint repeats embedding and head in each; they are the model's own, so they count as tied.
    """
    count = c.optional("num_nextn_predict_layers", least=0)
    if count is None or count.value == 0:
        return ()
    hidden, vocabulary, depth = c.int("hidden_size"), c.int("vocab_size"), c.layers()

    def joints(c: Config, kind: str) -> tuple[Weight, ...]:
        return (
            *PRE_NORM(c, kind),
            *norm("enorm", hidden),
            *norm("hnorm", hidden),
            *linear("eh_proj", hidden * Num(2), hidden, Role.PROJECTOR),
            *norm("shared_head.norm", hidden),
            Weight("embed_tokens.weight", (vocabulary, hidden), Role.EMBEDDING, tied_to="model.embed_tokens.weight"),
            Weight("shared_head.head.weight", (vocabulary, hidden), Role.HEAD, tied_to="lm_head.weight"),
        )

    groups = layer_groups(
        c,
        count,
        mixer=mixer,
        feed_forward=lambda c, kind: feed_forward(c, "sparse"),
        norms=joints,
        first=int(depth.value or 0),
    )
    return (Part("next-token prediction", "next-token-prediction", Modality.TEXT, layers=groups, layer_prefix="model.layers.{layer}."),)
