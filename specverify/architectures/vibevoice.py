"""VibeVoice: a text model over continuous latents of audio, which a diffusion head makes of its output."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.audio import repeated
from specverify.architectures.blocks.feed_forward import glu_weights
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.llava import language_model
from specverify.architectures.model import Model
from specverify.architectures.published import Names, republished
from specverify.architectures.registry import family
from specverify.architectures.tower_vibevoice import acoustic_tokenizer, tokenizer_encoder
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight

INSIDE_MODEL: Names = ((r"^language_model\.lm_head\.", "lm_head."), (r"^language_model\.model\.", "model.language_model."))


@family("vibevoice", source="transformers VibeVoiceForConditionalGeneration; https://arxiv.org/abs/2508.19205")
def vibevoice(c: Config) -> Model:
    """VibeVoice: latents of two tokenizers enter through connectors, of which only the acoustic one is decoded; the text tied as it says.

    Configs of the original code, which keep the text model in `decoder_config`, come with tensors under other names; of those
    only the text model is read.
    """
    original = "text_config" not in c.raw and "decoder_config" in c.raw
    text = c.sub("decoder_config", model_type="qwen2", text=True) if original else c.sub("text_config", text=True)
    model = language_model(text, tied=text.flag("tie_word_embeddings"))
    parts = tuple(republished(part, INSIDE_MODEL, ()) for part in model.parts)
    rest = _unread() if original else _speech(c, text.int("hidden_size"))
    return replace(model, parts=(*parts, *rest), interface="encoder + projector")


@family("vibevoice_asr", source="transformers VibeVoiceAsrForConditionalGeneration; https://arxiv.org/abs/2601.18184")
def vibevoice_asr(c: Config) -> Model:
    """VibeVoice ASR: the encoders of both tokenizers, their latents added up in the text model's width; the head is never tied."""
    text = c.sub("text_config", text=True)
    hidden = text.int("hidden_size")
    text.mark("tie_word_embeddings")
    model = language_model(text, tied=False)
    weights: tuple[Weight, ...] = ()
    towers = []
    for kind in ("acoustic", "semantic"):
        own = c.sub(f"{kind}_tokenizer_encoder_config")
        towers.append(tokenizer_encoder(own, f"{kind}_tokenizer_encoder.", f"{kind} encoder"))
        weights += linear(f"{kind}_linear_1", own.int("hidden_size"), hidden, Role.PROJECTOR, bias=True)
        weights += norm(f"{kind}_norm", hidden)
        weights += linear(f"{kind}_linear_2", hidden, hidden, Role.PROJECTOR, bias=True)
    projector = Part("projector", "projector", Modality.AUDIO, weights, prefix="multi_modal_projector.")
    return replace(model, parts=(*model.parts, *towers, projector), interface="encoder + projector")


def _unread() -> tuple[Part, ...]:
    unknown = num.unknown("the tensors of the original VibeVoice code are not known to specverify")
    return (Part("codec", "tower", Modality.AUDIO, (Weight("{unknown}", (unknown,), Role.TOWER),)),)


def _speech(c: Config, hidden: Num) -> tuple[Part, ...]:
    """What makes sound of the text model's output, and what it hears of it."""
    acoustic, semantic = c.sub("audio_config"), c.sub("semantic_model_config")
    latent = acoustic.int("hidden_size")
    outside = (
        Weight("latent_scaling_factor", (), Role.PROJECTOR),
        Weight("latent_bias_factor", (), Role.PROJECTOR),
        *_connector("multi_modal_projector", latent, hidden),
        *_connector("semantic_connector", semantic.int("hidden_size"), hidden),
    )
    head = prefixed("diffusion_head.", _diffusion(c.sub("diffusion_head_config"), hidden, latent))
    return (
        acoustic_tokenizer(acoustic, "model.audio_tower."),
        tokenizer_encoder(semantic, "model.semantic_tokenizer_encoder.", "semantic encoder"),
        Part("projector", "projector", Modality.AUDIO, outside, prefix="model."),
        Part("diffusion head", "tower", Modality.AUDIO, head, prefix="model."),
    )


def _connector(name: str, inputs: Num, hidden: Num) -> tuple[Weight, ...]:
    return (
        *linear(f"{name}.linear_1", inputs, hidden, Role.PROJECTOR, bias=True),
        *norm(f"{name}.act", hidden),
        *linear(f"{name}.linear_2", hidden, hidden, Role.PROJECTOR, bias=True),
    )


def _diffusion(c: Config, hidden: Num, latent: Num) -> tuple[Weight, ...]:
    """Gated layers as wide as the text model, shifted, scaled and gated by its output; what the config says of both widths is replaced."""
    c.mark("hidden_size")
    c.mark("latent_size")
    bias, inner = c.flag("mlp_bias"), c.int("intermediate_size")
    weights = (
        *linear("noisy_images_proj", latent, hidden, Role.HEAD),
        *linear("cond_proj", hidden, hidden, Role.HEAD),
        *linear("timestep_proj.fc1", c.int("frequency_embedding_size"), hidden, Role.HEAD),
        *linear("timestep_proj.fc2", hidden, hidden, Role.HEAD),
        *linear("final_layer.linear_1", hidden, hidden * 2, Role.HEAD),
        *linear("final_layer.linear_2", hidden, latent, Role.HEAD),
    )
    layer = (
        *glu_weights(hidden, inner, Role.HEAD, prefix="ffn.", bias=bias),
        *norm("norm", hidden),
        *linear("linear", hidden, hidden * 3, Role.HEAD),
    )
    return (*weights, *repeated(c.layers(), lambda index: prefixed(f"layers.{index}.", layer)))
