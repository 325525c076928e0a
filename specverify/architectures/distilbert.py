"""DistilBERT: half of BERT's layers under names of its own, without segments and without a pooler."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, label_count, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.spec import Modality, Part, Role, Weight


@family("distilbert", source="transformers DistilBertForMaskedLM; https://arxiv.org/abs/1910.01108")
def distilbert(c: Config) -> Model:
    """DistilBERT: a bidirectional post-norm encoder. Owns no cache."""
    name = c.architecture or "ForMaskedLM"
    prefix = "" if name.endswith("Model") else "distilbert."
    hidden, tied = c.int("hidden_size"), c.flag("tie_word_embeddings")
    table = Weight(f"{prefix}embeddings.word_embeddings.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)
    weights = (
        table,
        Weight(f"{prefix}embeddings.position_embeddings.weight", (c.int("max_position_embeddings"), hidden), Role.POSITION),
        *norm(f"{prefix}embeddings.LayerNorm", hidden, bias=True),
        *_head(c, name, table, tied=tied),
    )
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: mha(
            c,
            bias=True,
            o_bias=True,
            names=("q_lin", "k_lin", "v_lin", "out_lin"),
            prefix="attention.",
            causal=False,
            cached=False,
            rotary=False,
        ),
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("hidden_dim"), prefix="ffn.", names=("lin1", "lin2")),
        norms=layer_norms("sa_layer_norm", "output_layer_norm", bias=True),
    )
    part = Part("encoder", "encoder", Modality.TEXT, weights, groups, layer_prefix=f"{prefix}transformer.layer.{{layer}}.")
    position = "sinusoidal" if c.flag("sinusoidal_pos_embds") else "learned"
    recipe = Recipe(norm="layer", norm_placement="post", position=position, objective="masked")
    return Model((part,), c, recipe, mask="bidirectional", tied=tied)


def _head(c: Config, name: str, table: Weight, *, tied: bool) -> tuple[Weight, ...]:
    hidden, vocabulary = c.int("hidden_size"), table.shape[0]
    if name.endswith("Model"):
        return ()
    if name.endswith("ForMaskedLM"):
        return (
            *linear("vocab_transform", hidden, hidden, Role.HEAD, bias=True),
            *norm("vocab_layer_norm", hidden, bias=True),
            Weight("vocab_projector.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None),
            Weight("vocab_projector.bias", (vocabulary,), Role.HEAD),
        )
    if name.endswith("ForQuestionAnswering"):
        return linear("qa_outputs", hidden, label_count(c), Role.HEAD, bias=True)
    if name.endswith("ForTokenClassification"):
        return linear("classifier", hidden, label_count(c), Role.HEAD, bias=True)
    if name.endswith(("ForSequenceClassification", "ForMultipleChoice")):
        outputs = num.const(1, "score") if name.endswith("ForMultipleChoice") else label_count(c)
        dense = linear("pre_classifier", hidden, hidden, Role.HEAD, bias=True)
        return (*dense, *linear("classifier", hidden, outputs, Role.HEAD, bias=True))
    return (Weight("{unknown}", (num.unknown(f"the head of {name} is not known"),), Role.HEAD),)
