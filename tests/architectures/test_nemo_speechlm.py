"""Nemotron 3.5 Transcribe: Nemotron-H and three encoders under NeMo's names."""

from __future__ import annotations

from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import read, tensors

HEAD = "ctc_timestamp.decoder.decoder_layers.0.weight"
QUERIES_KEYS_VALUES = "perception.encoder.asr_encoder.layers.0.attn.w_qkv.weight"


def test_the_text_model_under_nemos_names() -> None:
    shapes = tensors(read("nemo_speechlm"))
    assert shapes["llm.model.embed_tokens.weight"] == (131_072, 2_688)
    assert shapes["llm.model.layers.0.mixer._fp32_params.A_log"] == (64,)
    assert shapes["llm.model.layers.1.mixer.experts.gate_and_up_projs"] == (128, 2_688, 1_856)
    assert shapes["llm.model.layers.1.mixer.experts.down_projs"] == (128, 1_856, 2_688)
    assert "llm.lm_head.weight" in shapes


def test_every_query_head_of_an_encoder_has_its_own_values() -> None:
    assert tensors(read("nemo_speechlm"))[QUERIES_KEYS_VALUES] == (3 * 1_280, 1_280)
    fewer = read("nemo_speechlm", audio_config={"asr_config": {"num_key_value_heads": 5}})
    assert tensors(fewer)[QUERIES_KEYS_VALUES] == ((10 + 5 + 10) * 128, 1_280)


def test_who_speaks() -> None:
    speakers = {"diarization_config": {"head_config": {"num_speakers": 3}}}
    shapes = tensors(read("nemo_speechlm", audio_config=speakers))
    assert shapes["perception.encoder.diar_norm.weight"] == (3,)
    assert shapes["perception.encoder.diarization_model.sortformer_modules.single_hidden_to_spks.weight"] == (3, 192)
    assert shapes["perception.encoder.diarization_model.sortformer_modules.subpixel_upsample.weight"] == (8 * 192, 192, 3)
    assert "perception.encoder.diarization_model.encoder.layers.0.attn.q_norm.weight" not in shapes


def test_only_the_whole_class_has_heads() -> None:
    assert tensors(read("nemo_speechlm"))[HEAD] == (23_863, 1_280, 1)
    bare = tensors(read("nemo_speechlm", "Nemotron3_5TranscribeModel"))
    assert not {HEAD, "llm.lm_head.weight"} & bare.keys()
    assert "llm.model.norm.weight" in bare


def test_corpus() -> None:
    check_against_corpus("nemo_speechlm")
    check_cache_against_corpus("nemo_speechlm")
