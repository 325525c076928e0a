"""wav2vec 2.0, HuBERT and WavLM (arXiv:2006.11477, arXiv:2106.07447, arXiv:2110.13900): convolutions over a wave before BERT's shape."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.audio import batch_norm, convolution, weight_normed
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import extended, linear, norm, prefixed
from specverify.architectures.encoders import MOST_DIFFERENT
from specverify.architectures.keys import Config
from specverify.architectures.model import depth_of, layer_groups, layer_norms
from specverify.num import Num
from specverify.spec import Mixer, Modality, Part, Role, Weight

ONE = Num(1)
GATES = num.const(8, "gates of a distance")


def wav2vec2(c: Config, prefix: str) -> Part:
    """The bare model under `prefix`, with the vector that stands for what is masked where training masks anything.

    WavLM has a bias by distance, one table for all layers, that every head gates by what it reads.
    """
    hidden = c.int("hidden_size")
    weights = (
        *feature_encoder(c, "feature_extractor"),
        *((Weight("masked_spec_embed", (hidden,), Role.EMBEDDING),) if _masks(c) else ()),
        *prefixed("encoder.", positional_convolution(c, hidden)),
        *norm("encoder.layer_norm", hidden, bias=True),
        *(_distances(c) if c.model_type == "wavlm" else ()),
        *(prefixed("adapter.", _adapter(c)) if c.flag("add_adapter") else ()),
    )
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: _attention(c),
        feed_forward=lambda c, kind: plain(c, prefix="feed_forward.", names=("intermediate_dense", "output_dense")),
        norms=lambda c, kind: (*layer_norms("layer_norm", "final_layer_norm", bias=True)(c, kind), *_layer_adapter(c)),
    )
    return Part("encoder", "encoder", Modality.AUDIO, prefixed(prefix, weights), groups, layer_prefix=f"{prefix}encoder.layers.{{layer}}.")


def feature_encoder(c: Config, name: str = "feature_encoder") -> tuple[Weight, ...]:
    """From samples to the width of the model; the first convolution is normed, or all are."""
    bias, every = c.flag("conv_bias"), c.text("feat_extract_norm") == "layer"
    inputs = num.const(1, "channels")
    weights: list[Weight] = []
    for index, (outputs, kernel) in enumerate(zip(*_convolutions(c), strict=True)):
        own = convolution("conv", inputs, outputs, kernel, bias=bias, role=Role.EMBEDDING)
        own += norm("layer_norm", outputs, bias=True) if every or index == 0 else ()
        weights += prefixed(f"{name}.conv_layers.{index}.", own)
        inputs = outputs
    return (
        *weights,
        *(norm("feature_projection.layer_norm", inputs, bias=True) if c.flag("feat_proj_layer_norm", True) else ()),
        *linear("feature_projection.projection", inputs, c.int("hidden_size"), Role.EMBEDDING, bias=True),
    )


def _convolutions(c: Config) -> tuple[tuple[Num, ...], tuple[Num, ...]]:
    """Widths and kernels; one convolution of unknown size where the lists do not tell."""
    widths, kernels = c.counts("conv_dim"), c.counts("conv_kernel")
    if len(widths) == len(kernels) < MOST_DIFFERENT:
        return widths, kernels
    c.problem("length", "conv_kernel", f"`conv_kernel` has {len(kernels)} entries for {len(widths)} convolutions", len(kernels))
    return ((num.unknown("`conv_dim` and `conv_kernel` do not tell"),),) * 2


def positional_convolution(c: Config, hidden: Num) -> tuple[Weight, ...]:
    """One convolution as wide as a few seconds, under weight normalization or, on demand, behind a batch's."""
    inputs = hidden // c.int("num_conv_pos_embedding_groups")
    own = convolution("pos_conv_embed.conv", inputs, hidden, c.int("num_conv_pos_embeddings"), role=Role.POSITION)
    if c.flag("conv_pos_batch_norm"):
        return (*own, *batch_norm("pos_conv_embed.batch_norm", hidden))
    return weight_normed(own, over=2)


def _masks(c: Config) -> bool:
    return any(share is not None and (share.value or 0) > 0 for share in (c.number("mask_time_prob"), c.number("mask_feature_prob")))


def _distances(c: Config) -> tuple[Weight, ...]:
    """The table of the first layer, which all use."""
    if c.layers().value == 0:
        return ()
    sizes = (c.int("num_buckets"), c.int("num_attention_heads"))
    return (Weight("encoder.layers.0.attention.rel_attn_embed.weight", sizes, Role.POSITION),)


def _attention(c: Config) -> Mixer:
    hidden, heads = c.int("hidden_size"), c.int("num_attention_heads")
    own = mha(
        c,
        dim=hidden // heads,
        bias=True,
        o_bias=True,
        names=("q_proj", "k_proj", "v_proj", "out_proj"),
        prefix="attention.",
        causal=False,
        cached=False,
        rotary=False,
    )
    if c.model_type != "wavlm":
        return own
    scale = Weight("attention.gru_rel_pos_const", (ONE, heads, ONE, ONE), Role.ATTENTION)
    return extended(own, scale, *linear("attention.gru_rel_pos_linear", hidden // heads, GATES, Role.ATTENTION, bias=True))


def _layer_adapter(c: Config) -> tuple[Weight, ...]:
    """A small adapter for a language behind every layer, where `adapter_attn_dim` asks for it and layers are pre-norm."""
    width, hidden = c.optional("adapter_attn_dim"), c.int("hidden_size")
    if width is None or not c.flag("do_stable_layer_norm") or c.model_type == "wavlm":
        return ()
    return (
        *norm("adapter_layer.norm", hidden, bias=True),
        *linear("adapter_layer.linear_1", hidden, width, Role.FEED_FORWARD, bias=True),
        *linear("adapter_layer.linear_2", width, hidden, Role.FEED_FORWARD, bias=True),
    )


def _adapter(c: Config) -> tuple[Weight, ...]:
    """Convolutions that shorten what the encoder hands on, over a matrix where that is of another width."""
    hidden, outputs, count = c.int("hidden_size"), c.int("output_hidden_size"), c.layers("num_adapter_layers")
    narrowed = (*linear("proj", hidden, outputs, Role.PROJECTOR, bias=True), *norm("proj_layer_norm", outputs, bias=True))
    layers = (
        weight
        for index in range(min(depth_of(count), MOST_DIFFERENT))
        for weight in convolution(f"layers.{index}.conv", outputs, outputs * 2, c.int("adapter_kernel_size"), role=Role.PROJECTOR)
    )
    return (*(narrowed if hidden.value != outputs.value else ()), *layers)
