"""wav2vec 2.0, HuBERT and WavLM (arXiv:2006.11477, arXiv:2106.07447, arXiv:2110.13900): convolutions over a wave before BERT's shape."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.encoders import MOST_DIFFERENT
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_groups, layer_norms
from specverify.num import Num
from specverify.spec import Mixer, Modality, Part, Role, Weight

ONE = Num(1)
GATES = num.const(8, "gates of a distance")


def wav2vec2(c: Config, prefix: str) -> Part:
    """The bare model under `prefix`, with the vector that stands for what is masked where training masks anything.

    WavLM has a bias by distance, one table for all layers, that every head gates by what it reads.
    """
    hidden, features = c.int("hidden_size"), _widths(c)[-1]
    weights = (
        *_convolutions(c, f"{prefix}feature_extractor.conv_layers."),
        *(norm(f"{prefix}feature_projection.layer_norm", features, bias=True) if c.flag("feat_proj_layer_norm", True) else ()),
        *linear(f"{prefix}feature_projection.projection", features, hidden, Role.PROJECTOR, bias=True),
        *((Weight(f"{prefix}masked_spec_embed", (hidden,), Role.EMBEDDING),) if _masks(c) else ()),
        *_positions(c, f"{prefix}encoder.pos_conv_embed."),
        *norm(f"{prefix}encoder.layer_norm", hidden, bias=True),
        *(_distances(c, f"{prefix}encoder.layers.0.attention.") if c.model_type == "wavlm" else ()),
        *(_adapter(c, f"{prefix}adapter.") if c.flag("add_adapter") else ()),
    )
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: _attention(c),
        feed_forward=lambda c, kind: plain(c, prefix="feed_forward.", names=("intermediate_dense", "output_dense")),
        norms=lambda c, kind: (*layer_norms("layer_norm", "final_layer_norm", bias=True)(c, kind), *_layer_adapter(c)),
    )
    return Part("encoder", "encoder", Modality.AUDIO, weights, groups, layer_prefix=f"{prefix}encoder.layers.{{layer}}.")


def _widths(c: Config) -> tuple[Num, ...]:
    stated = c.counts("conv_dim")
    return stated if 0 < len(stated) < MOST_DIFFERENT else (num.unknown("that many convolutions are not plausible"),)


def _convolutions(c: Config, prefix: str) -> tuple[Weight, ...]:
    """From a wave of one channel; all have a norm, or the first alone."""
    widths, kernels, weights = _widths(c), c.counts("conv_kernel"), []
    if len(kernels) != len(widths):
        c.problem("length", "conv_kernel", f"`conv_kernel` has {len(kernels)} entries for {len(widths)} convolutions", len(kernels))
        kernels = (num.unknown("`conv_kernel` does not tell"),) * len(widths)
    for index, (inputs, outputs, kernel) in enumerate(zip((ONE, *widths), widths, kernels, strict=False)):
        weights.append(Weight(f"{prefix}{index}.conv.weight", (outputs, inputs, kernel), Role.EMBEDDING, shard="replicated"))
        if c.flag("conv_bias"):
            weights.append(Weight(f"{prefix}{index}.conv.bias", (outputs,), Role.EMBEDDING, shard="replicated"))
        if index == 0 or c.text("feat_extract_norm") == "layer":
            weights += norm(f"{prefix}{index}.layer_norm", outputs, bias=True)
    return tuple(weights)


def _masks(c: Config) -> bool:
    return any(share is not None and (share.value or 0) > 0 for share in (c.number("mask_time_prob"), c.number("mask_feature_prob")))


def _positions(c: Config, prefix: str) -> tuple[Weight, ...]:
    """A convolution over positions: its matrix as direction and length, or behind a batch norm."""
    hidden, kernel, one = c.int("hidden_size"), c.int("num_conv_pos_embeddings"), ONE
    inside = (hidden, hidden // c.int("num_conv_pos_embedding_groups"), kernel)
    bias = Weight(f"{prefix}conv.bias", (hidden,), Role.POSITION)
    if not c.flag("conv_pos_batch_norm"):
        lengths = Weight(f"{prefix}conv.weight_g", (one, one, kernel), Role.POSITION)
        return bias, lengths, Weight(f"{prefix}conv.weight_v", inside, Role.POSITION)
    kept = tuple(Weight(f"{prefix}batch_norm.running_{name}", (hidden,), Role.NORM, buffer=True) for name in ("mean", "var"))
    seen = Weight(f"{prefix}batch_norm.num_batches_tracked", (), Role.NORM, buffer=True, dtype="I64")
    return bias, Weight(f"{prefix}conv.weight", inside, Role.POSITION), *norm(f"{prefix}batch_norm", hidden, bias=True), *kept, seen


def _distances(c: Config, prefix: str) -> tuple[Weight, ...]:
    """The table of the first layer, which all use."""
    if c.layers().value == 0:
        return ()
    return (Weight(f"{prefix}rel_attn_embed.weight", (c.int("num_buckets"), c.int("num_attention_heads")), Role.POSITION),)


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


def _adapter(c: Config, prefix: str) -> tuple[Weight, ...]:
    """Convolutions that shorten what the encoder hands on, over a matrix where that is of another width."""
    hidden, outputs, count = c.int("hidden_size"), c.int("output_hidden_size"), c.layers("num_adapter_layers")
    narrowed = (*linear(f"{prefix}proj", hidden, outputs, Role.PROJECTOR, bias=True), *norm(f"{prefix}proj_layer_norm", outputs, bias=True))
    kernel = (outputs * 2, outputs, c.int("adapter_kernel_size"))
    layers = (
        weight
        for index in range(min(int(count.value or 0), MOST_DIFFERENT))
        for weight in (
            Weight(f"{prefix}layers.{index}.conv.weight", kernel, Role.PROJECTOR),
            Weight(f"{prefix}layers.{index}.conv.bias", (outputs * 2,), Role.PROJECTOR),
        )
    )
    return (*(narrowed if hidden.value != outputs.value else ()), *layers)
