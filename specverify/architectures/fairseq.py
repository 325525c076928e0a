"""Decoders that came out of fairseq: BART's decoder without an encoder."""

from __future__ import annotations

from typing import Any

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Attention, Mixer, Role, Weight


@family("biogpt", source="transformers BioGptForCausalLM; https://arxiv.org/abs/2210.10341")
def biogpt(c: Config) -> Model:
    """BioGPT: learned positions of which the first two rows are never used, and a tied `output_projection`."""
    positions = (c.int("max_position_embeddings") + 2, c.int("hidden_size"))
    return _decoder(
        c,
        c.int("intermediate_size"),
        position="learned",
        prefix="biogpt.",
        head="output_projection",
        token_head="classifier",
        extra=(Weight("embed_positions.weight", positions, Role.POSITION),),
    )


@family("xglm", source="transformers XGLMForCausalLM; https://arxiv.org/abs/2112.10668")
def xglm(c: Config) -> Model:
    """XGLM: sinusoidal positions that are computed and never stored; with `add_cross_attention` it reads an encoder too."""
    return _decoder(c, c.int("ffn_dim"), position="sinusoidal", crossed=c.flag("add_cross_attention"))


def _decoder(c: Config, intermediate: Num, *, position: str, crossed: bool = False, **placement: Any) -> Model:
    """Pre-norm layers with biases everywhere."""

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _attention(c, "self_attn.")
        return (own, _attention(c, "encoder_attn.", causal=False, cross=True)) if crossed else (own,)

    return decoder(
        c,
        mixer=mixers,
        feed_forward=lambda c, kind: plain(c, intermediate=intermediate, prefix=""),
        norms=layer_norms("self_attn_layer_norm", *(("encoder_attn_layer_norm",) if crossed else ()), "final_layer_norm", bias=True),
        final_norm="layer_norm",
        final_norm_bias=True,
        recipe=Recipe(norm="layer", position=position),
        **placement,
    )


def _attention(c: Config, prefix: str, *, causal: bool = True, cross: bool = False) -> Attention:
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    return mha(c, bias=True, o_bias=True, names=names, prefix=prefix, causal=causal, cross=cross, rotary=False)
