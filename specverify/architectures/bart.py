"""BART and its kin: an encoder, a decoder that reads it, biases everywhere, and switches for positions and norms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, label_count, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Attention, Mixer, Modality, Part, Role, Weight

GENERATES = ("ForConditionalGeneration", "MTModel")
"""How the names of the classes end that have an encoder, a decoder and a language head."""


@dataclass(frozen=True, slots=True)
class Style:
    """Where the kin differ.

    `position` is `learned` or `sinusoidal`; the table has `offset` rows in front of the first position and is stored
    unless `stores_positions` is off. `norms_embedding` and `norms_end` are the norms before and after the layers;
    `placement` is where those of a layer stand. `logits_bias`: a bias on the logits, which is no parameter.
    """

    position: str = "learned"
    offset: int = 0
    stores_positions: bool = True
    norms_embedding: bool = False
    norms_end: bool = False
    placement: str = "pre"
    logits_bias: bool = True
    labels: int = 2

    @property
    def recipe(self) -> Recipe:
        """What no key says."""
        return Recipe(norm="layer", norm_placement=self.placement, position=self.position, objective="sequence-to-sequence")


BART = Style(offset=2, norms_embedding=True, placement="post", labels=3)


@family("bart", source="transformers BartForConditionalGeneration; https://arxiv.org/abs/1910.13461")
def bart(c: Config) -> Model:
    """BART: post-norm, a norm behind the embedding, learned positions of which the first two rows are never used."""
    return _model(c, BART)


@family("plbart", source="transformers PLBartForConditionalGeneration; https://arxiv.org/abs/2103.06333")
def plbart(c: Config) -> Model:
    """PLBART: BART trained on programs."""
    return _model(c, replace(BART, labels=2))


@family("mbart", source="transformers MBartForConditionalGeneration; https://arxiv.org/abs/2001.08210")
def mbart(c: Config) -> Model:
    """mBART: pre-norm BART, with a norm at the end of both stacks."""
    return _model(c, Style(offset=2, norms_embedding=True, norms_end=True))


@family("pegasus", source="transformers PegasusForConditionalGeneration; https://arxiv.org/abs/1912.08777")
def pegasus(c: Config) -> Model:
    """Pegasus: pre-norm, sinusoidal positions that the class keeps as a table and most checkpoints leave out."""
    return _model(c, Style(position="sinusoidal", norms_end=True))


@family("marian", source="transformers MarianMTModel; Marian NMT, OPUS-MT")
def marian(c: Config) -> Model:
    """Marian: post-norm, sinusoidal positions; unless `share_encoder_decoder_embeddings`, source and target have tables of their own."""
    return _model(c, Style(position="sinusoidal", placement="post"))


@family("m2m_100", source="transformers M2M100ForConditionalGeneration; https://arxiv.org/abs/2010.11125; NLLB-200")
def m2m_100(c: Config) -> Model:
    """M2M-100 and NLLB-200: pre-norm, sinusoidal positions that are computed and never stored."""
    return _model(c, Style(position="sinusoidal", stores_positions=False, norms_end=True, logits_bias=False))


@family("blenderbot", source="transformers BlenderbotForConditionalGeneration; https://arxiv.org/abs/2004.13637")
def blenderbot(c: Config) -> Model:
    """Blenderbot 1: pre-norm, a shallow encoder and a deep decoder."""
    return _model(c, Style(norms_end=True))


@family("blenderbot-small", source="transformers BlenderbotSmallForConditionalGeneration; https://arxiv.org/abs/2004.13637")
def blenderbot_small(c: Config) -> Model:
    """The 90M Blenderbot: post-norm, a norm behind the embedding."""
    return _model(c, Style(norms_embedding=True, placement="post"))


@dataclass(frozen=True, slots=True)
class _Tables:
    """The embedding tables: of both stacks (None: each has its own), of the encoder, of the decoder."""

    shared: Weight | None
    encoder: Weight
    decoder: Weight


def _model(c: Config, style: Style) -> Model:
    name = c.architecture or "ForConditionalGeneration"
    tied = c.flag("tie_word_embeddings")
    bare = name.endswith("Model") and not name.endswith(GENERATES)
    prefix = "" if bare else "model."
    if name.endswith("ForCausalLM"):
        return _decoder_alone(c, style, tied=tied)
    tables = _tables(c, prefix, tied=tied)
    head = () if bare else _head(c, name, tables, style, tied=tied)
    shared = () if tables.shared is None else (tables.shared,)
    encoder = _stack(c, style, "encoder", prefix, tables.encoder)
    decoder = _stack(c, style, "decoder", prefix, tables.decoder)
    parts = (replace(encoder, weights=(*shared, *encoder.weights)), replace(decoder, weights=(*decoder.weights, *head)))
    return Model(parts, c, style.recipe, tied=tied)


def _decoder_alone(c: Config, style: Style, *, tied: bool) -> Model:
    """The class of the decoder alone: it has the cross-attention, but no encoder to read, so it keeps nothing of one."""
    hidden = c.int("d_model")
    table = Weight("model.decoder.embed_tokens.weight", (_target_vocabulary(c), hidden), Role.EMBEDDING)
    head = Weight("lm_head.weight", (c.int("vocab_size"), hidden), Role.HEAD, tied_to=table.name if tied else None)
    part = _stack(c, style, "decoder", "model.", table, reads_encoder=False)
    recipe = replace(style.recipe, objective="causal")
    return Model((replace(part, weights=(*part.weights, head)),), c, recipe, tied=tied)


def _target_vocabulary(c: Config) -> Num:
    """Marian alone tells the target's vocabulary from the source's."""
    return c.int("decoder_vocab_size") if c.model_type == "marian" else c.int("vocab_size")


def _tables(c: Config, prefix: str, *, tied: bool) -> _Tables:
    hidden, vocabulary = c.int("d_model"), c.int("vocab_size")
    encoder, decoder = f"{prefix}encoder.embed_tokens.weight", f"{prefix}decoder.embed_tokens.weight"
    if not c.flag("share_encoder_decoder_embeddings", True):
        source = Weight(encoder, (vocabulary, hidden), Role.EMBEDDING)
        return _Tables(None, source, Weight(decoder, (_target_vocabulary(c), hidden), Role.EMBEDDING))
    shared = Weight(f"{prefix}shared.weight", (vocabulary, hidden), Role.EMBEDDING)
    if tied:
        return _Tables(shared, replace(shared, name=encoder, tied_to=shared.name), replace(shared, name=decoder, tied_to=shared.name))
    target = (_target_vocabulary(c), hidden)
    return _Tables(shared, replace(shared, name=encoder), Weight(decoder, target, Role.EMBEDDING))


def _stack(c: Config, style: Style, role: str, prefix: str, table: Weight, *, reads_encoder: bool = True) -> Part:
    hidden, heads = c.int("d_model"), c.int(f"{role}_attention_heads")
    prefix, decodes = f"{prefix}{role}.", role == "decoder"
    weights = [table]
    if style.stores_positions:
        rows = c.int("max_position_embeddings") + style.offset if style.offset else c.int("max_position_embeddings")
        weights.append(Weight(f"{prefix}embed_positions.weight", (rows, hidden), Role.POSITION))
    if style.norms_embedding:
        weights += norm(f"{prefix}layernorm_embedding", hidden, bias=True)
    if style.norms_end:
        weights += norm(f"{prefix}layer_norm", hidden, bias=True)

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _attention(c, hidden, heads, "self_attn.", causal=decodes, cached=decodes)
        return (own, _attention(c, hidden, heads, "encoder_attn.", cross=True, cached=reads_encoder)) if decodes else (own,)

    groups = layer_groups(
        c,
        c.layers(f"{role}_layers"),
        mixer=mixers,
        feed_forward=lambda c, kind: plain(c, hidden=hidden, intermediate=c.int(f"{role}_ffn_dim"), prefix=""),
        norms=_norms(hidden, "self_attn_layer_norm", *(("encoder_attn_layer_norm",) if decodes else ()), "final_layer_norm"),
    )
    return Part(role, role, Modality.TEXT, tuple(weights), groups, layer_prefix=f"{prefix}layers.{{layer}}.")


def _norms(hidden: Num, *names: str) -> Callable[[Config, str], tuple[Weight, ...]]:
    return layer_norms(*names, bias=True, size=hidden)


def _attention(
    c: Config, hidden: Num, heads: Num, prefix: str, *, causal: bool = False, cross: bool = False, cached: bool = True
) -> Attention:
    return mha(
        c,
        hidden=hidden,
        heads=heads,
        dim=hidden // heads,
        bias=True,
        o_bias=True,
        names=("q_proj", "k_proj", "v_proj", "out_proj"),
        prefix=prefix,
        causal=causal,
        cross=cross,
        cached=cached,
        rotary=False,
    )


def _head(c: Config, name: str, tables: _Tables, style: Style, *, tied: bool) -> tuple[Weight, ...]:
    hidden = c.int("d_model")
    if name.endswith(GENERATES):
        first = tables.shared or tables.decoder
        weight = Weight("lm_head.weight", first.shape, Role.HEAD, tied_to=first.name if tied else None)
        bias = Weight("final_logits_bias", (Num(1), first.shape[0]), Role.HEAD, buffer=True, shard="replicated")
        return (weight, bias) if style.logits_bias else (weight,)
    if name.endswith("ForSequenceClassification"):
        dense = linear("classification_head.dense", hidden, hidden, Role.HEAD, bias=True)
        return (*dense, *linear("classification_head.out_proj", hidden, _labels(c, style), Role.HEAD, bias=True))
    if name.endswith("ForQuestionAnswering"):
        return linear("qa_outputs", hidden, num.const(2, "start and end"), Role.HEAD, bias=True)
    return (Weight("{unknown}", (num.unknown(f"the head of {name} is not known"),), Role.HEAD),)


def _labels(c: Config, style: Style) -> Num:
    if "num_labels" in c.raw or "id2label" in c.raw:
        return label_count(c)
    return num.const(style.labels, "num_labels (the class's default)")
