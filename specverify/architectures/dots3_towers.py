"""The towers of dots 3 Note: a ViT whose last layers are mixtures of ever more experts, and a Whisper-like encoder of sound."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import activation, glu, glu_weights
from specverify.architectures.blocks.tensors import as_role, linear, norm, prefixed
from specverify.architectures.blocks.vision import of_tower, patch_convolution
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, depth_of, every, kinds, layer_groups, layer_norms
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Experts, FeedForward, Mixer, Modality, Part, Role, Weight

FC1_FC3_FC2 = ("fc1", "fc3", "fc2")
PYRAMID = (*(-1 for _ in range(25)), *range(4, 65, 4), 64)
"""Experts of each layer where neither `pyramid_num_routed` nor `mlp_layer_types` says otherwise; -1 is a dense layer."""


def image_tower(c: Config, prefix: str) -> Part:
    """A ViT with rotary positions and norms over heads; layers differ by how many experts they have."""
    hidden, heads, patch = c.int("hidden_size", also=("embed_dim",)), c.int("num_attention_heads"), c.int("patch_size")
    bias, dim = c.flag("attention_bias", also=("use_bias",)), hidden // heads

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(
            c, hidden=hidden, heads=heads, kv_heads=heads, dim=dim, bias=bias, o_bias=bias, fused="qkv", names=("", "", "", "proj"),
            prefix="attn.", causal=False, cached=False, qk_norm="per-head",
        )  # fmt: skip
        return replace(own, weights=of_tower(own.weights))

    own_norms = layer_norms("norm_1", "norm_2", size=hidden)
    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixer,
        feed_forward=lambda c, kind: routed(c, kind, hidden) if kind.isdecimal() or kind == "sparse" else dense(c, hidden),
        feed_forward_kinds=expert_counts(c),
        norms=own_norms,
    )
    outside = (
        *patch_convolution("patch_embed.proj", hidden, c.int("num_channels"), patch, patch),
        *norm("patch_embed.norm", hidden),
        *norm("post_trunk_norm", hidden),
    )
    return Part("vision tower", "tower", Modality.VISION, outside, groups, prefix=prefix, layer_prefix=prefix + "blocks.{layer}.")


def expert_counts(c: Config) -> Kinds:
    """Layers by how many experts they have, or `sparse` where `num_local_experts` and `per_layer_config` say it."""
    count, pyramid = c.layers(), c.list("pyramid_num_routed", of=int)
    if pyramid is None and c.raw.get("mlp_layer_types") is None:
        pyramid = list(PYRAMID)
    if pyramid is None:
        return kinds(c, count, "mlp_layer_types", allowed=("dense", "sparse"))
    c.mark("mlp_layer_types")
    if c.raw.get("per_layer_config") is not None:
        return every(c, count, lambda index: (pyramid[index : index + 1] or [0])[0] > 0)
    found = [str(experts) if experts > 0 else "dense" for experts in pyramid]
    depth = depth_of(count)
    return Kinds((*found, *("",) * depth)[:depth], (count,))


def dense(c: Config, hidden: Num) -> FeedForward:
    """A gated feed-forward."""
    own = glu(c, hidden=hidden, names=FC1_FC3_FC2, bias=c.flag("mlp_bias"))
    return replace(own, weights=of_tower(own.weights))


def routed(c: Config, kind: str, hidden: Num) -> FeedForward:
    """A mixture of as many experts as the kind says, without a shared one."""
    experts = num.counted(int(kind), "pyramid_num_routed") if kind.isdecimal() else c.int("num_local_experts")
    per_token, width = num.minimum(c.int("num_experts_per_tok"), experts), c.int("moe_intermediate_size")
    one = glu_weights(hidden, width, Role.TOWER, prefix="mlp.experts.{expert}.", names=FC1_FC3_FC2)
    weights = (
        Weight("mlp.gate_weight", (experts, hidden), Role.TOWER),
        Weight("mlp.router_bias", (experts,), Role.TOWER, buffer=True, dtype="F32"),
        *(replace(weight, copies=experts, active=per_token) for weight in one),
    )
    return FeedForward(weights, width, activation=activation(c), experts=Experts(experts, per_token, width, router="sigmoid"))


def image_merger(c: Config, prefix: str) -> Part:
    """A norm over each patch and two matrices over each square of them."""
    hidden, side, outputs = c.int("adapter_in_dim"), c.int("adapter_merge_size"), c.int("adapter_out_dim")
    square = hidden * side * side
    weights = (
        *norm("ln_q", hidden, bias=True),
        *linear("mlp.0", square, square, Role.PROJECTOR, bias=True),
        *linear("mlp.2", square, outputs, Role.PROJECTOR, bias=True),
    )
    return Part("projector", "projector", Modality.VISION, weights, prefix=prefix)


def sound_tower(c: Config, prefix: str) -> Part:
    """Three convolutions over a spectrogram, each halving both sides, and layers with rotary positions, RMSNorms and SwiGLU."""
    hidden, heads = whisper(c, "hidden_size", "d_model"), whisper(c, "num_attention_heads", "encoder_attention_heads")
    bands, inner = whisper(c, "feature_size", "num_mel_bins"), c.int("downsample_hidden_size")
    intermediate, bias, side = whisper(c, "intermediate_size", "encoder_ffn_dim"), c.flag("attention_bias"), num.const(3, "kernel")

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(
            c, hidden=hidden, heads=heads, kv_heads=heads, dim=hidden // heads, bias=bias, k_bias=False, o_bias=bias,
            names=("q_proj", "k_proj", "v_proj", "out_proj"), causal=False, cached=False,
        )  # fmt: skip
        return replace(own, weights=of_tower(own.weights))

    def block(c: Config, kind: str) -> FeedForward:
        own = glu(c, hidden=hidden, intermediate=intermediate, prefix="", fused="fc1", names=("", "", "fc2"), bias=True)
        return replace(own, weights=of_tower(own.weights))

    count = whisper(c, "num_hidden_layers", "encoder_layers")
    groups = layer_groups(
        c, count, mixer=mixer, feed_forward=block, norms=layer_norms("self_attn_layer_norm", "final_layer_norm", size=hidden)
    )
    outside = (
        *patch_convolution("conv2d1", inner, Num(1), side, side),
        *patch_convolution("conv2d2", inner, inner, side, side),
        *patch_convolution("conv2d3", inner, inner, side, side),
        *linear("conv_out", inner * num.ceil_div(bands, 8), hidden, Role.TOWER),
        *norm("layer_norm", hidden),
    )
    return Part("audio tower", "tower", Modality.AUDIO, outside, groups, prefix=prefix, layer_prefix=prefix + "layers.{layer}.")


def sound_adapter(c: Config, prefix: str) -> Part:
    """A norm and two matrices."""
    inputs = c.int("adapter_input_size", also=("whisper_adapter_in_dim",))
    outputs = c.int("adapter_out_dim")
    weights = (
        *norm("0", inputs, bias=True),
        *linear("1", inputs, outputs, Role.PROJECTOR, bias=True),
        *linear("3", outputs, outputs, Role.PROJECTOR, bias=True),
    )
    return Part("audio projector", "projector", Modality.AUDIO, as_role(Role.PROJECTOR, prefixed("proj.", weights)), prefix=prefix)


def whisper(c: Config, flat: str, nested: str) -> Num:
    """A size, from `whisper_config` under Whisper's name where the file has it there."""
    return (c.sub("whisper_config").optional(nested) if "whisper_config" in c.raw else None) or c.int(flat)
