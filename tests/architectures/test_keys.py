"""A config as its class reads it: absent, null and default told apart, spellings, forced and computed keys, wrong values."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.architectures.keys import MOST_LAYERS, Config
from specverify.facts import Source
from tests.architectures.plans import SMALL, spec_of, windows_of


def config(model_type: str | None = "llama", /, **raw: Any) -> Config:
    return Config(raw, model_type=model_type)


def said(c: Config, key: str) -> tuple[Any, str | None, str | None]:
    """The value, source and pointer of the first reading of a key."""
    first = c.fact(key).readings[0]
    return first.value, first.source, first.where.pointer


# absent, null, default


def test_a_stated_key_is_declared_where_it_stands() -> None:
    c = config(hidden_size=64)
    assert c.int("hidden_size").value == 64
    assert said(c, "hidden_size") == (64, Source.DECLARED, "/hidden_size")


def test_an_absent_key_takes_the_class_default_and_says_whose() -> None:
    c = config()
    assert c.int("hidden_size").value == 4096
    reading = c.fact("hidden_size").readings[0]
    assert (reading.source, reading.where.file) == (Source.DEFAULTED, "transformers 5.23.0 LlamaConfig")


def test_null_is_not_the_default() -> None:
    c = config(hidden_size=None)
    number = c.int("hidden_size")
    assert number.value is None
    assert number.reasons() == ("`hidden_size` is null",)
    assert config(vocab_size=None).optional("vocab_size") is None


def test_null_is_what_the_class_makes_of_it() -> None:
    """Llama reads a null `num_key_value_heads` as one a query head; Mixtral a null `head_dim` as its quotient."""
    assert config(num_attention_heads=8, num_key_value_heads=None).int("num_key_value_heads").value == 8
    assert config("mixtral", hidden_size=64, num_attention_heads=4, head_dim=None).int("head_dim").value == 16


def test_without_a_class_nothing_is_filled_in() -> None:
    c = config(None, hidden_size=64)
    number = c.int("num_hidden_layers")
    assert number.value is None
    assert number.reasons() == ("`num_hidden_layers` is not stated, and its class defaults are not known",)
    assert c.optional("head_dim") is None
    assert c.choice("rope_scaling", "none") == "none"


def test_a_class_without_a_default_says_so() -> None:
    assert config().int("num_experts").reasons() == ("`num_experts` is not stated, and its class has no default",)


# spellings


def test_a_key_is_known_by_the_spelling_its_class_uses() -> None:
    c = config("gpt2", n_embd=64, n_layer=3)
    assert (c.int("hidden_size").value, c.layers().value) == (64, 3)
    assert said(c, "hidden_size") == (64, Source.DECLARED, "/n_embd")
    assert c.fact("n_embd").name == c.name_of("hidden_size") == "hidden_size"
    assert "hidden_size" in c
    assert "num_attention_heads" not in c


@pytest.mark.parametrize("order", [("encoder_layers", "num_hidden_layers"), ("num_hidden_layers", "encoder_layers")])
def test_of_two_spellings_both_are_kept_and_the_attribute_maps_counts(order: tuple[str, str]) -> None:
    """A Marian config says `encoder_layers: 2` and `num_hidden_layers: 6`, and six are built, in whatever order they stand."""
    stated = {"encoder_layers": 2, "num_hidden_layers": 6}
    c = config("marian", **{key: stated[key] for key in order})
    assert c.layers("encoder_layers").value == 6
    fact = c.fact("encoder_layers")
    assert [(r.value, r.where.pointer) for r in fact.readings] == [(6, "/num_hidden_layers"), (2, "/encoder_layers")]
    assert fact.disputed


def test_spellings_that_agree_are_no_dispute() -> None:
    c = config("marian", encoder_layers=6, num_hidden_layers=6)
    c.layers("encoder_layers")
    assert not c.fact("encoder_layers").disputed


def test_spellings_beside_the_class_come_after_it() -> None:
    c = config(None, n_layer=3, num_layers=4)
    assert c.int("num_hidden_layers", also=("n_layer", "num_layers")).value == 3
    assert [r.value for r in c.fact("num_hidden_layers").readings] == [3, 4]


# forced, placeholders, computed

QWEN2 = {"model_type": "qwen2", **SMALL}


def test_a_switch_that_is_off_turns_the_window_off() -> None:
    stated = {"sliding_window": 64, "max_window_layers": 0}
    assert windows_of({**QWEN2, **stated, "use_sliding_window": False}) == [None] * 4
    assert windows_of({**QWEN2, **stated}) == [None] * 4
    assert windows_of({**QWEN2, **stated, "use_sliding_window": True}) == [64] * 4


def test_a_forced_value_rests_on_the_key_that_decides_it() -> None:
    c = config("qwen2", use_sliding_window=False, sliding_window=64)
    assert c.choice("sliding_window") is None
    assert said(c, "sliding_window") == (None, Source.DECLARED, "/use_sliding_window")
    assert c.fact("sliding_window").readings[0].note == "the class decides `sliding_window` by `use_sliding_window`"
    assert config("qwen2", use_sliding_window=False, sliding_window=64).optional("sliding_window") is None


@pytest.mark.parametrize("stated", [{"mamba_dt_rank": "auto"}, {}])
def test_auto_stands_for_absent(stated: dict[str, Any]) -> None:
    c = config("jamba", hidden_size=4096, **stated)
    rank = c.int("mamba_dt_rank")
    assert rank.value == 256
    assert c.fact("mamba_dt_rank").readings[0].source is Source.DEFAULTED
    assert c.problems == []
    assert {fact.name for fact in rank.rests_on()} == {"mamba_dt_rank", "hidden_size"}


def test_a_stated_rank_is_no_placeholder() -> None:
    assert config("jamba", hidden_size=4096, mamba_dt_rank=100).int("mamba_dt_rank").value == 100


def test_a_computed_key_shows_its_expression() -> None:
    c = config("mixtral", hidden_size=64, num_attention_heads=4)
    dim = c.int("head_dim")
    reading = c.fact("head_dim").readings[0]
    assert (dim.value, reading.source) == (16, Source.DEFAULTED)
    assert reading.note == "computed by the class: hidden_size // num_attention_heads"
    assert [fact.name for fact in dim.rests_on()] == ["head_dim", "hidden_size", "num_attention_heads"]


def test_a_computed_key_of_an_unknown_one_is_unknown_for_its_reason() -> None:
    number = config("mixtral", hidden_size="64", num_attention_heads=4).int("head_dim")
    assert number.value is None
    assert "`hidden_size` should be an integer" in number.reasons()[0]


def test_a_computed_key_over_zero_heads_is_unknown() -> None:
    assert config("mixtral", hidden_size=64, num_attention_heads=0).int("head_dim").value is None


def test_a_computed_list_rests_on_the_keys_it_was_made_of() -> None:
    c = config("gemma3_text", num_hidden_layers=7, sliding_window_pattern=3)
    assert c.list("layer_types", of=str) == ["sliding_attention", "sliding_attention", "full_attention"] * 2 + ["sliding_attention"]
    assert "num_hidden_layers" in {number.fact.name for number in c.rests_on("layer_types") if number.fact}
    assert config("gemma3_text", layer_types=["full_attention"]).rests_on("layer_types") == ()


# sub-configs


def test_a_sub_config_has_the_defaults_of_its_type() -> None:
    text = config("gemma3", text_config={"num_hidden_layers": 3}).sub("text_config", text=True)
    assert (text.model_type, text.layers().value, text.int("hidden_size").value) == ("gemma3_text", 3, 2304)
    assert said(text, "num_hidden_layers")[2] == "/text_config/num_hidden_layers"


@pytest.mark.parametrize(("raw", "layers"), [({}, 26), ({"vision_config": {}}, 12)])
def test_an_absent_sub_config_differs_from_an_empty_one(raw: dict[str, Any], layers: int) -> None:
    """Aya Vision: without a `vision_config` its class builds a SigLIP of 26 layers; a given one has SigLIP's own 12."""
    assert config("aya_vision", **raw).sub("vision_config", model_type="siglip_vision_model").layers().value == layers


def test_facts_of_sub_configs_carry_their_path() -> None:
    c = config("gemma3", text_config={"hidden_size": 8}, vision_config={"hidden_size": 16})
    assert c.sub("text_config", text=True).int("hidden_size").value == 8
    assert c.sub("vision_config").int("hidden_size").value == 16
    assert {"hidden_size", "vision_config.hidden_size"} <= set(c.facts)


def test_two_objects_that_state_one_key_keep_both() -> None:
    c = config("gemma3", hidden_size=1, text_config={"hidden_size": 8})
    assert c.sub("text_config", text=True).int("hidden_size").value == 8
    assert c.int("hidden_size").value == 1
    assert sorted(f.value for f in c.facts.values()) == [1, 8]


def test_a_sub_config_that_is_no_object_is_a_problem() -> None:
    c = config("gemma3", text_config="siglip")
    assert c.sub("text_config", text=True).raw == {}
    assert [(p.pointer, p.message) for p in c.problems] == [("/text_config", "`text_config` should be an object")]


# layers of their own


def test_layers_that_differ_are_groups_of_their_own() -> None:
    spec = spec_of({"model_type": "llama", **SMALL, "per_layer_config": {"1": {"num_key_value_heads": 1}, "3": {"num_key_value_heads": 1}}})
    part = spec.decoder()
    assert part is not None
    assert [(group.count.value, group.indices) for group in part.layers] == [(2, (0, 2)), (2, (1, 3))]
    keys = [group.mixers[0].num_key_value_heads for group in part.layers if hasattr(group.mixers[0], "num_key_value_heads")]
    assert [number.value for number in keys] == [2, 1]


def test_a_layer_says_where_its_own_key_stands() -> None:
    c = config(num_attention_heads=4, per_layer_config={"2": {"num_attention_heads": 2}, "x": {}, "3": 1})
    layer = c.layer(2)
    assert (layer.int("num_attention_heads").value, c.int("num_attention_heads").value) == (2, 4)
    assert layer.at("num_attention_heads") == "/per_layer_config/2/num_attention_heads"
    assert c.layer(0) is c
    assert set(c.overrides()) == {2}


# wrong values


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("64", "type", "`hidden_size` should be an integer"),
        (64.5, "type", "`hidden_size` should be an integer"),
        (True, "type", "`hidden_size` should be an integer"),
        ([64], "type", "`hidden_size` should be an integer"),
        ({}, "type", "`hidden_size` should be an integer"),
        (float("nan"), "type", "`hidden_size` should be an integer"),
        (0, "range", "`hidden_size` is less than 1"),
        (-5, "range", "`hidden_size` is less than 1"),
        (2**63, "range", "`hidden_size` is larger than any size can be"),
        (10**400, "range", "`hidden_size` is larger than any size can be"),
    ],
)
def test_a_wrong_size_is_a_problem_and_unknown(value: Any, kind: str, message: str) -> None:
    c = config(hidden_size=value)
    number = c.int("hidden_size")
    assert number.value is None
    assert number.reasons() == (message,)
    assert [(p.kind, p.pointer, p.message) for p in c.problems] == [(kind, "/hidden_size", message)]
    assert c.facts["hidden_size"].value is None
    assert len(c.facts["hidden_size"].readings) == 1


def test_a_wrong_optional_size_is_unknown_and_not_absent() -> None:
    found = config(head_dim="wide").optional("head_dim")
    assert found is not None
    assert found.value is None


def test_a_whole_float_counts_and_is_noted() -> None:
    c = config(hidden_size=64.0)
    assert c.int("hidden_size").value == 64
    assert isinstance(c.int("hidden_size").value, int)
    assert [(p.kind, p.pointer) for p in c.problems] == [("float", "/hidden_size")]


def test_the_largest_size_there_can_be_is_one() -> None:
    assert config(vocab_size=2**63 - 1).int("vocab_size").value == 2**63 - 1


def test_a_problem_names_the_spelling_in_the_file() -> None:
    c = config("gpt2", n_embd="wide")
    c.int("hidden_size")
    assert [p.pointer for p in c.problems] == ["/n_embd"]


def test_a_problem_is_kept_once() -> None:
    c = config(tie_word_embeddings="yes")
    assert (c.flag("tie_word_embeddings"), c.flag("tie_word_embeddings")) == (False, False)
    assert [(p.kind, p.message) for p in c.problems] == [("type", "`tie_word_embeddings` should be true or false")]


@pytest.mark.parametrize("layers", [MOST_LAYERS, MOST_LAYERS + 1])
def test_a_stack_deeper_than_any_is_refused(layers: int) -> None:
    c = config(num_hidden_layers=layers)
    known = layers <= MOST_LAYERS
    assert c.layers().value == (layers if known else None)
    assert [p.kind for p in c.problems] == ([] if known else ["range"])


def test_flags_texts_and_lists() -> None:
    c = config(None, a=True, b=None, c="x", d=["x"], e=[1, True], f=3, h={})
    assert (c.flag("a"), c.flag("b", True), c.flag("g"), c.flag("g", True)) == (True, True, False, True)
    assert (c.text("c"), c.text("b", "y"), c.text("g")) == ("x", None, None)
    assert (c.list("d", of=str), c.list("b"), c.list("g")) == (["x"], None, None)
    assert c.problems == []
    assert (c.text("f", "y"), c.list("h"), c.list("e", of=int), c.list("d", of=int)) == ("y", None, None, None)
    assert [p.pointer for p in c.problems] == ["/f", "/h", "/e", "/d"]


@pytest.mark.parametrize(
    ("value", "known"), [(0.5, 0.5), (2, 2), (None, "absent"), ("2", None), (True, None), (float("inf"), None), (float("nan"), None)]
)
def test_real_numbers(value: Any, known: Any) -> None:
    found = config(None, factor=value).number("factor")
    assert ("absent" if found is None else found.value) == known


# keys nobody read


def test_pointers_are_escaped() -> None:
    assert config(None).at("a/b~c") == "/a~1b~0c"


def test_keys_are_unread_unused_or_read() -> None:
    spec = spec_of(
        {"model_type": "llama", **SMALL, "hiden_size": 1, "pretraining_tp": 1, "use_cache": True, "_name_or_path": "x", "pad_token_id": 0}
    )
    assert spec.keys.unread == ("/hiden_size",)
    assert "/use_cache" in spec.keys.unused
    assert not {"/hidden_size", "/_name_or_path", "/pad_token_id"} & {*spec.keys.unread, *spec.keys.unused}


def test_keys_of_a_branch_not_taken_are_unused_not_unread() -> None:
    spec = spec_of({"model_type": "qwen2_moe", **SMALL, "num_experts": 0, "shared_expert_intermediate_size": 48})
    assert "/shared_expert_intermediate_size" not in spec.keys.unread


def test_an_absent_sub_config_says_what_is_inside_it() -> None:
    """PI0Config builds PaliGemma with a tower wider inside than PaliGemma's own default; one that is given it leaves alone."""
    absent, given = config("pi0"), config("pi0", vlm_config={})
    assert absent.sub("vlm_config").sub("vision_config").int("intermediate_size").value == 4304
    assert given.sub("vlm_config").sub("vision_config").int("intermediate_size").value == 4096
