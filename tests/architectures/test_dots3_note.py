"""dots 3 Note against its transformers classes: kinds of layers with sizes of their own, what they keep, the towers."""

from __future__ import annotations

from typing import Any

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus, reserved_of, spec_of, total_of
from tests.architectures.reading import under

TEXT: dict[str, Any] = {
    "model_type": "dots3_note_text",
    "architectures": ["Dots3NoteForCausalLM"],
    "vocab_size": 70,
    "hidden_size": 16,
    "intermediate_size": 28,
    "moe_intermediate_size": 12,
    "shared_experts_intermediate_size": 20,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "kv_lora_rank": 6,
    "q_lora_rank": 5,
    "qk_rope_head_dim": 2,
    "qk_nope_head_dim": 8,
    "v_head_dim": 8,
    "n_routed_experts": 4,
    "index_n_heads": 2,
    "index_head_dim": 4,
    "sliding_window": 8,
    "swa_num_attention_heads": 2,
    "swa_q_lora_rank": 3,
    "swa_kv_lora_rank": 10,
    "swa_head_dim": 12,
    "swa_qk_nope_head_dim": 8,
    "swa_v_head_dim": 6,
}


def layers(config: dict[str, Any]) -> list[dict[str, tuple[int, ...]]]:
    return [under(spec_of(config), f"model.layers.{index}.") for index in range(4)]


def test_kinds_of_layers() -> None:
    """Two in front see what an indexer picks; the next two slide, with two heads of 8 + 4 and latents of 10."""
    found = layers(TEXT)
    assert ["self_attn.indexer.wk.weight" in layer for layer in found] == [True, True, False, False]
    assert found[0]["self_attn.g_proj.weight"] == (4, 16)
    assert found[2]["self_attn.g_proj.weight"] == (2, 16)
    assert found[2]["self_attn.kv_a_proj_with_mqa.weight"] == (14, 16)
    assert found[2]["self_attn.q_b_proj.weight"] == (24, 3)
    assert found[2]["self_attn.o_proj.weight"] == (16, 12)
    assert found[3]["self_attn.k_rope_only_layernorm.weight"] == (4,)
    assert ["mlp.gate.weight" in layer for layer in found] == [False, True, True, True]
    assert found[1]["mlp.shared_experts.up_proj.weight"] == (20, 16)


def test_sizes_by_layer() -> None:
    """transformers writes what sliding layers have as `per_layer_config`; the rotary size is then that of all."""
    bare = {key: value for key, value in TEXT.items() if not key.startswith("swa_")}
    sizes = {"num_attention_heads": 2, "q_lora_rank": 3, "kv_lora_rank": 10, "qk_rope_head_dim": 4, "v_head_dim": 6}
    kinds = ["indexed_attention"] * 2 + ["sliding_attention"] * 2
    written = {**bare, "layer_types": kinds, "per_layer_config": {"2": sizes, "03": sizes}}
    assert layers(written) == layers(TEXT)


def test_without_an_indexer_or_windows() -> None:
    assert not any("self_attn.indexer.wk.weight" in layer for layer in layers({**TEXT, "use_dsa": False}))
    everywhere = layers({**TEXT, "use_sliding_window": False})
    assert all("self_attn.indexer.wk.weight" in layer for layer in everywhere)
    stated = {**TEXT, "layer_types": ["full_attention"] * 4}
    assert layers(stated) == everywhere


def test_what_a_sequence_keeps() -> None:
    """Latents of two layers and keys of their indexers in float32; seven latents of two that slide."""
    assert reserved_of(TEXT, 20) == 2 * 20 * ((6 + 2) * 2 + 4 * 4) + 2 * 7 * (10 + 4) * 2


def test_tied() -> None:
    assert total_of({**TEXT, "tie_word_embeddings": True}) == (total_of(TEXT) or 0) - 70 * 16


def test_corpus() -> None:
    check_against_corpus("dots3_note_text", "dots3_note")
    check_cache_against_corpus("dots3_note_text", "dots3_note")


VISION: dict[str, Any] = {
    "hidden_size": 24,
    "intermediate_size": 20,
    "moe_intermediate_size": 12,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "patch_size": 4,
    "adapter_in_dim": 24,
    "adapter_out_dim": 16,
    "pyramid_num_routed": [-1, 2, 4],
}
AUDIO: dict[str, Any] = {
    "hidden_size": 24,
    "num_attention_heads": 2,
    "intermediate_size": 20,
    "num_hidden_layers": 1,
    "feature_size": 12,
    "downsample_hidden_size": 6,
    "adapter_input_size": 24,
    "adapter_out_dim": 16,
}
NOTE: dict[str, Any] = {
    "model_type": "dots3_note",
    "architectures": ["Dots3NoteForConditionalGeneration"],
    "text_config": {**TEXT, "architectures": None},
    "vision_config": VISION,
    "audio_config": AUDIO,
}
BLOCK = 4 * 24 * 24 + 2 * 12 + 2 * 24
SEEING = (24 * 48 + 24) + 2 * 24 + 3 * BLOCK + 3 * 24 * 20 + (2 + 4) * (3 * 24 * 12 + 24) + 48 + (96 * 96 + 96) + (96 * 16 + 16)
HEARING = (6 * 9 + 6) + 2 * (36 * 9 + 6) + 12 * 24 + (4 * 24 * 24 + 3 * 24) + (3 * 24 * 20 + 40 + 24) + 2 * 24 + 24
ADAPTER = 48 + (24 * 16 + 16) + (16 * 16 + 16)


def test_composite() -> None:
    """A dense layer of the image tower and mixtures of two and four; twelve bands are two after three halvings."""
    assert total_of(NOTE) == (total_of(TEXT) or 0) + SEEING + HEARING + ADAPTER
    found = under(spec_of(NOTE), "vision_encoder.blocks.")
    assert [found.get(f"{index}.mlp.gate_weight") for index in range(3)] == [None, (2, 24), (4, 24)]
    assert total_of({**NOTE, "architectures": ["Dots3NoteForCausalLM"]}) == total_of(TEXT)


def test_experts_by_layer() -> None:
    """transformers writes the kinds and, where it differs, how many experts there are."""
    bare = {key: value for key, value in VISION.items() if key != "pyramid_num_routed"}
    listed = {
        "mlp_layer_types": ["dense", "sparse", "sparse"],
        "num_local_experts": 4,
        "per_layer_config": {"01": {"num_local_experts": 2}},
    }
    assert total_of({**NOTE, "vision_config": {**bare, **listed}}) == total_of(NOTE)


def test_keys_of_whisper() -> None:
    names = {"hidden_size": "d_model", "num_attention_heads": "encoder_attention_heads", "feature_size": "num_mel_bins"}
    nested = {name: AUDIO[key] for key, name in names.items()}
    own = {key: value for key, value in AUDIO.items() if key not in names}
    assert total_of({**NOTE, "audio_config": {**own, "whisper_config": nested}}) == total_of(NOTE)
