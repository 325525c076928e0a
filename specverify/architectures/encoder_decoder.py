"""Any encoder before any decoder: BERT2BERT, TrOCR, Donut, and speech translation from wav2vec 2.0."""

from __future__ import annotations

from collections.abc import Callable

from specverify import num
from specverify.architectures.blocks.tensors import linear
from specverify.architectures.composite import attended
from specverify.architectures.generic import generic
from specverify.architectures.keys import Config
from specverify.architectures.llava import placed, within
from specverify.architectures.model import Model
from specverify.architectures.registry import family, find
from specverify.architectures.tower_swin import swin, swin_tokens
from specverify.architectures.tower_vit import vit, vit_tokens
from specverify.architectures.tower_wav2vec2 import wav2vec2
from specverify.architectures.towers import stated_type
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, LayerGroup, Modality, Part, Role, Weight

TOWERS: dict[str, Callable[[Config, str], Part]] = {
    "vit": vit,
    "deit": vit,
    "swin": swin,
    "donut-swin": swin,
    "wav2vec2": wav2vec2,
    "hubert": wav2vec2,
    "wavlm": wav2vec2,
}
TOKENS: dict[str, Callable[[Config], Num]] = {"vit": vit_tokens, "deit": vit_tokens, "swin": swin_tokens, "donut-swin": swin_tokens}
"""Tokens of one image, by the type of the encoder."""


@family(
    "encoder-decoder",
    "vision-encoder-decoder",
    "speech-encoder-decoder",
    source="transformers EncoderDecoderModel; https://arxiv.org/abs/1907.12461",
)
def encoder_decoder(c: Config) -> Model:
    """The bare model of one type, and the causal one of another that attends to it, with a matrix between where widths differ.

    The decoder's own config says whether its head is tied, and whether it has attention to the encoder at all.
    """
    source, target = c.sub("encoder", architecture="Model"), c.sub("decoder", text=True, architecture="ForCausalLM")
    model = _build(target)
    encoder = _encoder(source)
    decoder = tuple(replace(_reading(placed(part, model.tied, within("decoder."))), role="decoder") for part in model.parts)
    modality = encoder[0].modality if encoder else Modality.TEXT
    tokens = TOKENS.get(stated_type(source) or "")
    if tokens is not None:
        attended(c, tokens(source))
    return replace(
        model,
        parts=(*encoder, *decoder, *_between(source, target, modality), *_unknown(c)),
        recipe=replace(model.recipe, objective="sequence-to-sequence"),
        vision=source if modality is Modality.VISION else None,
        interface=None if modality is Modality.TEXT else "cross-attention",
    )


def _build(c: Config) -> Model:
    own = find(stated_type(c))
    return own.build(c) if own is not None else generic(c, "causal") or Model((), c)


def _encoder(c: Config) -> tuple[Part, ...]:
    kind = stated_type(c) or ""
    if kind in TOWERS:
        return (replace(TOWERS[kind](c, "encoder."), role="encoder"),)
    if find(kind) is None:
        unstated = num.unknown(f"the tensors of an encoder of type {kind} are not known to specverify")
        return (Part("encoder", "encoder", Modality.TEXT, (Weight("{unknown}", (unstated,), Role.TOWER),)),)
    model = _build(c)
    return tuple(replace(placed(part, model.tied, within("encoder.")), role="encoder") for part in model.parts)


def _reading(part: Part) -> Part:
    """The decoder with an encoder to read: what it attends to is kept."""
    return replace(part, layers=tuple(_kept(group) for group in part.layers))


def _kept(group: LayerGroup) -> LayerGroup:
    crossing = (replace(mixer, cached=True) if isinstance(mixer, Attention) and mixer.cross else mixer for mixer in group.mixers)
    return replace(group, mixers=tuple(crossing))


def _between(source: Config, target: Config, modality: Modality) -> tuple[Part, ...]:
    """The matrix from the encoder's width to the decoder's, unless the decoder reads another width itself."""
    inputs, outputs = source.int("hidden_size"), target.int("hidden_size")
    handed_on = source.optional("output_hidden_size") or inputs
    if handed_on.value == outputs.value or target.optional("cross_attention_hidden_size") is not None:
        return ()
    return (Part("projector", "projector", modality, linear("enc_to_dec_proj", inputs, outputs, Role.PROJECTOR, bias=True)),)


def _unknown(c: Config) -> tuple[Part, ...]:
    """What a class that is not transformers' own adds."""
    if c.architecture is None or c.architecture.endswith("EncoderDecoderModel"):
        return ()
    unstated = num.unknown(f"what {c.architecture} adds is not known")
    return (Part("addition", "projector", Modality.TEXT, (Weight("{unknown}", (unstated,), Role.PROJECTOR),)),)
