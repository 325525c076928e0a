"""Whisper's encoder as the audio tower of a composite, and the towers that are made like it."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.sound import ONE, convolution, stack
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import of_tower
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_norms
from specverify.num import Num
from specverify.spec import FeedForward, Modality, Part, Role, Weight

AUDIO_TOWER = "audio_tower."
KERNEL = num.const(3, "convolution kernel")


def whisper_encoder(c: Config, prefix: str = AUDIO_TOWER) -> Part:
    """Whisper's own (arXiv:2212.04356): two convolutions, positions that the checkpoint stores, and a norm at the end."""
    hidden = c.int("hidden_size")
    positions = Weight("embed_positions.weight", (c.int("max_source_positions"), hidden), Role.POSITION)
    return audio_tower(c, prefix=prefix, outside=(*mel_convolutions(c), positions, *norm("layer_norm", hidden, bias=True)))


def audio_tower(
    c: Config,
    *,
    outside: tuple[Weight, ...],
    prefix: str = AUDIO_TOWER,
    kv_heads: Num | None = None,
    dim: Num | None = None,
    k_bias: bool = False,
    output: str = "out_proj",
    window: Num | None = None,
    causal: bool = False,
    rotary: bool = False,
    feed_forward: FeedForward | None = None,
    norms: tuple[str, str] = ("self_attn_layer_norm", "final_layer_norm"),
    norm_bias: bool = True,
) -> Part:
    """Pre-norm layers over mel frames; `outside` are the tensors before and after them.

    Biases on all projections of attention but the keys', which `k_bias` gives one. `feed_forward` where it is not Whisper's.
    """
    hidden, heads = c.int("hidden_size"), c.int("num_attention_heads")
    attention = gqa(
        c,
        hidden=hidden,
        heads=heads,
        kv_heads=kv_heads or heads,
        dim=dim or hidden // heads,
        bias=True,
        k_bias=k_bias,
        o_bias=True,
        names=("q_proj", "k_proj", "v_proj", output),
        window=window,
        causal=causal,
        cached=False,
        rotary=rotary,
    )
    groups = stack(c, c.layers(), attention, feed_forward or plain(c, prefix=""), layer_norms(*norms, bias=norm_bias, size=hidden))
    return Part("audio tower", "tower", Modality.AUDIO, of_tower(outside), groups, prefix=prefix, layer_prefix=f"{prefix}layers.{{layer}}.")


def mel_convolutions(c: Config, prefix: str = "") -> tuple[Weight, ...]:
    """The two convolutions over mel frames, the second of which halves their number."""
    hidden = c.int("hidden_size")
    return convolution(f"{prefix}conv1", c.int("num_mel_bins"), hidden, KERNEL) + convolution(f"{prefix}conv2", hidden, hidden, KERNEL)


def downsampling(c: Config) -> tuple[Weight, ...]:
    """Three convolutions over frames and mel bins, each of which halves both, and a matrix over the bins that are left."""
    width, bins = c.int("downsample_hidden_size"), c.int("num_mel_bins")
    weights = convolution("conv2d1", ONE, width, KERNEL, KERNEL)
    for index in (2, 3):
        weights += convolution(f"conv2d{index}", width, width, KERNEL, KERNEL)
    left = num.ceil_div(num.ceil_div(num.ceil_div(bins, 2), 2), 2)
    return weights + linear("conv_out", width * left, c.int("hidden_size"), Role.TOWER)


def omni_encoder(c: Config, *more: Weight) -> Part:
    """Qwen3-Omni's: convolutions over time and pitch, Whisper's layers with a bias on the keys too, and what is `more` behind them."""
    return audio_tower(c, outside=(*downsampling(c), *norm("ln_post", c.int("hidden_size"), bias=True), *more), k_bias=True)


def projected(c: Config) -> tuple[Weight, ...]:
    """The two matrices that lead from the tower into the text, where the tower holds them."""
    hidden = c.int("hidden_size")
    first = linear("proj1", hidden, hidden, Role.PROJECTOR, bias=True)
    return first + linear("proj2", hidden, c.int("output_dim"), Role.PROJECTOR, bias=True)
