"""BLT: bytes cut into patches by a small model, a large one over the patches, and local ones that go from bytes to patches and back."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, head_kind, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, LayerGroup, Mixer, Modality, Part, Role, Weight

HASHED_GROUPS = 6
"""How many lengths of byte groups the class hashes where none are listed: 3 to 8."""


@family("blt", source="transformers BltForCausalLM; https://arxiv.org/abs/2412.09871")
def blt(c: Config) -> Model:
    """BLT: an embedding of single bytes and one of hashed groups of them; patches come from `patcher_config` if `patch_in_forward`.

    The layers over patches keep an entry a patch; patches are cut where the next byte is hard to guess, so what a
    sequence keeps is not known.
    """
    encoder, middle, decoder = c.sub("encoder_config"), c.sub("global_config"), c.sub("decoder_config")
    bare = head_kind(c.architecture) == "none"
    prefix = "" if bare else "model."
    bytes_in, bytes_out = encoder.int("hidden_size"), decoder.int("hidden_size")
    listed = c.list("encoder_hash_byte_group_size") or []
    hashes = c.int("encoder_hash_byte_group_nb_functions", least=0) * num.counted(len(listed) or HASHED_GROUPS, "hashed group lengths")
    head, tied = (c.int("vocab_size"), bytes_out), c.flag("tie_word_embeddings")
    # Tied, the embedding takes the head's place and shape.
    shape = head if tied and not bare else (encoder.int("vocab_size"), bytes_in)
    table = Weight(f"{prefix}local_encoder.embed_tokens.weight", shape, Role.EMBEDDING)
    hashed = (c.int("encoder_hash_byte_group_vocab", least=0) * hashes, bytes_in)
    weights = (
        table,
        Weight(f"{prefix}encoder_hash_tok_embedding.weight", hashed, Role.EMBEDDING),
        *linear(f"{prefix}local_encoder.patch_embedding_projection", bytes_in, bytes_in * encoder.int("cross_attn_k"), Role.PROJECTOR),
        *into_patches(f"{prefix}global_transformer.token_embedding_projection", bytes_in * c.int("cross_attn_k"), middle),
        *linear(
            f"{prefix}local_decoder.patch_embedding_projection",
            decoder.int("hidden_size_global"),
            bytes_out * decoder.int("cross_attn_k"),
            Role.PROJECTOR,
        ),
        *norm(f"{prefix}local_decoder.norm", bytes_out),
    )
    if not bare:
        weights += (Weight("lm_head.weight", head, Role.HEAD, tied_to=table.name if tied else None),)
    window, cut = c.optional("local_attention_window_len"), num.unknown("how many patches a sequence is cut into is not known")
    groups = (
        *stack(encoder, f"{prefix}local_encoder.", window=window),
        *crossings(encoder, f"{prefix}local_encoder."),
        *stack(middle, f"{prefix}global_transformer.", runs=cut),
        *stack(decoder, f"{prefix}local_decoder.", window=window),
        *crossings(decoder, f"{prefix}local_decoder."),
    )
    parts = [Part("decoder", "decoder", Modality.TEXT, weights, groups)]
    if c.flag("patch_in_forward"):
        parts.append(patcher(c.sub("patcher_config"), f"{prefix}patcher."))
    return Model(tuple(parts), c, Recipe(), tied=tied)


def into_patches(name: str, inputs: Num, middle: Config) -> tuple[Weight, ...]:
    """A projection to the width of the layers over patches, where the bytes of one are not as wide already."""
    outputs = middle.int("hidden_size")
    return () if inputs.value is not None and inputs.value == outputs.value else linear(name, inputs, outputs, Role.PROJECTOR)


def stack(c: Config, prefix: str, *, window: Num | None = None, runs: Num | None = None, cached: bool = True) -> tuple[LayerGroup, ...]:
    """Llama's layers, with heads that share out the width."""

    def mixer(c: Config, kind: str) -> Mixer:
        return gqa(c, dim=c.int("hidden_size") // c.int("num_attention_heads"), window=window, window_kind="masked", cached=cached)

    norms = layer_norms("input_layernorm", "post_attention_layernorm")
    groups = layer_groups(c, c.layers(), mixer=mixer, feed_forward=lambda c, kind: glu(c), norms=norms)
    return tuple(replace(group, prefix=f"{prefix}layers.{{layer}}.", runs=runs) for group in groups)


def crossings(c: Config, prefix: str) -> tuple[LayerGroup, ...]:
    """Attention between bytes and patches: beside every layer with `cross_attn_all_layers`, else once. Its keys are never kept."""
    hidden = c.int("hidden_size")

    def mixer(c: Config, kind: str) -> Attention:
        dim = hidden // c.int("num_attention_heads")
        own = gqa(c, dim=dim, prefix="", causal=False, cross=True, cached=False, rotary=False)
        return extended(own, *norm("q_norm", hidden), *norm("k_norm", hidden))

    count = c.layers() if c.flag("cross_attn_all_layers") else num.const(1, "cross_attn_all_layers")
    groups = layer_groups(c, count, mixer=mixer, feed_forward=lambda c, kind: None, norms=layer_norms())
    return tuple(replace(group, prefix=f"{prefix}cross_attn_layers.{{layer}}.") for group in groups)


def patcher(c: Config, prefix: str) -> Part:
    """A byte-level language model of its own, whose entropy cuts the patches."""
    shape = (c.int("vocab_size"), c.int("hidden_size"))
    weights = (
        Weight(f"{prefix}embed_tokens.weight", shape, Role.EMBEDDING),
        *norm(f"{prefix}norm", shape[1]),
        Weight(f"{prefix}lm_head.weight", shape, Role.HEAD),
    )
    return Part("patcher", "tower", Modality.TEXT, weights, stack(c, prefix, window=c.optional("sliding_window"), cached=False))
