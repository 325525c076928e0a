"""Reformer: reversible layers whose attention is local, or among tokens of one hash."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.encoders import LANGUAGE, LanguageHead, Tasks, encoder, is_causal, task_of
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, depth_of, label_count, layer_groups
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, Mixer, Role, Weight

LOCAL, HASHED = "local", "lsh"
HEAD = LanguageHead(None, "", "lm_head.decoder", ("lm_head.bias",))


@family("reformer", source="transformers ReformerModelWithLMHead; https://arxiv.org/abs/2001.04451")
def reformer(c: Config) -> Model:
    """Reformer: two streams of activations, joined at the end; queries are the keys where tokens are hashed.

    As a decoder it keeps the inputs of its layers instead of keys and values.
    """
    hidden, heads, dim = c.int("hidden_size"), c.int("num_attention_heads"), c.int("attention_head_size")
    count = c.layers()
    causal, joined = is_causal(c), hidden * 2

    def mixer(c: Config, kind: str) -> Mixer:
        names = ("query_key", "value") if kind == HASHED else ("query", "key", "value")
        projections = (weight for name in names for weight in linear(f"self_attention.{name}", hidden, heads * dim, Role.ATTENTION))
        weights = (*projections, *linear("output.dense", heads * dim, hidden, Role.ATTENTION), *norm("layer_norm", hidden, bias=True))
        return Attention(
            heads,
            heads,
            dim,
            dim,
            tuple(replace(weight, name=f"attention.{weight.name}") for weight in weights),
            causal=causal,
            cached=causal,
            rotary=False,
            kept=hidden,
            hashed_from=c.int("lsh_attn_chunk_length") if kind == HASHED else None,
        )

    groups = layer_groups(
        c,
        count,
        mixer=mixer,
        feed_forward=lambda c, kind: plain(
            c, intermediate=c.int("feed_forward_size"), prefix="feed_forward.", names=("dense.dense", "output.dense")
        ),
        mixer_kinds=_kinds(c, count),
        norms=lambda c, kind: norm("feed_forward.layer_norm", hidden, bias=True),
    )
    table = Weight("embeddings.word_embeddings.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)
    model = encoder(
        c,
        Tasks("reformer.", HEAD, pooled=()),
        inside=(table, *_positions(c), *norm("encoder.layer_norm", joined, bias=True)),
        groups=groups,
        layers="encoder.layers.{layer}.",
        recipe=Recipe(norm="layer", position="learned", objective="masked"),
        causal=causal,
        heads=_heads(c, joined),
    )
    return replace(model, tied=False)


def _kinds(c: Config, count: Num) -> Kinds:
    """The kind of each layer: as listed, or the only kind that is listed for however many there are."""
    stated, depth = c.list("attn_layers", of=str) or [], depth_of(count)
    listed = stated[:1] * depth if len(set(stated)) == 1 else stated
    for index, kind in enumerate(stated):
        if kind not in (LOCAL, HASHED):
            c.problem("kind", "attn_layers", f"entry {index} of `attn_layers` is `{kind}`, which its class does not have", kind)
    found = [kind if kind in (LOCAL, HASHED) else "" for kind in listed[:depth]]
    return Kinds((*found, *("",) * (depth - len(found))), (count,))


def _positions(c: Config) -> tuple[Weight, ...]:
    """A table, or with `axial_pos_embds` one for each axis of the shape that positions are folded into."""
    if not c.flag("axial_pos_embds", True):
        shape = (c.int("max_position_embeddings"), c.int("hidden_size"))
        return (Weight("embeddings.position_embeddings.embedding.weight", shape, Role.POSITION),)
    lengths, widths, one = c.counts("axial_pos_shape"), c.counts("axial_pos_embds_dim"), num.const(1)
    if len(lengths) > MOST_AXES:
        lengths = (num.unknown("`axial_pos_shape` has more axes than are plausible"),)
    return tuple(
        Weight(
            f"embeddings.position_embeddings.weights.{axis}",
            (*(lengths[other] if other == axis else one for other in range(len(lengths))), width),
            Role.POSITION,
        )
        for axis, width in enumerate(widths[: len(lengths)])
    )


MOST_AXES = 16


def _heads(c: Config, joined: Num) -> tuple[Weight, ...] | None:
    """Heads over both streams side by side."""
    hidden, task = c.int("hidden_size"), task_of(c)
    if task in LANGUAGE:
        vocabulary = c.int("vocab_size")
        return (*linear("lm_head.decoder", joined, vocabulary, Role.HEAD), Weight("lm_head.bias", (vocabulary,), Role.HEAD))
    if task == "ForQuestionAnswering":
        return linear("qa_outputs", joined, label_count(c), Role.HEAD, bias=True)
    if task == "ForSequenceClassification":
        dense = linear("classifier.dense", joined, hidden, Role.HEAD, bias=True)
        return (*dense, *linear("classifier.out_proj", hidden, label_count(c), Role.HEAD, bias=True))
    return None
