"""LLaVA's kin: other towers or projectors before any text model, most of them published as transformers 5 holds them."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import norm
from specverify.architectures.keys import Config
from specverify.architectures.llava import feature_layers, matrices, merger, tied_by_either, two_matrices, with_images
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.towers import image_tower
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Weight


@family("video_llava", source="transformers VideoLlavaForConditionalGeneration; https://arxiv.org/abs/2311.10122")
def video_llava(c: Config) -> Model:
    """Video-LLaVA: one tower for images and one of the same shape for videos, before one projector; the root says what is tied."""
    model = with_images(c, two_matrices, tied=c.flag("tie_word_embeddings"), tower="image_tower.")
    return replace(model, parts=(*model.parts, image_tower(c.sub("vision_config"), "video_tower.")))


@family("vipllava", source="transformers VipLlavaForConditionalGeneration; https://arxiv.org/abs/2312.00784")
def vipllava(c: Config) -> Model:
    """ViP-LLaVA: the features of several tower layers under one norm before the two matrices; the root says what is tied."""
    return with_images(c, normed_features, tied=c.flag("tie_word_embeddings"))


@family("video_llama_3", source="transformers VideoLlama3ForConditionalGeneration; https://arxiv.org/abs/2501.13106")
def video_llama_3(c: Config) -> Model:
    """VideoLLaMA 3: SigLIP's layers over images of any size, with rotary positions in place of the learned ones."""
    return with_images(c, readout, tied=tied_by_either(c), tower="vision_model.", projection="projector.", nested=True)


@family("fast_vlm", source="transformers FastVlmForConditionalGeneration; https://arxiv.org/abs/2412.13303")
def fast_vlm(c: Config) -> Model:
    """FastVLM: a tower of timm's before Qwen2, the head tied where root or text config says so."""
    return with_images(c, two_matrices, tied=tied_by_either(c), nested=True)


@family("lighton_ocr", source="transformers LightOnOcrForConditionalGeneration; https://arxiv.org/abs/2601.14251")
def lighton_ocr(c: Config) -> Model:
    """LightOnOCR: the tower and projector of Mistral Small 3.1, the projector never with biases, before Qwen3."""
    return with_images(
        c,
        merging_unbiased,
        tied=c.flag("tie_word_embeddings"),
        tower="vision_encoder.",
        projection="vision_projection.",
        nested=True,
    )


def normed_features(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """A norm over the features side by side, and two matrices with biases."""
    inputs = feature_layers(c) * inputs
    return (*norm("projector_layernorm", inputs, bias=True), *matrices("linear_1", "linear_2", inputs, outputs))


def readout(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """Two matrices with biases."""
    return matrices("readout.0", "readout.2", inputs, outputs)


def merging_unbiased(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """A norm, a square of patches made one, and two matrices without biases."""
    return (*merger(c, inputs), *matrices("linear_1", "linear_2", inputs, outputs, bias=False))
