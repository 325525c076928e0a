"""Phi-4-multimodal: Phi-3 with SigLIP and a conformer among its embeddings."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.sound import ONE, POINT, convolution, stack
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.gemma import siglip
from specverify.architectures.keys import Config
from specverify.architectures.llama import phi3
from specverify.architectures.model import Model, head_kind, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Modality, Part, Role, Weight

SQUARE = num.const(3, "convolution kernel")


@family("phi4_multimodal", source="transformers Phi4MultimodalForCausalLM; https://arxiv.org/abs/2503.01743")
def phi4_multimodal(c: Config) -> Model:
    """Phi-4-multimodal, its adapters for images and speech not listed: the class has none, and loads them apart."""
    model, vision, audio = phi3(c), c.sub("vision_config"), c.sub("audio_config")
    within = ("" if head_kind(c.architecture) == "none" else "model.") + "embed_tokens_extend."
    images, sound = f"{within}image_embed.", f"{within}audio_embed."
    parts = (
        siglip(vision, f"{images}img_processor."),
        Part("image projector", "projector", Modality.VISION, image_projector(c, vision), prefix=images),
        conformer(audio, f"{sound}encoder."),
        Part("audio projector", "projector", Modality.AUDIO, audio_projector(c, audio), prefix=sound),
    )
    return replace(model, parts=(*model.parts, *parts), vision=vision, interface="encoder + projector")


def image_projector(c: Config, vision: Config) -> tuple[Weight, ...]:
    """Two matrices, and a learned patch between the tiles of an image and one at the end of a row."""
    inputs, hidden = vision.int("hidden_size"), c.int("hidden_size")
    single = num.const(1)
    return (
        *linear("img_projection_up", inputs, hidden, Role.PROJECTOR, bias=True),
        *linear("img_projection_down", hidden, hidden, Role.PROJECTOR, bias=True),
        Weight("global_img_feature_extensor", (single, single, inputs), Role.PROJECTOR),
        Weight("sub_img_feature_extensor", (single, single, single, inputs), Role.PROJECTOR),
    )


def audio_projector(c: Config, audio: Config) -> tuple[Weight, ...]:
    """Two matrices for speech alone, and two for speech beside an image."""
    inputs, hidden = audio.int("hidden_size") * audio.int("downsample_rate"), c.int("hidden_size")
    weights: tuple[Weight, ...] = ()
    for kind in ("speech", "vision_speech"):
        weights += linear(f"up_proj_for_{kind}", inputs, hidden, Role.PROJECTOR, bias=True)
        weights += linear(f"down_proj_for_{kind}", hidden, hidden, Role.PROJECTOR, bias=True)
    return weights


def conformer(c: Config, prefix: str) -> Part:
    """A causal conformer (arXiv:2005.08100) over frames halved until there are `time_reduction` times fewer, with relative biases."""
    hidden, bins, distance = c.int("hidden_size"), c.int("input_size"), c.int("bias_max_distance")
    outside = (
        *(Weight(f"encoder_embedding.global_{which}", (bins,), Role.NORM, buffer=True) for which in ("mean", "invstd")),
        *prefixed("embed.", halvings(c)),
        Weight(
            "relative_attention_bias_layer.bias_values.weight",
            (distance if c.flag("bias_symmetric") else distance * 2, c.int("num_attention_heads")),
            Role.POSITION,
        ),
    )
    wide = c.int("intermediate_size")
    half = (
        *norm("layer_norm", hidden, bias=True),
        *linear("gate_up_proj", hidden, wide * 2, Role.FEED_FORWARD, bias=True),
        *linear("down_proj", wide, hidden, Role.FEED_FORWARD, bias=True),
    )
    block = FeedForward((*prefixed("feed_forward_in.", half), *prefixed("feed_forward_out.", half)), wide, activation=c.text("activation"))
    attention = gqa(c, kv_heads=c.int("num_attention_heads"), bias=True, o_bias=True, cached=False, rotary=False)
    own_norms, filters = layer_norms("layer_norm_att", "layer_norm", bias=True, size=hidden), prefixed("conv.", gated_filters(c))
    groups = stack(c, c.layers("num_blocks"), attention, block, lambda c, kind: (*own_norms(c, kind), *filters))
    return Part("audio tower", "tower", Modality.AUDIO, outside, groups, prefix, f"{prefix}encoders.{{layer}}.")


def halvings(c: Config) -> tuple[Weight, ...]:
    """One convolution over time and pitch, further ones of a filter a channel and a mixing of channels, and a matrix over what is left."""
    width, factor, bins = c.int("nemo_conv_channels"), c.int("time_reduction"), c.int("input_size")
    steps = int(factor.value or 1).bit_length() - 1
    weights, left = convolution("conv.0", ONE, width, SQUARE, SQUARE), bins
    for step in range(1, steps):
        weights += convolution(f"conv.{3 * step - 1}", ONE, width, SQUARE, SQUARE)
        weights += convolution(f"conv.{3 * step}", width, width, POINT, POINT)
    for _ in range(steps):
        left = num.ceil_div(left, 2)
    return weights + linear("out", width * bins_left(c, left, factor), c.int("hidden_size"), Role.TOWER, bias=True)


def bins_left(c: Config, halved: Num, factor: Num) -> Num:
    """Mel bins after the halvings: `nemo_final_size` where the file states it, for the class takes that."""
    if "nemo_final_size" in c:
        return c.int("nemo_final_size")
    return halved if factor.value is not None else num.unknown("`time_reduction` is not known")


def gated_filters(c: Config) -> tuple[Weight, ...]:
    """The convolutions of a layer: gated with biases apart, a filter or several a channel, and two mixings of channels."""
    hidden, outer = c.int("hidden_size"), c.int("ext_pw_out_channel")
    filters = hidden * c.int("depthwise_multiplier")
    return (
        *norm("layer_norm", hidden, bias=True),
        *convolution("glu.ext_pw_conv_1d", hidden, outer * 2, POINT),
        *(Weight(f"glu.{name}", (num.const(1), outer, num.const(1)), Role.TOWER) for name in ("b1", "b2")),
        *convolution("dw_sep_conv_1d.dw_conv", ONE, filters, c.int("kernel_size")),
        *convolution("dw_sep_conv_1d.pw_conv", filters, c.int("depthwise_separable_out_channel"), POINT),
        *convolution("ext_pw_conv_1d", hidden, outer, POINT),
    )
