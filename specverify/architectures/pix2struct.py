"""Pix2Struct: a vision encoder over the patches of a rendered page, and a decoder in T5's manner that reads it."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.architectures.t5 import bias_table
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, Mixer, Modality, Part, Role, Weight

GATED = ("wi_0", "wi_1", "wo")


@family("pix2struct", source="transformers Pix2StructForConditionalGeneration; https://arxiv.org/abs/2210.03347")
def pix2struct(c: Config) -> Model:
    """Pix2Struct, DePlot and MatCha: patches come flattened, with a row and a column; the root says whether the head is tied."""
    text, vision, tied = c.sub("text_config", text=True), c.sub("vision_config"), c.flag("tie_word_embeddings")
    recipe = Recipe(position="relative", objective="sequence-to-sequence")
    return Model((_encoder(vision), _decoder(text, tied=tied)), text, recipe, tied=tied, vision=vision, interface="cross-attention")


def _encoder(c: Config) -> Part:
    hidden, places = c.int("hidden_size"), (c.int("seq_len"), c.int("hidden_size"))
    weights = (
        *linear("encoder.embeddings.patch_projection", c.int("patch_embed_hidden_size"), hidden, Role.EMBEDDING, bias=True),
        *(Weight(f"encoder.embeddings.{axis}_embedder.weight", places, Role.POSITION) for axis in ("row", "column")),
        *norm("encoder.layernorm", hidden),
    )
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: _attention(c, "attention.", c.int("d_kv"), causal=False, cached=False),
        feed_forward=lambda c, kind: glu(c, intermediate=c.int("d_ff"), names=GATED),
        norms=layer_norms("pre_attention_layer_norm", "pre_mlp_layer_norm"),
    )
    return Part("encoder", "encoder", Modality.VISION, weights, groups, layer_prefix="encoder.encoder.layer.{layer}.")


def _decoder(c: Config, *, tied: bool) -> Part:
    hidden, heads, count = c.int("hidden_size"), c.int("num_attention_heads"), c.layers()
    table = Weight("decoder.embed_tokens.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)
    weights = (
        table,
        *((bias_table(c, "decoder.layer.0.self_attention.attention.relative_attention_bias"),) if count.value else ()),
        *norm("decoder.final_layer_norm", hidden),
        Weight("decoder.lm_head.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None),
    )

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _attention(c, "self_attention.attention.", hidden // heads)
        cross = _attention(c, "encoder_decoder_attention.attention.", hidden // heads, causal=False, cross=True)
        # The matrices are as wide as the model, whatever `d_kv` says a head is.
        return tuple(replace(mixer, head_dim=c.int("d_kv"), v_head_dim=c.int("d_kv")) for mixer in (own, cross))

    groups = layer_groups(
        c,
        count,
        mixer=mixers,
        feed_forward=lambda c, kind: glu(c, intermediate=c.int("d_ff"), prefix="mlp.DenseReluDense.", names=GATED),
        norms=layer_norms("self_attention.layer_norm", "encoder_decoder_attention.layer_norm", "mlp.layer_norm"),
    )
    return Part("decoder", "decoder", Modality.TEXT, weights, groups, layer_prefix="decoder.layer.{layer}.")


def _attention(c: Config, prefix: str, dim: Num, *, causal: bool = True, cross: bool = False, cached: bool = True) -> Attention:
    names = ("query", "key", "value", "output")
    return mha(c, dim=dim, names=names, prefix=prefix, causal=causal, cross=cross, cached=cached, rotary=False)
