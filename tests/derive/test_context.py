"""Context windows: every row of the worked table, and the rules of each engine on configs that tell them apart."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.context import contexts
from tests.architectures.plans import SMALL, spec_of
from tests.derive.served import published

LLAMA = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], **SMALL}


def of(config: dict[str, Any] | str) -> dict[str, int | float | None]:
    """Every context by the last part of its name."""
    spec = published(config) if isinstance(config, str) else spec_of(config)
    return {name.rsplit(".", 1)[-1]: number.value for name, number in contexts(spec).items()}


def reasons(config: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name.rsplit(".", 1)[-1]: number.reasons() for name, number in contexts(spec_of(config)).items()}


def llama(length: int | None, **scaling: Any) -> dict[str, Any]:
    return {**LLAMA, "max_position_embeddings": length, "rope_scaling": scaling or None}


COMMAND_R = {
    **SMALL,
    "model_type": "cohere",
    "architectures": ["CohereForCausalLM"],
    "max_position_embeddings": 8192,
    "model_max_length": 131_072,
}
HUNYUAN = {
    **SMALL,
    "model_type": "hunyuan_v1_moe",
    "architectures": ["HunYuanMoEV1ForCausalLM"],
    "max_position_embeddings": 32_768,
    "rope_scaling": {"type": "dynamic", "factor": 1.0, "alpha": 1000.0},
}
QWEN3_YARN = {
    **SMALL,
    "model_type": "qwen3",
    "max_position_embeddings": 40_960,
    "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32_768},
}


@pytest.mark.parametrize(
    ("config", "vllm", "sglang", "llamacpp"),
    [
        (COMMAND_R, 131_072, 131_072, 131_072),
        ("phi-3-mini-128k", 4096, 131_072, 131_072),
        (HUNYUAN, 32_768, 32_768, 262_144),
        (llama(16_384, type="linear", factor=4.0), 65_536, 65_536, 16_384),
        ("deepseek-v3", 163_840, 163_840, 163_840),
        (QWEN3_YARN, 40_960, 40_960, 40_960),
        ("whisper-large-v3", 448, 2048, None),
        ("gpt2", 1024, 1024, 1024),
        ("llama-3.1-8b", 131_072, 131_072, 131_072),
        ("llama-4-scout", 10_485_760, 10_485_760, 10_485_760),
        ("gemma-3-4b", 131_072, 131_072, 131_072),
    ],
    ids=[
        "command-r",
        "phi-3",
        "hunyuan",
        "deepseek-coder",
        "deepseek-v3",
        "qwen3-yarn",
        "whisper",
        "gpt2",
        "llama-3.1",
        "llama-4",
        "gemma-3",
    ],
)
def test_the_worked_table(config: dict[str, Any] | str, vllm: int, sglang: int, llamacpp: int | None) -> None:
    found = of(config)
    assert (found["vllm"], found["sglang"], found["llamacpp"]) == (vllm, sglang, llamacpp)


@pytest.mark.parametrize(
    ("scaling", "declared", "native", "vllm", "sglang"),
    [
        ({}, 4096, 4096, 4096, 4096),
        ({"type": "default"}, 4096, 4096, 4096, 4096),
        ({"type": "linear", "factor": 2.0}, 8192, 4096, 8192, 8192),
        ({"type": "linear", "factor": 1.5}, 6144, 4096, 6144, 6144),
        ({"type": "linear", "factor": None}, 4096, 4096, 4096, 4096),
        ({"type": "dynamic", "factor": 4.0}, 16_384, 4096, 16_384, 16_384),
        ({"type": "yarn", "factor": 4.0}, 4096, 4096, 4096, 16_384),
        ({"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 1024}, 4096, 1024, 4096, 4096),
        ({"type": "llama3", "factor": 8.0, "original_max_position_embeddings": 1024}, 4096, 4096, 4096, 4096),
        ({"type": "longrope", "factor": 4.0, "original_max_position_embeddings": 1024}, 4096, 4096, 1024, 4096),
        ({"type": "su", "factor": 4.0, "original_max_position_embeddings": 1024}, 4096, 4096, 1024, 4096),
        ({"type": "linear", "factor": "2"}, 4096, 4096, 4096, 4096),
    ],
)
def test_scaling_types(scaling: dict[str, Any], declared: int, native: int, vllm: int, sglang: int) -> None:
    found = of(llama(4096, **scaling))
    assert (found["declared"], found["native"], found["vllm"], found["sglang"]) == (declared, native, vllm, sglang)
    assert found["transformers"] == 4096


def test_a_factor_that_only_some_layers_see_is_not_multiplied() -> None:
    """Gemma 3 writes linear x 8, which goes to its full layers alone and is in the 131,072 already."""
    flat = {
        **SMALL,
        "model_type": "gemma3_text",
        "max_position_embeddings": 131_072,
        "rope_scaling": {"rope_type": "linear", "factor": 8.0},
    }
    assert set(of(flat).values()) == {131_072}


@pytest.mark.parametrize("model_type", ["roberta", "xlm-roberta", "camembert"])
def test_positions_behind_the_padding_cannot_be_used(model_type: str) -> None:
    found = of({**SMALL, "model_type": model_type, "max_position_embeddings": 514, "pad_token_id": 1})
    assert found["declared"] == 514
    assert (found["vllm"], found["transformers"], found["llamacpp"]) == (512, 512, 512)


def test_bert_uses_all_its_positions() -> None:
    assert set(of("bert-base").values()) == {512}


BARE = {key: value for key, value in SMALL.items() if key != "max_position_embeddings"}


def test_a_model_without_positions_or_length_is_not_bounded() -> None:
    mamba = {"model_type": "mamba", "architectures": ["MambaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 100}
    found, why = of(mamba), reasons(mamba)
    assert (found["declared"], found["native"], found["vllm"], found["sglang"]) == (None,) * 4
    assert why["declared"] == ("it has no positions, so nothing in the config bounds the context",)
    assert found["llamacpp"] == 2**20


def test_hybrids_without_rotary_positions_keep_the_length_they_state() -> None:
    assert of("jamba-v0.1")["declared"] == 262_144


def test_nothing_stated_falls_back_only_where_the_engine_does() -> None:
    bloom = {**BARE, "model_type": "bloom", "architectures": ["BloomForCausalLM"]}
    found, why = of(bloom), reasons(bloom)
    assert (found["declared"], found["vllm"], found["sglang"], found["transformers"], found["llamacpp"]) == (None, 2048, 2048, None, None)
    assert why["declared"] == ("the config states no context length, and its class has no default",)
    assert of({**bloom, "seq_length": 4096})["llamacpp"] == 4096


def test_a_class_default_is_the_declared_length() -> None:
    assert of({**BARE, "model_type": "llama"})["declared"] == 2048
    assert of({**BARE, "model_type": "qwen2"})["declared"] == 32_768


@pytest.mark.parametrize("nothing", [0, -1])
def test_zero_and_minus_one_are_no_lengths(nothing: int) -> None:
    found = of({**BARE, "model_type": "unheard-of", "architectures": ["UnheardOfForCausalLM"], "seq_length": nothing})
    assert (found["declared"], found["vllm"], found["transformers"]) == (None, 2048, None)


def test_vllm_takes_the_least_unless_model_max_length_says_otherwise() -> None:
    both = {
        **BARE,
        "model_type": "unheard-of",
        "architectures": ["UnheardOfForCausalLM"],
        "max_position_embeddings": 8192,
        "seq_length": 4096,
    }
    assert (of(both)["vllm"], of(both)["sglang"]) == (4096, 4096)
    assert of({**both, "model_max_length": 1024})["vllm"] == 1024
    assert of({**both, "model_max_length": 16_384})["vllm"] == 16_384


def test_sglang_takes_the_first_of_its_own_order() -> None:
    config = {
        **BARE,
        "model_type": "unheard-of",
        "architectures": ["UnheardOfForCausalLM"],
        "max_position_embeddings": 1000,
        "max_seq_len": 2000,
    }
    assert of(config)["sglang"] == 2000
    assert of({**config, "max_sequence_length": 3000})["sglang"] == 3000


@pytest.mark.parametrize(("model_type", "fixed"), [("falcon", 2048), ("mamba2", 2**20), ("plamo", 4096)])
def test_lengths_llamacpp_writes_whatever_the_config_says(model_type: str, fixed: int) -> None:
    assert of({**SMALL, "model_type": model_type, "architectures": ["XForCausalLM"]})["llamacpp"] == fixed


def test_a_length_rests_on_its_key() -> None:
    number = contexts(spec_of(llama(16_384, type="linear", factor=4.0)))["context.effective.vllm"]
    assert number.worked() == "floor(16,384 x 4)"
    assert [fact.name for fact in number.rests_on()] == ["max_position_embeddings", "rope_factor"]


def test_the_length_of_a_multimodal_model_is_its_text_models() -> None:
    config = {
        "model_type": "gemma3",
        "architectures": ["Gemma3ForConditionalGeneration"],
        "text_config": {**SMALL, "max_position_embeddings": 777},
        "vision_config": {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 1, "image_size": 28, "patch_size": 14},
    }
    assert of(config)["declared"] == 777
