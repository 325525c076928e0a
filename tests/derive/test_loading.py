"""Weights as vLLM and SGLang hold them, against what their logs say and by hand on small models."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.figures import figures
from specverify.target import Target
from tests.architectures.plans import spec_of
from tests.derive.served import UNTIED, figure, per_gpu, rotary, served

GIB = 2**30


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


def test_float32_is_served_in_sixteen_bits() -> None:
    single = {**UNTIED, "torch_dtype": "float32"}
    assert per_gpu(single) == per_gpu(UNTIED)
    assert figure("weights.bytes", single) == 2 * (figure("weights.bytes", UNTIED) or 0)
    assert figure("weights.bytes_per_gpu", single, engine="transformers") == figure("weights.bytes", single)


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


def test_a_model_of_embeddings_has_no_head_in_vllm() -> None:
    """By the file that sentence-transformers reads; SGLang builds the head all the same, and a classifier's is not one."""
    spec = spec_of(UNTIED)

    def held(engine: str, *listing: str) -> tuple[int, str]:
        found = figures(spec, Target(engine=engine), listing=listing)["weights.bytes_per_gpu"]
        return int(found.value or 0), found.note or ""

    assert held("vllm")[0] - held("vllm", "modules.json")[0] == 128 * 32 * 2
    assert "modules.json makes it a model of embeddings" in held("vllm", "modules.json")[1]
    assert held("sglang", "modules.json") == held("sglang")
    classifier = spec_of({**UNTIED, "architectures": ["LlamaForSequenceClassification"], "num_labels": 3})
    with_file, without = (figures(classifier, Target(engine="vllm"), listing=files) for files in (("modules.json",), ()))
    assert with_file["weights.bytes_per_gpu"].value == without["weights.bytes_per_gpu"].value


@pytest.mark.parametrize("engine", ["vllm", "sglang", "transformers"])
def test_a_model_that_drafts_has_its_prediction_layers_and_no_second_table(engine: str) -> None:
    """DeepSeek-V3: 11,610,067,968 parameters in the layer that drafts, 2 x 129,280 x 7,168 of them the model's own tables again."""
    one, three = (served("deepseek-v3", engine=engine, draft_tokens=tokens) for tokens in (1, 3))
    whole, none = one["weights.bytes"].value or 0, served("deepseek-v3", engine=engine)["weights.bytes"].value or 0
    checkpoint = one["weights.checkpoint_bytes"].value or 0
    assert whole == three["weights.bytes"].value == checkpoint - 2 * 129_280 * 7_168 * 2
    assert none < whole
