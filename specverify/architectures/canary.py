"""Canary and Cohere Transcribe: Parakeet's encoder, and a pre-norm decoder of ReLU blocks that reads it."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, head_kind, layer_groups, layer_norms
from specverify.architectures.published import Names, republished
from specverify.architectures.registry import family
from specverify.architectures.tower_parakeet import parakeet
from specverify.frozen import replace
from specverify.spec import Mixer, Modality, Part, Role, Weight

RECIPE = Recipe(norm="layer", position="sinusoidal", objective="sequence-to-sequence")

NEMO: Names = (
    ("encoder.subsampling.layers.", "encoder.pre_encode.conv."),
    ("encoder.subsampling.linear.", "encoder.pre_encode.out."),
    ("decoder.pos_emb.weight", "transf_decoder._embedding.position_embedding.pos_enc"),
    ("decoder.embed_tokens.", "transf_decoder._embedding.token_embedding."),
    ("decoder.embedding_layernorm.", "transf_decoder._embedding.layer_norm."),
    ("decoder.norm.", "transf_decoder._decoder.final_layer_norm."),
    ("decoder.layers.", "transf_decoder._decoder.layers."),
    ("decoder.proj.", "encoder_decoder_proj."),
    ("proj_out.", "log_softmax.mlp.layer0."),
)
ENCODER_LAYERS: Names = (
    ("self_attn.q_proj", "self_attn.linear_q"),
    ("self_attn.k_proj", "self_attn.linear_k"),
    ("self_attn.v_proj", "self_attn.linear_v"),
    ("self_attn.o_proj", "self_attn.linear_out"),
    ("self_attn.relative_k_proj", "self_attn.linear_pos"),
    ("self_attn.bias_", "self_attn.pos_bias_"),
    ("conv.norm", "conv.batch_norm"),
)
DECODER_LAYERS: Names = (
    ("self_attn.", "first_sub_layer."),
    ("encoder_attn.", "second_sub_layer."),
    ("q_proj", "query_net"),
    ("k_proj", "key_net"),
    ("v_proj", "value_net"),
    ("o_proj", "out_projection"),
    ("mlp.fc1", "third_sub_layer.dense_in"),
    ("mlp.fc2", "third_sub_layer.dense_out"),
    ("input_layernorm", "layer_norm_1"),
    ("post_attention_layernorm", "layer_norm_2"),
    ("final_layernorm", "layer_norm_3"),
)
"""What NeMo, and so the checkpoint of Cohere Transcribe, calls the tensors of this model."""


@family("canary", source="transformers CanaryForConditionalGeneration; https://arxiv.org/abs/2509.14128")
def canary(c: Config) -> Model:
    """Canary: stacks of one width, sinusoidal positions, the head tied as the root says."""
    bare = head_kind(c.architecture) == "none"
    text, prefix, tied = c.sub("decoder_config", text=True), "" if bare else "model.", c.flag("tie_word_embeddings")
    encoder = parakeet(c.sub("encoder_config"), f"{prefix}encoder.")
    return Model((encoder, _decoder(text, prefix, tied=tied, headless=bare)), text, RECIPE, tied=tied, interface="cross-attention")


@family("cohere_asr", source="transformers CohereAsrForConditionalGeneration; https://huggingface.co/CohereLabs/cohere-transcribe-03-2026")
def cohere_asr(c: Config) -> Model:
    """Cohere Transcribe: Canary with learned positions and a projection from the encoder's width, published under NeMo's names."""
    bare, hidden, tied = head_kind(c.architecture) == "none", c.int("hidden_size"), c.flag("tie_word_embeddings")
    own = c.sub("encoder_config")
    more = (
        Weight("decoder.pos_emb.weight", (c.int("max_position_embeddings"), hidden), Role.POSITION),
        *linear("decoder.proj", own.int("hidden_size"), hidden, Role.PROJECTOR, bias=True),
    )
    encoder = republished(parakeet(own, "encoder."), NEMO, ENCODER_LAYERS)
    decoder = republished(_decoder(c, "", tied=tied, headless=bare, more=more), NEMO, DECODER_LAYERS)
    return Model((encoder, decoder), c, replace(RECIPE, position="learned"), tied=tied, interface="cross-attention")


def _decoder(c: Config, prefix: str, *, tied: bool, headless: bool, more: tuple[Weight, ...] = ()) -> Part:
    hidden, bias = c.int("hidden_size"), c.flag("attention_bias")
    inner = f"{prefix}decoder."
    table = Weight(f"{inner}embed_tokens.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)
    head = () if headless else linear("proj_out", hidden, table.shape[0], Role.HEAD, bias=True)
    if head and tied:
        head = (replace(head[0], tied_to=table.name), *head[1:])

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = gqa(c, bias=bias, o_bias=bias, rotary=False)
        return own, gqa(c, bias=bias, o_bias=bias, rotary=False, prefix="encoder_attn.", cross=True)

    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixers,
        feed_forward=lambda c, kind: plain(c, prefix="mlp."),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", "final_layernorm", bias=True),
    )
    norms = (*norm(f"{inner}norm", hidden, bias=True), *norm(f"{inner}embedding_layernorm", hidden, bias=True))
    return Part("decoder", "decoder", Modality.TEXT, (table, *norms, *more, *head), groups, layer_prefix=f"{inner}layers.{{layer}}.")
