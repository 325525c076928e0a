"""Any bytes as config.json: a report or a SpecverifyError that names file and place, never anything else."""

from __future__ import annotations

import base64
import copy
import json
import os
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specverify.architectures.registry import index
from specverify.errors import SpecverifyError
from specverify.fetch.files import ModelFiles
from specverify.outcome import Broken, Report
from specverify.pipeline import assess
from specverify.target import Target
from tests.corpus import corpus

TARGET = Target(gpu="h100-sxm-80gb", gpus=8, context=131072, concurrency=4)

SEEDS: tuple[dict[str, Any], ...] = (
    {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": 64,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "vocab_size": 100,
        "intermediate_size": 128,
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 8.0,
            "original_max_position_embeddings": 64,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
        },
        "max_position_embeddings": 512,
        "torch_dtype": "bfloat16",
    },
    {
        "model_type": "deepseek_v3",
        "architectures": ["DeepseekV3ForCausalLM"],
        "num_hidden_layers": 4,
        "n_routed_experts": 8,
        "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
        "num_nextn_predict_layers": 1,
        "first_k_dense_replace": 1,
    },
    {
        "model_type": "gemma3",
        "text_config": {"num_hidden_layers": 7, "layer_types": ["full_attention"] * 7},
        "vision_config": {"hidden_size": 32},
    },
    {"model_type": "jamba", "num_hidden_layers": 8, "attn_layer_period": 4, "attn_layer_offset": 1, "mamba_dt_rank": "auto"},
    {"model_type": "whisper", "encoder_layers": 2, "decoder_layers": 2, "d_model": 64, "max_source_positions": 100},
    {
        "model_type": "gpt_oss",
        "num_hidden_layers": 4,
        "layer_types": ["sliding_attention", "full_attention"] * 2,
        "quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head", "model.layers.*.self_attn"]},
    },
    {
        "model_type": "qwen2",
        "use_sliding_window": True,
        "sliding_window": 64,
        "max_window_layers": 1,
        "num_hidden_layers": 3,
        "per_layer_config": {"1": {"num_key_value_heads": 2}},
    },
    {
        "architectures": ["SomethingElseForCausalLM"],
        "n_layer": 3,
        "n_head": 4,
        "n_embd": 64,
        "vocab_size": 1000,
        "auto_map": {"AutoModel": "a.B"},
    },
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=20),
    st.lists(st.integers(-5, 300), max_size=4),
    st.dictionaries(st.text(max_size=6), st.integers(-5, 5), max_size=3),
    st.sampled_from([0, -1, 1, 2**31, 2**63, 10**12, 0.5, "auto", "256", [], {}, [None], ["full_attention"] * 3]),
)
KEYS = sorted(
    {key for seed in SEEDS for key in seed} | {"head_dim", "num_key_value_heads", "sliding_window", "tie_word_embeddings", "id2label"}
)


def report_of(data: bytes) -> Report | SpecverifyError:
    """What the pipeline says of a config's bytes; anything but a SpecverifyError propagates."""
    try:
        report = assess(ModelFiles("x", "x", "folder", listing=("config.json",), contents={"config.json": data}), TARGET)
    except SpecverifyError as error:
        return error
    assert not [outcome for outcome in report.outcomes if isinstance(outcome, Broken)]
    json.dumps(report.to_dict(), allow_nan=False)
    return report


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every key path of a document."""
    found = [path] if path else []
    children: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found += places(child, (*path, key))
    return found


@st.composite
def mutated(draw: Callable[..., Any]) -> bytes:
    """A seed config with a few values replaced, added or dropped."""
    config = json.loads(json.dumps(draw(st.sampled_from(SEEDS))))
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            config[draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(ODD))
            continue
        if not config:
            break
        path = draw(st.sampled_from(places(config)))
        parent: Any = config
        for key in path[:-1]:
            parent = parent[key]
        if draw(st.integers(0, 4)) == 0:
            del parent[path[-1]]
        else:
            parent[path[-1]] = copy.deepcopy(draw(ODD))
    return json.dumps(config).encode()


@settings(max_examples=2000 if os.environ.get("CI") else 200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        mutated(),
        mutated(),
        mutated(),
        st.binary(max_size=200),
        st.recursive(ODD, lambda inner: st.lists(inner, max_size=3)).map(lambda v: json.dumps(v).encode()),
    )
)
def test_any_bytes_as_config(data: bytes) -> None:
    outcome = report_of(data)
    if isinstance(outcome, SpecverifyError):
        assert outcome.file == "config.json"


@pytest.mark.parametrize("readme", [b"", b"\xff\xfe\x00", b"---\n" + b"[" * 100_000, b"a" * 1_000_000])
def test_any_bytes_as_card(readme: bytes) -> None:
    config = json.dumps(SEEDS[0]).encode()
    files = ModelFiles("x", "x", "folder", listing=("config.json", "README.md"), contents={"config.json": config, "README.md": readme})
    assert assess(files).spec is not None


@pytest.mark.parametrize(
    "text", ["[" * 5000, '{"a":' * 5000, '{"vocab_size": ' + "9" * 5000 + "}", "", "null", "[]", '"x"', "{}", "\ufeff{}", '{"a": NaN}']
)
def test_degenerate_documents(text: str) -> None:
    outcome = report_of(text.encode())
    if text in ("{}", "\ufeff{}", '{"a": NaN}'):
        assert isinstance(outcome, Report)
    else:
        assert isinstance(outcome, SpecverifyError)
        assert outcome.place or not text


def malformed() -> list[dict[str, Any]]:
    """The malformed cases of the corpus."""
    cases: list[dict[str, Any]] = json.loads((corpus() / "oracle" / "malformed.json").read_bytes())
    return cases


def test_the_malformed_cases_of_the_corpus() -> None:
    cases = malformed()
    assert len(cases) >= 74
    for case in cases:
        data = base64.b64decode(case["config_base64"]) if "config_base64" in case else case["config"].encode("utf-8", "surrogatepass")
        report_of(data)


COUNTS = (
    "num_hidden_layers",
    "num_nextn_predict_layers",
    "mtp_num_hidden_layers",
    "encoder_layers",
    "decoder_layers",
    "n_layer",
    "num_layers",
    "depth",
)


@pytest.mark.parametrize("model_type", sorted(index()))
def test_a_count_no_model_has_costs_nothing(model_type: str) -> None:
    """Every family, with every layer count at 2^40: a report, and no list of that length."""
    config: dict[str, Any] = {"model_type": model_type, **dict.fromkeys(COUNTS, 2**40)}
    config |= {key: dict.fromkeys(COUNTS, 2**40) for key in ("text_config", "vision_config")}
    tracemalloc.start()
    try:
        report_of(json.dumps(config).encode())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 2**20
