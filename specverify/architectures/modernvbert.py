"""ModernVBERT: ModernBERT behind a SigLIP tower."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.composite import projector, root_of, text_of, with_text
from specverify.architectures.encoders import task_of, unknown_head
from specverify.architectures.gemma import siglip
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, label_count
from specverify.architectures.registry import family
from specverify.spec import Role, Weight


@family("modernvbert", source="transformers ModernVBertForMaskedLM; https://arxiv.org/abs/2510.01149")
def modernvbert(c: Config) -> Model:
    """ModernVBERT: squares of `pixel_shuffle_factor` patches a side become one; the heads are the composite's own."""
    text, vision, root = text_of(c), c.sub("vision_config"), root_of(c)
    side, hidden = c.int("pixel_shuffle_factor"), text.int("hidden_size")
    shuffled = linear("modality_projection", vision.int("hidden_size") * side * side, hidden, Role.PROJECTOR)
    others = (siglip(vision, f"{root}vision_model."), projector(f"{root}connector.", shuffled))
    return with_text(c, f"{root}text_model.", *others, tied=c.flag("tie_word_embeddings"), vision=vision, head=head)


def head(c: Config, table: Weight, *, tied: bool) -> tuple[Weight, ...]:
    """A dense layer and a norm, and on them the vocabulary or a classifier."""
    text, task = text_of(c), task_of(c)
    hidden = text.int("hidden_size")
    name = "projection_head" if task == "ForMaskedLM" else "head"
    transform = (
        *linear(f"{name}.dense", hidden, hidden, Role.HEAD, bias=text.flag("classifier_bias")),
        *norm(f"{name}.norm", hidden, bias=text.flag("norm_bias")),
    )
    match task:
        case "ForMaskedLM":
            bias = (Weight("lm_head.bias", table.shape[:1], Role.HEAD),) if text.flag("decoder_bias") else ()
            return (*transform, Weight("lm_head.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None), *bias)
        case "ForSequenceClassification" | "ForTokenClassification":
            return (*transform, *linear("classifier", hidden, label_count(c), Role.HEAD, bias=True))
    return unknown_head(c)
