"""OPT: GPT-2's blocks under BART's names, with a position table two rows longer than any input."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Role, Weight

OFFSET = 2
"""Rows of the position table in front of the first position."""


@family("opt", source="transformers OPTForCausalLM; https://arxiv.org/abs/2205.01068")
def opt(c: Config) -> Model:
    """OPT: biases unless `enable_bias` is off, a tied head, learned positions.

    The 350M model embeds in `word_embed_proj_dim` and projects to the model's width and back; it also normalizes behind
    its blocks (`do_layer_norm_before: false`), and then has no final norm.
    """
    hidden, width, bias = c.int("hidden_size"), c.int("word_embed_proj_dim"), c.flag("enable_bias")
    before, affine = c.flag("do_layer_norm_before"), c.flag("layer_norm_elementwise_affine")
    ends_normed = before and affine and not c.flag("_remove_final_layer_norm")
    return decoder(
        c,
        mixer=lambda c, kind: mha(c, bias=bias, o_bias=bias, names=("q_proj", "k_proj", "v_proj", "out_proj"), rotary=False),
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("ffn_dim"), prefix="", bias=bias),
        norms=layer_norms("self_attn_layer_norm", "final_layer_norm", bias=True) if affine else no_norms,
        prefix="model.decoder.",
        embedding_width=width,
        extra=(
            Weight("embed_positions.weight", (c.int("max_position_embeddings") + OFFSET, hidden), Role.POSITION),
            *projections(hidden, width),
        ),
        final_norm="final_layer_norm" if ends_normed else None,
        final_norm_bias=True,
        recipe=Recipe(norm="layer", norm_placement="pre" if before else "post", position="learned"),
    )


def projections(hidden: Num, width: Num) -> tuple[Weight, ...]:
    """From the embedding's width to the model's and back; none where they are the same."""
    if width.value == hidden.value:
        return ()
    return (*linear("project_in", width, hidden, Role.PROJECTOR), *linear("project_out", hidden, width, Role.PROJECTOR))


def no_norms(c: Config, kind: str) -> tuple[Weight, ...]:
    """Norms that learn nothing."""
    return ()
