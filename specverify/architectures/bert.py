"""BERT and its kin: a bidirectional encoder of the original, post-norm kind, with a small head for each task."""

from __future__ import annotations

from dataclasses import dataclass, replace

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, label_count, layer_groups
from specverify.architectures.registry import family
from specverify.spec import Attention, Mixer, Modality, Part, Role, Weight

RELATIVE = ("relative_key", "relative_key_query")
"""`position_embedding_type` of checkpoints with a table of distances in every layer; transformers 5 no longer builds it."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Where BERT and RoBERTa name their modules differently."""

    body: str
    language_head: str
    head_norm: str
    head_dense: str


BERT = Naming("bert.", "cls.predictions.", "transform.LayerNorm", "transform.dense")
ROBERTA = Naming("roberta.", "lm_head.", "layer_norm", "dense")

POOLED = ("Model", "ForPreTraining", "ForNextSentencePrediction", "ForMultipleChoice")
"""How the names of the classes end that pool the first token; in BERT `ForSequenceClassification` does too."""


@family("bert", source="transformers BertForMaskedLM; https://arxiv.org/abs/1810.04805")
def bert(c: Config) -> Model:
    """BERT: word, position and segment embeddings, post-norm layers, and the head of the class. Owns no cache.

    With `is_decoder` it is causal and keeps keys and values; with `add_cross_attention` it reads an encoder too.
    """
    return _encoder(c, BERT)


@family("roberta", "xlm-roberta", "camembert", source="transformers RobertaForMaskedLM; https://arxiv.org/abs/1907.11692")
def roberta(c: Config) -> Model:
    """RoBERTa: BERT trained longer; positions start behind the padding id, and the heads are laid out differently."""
    return _encoder(c, ROBERTA)


def _encoder(c: Config, naming: Naming) -> Model:
    hidden, causal = c.int("hidden_size"), c.flag("is_decoder")
    ending = _ending(c.architecture)
    prefix = "" if ending == "Model" else naming.body
    tied = c.flag("tie_word_embeddings")
    table = Weight(f"{prefix}embeddings.word_embeddings.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)
    positions = c.int("max_position_embeddings")
    weights = [
        table,
        Weight(f"{prefix}embeddings.position_embeddings.weight", (positions, hidden), Role.POSITION),
        Weight(f"{prefix}embeddings.token_type_embeddings.weight", (c.int("type_vocab_size", least=0), hidden), Role.POSITION),
        *norm(f"{prefix}embeddings.LayerNorm", hidden, bias=True),
        *_head(c, ending, naming, table, prefix, tied=tied),
    ]
    relative = c.text("position_embedding_type") in RELATIVE

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _attention(c, "attention.", causal=causal, cached=causal)
        if relative:
            distances = (positions * 2 - 1, own.head_dim)
            own = replace(own, weights=(*own.weights, Weight("attention.self.distance_embedding.weight", distances, Role.POSITION)))
        return (own, _attention(c, "crossattention.", cross=True)) if causal and c.flag("add_cross_attention") else (own,)

    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixers,
        feed_forward=lambda c, kind: plain(c, prefix="", names=("intermediate.dense", "output.dense")),
        norms=lambda c, kind: norm("output.LayerNorm", hidden, bias=True),
    )
    role = "decoder" if causal else "encoder"
    part = Part(role, role, Modality.TEXT, tuple(weights), groups, layer_prefix=f"{prefix}encoder.layer.{{layer}}.")
    recipe = Recipe(
        norm="layer", norm_placement="post", position="relative" if relative else "learned", objective="causal" if causal else "masked"
    )
    return Model((part,), c, recipe, mask="causal" if causal else "bidirectional", tied=tied)


def _attention(c: Config, prefix: str, *, causal: bool = False, cross: bool = False, cached: bool = True) -> Attention:
    """Attention with its own output norm, which stands behind the sum of input and output."""
    attention = mha(
        c,
        bias=True,
        o_bias=True,
        names=("self.query", "self.key", "self.value", "output.dense"),
        prefix=prefix,
        causal=causal,
        cross=cross,
        cached=cached,
        rotary=False,
    )
    return replace(attention, weights=(*attention.weights, *norm(f"{prefix}output.LayerNorm", c.int("hidden_size"), bias=True)))


def _ending(architecture: str | None) -> str:
    """The task part of a class name: `ForMaskedLM`, `Model`, ...; a config that names no class is taken for the language model."""
    if architecture is None:
        return "ForMaskedLM"
    if architecture.endswith("LMHeadModel"):
        return "LMHeadModel"
    return "Model" if architecture.endswith("Model") else architecture[max(architecture.find("For"), 0) :]


def _head(c: Config, ending: str, naming: Naming, table: Weight, prefix: str, *, tied: bool) -> tuple[Weight, ...]:
    hidden = c.int("hidden_size")
    pooled = ending in POOLED or (ending == "ForSequenceClassification" and naming is BERT)
    pooler = linear(f"{prefix}pooler.dense", hidden, hidden, Role.HEAD, bias=True) if pooled else ()
    match ending:
        case "Model":
            return pooler
        case "ForMaskedLM" | "ForCausalLM" | "LMHeadModel" | "ForPreTraining":
            sentence = linear("cls.seq_relationship", hidden, num.const(2, "is next, is not"), Role.HEAD, bias=True)
            return (*pooler, *_language_head(c, naming, table, tied=tied), *(sentence if pooled else ()))
        case "ForNextSentencePrediction":
            return (*pooler, *linear("cls.seq_relationship", hidden, num.const(2, "is next, is not"), Role.HEAD, bias=True))
        case "ForMultipleChoice":
            return (*pooler, *linear("classifier", hidden, num.const(1, "score"), Role.HEAD, bias=True))
        case "ForQuestionAnswering":
            return (*pooler, *linear("qa_outputs", hidden, label_count(c), Role.HEAD, bias=True))
        case "ForSequenceClassification" if naming is ROBERTA:
            dense = linear("classifier.dense", hidden, hidden, Role.HEAD, bias=True)
            return (*dense, *linear("classifier.out_proj", hidden, label_count(c), Role.HEAD, bias=True))
        case "ForSequenceClassification" | "ForTokenClassification":
            return (*pooler, *linear("classifier", hidden, label_count(c), Role.HEAD, bias=True))
    return (Weight("{unknown}", (num.unknown(f"the head of {c.architecture} is not known"),), Role.HEAD),)


def _language_head(c: Config, naming: Naming, table: Weight, *, tied: bool) -> tuple[Weight, ...]:
    """A dense layer, a norm, and the decoder with a bias that it keeps under two names."""
    hidden, vocabulary = c.int("hidden_size"), c.int("vocab_size")
    head = naming.language_head
    return (
        *prefixed(head, linear(naming.head_dense, hidden, hidden, Role.HEAD, bias=True)),
        *prefixed(head, norm(naming.head_norm, hidden, bias=True)),
        Weight(f"{head}bias", (vocabulary,), Role.HEAD),
        Weight(f"{head}decoder.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None),
        Weight(f"{head}decoder.bias", (vocabulary,), Role.HEAD, tied_to=f"{head}bias" if tied else None),
    )
