"""ModernBERT: an encoder with rotary positions, gated feed-forwards and mostly local layers; and its causal twin."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, kinds, label_count, layer_groups
from specverify.architectures.qwen import FULL, SLIDING
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight

FIRST = "first "
"""Marks the layer behind the embedding's norm, which has none of its own before attention."""


@family("modernbert", source="transformers ModernBertForMaskedLM; https://arxiv.org/abs/2412.13663")
def modernbert(c: Config) -> Model:
    """ModernBERT: every `global_attn_every_n_layers`-th layer sees everything, the others half of `local_attention` either way."""
    return _model(c, window=c.int("local_attention") // 2 * 2 + 1, causal=False)


@family("modernbert-decoder", source="transformers ModernBertDecoderForCausalLM; https://arxiv.org/abs/2507.11412")
def modernbert_decoder(c: Config) -> Model:
    """Ettin's decoders: ModernBERT with a causal mask, q, k and v apart, and half of `local_attention` as its window."""
    return _model(c, window=c.int("sliding_window"), causal=True)


def _model(c: Config, *, window: Num, causal: bool) -> Model:
    name = c.architecture or ("ForCausalLM" if causal else "ForMaskedLM")
    prefix = "" if name.endswith("Model") else "model."
    hidden, tied, bias, norm_bias = c.int("hidden_size"), c.flag("tie_word_embeddings"), c.flag("attention_bias"), c.flag("norm_bias")
    table = Weight(f"{prefix}embeddings.tok_embeddings.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)

    def mixer(c: Config, kind: str) -> Mixer:
        return mha(
            c,
            dim=hidden // c.int("num_attention_heads"),
            bias=bias,
            o_bias=bias,
            fused=None if causal else "Wqkv",
            names=("q_proj", "k_proj", "v_proj", "Wo"),
            prefix="attn.",
            window=window if kind.endswith(SLIDING) else None,
            causal=causal,
            cached=causal,
        )

    def feed_forward(c: Config, kind: str) -> FeedForward:
        return glu(c, fused="Wi", names=("", "", "Wo"), bias=c.flag("mlp_bias"))

    def norms(c: Config, kind: str) -> tuple[Weight, ...]:
        before = () if kind.startswith(FIRST) else norm("attn_norm", hidden, bias=norm_bias)
        return (*before, *norm("mlp_norm", hidden, bias=norm_bias))

    weights = (
        table,
        *norm(f"{prefix}embeddings.norm", hidden, bias=norm_bias),
        *norm(f"{prefix}final_norm", hidden, bias=norm_bias),
        *_head(c, name, table, tied=tied, causal=causal),
    )
    groups = layer_groups(c, c.layers(), mixer=mixer, feed_forward=feed_forward, mixer_kinds=_kinds(c), norms=norms)
    role = "decoder" if causal else "encoder"
    part = Part(role, role, Modality.TEXT, weights, groups, layer_prefix=f"{prefix}layers.{{layer}}.")
    recipe = Recipe(norm="layer", objective="causal" if causal else "masked")
    return Model((part,), c, recipe, mask="causal" if causal else "bidirectional", tied=tied)


def _kinds(c: Config) -> Kinds:
    found = kinds(c, c.layers(), allowed=(FULL, SLIDING))
    return Kinds(tuple(FIRST + kind if kind and not index else kind for index, kind in enumerate(found.kinds)), found.rests_on)


def _head(c: Config, name: str, table: Weight, *, tied: bool, causal: bool) -> tuple[Weight, ...]:
    """A dense layer and a norm, and on them the decoder of the vocabulary or a classifier."""
    if name.endswith("Model"):
        return ()
    hidden, language = c.int("hidden_size"), name.endswith(("ForMaskedLM", "ForCausalLM"))
    head = "lm_head" if causal and language else "head"
    transform = (
        *linear(f"{head}.dense", hidden, hidden, Role.HEAD, bias=c.flag("classifier_bias")),
        *norm(f"{head}.norm", hidden, bias=c.flag("norm_bias")),
    )
    if language:
        decoder = Weight("decoder.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None)
        bias = (Weight("decoder.bias", table.shape[:1], Role.HEAD),) if c.flag("decoder_bias") else ()
        return (*transform, decoder, *bias)
    outputs = num.const(1, "score") if name.endswith("ForMultipleChoice") else label_count(c)
    return (*transform, *linear("classifier", hidden, outputs, Role.HEAD, bias=not causal or c.flag("classifier_bias")))
