"""T5: an encoder and a decoder that reads it, with a relative position bias instead of positions and no bias in any matrix."""

from __future__ import annotations

from collections.abc import Callable

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.tensors import extended, linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, label_count, layer_groups
from specverify.architectures.registry import family
from specverify.frozen import Struct, frozen, replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Mixer, Modality, Part, Role, Weight

ENCODER_ONLY = ("EncoderModel", "ForTokenClassification")
WRAPPED = ("ForSequenceClassification", "ForTokenClassification")
"""How the names of the classes end that hold the whole model as `transformer`."""


@family("t5", "mt5", source="transformers T5ForConditionalGeneration; https://arxiv.org/abs/1910.10683")
def t5(c: Config) -> Model:
    """T5 and mT5: heads of an explicit `d_kv`, RMS norms, one bias table in the first block of each stack for all of it.

    The head is a tensor of its own where the config says `tie_word_embeddings: false` (v1.1, Flan, mT5): those
    checkpoints publish one, though transformers 5 ties it whatever the config says.
    """
    return model(c, Style())


@family("umt5", source="transformers UMT5ForConditionalGeneration; https://arxiv.org/abs/2304.09151")
def umt5(c: Config) -> Model:
    """umT5: mT5 with a bias table in every block."""
    return model(c, Style(bias_everywhere=True))


@frozen
class Style(Struct):
    """Where the kin differ.

    `bias_everywhere`: a bias table in every block. The attention of the encoder is `encoder_attention`, over
    `encoder_window` tokens, and has `encoder_more` tensors in every block and `encoder_first` in the first for all of them.
    `feed_forward` replaces the one that the config describes, by the layers `sparse` of a role. `beside` are tensors of the
    model outside its stacks, `inside` those of a stack beside its blocks. `own_tables`: an untied stack has its own table.
    """

    bias_everywhere: bool = False
    encoder_attention: str = "SelfAttention"
    encoder_window: Num | None = None
    encoder_more: tuple[Weight, ...] = ()
    encoder_first: tuple[Weight, ...] = ()
    feed_forward: Callable[[Config, str, str], FeedForward] | None = None
    sparse: Callable[[Config, str, Num], Kinds] | None = None
    beside: tuple[Weight, ...] = ()
    inside: Callable[[Config, str], tuple[Weight, ...]] | None = None
    own_tables: bool = False


def model(c: Config, style: Style, *, tied: bool | None = None) -> Model:
    """The model of the class the config names; `tied` says whether its head is, where not the config does."""
    name = c.architecture or "ForConditionalGeneration"
    hidden = c.int("hidden_size")
    wrapper = "transformer." if name.endswith(WRAPPED) else ""
    shared = Weight(f"{wrapper}shared.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)
    if tied is None:
        tied = c.flag("tie_word_embeddings") and c.raw.get("tie_word_embeddings") is not False
    head = _head(c, name, shared, tied=tied)
    same_as = None if style.own_tables and not tied else shared.name
    encoder = _stack(c, style, "encoder", wrapper, c.layers(), replace(shared, tied_to=same_as))
    encoder = replace(encoder, weights=(shared, *style.beside, *encoder.weights))
    recipe = Recipe(position="relative", objective="span corruption")
    if name.endswith(ENCODER_ONLY):
        return Model((replace(encoder, weights=(*encoder.weights, *head)),), c, recipe, mask="bidirectional", tied=tied)
    decoder = _stack(c, style, "decoder", wrapper, c.layers("num_decoder_layers"), replace(shared, tied_to=same_as))
    return Model((encoder, replace(decoder, weights=(*decoder.weights, *head))), c, recipe, tied=tied)


def text_encoder(c: Config, prefix: str) -> Part:
    """The encoder alone under `prefix`, as models of other modalities put it before theirs."""
    shared = Weight(f"{prefix}shared.weight", (c.int("vocab_size"), c.int("hidden_size")), Role.EMBEDDING)
    style = Style(bias_everywhere=c.model_type == "umt5")
    part = _stack(c, style, "encoder", prefix, c.layers(), replace(shared, tied_to=shared.name))
    return replace(part, weights=(shared, *part.weights))


def _stack(c: Config, style: Style, role: str, wrapper: str, count: Num, table: Weight) -> Part:
    prefix = f"{wrapper}{role}."
    decodes = role == "decoder"
    hidden = c.int("hidden_size")
    own_attention = f"layer.0.{'SelfAttention' if decodes else style.encoder_attention}."
    bias = bias_table(c, f"{own_attention}relative_attention_bias")
    # Computed once and handed to every block: the table belongs to the stack, whatever block it is named after.
    first = () if style.bias_everywhere else (bias, *(() if decodes else prefixed(own_attention, style.encoder_first)))
    weights = (
        replace(table, name=f"{prefix}embed_tokens.weight"),
        *(prefixed(f"{prefix}block.0.", first) if count.value else ()),
        *norm(f"{prefix}final_layer_norm", hidden),
        *(prefixed(prefix, style.inside(c, role)) if style.inside is not None else ()),
    )

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _attention(c, own_attention, causal=decodes, cached=decodes)
        if style.bias_everywhere:
            own = extended(own, bias)
        if decodes:
            return own, _attention(c, "layer.1.EncDecAttention.", cross=True)
        return (replace(extended(own, *prefixed(own_attention, style.encoder_more)), window=style.encoder_window),)

    def forward(c: Config, kind: str) -> FeedForward:
        block = f"layer.{2 if decodes else 1}."
        return style.feed_forward(c, block, kind) if style.feed_forward is not None else feed_forward(c, f"{block}DenseReluDense.")

    groups = layer_groups(
        c,
        count,
        mixer=mixers,
        feed_forward=forward,
        feed_forward_kinds=None if style.sparse is None else style.sparse(c, role, count),
        norms=lambda c, kind: tuple(w for index in range(3 if decodes else 2) for w in norm(f"layer.{index}.layer_norm", hidden)),
    )
    return Part(role, role, Modality.TEXT, weights, groups, layer_prefix=f"{prefix}block.{{layer}}.")


def bias_table(c: Config, name: str) -> Weight:
    """A bias for every head and bucket of distances."""
    return Weight(f"{name}.weight", (c.int("relative_attention_num_buckets"), c.int("num_attention_heads")), Role.POSITION)


def _attention(c: Config, prefix: str, *, causal: bool = False, cross: bool = False, cached: bool = True) -> Attention:
    return mha(c, dim=c.int("d_kv"), names=("q", "k", "v", "o"), prefix=prefix, causal=causal, cross=cross, cached=cached, rotary=False)


def feed_forward(c: Config, prefix: str) -> FeedForward:
    """Gated where `feed_forward_proj` says so; `is_gated_act` and `dense_act_fn` win where the config states them."""
    gate, _, activation = (c.text("feed_forward_proj") or "").rpartition("-")
    gated = c.flag("is_gated_act") if "is_gated_act" in c else gate == "gated"
    width = c.int("d_ff")
    if gated:
        block = glu(c, intermediate=width, prefix=prefix, names=("wi_0", "wi_1", "wo"))
    else:
        block = plain(c, intermediate=width, prefix=prefix, names=("wi", "wo"), bias=False)
    if "dense_act_fn" in c:
        activation = c.text("dense_act_fn") or activation
    elif gate == "gated" and activation == "gelu":
        activation = "gelu_new"
    return replace(block, activation=activation or None)


def _head(c: Config, name: str, shared: Weight, *, tied: bool) -> tuple[Weight, ...]:
    hidden = c.int("hidden_size")
    if name.endswith("ForSequenceClassification"):
        dense = linear("classification_head.dense", hidden, hidden, Role.HEAD, bias=True)
        return (*dense, *linear("classification_head.out_proj", hidden, label_count(c), Role.HEAD, bias=True))
    if name.endswith("ForTokenClassification"):
        return linear("classifier", hidden, label_count(c), Role.HEAD, bias=True)
    if name.endswith("ForQuestionAnswering"):
        return linear("qa_outputs", hidden, label_count(c), Role.HEAD, bias=True)
    if name.endswith(("ForConditionalGeneration", "WithLMHeadModel")):
        return (Weight("lm_head.weight", shared.shape, Role.HEAD, tied_to=shared.name if tied else None),)
    if name.endswith("Model"):
        return ()
    return (Weight("{unknown}", (num.unknown(f"the head of {name} is not known"),), Role.HEAD),)
