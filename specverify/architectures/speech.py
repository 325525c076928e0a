"""Text models that hear: an audio tower like Whisper's, a projector, and any text model."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.tensors import extended, linear, norm, prefixed
from specverify.architectures.composite import HeadOf, language_head, root_of, text_of, with_text
from specverify.architectures.keys import Config
from specverify.architectures.llava import LANGUAGE_MODEL, PROJECTOR, language_model
from specverify.architectures.model import Model, decoder
from specverify.architectures.registry import family
from specverify.architectures.whisper_encoder import audio_tower, mel_convolutions, whisper_encoder
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Modality, Part, Role, Weight


@family("qwen2_audio", source="transformers Qwen2AudioForConditionalGeneration; https://arxiv.org/abs/2407.10759")
def qwen2_audio(c: Config) -> Model:
    """Qwen2-Audio: Whisper's encoder, pairs of its outputs averaged, one matrix; the head is never tied."""
    audio = c.sub("audio_config")
    projector = linear("linear", audio.int("hidden_size"), text_width(c), Role.PROJECTOR, bias=True)
    return with_audio(c, whisper_encoder(audio), projector, tied=False)


@family("voxtral", source="transformers VoxtralForConditionalGeneration; https://arxiv.org/abs/2507.13264")
def voxtral(c: Config) -> Model:
    """Voxtral: Whisper's encoder, outputs side by side until they are as wide as its feed-forward; the head is never tied."""
    audio = c.sub("audio_config")
    return with_audio(c, whisper_encoder(audio), two_matrices(audio.int("intermediate_size"), text_width(c)), tied=False)


@family("audioflamingo3", source="transformers AudioFlamingo3ForConditionalGeneration; https://arxiv.org/abs/2507.08128")
def audioflamingo3(c: Config) -> Model:
    """Audio Flamingo 3: Whisper's encoder, pairs of its outputs averaged, two matrices; the head is never tied."""
    audio = c.sub("audio_config")
    projector = two_matrices(audio.int("hidden_size"), text_width(c), bias=c.flag("projector_bias"))
    return with_audio(c, whisper_encoder(audio), projector, tied=False)


@family("musicflamingo", source="transformers MusicFlamingoForConditionalGeneration; https://huggingface.co/nvidia/music-flamingo-2601-hf")
def musicflamingo(c: Config) -> Model:
    """Music Flamingo: Audio Flamingo 3 with audio turned by its time; the root's `max_position_embeddings` are seconds of it."""
    model = audioflamingo3(c)
    model.text.optional("max_position_embeddings")
    c.number("max_position_embeddings")
    return model


@family("moss_transcribe_diarize", source="transformers MossTranscribeDiarizeForConditionalGeneration; OpenMOSS, MOSS-Transcribe-Diarize")
def moss_transcribe_diarize(c: Config) -> Model:
    """MOSS-Transcribe-Diarize: Whisper's encoder, `audio_merge_size` outputs side by side, a norm behind the projector."""
    audio, text = c.sub("audio_config"), text_of(c).int("hidden_size")
    matrices = two_matrices(audio.int("hidden_size") * c.int("audio_merge_size"), text, bias=c.flag("projector_bias"))
    return in_one_body(c, whisper_encoder(audio), projection((*matrices, *norm("norm", text, bias=True))))


@family("glmasr", source="transformers GlmAsrForConditionalGeneration; Zhipu AI, GLM-ASR-Nano")
def glmasr(c: Config) -> Model:
    """GLM-ASR: Whisper's encoder with rotary positions and grouped keys, outputs side by side as in Voxtral, a projector twice as wide."""
    audio, text = c.sub("audio_config"), text_width(c)
    hidden = audio.int("hidden_size")
    tower = audio_tower(
        audio,
        outside=(*mel_convolutions(audio), *norm("norm", hidden, bias=True)),
        kv_heads=audio.int("num_key_value_heads"),
        dim=audio.optional("head_dim"),
        output="o_proj",
        rotary=True,
        feed_forward=plain(audio),
        norms=("input_layernorm", "post_attention_layernorm"),
    )
    return with_audio(c, tower, two_matrices(audio.int("intermediate_size"), text, between=text * 2, bias=True))


@family("voxtral_realtime", source="transformers VoxtralRealtimeForConditionalGeneration; https://mistral.ai/news/voxtral-transcribe-2")
def voxtral_realtime(c: Config) -> Model:
    """Voxtral Realtime: a causal tower of Mistral's kind, `downsample_factor` outputs side by side.

    While it listens, the tower keeps keys and values of its own for `sliding_window` frames; they are not in the text
    model's cache.
    """
    audio = c.sub("audio_config")
    hidden, wide = audio.int("hidden_size"), audio.int("intermediate_size")
    down = Weight("mlp.down_proj.bias", (hidden,), Role.TOWER)
    tower = audio_tower(
        audio,
        outside=(*mel_convolutions(audio, "embedder."), *norm("norm", hidden)),
        dim=audio.int("head_dim"),
        output="o_proj",
        window=sliding_window(audio),
        causal=True,
        rotary=True,
        feed_forward=extended(glu(audio, hidden=hidden, intermediate=wide), down),
        norm_bias=False,
    )
    return with_audio(c, tower, two_matrices(hidden * c.int("downsample_factor"), text_width(c)))


@family("voxtral_realtime_text", source="transformers VoxtralRealtimeTextModel; https://mistral.ai/news/voxtral-transcribe-2")
def voxtral_realtime_text(c: Config) -> Model:
    """Mistral whose feed-forward scales its input by how far the text is behind the speech, through two matrices of rank 32."""
    window, rank = sliding_window(c), num.const(32, "rank of the delay's matrices")

    def feed_forward(c: Config, kind: str) -> FeedForward:
        hidden = c.int("hidden_size")
        delay = linear("linear1", hidden, rank, Role.FEED_FORWARD) + linear("linear2", rank, hidden, Role.FEED_FORWARD)
        return extended(glu(c), *prefixed("ada_rms_norm.", delay))

    return decoder(c, mixer=lambda c, kind: gqa(c, window=window), feed_forward=feed_forward)


def with_audio(c: Config, tower: Part, matrices: tuple[Weight, ...], *, tied: bool | None = None) -> Model:
    """Text model, tower and projector beside each other; the root says whether the head is tied, unless the class never ties it."""
    model = language_model(c.sub("text_config", text=True), tied=c.flag("tie_word_embeddings") if tied is None else tied)
    return replace(model, parts=(*model.parts, tower, projection(matrices)), interface="encoder + projector")


def in_one_body(c: Config, *others: Part, head: HeadOf = language_head) -> Model:
    """The text model and the others as transformers 5 writes them first: all within `model`, but for the head."""
    root = root_of(c)
    placed = (under(root, part) for part in others)
    return with_text(c, root + LANGUAGE_MODEL, *placed, tied=c.flag("tie_word_embeddings"), head=head)


def under(prefix: str, part: Part) -> Part:
    """A part within a module."""
    return replace(part, prefix=prefix + part.prefix, layer_prefix=prefix + part.layer_prefix)


def projection(weights: tuple[Weight, ...]) -> Part:
    """The tensors between tower and text model."""
    return Part("projector", "projector", Modality.AUDIO, weights, prefix=PROJECTOR)


def text_width(c: Config) -> Num:
    """How wide the text model is."""
    return c.sub("text_config", text=True).int("hidden_size")


def two_matrices(inputs: Num, outputs: Num, *, between: Num | None = None, bias: bool = False) -> tuple[Weight, ...]:
    """A projector of two matrices, `between` wide in the middle."""
    middle = between or outputs
    return linear("linear_1", inputs, middle, Role.PROJECTOR, bias=bias) + linear("linear_2", middle, outputs, Role.PROJECTOR, bias=bias)
