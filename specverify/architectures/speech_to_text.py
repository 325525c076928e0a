"""Speech to Text: gated convolutions over the frames of a recording before the stacks of BART's kin."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.audio import convolution
from specverify.architectures.encoders import MOST_DIFFERENT
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.seq2seq import Layers, Style, Tables, prefix_of, sequence_to_sequence
from specverify.facts import derived
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Modality, Role, Weight

STYLE = Style(position="sinusoidal", stores_positions=False, norms_end=True, logits_bias=False)


@family("speech_to_text", source="transformers Speech2TextForConditionalGeneration; https://arxiv.org/abs/2010.05171")
def speech_to_text(c: Config) -> Model:
    """S2T: every convolution halves the length and its gate the channels; positions are computed and never stored."""
    prefix = prefix_of(c.architecture or "ForConditionalGeneration", STYLE)
    table = Weight(f"{prefix}decoder.embed_tokens.weight", (c.int("vocab_size"), c.int("d_model")), Role.EMBEDDING)
    model = sequence_to_sequence(c, STYLE, encoder=Layers(outside=_convolutions(c)), tables=Tables(None, None, table))
    seen = c.int("max_source_positions")
    for _ in _kernels(c):
        seen = num.ceil_div(seen, 2)
    c.facts["encoder_tokens"] = derived("encoder_tokens", seen.value, f"{seen.formula()} = {seen.worked()}", *seen.rests_on())
    encoder, *others = model.parts
    return replace(model, parts=(replace(encoder, modality=Modality.AUDIO), *others), interface="cross-attention")


def _convolutions(c: Config) -> tuple[Weight, ...]:
    """From features to twice `d_model` channels, by way of `conv_channels`, of which a gate leaves half each time."""
    inputs = c.int("input_feat_per_channel") * c.int("input_channels")
    kernels = _kernels(c)
    weights: tuple[Weight, ...] = ()
    for index, kernel in enumerate(kernels):
        outputs = c.int("d_model") * 2 if index == len(kernels) - 1 else c.int("conv_channels")
        weights += convolution(f"conv.conv_layers.{index}", inputs, outputs, kernel, role=Role.EMBEDDING)
        inputs = c.int("conv_channels") // 2
    return weights


def _kernels(c: Config) -> tuple[Num, ...]:
    stated = c.counts("conv_kernel_sizes")
    return stated if len(stated) < MOST_DIFFERENT else (num.unknown("that many convolutions are not plausible"),)
