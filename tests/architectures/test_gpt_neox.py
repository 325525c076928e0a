"""GPT-NeoX, GPT-J and CodeGen: blocks beside each other, heads and their biases, and who has a norm for each block."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.spec import Attention
from tests.architectures.plans import check_against_corpus, check_published, decoder_of
from tests.architectures.reading import kept, read, tensors, total, under

NEOX = {"vocab_size": 97, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 4, "num_attention_heads": 4}
GPTJ = {"vocab_size": 97, "n_embd": 32, "n_layer": 4, "n_head": 4, "rotary_dim": 4}
LABELS = {"id2label": {"0": "a", "1": "b", "2": "c"}}


@pytest.mark.parametrize(
    ("changes", "architecture", "expected"),
    [
        ({}, "GPTNeoXForCausalLM", 36_288),
        ({"attention_bias": False}, "GPTNeoXForCausalLM", 35_776),
        ({"tie_word_embeddings": True}, "GPTNeoXForCausalLM", 33_184),
        ({"use_parallel_residual": False}, "GPTNeoXForCausalLM", 36_288),
        ({}, "GPTNeoXModel", 33_184),
        ({}, "GPTNeoXForSequenceClassification", 33_248),
        ({}, "GPTNeoXForTokenClassification", 33_250),
        (LABELS, "GPTNeoXForQuestionAnswering", 33_250),
    ],
)
def test_neox_totals(changes: dict[str, Any], architecture: str, expected: int) -> None:
    assert total(read("gpt_neox", architecture, **{**NEOX, **changes})) == expected


@pytest.mark.parametrize(
    ("changes", "architecture", "expected"),
    [
        ({}, "GPTJForCausalLM", 56_417),
        ({"n_inner": 40}, "GPTJForCausalLM", 33_537),
        ({"tie_word_embeddings": True}, "GPTJForCausalLM", 53_313),
        (LABELS, "GPTJModel", 53_216),
        (LABELS, "GPTJForSequenceClassification", 53_312),
        (LABELS, "GPTJForQuestionAnswering", 53_315),
    ],
)
def test_gptj_totals(changes: dict[str, Any], architecture: str, expected: int) -> None:
    assert total(read("gptj", architecture, **{**GPTJ, **changes})) == expected


def test_neox_names() -> None:
    spec = read("gpt_neox", **NEOX)
    assert under(spec, "gpt_neox.layers.1.") == {
        "attention.query_key_value.weight": (96, 32),
        "attention.query_key_value.bias": (96,),
        "attention.dense.weight": (32, 32),
        "attention.dense.bias": (32,),
        "mlp.dense_h_to_4h.weight": (48, 32),
        "mlp.dense_h_to_4h.bias": (48,),
        "mlp.dense_4h_to_h.weight": (32, 48),
        "mlp.dense_4h_to_h.bias": (32,),
        **{f"{name}_layernorm.{part}": (32,) for name in ("input", "post_attention") for part in ("weight", "bias")},
    }
    assert {name for name in tensors(spec) if ".layers." not in name} == {
        "gpt_neox.embed_in.weight",
        "gpt_neox.final_layer_norm.weight",
        "gpt_neox.final_layer_norm.bias",
        "embed_out.weight",
    }
    assert "classifier.weight" in tensors(read("gpt_neox", "GPTNeoXForTokenClassification", **NEOX))


def test_gptj_names() -> None:
    spec = read("gptj", **GPTJ)
    own = {
        "attn.out_proj.weight": (32, 32),
        "mlp.fc_in.weight": (128, 32),
        "mlp.fc_in.bias": (128,),
        "mlp.fc_out.weight": (32, 128),
        "mlp.fc_out.bias": (32,),
        "ln_1.weight": (32,),
        "ln_1.bias": (32,),
    }
    assert under(spec, "transformer.h.1.") == {**own, **{f"attn.{name}_proj.weight": (32, 32) for name in "qkv"}}
    body = {"transformer.wte.weight", "transformer.ln_f.weight", "transformer.ln_f.bias"}
    assert {name for name in tensors(spec) if ".h." not in name} == {*body, "lm_head.weight", "lm_head.bias"}
    assert tensors(spec)["lm_head.bias"] == (97,)
    codegen = read("codegen", "CodeGenForCausalLM", **GPTJ)
    assert under(codegen, "transformer.h.1.") == {**own, "attn.qkv_proj.weight": (96, 32)}
    assert total(codegen) == 56_417


def test_recipe_and_cache() -> None:
    neox, gptj = read("gpt_neox", **NEOX), read("gptj", **GPTJ)
    assert (neox.value("parallel_blocks"), gptj.value("parallel_blocks")) == (True, True)
    assert read("gpt_neox", **NEOX, use_parallel_residual=False).value("parallel_blocks") is False
    assert neox.value("norm") == gptj.value("norm") == "layer"
    assert neox.value("position_scheme") == gptj.value("position_scheme") == "rope"
    assert kept(neox, 10) == kept(gptj, 10) == (4 * 2 * 32 * 10 * 2, 0)
    assert read("gpt_neox", **NEOX, rotary_pct=1.0, rotary_emb_base=10_000).keys.unread == ()


def test_gptj_rotates_part_of_each_head() -> None:
    mixer = decoder_of({**GPTJ, "model_type": "gptj"}).layers[0].mixers[0]
    assert isinstance(mixer, Attention)
    assert mixer.rotary_dim is not None
    assert mixer.rotary_dim.value == 4


def test_corpus() -> None:
    check_against_corpus("gpt_neox", "gptj", "codegen")


def test_published() -> None:
    check_published("gpt_neox", "gptj")
