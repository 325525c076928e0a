"""Parameters by convention, counted by hand on small models."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import Counts, counts
from specverify.normalize.config import normalize_bytes
from tests.architectures.plans import spec_of
from tests.derive.served import DENSE, published

V, H, F, L = 97, 32, 48, 4  # vocabulary, width, feed-forward, layers
ATTENTION = H * H + 2 * H * 16 + H * H  # q, k and v over two KV heads of 8, o
LAYER = ATTENTION + 3 * H * F + 2 * H
BODY = L * LAYER + H


def counted(config: dict[str, Any]) -> Counts:
    found = counts(spec_of(config))
    assert found is not None
    return found


def test_a_dense_model() -> None:
    found = counted({**DENSE, "tie_word_embeddings": False})
    assert found.total.value == 2 * V * H + BODY
    assert found.activated.value == found.total.value
    assert found.activated_no_input_embedding.value == V * H + BODY
    assert found.activated_no_embeddings.value == BODY
    assert found.mtp.value == 0


def test_a_tied_table_counts_once_and_as_the_head() -> None:
    found = counted({**DENSE, "tie_word_embeddings": True})
    assert found.total.value == V * H + BODY
    assert found.activated_no_input_embedding.value == V * H + BODY
    assert found.activated_no_embeddings.value == BODY


def test_a_mixture_touches_the_experts_it_chooses() -> None:
    sizes = {**DENSE, "model_type": "mixtral", "architectures": ["MixtralForCausalLM"]}
    found = counted({**sizes, "num_local_experts": 8, "num_experts_per_tok": 2})
    expert, router = 3 * H * F, 8 * H
    layer = ATTENTION + 2 * H + router
    assert found.total.value == 2 * V * H + L * (layer + 8 * expert) + H
    assert found.activated.value == 2 * V * H + L * (layer + 2 * expert) + H
    assert found.stored["routed expert"].value == L * 8 * expert
    assert found.touched["routed expert"].value == L * 2 * expert
    assert found.touched["router"].value == L * router


def test_next_token_prediction_and_buffers_stand_apart() -> None:
    """DeepSeek-V3 as published: 671.0 B, 37.6 B activated, 11.6 B beside them; the correction bias is no parameter."""
    found = counts(published("deepseek-v3"))
    assert found is not None
    assert (found.total.value, found.activated.value, found.mtp.value) == (671_026_404_352, 37_552_282_624, 11_610_067_968)
    buffers = [w for part in published("deepseek-v3").parts for group in part.layers for w in group.weights() if w.buffer]
    assert {weight.name.rsplit(".", 1)[-1] for weight in buffers} == {"e_score_correction_bias"}


def test_towers_are_left_out_of_text_only() -> None:
    found = counts(published("gemma-3-4b"))
    assert found is not None
    tower, projector = found.touched["vision tower"], found.touched["projector"]
    assert projector.value == 1152 * 2560 + 1152
    assert (found.activated.value or 0) - (found.activated_text_only.value or 0) == (tower.value or 0) + projector.value
    assert tower.value == 416_866_032


def test_totals_are_the_sum_of_the_roles() -> None:
    for name in ("llama-3.1-8b", "deepseek-v3", "gemma-3-4b", "whisper-large-v3", "jamba-v0.1"):
        found = counts(published(name))
        assert found is not None
        assert found.total.value == sum(int(amount.value or 0) for amount in found.stored.values())
        assert found.activated.value == sum(int(amount.value or 0) for amount in found.touched.values())


def test_an_unknown_width_leaves_the_total_unknown() -> None:
    found = counted({**DENSE, "intermediate_size": None})
    assert found.total.value is None
    assert found.stored["attention"].value == L * ATTENTION
    assert "`intermediate_size` is null" in found.total.reasons()


def test_no_experts_chosen_is_nothing_touched_and_not_unknown() -> None:
    sizes = {**DENSE, "model_type": "qwen3_moe", "architectures": ["Qwen3MoeForCausalLM"], "head_dim": 8}
    found = counted({**sizes, "num_experts": 0, "moe_intermediate_size": None})
    assert found.total.value is not None


@pytest.mark.parametrize("data", [b'{"_class_name": "UNet2DConditionModel"}', b"{}"])
def test_what_is_no_language_model_has_no_counts(data: bytes) -> None:
    assert counts(normalize_bytes(data)) is None
