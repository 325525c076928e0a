"""JetMoE against its transformers class: experts in attention too."""

from __future__ import annotations

from typing import Any

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_cache_against_corpus, rows, spec_of, total_of
from tests.architectures.reading import kept, under

JETMOE: dict[str, Any] = {**SMALL, "model_type": "jetmoe", "kv_channels": 6, "num_local_experts": 4}


def test_total() -> None:
    """Built by transformers 5.23."""
    assert total_of({**JETMOE, "architectures": ["JetMoeForCausalLM"]}) == 93_760


def test_names() -> None:
    layer = under(spec_of(JETMOE), "model.layers.1.")
    assert layer["self_attention.experts.input_linear.weight"] == (4, 12, 32)
    assert layer["self_attention.kv_proj.weight"] == (24, 32)
    assert layer["mlp.bias"] == (32,)


def test_every_expert_reads_the_same_keys() -> None:
    """Query heads are the KV heads of each chosen expert; `num_attention_heads` does not count."""
    assert [spec_of(JETMOE).value(name) for name in ("num_attention_heads", "num_key_value_heads")] == [4, 2]
    assert spec_of({**JETMOE, "num_experts_per_tok": 3}).value("num_attention_heads") == 6
    assert kept(spec_of({**JETMOE, "num_experts_per_tok": 3}), 10)[0] == 4 * 10 * 2 * 2 * 6 * 2


def test_corpus() -> None:
    """Totals as torch counts them. Activated parameters are given as the two numbers they may be, of which the corpus has the lower."""
    for row in rows("jetmoe"):
        found = counts(spec_of(row["config"]))
        assert found is not None
        assert found.total.value == row["total"]
        assert found.activated.value is None
        assert f"by expert or in full: {row['moe']['activated']:,} or" in found.activated.reasons()[0]


def test_cache_of_the_corpus() -> None:
    check_cache_against_corpus("jetmoe")
