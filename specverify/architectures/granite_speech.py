"""Granite Speech: a conformer that was trained to spell, learned queries that sum up its windows, and Granite."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.sound import ONE, POINT, batch_norm, convolution, stack
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.llava import language_model
from specverify.architectures.model import Model, layer_norms
from specverify.architectures.qformer import qformer, queries_alone
from specverify.architectures.registry import family
from specverify.architectures.towers import stated_type
from specverify.frozen import replace
from specverify.spec import Attention, FeedForward, Modality, Part, Role, Weight

ENCODER, PROJECTOR = "encoder.", "projector."


@family(
    "granite_speech",
    "granite_speech_plus",
    source="transformers GraniteSpeechForConditionalGeneration; https://arxiv.org/abs/2505.08699",
)
def granite_speech(c: Config) -> Model:
    """Granite Speech, and Plus, which also shows the projector layers before the last (`encoder_hidden_size` counts them).

    The adapter of `has_lora_adapter` is a checkpoint of its own, and not listed.
    """
    text = c.sub("text_config", text=True)
    model = language_model(text, tied=c.flag("tie_word_embeddings"))
    projection = Part(
        "projector",
        "projector",
        Modality.AUDIO,
        linear("linear", c.sub("projector_config").int("hidden_size"), text.int("hidden_size"), Role.PROJECTOR, bias=True),
        prefix=PROJECTOR,
    )
    parts = (*model.parts, conformer(c.sub("encoder_config")), queries(c, c.sub("projector_config")), projection)
    return replace(model, parts=parts, interface="encoder + projector")


def queries(c: Config, projector: Config) -> Part:
    """One query for every `downsample_rate` frames of a window of `window_size`, through a Q-Former that reads no text."""
    hidden, count = projector.int("hidden_size"), c.int("window_size") // c.int("downsample_rate")
    learned = Weight("query", (num.const(1), count, hidden), Role.PROJECTOR)
    if stated_type(projector) != "blip_2_qformer":
        unstated = num.unknown(f"the tensors of a {stated_type(projector)} projector are not known to specverify")
        unread = Weight("qformer.{unknown}", (unstated,), Role.PROJECTOR)
        return Part("Q-Former", "projector", Modality.AUDIO, (learned, unread), prefix=PROJECTOR)
    outside = (learned, *prefixed("qformer.", queries_alone(projector)))
    reads_text = projector.flag("use_qformer_text_input")
    part = qformer(projector, f"{PROJECTOR}qformer.", projector.int("encoder_hidden_size"), outside, reads_text=reads_text)
    return replace(part, modality=Modality.AUDIO, prefix=PROJECTOR)


def conformer(c: Config, prefix: str = ENCODER) -> Part:
    """A conformer (arXiv:2005.08100) whose layers see blocks of `context_size` frames, by relative positions of their own.

    What it would spell in the middle, `output_dim` letters, goes back into it.
    """
    hidden, heads, letters = c.int("hidden_size"), c.int("num_attention_heads"), c.int("output_dim")
    dim, wide = c.optional("dim_head") or hidden // heads, hidden * c.int("feedforward_mult")
    attention = (
        *norm("pre_norm", hidden, bias=True),
        *linear("to_q", hidden, heads * dim, Role.ATTENTION),
        *linear("to_kv", hidden, heads * dim * 2, Role.ATTENTION),
        *linear("to_out", heads * dim, hidden, Role.ATTENTION, bias=True),
        Weight("rel_pos_emb.weight", (c.int("max_pos_emb") * 2 + 1, dim), Role.POSITION),
    )
    half = (
        *norm("pre_norm", hidden, bias=True),
        *linear("up_proj", hidden, wide, Role.FEED_FORWARD, bias=True),
        *linear("down_proj", wide, hidden, Role.FEED_FORWARD, bias=True),
    )
    mixer = Attention(
        heads,
        heads,
        dim,
        dim,
        prefixed("attn.", attention),
        window=c.int("context_size"),
        window_kind="chunked",
        causal=False,
        cached=False,
        rotary=False,
    )
    block = FeedForward((*prefixed("ff1.", half), *prefixed("ff2.", half)), wide, gated=False, activation="silu")
    own_norm, filters = layer_norms("post_norm", bias=True, size=hidden), prefixed("conv.", gated_filters(c))
    groups = stack(c, c.layers(), mixer, block, lambda c, kind: (*own_norm(c, kind), *filters))
    outside = (
        *linear("input_linear", c.int("num_mel_bins"), hidden, Role.TOWER, bias=True),
        *linear("out", hidden, letters, Role.TOWER, bias=True),
        *linear("out_mid", letters, hidden, Role.TOWER, bias=True),
    )
    return Part("audio tower", "tower", Modality.AUDIO, outside, groups, prefix, f"{prefix}layers.{{layer}}.")


def gated_filters(c: Config) -> tuple[Weight, ...]:
    """The convolutions of a conformer's layer: gated to `conv_expansion_factor` times the width, a filter a channel, and back."""
    hidden = c.int("hidden_size")
    inner = hidden * c.int("conv_expansion_factor")
    return (
        *norm("norm", hidden, bias=True),
        *convolution("up_conv", hidden, inner * 2, POINT),
        *convolution("depth_conv.conv", ONE, inner, c.int("conv_kernel_size"), bias=False),
        *batch_norm("batch_norm", inner),
        *convolution("down_conv", inner, hidden, POINT),
    )
