"""Pocket TTS and Gradium's Phonon: a decoder over text and latents of audio, and a flow that makes the next latent of its output."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.audio import repeated
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, head_kind, layer_groups, layer_norms
from specverify.architectures.published import Names, republished
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight

RECIPE = Recipe(norm="layer")
CONDITION = "flow_lm.condition_provider.conditioners."

GRADIUM: Names = (
    ("model.layers.", "flow_lm.transformer.layers."),
    ("model.embed_tokens.", f"{CONDITION}transcript_in_segment.embed."),
    ("model.audio_prompt_proj.", f"{CONDITION}speaker_wavs.output_proj."),
    ("model.num_speakers_embed.", f"{CONDITION}num_speakers.embed."),
    ("model.num_speakers_proj.", f"{CONDITION}num_speakers.output_proj."),
    ("model.duration_delta_proj.", f"{CONDITION}duration_delta.output_proj."),
    ("model.audio_latent_proj.", "flow_lm.input_linear."),
    ("model.bos_latent", "flow_lm.bos_emb"),
    ("model.norm.", "flow_lm.out_norm."),
    ("eos_head.", "flow_lm.out_eos."),
    ("latent_mean", "flow_lm.emb_mean"),
    ("latent_std", "flow_lm.emb_std"),
)
GRADIUM_FLOW: Names = (
    ("flow_head.timestep_embeddings.", "flow_lm.flow_net.time_embed."),
    ("flow_head.layers.", "flow_lm.flow_net.res_blocks."),
    ("flow_head.cond_proj.", "flow_lm.flow_net.cond_embed."),
    ("flow_head.final_layer.proj.", "flow_lm.flow_net.final_layer.linear."),
    ("flow_head.", "flow_lm.flow_net."),
    (r"(time_embed\.\d+)\.norm\.weight", r"\1.mlp.3.alpha"),
    (r"(res_blocks\.\d+)\.norm\.", r"\1.in_ln."),
    ("fc1.", "mlp.0."),
    ("fc2.", "mlp.2."),
    ("adaln_proj.", "adaLN_modulation.1."),
)
GRADIUM_LAYERS: Names = (
    ("mlp.fc1", "linear1"),
    ("mlp.fc2", "linear2"),
    ("input_layernorm", "norm1"),
    ("post_attention_layernorm", "norm2"),
)
"""What the checkpoint that Gradium's runtime reads calls the tensors of this model."""


@family("pocket_tts", source="transformers PocketTTSForConditionalGeneration; https://arxiv.org/abs/2509.06926")
def pocket_tts(c: Config) -> Model:
    """Pocket TTS: a plain pre-norm decoder that latents enter and leave as they are, without codebooks; the codec is a file of its own."""
    bare = head_kind(c.architecture) == "none"
    prefix = "" if bare else "model."
    return Model((_decoder(c, prefix, c.int("latent_dim")), *(() if bare else (_heads(c),))), c, RECIPE, interface="unified")


@family("gradium_phonon_tts", source="transformers GradiumPhononTTSForConditionalGeneration; https://huggingface.co/gradium")
def gradium_phonon_tts(c: Config) -> Model:
    """Phonon: Pocket TTS told how many speak and how fast, its queries, keys and values in one tensor."""
    hidden, speakers = c.int("hidden_size"), c.int("num_speakers_embedding_dim")
    more = (
        Weight("num_speakers_embed.weight", (c.int("num_speakers_vocab_size"), speakers), Role.EMBEDDING),
        *linear("num_speakers_proj", speakers, hidden, Role.PROJECTOR),
        *linear("duration_delta_proj", c.int("duration_delta_embedding_dim"), hidden, Role.PROJECTOR),
    )
    decoder = republished(_decoder(c, "model.", c.int("audio_prompt_dim"), more, fused="in_proj"), GRADIUM, GRADIUM_LAYERS)
    if head_kind(c.architecture) == "none":
        return Model((decoder,), c, RECIPE, interface="unified")
    return Model((decoder, republished(_heads(c), (*GRADIUM, *GRADIUM_FLOW), ())), c, RECIPE, interface="unified")


def _decoder(c: Config, prefix: str, prompt: Num, more: tuple[Weight, ...] = (), *, fused: str | None = None) -> Part:
    """The decoder, with what puts text, a latent of width `latent_dim` and a voice of width `prompt` into its own."""
    hidden, latent, bias = c.int("hidden_size"), c.int("latent_dim"), c.flag("attention_bias")
    weights = (
        Weight("embed_tokens.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING),
        *norm("norm", hidden, bias=True),
        *linear("audio_prompt_proj", prompt, hidden, Role.PROJECTOR),
        *linear("audio_latent_proj", latent, hidden, Role.PROJECTOR),
        Weight("bos_latent", (latent,), Role.EMBEDDING),
        *more,
    )
    dim = c.int("head_dim") if c.raw.get("head_dim") else hidden // c.int("num_attention_heads")
    names = ("q_proj", "k_proj", "v_proj", "o_proj" if fused is None else "out_proj")
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: gqa(c, dim=dim, bias=bias, o_bias=bias, fused=fused, names=names),
        feed_forward=lambda c, kind: plain(c, prefix="mlp.", bias=False),
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=True),
    )
    return Part("decoder", "decoder", Modality.TEXT, weights, groups, prefix, f"{prefix}layers.{{layer}}.")


def _heads(c: Config) -> Part:
    """What says that speech ends, the flow, and what only training needs but the class always has."""
    latent, one = c.int("latent_dim"), Num(1)
    flow = c.sub("flow_head_config")
    outputs = (
        *linear("eos_head", c.int("hidden_size"), one, Role.HEAD, bias=True),
        Weight("latent_mean", (latent,), Role.HEAD, buffer=True),
        Weight("latent_std", (latent,), Role.HEAD, buffer=True),
        Weight("latent_stats_num_updates", (), Role.HEAD, buffer=True),
    )
    width = flow.int("loss_weighting_hidden_size")
    weights = repeated(
        flow.layers("loss_weighting_num_layers"),
        lambda index: linear(f"layers.{index}", width if index else num.const(2, "start and end"), width, Role.HEAD, bias=True),
    )
    training = prefixed("loss_weighting.", (*weights, *linear("proj", width, one, Role.HEAD, bias=True)))
    return Part("flow", "tower", Modality.AUDIO, (*outputs, *prefixed("flow_head.", _flow(flow)), *training))


def _flow(c: Config) -> tuple[Weight, ...]:
    """An MLP from noise to a latent, each layer scaled and shifted by the decoder's output and the two times of a step."""
    hidden, latent, frequencies = c.int("hidden_size"), c.int("latent_dim"), c.int("frequency_embedding_size")
    weights = (
        *linear("input_proj", latent, hidden, Role.HEAD, bias=True),
        *linear("cond_proj", c.int("condition_dim"), hidden, Role.HEAD, bias=True),
        *linear("final_layer.adaln_proj", hidden, hidden * 2, Role.HEAD, bias=True),
        *linear("final_layer.proj", hidden, latent, Role.HEAD, bias=True),
    )
    time = (
        Weight("freqs", (frequencies // 2,), Role.HEAD, buffer=True),
        *linear("fc1", frequencies, hidden, Role.HEAD, bias=True),
        *linear("fc2", hidden, hidden, Role.HEAD, bias=True),
        *norm("norm", hidden),
    )
    layer = (
        *norm("norm", hidden, bias=True),
        *linear("fc1", hidden, hidden, Role.HEAD, bias=True),
        *linear("fc2", hidden, hidden, Role.HEAD, bias=True),
        *linear("adaln_proj", hidden, hidden * 3, Role.HEAD, bias=True),
    )
    times = num.const(2 if c.text("flow_type") == "lsd" else 0, "times of a step")
    return (
        *weights,
        *repeated(times, lambda index: prefixed(f"timestep_embeddings.{index}.", time)),
        *repeated(c.layers(), lambda index: prefixed(f"layers.{index}.", layer)),
    )
