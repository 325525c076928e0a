"""Qwen2.5-Omni and Qwen3-Omni against their transformers classes, and what their talkers are made of."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from specverify.spec import Modality
from tests.architectures.plans import (
    SMALL,
    check_against_corpus,
    check_cache_against_corpus,
    decoder_of,
    rows,
    spec_of,
    total_of,
    windows_of,
)
from tests.architectures.reading import kept, tensors, under

AUDIO: dict[str, Any] = {
    "d_model": 16,
    "encoder_layers": 2,
    "encoder_attention_heads": 2,
    "encoder_ffn_dim": 24,
    "num_mel_bins": 8,
    "output_dim": 32,
    "downsample_hidden_size": 6,
}
VISION: dict[str, Any] = {
    "depth": 2,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_heads": 2,
    "out_hidden_size": 32,
    "patch_size": 4,
    "num_position_embeddings": 9,
    "deepstack_visual_indexes": [1],
}
EXPERTS: dict[str, Any] = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 20}
THINKER: dict[str, Any] = {"audio_config": AUDIO, "vision_config": VISION, "text_config": SMALL}
THINKER_3: dict[str, Any] = {**THINKER, "text_config": {**SMALL, **EXPERTS}}

AUDIO_LAYER = 3 * (16 * 16 + 16) + 16 * 16 + (16 * 24 + 24) + (24 * 16 + 16) + 64
HEARING = (16 * 8 * 3 + 16) + (16 * 16 * 3 + 16) + 2 * 32 + 2 * AUDIO_LAYER + 32 + (16 * 32 + 32)
SEEING = 16 * 3 * 2 * 16 + 2 * (4 * (16 * 16 + 16) + 3 * 16 * 24 + 24 + 24 + 16 + 32) + 16 + (64 * 64 + 64) + (64 * 32 + 32)
BODY = 97 * 32 + 4 * (2 * 32 * 32 + 2 * 32 * 16 + 64 + 3 * 32 * 48 + 64) + 32
HEAD = 97 * 32


@pytest.mark.parametrize(
    ("architecture", "changes", "total"),
    [
        ("Qwen2_5OmniThinkerForConditionalGeneration", {}, HEARING + SEEING + BODY + HEAD),
        ("Qwen2_5OmniThinkerForConditionalGeneration", {"tie_word_embeddings": True}, HEARING + SEEING + BODY),
        ("Qwen2_5OmniThinkerModel", {}, HEARING + SEEING + BODY),
    ],
)
def test_thinker_of_qwen2_5_omni(architecture: str, changes: dict[str, Any], total: int) -> None:
    """The thinker's own flag says whether the head is tied: the text config's is on by default and says nothing."""
    assert total_of({"model_type": "qwen2_5_omni_thinker", "architectures": [architecture], **THINKER, **changes}) == total


def test_names_of_the_thinkers() -> None:
    """The layout of the published models: `thinker.` before all, the tower's q, k and v apart in Qwen2.5-Omni alone."""
    old = tensors(spec_of({"model_type": "qwen2_5_omni", "thinker_config": THINKER, "enable_audio_output": False}))
    assert old["thinker.audio_tower.audio_bos_eos_token.weight"] == (2, 32)
    assert old["thinker.visual.blocks.1.attn.k.bias"] == (16,)
    assert old["thinker.visual.merger.mlp.2.weight"] == (32, 64)
    assert old["thinker.model.layers.3.self_attn.k_proj.bias"] == (16,)
    assert old["thinker.lm_head.weight"] == (97, 32)
    new = tensors(spec_of({"model_type": "qwen3_omni_moe", "thinker_config": THINKER_3, "enable_audio_output": False}))
    assert new["thinker.audio_tower.conv_out.weight"] == (16, 6)
    assert new["thinker.visual.blocks.1.attn.qkv.weight"] == (48, 16)
    assert new["thinker.visual.merger.ln_q.weight"] == (16,)
    assert new["thinker.visual.merger_list.0.ln_q.weight"] == (64,)
    assert new["thinker.model.layers.0.mlp.experts.3.down_proj.weight"] == (32, 20)


TALKER: dict[str, Any] = {
    **SMALL,
    "embedding_size": 24,
    "head_dim": 8,
    "use_sliding_window": True,
    "sliding_window": 8,
    "max_window_layers": 3,
}
DIT: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "head_dim": 6,
    "ff_mult": 3,
    "emb_dim": 5,
    "mel_dim": 4,
    "num_embeds": 10,
    "enc_dim": 3,
    "enc_emb_dim": 7,
    "enc_channels": [8, 8, 12],
    "enc_kernel_sizes": [5, 3, 1],
    "enc_dilations": [1, 2, 1],
    "enc_attention_channels": 6,
    "enc_res2net_scale": 4,
    "enc_se_channels": 2,
}
GAN: dict[str, Any] = {
    "mel_dim": 4,
    "upsample_initial_channel": 16,
    "resblock_kernel_sizes": [3],
    "resblock_dilation_sizes": [[1, 3, 5]],
    "upsample_rates": [5, 2],
    "upsample_kernel_sizes": [11, 4],
}
OMNI: dict[str, Any] = {
    "model_type": "qwen2_5_omni",
    "thinker_config": THINKER,
    "talker_config": TALKER,
    "token2wav_config": {"dit_config": DIT, "bigvgan_config": GAN},
}


def part_total(config: dict[str, Any], prefix: str) -> int:
    """Elements of all tensors under a prefix."""
    total = 0
    for shape in under(spec_of(config), prefix).values():
        size = 1
        for side in shape:
            size *= side
        total += size
    return total


def test_talker_of_qwen2_5_omni() -> None:
    """It embeds codes as wide as the thinker; what it slides over and keeps is no part of the text's cache."""
    names = under(spec_of(OMNI), "talker.")
    assert names["model.embed_tokens.weight"] == (97, 24)
    assert names["thinker_to_talker_proj.weight"] == (32, 24)
    assert names["codec_head.weight"] == (97, 32)
    assert part_total(OMNI, "talker.") == BODY - 97 * 32 + 97 * 24 + (24 * 32 + 32) + HEAD
    assert windows_of(OMNI) == [None] * 4
    assert kept(spec_of(OMNI), 100) == kept(spec_of({**THINKER, "model_type": "qwen2_5_omni_thinker"}), 100) == (100 * 4 * 64, 0)


def test_wave_of_qwen2_5_omni() -> None:
    """A diffusion transformer that is told the speaker, and BigVGAN: two stages, 16 channels halved twice."""
    speaker = (4 * 8 * 5 + 8) + (64 + 8) + 3 * (2 * 2 * 3 + 2) + (64 + 8) + (8 * 2 + 2 + 2 * 8 + 8)
    pooled = (12 * 12 + 12) + (36 * 6 + 6) + (6 * 12 + 12) + (24 * 3 + 3)
    layer = (16 * 96 + 96) + 3 * (16 * 12 + 12) + (12 * 16 + 16) + (16 * 48 + 48) + (48 * 16 + 16)
    outside = (256 * 16 + 16) + (16 * 16 + 16) + 11 * 5 + (19 * 16 + 16) + (16 * 32 + 32) + (16 * 4 + 4)
    assert part_total(OMNI, "token2wav.code2wav_dit_model.") == speaker + pooled + 2 * layer + outside
    first = (16 * 8 * 11 + 8) + 6 * (8 * 8 * 3 + 8) + 6 * 16
    second = (8 * 4 * 4 + 4) + 6 * (4 * 4 * 3 + 4) + 6 * 8
    assert part_total(OMNI, "token2wav.code2wav_bigvgan_model.") == (4 * 16 * 7 + 16) + first + second + 8 + 4 * 7


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("dit_config", {"enc_res2net_scale": 2**40}),
        ("dit_config", {"enc_channels": []}),
        ("bigvgan_config", {"resblock_kernel_sizes": [3] * 5_000, "resblock_dilation_sizes": [[1, 3, 5]] * 5_000}),
    ],
)
def test_a_vocoder_of_implausible_stages_is_unknown(part: str, changes: dict[str, Any]) -> None:
    """It is said, and costs no time."""
    wave = {"dit_config": DIT, "bigvgan_config": GAN}
    spec = spec_of({**OMNI, "token2wav_config": {**wave, part: {**wave[part], **changes}}})
    assert [problem.pointer for problem in spec.problems] == [f"/token2wav_config/{part}/{next(iter(changes))}"]
    found = counts(spec)
    assert found is not None
    assert found.total.value is None


OMNI_3: dict[str, Any] = {
    "model_type": "qwen3_omni_moe",
    "thinker_config": THINKER_3,
    "talker_config": {
        "thinker_hidden_size": 32,
        "text_config": {**SMALL, **EXPERTS, "shared_expert_intermediate_size": 12},
        "code_predictor_config": {**SMALL, "num_code_groups": 3, "head_dim": 8},
    },
    "code2wav_config": {
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "codebook_size": 11,
        "num_quantizers": 3,
        "upsampling_ratios": [2],
        "upsample_rates": [4, 3],
        "decoder_dim": 12,
    },
}


def test_talker_of_qwen3_omni() -> None:
    """Mixtures beside a gated shared expert; two codes of a frame are predicted after the first, each with its tables."""
    names = under(spec_of(OMNI_3), "talker.")
    assert names["model.codec_embedding.weight"] == names["codec_head.weight"] == (97, 32)
    assert names["model.layers.3.mlp.shared_expert.down_proj.weight"] == (32, 12)
    assert names["hidden_projection.linear_fc2.weight"] == (32, 48)
    assert names["code_predictor.model.codec_embedding.1.weight"] == names["code_predictor.lm_head.1.weight"] == (97, 32)
    assert "code_predictor.lm_head.2.weight" not in names
    layer = 2 * 32 * 32 + 2 * 32 * 16 + 16 + 64
    mixture = 4 * 32 + 4 * 3 * 32 * 20 + 3 * 32 * 12 + 32
    resizing = 2 * (32 * 48 + 48 + 48 * 32 + 32)
    predictor = 4 * (layer + 3 * 32 * 48) + 32 + 2 * 2 * HEAD
    assert part_total(OMNI_3, "talker.") == 2 * HEAD + 32 + 4 * (layer + mixture) + resizing + predictor
    tied = {**OMNI_3, "talker_config": {**OMNI_3["talker_config"], "tie_word_embeddings": True}}
    assert part_total(tied, "talker.") == part_total(OMNI_3, "talker.") - HEAD


def test_wave_of_qwen3_omni() -> None:
    """A causal transformer with scales, and convolutions that stretch a frame 2 x 4 x 3 times."""
    layer = 2 * 16 * 16 + 2 * 16 * 8 + 3 * 16 * 24 + 4 * 16
    stretched = (16 * 16 * 2 + 16) + (16 * 7 + 16) + 32 + (16 * 64 + 64) + (64 * 16 + 16) + 16
    first = 24 + (12 * 6 * 8 + 6) + 3 * (12 + (6 * 6 * 7 + 6) + 12 + (36 + 6))
    second = 12 + (6 * 3 * 6 + 3) + 3 * (6 + (3 * 3 * 7 + 3) + 6 + (9 + 3))
    decoder = (16 * 12 * 7 + 12) + first + second + 6 + (3 * 7 + 1)
    assert part_total(OMNI_3, "code2wav.") == 33 * 16 + 2 * layer + 16 + stretched + decoder


def test_what_thinks_is_the_text_model() -> None:
    """Sizes and plan are the thinker's; what speaks is beside it, and is not there unless it is asked for."""
    spec = spec_of(OMNI_3)
    assert (spec.value("hidden_size"), spec.value("num_experts"), spec.value("modality_interface")) == (32, 4, "encoder + projector")
    assert decoder_of(OMNI_3).modality is Modality.TEXT
    silent = {**OMNI_3, "enable_audio_output": False}
    assert [part.name for part in spec_of(silent).parts] == ["decoder", "vision tower", "projector", "audio tower"]
    assert total_of(silent) == part_total(OMNI_3, "thinker.")


def test_corpus() -> None:
    """Every class the corpus has of these types; what a token touches of Qwen3-Omni's talker is left open there."""
    check_against_corpus("qwen2_5_omni", "qwen2_5_omni_thinker", "qwen3_omni_moe_thinker")
    for row in rows("qwen3_omni_moe"):
        assert total_of({**row["config"], "architectures": [row["architecture"]]}) == row["total"], row["id"]


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("qwen2_5_omni_thinker", "qwen3_omni_moe_thinker")
