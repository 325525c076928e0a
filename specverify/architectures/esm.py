"""ESM: protein language models, which are RoBERTa with pre-norm layers and rotary positions; and ESM Cambrian."""

from __future__ import annotations

from specverify import num
from specverify.architectures.bert import ROBERTA
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.encoders import (
    LEARNED_POST_NORM,
    LanguageHead,
    Layer,
    bert_layers,
    embeddings,
    encoder,
    is_causal,
    mixers,
)
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Role, Weight

HEAD = LanguageHead("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", ("lm_head.bias",))


@family("esm", source="transformers EsmForMaskedLM; https://doi.org/10.1126/science.ade2574")
def esm(c: Config) -> Model:
    """ESM-1b and ESM-2: pre-norm RoBERTa without segments, and a regression on all attention maps that finds contacts.

    The frequencies of rotary positions are stored. The folding model is not described.
    """
    hidden, heads = c.int("hidden_size"), c.int("num_attention_heads")
    position = c.text("position_embedding_type", "absolute")
    absolute, rotary = position == "absolute", position == "rotary"
    inside = [
        *embeddings(c, positions=c.int("max_position_embeddings") if absolute else None, types=False),
        *norm("encoder.emb_layer_norm_after", hidden, bias=True),
        *linear("contact_head.regression", c.layers() * heads, num.const(1, "contact"), Role.HEAD, bias=True),
    ]
    if c.flag("emb_layer_norm_before"):
        inside += norm("embeddings.layer_norm", hidden, bias=True)
    if rotary:
        inside.append(Weight("rotary_embeddings.inv_freq", (hidden // heads // 2,), Role.POSITION, buffer=True))
    layer = Layer(attention_norm="LayerNorm", end_norm="LayerNorm")
    scheme = "rope" if rotary else "learned" if absolute else "none"
    return encoder(
        c,
        replace(ROBERTA, body="esm.", language=HEAD),
        inside=tuple(inside),
        groups=bert_layers(c, layer=layer, mixer=mixers(c, layer, rotary=rotary)),
        recipe=replace(LEARNED_POST_NORM, norm_placement="pre", position=scheme),
        causal=is_causal(c),
    )
