"""Weights as vLLM and SGLang hold them, against what their logs say and by hand on small models."""

from __future__ import annotations

from typing import Any

import pytest

from tests.derive.served import DENSE, figure, served

MIB, GIB = 2**20, 2**30
UNTIED = {**DENSE, "tie_word_embeddings": False}
SEGMENTS = {"rope_type": "default", "mrope_section": [1, 1, 2]}


def per_gpu(model: str | dict[str, Any], engine: str = "vllm", **target: Any) -> int:
    found = figure("weights.bytes_per_gpu", model, engine=engine, **target)
    assert isinstance(found, int)
    return found


def rotary(positions: int, width: int, angle: int = 2) -> int:
    """Bytes of the cosines and sines of so many positions."""
    return positions * width * angle


@pytest.mark.parametrize(
    ("model", "target", "logged_gib"),
    [
        ("llama-3.1-8b", {}, 14.9889),
        ("llama-3-8b-instruct", {"gpus": 4}, 3.7418),
        ("qwen3-30b-a3b", {}, 56.9342 - 54 / 1024),  # the log is of the release with 262,144 positions, 54 MiB more of angles
        ("qwen3-235b-a22b-fp8", {"gpus": 8}, 27.6656),
        ("qwen3-next-80b-a3b", {"gpus": 2}, 74.2812),
    ],
)
def test_what_vllm_said_it_took(model: str, target: dict[str, Any], logged_gib: float) -> None:
    """Logs of vLLM 0.10 to 0.13, in GiB to four places: within two MiB."""
    assert abs(per_gpu(model, engine="vllm@0.11.0", **target) / GIB - logged_gib) * 1024 < 2


def test_the_vocabulary_is_padded_before_it_is_cut() -> None:
    """97 rows are 128: 64 on each of two GPUs, and not 49; the head as the table."""
    plain, padded = figure("weights.bytes_per_gpu", UNTIED, gpus=2), per_gpu(UNTIED, gpus=2)
    assert padded - (plain or 0) == 2 * (64 - 49) * 32 * 2 + rotary(128, 8)


def test_a_classifier_is_not_a_vocabulary() -> None:
    classifier = {**UNTIED, "architectures": ["LlamaForSequenceClassification"], "num_labels": 3, "vocab_size": 128}
    assert per_gpu(classifier) == (figure("weights.bytes", classifier) or 0) + rotary(128, 8)


def test_sglang_keeps_angles_in_float32() -> None:
    assert per_gpu(UNTIED, "sglang") - per_gpu(UNTIED) == rotary(128, 8)


def test_positions_with_sections_are_four_times_as_many_to_vllm() -> None:
    sections = {**UNTIED, "rope_parameters": {**SEGMENTS, "rope_theta": 10000.0}}
    assert per_gpu(sections) - per_gpu(UNTIED) == 3 * rotary(128, 8)
    assert per_gpu(sections, "sglang") == per_gpu(UNTIED, "sglang")


@pytest.mark.parametrize(
    ("scaling", "positions"),
    [
        ({"rope_type": "linear", "factor": 2.0}, 256),
        ({"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}, 512),
        (
            {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64},
            128,
        ),
    ],
)
def test_the_table_has_every_position_that_scaling_reaches(scaling: dict[str, Any], positions: int) -> None:
    scaled = {**UNTIED, "rope_scaling": scaling, "rope_theta": 10000.0}
    assert per_gpu(scaled) - per_gpu(UNTIED) == rotary(positions - 128, 8)


def test_without_rotary_positions_there_is_no_table() -> None:
    """GPT-2 has learned positions, and a vocabulary of 50,257 rows that become 50,304."""
    assert per_gpu("gpt2") - (figure("weights.bytes", "gpt2") or 0) == (50_304 - 50_257) * 768 * 2


def test_float32_is_served_in_sixteen_bits() -> None:
    single = {**UNTIED, "torch_dtype": "float32"}
    assert per_gpu(single) == per_gpu(UNTIED)
    assert figure("weights.bytes", single) == 2 * (figure("weights.bytes", UNTIED) or 0)
    assert figure("weights.bytes_per_gpu", single, engine="transformers") == figure("weights.bytes", single)


def test_latent_attention_keeps_its_up_projections_once_more() -> None:
    """DeepSeek-V3: 61 layers x 128 heads x (128 + 128) x 512 x 2 B, an eighth of it on each of eight GPUs."""
    copies = 61 * 128 * 256 * 512 * 2
    assert per_gpu("deepseek-v3") - (figure("weights.bytes", "deepseek-v3") or 0) == copies + rotary(163_840, 64)
    split = per_gpu("deepseek-v3", gpus=8) - (figure("weights.bytes_per_gpu", "deepseek-v3", gpus=8) or 0)
    assert split == copies // 8 + rotary(163_840, 64)


def test_marlin_drops_what_symmetric_gptq_does_not_need() -> None:
    """Zero points and an order of groups that come in order; with `desc_act` the order is there, and what sorts it."""
    wide = {**UNTIED, "hidden_size": 512, "intermediate_size": 512, "num_key_value_heads": 4}
    gptq = {"quant_method": "gptq", "bits": 4, "group_size": 128}
    found = {
        name: per_gpu({**wide, "quantization_config": {**gptq, **more}})
        for name, more in {"unsaid": {}, "plain": {"sym": True, "desc_act": False}, "ordered": {"sym": True, "desc_act": True}}.items()
    }
    matrices = 4 * 7
    zero_points, order = matrices * 512 * 4 * 4 // 8, matrices * 512 * 4
    assert found["unsaid"] - found["plain"] == zero_points + order
    assert found["ordered"] - found["plain"] == 2 * order


def test_the_figure_says_whose_loading_it_is() -> None:
    note = served(UNTIED, engine="vllm")["weights.bytes_per_gpu"].note
    assert note is not None
    assert note.startswith("as vllm loads them")
    assert served(UNTIED)["weights.bytes_per_gpu"].note is None
