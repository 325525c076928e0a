"""Evolla: Llama that reads a protein through SaProt, a resampler and cross-attention in some of its layers."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.sound import stack
from specverify.architectures.blocks.tensors import extended, linear, norm, prefixed
from specverify.architectures.blocks.vision import of_tower, towered
from specverify.architectures.encoders import Layer, bert_layers, embeddings, mixers
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, decoder, every, head_kind
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num, const
from specverify.spec import Attention, LayerGroup, Mixer, Modality, Part, Role, Weight

PROTEIN = "protein_encoder."
ADAPTED = "adapted"
SAPROT = Layer(attention_norm="LayerNorm", end_norm="LayerNorm")


@family("evolla", source="transformers EvollaForProteinText2Text; https://doi.org/10.1101/2025.01.05.630192")
def evolla(c: Config) -> Model:
    """Evolla: the adapter keeps no keys and values, for it reads the protein anew at each step; the head is never tied."""
    bias, count, adapters = c.flag("attention_bias"), c.layers(), c.int("aligner_num_add_layers")
    period = max(int(count.value or 0) // int(adapters.value or 1), 1)

    def mixer(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = gqa(c, bias=bias, o_bias=bias)
        return (own, adapter(c)) if kind == ADAPTED else (own,)

    model = decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c, bias=c.flag("mlp_bias")),
        mixer_kinds=every(c, count, lambda index: (index + 1) % period == 0, adapters, names=("alone", ADAPTED)),
        tied=False,
    )
    prefix = ("" if head_kind(c.architecture) == "none" else "model.") + PROTEIN
    protein = c.sub("protein_encoder_config")
    parts = (saprot(protein, f"{prefix}model."), resampler(c, protein.int("hidden_size"), f"{prefix}sequence_compressor_resampler."))
    return replace(model, parts=(*model.parts, *parts), interface="cross-attention")


def adapter(c: Config) -> Attention:
    """Attention to the protein and a feed-forward behind it, each let in by a gate that starts at 0 (Flamingo, arXiv:2204.14198)."""
    hidden, heads, gate = c.int("hidden_size"), c.int("num_attention_heads"), (const(1, "gate"),)
    cross = gqa(
        c,
        kv_heads=heads,
        dim=hidden // heads,
        bias=True,
        o_bias=c.flag("aligner_enable_bias"),
        names=("query", "key_protein", "value_protein", "out_proj"),
        prefix="adapter.",
        causal=False,
        cross=True,
        cached=False,
        rotary=False,
    )
    gates = (Weight(f"adapter.gate_{which}", gate, Role.ATTENTION) for which in ("attention", "ffw"))
    behind = prefixed("adapter.ff.", biasless(c, hidden, hidden * c.int("aligner_ffn_mult")))
    return extended(cross, *norm("adapter.attention_norm", hidden), *gates, *behind)


def biasless(c: Config, hidden: Num, wide: Num) -> tuple[Weight, ...]:
    """A LayerNorm and a plain feed-forward without biases."""
    return (*norm("norm", hidden, bias=True), *plain(c, hidden=hidden, intermediate=wide, prefix="", bias=False).weights)


def saprot(c: Config, prefix: str) -> Part:
    """SaProt (ESM-2 over residues and their structure, https://doi.org/10.1101/2023.10.01.560349), frequencies stored, no head."""
    hidden, heads = c.int("hidden_size"), c.int("num_attention_heads")
    position = c.text("position_embedding_type", "absolute")
    outside = (
        *embeddings(c, positions=c.int("max_position_embeddings") if position == "absolute" else None, types=False),
        *(norm("embeddings.layer_norm", hidden, bias=True) if c.flag("emb_layer_norm_before") else ()),
        Weight("rotary_embeddings.inv_freq", (hidden // heads // 2,), Role.POSITION, buffer=True),
        *norm("encoder.emb_layer_norm_after", hidden, bias=True),
    )
    groups = bert_layers(c, layer=SAPROT, mixer=mixers(c, SAPROT, rotary=position == "rotary"))
    layers = tuple(of_protein(group) for group in groups)
    return Part("protein encoder", "tower", Modality.TEXT, of_tower(outside), layers, prefix, prefix + SAPROT.path)


def of_protein(group: LayerGroup) -> LayerGroup:
    """Layers whose tensors are a tower's."""
    own = tuple(replace(mixer, weights=of_tower(mixer.weights)) for mixer in group.mixers)
    return replace(group, mixers=own, feed_forward=None if group.feed_forward is None else towered(group.feed_forward))


def resampler(c: Config, width: Num, prefix: str) -> Part:
    """Latents that read the residues and each other in `resampler_depth` layers, and a matrix into the text."""
    hidden, heads, dim = c.int("hidden_size"), c.int("resampler_heads"), c.int("resampler_dim_head")
    inner = heads * dim
    weights = (
        *norm("norm_media", width, bias=True),
        *norm("norm_latents", width, bias=True),
        *linear("to_q", width, inner, Role.ATTENTION),
        *linear("to_kv", width, inner * 2, Role.ATTENTION),
        *linear("to_out", inner, width, Role.ATTENTION),
    )
    reads = Attention(heads, heads, dim, dim, prefixed("0.", weights), causal=False, cached=False, rotary=False)
    wide = width * c.int("resampler_ff_mult")
    block = plain(c, hidden=width, intermediate=wide, prefix="1.", bias=False)
    groups = stack(c, c.layers("resampler_depth"), reads, block, lambda c, kind: norm("1.norm", width, bias=True))
    outside = (
        Weight("latents", (c.int("resampler_num_latents"), width), Role.PROJECTOR),
        *norm("norm", hidden, bias=True),
        *linear("protein_projector", width, hidden, Role.PROJECTOR, bias=True),
    )
    return Part("resampler", "projector", Modality.TEXT, outside, groups, prefix, f"{prefix}layers.{{layer}}.")
