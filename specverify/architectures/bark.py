"""Bark: three GPTs in a row, from text to semantic tokens to coarse and to fine codes of EnCodec."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.audio import repeated
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.architectures.tower_encodec import encodec
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import LayerGroup, Mixer, Modality, Part, Role, Weight


@family("bark", source="transformers BarkModel; https://github.com/suno-ai/bark")
def bark(c: Config) -> Model:
    """Bark: the semantic model is the one whose cache is counted; the coarse one has a sequence and a cache of its own after it."""
    semantic = c.sub("semantic_config", text=True)
    parts = (
        _causal(semantic, "semantic.", "decoder", "decoder", Modality.TEXT),
        _causal(c.sub("coarse_acoustics_config"), "coarse_acoustics.", "coarse decoder", "tower", Modality.AUDIO),
        _fine(c.sub("fine_acoustics_config"), "fine_acoustics."),
        encodec(c.sub("codec_config"), "codec_model."),
    )
    return Model(parts, semantic, Recipe(norm="layer", position="learned"))


def _causal(c: Config, prefix: str, name: str, role: str, modality: Modality) -> Part:
    """A GPT-2 whose biases are all on or off, with the causal mask in every layer as a buffer."""
    hidden, bias = c.int("hidden_size"), c.flag("bias")
    weights = (
        Weight("input_embeds_layer.weight", (c.int("input_vocab_size"), hidden), Role.EMBEDDING),
        Weight("position_embeds_layer.weight", (c.int("block_size"), hidden), Role.POSITION),
        *norm("layernorm_final", hidden, bias=bias),
        *linear("lm_head", hidden, c.int("output_vocab_size"), Role.HEAD),
    )
    return Part(name, role, modality, weights, _layers(c, causal=True, norm_bias=bias), prefix, f"{prefix}layers.{{layer}}.")


def _fine(c: Config, prefix: str) -> Part:
    """A GPT without the mask: it sees all codes that are given and tells one codebook more, each by a head tied to that one's table."""
    hidden, total = c.int("hidden_size"), c.int("n_codes_total")
    told = total - c.int("n_codes_given", least=0)

    def table(index: int) -> Weight:
        return Weight(f"{prefix}input_embeds_layers.{index}.weight", (c.int("input_vocab_size"), hidden), Role.EMBEDDING)

    def head(index: int) -> Weight:
        tied = table(index + 1) if c.flag("tie_word_embeddings") and index + 1 < (total.value or 0) else None
        own = Weight(f"{prefix}lm_heads.{index}.weight", (c.int("output_vocab_size"), hidden), Role.HEAD)
        return own if tied is None else replace(own, shape=tied.shape, tied_to=tied.name)

    weights = (
        *repeated(total, lambda index: (table(index),)),
        Weight(f"{prefix}position_embeds_layer.weight", (c.int("block_size"), hidden), Role.POSITION),
        *norm(f"{prefix}layernorm_final", hidden, bias=True),
        *repeated(told, lambda index: (head(index),)),
    )
    groups = _layers(c, causal=False, norm_bias=True)
    return Part("fine model", "tower", Modality.AUDIO, weights, groups, layer_prefix=f"{prefix}layers.{{layer}}.")


def _layers(c: Config, *, causal: bool, norm_bias: bool) -> tuple[LayerGroup, ...]:
    hidden, heads, length, bias = c.int("hidden_size"), c.int("num_heads"), c.int("block_size"), c.flag("bias")
    names = ("", "", "", "out_proj")

    def mixer(c: Config, kind: str) -> Mixer:
        own = mha(
            c,
            heads=heads,
            dim=hidden // heads,
            bias=bias,
            o_bias=bias,
            fused="att_proj",
            names=names,
            prefix="attn.",
            causal=causal,
            cached=causal,
            rotary=False,
        )
        return extended(own, Weight("attn.bias", (Num(1), Num(1), length, length), Role.ATTENTION, buffer=True)) if causal else own

    return layer_groups(
        c,
        c.layers("num_layers"),
        mixer=mixer,
        feed_forward=lambda c, kind: plain(c, intermediate=hidden * 4, prefix="mlp.", names=("in_proj", "out_proj"), bias=bias),
        norms=layer_norms("layernorm_1", "layernorm_2", bias=norm_bias),
    )
