"""Qwen3-ASR: Qwen3-Omni's ear before Qwen3, in the layout that Qwen published and in that of transformers."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear
from specverify.architectures.composite import language_head
from specverify.architectures.keys import Config
from specverify.architectures.llava import placed, within
from specverify.architectures.model import Model, label_count
from specverify.architectures.qwen import qwen3
from specverify.architectures.registry import family
from specverify.architectures.speech import in_one_body, projection, two_matrices, under
from specverify.architectures.whisper_encoder import omni_encoder, projected
from specverify.frozen import replace
from specverify.spec import Part, Role, Weight

THINKER = "thinker."


@family("qwen3_asr", source="transformers Qwen3ASRForConditionalGeneration; https://github.com/QwenLM/Qwen3-ASR")
def qwen3_asr(c: Config) -> Model:
    """Qwen3-ASR and its forced aligner: layers that see `n_window_infer` frames of audio, and Qwen3."""
    if c.raw.get("thinker_config") is not None:
        return as_published(c.sub("thinker_config", text=True))
    audio = c.sub("audio_config")
    hidden = audio.int("hidden_size")
    matrices = two_matrices(hidden, audio.int("output_dim"), between=hidden, bias=True)
    return in_one_body(c, omni_encoder(audio), projection(matrices), head=speaking_or_aligning)


def speaking_or_aligning(c: Config, table: Weight, *, tied: bool) -> tuple[Weight, ...]:
    """The head of a language model; the forced aligner's has a class for each step of time."""
    if (c.architecture or "").endswith("ForTokenClassification"):
        return linear("score", table.shape[1], label_count(c), Role.HEAD, bias=c.flag("token_classification_bias"))
    return language_head(c, table, tied=tied)


def as_published(c: Config) -> Model:
    """Qwen's own repositories: a thinker that transformers' class would not find, the text config says whether the head is tied."""
    text = c.sub("text_config", text=True, model_type="qwen3")
    audio = c.sub("audio_config", model_type="qwen3_omni_moe_audio_encoder")
    tied = text.flag("tie_word_embeddings")
    model = qwen3(text)
    parts = tuple(placed(part, tied, within(THINKER)) for part in model.parts)
    if "forced_aligner" in str(c.raw.get("model_type")):
        parts = tuple(aligning(c, part) for part in parts)
    tower = under(THINKER, omni_encoder(audio, *projected(audio)))
    return replace(model, parts=(*parts, tower), interface="encoder + projector")


def aligning(c: Config, part: Part) -> Part:
    """The text model with `classify_num` steps of time for a vocabulary of its head."""
    table = part.weights[0]
    head = linear(f"{THINKER}lm_head", table.shape[1], c.int("classify_num"), Role.HEAD)
    return replace(part, weights=(*(weight for weight in part.weights if weight.role is not Role.HEAD), *head))
