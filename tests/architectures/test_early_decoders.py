"""The first generation of decoders: GPT-1, CTRL, GPT-Neo, XGLM, BioGPT, CPM-Ant, GPT-NeoX Japanese."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.parameters import counts
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, reserved_of, spec_of, total_of, windows_of
from tests.architectures.reading import kept, tensors, under

KIN = ("gpt_neo", "gpt_neox_japanese", "openai-gpt", "ctrl", "biogpt", "xglm", "cpmant")
GPT: dict[str, Any] = {"vocab_size": 97, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64}
NEO: dict[str, Any] = {"hidden_size": 32, "num_layers": 4, "num_heads": 4, "max_position_embeddings": 128}
TINY: dict[str, dict[str, Any]] = {
    "gpt_neo": {**NEO, "vocab_size": 97, "attention_types": [[["global", "local"], 2]]},
    "gpt_neox_japanese": SMALL,
    "openai-gpt": GPT,
    "ctrl": {**GPT, "dff": 40},
    "biogpt": SMALL,
    "xglm": {"vocab_size": 97, "d_model": 32, "ffn_dim": 40, "num_layers": 3, "attention_heads": 4},
    "cpmant": {
        "vocab_size": 97,
        "hidden_size": 32,
        "dim_ff": 40,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "dim_head": 6,
        "prompt_types": 3,
        "prompt_length": 5,
        "segment_types": 4,
        "position_bias_num_buckets": 8,
    },
}


def tiny(model_type: str, **changes: Any) -> dict[str, Any]:
    """A small config of the type."""
    return {**TINY[model_type], "model_type": model_type, **changes}


@pytest.mark.parametrize(
    ("model_type", "architecture", "changes", "expected"),
    [
        ("gpt_neo", "GPTNeoForCausalLM", {}, 57_696),
        ("gpt_neo", "GPTNeoForCausalLM", {"intermediate_size": 20, "tie_word_embeddings": False}, 32_720),
        ("gpt_neo", "GPTNeoForTokenClassification", {}, 57_762),
        ("gpt_neox_japanese", "GPTNeoXJapaneseForCausalLM", {}, 52_864),
        ("gpt_neox_japanese", "GPTNeoXJapaneseForCausalLM", {"intermediate_multiple_size": 3, "tie_word_embeddings": False}, 47_776),
        ("openai-gpt", "OpenAIGPTLMHeadModel", {}, 43_264),
        ("openai-gpt", "OpenAIGPTDoubleHeadsModel", {}, 43_297),
        ("openai-gpt", "OpenAIGPTForSequenceClassification", {}, 43_328),
        ("ctrl", "CTRLLMHeadModel", {}, 24_217),
        ("ctrl", "CTRLForSequenceClassification", {}, 24_184),
        ("biogpt", "BioGptForCausalLM", {}, 37_344),
        ("biogpt", "BioGptForTokenClassification", {}, 37_410),
        ("xglm", "XGLMForCausalLM", {}, 24_120),
        ("xglm", "XGLMForCausalLM", {"add_cross_attention": True}, 36_984),
        ("cpmant", "CpmAntForCausalLM", {}, 27_872),
    ],
)
def test_totals(model_type: str, architecture: str, changes: dict[str, Any], expected: int) -> None:
    """Built by transformers 5.23."""
    assert total_of(tiny(model_type, architectures=[architecture], **changes)) == expected


def test_names() -> None:
    assert under(spec_of(tiny("ctrl")), "transformer.h.1.")["ffn.2.weight"] == (32, 40)
    assert under(spec_of(tiny("openai-gpt")), "transformer.h.1.")["attn.c_attn.weight"] == (32, 96)
    assert under(spec_of(tiny("gpt_neo")), "transformer.h.1.")["attn.attention.out_proj.bias"] == (32,)
    assert tensors(spec_of(tiny("biogpt")))["biogpt.embed_positions.weight"] == (130, 32)
    assert tensors(spec_of(tiny("cpmant")))["cpmant.input_embedding.weight"] == (97 + 3 * 5, 32)
    assert tensors(spec_of(tiny("cpmant")))["lm_head.weight"] == (97, 32)


def test_a_bias_in_the_last_layer_alone() -> None:
    """GPTNeoXJapaneseAttention: `dense_bias`."""
    assert [name for name in tensors(spec_of(tiny("gpt_neox_japanese"))) if "dense_bias" in name] == [
        "gpt_neox_japanese.layers.3.attention.dense_bias"
    ]


def test_a_window_that_only_masks() -> None:
    """GPT-Neo's local layers need `window_size` tokens, and its cache object holds them all."""
    config = tiny("gpt_neo", window_size=8)
    assert windows_of(config) == [None, 8, None, 8]
    assert kept(spec_of(config), 20)[0] == (2 * 20 + 2 * 8) * 2 * 32 * 2
    assert reserved_of(config, 20) == 4 * 20 * 2 * 32 * 2


@pytest.mark.parametrize(
    "stated",
    [
        None,
        "global",
        [[["global"], 2]],
        [[["global"], 10**12]],
        [[["global", "far"], 2]],
        [["global", 4]],
        [[["global"], "4"]],
        [[[], 10**12]],
    ],
)
def test_attention_types_that_do_not_come_to_the_layers(stated: Any) -> None:
    spec = spec_of(tiny("gpt_neo", attention_types=stated))
    found = counts(spec)
    assert found is not None
    assert found.total.value is None
    assert "/attention_types" in [problem.pointer for problem in spec.problems]


def test_the_prompt_of_cpmant_is_kept() -> None:
    """Five learned tokens in front of every sequence, in every layer; as many as `prompt_length` says."""
    token = 3 * 2 * 4 * 6 * 2
    assert reserved_of(tiny("cpmant"), 20) == (20 + 5) * token
    assert reserved_of(tiny("cpmant", prompt_length=0), 20) == 20 * token


def test_an_encoder_that_xglm_reads() -> None:
    own, read = kept(spec_of(tiny("xglm", add_cross_attention=True)), 10, 7)
    assert (own, read) == (3 * 10 * 2 * 32 * 2, 3 * 7 * 2 * 32 * 2)


def test_recipe() -> None:
    names = ("position_scheme", "norm", "norm_placement", "mask")
    recipes = {model_type: [spec_of(tiny(model_type)).value(name) for name in names] for model_type in KIN}
    assert recipes == {
        "gpt_neo": ["learned", "layer", "pre", "causal"],
        "gpt_neox_japanese": ["rope", "layer", "pre", "causal"],
        "openai-gpt": ["learned", "layer", "post", "causal"],
        "ctrl": ["sinusoidal", "layer", "pre", "causal"],
        "biogpt": ["learned", "layer", "pre", "causal"],
        "xglm": ["sinusoidal", "layer", "pre", "causal"],
        "cpmant": ["relative", "rms", "pre", "prefix"],
    }


def test_corpus() -> None:
    check_against_corpus(*KIN)


def test_cache_of_the_corpus() -> None:
    check_cache_against_corpus(*(model_type for model_type in KIN if model_type != "openai-gpt"))
