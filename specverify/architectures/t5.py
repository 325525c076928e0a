"""T5: an encoder and a decoder that reads it, with a relative position bias instead of positions and no bias in any matrix."""

from __future__ import annotations

from dataclasses import replace

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, label_count, layer_groups
from specverify.architectures.registry import family
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
    return _model(c, bias_everywhere=False)


@family("umt5", source="transformers UMT5ForConditionalGeneration; https://arxiv.org/abs/2304.09151")
def umt5(c: Config) -> Model:
    """umT5: mT5 with a bias table in every block."""
    return _model(c, bias_everywhere=True)


def _model(c: Config, *, bias_everywhere: bool) -> Model:
    name = c.architecture or "ForConditionalGeneration"
    hidden = c.int("hidden_size")
    wrapper = "transformer." if name.endswith(WRAPPED) else ""
    shared = Weight(f"{wrapper}shared.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)
    tied = c.flag("tie_word_embeddings") and c.raw.get("tie_word_embeddings") is not False
    head = _head(c, name, shared, tied=tied)
    encoder = _stack(c, "encoder", wrapper, c.layers(), shared, bias_everywhere=bias_everywhere)
    recipe = Recipe(position="relative", objective="span corruption")
    if name.endswith(ENCODER_ONLY):
        part = replace(encoder, weights=(shared, *encoder.weights, *head))
        return Model((part,), c, recipe, mask="bidirectional", tied=tied)
    decoder = _stack(c, "decoder", wrapper, c.layers("num_decoder_layers"), shared, bias_everywhere=bias_everywhere)
    parts = (replace(encoder, weights=(shared, *encoder.weights)), replace(decoder, weights=(*decoder.weights, *head)))
    return Model(parts, c, recipe, tied=tied)


def text_encoder(c: Config, prefix: str) -> Part:
    """The encoder alone under `prefix`, as models of other modalities put it before theirs."""
    shared = Weight(f"{prefix}shared.weight", (c.int("vocab_size"), c.int("hidden_size")), Role.EMBEDDING)
    part = _stack(c, "encoder", prefix, c.layers(), shared, bias_everywhere=c.model_type == "umt5")
    return replace(part, weights=(shared, *part.weights))


def _stack(c: Config, role: str, wrapper: str, count: Num, shared: Weight, *, bias_everywhere: bool) -> Part:
    prefix = f"{wrapper}{role}."
    decodes = role == "decoder"
    hidden = c.int("hidden_size")
    bias = Weight(
        "layer.0.SelfAttention.relative_attention_bias.weight",
        (c.int("relative_attention_num_buckets"), c.int("num_attention_heads")),
        Role.POSITION,
    )
    weights = (
        Weight(f"{prefix}embed_tokens.weight", shared.shape, Role.EMBEDDING, tied_to=shared.name),
        # Computed once and handed to every block: the table belongs to the stack, whatever block it is named after.
        *((replace(bias, name=f"{prefix}block.0.{bias.name}"),) if count.value and not bias_everywhere else ()),
        *norm(f"{prefix}final_layer_norm", hidden),
    )

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _attention(c, "layer.0.SelfAttention.", causal=decodes, cached=decodes)
        if bias_everywhere:
            own = replace(own, weights=(*own.weights, bias))
        return (own, _attention(c, "layer.1.EncDecAttention.", cross=True)) if decodes else (own,)

    groups = layer_groups(
        c,
        count,
        mixer=mixers,
        feed_forward=lambda c, kind: _feed_forward(c, f"layer.{2 if decodes else 1}.DenseReluDense."),
        norms=lambda c, kind: tuple(w for index in range(3 if decodes else 2) for w in norm(f"layer.{index}.layer_norm", hidden)),
    )
    return Part(role, role, Modality.TEXT, weights, groups, layer_prefix=f"{prefix}block.{{layer}}.")


def _attention(c: Config, prefix: str, *, causal: bool = False, cross: bool = False, cached: bool = True) -> Attention:
    return mha(c, dim=c.int("d_kv"), names=("q", "k", "v", "o"), prefix=prefix, causal=causal, cross=cross, cached=cached, rotary=False)


def _feed_forward(c: Config, prefix: str) -> FeedForward:
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
