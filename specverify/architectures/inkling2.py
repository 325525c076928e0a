"""Inkling 2: Inkling with gated attention and sinks, and blocks that choose among the outputs of earlier ones by learned queries."""

from __future__ import annotations

from specverify.architectures.blocks.feed_forward import moe
from specverify.architectures.blocks.recurrent import STATE
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.blocks.vision import vision_tower
from specverify.architectures.deepseek import BALANCED
from specverify.architectures.inkling import FULL, PLACEMENT, SLIDING, attention, short_convolutions
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, kinds, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Mixer, Modality, Part, Role, State, Weight

SOURCE = "transformers Inkling2ForConditionalGeneration; https://huggingface.co/thinkingmachines/Inkling-2-Small-MXFP8"


@family("inkling2_text", source=SOURCE)
def inkling2_text(c: Config) -> Model:
    """The text model: Inkling's kinds of layers, every one a mixture without shared experts."""
    pattern = kinds(c, c.layers(), allowed=(FULL, SLIDING))
    slide, full = layer_norms("attn_norm", "mlp_norm"), layer_norms("q_input_norm", "k_input_norm", "v_input_norm", "mlp_norm")
    return decoder(
        c,
        mixer=mixers,
        feed_forward=lambda c, kind: mixture(c),
        mixer_kinds=pattern,
        norms=lambda c, kind: slide(c, kind) if kind == SLIDING else full(c, kind),
        extra=(Weight("embed_norm.weight", (c.int("hidden_size"),), Role.EMBEDDING), *residual_queries(c, pattern)),
        recipe=Recipe(position="relative", balancing=BALANCED),
        **PLACEMENT,
    )


@family("inkling2", source=SOURCE)
def inkling2(c: Config) -> Model:
    """Inkling 2 behind a ViT whose patches are joined in squares."""
    vision = c.sub("vision_config")
    model = inkling2_text(c.sub("text_config", text=True))
    prefix = "visual." if (c.architecture or "").endswith("Model") else "model.visual."
    parts = (*model.parts, tower(vision, f"{prefix}backbone."), projector(vision, prefix))
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


def residual_queries(c: Config, pattern: Kinds) -> tuple[Weight, ...]:
    """A query in front of each block and behind the last; full attention has three, and the first layer nothing to choose from."""
    hidden, name = c.int("hidden_size"), "attn_res.{}_queries.{}"
    before = ((hidden,) if kind == SLIDING else (Num(3), hidden) for kind in pattern.kinds[1:])
    return (
        *(Weight(name.format("attn", index), shape, Role.PROJECTOR) for index, shape in enumerate(before)),
        *(Weight(name.format("mlp", index), (hidden,), Role.PROJECTOR) for index, _ in enumerate(pattern.kinds)),
        Weight("attn_res.output_query", (hidden,), Role.PROJECTOR),
    )


def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
    """Attention with a gate, sinks read from the input and lengths of queries clipped, and the convolutions of a layer.

    Those over keys and values of a full layer have weights of each token beside their own.
    """
    hidden, own = c.int("hidden_size"), attention(c, kind, qk_norm=None)
    heads, kv_heads, dim = own.num_attention_heads, own.num_key_value_heads, own.head_dim
    both = (("attn_sconv", hidden), ("mlp_sconv", hidden))
    of_keys = (("attn.k_sconv", kv_heads * dim), ("attn.v_sconv", kv_heads * dim))
    convolutions = short_convolutions(c, both if kind == FULL else (*of_keys, *both))
    if kind == FULL:
        kernel = c.int("conv_kernel_size")
        for name, width in of_keys:
            weights = (
                Weight(f"{name}.static_w", (kernel, width), STATE),
                Weight(f"{name}.weight_proj", (kv_heads * kernel, hidden), STATE),
            )
            state = State("convolution", (width,), kernel=kernel, dtype="float32")
            convolutions = replace(extended(convolutions, *weights), states=(state, *convolutions.states))
    return gated(own, hidden, heads, c.int("d_rel")), convolutions


def gated(own: Attention, hidden: Num, heads: Num, features: Num) -> Attention:
    """With its gate, sinks and scales."""
    return extended(
        own,
        *linear("attn.gate_attn", hidden, heads * own.head_dim, Role.ATTENTION),
        *linear("attn.attn_sink_proj", hidden, heads, Role.ATTENTION),
        Weight("attn.q_l2_clip.scale", (heads, own.head_dim), Role.ATTENTION),
        Weight("attn.rel_l2_clip.scale", (heads, features), Role.ATTENTION),
    )


def mixture(c: Config) -> FeedForward:
    """Experts that stand together, gate and up in one tensor."""
    hidden, width = c.int("hidden_size"), c.int("moe_intermediate_size")
    return moe(
        c,
        experts=c.int("n_routed_experts"),
        per_token=c.int("num_experts_per_tok"),
        intermediate=width,
        router_kind=c.text("scoring_func") or "sigmoid",
        correction_bias="gate.bias",
        expert_weights=(
            Weight("mlp.experts.w13_weight", (width * 2, hidden), Role.ROUTED_EXPERT),
            Weight("mlp.experts.w2_weight", (hidden, width), Role.ROUTED_EXPERT),
        ),
    )


def tower(c: Config, prefix: str) -> Part:
    """A ViT with a class token, positions learned for a grid and rotary ones, and a scale on what each block adds."""
    hidden, patch, side = c.int("hidden_size"), c.int("patch_size"), c.int("posemb_grid_size")
    outside = (
        Weight("embeddings.class_embedding", (hidden,), Role.TOWER),
        Weight("embeddings.cls_position_embedding", (hidden,), Role.POSITION),
        *linear("embeddings.patch_embedding", c.int("num_channels") * patch * patch, hidden, Role.TOWER),
        Weight("embeddings.position_embedding", (side * side, hidden), Role.POSITION),
        *norm("ln_pre", hidden, bias=True),
    )
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=prefix,
        layers="layers.{layer}.",
        outside=outside,
        feed_forward=("c_fc", "c_proj"),
        norms=("ln_1", "ln_2"),
        more=(Weight("ls_1.gamma", (hidden,), Role.TOWER), Weight("ls_2.gamma", (hidden,), Role.TOWER)),
    )


def projector(c: Config, prefix: str) -> Part:
    """Two matrices over each square of `spatial_merge_size` patches."""
    side, between, bias = c.int("spatial_merge_size"), c.int("projection_hidden_dim"), c.flag("projector_bias")
    weights = (
        *linear("proj_in", c.int("hidden_size") * side * side, between, Role.PROJECTOR, bias=bias),
        *linear("proj_out", between, c.int("text_hidden_size"), Role.PROJECTOR, bias=bias),
    )
    return Part("projector", "projector", Modality.VISION, weights, prefix=prefix)
