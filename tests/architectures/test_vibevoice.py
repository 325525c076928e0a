"""VibeVoice: tokenizers of two configs, a text model, and a diffusion head as wide as it."""

from __future__ import annotations

from specverify.derive.parameters import counts
from tests.architectures.plans import check_against_corpus, hub_configs, reserved_of, spec_of
from tests.architectures.reading import kept, read, tensors, under

TEXT = {
    "model_type": "qwen2",
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 97,
}


def test_the_diffusion_head_has_the_widths_of_others() -> None:
    spec = read("vibevoice", text_config=TEXT, audio_config={"hidden_size": 8}, diffusion_head_config={"hidden_size": 5, "latent_size": 5})
    head = under(spec, "model.diffusion_head.")
    assert head["noisy_images_proj.weight"] == (64, 8)
    assert head["layers.3.linear.weight"] == (3 * 64, 64)
    assert head["final_layer.linear_2.weight"] == (8, 64)
    assert spec.problems == ()


def test_tokenizers_double_their_channels() -> None:
    small = {"num_filters": 4, "downsampling_ratios": [2, 5], "depths": [1, 2, 3]}
    codec = under(read("vibevoice", text_config=TEXT, audio_config=small), "model.audio_tower.")
    assert codec["encoder.conv_layers.1.conv.conv.weight"] == (16, 8, 10)
    assert codec["decoder.conv_layers.0.convtr.convtr.weight"] == (16, 8, 10)
    assert codec["decoder.stem.stage.2.mixer.conv.weight"] == (16, 1, 7)
    assert codec["encoder.stem.stage.0.ffn.linear1.weight"] == (16, 4)
    assert "encoder.stem.stage.1.gamma" not in codec


def test_the_text_config_says_what_is_tied() -> None:
    assert "lm_head.weight" in tensors(read("vibevoice", text_config=TEXT))
    assert "lm_head.weight" not in tensors(read("vibevoice", text_config={**TEXT, "tie_word_embeddings": True}))
    assert "language_model.lm_head.weight" in tensors(read("vibevoice_asr", text_config={**TEXT, "tie_word_embeddings": True}))


def test_asr_adds_up_two_encoders() -> None:
    shapes = tensors(read("vibevoice_asr", text_config=TEXT))
    assert shapes["multi_modal_projector.semantic_linear_1.weight"] == (64, 128)
    assert shapes["multi_modal_projector.acoustic_linear_1.weight"] == (64, 64)
    assert kept(read("vibevoice_asr", text_config=TEXT), 10) == (2 * 2 * 2 * 16 * 10 * 2, 0)


def test_configs_of_the_original_code_are_read_for_their_text_model_alone() -> None:
    for _, config in hub_configs("vibevoice"):
        found = counts(spec_of(config))
        assert found is not None
        assert found.total.value is None
        # VibeVoice 1.5B: 28 layers of two KV heads of 128.
        assert reserved_of(config, 10) == 28 * 2 * 2 * 128 * 10 * 2


def test_corpus() -> None:
    check_against_corpus("vibevoice", "vibevoice_asr")
