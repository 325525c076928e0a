"""Nemotron 3.5 Transcribe: Nemotron-H behind an encoder of speech and one that tells who speaks, under the names NeMo exports."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.audio import convolution, transposed_convolution
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, head_kind, layer_groups, layer_norms
from specverify.architectures.nemotron import nemotron_h
from specverify.architectures.published import Names, republished
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import LayerGroup, Mixer, Modality, Part, Role, Weight

ENCODER = "perception.encoder."
SPEAKERS = f"{ENCODER}diarization_model."
TIMESTAMPS = "ctc_timestamp.decoder."

LLM: Names = (
    (r"^(backbone\.)?embeddings\.", "llm.model.embed_tokens."),
    (r"^(backbone\.)?norm_f\.", "llm.model.norm."),
    (r"^(backbone\.)?layers\.", "llm.model.layers."),
    (r"^lm_head\.", "llm.lm_head."),
)
LLM_LAYERS: Names = ((r"mixer\.(A_log|D|dt_bias)$", r"mixer._fp32_params.\1"),)


@family("nemo_speechlm", source="transformers Nemotron3_5TranscribeForConditionalGeneration; NVIDIA NeMo")
def nemo_speechlm(c: Config) -> Model:
    """Nemotron 3.5 Transcribe: who speaks is added to what is heard; a small head over the encoder says when each word was.

    The checkpoint's next-token-prediction layers, which the class passes over, are not listed.
    """
    audio, stamps, text = c.sub("audio_config"), c.sub("word_timestamp_config"), c.sub("text_config", text=True)
    heard, bare = audio.sub("asr_config"), head_kind(c.architecture) == "none"
    model = nemotron_h(text)
    decoder = republished(model.parts[0], LLM, LLM_LAYERS)
    decoder = replace(decoder, layers=tuple(_stacked(group) for group in decoder.layers))
    hidden = heard.int("hidden_size")
    speakers = audio.sub("diarization_config")
    projector = (
        *norm(f"{ENCODER}asr_norm", hidden, bias=True),
        *norm(f"{ENCODER}diar_norm", speakers.sub("head_config").int("num_speakers"), bias=True),
        *linear("perception.proj", hidden, text.int("hidden_size"), Role.PROJECTOR, bias=True),
    )
    parts = (
        decoder,
        _transformer(heard, "speech encoder", f"{ENCODER}asr_encoder.", _framed(heard), normed=True),
        *_diarization(speakers),
        Part("projector", "projector", Modality.AUDIO, projector),
        _timestamps(stamps, headless=bare),
    )
    return replace(model, parts=parts, interface="encoder + projector")


def _stacked(group: LayerGroup) -> LayerGroup:
    """The experts of a layer in one tensor, inputs before outputs."""
    block = group.feed_forward
    if block is None or block.experts is None:
        return group
    names = {"up_proj": "gate_and_up_projs", "down_proj": "down_projs"}

    def stacked(weight: Weight) -> Weight:
        if weight.copies is None:
            return weight
        own, _, matrix = weight.name.removesuffix(".weight").partition("{expert}.")
        return replace(weight, name=own + names[matrix], shape=weight.shape[::-1])

    return replace(group, feed_forward=replace(block, weights=tuple(map(stacked, block.weights))))


def _transformer(c: Config, name: str, prefix: str, outside: tuple[Weight, ...], *, normed: bool) -> Part:
    """Pre-norm layers with rotary positions between two norms; `normed`: queries and keys are. Every query head has its own values."""
    hidden = c.int("hidden_size")

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(c, prefix="attn.", causal=False, cached=False)
        heads, dim = own.num_attention_heads, own.head_dim
        weights = (
            *linear("attn.w_qkv", hidden, (heads * 2 + own.num_key_value_heads) * dim, Role.ATTENTION),
            *linear("attn.out_proj", heads * dim, hidden, Role.ATTENTION, bias=True),
        )
        norms = (*norm("attn.q_norm", dim, bias=True), *norm("attn.k_norm", dim, bias=True)) if normed else ()
        return replace(own, weights=(*weights, *norms))

    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixer,
        feed_forward=lambda c, kind: plain(c, prefix="ffn.net.", names=("0", "3")),
        norms=layer_norms("norm1", "norm2", bias=True),
    )
    weights = (*outside, *norm("embed_norm", hidden, bias=True), *norm("final_norm", hidden, bias=True))
    return Part(name, "tower", Modality.AUDIO, weights, groups, prefix, f"{prefix}layers.{{layer}}.")


def _framed(c: Config) -> tuple[Weight, ...]:
    """As many mel frames side by side as one token stands for."""
    return linear("pre_encode.proj", c.int("subsampling_factor") * c.int("num_mel_bins"), c.int("hidden_size"), Role.EMBEDDING)


def _diarization(c: Config) -> tuple[Part, ...]:
    """Sortformer (arXiv:2409.06656): an encoder of its own, drawn out again to the frames of the spectrogram."""
    audio, head = c.sub("audio_config"), c.sub("head_config")
    inputs, hidden = head.int("audio_hidden_size"), head.int("hidden_size")
    weights = (
        *linear("encoder_proj", inputs, hidden, Role.TOWER, bias=True),
        *convolution("subpixel_upsample", hidden, hidden * head.int("subsampling_factor"), 3),
        *linear("first_hidden_to_hidden", hidden, hidden, Role.TOWER, bias=True),
        *linear("single_hidden_to_spks", hidden, head.int("num_speakers"), Role.TOWER, bias=True),
        Weight("learnable_sil_emb", (audio.int("hidden_size"),), Role.TOWER),
    )
    return (
        _transformer(audio, "speaker encoder", f"{SPEAKERS}encoder.", _framed(audio), normed=False),
        Part("speaker head", "tower", Modality.AUDIO, prefixed("sortformer_modules.", weights), prefix=SPEAKERS),
    )


def _timestamps(c: Config, *, headless: bool) -> Part:
    """Layers over frames drawn out `upsampling_factor` times, and a connectionist head over a vocabulary of its own."""
    hidden = c.int("hidden_size")
    outside = transposed_convolution("upsample", hidden, hidden, c.int("upsampling_factor"))
    part = _transformer(c, "word timestamps", f"{TIMESTAMPS}transformer.", (), normed=True)
    head = () if headless else convolution("decoder_layers.0", hidden, c.int("vocab_size"), Num(1))
    whole = (*prefixed("transformer.", part.weights), *outside, *head)
    return replace(part, weights=prefixed(TIMESTAMPS, whole), prefix="")
