"""The frame that BART's kin share: an encoder, a decoder that reads it, and switches for tables, positions, norms and blocks."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import FeedForwardOf, Kinds, MixerOf, Model, Recipe, label_count, layer_groups, layer_norms
from specverify.frozen import Struct, frozen, replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Mixer, Modality, Part, Role, Weight

GENERATES = ("ForConditionalGeneration", "MarianMTModel")
"""How the names of the classes end that have an encoder, a decoder and a language head."""

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")


@frozen
class Style(Struct):
    """Where the kin differ.

    `position` is `learned` or `sinusoidal`; the table has as many rows as the key `positions` says (`{role}`: the stack),
    `offset` rows in front of the first, and is stored unless `stores_positions` is off. `norms_embedding` and `norms_end`
    are the norms before and after the layers; `placement` is where those of a layer stand. `bias` is on the projections of
    attention. `logits_bias`: a bias on the logits, which is no parameter. `body` is the bare model's name in the other
    classes, `head` that of the language head (empty: it stands in the decoder); `ties_alone`: the class of the decoder alone can tie it.
    """

    position: str = "learned"
    positions: str = "max_position_embeddings"
    offset: Num | int = 0
    stores_positions: bool = True
    norms_embedding: bool = False
    norms_end: bool = False
    placement: str = "pre"
    bias: bool = True
    logits_bias: bool = True
    labels: int = 2
    body: str = "model."
    head: str = "lm_head"
    ties_alone: bool = True

    @property
    def recipe(self) -> Recipe:
        """What no key says."""
        return Recipe(norm="layer", norm_placement=self.placement, position=self.position, objective="sequence-to-sequence")


@frozen
class Layers(Struct):
    """What the layers of one stack have of their own: the attention of an encoder, a feed-forward by kind, names, further norms.

    `cross` and `feed_forward_norm` name a layer's attention to the encoder and its last norm; `more_norms` are further ones.
    `cross_width` is the encoder's where it is not the decoder's.
    `outside` are tensors of the stack beside its layers, by their names in it.
    """

    mixer: MixerOf | None = None
    mixer_kinds: Kinds | None = None
    feed_forward: FeedForwardOf | None = None
    feed_forward_kinds: Kinds | None = None
    cross: str = "encoder_attn"
    cross_width: Num | None = None
    feed_forward_norm: str = "final_layer_norm"
    more_norms: tuple[str, ...] = ()
    outside: tuple[Weight, ...] = ()


PLAIN = Layers()


@frozen
class Tables(Struct):
    """The embedding tables: of both stacks (None: each has its own), of the encoder (None: it reads no tokens), of the decoder."""

    shared: Weight | None
    encoder: Weight | None
    decoder: Weight


def sequence_to_sequence(
    c: Config, style: Style, *, encoder: Layers = PLAIN, decoder: Layers = PLAIN, tables: Tables | None = None
) -> Model:
    """The model of the class the config names; of the decoder alone for `ForCausalLM`."""
    name = c.architecture or "ForConditionalGeneration"
    tied = c.flag("tie_word_embeddings")
    if name.endswith("ForCausalLM"):
        return decoder_alone(c, style, decoder)
    prefix = prefix_of(name, style)
    tables = tables or shared_tables(c, prefix, tied=tied)
    head = () if prefix == "" else _head(c, name, tables, style, tied=tied)
    shared = () if tables.shared is None else (tables.shared,)
    source = stack(c, style, "encoder", prefix, tables.encoder, encoder)
    target = stack(c, style, "decoder", prefix, tables.decoder, decoder)
    parts = (replace(source, weights=(*shared, *source.weights)), replace(target, weights=(*target.weights, *head)))
    return Model(parts, c, style.recipe, tied=tied)


def prefix_of(name: str, style: Style) -> str:
    """What stands before the names of the bare model's tensors in a class."""
    return "" if name.endswith("Model") and not name.endswith(GENERATES) else style.body


def decoder_alone(c: Config, style: Style, layers: Layers = PLAIN) -> Model:
    """The class of the decoder alone: it has the cross-attention, but no encoder to read, so it keeps nothing of one."""
    hidden, tied = c.int("d_model"), c.flag("tie_word_embeddings") and style.ties_alone
    table = Weight(f"{style.body}decoder.embed_tokens.weight", (target_vocabulary(c), hidden), Role.EMBEDDING)
    head = Weight(f"{style.head}.weight", (c.int("vocab_size"), hidden), Role.HEAD, tied_to=table.name if tied else None)
    part = stack(c, style, "decoder", style.body, table, layers, reads_encoder=False)
    recipe = replace(style.recipe, objective="causal")
    return Model((replace(part, weights=(*part.weights, head)),), c, recipe, tied=tied)


def target_vocabulary(c: Config) -> Num:
    """Marian alone tells the target's vocabulary from the source's."""
    return c.int("decoder_vocab_size") if c.model_type == "marian" else c.int("vocab_size")


def shared_tables(c: Config, prefix: str, *, tied: bool) -> Tables:
    """One table for both stacks, and tables of their own beside it where they are not tied to it."""
    hidden, vocabulary = c.int("d_model"), c.int("vocab_size")
    encoder, decoder = f"{prefix}encoder.embed_tokens.weight", f"{prefix}decoder.embed_tokens.weight"
    if not c.flag("share_encoder_decoder_embeddings", True):
        source = Weight(encoder, (vocabulary, hidden), Role.EMBEDDING)
        return Tables(None, source, Weight(decoder, (target_vocabulary(c), hidden), Role.EMBEDDING))
    shared = Weight(f"{prefix}shared.weight", (vocabulary, hidden), Role.EMBEDDING)
    if tied:
        return Tables(shared, replace(shared, name=encoder, tied_to=shared.name), replace(shared, name=decoder, tied_to=shared.name))
    target = (target_vocabulary(c), hidden)
    return Tables(shared, replace(shared, name=encoder), Weight(decoder, target, Role.EMBEDDING))


def stack(
    c: Config, style: Style, role: str, prefix: str, table: Weight | None, layers: Layers = PLAIN, *, reads_encoder: bool = True
) -> Part:
    """The `encoder` or the `decoder`, which has no `table` where it reads no tokens."""
    hidden = c.int("d_model")
    prefix, decodes = f"{prefix}{role}.", role == "decoder"
    weights = [] if table is None else [table]
    if style.stores_positions:
        rows = c.int(style.positions.format(role=role))
        rows = rows if style.offset == 0 else rows + style.offset
        weights.append(Weight(f"{prefix}embed_positions.weight", (rows, hidden), Role.POSITION))
    if style.norms_embedding:
        weights += norm(f"{prefix}layernorm_embedding", hidden, bias=True)
    if style.norms_end:
        weights += norm(f"{prefix}layer_norm", hidden, bias=True)
    weights += prefixed(prefix, layers.outside)

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = attention(c, role, "self_attn.", bias=style.bias, causal=decodes, cached=decodes)
        if not decodes:
            return (own,)
        cross = attention(
            c, role, f"{layers.cross}.", bias=style.bias, cross=True, causal=False, cached=reads_encoder, source=layers.cross_width
        )
        return own, cross

    def forward(c: Config, kind: str) -> FeedForward:
        return plain(c, hidden=hidden, intermediate=c.int(f"{role}_ffn_dim"), prefix="")

    cross_norm = (f"{layers.cross}_layer_norm",) if decodes else ()
    names = ("self_attn_layer_norm", *cross_norm, layers.feed_forward_norm, *layers.more_norms)
    groups = layer_groups(
        c,
        c.layers(f"{role}_layers"),
        mixer=layers.mixer or mixers,
        mixer_kinds=layers.mixer_kinds,
        feed_forward=layers.feed_forward or forward,
        feed_forward_kinds=layers.feed_forward_kinds,
        norms=layer_norms(*names, bias=True, size=hidden),
    )
    return Part(role, role, Modality.TEXT, tuple(weights), groups, layer_prefix=f"{prefix}layers.{{layer}}.")


def attention(
    c: Config,
    role: str,
    prefix: str,
    *,
    bias: bool,
    names: tuple[str, str, str, str] = PROJECTIONS,
    causal: bool = False,
    cross: bool = False,
    cached: bool = False,
    source: Num | None = None,
    window: Num | None = None,
) -> Attention:
    """Attention of a stack, by its own number of heads."""
    hidden, heads = c.int("d_model"), c.int(f"{role}_attention_heads")
    return mha(
        c,
        hidden=hidden,
        heads=heads,
        dim=hidden // heads,
        bias=bias,
        o_bias=bias,
        names=names,
        prefix=prefix,
        causal=causal,
        cross=cross,
        cached=cached,
        source=source,
        window=window,
        rotary=False,
    )


def _head(c: Config, name: str, tables: Tables, style: Style, *, tied: bool) -> tuple[Weight, ...]:
    hidden = c.int("d_model")
    if style.head == "":
        return ()
    if name.endswith(GENERATES):
        first = tables.shared or tables.decoder
        weight = Weight(f"{style.head}.weight", first.shape, Role.HEAD, tied_to=first.name if tied else None)
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
