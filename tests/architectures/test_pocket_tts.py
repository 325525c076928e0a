"""Pocket TTS and Phonon: latents in and out, a flow behind the decoder."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import kept, read, tensors


def test_latents_enter_without_codebooks() -> None:
    shapes = tensors(read("pocket_tts", latent_dim=16, flow_head_config={"latent_dim": 16}))
    assert shapes["model.audio_latent_proj.weight"] == (1_024, 16)
    assert shapes["flow_head.final_layer.proj.weight"] == (16, 512)
    assert shapes["eos_head.weight"] == (1, 1_024)


def test_a_drifting_flow_has_no_times() -> None:
    assert "flow_head.timestep_embeddings.1.fc1.weight" in tensors(read("pocket_tts"))
    drifting = tensors(read("pocket_tts", flow_head_config={"flow_type": "drifting"}))
    assert not any("timestep_embeddings" in name for name in drifting)


def test_phonon_is_published_under_names_of_its_own() -> None:
    shapes = tensors(read("gradium_phonon_tts"))
    assert shapes["flow_lm.transformer.layers.0.self_attn.in_proj.weight"] == (3 * 768, 768)
    assert shapes["flow_lm.condition_provider.conditioners.speaker_wavs.output_proj.weight"] == (768, 512)
    assert shapes["flow_lm.flow_net.time_embed.1.mlp.3.alpha"] == (512,)
    assert shapes["flow_lm.flow_net.res_blocks.5.in_ln.bias"] == (512,)
    assert shapes["flow_lm.flow_net.final_layer.adaLN_modulation.1.weight"] == (1_024, 512)


def test_the_flow_keeps_nothing() -> None:
    assert kept(read("pocket_tts"), 10) == (6 * 2 * 1_024 * 10 * 2, 0)


def test_corpus() -> None:
    check_against_corpus("pocket_tts", "gradium_phonon_tts")
    check_cache_against_corpus("pocket_tts", "gradium_phonon_tts")
