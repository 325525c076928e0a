"""wav2vec 2.0 (arXiv:2006.11477): strided convolutions over raw audio, and positions by a convolution of groups."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.audio import convolution, weight_normed
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.num import Num
from specverify.spec import Role, Weight


def feature_encoder(c: Config) -> tuple[Weight, ...]:
    """From samples to the width of the model; the first convolution is normed, or all are."""
    bias, every = c.flag("conv_bias"), c.text("feat_extract_norm") == "layer"
    inputs = num.const(1, "channels")
    weights: list[Weight] = []
    for index, (outputs, kernel) in enumerate(zip(c.counts("conv_dim"), c.counts("conv_kernel"), strict=False)):
        own = convolution("conv", inputs, outputs, kernel, bias=bias, role=Role.EMBEDDING)
        own += norm("layer_norm", outputs, bias=True) if every or index == 0 else ()
        weights += prefixed(f"feature_encoder.conv_layers.{index}.", own)
        inputs = outputs
    return (
        *weights,
        *norm("feature_projection.layer_norm", inputs, bias=True),
        *linear("feature_projection.projection", inputs, c.int("hidden_size"), Role.EMBEDDING, bias=True),
    )


def positional_convolution(c: Config, hidden: Num) -> tuple[Weight, ...]:
    """One convolution as wide as a few seconds, under weight normalization."""
    inputs = hidden // c.int("num_conv_pos_embedding_groups")
    own = convolution("pos_conv_embed.conv", inputs, hidden, c.int("num_conv_pos_embeddings"), role=Role.POSITION)
    return weight_normed(own, over=2)
