"""Muse Glimmer and Spark against their transformers classes: gates, windows, experts of a width of their own, towers."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, rows, spec_of, total_of, windows_of
from tests.architectures.reading import tensors, under

TEXT: dict[str, Any] = {**SMALL, "head_dim": 8, "num_hidden_layers": 5, "sliding_window": 16}
SPARSE: dict[str, Any] = {**TEXT, "moe_hidden_size": 20, "moe_intermediate_size": 12, "num_local_experts": 4, "num_experts_per_tok": 2}
VISION = {
    "hidden_size": 24,
    "intermediate_size": 20,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "patch_size": 4,
    "pos_emb_height": 3,
    "pos_emb_width": 3,
}
AUDIO = {"patch_sizes": [4, 2], "hidden_sizes": [6, 10], "depths": [1, 2], "num_hidden_layers": 2, "mlp_ratio": 2.0, "out_hidden_size": 32}
SHARED = {"vision_config": VISION, "out_hidden_size": 96, "projector_hidden_size": 28}
GLIMMER: dict[str, Any] = {**SHARED, "model_type": "muse_glimmer", "text_config": TEXT}
SPARK: dict[str, Any] = {**SHARED, "model_type": "muse_spark", "text_config": SPARSE, "audio_config": AUDIO}
ATTENTION = 3 * 32 * 32 + 2 * 32 * 16
SEEING = (2 * 3 * 16 * 24 + 9 * 24 + 2 * 48 + (4 * 24 * 25 + 2 * 24 * 20 + 44 + 4 * 24)) + 96 * 28 + 28 * 28 + 28 * 32


def test_glimmer() -> None:
    layer = ATTENTION + 3 * 32 * 48 + 4 * 32
    assert total_of(GLIMMER) == 2 * 97 * 32 + 32 + 5 * layer + SEEING
    assert total_of({**GLIMMER, "tie_word_embeddings": True}) == (total_of(GLIMMER) or 0) - 97 * 32


def test_spark() -> None:
    """Experts between 20 and 12; two stages that join 4 samples and 2, one block in the first and two in the second."""
    mixture = 4 * 32 + 2 * 32 * 20 + 2 * 20 + 4 * 3 * 20 * 12
    layer = ATTENTION + mixture + 5 * 32

    def block(width: int) -> int:
        return width * 7 + width + width + 2 * width * 2 * width + 3 * width

    sound = (4 * 6 + 12) + block(6) + (12 * 10 + 20) + 2 * block(10) + 10 + 10 * 32 + 64
    assert total_of(SPARK) == 2 * 97 * 32 + 32 + 5 * layer + SEEING + sound
    assert total_of({**SPARK, "tie_word_embeddings": True}) == total_of(SPARK)
    assert "mlp.experts.post_expert_norm.weight" in under(spec_of(SPARK), "model.language_model.layers.0.")
    assert tensors(spec_of(SPARK))["model.audio_tower.layers.1.patch_embedder.proj.weight"] == (10, 12)


@pytest.mark.parametrize("config", [GLIMMER, SPARK])
def test_every_fourth_layer_from_the_last_sees_everything(config: dict[str, Any]) -> None:
    assert windows_of(config) == [None, 16, 16, 16, None]


def test_corpus() -> None:
    check_against_corpus("muse_glimmer")
    check_cache_against_corpus("muse_glimmer")


def test_corpus_of_spark() -> None:
    """A norm stands behind the experts, in their module: both counts are said, and the corpus has the lower."""
    (row,) = rows("muse_spark")
    found = counts(spec_of({**row["config"], "architectures": [row["architecture"]]}))
    assert found is not None
    assert found.total.value == row["total"]
    assert found.activated.value is None
    assert f"by expert or in full: {row['moe']['activated']:,} or" in found.activated.reasons()[0]
