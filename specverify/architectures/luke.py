"""LUKE: RoBERTa that reads entities beside words."""

from __future__ import annotations

from specverify.architectures.bert import ROBERTA
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.encoders import ROBERTA_HEAD, attention, bert_embeddings, bert_layers, encoder, task_of
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Role, Weight

POOLED = ("Model", "ForMaskedLM", "ForSequenceClassification", "ForMultipleChoice")


@family("luke", source="transformers LukeForMaskedLM; https://arxiv.org/abs/2010.01057")
def luke(c: Config) -> Model:
    """LUKE: a table of entities, and queries of their own for each of the three pairs with an entity in it.

    The head for words is never tied; the one for entities is.
    """
    hidden, width, entities = c.int("hidden_size"), c.int("entity_emb_size"), c.int("entity_vocab_size")
    aware = ("w2e_query", "e2w_query", "e2e_query") if c.flag("use_entity_aware_attention") else ()
    queries = tuple(weight for name in aware for weight in linear(f"self.{name}", hidden, hidden, Role.ATTENTION, bias=True))
    tables = bert_embeddings(c)
    table = Weight("entity_embeddings.entity_embeddings.weight", (entities, width), Role.EMBEDDING)
    inside = (
        *tables,
        table,
        *(() if width.value == hidden.value else linear("entity_embeddings.entity_embedding_dense", width, hidden, Role.PROJECTOR)),
        *(replace(weight, name=f"entity_{weight.name}") for weight in tables[1:]),
    )
    heads: tuple[Weight, ...] | None = None
    tied = c.flag("tie_word_embeddings")
    if task_of(c) == "ForMaskedLM":
        words = ROBERTA_HEAD.weights(c, tables[0], tied=tied)
        heads = (
            *linear("luke.pooler.dense", hidden, hidden, Role.HEAD, bias=True),
            *(replace(weight, tied_to=None) if weight.name == "lm_head.decoder.weight" else weight for weight in words),
            *prefixed("entity_predictions.", linear("transform.dense", hidden, width, Role.HEAD, bias=True)),
            *prefixed("entity_predictions.", norm("transform.LayerNorm", width, bias=True)),
            Weight("entity_predictions.decoder.weight", table.shape, Role.HEAD, tied_to=f"luke.{table.name}" if tied else None),
            Weight("entity_predictions.bias", (entities,), Role.HEAD),
        )
    return encoder(
        c,
        replace(ROBERTA, body="luke.", pooled=POOLED, dense_classifier=False),
        inside=inside,
        groups=bert_layers(c, mixer=lambda c, kind: attention(c, more=queries)),
        heads=heads,
    )
