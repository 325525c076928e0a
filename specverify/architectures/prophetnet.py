"""ProphetNet: BART's shape, with a decoder that predicts several tokens at once from streams that share its weights."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Attention, Mixer, Modality, Part, Role, Weight

BODY = "prophetnet."


@family("prophetnet", source="transformers ProphetNetForConditionalGeneration; https://arxiv.org/abs/2001.04063")
def prophetnet(c: Config) -> Model:
    """ProphetNet: post-norm, learned positions, a bias by distance computed from the input, a small table of the `ngram` streams.

    Only the main stream is cached. `ForCausalLM` is the decoder alone: it has the attention to an encoder all the same,
    where `add_cross_attention` is on, and keeps nothing for it.
    """
    name = c.architecture or "ForConditionalGeneration"
    alone, tied = name.endswith("ForCausalLM"), c.flag("tie_word_embeddings")
    prefix = "" if name.endswith("Model") else BODY
    table = Weight(f"{prefix}word_embeddings.weight", (c.int("vocab_size"), c.int("hidden_size")), Role.EMBEDDING)
    head = (Weight("lm_head.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None),) if prefix else ()
    recipe = Recipe(norm="layer", norm_placement="post", position="learned", objective="causal" if alone else "sequence-to-sequence")
    decoder = _stack(c, "decoder", prefix, table, head, tied=tied, reads_encoder=not alone)
    if alone:
        return Model((replace(decoder, weights=(table, *decoder.weights)),), c, recipe, tied=tied)
    encoder = _stack(c, "encoder", prefix, table, (table,), tied=tied)
    return Model((encoder, decoder), c, recipe, tied=tied)


def _stack(c: Config, role: str, prefix: str, table: Weight, head: tuple[Weight, ...], *, tied: bool, reads_encoder: bool = False) -> Part:
    prefix, decodes, hidden = f"{prefix}{role}.", role == "decoder", c.int("hidden_size")
    crosses = decodes and c.flag("add_cross_attention")
    weights = (
        Weight(f"{prefix}word_embeddings.weight", table.shape, Role.EMBEDDING, tied_to=table.name if tied else None),
        Weight(f"{prefix}position_embeddings.weight", (c.int("max_position_embeddings"), hidden), Role.POSITION),
        *((Weight(f"{prefix}ngram_embeddings.weight", (c.int("ngram"), hidden), Role.EMBEDDING),) if decodes else ()),
        *norm(f"{prefix}embeddings_layer_norm", hidden, bias=True),
        *head,
    )

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _attention(c, role, "self_attn.", causal=decodes, cached=decodes)
        if decodes:
            buckets = c.int("num_buckets") * c.int("num_decoder_attention_heads")
            own = extended(own, *linear("self_attn.relative_pos_embeddings", hidden, buckets, Role.ATTENTION, bias=True))
        return (own, _attention(c, role, "cross_attn.", cross=True, cached=reads_encoder)) if crosses else (own,)

    groups = layer_groups(
        c,
        c.layers(f"num_{role}_layers"),
        mixer=mixers,
        feed_forward=lambda c, kind: plain(
            c, intermediate=c.int(f"{role}_ffn_dim"), prefix="feed_forward.", names=("intermediate", "output")
        ),
        norms=layer_norms(
            "self_attn_layer_norm", *(("cross_attn_layer_norm",) if crosses else ()), "feed_forward_layer_norm", bias=True, size=hidden
        ),
    )
    return Part(role, role, Modality.TEXT, weights, groups, layer_prefix=f"{prefix}layers.{{layer}}.")


def _attention(c: Config, role: str, prefix: str, *, causal: bool = False, cross: bool = False, cached: bool = True) -> Attention:
    heads = c.int(f"num_{role}_attention_heads")
    return mha(
        c,
        heads=heads,
        dim=c.int("hidden_size") // heads,
        bias=True,
        o_bias=True,
        names=("query_proj", "key_proj", "value_proj", "out_proj"),
        prefix=prefix,
        causal=causal,
        cross=cross,
        cached=cached,
        rotary=False,
    )
