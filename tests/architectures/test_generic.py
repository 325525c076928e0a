"""A model whose class no family describes: the sizes it states, and for all else what is unknown and why."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.figures import figures
from specverify.spec import Attention, Latent, ModelSpec, Recurrent
from specverify.target import Target
from tests.architectures.plans import SMALL, spec_of

NEW = {"model_type": "unheard-of", "architectures": ["UnheardOfForCausalLM"]}
PLAIN: dict[str, Any] = {**NEW, **SMALL, "torch_dtype": "bfloat16"}


def figure(raw: dict[str, Any], name: str, **target: Any) -> tuple[int | float | None, tuple[str, ...]]:
    found = figures(spec_of(raw), Target(**target))[name]
    return found.value, found.number.reasons()


def mixers(spec: ModelSpec) -> tuple[Any, ...]:
    part = spec.decoder() or spec.encoder()
    assert part is not None
    return part.layers[0].mixers


SPELLINGS = [
    {"num_hidden_layers": 3, "num_attention_heads": 4, "vocab_size": 100, "hidden_size": 64},
    {"n_layer": 3, "n_head": 4, "vocab_size": 100, "n_embd": 64},
    {"n_layers": 3, "n_heads": 4, "vocab_size": 100, "d_model": 64},
    {"num_layers": 3, "num_heads": 4, "padded_vocab_size": 100, "dim": 64},
]


@pytest.mark.parametrize("stated", SPELLINGS, ids=lambda stated: next(iter(stated)))
def test_stated_sizes_are_found_under_any_spelling(stated: dict[str, int]) -> None:
    spec = spec_of({**NEW, **stated})
    assert spec.exactness == "generic"
    assert [spec.value(name) for name in ("num_hidden_layers", "num_attention_heads", "vocab_size", "hidden_size")] == [3, 4, 100, 64]
    assert spec.keys.unread == ()


def test_its_parameters_are_unknown_and_say_why() -> None:
    for name in ("parameters.total", "parameters.activated", "weights.bytes"):
        assert figure(PLAIN, name) == (None, ("the tensors of unheard-of are not known to specverify",))


def test_its_cache_follows_from_its_sizes() -> None:
    assert figure(PLAIN, "cache.bytes_per_token")[0] == 4 * 2 * 2 * 8 * 2
    assert figure({**PLAIN, "head_dim": 16}, "cache.bytes_per_token")[0] == 4 * 2 * 2 * 16 * 2
    assert figure({**PLAIN, "head_dim": 0}, "cache.bytes_per_token")[0] == 4 * 2 * 2 * 8 * 2


def test_multi_query_is_one_head() -> None:
    bare = {key: value for key, value in PLAIN.items() if key != "num_key_value_heads"}
    assert figure({**bare, "multi_query": True}, "cache.bytes_per_token")[0] == 4 * 2 * 8 * 2


def test_latent_keys_make_a_latent_cache() -> None:
    latent = {"kv_lora_rank": 32, "qk_rope_head_dim": 8, "qk_nope_head_dim": 16, "v_head_dim": 16, "q_lora_rank": None}
    raw = {**PLAIN, **latent}
    assert isinstance(mixers(spec_of(raw))[0], Latent)
    assert figure(raw, "cache.bytes_per_token")[0] == 4 * (32 + 8) * 2
    assert spec_of(raw).value("attention") == "mla"
    assert isinstance(mixers(spec_of({**raw, "kv_lora_rank": 0}))[0], Attention)


@pytest.mark.parametrize(
    "hint",
    [
        {"layer_types": ["linear", "full", "linear", "full"]},
        {"mamba_d_state": 16},
        {"linear_num_value_heads": 4},
        {"attn_layer_period": 2},
        {"hybrid_override_pattern": "M*"},
        {"block_configs": []},
        {"num_kv_shared_layers": 2},
        {"index_topk": 2048},
    ],
    ids=lambda hint: next(iter(hint)),
)
def test_a_hint_of_other_layers_leaves_the_cache_unknown(hint: dict[str, Any]) -> None:
    value, reasons = figure({**PLAIN, **hint}, "cache.bytes_per_token")
    assert value is None
    assert any(f"`{next(iter(hint))}` says that layers differ" in reason for reason in reasons)
    assert spec_of({**PLAIN, **hint}).value("num_hidden_layers") == 4


def test_layers_of_one_kind_are_no_hint() -> None:
    assert figure({**PLAIN, "layer_types": ["full_attention"] * 4}, "cache.bytes_per_token")[0] == 256


def test_a_window_of_unknown_layers_leaves_the_sequence_unknown() -> None:
    raw = {**PLAIN, "sliding_window": 16}
    value, reasons = figure(raw, "cache.sequence_bytes")
    assert value is None
    assert reasons == ("which layers of unheard-of the window applies to is not known",)
    for off in (None, 0, -1):
        assert figure({**PLAIN, "sliding_window": off}, "cache.sequence_bytes", context=10)[0] == 2560


def test_no_heads_is_a_state_nobody_knows() -> None:
    bare = {key: value for key, value in PLAIN.items() if key not in ("num_attention_heads", "num_key_value_heads")}
    assert isinstance(mixers(spec_of(bare))[0], Recurrent)
    value, reasons = figure(bare, "cache.state_bytes")
    assert value is None
    assert reasons == ("what a layer of unheard-of keeps is not known",)


def test_an_encoder_decoder_generates_with_its_decoder() -> None:
    raw = {
        **NEW,
        "architectures": ["UnheardOfForConditionalGeneration"],
        "is_encoder_decoder": True,
        "d_model": 64,
        "encoder_layers": 2,
        "decoder_layers": 3,
        "decoder_attention_heads": 4,
        "vocab_size": 100,
        "torch_dtype": "float16",
    }
    value, reasons = figure(raw, "cache.attention_bytes", context=10)[:2]
    assert value is None
    assert "key-value heads" in " ".join(reasons)
    raw["num_key_value_heads"] = 4
    spec = spec_of(raw)
    assert (spec.value("num_hidden_layers"), spec.value("prototype")) == (3, "encoder-decoder")
    assert figure(raw, "cache.attention_bytes", context=10)[0] == 3 * 2 * 64 * 2 * 10
    assert figure(raw, "cache.cross_attention_bytes", encoder_context=7)[0] == 3 * 2 * 64 * 2 * 7


@pytest.mark.parametrize("key", ["text_config", "llm_config", "language_config", "thinker_config"])
def test_the_language_model_inside_another(key: str) -> None:
    spec = spec_of({**NEW, key: {"model_type": "inner", **SMALL}})
    assert spec.value("num_hidden_layers") == 4
    assert spec.fact("num_hidden_layers").readings[0].where.pointer == f"/{key}/num_hidden_layers"


def test_a_language_model_two_levels_down() -> None:
    assert spec_of({**NEW, "thinker_config": {"text_config": SMALL}}).value("vocab_size") == 97


def test_an_encoder_keeps_nothing() -> None:
    raw = {**PLAIN, "architectures": ["UnheardOfForMaskedLM"]}
    assert spec_of(raw).value("prototype") == "encoder-only"
    assert figure(raw, "cache.sequence_bytes") == (0, ())


@pytest.mark.parametrize("missing", ["num_hidden_layers", "vocab_size"])
def test_without_layers_or_vocabulary_it_is_no_language_model(missing: str) -> None:
    spec = spec_of({key: value for key, value in PLAIN.items() if key != missing})
    assert (spec.exactness, spec.parts) == ("none", ())


@pytest.mark.parametrize(
    ("key", "value"), [("num_hidden_layers", "3"), ("num_hidden_layers", 10**9), ("num_attention_heads", 0), ("hidden_size", "x")]
)
def test_a_wrong_size_is_unknown_and_nothing_crashes(key: str, value: Any) -> None:
    raw = {**PLAIN, key: value}
    found = figures(spec_of(raw), Target(gpu="h100-sxm-80gb"))
    assert found["cache.sequence_bytes"].value is None
    assert found["cache.sequence_bytes"].number.reasons()
