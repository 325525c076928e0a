"""Inkling: attention with logits by distance instead of positions, and short convolutions that keep state in every layer."""

from __future__ import annotations

from typing import Any

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import activation, glu
from specverify.architectures.blocks.recurrent import depthwise_conv
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.deepseek import BALANCED, stated_sparse
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, kinds, layer_norms
from specverify.architectures.registry import family
from specverify.architectures.tower_hmlp import hmlp
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, Experts, FeedForward, Mixer, Modality, Part, Recurrent, Role, State, Weight

FULL, SLIDING = "hybrid", "hybrid_sliding"
PROJECTIONS = ("wq_du", "wk_dv", "wv_dv", "wo_ud")
MOE_WIDTH = 3072
PLACEMENT: dict[str, Any] = {"prefix": "model.llm.", "embedding": "embed", "head": "model.llm.unembed", "tied": False}


@family("inkling_text", source="transformers InklingForCausalLM; https://huggingface.co/thinkingmachines/Inkling")
def inkling_text(c: Config) -> Model:
    """The text model: sliding layers with heads of their own, four convolutions a layer, shared experts behind the router too.

    The checkpoint's `mtp` tensors, which the class passes over, are not listed.
    """

    def mixer(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = attention(c, kind)
        keys, hidden = own.num_key_value_heads * own.head_dim, c.int("hidden_size")
        named = (("attn.k_sconv", keys), ("attn.v_sconv", keys), ("attn_sconv", hidden), ("mlp_sconv", hidden))
        return own, short_convolutions(c, named)

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: mixture(c) if kind == "sparse" else glu(c, fused="w13_dn", names=("", "", "w2_md")),
        mixer_kinds=kinds(c, c.layers(), allowed=(FULL, SLIDING)),
        feed_forward_kinds=stated_sparse(c),
        norms=layer_norms("attn_norm", "mlp_norm"),
        recipe=Recipe(position="relative", qk_norm="per-head", balancing=BALANCED),
        extra=(Weight("embed_norm.weight", (c.int("hidden_size"),), Role.EMBEDDING),),
        **PLACEMENT,
    )


@family("inkling_mm_model", source="transformers InklingForConditionalGeneration; https://huggingface.co/thinkingmachines/Inkling")
def inkling_mm_model(c: Config) -> Model:
    """Inkling: images through a tower of folding layers, sound as the sum of embeddings of its mel bins."""
    text, vision, audio = c.sub("text_config", text=True), c.sub("vision_config"), c.sub("audio_config")
    hidden, prefix = text.int("hidden_size"), "" if (c.architecture or "").endswith("Model") else "model."
    table = Weight("encoder.weight", (audio.int("n_mel_bins") * audio.int("mel_vocab_size"), hidden), Role.TOWER)
    sound = Part("audio tower", "tower", Modality.AUDIO, (table, *norm("final_norm", hidden)), prefix=f"{prefix}audio.")
    model = inkling_text(text)
    parts = (*model.parts, hmlp(vision, hidden, f"{prefix}visual."), sound)
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


def attention(c: Config, kind: str, *, qk_norm: str | None = "per-head") -> Attention:
    """Attention of one kind of layer: the keys of a sliding one begin with `swa_`, and its logits reach as far as its window."""
    slides, hidden = kind == SLIDING, c.int("hidden_size")
    own = "swa_" if slides else ""
    window = c.int("sliding_window_size") if slides else None
    heads, features = c.int(f"{own}num_attention_heads"), c.int("d_rel")
    attention = gqa(
        c,
        heads=heads,
        kv_heads=c.int(f"{own}num_key_value_heads"),
        dim=c.int(f"{own}head_dim"),
        qk_norm=qk_norm,
        window=window,
        names=PROJECTIONS,
        prefix="attn.",
        rotary=False,
    )
    return extended(
        attention,
        *linear("attn.wr_du", hidden, heads * features, Role.ATTENTION),
        Weight("attn.rel_logits_proj.proj", (features, window or c.int("rel_extent")), Role.POSITION),
    )


def short_convolutions(c: Config, named: tuple[tuple[str, Num], ...]) -> Recurrent:
    """Convolutions over time of some widths, kept in float32."""
    kernel = c.int("conv_kernel_size")
    weights = (weight for name, width in named for weight in depthwise_conv(name, width, kernel, bias=False))
    states = (State("convolution", (width,), kernel=kernel, dtype="float32") for _, width in named)
    return Recurrent("convolution", tuple(states), tuple(weights))


def mixture(c: Config) -> FeedForward:
    """Routed experts, and `n_shared_experts` of the same width that the router weighs but does not choose."""
    hidden, width, experts, shared = c.int("hidden_size"), moe_width(c), c.int("n_routed_experts"), c.int("n_shared_experts")
    per_token = c.int("num_experts_per_tok")
    weights = (
        *linear("mlp.gate", hidden, experts + shared, Role.ROUTER),
        Weight("mlp.gate.global_scale", (Num(1),), Role.ROUTER),
        Weight("mlp.gate.bias", (experts,), Role.ROUTER, buffer=True, dtype="F32"),
        Weight("mlp.experts.w13_weight", (width * 2, hidden), Role.ROUTED_EXPERT, copies=experts, active=per_token),
        Weight("mlp.experts.w2_weight", (hidden, width), Role.ROUTED_EXPERT, copies=experts, active=per_token),
        Weight("mlp.shared_experts.shared_w13_weight", (shared, width * 2, hidden), Role.SHARED_EXPERT),
        Weight("mlp.shared_experts.shared_w2_weight", (shared, hidden, width), Role.SHARED_EXPERT),
    )
    mixed = Experts(experts, per_token, width, shared=width * shared, router="sigmoid")
    return FeedForward(weights, width, activation=activation(c), experts=mixed)


def moe_width(c: Config) -> Num:
    """Width of an expert: `intermediate_size` in configs that state a `dense_intermediate_size`, else `moe_intermediate_size`."""
    if c.raw.get("dense_intermediate_size") is not None and "intermediate_size" in c.raw:
        return c.as_given("intermediate_size")
    if c.raw.get("moe_intermediate_size") is None:
        return num.const(MOE_WIDTH, "moe_intermediate_size (transformers' default)")
    return c.int("moe_intermediate_size")
