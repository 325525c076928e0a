"""Rules about the file itself, beyond their examples: places, severities, and what they let pass."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.outcome import Severity
from tests.rules.assessed import LLAMA, found, reason

CUSTOM = {**LLAMA, "architectures": ["ExampleForCausalLM"], "model_type": "example"}


def text(config: dict[str, Any], *more: str) -> str:
    entries = [f'"{key}": {value!r}'.replace("'", '"') for key, value in config.items()]
    return "{\n" + ",\n".join([*entries, *more]) + "\n}"


def test_a_duplicate_is_shown_at_its_own_place() -> None:
    config = text({**LLAMA, "extra": {"size": 4}}, '"more": [{"size": 1, "size": 2}]')
    (finding,) = found(config, "DOC001")
    assert finding.severity is Severity.WARNING
    assert finding.evidence[0].pointer == "/more/0/size"
    assert finding.evidence[0].line == len(LLAMA) + 3
    assert finding.evidence[0].value == 2


def test_a_key_written_twice_with_one_value_is_worth_knowing() -> None:
    (finding,) = found(text(LLAMA, '"vocab_size": 32000'), "DOC001")
    assert finding.severity is Severity.INFO


def test_no_number_in_json_is_shown_where_it_stands() -> None:
    (finding,) = found(text(LLAMA, '"limits": {"a": [0.0, NaN], "b": -Infinity}'), "DOC002")
    assert [e.pointer for e in finding.evidence] == ["/limits/a/1", "/limits/b"]
    assert "NaN and -Infinity" in finding.message


@pytest.mark.parametrize("value", ["8", 8.0, True, [8], {"a": 8}])
def test_every_type_that_is_no_integer_is_an_error_for_a_known_class(value: Any) -> None:
    (finding,) = found({**LLAMA, "num_hidden_layers": value}, "DOC004")
    assert finding.severity is Severity.ERROR
    assert finding.evidence[0].pointer == "/num_hidden_layers"


def test_a_class_that_is_not_known_may_have_lists_and_gets_a_warning_for_strings() -> None:
    assert not found({**CUSTOM, "num_key_value_heads": [4] * 8}, "DOC004")
    (finding,) = found({**CUSTOM, "num_key_value_heads": "4"}, "DOC004")
    assert (finding.severity, finding.confidence) == ("warning", "medium")


def test_a_long_value_does_not_fill_the_message() -> None:
    (finding,) = found({**LLAMA, "num_hidden_layers": "8" * 10_000}, "DOC004")
    assert len(finding.message) < 200


@pytest.mark.parametrize("value", [0, -1, 2**63])
def test_no_model_has_such_a_size(value: int) -> None:
    (finding,) = found({**LLAMA, "vocab_size": value}, "DOC005")
    assert finding.severity is Severity.ERROR
    assert str(value) in finding.message


def test_a_stack_deeper_than_any_is_refused() -> None:
    assert found({**LLAMA, "num_hidden_layers": 10**9}, "DOC005")


def test_zero_for_a_head_size_stands_for_unset() -> None:
    assert not found({**LLAMA, "head_dim": 0}, "DOC005")
    assert found({**LLAMA, "head_dim": -1}, "DOC005")


def test_no_limit_in_the_tokenizer_librarys_words_is_no_size() -> None:
    assert not found({**LLAMA, "model_max_length": 1000000000000000019884624838656}, "DOC005")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[]", b'{"a": ', b"version https://git-lfs.github.com/spec/v1\n"])
@pytest.mark.parametrize("name", ["generation_config.json", "tokenizer_config.json", "hf_quant_config.json"])
def test_a_side_file_that_is_no_object_is_named(name: str, content: bytes) -> None:
    (finding,) = found(LLAMA, "DOC006", **{name: content})
    assert finding.evidence[0].file == name
    assert name in finding.message


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("num_hidden_layer", "num_hidden_layers"),
        ("rope_scalling", "rope_scaling"),
        ("rope_scailng", "rope_scaling"),
        ("vocab_sice", "vocab_size"),
        ("tie_word_embedding", "tie_word_embeddings"),
    ],
)
def test_one_edit_away(key: str, meant: str) -> None:
    config = {name: value for name, value in LLAMA.items() if name != meant}
    (finding,) = found({**config, key: 1}, "DOC007")
    assert f"`{meant}`" in finding.message
    assert finding.evidence[0].pointer == f"/{key}"


@pytest.mark.parametrize("key", ["hidden_sizes", "eoa_token_id", "boi_token_id", "head_dims", "rope_scale", "numm_hidden_layerss"])
def test_what_only_looks_like_a_known_key(key: str) -> None:
    assert not found({**LLAMA, key: 1}, "DOC007")


def test_the_right_key_beside_it_makes_it_none_of_our_business() -> None:
    assert not found({**LLAMA, "vocab_sizes": 1}, "DOC007")


def test_a_class_whose_keys_are_not_known_is_skipped() -> None:
    assert reason({**CUSTOM, "vocab_sizee": 1}, "DOC007") == "which keys this class knows is not known"


@pytest.mark.parametrize("key", ["hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size"])
def test_null_for_a_size_that_is_needed(key: str) -> None:
    (finding,) = found({**LLAMA, key: None}, "DOC008")
    assert [e.pointer for e in finding.evidence] == [f"/{key}"]
    assert finding.evidence[0].line == 1


def test_null_in_an_unknown_class_may_mean_anything() -> None:
    assert "not known" in str(reason({**CUSTOM, "head_dim": None}, "DOC008"))
