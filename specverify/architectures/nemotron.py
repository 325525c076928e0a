"""Nemotron: plain feed-forwards with a squared ReLU; from Nemotron-H on one mixer a layer, most of them Mamba-2."""

from __future__ import annotations

from collections.abc import Mapping

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import moe, plain, plain_weights
from specverify.architectures.blocks.recurrent import kept_dtype, mamba2
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.deepseek import BALANCED
from specverify.architectures.keys import MOST_LAYERS, Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, depth_of, kinds, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight

UP_DOWN = ("up_proj", "down_proj")
MOST_STEPS = 64
"""Tokens predicted ahead: more than any model does by far."""
MAMBA, ATTENTION, DENSE, SPARSE = "linear_attention", "full_attention", "mlp", "moe"
LETTERS: Mapping[str, str] = {"M": MAMBA, "*": ATTENTION, "-": DENSE, "E": SPARSE}
"""A layer in `hybrid_override_pattern`, one letter each."""


@family("nemotron", source="transformers NemotronForCausalLM; https://arxiv.org/abs/2402.16819")
def nemotron(c: Config) -> Model:
    """Nemotron-4 and Minitron: LayerNorms stored zero-centred, two matrices a feed-forward, half of each head rotated.

    The class has no default for `num_key_value_heads`: without it there is no model.
    """
    bias = c.flag("attention_bias")
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias),
        feed_forward=lambda c, kind: plain(c, names=UP_DOWN, bias=c.flag("mlp_bias")),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=True),
        final_norm_bias=True,
        recipe=Recipe(norm="layer"),
    )


@family("nemotron_h", source="transformers NemotronHForCausalLM; https://arxiv.org/abs/2504.03624")
def nemotron_h(c: Config) -> Model:
    """Nemotron-H and Nemotron 3: each layer is Mamba-2, attention, a feed-forward or a mixture, and none has a position.

    Mamba-2 is `mamba_num_heads` x `mamba_head_dim` wide, whatever `expand` says. The head is never tied.
    """
    pattern = layer_kinds(c)
    model = decoder(
        c,
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=pattern,
        feed_forward_kinds=pattern,
        norms=layer_norms("norm"),
        count=pattern.rests_on[0],
        prefix="backbone.",
        embedding="embeddings",
        final_norm="norm_f",
        tied=False,
        recipe=Recipe(position="none", balancing=BALANCED if SPARSE in pattern.kinds else None),
    )
    return replace(model, parts=(*model.parts, *next_token_prediction(c)))


def layer_kinds(c: Config) -> Kinds:
    """Layers by `layers_block_type`, else by the letters of `hybrid_override_pattern`; `num_hidden_layers` does not count."""
    listed = c.raw.get("layers_block_type", c.raw.get("layer_types")) is not None
    if listed or "hybrid_override_pattern" not in c.raw:
        return kinds(c, c.layers(), "layers_block_type", allowed=tuple(LETTERS.values()))
    c.mark("num_hidden_layers")
    return spelled(c, "hybrid_override_pattern")


def spelled(c: Config, key: str) -> Kinds:
    """Layers by the letters of a pattern; none where it is no pattern."""
    pattern = c.text(key)
    wrong = pattern is None or len(pattern) > MOST_LAYERS or not set(pattern) <= set(LETTERS)
    if pattern is None or wrong:
        c.problem("kind", key, f"`{key}` should be made of {' '.join(LETTERS)}", pattern)
        return Kinds((), (num.unknown(f"`{key}` is no pattern of layers"),))
    return Kinds(tuple(LETTERS[letter] for letter in pattern), (num.counted(len(pattern), key, num.of(c.fact(key))),))


def mixer(c: Config, kind: str) -> Mixer | tuple[()]:
    """What a layer of this kind mixes tokens with; nothing for a feed-forward."""
    if kind == ATTENTION:
        heads = c.optional("num_key_value_heads") or c.int("num_attention_heads")
        return gqa(c, kv_heads=heads, dim=c.optional("head_dim", also=("attention_head_dim",)), prefix="mixer.", rotary=False)
    if kind != MAMBA:
        return ()
    return mamba2(
        c.int("hidden_size"),
        c.int("mamba_num_heads"),
        c.int("mamba_head_dim"),
        c.int("n_groups"),
        c.int("ssm_state_size"),
        c.int("conv_kernel"),
        conv_bias=c.flag("use_conv_bias", also=("mamba_conv_bias",)),
        proj_bias=c.flag("use_bias"),
        state_dtype=kept_dtype(c, "mamba_ssm_cache_dtype", "float32"),
    )


def feed_forward(c: Config, kind: str) -> FeedForward | None:
    """The feed-forward a layer of this kind is; none for a mixer."""
    if kind == DENSE:
        return plain(c, prefix="mixer.", names=UP_DOWN, bias=c.flag("mlp_bias"))
    return mixture(c) if kind == SPARSE else None


def mixture(c: Config) -> FeedForward:
    """Experts of two matrices beside a shared one; with `moe_latent_size` the routed ones work in a narrower space, projected around."""
    hidden, width, bias = c.int("hidden_size"), c.int("moe_intermediate_size"), c.flag("mlp_bias")
    latent = c.optional("moe_latent_size") if c.raw.get("moe_latent_size") is not None else None
    shared = c.int("moe_shared_expert_intermediate_size")
    block = moe(
        c,
        experts=c.int("n_routed_experts"),
        per_token=c.int("num_experts_per_tok"),
        intermediate=width,
        prefix="mixer.",
        router_kind="sigmoid",
        correction_bias="gate.e_score_correction_bias",
        groups=c.optional("n_group"),
        groups_per_token=c.optional("topk_group"),
        expert_weights=plain_weights(latent or hidden, width, Role.ROUTED_EXPERT, prefix="mixer.experts.{expert}."),
    )
    weights = (*block.weights, *plain_weights(hidden, shared, Role.SHARED_EXPERT, prefix="mixer.shared_experts.", bias=bias))
    if latent is not None:
        weights += linear("mixer.fc1_latent_proj", hidden, latent, Role.FEED_FORWARD, bias=bias)
        weights += linear("mixer.fc2_latent_proj", latent, hidden, Role.FEED_FORWARD, bias=bias)
    assert block.experts is not None
    return replace(block, weights=weights, gated=False, experts=replace(block.experts, shared=shared))


def next_token_prediction(c: Config) -> tuple[Part, ...]:
    """The layers of `mtp_layers_block_type` behind a joint of embedding and hidden state, `num_nextn_predict_layers` times.

    Read from vLLM's nemotron_h_mtp.py: the class of transformers has none of these. Embedding and head are the model's.
    """
    steps = c.optional("num_nextn_predict_layers", least=0)
    if steps is None or steps.value == 0:
        return ()
    if steps.value is None or steps.value > MOST_STEPS:
        unknown = Weight("{unknown}", (num.unknown("how many tokens are predicted ahead is not plausible"),), Role.PROJECTOR)
        return (Part("next-token prediction", "next-token-prediction", Modality.TEXT, (unknown,)),)
    hidden, pattern = c.int("hidden_size"), predicted_kinds(c, steps)
    length = len(pattern.kinds) // int(steps.value)
    outside = tuple(
        weight
        for first in range(0, len(pattern.kinds), length or 1)
        for weight in (
            *prefixed(f"{first}.", joint(hidden)),
            *norm(f"{first + length - 1}.final_layernorm", hidden),
        )
    )
    groups = layer_groups(
        c,
        pattern.rests_on[0],
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=pattern,
        feed_forward_kinds=pattern,
        norms=layer_norms("norm"),
    )
    prefix = "mtp.layers."
    return (
        Part(
            "next-token prediction",
            "next-token-prediction",
            Modality.TEXT,
            outside,
            groups,
            prefix=prefix,
            layer_prefix=prefix + "{layer}.",
        ),
    )


def predicted_kinds(c: Config, steps: Num) -> Kinds:
    """The layers of every step in order."""
    if "mtp_layers_block_type" not in c and "mtp_hybrid_override_pattern" in c.raw:
        one = spelled(c, "mtp_hybrid_override_pattern")
        length = one.rests_on[0]
    else:
        stated = c.list("mtp_layers_block_type", of=str) or []
        length = num.counted(len(stated), "mtp_layers_block_type", num.of(c.fact("mtp_layers_block_type")))
        one = kinds(c, length, "mtp_layers_block_type", allowed=tuple(LETTERS.values()))
    return Kinds(one.kinds * depth_of(steps), (steps * length,))


def joint(hidden: Num) -> tuple[Weight, ...]:
    """What a step starts with: a norm over each of embedding and hidden state, and a projection of both."""
    return (*norm("enorm", hidden), *norm("hnorm", hidden), *linear("eh_proj", hidden * 2, hidden, Role.PROJECTOR))
