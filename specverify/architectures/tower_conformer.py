"""The w2v-BERT conformer (arXiv:2108.06209) that SeamlessM4T hears speech with, and the adapter that shortens what it heard."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.audio import batch_norm, convolution
from specverify.architectures.blocks.feed_forward import plain, plain_weights
from specverify.architectures.blocks.tensors import extended, linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import layer_groups, layer_norms
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, LayerGroup, Mixer, Modality, Part, Role, Weight

DENSE = ("intermediate_dense", "output_dense")


def speech_encoder(c: Config, prefix: str, *, second: bool) -> Part:
    """The encoder under `prefix`. `second`: that of v2, with learned distances and without batch normalization."""
    hidden, inner, inputs = c.int("hidden_size"), c.int("speech_encoder_intermediate_size"), c.int("feature_projection_input_dim")
    weights = (
        *norm("feature_projection.layer_norm", inputs, bias=True),
        *linear("feature_projection.projection", inputs, hidden, Role.EMBEDDING, bias=True),
        *norm("encoder.layer_norm", hidden, bias=True),
        *plain_weights(hidden, inner, prefix="intermediate_ffn.", names=DENSE, bias=True),
        *norm("inner_layer_norm", hidden, bias=True),
    )

    def mixer(c: Config, kind: str) -> Mixer:
        own = _attention(c)
        return extended(own, *(_distances(c, own) if second else _relative(c, own)))

    def feed_forward(c: Config, kind: str) -> FeedForward:
        first = plain(c, intermediate=inner, prefix="ffn1.", names=DENSE)
        return extended(
            first, *plain_weights(hidden, inner, prefix="ffn2.", names=DENSE, bias=True), *_convolutions(c, hidden, second=second)
        )

    groups = layer_groups(
        c,
        c.layers("speech_encoder_layers"),
        mixer=mixer,
        feed_forward=feed_forward,
        norms=layer_norms("ffn1_layer_norm", "self_attn_layer_norm", "ffn2_layer_norm", "final_layer_norm", bias=True),
    )
    adapter = _adapter(c, f"{prefix}adapter.layers.{{layer}}.") if c.flag("add_adapter") else ()
    return Part("speech encoder", "encoder", Modality.AUDIO, weights, (*groups, *adapter), prefix, f"{prefix}encoder.layers.{{layer}}.")


def _attention(c: Config) -> Attention:
    return mha(
        c,
        heads=c.int("speech_encoder_attention_heads"),
        dim=c.int("hidden_size") // c.int("speech_encoder_attention_heads"),
        bias=True,
        o_bias=True,
        names=("linear_q", "linear_k", "linear_v", "linear_out"),
        causal=False,
        cached=False,
        rotary=False,
    )


def _relative(c: Config, own: Attention) -> tuple[Weight, ...]:
    """Positions of Transformer-XL, where they are `relative`."""
    if c.text("position_embeddings_type") != "relative":
        return ()
    hidden, shape = c.int("hidden_size"), (own.num_attention_heads, own.head_dim)
    biases = (Weight(f"self_attn.pos_bias_{name}", shape, Role.POSITION) for name in "uv")
    return (*linear("self_attn.linear_pos", hidden, hidden, Role.ATTENTION), *biases)


def _distances(c: Config, own: Attention) -> tuple[Weight, ...]:
    """A vector for each distance, where positions are a `relative_key`."""
    if c.text("position_embeddings_type") != "relative_key":
        return ()
    rows = c.int("left_max_position_embeddings") + c.int("right_max_position_embeddings") + 1
    return (Weight("self_attn.distance_embedding.weight", (rows, own.head_dim), Role.POSITION),)


def _convolutions(c: Config, hidden: Num, *, second: bool) -> tuple[Weight, ...]:
    role = Role.FEED_FORWARD
    weights = (
        *norm("layer_norm", hidden, bias=True),
        *convolution("pointwise_conv1", hidden, hidden * 2, 1, bias=False, role=role),
        *convolution("depthwise_conv", Num(1), hidden, c.int("conv_depthwise_kernel_size"), bias=False, role=role),
        *(norm("depthwise_layer_norm", hidden, bias=True) if second else batch_norm("batch_norm", hidden)),
        *convolution("pointwise_conv2", hidden, hidden, 1, bias=False, role=role),
    )
    return prefixed("conv_module.", weights)


def _adapter(c: Config, prefix: str) -> tuple[LayerGroup, ...]:
    """Layers whose attention, and what goes past it, each come out of a gated convolution of `adaptor_stride`."""
    hidden, kernel = c.int("hidden_size"), c.int("adaptor_kernel_size")
    steps = (
        *convolution("residual_conv", hidden, hidden * 2, kernel, role=Role.ATTENTION),
        *convolution("self_attn_conv", hidden, hidden * 2, kernel, role=Role.ATTENTION),
    )
    groups = layer_groups(
        c,
        c.layers("num_adapter_layers"),
        mixer=lambda c, kind: extended(_attention(c), *steps),
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("speech_encoder_intermediate_size"), prefix="ffn.", names=DENSE),
        norms=layer_norms("residual_layer_norm", "self_attn_layer_norm", "ffn_layer_norm", bias=True),
    )
    return tuple(replace(group, prefix=prefix) for group in groups)
