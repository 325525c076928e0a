"""Chameleon: one decoder over words and the codes of images."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import extended, prefixed
from specverify.architectures.composite import root_of
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder
from specverify.architectures.registry import family
from specverify.architectures.vqgan import Stack, Weights, codebook, encoder, image_tokenizer, last_level, to_codes_and_back
from specverify.frozen import replace
from specverify.spec import Mixer, Part, Role, Weight

VANILLA = "vanilla"


@family("chameleon", source="transformers ChameleonForConditionalGeneration; https://arxiv.org/abs/2405.09818")
def chameleon(c: Config) -> Model:
    """Chameleon: Llama with a LayerNorm of its own for each query and key head, and a VQGAN that only reads images.

    `swin_norm` (the 34B) moves the norms behind the blocks.
    """
    bias, mlp_bias = c.flag("attention_bias"), c.flag("mlp_bias")

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(c, dim=c.int("hidden_size") // c.int("num_attention_heads"), bias=bias, o_bias=bias)
        heads = {"q_norm": own.num_attention_heads, "k_norm": own.num_key_value_heads}
        norms = (
            Weight(f"self_attn.{name}.{kind}", (count, own.head_dim), Role.NORM)
            for name, count in heads.items()
            for kind in ("weight", "bias")
        )
        return extended(own, *norms)

    model = decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c, bias=mlp_bias),
        recipe=Recipe(qk_norm="per-head", norm_placement="post" if c.flag("swin_norm") else "pre"),
        interface="unified",
    )
    return replace(model, parts=(*model.parts, tokenizer(c.sub("vq_config"), f"{root_of(c)}vqmodel.")))


def tokenizer(c: Config, prefix: str) -> Part:
    """The encoder and the codes; the decoder is not published."""

    def weights() -> Weights:
        stack = Stack("down.", "mid.", attending(c), middle_attends=c.text("attn_type") == VANILLA)
        return (*prefixed("encoder.", encoder(c, stack)), *codebook(c, "num_embeddings"), *to_codes_and_back(c))

    return image_tokenizer(c, prefix, weights)


def attending(c: Config) -> tuple[int, ...]:
    """The levels whose side is one of `attn_resolutions`."""
    sides, side = c.list("attn_resolutions", of=int) or [], c.int("resolution").value
    if c.text("attn_type") != VANILLA or not isinstance(side, int):
        return ()
    return tuple(level for level in range(last_level(c) + 1) if side >> level in sides)
