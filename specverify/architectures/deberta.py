"""DeBERTa: BERT whose attention tells content and distance apart."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm, sharded
from specverify.architectures.encoders import (
    BERT_HEAD,
    LEARNED_POST_NORM,
    Tasks,
    bert_layers,
    embeddings,
    encoder,
    task_of,
)
from specverify.architectures.keys import Config
from specverify.architectures.model import MixerOf, Model
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, Mixer, Role, Weight

TASKS = Tasks(
    "deberta.", BERT_HEAD, pooled=("ForSequenceClassification", "ForMultipleChoice"), pooler_outside=True, pooler_size="pooler_hidden_size"
)


@family("deberta", source="transformers DebertaForMaskedLM; https://arxiv.org/abs/2006.03654")
def deberta(c: Config) -> Model:
    """DeBERTa: scores of content against content, of content against distance and back, as `pos_att_type` lists."""
    hidden, heads = c.int("hidden_size"), c.int("num_attention_heads")
    dim = hidden // heads
    width, scored = heads * dim, _scored(c)

    def mixer(c: Config, kind: str) -> Mixer:
        own = [
            *sharded("fused", linear("attention.self.in_proj", hidden, width * 3, Role.ATTENTION)),
            Weight("attention.self.q_bias", (width,), Role.ATTENTION),
            Weight("attention.self.v_bias", (width,), Role.ATTENTION),
        ]
        for name in ("head_logits_proj", "head_weights_proj") if c.flag("talking_head") else ():
            own += linear(f"attention.self.{name}", heads, heads, Role.ATTENTION)
        if "c2p" in scored:
            own += linear("attention.self.pos_proj", hidden, width, Role.ATTENTION)
        if "p2c" in scored:
            own += linear("attention.self.pos_q_proj", hidden, width, Role.ATTENTION, bias=True)
        return _attention(hidden, heads, dim, own)

    distances = (_distances(c, _reach(c)),) if c.flag("relative_attention") else ()
    return _model(c, mixer, distances)


@family("deberta-v2", source="transformers DebertaV2ForMaskedLM; https://arxiv.org/abs/2111.09543")
def deberta_v2(c: Config) -> Model:
    """DeBERTa v2 and v3: distances in buckets, projected by the matrices of content with `share_att_key`.

    With `conv_kernel_size` a convolution runs beside the first layer.
    """
    hidden, heads = c.int("hidden_size"), c.int("num_attention_heads")
    dim = c.optional("attention_head_size") or hidden // heads
    scored = () if c.flag("share_att_key") else _scored(c)
    named = ("query_proj", "key_proj", "value_proj", *(n for s, n in (("c2p", "pos_key_proj"), ("p2c", "pos_query_proj")) if s in scored))

    def mixer(c: Config, kind: str) -> Mixer:
        own = [weight for name in named for weight in linear(f"attention.self.{name}", hidden, heads * dim, Role.ATTENTION, bias=True)]
        return _attention(hidden, heads, dim, own)

    outside: list[Weight] = []
    if c.flag("relative_attention"):
        buckets = c.optional("position_buckets", least=-1)
        outside.append(_distances(c, _reach(c) if buckets is None or buckets.value in (-1, 0) else buckets))
    if "layer_norm" in (c.text("norm_rel_ebd") or ""):
        outside += norm("encoder.LayerNorm", hidden, bias=True)
    kernel = c.optional("conv_kernel_size", least=0)
    if kernel is not None and kernel.value != 0:
        groups = c.optional("conv_groups")
        outside.append(Weight("encoder.conv.conv.weight", (hidden, hidden if groups is None else hidden // groups, kernel), Role.ATTENTION))
        outside.append(Weight("encoder.conv.conv.bias", (hidden,), Role.ATTENTION))
        outside += norm("encoder.conv.LayerNorm", hidden, bias=True)
    return _model(c, mixer, tuple(outside))


def _scored(c: Config) -> tuple[str, ...]:
    """Which scores beside content against content there are: a list, or names joined by `|`."""
    stated = c.choice("pos_att_type")
    if not c.flag("relative_attention") or stated is None:
        return ()
    if isinstance(stated, str):
        return tuple(name.strip() for name in stated.lower().split("|"))
    return tuple(c.list("pos_att_type", of=str) or ())


def _reach(c: Config) -> Num:
    """How far apart two tokens may be: `max_relative_positions`, or where that is not positive the longest input."""
    stated = c.optional("max_relative_positions", least=-1)
    return c.int("max_position_embeddings") if stated is None or stated.value in (-1, 0) else stated


def _distances(c: Config, reach: Num) -> Weight:
    return Weight("encoder.rel_embeddings.weight", (reach * 2, c.int("hidden_size")), Role.POSITION)


def _attention(hidden: Num, heads: Num, dim: Num, own: list[Weight]) -> Attention:
    output = linear("attention.output.dense", hidden, hidden, Role.ATTENTION, bias=True)
    weights = (*own, *output, *norm("attention.output.LayerNorm", hidden, bias=True))
    return Attention(heads, heads, dim, dim, weights, causal=False, cached=False, rotary=False)


def _model(c: Config, mixer: MixerOf, outside: tuple[Weight, ...]) -> Model:
    hidden = c.int("hidden_size")
    width = c.optional("embedding_size") or hidden
    segments, absolute = c.int("type_vocab_size", least=0), c.flag("position_biased_input", True)
    tables = embeddings(
        c,
        width=width,
        positions=c.int("max_position_embeddings") if absolute else None,
        types=segments.value != 0,
        norm_width=hidden,
    )
    narrow = () if width.value == hidden.value else linear("embeddings.embed_proj", width, hidden, Role.PROJECTOR)
    heads: tuple[Weight, ...] | None = None
    if task_of(c) == "ForMaskedLM" and not c.flag("legacy", True):
        heads = (
            *linear("lm_predictions.lm_head.dense", hidden, hidden, Role.HEAD, bias=True),
            *norm("lm_predictions.lm_head.LayerNorm", hidden, bias=True),
            Weight("lm_predictions.lm_head.bias", (c.int("vocab_size"),), Role.HEAD),
        )
    position = "relative" if c.flag("relative_attention") else "learned" if absolute else "none"
    recipe = replace(LEARNED_POST_NORM, position=position)
    return encoder(c, TASKS, inside=(*tables, *narrow, *outside), groups=bert_layers(c, mixer=mixer), recipe=recipe, heads=heads)
