"""LFM3's vision tower: gated convolutions over the grid of patches, and grouped attention in turns with them."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.blocks.vision import of_tower
from specverify.architectures.keys import Config
from specverify.architectures.model import kinds, layer_groups, layer_norms
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Modality, Part, Recurrent, Role, Weight

FULL, CONVOLUTION = "full_attention", "conv"
NAMES = ("q_proj", "k_proj", "v_proj", "out_proj")


def lfm3_tower(c: Config, prefix: str) -> Part:
    """Patches of `temporal_patch_size` frames through layers of either kind by `layer_types`, rotary positions in two dimensions."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    pixels = c.int("in_channels") * c.int("temporal_patch_size") * patch * patch

    def mixer(c: Config, kind: str) -> Mixer:
        if kind == CONVOLUTION:
            return convolution(c)
        own = gqa(c, qk_norm="per-head", qk_norm_names=("q_layernorm", "k_layernorm"), names=NAMES, causal=False, cached=False)
        return replace(own, weights=of_tower(own.weights))

    def feed_forward(c: Config, kind: str) -> FeedForward:
        own = glu(c, prefix="feed_forward.", names=("w1", "w3", "w2"))
        return replace(own, weights=of_tower(own.weights))

    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=kinds(c, c.layers(), allowed=(FULL, CONVOLUTION)),
        norms=layer_norms("operator_norm", "ffn_norm"),
    )
    outside = (*linear("patchifier", pixels, hidden, Role.TOWER), *norm("embedding_norm", hidden))
    return Part("vision tower", "tower", Modality.VISION, outside, groups, prefix=prefix, layer_prefix=prefix + "layers.{layer}.")


def convolution(c: Config) -> Recurrent:
    """LFM's gated convolution in two dimensions, one filter of `conv_kernel_size` squared a channel; it keeps nothing."""
    hidden, kernel = c.int("hidden_size"), c.int("conv_kernel_size")
    weights = (
        *linear("in_proj", hidden, hidden * 3, Role.TOWER),
        Weight("spatial_conv.weight", (hidden, Num(1), kernel, kernel), Role.TOWER),
        *linear("out_proj", hidden, hidden, Role.TOWER),
    )
    return Recurrent("short-convolution", (), prefixed("conv.", weights))
