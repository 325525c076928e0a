"""EnCodec (arXiv:2210.13438): a SEANet with LSTMs on either side of residual codebooks, which are buffers."""

from __future__ import annotations

from math import ceil, log2

from specverify import num
from specverify.architectures.blocks.audio import repeated, weight_normed
from specverify.architectures.blocks.tensors import norm, prefixed
from specverify.architectures.keys import LARGEST_INT, Config
from specverify.architectures.seanet import Layer, ratios_of, seanet_decoder, seanet_encoder
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight


def encodec(c: Config, prefix: str) -> Part:
    """The codec under `prefix`."""
    by_weight = c.text("norm_type") != "time_group_norm"

    def normed(weights: Layer) -> Layer:
        return weight_normed(weights) if by_weight else (*weights, *norm("norm", weights[-1].shape[0], bias=True))

    def recurrent(width: Num) -> Layer:
        return lstm("lstm", width, c.layers("num_lstm_layers"))

    weights = (
        *seanet_encoder(c, "encoder.", normed, recurrent),
        *seanet_decoder(c, "decoder.", normed, recurrent),
        *_codebooks(c),
    )
    return Part("codec", "tower", Modality.AUDIO, weights, prefix=prefix)


def lstm(name: str, width: Num, count: Num) -> Layer:
    """`count` LSTM layers, each as wide as its input."""
    gates = width * 4

    def layer(index: int) -> Layer:
        return (
            Weight(f"{name}.weight_ih_l{index}", (gates, width), Role.TOWER),
            Weight(f"{name}.weight_hh_l{index}", (gates, width), Role.TOWER),
            Weight(f"{name}.bias_ih_l{index}", (gates,), Role.TOWER),
            Weight(f"{name}.bias_hh_l{index}", (gates,), Role.TOWER),
        )

    return repeated(count, layer)


def _codebooks(c: Config) -> Layer:
    """As many codebooks as the widest of `target_bandwidths` has room for at the frame rate and the bits of a code."""
    size, dim = c.int("codebook_size"), c.int("codebook_dim")
    hop = num.product(ratios_of(c))
    frames = num.ceil_div(c.int("sampling_rate"), hop)
    bits = num.call("bits", lambda size: ceil(log2(size)), size)
    codebook = (
        Weight("inited", (Num(1),), Role.TOWER, buffer=True),
        Weight("cluster_size", (size,), Role.TOWER, buffer=True),
        Weight("embed", (size, dim), Role.TOWER, buffer=True),
        Weight("embed_avg", (size, dim), Role.TOWER, buffer=True),
    )
    return repeated(num.floor(_widest(c) / (frames * bits)), lambda index: prefixed(f"quantizer.layers.{index}.codebook.", codebook))


def _widest(c: Config) -> Num:
    """The last of `target_bandwidths`, in bits a second."""
    widest = (c.list("target_bandwidths") or [None])[-1]
    if isinstance(widest, bool) or not isinstance(widest, int | float) or not 0 < widest <= LARGEST_INT:
        return num.unknown("`target_bandwidths` does not end in a plausible number")
    return num.const(1000 * widest, "1000 x target_bandwidths[-1]")
