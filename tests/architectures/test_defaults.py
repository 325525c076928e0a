"""The table of class defaults: what it holds, how its rules apply, and that a hostile config cannot make them costly."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.architectures.computed import COMPUTED
from specverify.architectures.defaults import (
    MOST_ENTRIES,
    architecture_class,
    architectures_of,
    class_defaults,
    model_types,
    plain_value,
    release,
)


def value(model_type: str, key: str, **declared: Any) -> Any:
    defaults = class_defaults(model_type)
    assert defaults is not None
    return plain_value(defaults, key, declared)


def test_it_names_its_release() -> None:
    assert release() == "transformers 5.23.0"


def test_a_type_nobody_knows_has_none() -> None:
    assert class_defaults("llama-9") is None
    assert architecture_class("NoSuchModel") is None
    assert architectures_of("llama-9") == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LlamaForCausalLM", ("llama", "causal_lm")),
        ("T5ForConditionalGeneration", ("t5", "seq2seq_lm")),
        ("BertForMaskedLM", ("bert", "masked_lm")),
        ("WhisperForConditionalGeneration", ("whisper", "speech_seq2seq")),
    ],
)
def test_classes_have_a_type_and_a_kind(name: str, expected: tuple[str, str]) -> None:
    assert architecture_class(name) == expected
    assert (name, expected[1]) in architectures_of(expected[0])


@pytest.mark.parametrize(
    ("model_type", "key", "declared", "expected"),
    [
        ("llama", "hidden_size", {}, 4096),
        ("llama", "hidden_size", {"hidden_size": 7}, 7),
        ("gpt2", "n_embd", {"hidden_size": 7}, 7),
        ("gpt2", "n_embd", {"hidden_size": 7, "n_embd": 8}, 7),
        ("gemma3_text", "layer_types", {"num_hidden_layers": 2, "sliding_window_pattern": 2}, ["sliding_attention", "full_attention"]),
        ("gemma3_text", "layer_types", {"layer_types": None, "num_hidden_layers": 1, "sliding_window_pattern": 1}, ["full_attention"]),
        ("mimo_v2_flash", "sliding_window", {"sliding_window": 16}, 16),
        ("mimo_v2_flash", "sliding_window", {"sliding_window_size": 16}, 17),
        ("qwen2", "sliding_window", {"use_sliding_window": True}, 4096),
        ("qwen2", "sliding_window", {"use_sliding_window": False, "sliding_window": 9}, None),
        ("qwen2", "sliding_window", {"use_sliding_window": True, "sliding_window": 9}, 9),
        ("jamba", "mamba_dt_rank", {"hidden_size": 33}, 3),
        ("jamba", "mamba_dt_rank", {"hidden_size": 33, "mamba_dt_rank": "auto"}, 3),
        (
            "jamba",
            "layers_block_type",
            {"num_hidden_layers": 3, "attn_layer_period": 2, "attn_layer_offset": 1},
            ["mamba", "attention", "mamba"],
        ),
    ],
)
def test_what_a_class_holds_given_what_is_declared(model_type: str, key: str, declared: dict[str, Any], expected: Any) -> None:
    assert value(model_type, key, **declared) == expected


def test_a_key_the_class_lacks_is_an_error_not_a_guess() -> None:
    with pytest.raises(KeyError):
        value("llama", "num_experts")


@pytest.mark.parametrize("layers", [MOST_ENTRIES + 1, 10**12, "many", None])
def test_lists_as_long_as_no_model_are_not_made(layers: Any) -> None:
    with pytest.raises(KeyError):
        value("gemma3_text", "layer_types", num_hidden_layers=layers)


def test_what_a_class_knows() -> None:
    llama, marian = class_defaults("llama"), class_defaults("marian")
    assert llama is not None
    assert marian is not None
    assert llama.knows("rope_scaling")
    assert llama.knows("use_cache")
    assert not llama.knows("hiden_size")
    assert marian.knows("num_hidden_layers")
    assert marian.spellings["encoder_layers"] == ("num_hidden_layers",)


def test_every_rule_of_the_table_names_a_function_there_is() -> None:
    for model_type in model_types():
        defaults = class_defaults(model_type)
        assert defaults is not None
        for rules in (defaults.computed, defaults.later, defaults.forced, *defaults.per_kind.values()):
            for key, rule in rules.items():
                assert rule["fn"] is None or rule["fn"] in COMPUTED, (model_type, key)
                assert isinstance(rule.get("of", []), list), (model_type, key)


def test_no_alias_stands_for_another_alias() -> None:
    for model_type in model_types():
        defaults = class_defaults(model_type)
        assert defaults is not None
        chained = {alias for alias, actual in defaults.aliases.items() if actual in defaults.aliases and defaults.aliases[actual] != alias}
        assert not chained, model_type
