"""T5's kin: encoders for long texts, experts, composers, pages."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.manifest import manifest
from specverify.spec import Attention, ModelSpec
from tests.architectures.plans import check_against_corpus, check_cache_against_corpus
from tests.architectures.reading import kept, read, tensors, total, under

SIZES = {"vocab_size": 97, "d_model": 32, "d_kv": 12, "d_ff": 48, "num_heads": 2, "num_layers": 3, "num_decoder_layers": 2}
GLOBAL = {**SIZES, "encoder_attention_type": "transient-global"}
SWITCH = {**SIZES, "num_experts": 4}
UDOP = {**SIZES, "max_2d_position_embeddings": 20, "patch_size": 4}


@pytest.mark.parametrize(
    ("model_type", "architecture", "config", "expected"),
    [
        ("longt5", "LongT5ForConditionalGeneration", SIZES, 40_544),
        ("longt5", "LongT5ForConditionalGeneration", GLOBAL, 40_704),
        ("longt5", "LongT5EncoderModel", GLOBAL, 21_984),
        (
            "switch_transformers",
            "SwitchTransformersForConditionalGeneration",
            {**SWITCH, "num_sparse_encoder_layers": 1, "num_sparse_decoder_layers": 1},
            59_232,
        ),
        (
            "switch_transformers",
            "SwitchTransformersForConditionalGeneration",
            {**SWITCH, "num_sparse_encoder_layers": 0, "num_sparse_decoder_layers": 2, "router_bias": True},
            68_588,
        ),
        (
            "switch_transformers",
            "SwitchTransformersEncoderModel",
            {**SWITCH, "encoder_sparse_step": 2, "tie_word_embeddings": False},
            34_272,
        ),
        ("pop2piano", "Pop2PianoForConditionalGeneration", SIZES, 52_000),
        ("udop", "UdopForConditionalGeneration", UDOP, 45_216),
        ("udop", "UdopEncoderModel", UDOP, 24_800),
    ],
)
def test_totals(model_type: str, architecture: str, config: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total(read(model_type, architecture, **config)) == expected


def encoder_windows(spec: ModelSpec) -> set[int | float | None]:
    """What the layers of the encoder see."""
    encoder = spec.encoder()
    assert encoder is not None
    mixers = [mixer for group in encoder.layers for mixer in group.mixers if isinstance(mixer, Attention)]
    return {None if mixer.window is None else mixer.window.value for mixer in mixers}


def test_longt5_sees_a_radius() -> None:
    spec = read("longt5", **SIZES, local_radius=5)
    assert encoder_windows(spec) == {11}
    assert tensors(spec)["encoder.block.0.layer.0.LocalSelfAttention.relative_attention_bias.weight"] == (32, 2)
    assert tensors(spec)["decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"] == (32, 2)


def test_longt5_summarizes_blocks() -> None:
    spec = read("longt5", **GLOBAL)
    attention = "layer.0.TransientGlobalSelfAttention."
    assert under(spec, f"encoder.block.1.{attention}")["global_input_layer_norm.weight"] == (32,)
    biases = {name for name in under(spec, "encoder.block.0.") if "attention_bias" in name}
    assert biases == {f"{attention}{name}.weight" for name in ("relative_attention_bias", "global_relative_attention_bias")}
    assert not {name for name in under(spec, "encoder.block.1.") if "attention_bias" in name}


def test_the_head_of_longt5_is_its_table_whatever_the_config_says() -> None:
    assert "lm_head.weight" not in tensors(read("longt5", **SIZES, tie_word_embeddings=False))


def sparse(spec: ModelSpec, role: str) -> set[str]:
    """The layers of a stack with experts."""
    return {name.split(".")[2] for name in tensors(spec) if name.startswith(f"{role}.block.") and "experts" in name}


@pytest.mark.parametrize(
    ("stated", "layers"),
    [
        ({"num_sparse_encoder_layers": 2}, {"1", "4"}),
        ({"num_sparse_encoder_layers": 3}, {"1", "3", "5"}),
        ({"num_sparse_encoder_layers": 6}, {"0", "1", "2", "3", "4", "5"}),
        ({"num_sparse_encoder_layers": 0}, {"1"}),
        ({"encoder_sparse_step": 3}, {"1", "4"}),
        ({"encoder_sparse_step": 0}, set()),
    ],
)
def test_sparse_layers_of_switch(stated: dict[str, int], layers: set[str]) -> None:
    """Two of six are a step of three, whose second is sparse; none of six is a step of six, whose second is sparse all the same."""
    assert sparse(read("switch_transformers", **{**SWITCH, "num_layers": 6, **stated}), "encoder") == layers


def test_experts_of_switch() -> None:
    shapes = tensors(read("switch_transformers", **SWITCH, num_sparse_decoder_layers=2))
    assert shapes["decoder.block.1.layer.2.mlp.experts.expert_3.wi.weight"] == (48, 32)
    assert shapes["decoder.block.1.layer.2.mlp.router.classifier.weight"] == (4, 32)
    untied = tensors(read("switch_transformers", **SWITCH, tie_word_embeddings=False))
    assert untied["encoder.embed_tokens.weight"] == untied["lm_head.weight"] == (97, 32)


def test_pop2piano() -> None:
    spec = read("pop2piano", **SIZES)
    assert tensors(spec)["mel_conditioner.embedding.weight"] == (21, 32)
    assert tensors(spec)["lm_head.weight"] == (97, 32)
    assert "relu" in str(spec.fact("feed_forward").readings)


def test_udop_ties_its_patches_and_the_first_of_its_biases() -> None:
    tied = {name: weight.tied_to for name, _, weight in manifest(read("udop", **UDOP)) if weight.tied_to}
    bias = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    assert tied["encoder.embed_patches.proj.bias"] == "patch_embed.proj.bias"
    assert tied["encoder.relative_bias.biases.0.relative_attention_bias.weight"] == bias
    assert tied["decoder.relative_bias.biases.0.relative_attention_bias.weight"] == bias
    assert tensors(read("udop", **UDOP))["decoder.embed_patches.proj.weight"] == (32, 3, 4, 4)


def test_stated_biases_of_udop() -> None:
    wide = {"type": "horizontal", "prefix_bucket": True, "relative_attention_num_buckets": 16}
    config = {**UDOP, "patch_size": [4, 2], "relative_bias_args": [{"type": "1d"}, wide]}
    spec = read("udop", "UdopModel", **config)
    assert total(spec) == 43_624
    assert tensors(spec)["encoder.relative_bias.biases.1.relative_attention_bias.weight"] == (18, 2)
    assert tensors(spec)["patch_embed.proj.weight"] == (32, 3, 4, 2)
    odd = [{"type": "1d"}, {**wide, "relative_attention_num_buckets": "16"}]
    assert total(read("udop", **{**UDOP, "relative_bias_args": odd})) is None


@pytest.mark.parametrize("model_type", ["longt5", "switch_transformers", "pop2piano", "udop"])
def test_cache(model_type: str) -> None:
    """Two heads of 12, keys and values, in the two layers of the decoder."""
    assert kept(read(model_type, **SIZES), 10, 7) == (2 * 2 * 24 * 10 * 2, 2 * 2 * 24 * 7 * 2)


def test_corpus() -> None:
    check_against_corpus("longt5", "switch_transformers", "pop2piano", "udop")


def test_cache_corpus() -> None:
    check_cache_against_corpus("longt5", "pop2piano")
