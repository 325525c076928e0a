"""ALBERT: BERT whose layers share their weights."""

from __future__ import annotations

from specverify import num
from specverify.architectures.bert import POOLED
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.encoders import MOST_DIFFERENT, LanguageHead, Tasks, bert_embeddings, encoder, task_of
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, depth_of, label_count
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import LayerGroup, Role

HEAD = LanguageHead("predictions.dense", "predictions.LayerNorm", "predictions.decoder", ("predictions.bias", "predictions.decoder.bias"))


@family("albert", source="transformers AlbertForMaskedLM; https://arxiv.org/abs/1909.11942")
def albert(c: Config) -> Model:
    """ALBERT: a narrow embedding, and `num_hidden_groups` sets of weights that `num_hidden_layers` layers use in turn."""
    hidden, width = c.int("hidden_size"), c.int("embedding_size")
    tasks = Tasks("albert.", HEAD, pooled=POOLED, pooler="pooler", next_sentence=False)
    order = linear("sop_classifier.classifier", hidden, label_count(c), Role.HEAD, bias=True) if task_of(c) == "ForPreTraining" else ()
    return encoder(
        c,
        tasks,
        inside=(
            *bert_embeddings(c, width=width),
            *linear("encoder.embedding_hidden_mapping_in", width, hidden, Role.PROJECTOR, bias=True),
        ),
        groups=_groups(c),
        layers="encoder.albert_layer_groups.{layer}.",
        also=order,
    )


def _groups(c: Config) -> tuple[LayerGroup, ...]:
    """The stored layers: those of one set stand one behind the other, and each is run as often as its set is used."""
    count, sets, inner = c.layers(), c.layers("num_hidden_groups"), c.layers("inner_group_num")
    if inner.value is not None and inner.value > MOST_DIFFERENT:
        inner = num.unknown("`inner_group_num` is not plausible")
    if count.value is None or sets.value is None or inner.value is None:
        return (_group(c, sets * inner, (), count, "albert_layers.0."),)
    used: dict[int, list[int]] = {}
    for index, runs in enumerate(_uses(depth_of(count), depth_of(sets))):
        used.setdefault(runs, []).append(index)
    return tuple(
        _group(
            c,
            sets if len(used) == 1 else num.counted(len(indices), f"sets used {runs} times", sets, count),
            tuple(indices),
            count // sets if len(used) == 1 else num.counted(runs, "uses of a set", count, sets),
            f"albert_layers.{place}.",
        )
        for place in range(depth_of(inner))
        for runs, indices in used.items()
    )


def _uses(layers: int, sets: int) -> list[int]:
    """How often each set of weights is used, as the class spreads the layers over them."""
    uses = [0] * sets
    for index in range(layers if sets else 0):
        uses[int(index / (layers / sets))] += 1
    return uses


def _group(c: Config, count: Num, indices: tuple[int, ...], runs: Num, prefix: str) -> LayerGroup:
    names = ("query", "key", "value", "dense")
    mixer = mha(c, bias=True, o_bias=True, names=names, prefix=f"{prefix}attention.", causal=False, cached=False, rotary=False)
    norms = (f"{prefix}attention.LayerNorm", f"{prefix}full_layer_layer_norm")
    return LayerGroup(
        count,
        indices,
        (mixer,),
        plain(c, prefix=prefix, names=("ffn", "ffn_output")),
        tuple(weight for name in norms for weight in norm(name, c.int("hidden_size"), bias=True)),
        runs,
    )
