"""BLIP: a BERT that attends to a ViT, as a decoder, an encoder or both."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.tensors import linear, prefixed
from specverify.architectures.composite import attended, projector
from specverify.architectures.encoders import (
    LEARNED_POST_NORM,
    POST_NORM,
    LanguageHead,
    attention,
    bert_embeddings,
    bert_layers,
    is_causal,
    task_of,
    unknown_head,
)
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.tower_blip import blip_tower, tokens
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Mixer, Modality, Part, Role, Weight

GENERATION, ANSWER, RETRIEVAL, CONTRAST = "ForConditionalGeneration", "ForQuestionAnswering", "ForImageTextRetrieval", "Model"
ENCODERS = {"text_encoder.": (ANSWER, RETRIEVAL), "text_model.": (CONTRAST,)}
"""An encoder of the text, and the classes that have it."""
PREDICTIONS = "text_decoder.cls.predictions."
HEAD = LanguageHead(
    f"{PREDICTIONS}transform.dense",
    f"{PREDICTIONS}transform.LayerNorm",
    f"{PREDICTIONS}decoder",
    (f"{PREDICTIONS}bias", f"{PREDICTIONS}decoder.bias"),
)


@family("blip", source="transformers BlipForConditionalGeneration; https://arxiv.org/abs/2201.12086")
def blip(c: Config) -> Model:
    """BLIP: captions come from a decoder, answers from one that reads an encoder of the question, matches from an encoder alone.

    The head is tied where root or text config says so. A stack attends to the image where `is_decoder` gives it the layers for that.
    """
    text, vision, task = c.sub("text_config", text=True), c.sub("vision_config"), GENERATION if c.architecture is None else task_of(c)
    source, tied = vision.int("hidden_size"), c.flag("tie_word_embeddings") or text.flag("tie_word_embeddings")
    attended(c, tokens(vision))
    stacks = [stack(text, "encoder", body, source) for body, classes in ENCODERS.items() if task in classes]
    generates = task in (ANSWER, GENERATION)
    if generates:
        decoder = stack(text, "decoder", "text_decoder.bert.", source)
        stacks.append(replace(decoder, weights=(*decoder.weights, *HEAD.weights(text, decoder.weights[0], tied=tied))))
    compared = heads(c, text, source, task)
    parts = (*stacks, blip_tower(vision), *((projector("", compared),) if compared else ()))
    recipe, mask = replace(LEARNED_POST_NORM, objective="causal" if generates else "masked"), "causal" if generates else "bidirectional"
    return Model(parts, text, recipe, mask=mask, tied=tied, vision=vision, interface="cross-attention")


def stack(c: Config, role: str, body: str, source: Num) -> Part:
    """A BERT without segments whose layers also attend to an image `source` wide."""
    decodes = role == "decoder"

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = attention(c, causal=decodes, cached=decodes)
        across = attention(c, POST_NORM, "crossattention.", cross=True, cached=decodes, source=source)
        return (own, across) if is_causal(c) else (own,)

    weights = prefixed(body, bert_embeddings(c, types=False))
    return Part(role, role, Modality.TEXT, weights, bert_layers(c, mixer=mixers), layer_prefix=body + POST_NORM.path)


def heads(c: Config, text: Config, source: Num, task: str) -> tuple[Weight, ...]:
    """What compares image and text; nothing where text is generated."""
    hidden = text.int("hidden_size")
    match task:
        case "ForConditionalGeneration" | "ForQuestionAnswering":
            return ()
        case "Model":
            shared = c.int("projection_dim")
            pooler = linear("text_model.pooler.dense", hidden, hidden, Role.HEAD, bias=True)
            both = (*linear("visual_projection", source, shared, Role.HEAD), *linear("text_projection", hidden, shared, Role.HEAD))
            return (*pooler, *both, Weight("logit_scale", (), Role.HEAD))
        case "ForImageTextRetrieval":
            shared = c.int("image_text_hidden_size")
            both = (
                *linear("vision_proj", source, shared, Role.HEAD, bias=True),
                *linear("text_proj", hidden, shared, Role.HEAD, bias=True),
            )
            return (*both, *linear("itm_head", hidden, num.const(2, "matches, does not"), Role.HEAD, bias=True))
    return unknown_head(c)
