"""Higgs Audio: Llama with a second feed-forward in every layer, which audio tokens go through instead."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, glu_weights
from specverify.architectures.blocks.tensors import extended, linear
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, decoder, head_kind, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import FeedForward, Role, Weight


@family("higgs_audio_v2", source="transformers HiggsAudioV2ForConditionalGeneration; https://github.com/boson-ai/higgs-audio")
def higgs_audio_v2(c: Config) -> Model:
    """Higgs Audio v2: text and audio share attention; norms, feed-forward, table and head are the audio's own, and text has no head."""
    bias, mlp_bias, hidden = c.flag("attention_bias"), c.flag("mlp_bias"), c.int("hidden_size")
    codes = c.int("num_codebooks") * c.int("codebook_size")

    def feed_forward(c: Config, kind: str) -> FeedForward:
        audio = glu_weights(hidden, c.int("intermediate_size"), prefix="audio_mlp.", bias=mlp_bias)
        return extended(glu(c, bias=mlp_bias), *audio)

    model = decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias),
        feed_forward=feed_forward,
        norms=layer_norms("input_layernorm", "post_attention_layernorm", "audio_input_layernorm", "audio_post_attention_layernorm"),
        extra=(Weight("embed_audio_tokens.embed_audio_tokens.weight", (codes, hidden), Role.EMBEDDING),),
        tied=False,
        interface="unified",
    )
    if head_kind(c.architecture) == "none":
        return model
    part = model.parts[0]
    body = tuple(weight for weight in part.weights if weight.role is not Role.HEAD)
    return replace(model, parts=(replace(part, weights=(*body, *linear("audio_lm_head", hidden, codes, Role.HEAD))),))
