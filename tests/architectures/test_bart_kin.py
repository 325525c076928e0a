"""BART's further kin: sparse encoders, prompts, experts, tables and positions of their own."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from specverify.spec import Attention, ModelSpec
from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import encoder_attention, kept, read, tensors, total, under

KIN = ("led", "bigbird_pegasus", "pegasus_x", "mvp", "nllb-moe", "fsmt", "trocr")
DECODER = {"d_model": 32, "decoder_layers": 2, "decoder_ffn_dim": 40, "decoder_attention_heads": 4, "max_position_embeddings": 128}
STACKS = {**DECODER, "encoder_layers": 3, "encoder_ffn_dim": 48, "encoder_attention_heads": 2}
SIZES = {**STACKS, "vocab_size": 97}
LED = {**SIZES, "max_encoder_position_embeddings": 128, "max_decoder_position_embeddings": 64, "attention_window": 8}
FSMT = {**STACKS, "src_vocab_size": 97, "tgt_vocab_size": 71}
MOE = {**SIZES, "num_experts": 4, "encoder_sparse_step": 2, "decoder_sparse_step": 1}
TROCR = {**DECODER, "vocab_size": 97}


@pytest.mark.parametrize(
    ("model_type", "architecture", "config", "expected"),
    [
        ("led", "LEDForConditionalGeneration", LED, 63_936),
        ("led", "LEDForConditionalGeneration", {**LED, "tie_word_embeddings": False}, 73_248),
        ("led", "LEDModel", LED, 63_936),
        ("led", "LEDForQuestionAnswering", LED, 64_002),
        ("bigbird_pegasus", "BigBirdPegasusForConditionalGeneration", SIZES, 55_584),
        ("bigbird_pegasus", "BigBirdPegasusForConditionalGeneration", {**SIZES, "use_bias": True}, 56_480),
        ("bigbird_pegasus", "BigBirdPegasusForCausalLM", SIZES, 32_400),
        ("bigbird_pegasus", "BigBirdPegasusForSequenceClassification", SIZES, 56_706),
        ("pegasus_x", "PegasusXForConditionalGeneration", SIZES, 48_608),
        ("pegasus_x", "PegasusXModel", {**SIZES, "num_global_tokens": 5}, 47_744),
        ("mvp", "MvpForConditionalGeneration", SIZES, 56_608),
        ("mvp", "MvpForCausalLM", {**SIZES, "use_prompt": True}, 29_872),
        ("mvp", "MvpForSequenceClassification", SIZES, 57_730),
        ("nllb-moe", "NllbMoeForConditionalGeneration", MOE, 73_920),
        ("nllb-moe", "NllbMoeForConditionalGeneration", {**MOE, "encoder_sparse_step": 0, "decoder_sparse_step": 0}, 48_288),
        ("nllb-moe", "NllbMoeModel", {**MOE, "router_bias": True}, 73_932),
        ("fsmt", "FSMTForConditionalGeneration", FSMT, 61_024),
        ("fsmt", "FSMTModel", {**FSMT, "tgt_vocab_size": 97, "tie_word_embeddings": True, "pad_token_id": 3}, 56_608),
        ("trocr", "TrOCRForCausalLM", TROCR, 29_872),
    ],
)
def test_totals(model_type: str, architecture: str, config: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total(read(model_type, architecture, **config)) == expected


def windows(spec: ModelSpec) -> list[int | float | None]:
    """What each group of the encoder's layers sees."""
    encoder = spec.encoder()
    assert encoder is not None
    mixers = [mixer for group in encoder.layers for mixer in group.mixers if isinstance(mixer, Attention)]
    return [None if mixer.window is None else mixer.window.value for mixer in mixers]


def test_led_has_longformers_encoder() -> None:
    spec = read("led", **LED)
    assert windows(spec) == [9]
    assert windows(read("led", **{**LED, "attention_window": [8, 16, 8]})) == [9, 17]
    layer = under(spec, "led.encoder.layers.0.self_attn.")
    assert {name for name in layer if name.endswith("weight")} == {
        *(f"longformer_self_attn.{name}.weight" for name in ("query", "key", "value", "query_global", "key_global", "value_global")),
        "output.weight",
    }
    assert tensors(spec)["led.encoder.embed_positions.weight"] == (128, 32)
    assert tensors(spec)["led.decoder.embed_positions.weight"] == (64, 32)


def test_a_list_of_windows_that_is_too_short_is_unknown() -> None:
    assert total(read("led", **{**LED, "attention_window": [8]})) is None


def test_bigbird_pegasus_biases_attention_on_demand_and_never_ties_the_decoder_alone() -> None:
    spec = read("bigbird_pegasus", **SIZES)
    assert "model.encoder.layers.0.self_attn.self.query.bias" not in tensors(spec)
    assert "model.encoder.layers.0.fc1.bias" in tensors(spec)
    biased = tensors(read("bigbird_pegasus", **SIZES, use_bias=True))
    assert {"model.encoder.layers.0.self_attn.output.bias", "model.decoder.layers.0.encoder_attn.out_proj.bias"} <= set(biased)
    assert "lm_head.weight" in tensors(read("bigbird_pegasus", "BigBirdPegasusForCausalLM", **SIZES))


def test_pegasus_x_has_global_tokens_and_their_norm() -> None:
    shapes = tensors(read("pegasus_x", **SIZES, num_global_tokens=5))
    assert shapes["model.encoder.embed_global.weight"] == (5, 32)
    assert shapes["model.encoder.layers.2.global_self_attn_layer_norm.bias"] == (32,)
    assert not {name for name in shapes if "decoder.layers.0.global" in name or "embed_positions" in name or "final_logits" in name}


def test_prompts_of_mvp() -> None:
    """Keys and values for every layer, from one small table a kind of attention: three kinds, of which the decoder has two."""
    prompted = read("mvp", **SIZES, use_prompt=True, prompt_length=7, prompt_mid_dim=10)
    assert under(prompted, "model.encoder.self_attn_prompt.") == {
        "prompt_embedding.weight": (7, 32),
        "prompt_trans.0.weight": (10, 32),
        "prompt_trans.0.bias": (10,),
        "prompt_trans.2.weight": (3 * 2 * 32, 10),
        "prompt_trans.2.bias": (3 * 2 * 32,),
    }
    assert tensors(prompted)["model.decoder.cross_attn_prompt.prompt_trans.2.weight"] == (2 * 2 * 32, 10)
    assert kept(prompted, 10, 7) == kept(read("mvp", **SIZES), 10, 7)


def test_sparse_layers_of_nllb() -> None:
    spec = read("nllb-moe", **MOE)
    shapes = tensors(spec)
    assert {name.split(".")[3] for name in shapes if name.startswith("model.encoder.layers") and "experts" in name} == {"1"}
    assert {name.split(".")[3] for name in shapes if name.startswith("model.decoder.layers") and "experts" in name} == {"0", "1"}
    assert shapes["model.encoder.layers.1.ffn.experts.expert_3.fc1.weight"] == (48, 32)
    assert shapes["model.decoder.layers.1.ffn.router.classifier.weight"] == (4, 32)
    assert shapes["model.encoder.layers.0.ffn.fc2.weight"] == (32, 48)
    assert "model.decoder.layers.0.cross_attention_layer_norm.weight" in shapes


def test_vocabularies_of_fsmt() -> None:
    shapes = tensors(read("fsmt", **FSMT, pad_token_id=1))
    assert shapes["model.encoder.embed_tokens.weight"] == (97, 32)
    assert shapes["model.decoder.embed_tokens.weight"] == shapes["model.decoder.output_projection.weight"] == (71, 32)
    assert shapes["model.encoder.embed_positions.weight"] == (128 + 2, 32)
    tied = {name: weight.tied_to for name, _, weight in manifest(read("fsmt", "FSMTModel", **FSMT, tie_word_embeddings=True))}
    assert tied["encoder.embed_tokens.weight"] == tied["decoder.output_projection.weight"] == "decoder.embed_tokens.weight"


def test_trocr_reads_an_encoder_of_another_width() -> None:
    spec = read("trocr", **TROCR, cross_attention_hidden_size=24, use_learned_position_embeddings=False, layernorm_embedding=False)
    shapes = tensors(spec)
    assert shapes["model.decoder.layers.0.encoder_attn.k_proj.weight"] == (32, 24)
    assert shapes["model.decoder.layers.0.encoder_attn.q_proj.weight"] == (32, 32)
    assert not {name for name in shapes if "embed_positions" in name or "layernorm_embedding" in name}
    assert (spec.value("prototype"), spec.value("position_scheme")) == ("decoder-only", "sinusoidal")
    assert kept(spec, 10, 7) == (2 * 2 * 32 * 10 * 2, 0)


@pytest.mark.parametrize(("model_type", "config"), [("led", LED), ("nllb-moe", MOE), ("fsmt", FSMT), ("pegasus_x", SIZES)])
def test_cache(model_type: str, config: dict[str, Any]) -> None:
    spec = read(model_type, **config)
    assert kept(spec, 10, 7) == (2 * 2 * 32 * 10 * 2, 2 * 2 * 32 * 7 * 2)
    assert encoder_attention(spec) == {(False, False)}
    assert spec.value("prototype") == "encoder-decoder"


def test_corpus() -> None:
    check_against_corpus(*KIN)


def test_cache_corpus() -> None:
    check_cache_against_corpus(*KIN)
