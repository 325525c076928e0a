"""BERT with another way for tokens to see each other: sparse, approximated, by convolutions, by a Fourier transform."""

from __future__ import annotations

from collections.abc import Callable

from specverify import num
from specverify.architectures.bert import BERT, EVERY, ROBERTA
from specverify.architectures.blocks.feed_forward import activation
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.encoders import (
    BERT_HEAD,
    GENERATOR_HEAD,
    MOST_DIFFERENT,
    POST_NORM,
    Layer,
    Tasks,
    attention,
    bert_embeddings,
    bert_layers,
    embeddings,
    encoder,
    feed_forward,
    is_causal,
    widened,
)
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, depth_of, layer_groups
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Mixer, Recurrent, Role, Weight

APPROXIMATE = Tasks("", BERT_HEAD, pooled=(), dense_classifier=True, choice="pre_classifier", two_answers=True)
"""The tasks of the encoders from one laboratory that approximate attention; their names differ by the body alone."""


@family("longformer", source="transformers LongformerForMaskedLM; https://arxiv.org/abs/2004.05150")
def longformer(c: Config) -> Model:
    """Longformer: RoBERTa whose tokens see a window, save a few that see everything through projections of their own."""
    hidden, count = c.int("hidden_size"), c.layers()
    everywhere = tuple(
        weight for name in ("query", "key", "value") for weight in linear(f"self.{name}_global", hidden, hidden, Role.ATTENTION, bias=True)
    )
    kinds, window_of = attention_windows(c, count)

    def mixer(c: Config, kind: str) -> Mixer:
        return attention(c, window=window_of(kind), more=everywhere)

    groups = layer_groups(
        c,
        count,
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=kinds,
        norms=lambda c, kind: norm(POST_NORM.end_norm, hidden, bias=True),
    )
    return encoder(c, replace(ROBERTA, body="longformer."), inside=bert_embeddings(c), groups=groups)


def attention_windows(c: Config, count: Num) -> tuple[Kinds, Callable[[str], Num | None]]:
    """The layers by the window that `attention_window` gives all of them or each, and what tells a kind's: half to either side."""
    if isinstance(c.choice("attention_window"), list):
        windows = c.counts("attention_window")[: depth_of(count)]
    else:
        windows = (c.int("attention_window"),) * depth_of(count)
    of_kind = {str(window.value): window // 2 * 2 + 1 for window in windows if window.value is not None}
    if len(of_kind) > MOST_DIFFERENT:
        windows = ()
    kinds = [str(window.value) if window.value is not None else "" for window in windows]
    return Kinds((*kinds, *("",) * (depth_of(count) - len(kinds))), (count,)), of_kind.get


@family("nystromformer", source="transformers NystromformerForMaskedLM; https://arxiv.org/abs/2102.03902")
def nystromformer(c: Config) -> Model:
    """Nystromformer: attention by landmarks, and a convolution over the values of each head."""
    return _approximate(c, "nystromformer.", convolution="conv_kernel_size")


@family("yoso", source="transformers YosoForMaskedLM; https://arxiv.org/abs/2111.09714")
def yoso(c: Config) -> Model:
    """YOSO: attention by sampled hashes, with a convolution over the values of each head where `conv_window` is stated."""
    return _approximate(c, "yoso.", convolution="conv_window")


@family("mra", source="transformers MraForMaskedLM; https://arxiv.org/abs/2207.10284")
def mra(c: Config) -> Model:
    """MRA: attention at several resolutions. Its checkpoints hold the position ids, which are no parameter."""
    ids = Weight("embeddings.position_ids", (num.const(1), c.int("max_position_embeddings")), Role.POSITION, buffer=True, dtype="I64")
    return _approximate(c, "mra.", more=(ids,))


def _approximate(c: Config, body: str, *, convolution: str | None = None, more: tuple[Weight, ...] = ()) -> Model:
    heads = c.int("num_attention_heads")
    kernel = c.optional(convolution) if convolution is not None else None
    one = num.const(1)
    own = () if kernel is None else (Weight("self.conv.weight", (heads, one, kernel, one), Role.ATTENTION),)
    return encoder(
        c,
        replace(APPROXIMATE, body=body),
        inside=(*bert_embeddings(c, extra_positions=2), *more),
        groups=bert_layers(c, mixer=lambda c, kind: attention(c, more=own)),
    )


@family("fnet", source="transformers FNetForMaskedLM; https://arxiv.org/abs/2105.03824")
def fnet(c: Config) -> Model:
    """FNet: BERT with a Fourier transform, which owns no weight, in the place of attention."""
    hidden = c.int("hidden_size")
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: Recurrent("fourier", (), norm("fourier.output.LayerNorm", hidden, bias=True)),
        feed_forward=feed_forward,
        norms=lambda c, kind: norm(POST_NORM.end_norm, hidden, bias=True),
    )
    inside = (*bert_embeddings(c), *linear("embeddings.projection", hidden, hidden, Role.PROJECTOR, bias=True))
    return encoder(c, replace(BERT, body="fnet.", pooled=EVERY), inside=inside, groups=groups)


@family("mpnet", source="transformers MPNetForMaskedLM; https://arxiv.org/abs/2004.09297")
def mpnet(c: Config) -> Model:
    """MPNet: RoBERTa with biases by distance that all layers share, and no segments."""
    layer = Layer(projections=("attn.q", "attn.k", "attn.v", "attn.o"), attention_norm="LayerNorm")
    buckets = (c.int("relative_attention_num_buckets"), c.int("num_attention_heads"))
    return encoder(
        c,
        replace(ROBERTA, body="mpnet."),
        inside=(*bert_embeddings(c, types=False), Weight("encoder.relative_attention_bias.weight", buckets, Role.POSITION)),
        groups=bert_layers(c, layer=layer, mixer=lambda c, kind: attention(c, layer)),
    )


@family("convbert", source="transformers ConvBertForMaskedLM; https://arxiv.org/abs/2008.02496")
def convbert(c: Config) -> Model:
    """ConvBERT: half of each layer's heads are convolutions whose kernels come from the input."""
    hidden, width = c.int("hidden_size"), c.int("embedding_size")

    def mixer(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _span_attention(c, "attention.")
        built = is_causal(c) and c.flag("add_cross_attention")
        return (own, replace(_span_attention(c, "crossattention."), cross=True)) if built else (own,)

    return encoder(
        c,
        Tasks("convbert.", GENERATOR_HEAD, pooled=(), dense_classifier=True, summarizes=True),
        inside=(*bert_embeddings(c, width=width), *widened("embeddings_project", width, hidden)),
        groups=bert_layers(c, mixer=mixer, forward=lambda c, kind: _grouped_feed_forward(c)),
    )


def _span_attention(c: Config, prefix: str) -> Attention:
    """Fewer and half as wide heads beside convolutions by span, which fill the other half of the output."""
    hidden, kernel, one = c.int("hidden_size"), c.int("conv_kernel_size"), num.const(1)
    heads = num.maximum(c.int("num_attention_heads") // c.int("head_ratio"), 1)
    dim = hidden // heads // 2
    width, inner = heads * dim, f"{prefix}self."
    weights = (
        *(weight for name in ("query", "key", "value") for weight in linear(inner + name, hidden, width, Role.ATTENTION, bias=True)),
        Weight(f"{inner}key_conv_attn_layer.depthwise.weight", (hidden, one, kernel), Role.ATTENTION),
        Weight(f"{inner}key_conv_attn_layer.pointwise.weight", (width, hidden, one), Role.ATTENTION),
        Weight(f"{inner}key_conv_attn_layer.bias", (width, one), Role.ATTENTION),
        *linear(f"{inner}conv_kernel_layer", width, heads * kernel, Role.ATTENTION, bias=True),
        *linear(f"{inner}conv_out_layer", hidden, width, Role.ATTENTION, bias=True),
        *linear(f"{prefix}output.dense", hidden, hidden, Role.ATTENTION, bias=True),
        *norm(f"{prefix}output.LayerNorm", hidden, bias=True),
    )
    return Attention(heads, heads, dim, dim, weights, causal=False, cached=False, rotary=False)


def _grouped_feed_forward(c: Config) -> FeedForward:
    """BERT's feed-forward in `num_groups` blocks that do not see each other."""
    found, groups = feed_forward(c), c.int("num_groups")
    if groups.value == 1:
        return found
    weights = tuple(
        replace(weight, shape=(groups, weight.shape[1] // groups, weight.shape[0] // groups)) if len(weight.shape) == 2 else weight
        for weight in found.weights
    )
    return replace(found, weights=weights)


@family("squeezebert", source="transformers SqueezeBertForMaskedLM; https://arxiv.org/abs/2006.11316")
def squeezebert(c: Config) -> Model:
    """SqueezeBERT: BERT's linear layers as convolutions of width 1 in groups that do not see each other."""
    hidden, intermediate, heads = c.int("hidden_size"), c.int("intermediate_size"), c.int("num_attention_heads")

    def mixer(c: Config, kind: str) -> Mixer:
        weights = (
            *(
                weight
                for name in ("query", "key", "value")
                for weight in _convolution(f"attention.{name}", hidden, hidden, c.int(f"{name[0]}_groups"), Role.ATTENTION)
            ),
            *_convolution("post_attention.conv1d", hidden, hidden, c.int("post_attention_groups"), Role.ATTENTION),
            *norm("post_attention.layernorm", hidden, bias=True),
        )
        return Attention(heads, heads, hidden // heads, hidden // heads, weights, causal=False, cached=False, rotary=False)

    def forward(c: Config, kind: str) -> FeedForward:
        weights = (
            *_convolution("intermediate.conv1d", hidden, intermediate, c.int("intermediate_groups"), Role.FEED_FORWARD),
            *_convolution("output.conv1d", intermediate, hidden, c.int("output_groups"), Role.FEED_FORWARD),
        )
        return FeedForward(weights, intermediate, gated=False, activation=activation(c))

    width, positions = c.int("embedding_size"), c.int("max_position_embeddings")
    groups = bert_layers(c, layer=Layer(end_norm="output.layernorm"), mixer=mixer, forward=forward)
    return encoder(
        c,
        replace(BERT, body="transformer.", pooled=EVERY),
        inside=embeddings(c, width=width, positions=positions, norm_width=hidden),
        groups=groups,
        layers="encoder.layers.{layer}.",
    )


def _convolution(name: str, inputs: Num, outputs: Num, groups: Num, role: Role) -> tuple[Weight, ...]:
    return (Weight(f"{name}.weight", (outputs, inputs // groups, num.const(1)), role), Weight(f"{name}.bias", (outputs,), role))
