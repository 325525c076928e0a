"""Who sees whom: the attention mask of a model that no family describes, and what is no language model at all."""

from __future__ import annotations

from functools import cache

from specverify.architectures.defaults import architecture_class, architectures_of
from specverify.architectures.keys import Config

CAUSAL_NAMES = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "ChatModel", "CausalLM")
OTHER_TASKS = {
    "image_classification": "an image classifier",
    "object_detection": "an object detector",
    "zero_shot_object_detection": "an object detector",
    "zero_shot_image_classification": "an image-text matcher",
    "semantic_segmentation": "an image segmenter",
    "universal_segmentation": "an image segmenter",
    "instance_segmentation": "an image segmenter",
    "image_segmentation": "an image segmenter",
    "mask_generation": "a mask generator",
    "depth_estimation": "a depth estimator",
    "audio_classification": "an audio classifier",
    "audio_frame_classification": "an audio classifier",
    "audio_xvector": "a speaker encoder",
    "ctc": "a speech recognizer without a language model",
    "backbone": "an image backbone",
    "image": "an image encoder",
    "masked_image_modeling": "an image model",
    "video_classification": "a video classifier",
    "image_to_image": "an image model",
    "keypoint_detection": "a keypoint detector",
    "text_to_waveform": "a speech synthesizer",
}
"""Kinds of classes that have no language model, as transformers' auto classes group them."""


def not_a_language_model(c: Config) -> str | None:
    """Why a config is no language model's; None where it may be one."""
    if "_class_name" in c.raw:
        c.mark("_class_name")
        return f"a diffusers component ({str(c.raw['_class_name'])[:60]})"
    if "peft_type" in c.raw:
        return "an adapter; its base model decides the cost"
    known = architecture_class(c.architecture) if c.architecture else None
    if known is not None and known[1] in OTHER_TASKS:
        return OTHER_TASKS[known[1]]
    return None


def mask_of(c: Config) -> str:
    """`causal`, `bidirectional`, `prefix`, or `` where it cannot be told.

    A type that has a masked-language-model class sees both ways unless `is_decoder` is set; the name of the class
    decides the rest.
    """
    if c.model_type == "chatglm":
        # ChatGLM-6B masks its prompt both ways; ChatGLM2, 3 and GLM-4-9B kept the type and are causal.
        return "prefix" if "position_encoding_2d" in c.raw or "inner_hidden_size" in c.raw else "causal"
    if _flag(c, "is_encoder_decoder"):
        return "causal"
    if c.raw.get("is_causal") is False or c.raw.get("use_bidirectional_attention") in (True, "all"):
        return "bidirectional"
    kinds = _kinds(c.model_type)
    if "masked_lm" in kinds:
        return "causal" if _flag(c, "is_decoder") else "bidirectional"
    if "causal_lm" in kinds or "image_text_to_text" in kinds or "seq2seq_lm" in kinds or "speech_seq2seq" in kinds:
        return "causal"
    name = c.architecture or ""
    if name.endswith("ForMaskedLM"):
        return "bidirectional"
    return "causal" if name.endswith(CAUSAL_NAMES) else ""


def _flag(c: Config, key: str) -> bool:
    value = c.choice(key)
    return value is True


@cache
def _kinds(model_type: str | None) -> frozenset[str]:
    return frozenset(kind for _, kind in architectures_of(model_type)) if model_type else frozenset()
