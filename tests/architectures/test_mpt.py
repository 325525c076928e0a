"""MPT: no bias at all, one tensor for queries, keys and values, and the KV heads only llm-foundry knows."""

from __future__ import annotations

import pytest

from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import kept, read, tensors, total, under

SIZES = {"vocab_size": 97, "d_model": 32, "n_layers": 4, "n_heads": 4}


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ("MptForCausalLM", 52_544),
        ("MptModel", 52_544),
        ("MptForSequenceClassification", 52_608),
        ("MptForTokenClassification", 52_610),
        ("MptForQuestionAnswering", 52_610),
    ],
)
def test_totals(architecture: str, expected: int) -> None:
    assert total(read("mpt", architecture, **SIZES)) == expected


def test_names() -> None:
    spec = read("mpt", **SIZES)
    assert under(spec, "transformer.blocks.1.") == {
        "attn.Wqkv.weight": (96, 32),
        "attn.out_proj.weight": (32, 32),
        "ffn.up_proj.weight": (128, 32),
        "ffn.down_proj.weight": (32, 128),
        "norm_1.weight": (32,),
        "norm_2.weight": (32,),
    }
    assert {name for name in tensors(spec) if ".blocks." not in name} == {"transformer.wte.weight", "transformer.norm_f.weight"}
    assert "classifier.weight" in tensors(read("mpt", "MptForTokenClassification", **SIZES))


def test_the_config_decides_the_width_between() -> None:
    assert under(read("mpt", **SIZES, expansion_ratio=2), "transformer.blocks.0.ffn.")["up_proj.weight"] == (64, 32)


def test_key_value_heads_of_llm_foundry() -> None:
    grouped = read("mpt", **SIZES, attn_config={"attn_type": "grouped_query_attention", "kv_n_heads": 2})
    assert under(grouped, "transformer.blocks.0.attn.")["Wqkv.weight"] == (64, 32)
    assert kept(grouped, 10) == (4 * 2 * 2 * 8 * 10 * 2, 0)
    assert read("mpt", **SIZES, attn_config={"attn_type": "multiquery_attention"}).value("attention") == "mqa"


def test_recipe_and_cache() -> None:
    spec = read("mpt", **SIZES)
    assert (spec.value("position_scheme"), spec.value("attention"), spec.value("norm")) == ("alibi", "mha", "layer")
    assert kept(spec, 10) == (4 * 2 * 32 * 10 * 2, 0)


def test_corpus() -> None:
    check_against_corpus("mpt")


def test_published() -> None:
    check_published("mpt")
