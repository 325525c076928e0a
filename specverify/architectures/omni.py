"""Qwen2.5-Omni and Qwen3-Omni: a thinker that reads, sees and hears, and a talker that speaks what it thinks."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import GATE_UP_DOWN, glu
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.keys import Config
from specverify.architectures.model import PRE_NORM, Model, decoder, depth_of, layer_groups
from specverify.architectures.qwen import listed_windows, mixture, normed_mixture, window_kinds, windowed
from specverify.architectures.qwen_vl import VISUAL, square_merger, tower
from specverify.architectures.registry import family
from specverify.architectures.speech import under
from specverify.architectures.vocoders import bigvgan, code_to_wave, diffusion
from specverify.architectures.whisper_encoder import audio_tower, mel_convolutions, omni_encoder, projected
from specverify.frozen import replace
from specverify.spec import LayerGroup, Modality, Part, Role, Weight

THINKER, TALKER = "thinker.", "talker."


@family("qwen2_5_omni_thinker", source="transformers Qwen2_5OmniThinkerForConditionalGeneration; https://arxiv.org/abs/2503.20215")
def qwen2_5_omni_thinker(c: Config) -> Model:
    """The thinker of Qwen2.5-Omni alone."""
    return thinker_2_5(c)


@family("qwen2_5_omni", source="transformers Qwen2_5OmniForConditionalGeneration; https://arxiv.org/abs/2503.20215")
def qwen2_5_omni(c: Config) -> Model:
    """Qwen2.5-Omni: with `enable_audio_output`, a talker of Qwen2's kind, a diffusion transformer and a vocoder."""
    model = thinker_2_5(c.sub("thinker_config", text=True), THINKER)
    if not c.flag("enable_audio_output"):
        return model
    talker, wave = c.sub("talker_config"), c.sub("token2wav_config")
    speaks = (talker_2_5(talker), diffusion(wave.sub("dit_config")), bigvgan(wave.sub("bigvgan_config")))
    return replace(model, parts=(*model.parts, *speaks))


def thinker_2_5(c: Config, within: str = "") -> Model:
    """Qwen2 behind towers that see and hear."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    model = decoder(
        text,
        mixer=windowed(text, bias=True),
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=window_kinds(text, lambda index, limit: index >= limit),
        tied=c.flag("tie_word_embeddings"),
        prefix=f"{within}model.",
        head=f"{within}lm_head",
    )
    hidden = vision.int("hidden_size")
    merger = square_merger(vision, hidden, vision.int("out_hidden_size"), bias=False)
    return perceiving(c, model, within, (seeing_2_5(vision), merger, hearing_2_5(c.sub("audio_config"))))


def seeing_2_5(c: Config) -> Part:
    """Qwen2.5-VL's tower, with q, k and v in tensors of their own."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    return vision_tower(
        c,
        heads=c.int("num_heads"),
        count=c.layers("depth"),
        prefix=VISUAL,
        layers="blocks.{layer}.",
        outside=patch_convolution("patch_embed.proj", hidden, c.int("in_channels"), c.int("temporal_patch_size"), patch, patch, bias=False),
        attention="attn.",
        projections=("q", "k", "v", "proj"),
        feed_forward=GATE_UP_DOWN,
        norms=("norm1", "norm2"),
        norm_bias=False,
    )


def hearing_2_5(c: Config) -> Part:
    """Whisper's layers without stored positions, projected into the text, and a learned mark for where audio begins and ends."""
    hidden, outputs = c.int("hidden_size"), c.int("output_dim")
    marks = Weight("audio_bos_eos_token.weight", (num.const(2, "begin and end"), outputs), Role.TOWER)
    behind = (*norm("ln_post", hidden, bias=True), *linear("proj", hidden, outputs, Role.PROJECTOR, bias=True))
    return audio_tower(c, outside=(*mel_convolutions(c), marks, *behind))


def perceiving(c: Config, model: Model, within: str, parts: tuple[Part, ...]) -> Model:
    """The text model with what it perceives through."""
    placed = (under(within, part) for part in parts)
    return replace(model, parts=(*model.parts, *placed), vision=c.sub("vision_config"), interface="encoder + projector")


def talker_2_5(c: Config) -> Part:
    """Qwen2 over codes: it embeds them as wide as the thinker, and a matrix leads from there to its own width."""
    inputs, hidden, codes = c.int("embedding_size"), c.int("hidden_size"), c.int("vocab_size")
    weights = (
        Weight("model.embed_tokens.weight", (codes, inputs), Role.EMBEDDING),
        *norm("model.norm", hidden),
        *linear("thinker_to_talker_proj", inputs, hidden, Role.PROJECTOR, bias=True),
        *linear("codec_head", hidden, codes, Role.HEAD),
    )
    groups = layer_groups(
        c,
        c.layers(),
        mixer=windowed(c, bias=True),
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=window_kinds(c, lambda index, limit: index >= limit),
        norms=PRE_NORM,
    )
    return speaking("talker", weights, groups, TALKER)


def speaking(name: str, weights: tuple[Weight, ...], groups: tuple[LayerGroup, ...], prefix: str) -> Part:
    """A decoder that speaks: its codes are no text, and its cache is not the text's."""
    return Part(name, "tower", Modality.AUDIO, weights, groups, prefix, f"{prefix}model.layers.{{layer}}.")


@family("qwen3_omni_moe_thinker", source="transformers Qwen3OmniMoeThinkerForConditionalGeneration; https://arxiv.org/abs/2509.17765")
def qwen3_omni_moe_thinker(c: Config) -> Model:
    """The thinker of Qwen3-Omni alone."""
    return thinker_3(c)


@family("qwen3_omni_moe", source="transformers Qwen3OmniMoeForConditionalGeneration; https://arxiv.org/abs/2509.17765")
def qwen3_omni_moe(c: Config) -> Model:
    """Qwen3-Omni: with `enable_audio_output`, a talker with mixtures, a predictor of further codes, and what makes a wave of them."""
    model = thinker_3(c.sub("thinker_config", text=True), THINKER)
    if not c.flag("enable_audio_output"):
        return model
    talker = c.sub("talker_config")
    speaks = (talker_3(talker), code_predictor(talker.sub("code_predictor_config")), code_to_wave(c.sub("code2wav_config")))
    return replace(model, parts=(*model.parts, *speaks))


def thinker_3(c: Config, within: str = "") -> Model:
    """Qwen3-MoE without windows behind Qwen3-VL's tower, its mergers named otherwise, and an audio tower of convolutions."""
    text, vision, audio = c.sub("text_config", text=True), c.sub("vision_config"), c.sub("audio_config")
    model = normed_mixture(text, tied=c.flag("tie_word_embeddings"), prefix=f"{within}model.", head=f"{within}lm_head")
    return perceiving(c, model, within, (tower(vision, VISUAL), mergers(vision), omni_encoder(audio, *projected(audio))))


def mergers(c: Config) -> Part:
    """The merger of Qwen2-VL with LayerNorms, and one more for every entry of `deepstack_visual_indexes`, with a norm over the square."""
    hidden, side = c.int("hidden_size"), c.int("spatial_merge_size")
    first = square_merger(c, hidden, c.int("out_hidden_size"), bias=True)
    square, weights = hidden * side * side, first.weights
    for index, _ in enumerate(c.list("deepstack_visual_indexes", of=int) or ()):
        deep = (
            *norm("ln_q", square, bias=True),
            *linear("mlp.0", square, square, Role.PROJECTOR, bias=True),
            *linear("mlp.2", square, c.int("out_hidden_size"), Role.PROJECTOR, bias=True),
        )
        weights += prefixed(f"merger_list.{index}.", deep)
    return replace(first, weights=weights)


def talker_3(c: Config) -> Part:
    """Qwen3-MoE over codes, every layer a mixture beside a gated shared expert; it reads the thinker's words and its hidden states."""
    text = c.sub("text_config")
    bias, hidden, wide = text.flag("attention_bias"), text.int("hidden_size"), text.int("intermediate_size")
    table = Weight("model.codec_embedding.weight", (text.int("vocab_size"), hidden), Role.EMBEDDING)
    tied = f"{TALKER}{table.name}" if c.flag("tie_word_embeddings") else None
    weights = (table, *norm("model.norm", hidden), Weight("codec_head.weight", table.shape, Role.HEAD, tied_to=tied))
    for name in ("text_projection", "hidden_projection"):
        weights += linear(f"{name}.linear_fc1", c.int("thinker_hidden_size"), wide, Role.PROJECTOR, bias=True)
        weights += linear(f"{name}.linear_fc2", wide, hidden, Role.PROJECTOR, bias=True)
    groups = layer_groups(
        text,
        text.layers(),
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias, qk_norm="per-head"),
        feed_forward=lambda c, kind: mixture(c),
        norms=PRE_NORM,
    )
    return speaking("talker", weights, groups, TALKER)


def code_predictor(c: Config) -> Part:
    """Qwen3 over the codes of one frame: an embedding and a head for each of `num_code_groups` but the first."""
    bias, shape = c.flag("attention_bias"), (c.int("vocab_size"), c.int("hidden_size"))
    groups = layer_groups(
        c,
        c.layers(),
        mixer=windowed(c, bias=bias, o_bias=bias, qk_norm="per-head"),
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=listed_windows(c),
        norms=PRE_NORM,
    )
    prefix = f"{TALKER}code_predictor."
    tables = (
        Weight("model.codec_embedding.{layer}.weight", shape, Role.EMBEDDING),
        Weight("lm_head.{layer}.weight", shape, Role.HEAD),
    )
    codes = c.layers("num_code_groups") - 1
    each = LayerGroup(codes, tuple(range(depth_of(codes))), (), None, tables, prefix=prefix)
    return speaking("code predictor", norm("model.norm", shape[1]), (*groups, each), prefix)
