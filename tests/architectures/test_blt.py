"""BLT against its transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architectures.plans import check_against_corpus, reserved_of, spec_of, total_of
from tests.architectures.reading import tensors

LOCAL = {"hidden_size": 32, "num_attention_heads": 4}
BLT: dict[str, Any] = {
    "model_type": "blt",
    "architectures": ["BltForCausalLM"],
    "encoder_config": {**LOCAL, "num_hidden_layers": 2, "cross_attn_all_layers": True},
    "global_config": {
        "hidden_size": 48,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "num_hidden_layers": 3,
        "intermediate_size": 20,
    },
    "decoder_config": {**LOCAL, "num_hidden_layers": 3, "cross_attn_k": 3, "hidden_size_global": 48, "intermediate_size": 24},
    "patcher_config": {"hidden_size": 24, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 12},
    "encoder_hash_byte_group_size": [3, 5],
    "encoder_hash_byte_group_vocab": 50,
    "encoder_hash_byte_group_nb_functions": 2,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tie_word_embeddings": True}, 137_912),
        ({}, 137_912 + 260 * 32),
        ({"patch_in_forward": False}, 137_912 + 260 * 32 - 2 * 260 * 24 - 24 - 2 * (4 * 24 * 24 + 3 * 24 * 12 + 2 * 24)),
        ({"encoder_hash_byte_group_size": None}, 137_912 + 260 * 32 + 50 * 2 * (6 - 2) * 32),
    ],
)
def test_totals(changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23, or by what it builds and the difference."""
    assert total_of({**BLT, **changes}) == expected


def test_the_width_of_a_patch() -> None:
    """The bytes of a patch are projected where they are not as wide as the layers over patches."""
    name = "model.global_transformer.token_embedding_projection.weight"
    assert tensors(spec_of(BLT))[name] == (48, 64)
    wide = {**BLT, "global_config": {**BLT["global_config"], "hidden_size": 64}}
    assert name not in tensors(spec_of(wide))


def test_layers() -> None:
    """Local and global layers are counted, the attention between bytes and patches beside them is not."""
    spec = spec_of(BLT)
    assert spec.value("num_hidden_layers") == 2 + 3 + 3
    assert tensors(spec)["model.local_decoder.cross_attn_layers.2.k_norm.weight"] == (32,)


def test_what_a_sequence_keeps_is_not_known() -> None:
    assert reserved_of(BLT, 100) is None


def test_corpus() -> None:
    check_against_corpus("blt")
