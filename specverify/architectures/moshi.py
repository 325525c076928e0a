"""Moshi and the speech recognition on its backbone: a decoder over a text token and codes of Mimi at every step."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.audio import repeated
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import PRE_NORM, Model, decoder, layer_groups
from specverify.architectures.registry import family
from specverify.architectures.tower_mimi import mimi
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, LayerGroup, Mixer, Modality, Part, Role, Weight

PROJECTIONS = ("q_proj.linear", "k_proj.linear", "v_proj.linear", "o_proj.linear")


@family("moshi", source="transformers MoshiForConditionalGeneration; https://arxiv.org/abs/2410.00037")
def moshi(c: Config) -> Model:
    """Moshi: text and two voices of `num_codebooks` codes, summed into one token a frame; `ForCausalLM` is the text decoder alone.

    The depth decoder has every matrix once for each codebook; its cache lasts for one frame and is not the sequence's.
    """
    c.mark("tie_word_embeddings")
    vocabulary, name = c.int("vocab_size"), c.architecture or "ForConditionalGeneration"
    own = decoder(c, mixer=_attention, feed_forward=_feed_forward, embedding_rows=vocabulary + 1, tied=False, interface="unified")
    if not name.endswith("ForConditionalGeneration"):
        return own
    codec, codebooks, codes = c.sub("audio_encoder_config"), c.int("num_codebooks"), _audio_vocabulary(c)
    part = own.parts[0]
    tables = _tables("embed_tokens", codebooks * 2, codes + 1, c.int("hidden_size"))
    part = replace(
        part,
        weights=(*prefixed("decoder.", part.weights), *tables),
        layer_prefix=f"decoder.{part.layer_prefix}",
    )
    return replace(own, parts=(part, _depth_decoder(c, codes), mimi(codec, "audio_encoder.")))


@family(
    "kyutai_speech_to_text", source="transformers KyutaiSpeechToTextForConditionalGeneration; https://huggingface.co/kyutai/stt-2.6b-en"
)
def kyutai_speech_to_text(c: Config) -> Model:
    """Kyutai's speech recognition: Moshi's decoder with one table for text and the codes of all codebooks, and Mimi in front of it."""
    rows = c.int("vocab_size") + c.int("num_codebooks") * c.int("codebook_vocab_size") + 1
    model = decoder(
        c,
        mixer=_attention,
        feed_forward=_feed_forward,
        embedding="embed_tokens.embed_tokens",
        embedding_rows=rows,
        interface="unified",
    )
    if (c.architecture or "").endswith("Model"):
        return model
    return replace(model, parts=(*model.parts, mimi(c.sub("codec_config"), "codec_model.")))


def _attention(c: Config, kind: str) -> Attention:
    return gqa(c, names=PROJECTIONS, window=c.optional("sliding_window"))


def _feed_forward(c: Config, kind: str) -> FeedForward:
    """A gated one; `ffn_dim` is the width of both halves together."""
    return glu(c, intermediate=c.int("ffn_dim") // 2, fused="fc1", names=("", "", "fc2"))


def _audio_vocabulary(c: Config) -> Num:
    """Codes of one codebook: the codec's where the config does not say, and none is known where it has no codec either."""
    if c.raw.get("audio_vocab_size") is not None:
        return c.int("audio_vocab_size")
    if isinstance(c.raw.get("audio_encoder_config"), dict):
        return c.sub("audio_encoder_config").int("codebook_size")
    return num.unknown("neither `audio_vocab_size` nor `audio_encoder_config` is stated")


def _depth_decoder(c: Config, codes: Num) -> Part:
    """The decoder over the codebooks of one frame; a config of its own leaves vocabularies and widths of its input to the root."""
    own = c.sub("depth_decoder_config")
    root = c if isinstance(c.raw.get("depth_decoder_config"), dict) else None
    for key in ("num_codebooks", "vocab_size", "audio_vocab_size", "input_size"):
        own.mark(key)
    codebooks, hidden = (root or own).int("num_codebooks"), own.int("hidden_size")
    inputs = own.int("input_size") if root is None else root.int("hidden_size")
    codes = own.int("audio_vocab_size") if root is None else codes
    weights = (
        Weight("text_embed_tokens.weight", ((root or own).int("vocab_size") + 1, hidden), Role.EMBEDDING),
        *_tables("embed_tokens", codebooks - 1, codes + 1, hidden),
        Weight("input_projections.weight", (codebooks, hidden, inputs), Role.PROJECTOR),
        Weight("lm_heads.weight", (codebooks, codes, hidden), Role.HEAD),
    )
    groups = layer_groups(own, own.layers(), mixer=_unrotated, feed_forward=_feed_forward, norms=PRE_NORM)
    groups = tuple(_for_each(codebooks, group) for group in groups)
    return Part("depth decoder", "tower", Modality.AUDIO, weights, groups, "depth_decoder.", "depth_decoder.layers.{layer}.")


def _unrotated(c: Config, kind: str) -> Mixer:
    return replace(_attention(c, kind), rotary=False)


def _for_each(codebooks: Num, group: LayerGroup) -> LayerGroup:
    """The layer with its matrices once for each codebook, in one tensor."""

    def stacked(weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return tuple(replace(weight, shape=(codebooks, *weight.shape)) for weight in weights)

    mixers = tuple(replace(mixer, weights=stacked(mixer.weights)) for mixer in group.mixers)
    block = group.feed_forward
    return replace(group, mixers=mixers, feed_forward=None if block is None else replace(block, weights=stacked(block.weights)))


def _tables(name: str, count: Num, rows: Num, hidden: Num) -> tuple[Weight, ...]:
    """A table of embeddings for each codebook."""
    return repeated(count, lambda index: (Weight(f"{name}.{index}.weight", (rows, hidden), Role.EMBEDDING),))
