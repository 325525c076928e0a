"""GPT-J and CodeGen: one norm a layer, feed-forward beside attention, a bias on the head and none in attention."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, label_count, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace


@family("gptj", source="transformers GPTJForCausalLM; Wang and Komatsuzaki 2021, GPT-J-6B")
def gptj(c: Config) -> Model:
    """GPT-J: rotary positions on the first `rotary_dim` of each head; `n_inner` null is four times the width."""
    return _decoder(c, fused=None)


@family("codegen", source="transformers CodeGenForCausalLM; https://arxiv.org/abs/2203.13474")
def codegen(c: Config) -> Model:
    """CodeGen: GPT-J with queries, keys and values in one tensor."""
    return _decoder(c, fused="qkv_proj")


def _decoder(c: Config, *, fused: str | None) -> Model:
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    return decoder(
        c,
        mixer=lambda c, kind: replace(mha(c, fused=fused, names=names, prefix="attn."), rotary_dim=c.optional("rotary_dim")),
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("n_inner"), names=("fc_in", "fc_out")),
        norms=layer_norms("ln_1", bias=True),
        prefix="transformer.",
        layers="h.{layer}.",
        embedding="wte",
        final_norm="ln_f",
        final_norm_bias=True,
        head_bias=True,
        answers=label_count(c),
        recipe=Recipe(norm="layer", parallel=True),
    )
