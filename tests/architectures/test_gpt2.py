"""GPT-2 and GPT-BigCode: the turned matrices, the null width, the heads, and one KV head for all."""

from __future__ import annotations

import pytest

from tests.architectures.plans import check_against_corpus, check_published
from tests.architectures.reading import kept, read, tensors, total


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ("GPT2LMHeadModel", 124_439_808),
        ("GPT2Model", 124_439_808),
        ("GPT2ForSequenceClassification", 124_439_808 + 2 * 768),
        ("GPT2ForTokenClassification", 124_439_808 + 2 * 769),
        ("GPT2ForQuestionAnswering", 124_439_808 + 2 * 769),
        ("GPT2DoubleHeadsModel", 124_439_808 + 769),
    ],
)
def test_parameters_of_gpt2_by_class(architecture: str, expected: int) -> None:
    assert total(read("gpt2", architecture)) == expected


def test_matrices_are_stored_inputs_first() -> None:
    shapes = tensors(read("gpt2", "GPT2LMHeadModel"))
    assert shapes["transformer.h.0.attn.c_attn.weight"] == (768, 2_304)
    assert shapes["transformer.h.11.mlp.c_fc.weight"] == (768, 3_072)
    assert "lm_head.weight" not in shapes
    assert "h.0.ln_1.bias" in tensors(read("gpt2", "GPT2Model"))


def test_a_stated_inner_width_wins_over_four_times() -> None:
    assert total(read("gpt2", n_inner=1_000)) == 124_439_808 - 12 * (3_072 - 1_000) * (2 * 768 + 1)


def test_recipe_and_cache() -> None:
    spec = read("gpt2")
    assert spec.value("prototype") == "decoder-only"
    assert (spec.value("position_scheme"), spec.value("norm"), spec.value("norm_placement")) == ("learned", "layer", "pre")
    assert kept(spec, 1_024) == (12 * 2 * 768 * 1_024 * 2, 0)


def test_cross_attention() -> None:
    spec = read("gpt2", add_cross_attention=True)
    assert total(spec) == 124_439_808 + 12 * (4 * 768 * 769 + 2 * 768)
    assert tensors(spec)["transformer.h.0.crossattention.c_attn.weight"] == (768, 1_536)
    assert kept(spec, 10, 7) == (12 * 2 * 768 * 10 * 2, 12 * 2 * 768 * 7 * 2)


SANTACODER = {"n_embd": 2_048, "n_head": 16, "n_layer": 24, "n_inner": 8_192, "n_positions": 2_048, "vocab_size": 49_280}


def test_multi_query_attention_keeps_one_head() -> None:
    spec = read("gpt_bigcode", "GPTBigCodeForCausalLM", **SANTACODER)
    assert spec.value("attention") == "mqa"
    assert total(spec) == 1_124_886_528
    assert tensors(spec)["transformer.h.0.attn.c_attn.weight"] == (2_048 + 2 * 128, 2_048)
    assert kept(spec, 2_048) == (24 * 2 * 128 * 2_048 * 2, 0)


def test_without_multi_query_every_head_keeps_its_own() -> None:
    spec = read("gpt_bigcode", multi_query=False, **SANTACODER)
    assert spec.value("attention") == "mha"
    assert kept(spec, 1) == (24 * 2 * 2_048 * 2, 0)


def test_every_size_of_the_corpus() -> None:
    check_against_corpus("gpt2", "gpt_bigcode")


def test_every_published_config_of_the_corpus() -> None:
    check_published("gpt2", "gpt_bigcode")
