"""XLM and FlauBERT: BERT's layers with each kind of module in a list of its own."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.encoders import (
    LANGUAGE,
    LEARNED_POST_NORM,
    LanguageHead,
    Tasks,
    encoder,
    sequence_summary,
    task_of,
)
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, label_count, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.spec import Role, Weight

HEAD = LanguageHead(None, "", "pred_layer.proj", ("pred_layer.proj.bias",))
ADAPTIVE = num.unknown("the head is an adaptive softmax (`asm`), whose clusters are not worked out here")
"""What is not said of a vocabulary in clusters, each with a narrower head than the one before."""


@family("xlm", "flaubert", source="transformers XLMWithLMHeadModel; https://arxiv.org/abs/1901.07291; https://arxiv.org/abs/1912.05372")
def xlm(c: Config) -> Model:
    """XLM: post-norm layers four times as wide inside, learned positions, and a table of languages where there are several.

    With `causal` it sees only what comes before, and keeps keys and values.
    """
    hidden, languages, causal = c.int("emb_dim"), c.int("n_langs"), c.flag("causal")
    tables = [
        Weight("embeddings.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING),
        Weight("position_embeddings.weight", (c.int("max_position_embeddings"), hidden), Role.POSITION),
        *norm("layer_norm_emb", hidden, bias=True),
    ]
    if c.flag("use_lang_emb") and languages.value != 1:
        tables.append(Weight("lang_embeddings.weight", (languages, hidden), Role.EMBEDDING))
    groups = layer_groups(
        c,
        c.layers("n_layers"),
        mixer=lambda c, kind: mha(
            c,
            hidden=hidden,
            heads=c.int("n_heads"),
            dim=hidden // c.int("n_heads"),
            bias=True,
            o_bias=True,
            names=("q_lin", "k_lin", "v_lin", "out_lin"),
            prefix="attentions.{layer}.",
            causal=causal,
            cached=causal,
            rotary=False,
        ),
        feed_forward=lambda c, kind: plain(c, hidden=hidden, intermediate=hidden * 4, prefix="ffns.{layer}.", names=("lin1", "lin2")),
        norms=layer_norms("layer_norm1.{layer}", "layer_norm2.{layer}", bias=True, size=hidden),
    )
    return encoder(
        c,
        Tasks("transformer.", HEAD, pooled=()),
        inside=tuple(tables),
        groups=groups,
        layers="",
        recipe=LEARNED_POST_NORM,
        heads=_heads(c),
        causal=causal,
    )


def _heads(c: Config) -> tuple[Weight, ...] | None:
    """The heads that BERT's kin do not have."""
    hidden, task = c.int("emb_dim"), task_of(c)
    if task in LANGUAGE and c.flag("asm"):
        return (Weight("{unknown}", (ADAPTIVE,), Role.HEAD),)
    if task == "ForSequenceClassification":
        return sequence_summary(c, hidden)
    if task == "ForMultipleChoice":
        return (*sequence_summary(c, hidden), *linear("logits_proj", label_count(c), num.const(1, "score"), Role.HEAD, bias=True))
    if task == "ForQuestionAnswering" and not (c.architecture or "").endswith("Simple"):
        return (Weight("{unknown}", (num.unknown(f"the beam search head of {c.architecture} is not described"),), Role.HEAD),)
    return None
