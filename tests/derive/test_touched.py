"""Weights that a decode step reads: by hand, and by what tokens choose."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.experts import expected_distinct
from tests.architectures.plans import SMALL
from tests.derive.served import DENSE, figure, served

READ = "decode.weight_bytes_read"
EXPERT = 32 * 3 * 4096 * 14336 * 2
"""Mixtral-8x7B: one expert of every layer."""


def test_of_an_untied_table_a_row_is_read_for_each_token() -> None:
    """Llama-3.1-8B: 15.01 GB, and 4,096 x 2 B a sequence."""
    whole = (8_030_261_248 - 128_256 * 4096) * 2
    assert figure(READ, "llama-3.1-8b") == whole + 8192
    assert figure(READ, "llama-3.1-8b", concurrency=5) == whole + 5 * 8192


def test_a_tied_table_is_read_whole_as_the_head() -> None:
    tied, untied = (figure(READ, {**DENSE, "tie_word_embeddings": tie}) or 0 for tie in (True, False))
    assert untied - tied == 32 * 2


@pytest.mark.parametrize("batch", [1, 2, 8, 64])
def test_a_batch_reads_each_expert_it_chooses_once(batch: int) -> None:
    one, more = (figure(READ, "mixtral-8x7b", concurrency=n) or 0 for n in (1, batch))
    assert more - one == pytest.approx((expected_distinct(8, 2, batch) - 2) * EXPERT + (batch - 1) * 8192, abs=2)


def test_a_replica_reads_for_its_share_of_the_batch() -> None:
    split = figure(READ, "mixtral-8x7b", gpus=2, data_parallel=2, concurrency=8)
    assert split == figure(READ, "mixtral-8x7b", concurrency=4)


def test_experts_that_replicas_share_serve_the_tokens_of_all() -> None:
    """Four GPUs with two experts each, which tokens of all four choose."""
    target: dict[str, Any] = {"gpus": 4, "tensor_parallel": 1, "data_parallel": 4, "concurrency": 8}
    apart = figure(READ, "mixtral-8x7b", **target) or 0
    shared = figure(READ, "mixtral-8x7b", expert_parallel=4, **target) or 0
    assert apart - shared == pytest.approx((expected_distinct(8, 2, 2) - expected_distinct(8, 2, 8) / 4) * EXPERT, abs=2)


def test_tensor_parallelism_splits_what_is_read() -> None:
    one, two = (figure(READ, "llama-3.1-8b", gpus=n) or 0 for n in (1, 2))
    norms = 65 * 4096 * 2
    assert two - norms == (one - norms) // 2


def test_stages_read_what_one_gpu_would_one_after_another() -> None:
    assert figure(READ, "llama-3.1-8b", gpus=2, pipeline_parallel=2) == figure(READ, "llama-3.1-8b")


def test_towers_positions_and_what_an_encoder_s_output_asks_are_left_out() -> None:
    """Whisper: 32 layers of 1,280 without the cross-attention's keys and values, and a tied head of 51,866 rows."""
    square, norms = 1280 * 1280, 32 * 3 * 2 * 1280 + 2 * 1280
    layer = 4 * square + 3 * 1280 + 2 * square + 2 * 1280 + 2 * 4 * square + 5 * 1280
    assert figure(READ, "whisper-large-v3") == 2 * (51_866 * 1280 + 32 * layer + norms)
    text = figure("parameters.activated_text_only", "gemma-3-27b") or 0
    assert figure(READ, "gemma-3-27b") == 2 * text


def test_next_token_prediction_layers_are_not_read() -> None:
    """DeepSeek-V3 has one, of 11.5 billion weights: a step touches less than the 37 billion that are activated take."""
    assert (figure(READ, "deepseek-v3") or 0) < 1.03 * 37_551_894_784


def test_experts_of_images_are_not_asked_by_text() -> None:
    """ERNIE 4.5-VL: a mixture for each kind of token."""
    text = {**SMALL, "head_dim": 8, "moe_num_experts": 4, "moe_k": 2}
    vision = {"depth": 2, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "patch_size": 4}
    config = {"model_type": "ernie4_5_vl_moe", "architectures": ["Ernie4_5_VLMoeForConditionalGeneration"], "vision_config": vision}
    narrow, wide = (served({**config, "text_config": {**text, "moe_intermediate_size": [16, width]}}, context=9) for width in (8, 80))
    for name in (READ, "decode.flops", "prefill.flops"):
        assert narrow[name].value == wide[name].value is not None
    assert (narrow["weights.bytes"].value or 0) < (wide["weights.bytes"].value or 0)
