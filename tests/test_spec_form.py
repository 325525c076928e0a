from __future__ import annotations

import json
from dataclasses import replace

import pytest

from specverify.facts import Fact, Reading, Source, Where
from specverify.normalize.config import normalize_bytes
from specverify.num import of
from specverify.spec import ModelSpec
from specverify.spec_form import RESERVED, json_value, spec_from_dict, spec_to_dict, value_of_json
from tests.corpus import corpus
from tests.report.reports import BY_NAME, DEEPSEEK, LLAMA, spec_of


def through_text(spec: ModelSpec) -> ModelSpec:
    return spec_from_dict(json.loads(json.dumps(spec_to_dict(spec), allow_nan=False)))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_spec_survives_its_json_form(name: str) -> None:
    spec = spec_of(BY_NAME[name])
    restored = through_text(spec)
    assert restored == spec
    assert spec_to_dict(restored) == spec_to_dict(spec)


def test_every_config_of_the_corpus_survives() -> None:
    paths = sorted(corpus().rglob("config.json"))
    assert len(paths) > 300
    changed = [str(path) for path in paths if through_text(spec := normalize_bytes(path.read_bytes())) != spec]
    assert changed == []


def test_numbers_of_the_plan_rest_on_facts_that_stand_in_the_form() -> None:
    paths = sorted(corpus().rglob("config.json"))
    assert [str(path) for path in paths if "plan_facts" in spec_to_dict(normalize_bytes(path.read_bytes()))] == []


def test_facts_stand_at_the_top_level_with_their_readings() -> None:
    form = spec_to_dict(spec_of(LLAMA | {"torch_dtype": "float16", "dtype": "bfloat16"}))
    assert form["prototype"]["value"] == "decoder-only"
    assert form["num_key_value_heads"] == {
        "value": 2,
        "source": "declared",
        "readings": [{"value": 2, "source": "declared", "file": "config.json", "pointer": "/num_key_value_heads"}],
    }
    assert form["dtype"]["disputed"] is True
    assert form["rope"]["factor"]["value"] == 2.0
    assert form["keys"]["unread"] == ["/made_up"]


def test_an_unknown_fact_says_why() -> None:
    form = spec_to_dict(spec_of(LLAMA | {"num_key_value_heads": "two"}))
    assert form["num_key_value_heads"]["value"] is None
    assert form["num_key_value_heads"]["reason"]
    assert "source" not in form["num_key_value_heads"]


def test_a_field_at_its_default_is_left_out_and_numbers_keep_what_they_were_made_of() -> None:
    sparse = spec_to_dict(spec_of(DEEPSEEK))["parts"][0]["layers"][1]
    assert sparse["mixers"][0]["mixer"] == "latent"
    assert "window" not in sparse["mixers"][0]
    assert sparse["count"]["label"] == "sparse layers"
    assert {"value": 1, "fact": "first_k_dense_replace"} in sparse["count"]["args"]


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_json_has_no_word_for_survive(token: str) -> None:
    data = json.dumps(LLAMA | {"rope_theta": 0}).replace('"rope_theta": 0', f'"rope_theta": {token}').encode()
    spec = normalize_bytes(data)
    assert spec_to_dict(through_text(spec)) == spec_to_dict(spec)
    assert "$non_finite" in spec_to_dict(spec)["rope_theta"]["readings"][0]["value"]


@pytest.mark.parametrize(
    "value", [{"$non_finite": "NaN"}, {"$literal": {"$literal": 1}}, {"$non_finite": 1, "b": 2}, [{"$literal": []}], {}, None, 1.0, "NaN"]
)
def test_objects_that_look_like_the_marks_survive(value: object) -> None:
    assert value_of_json(json.loads(json.dumps(json_value(value)))) == value


def test_a_fact_only_the_plan_knows_is_kept() -> None:
    spec = spec_of(LLAMA)
    fact = Fact("only_here", (Reading(3, Source.DECLARED, Where("config.json", "/only_here")),))
    part = replace(spec.parts[0], layers=(replace(spec.parts[0].layers[0], count=of(fact)),))
    odd = replace(spec, parts=(part,))
    assert list(spec_to_dict(odd)["plan_facts"]) == ["only_here"]
    assert through_text(odd) == odd


@pytest.mark.parametrize("name", RESERVED)
def test_a_fact_may_not_take_a_reserved_name(name: str) -> None:
    spec = spec_of(LLAMA)
    with pytest.raises(ValueError, match=name):
        spec_to_dict(replace(spec, facts=spec.facts | {name: Fact(name)}))
