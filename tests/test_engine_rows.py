"""The rows of engine logs as targets, the configs of their models, and the comparison with what was logged."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from benchmarks import engine_logs
from benchmarks.engine_rows import FOLDERS, HERE, Row, excluded, folder, rows, settings, target
from specverify.derive import gpus
from specverify.fetch.files import ModelFiles
from specverify.outcome import Report
from specverify.pipeline import CONFIG, assess
from specverify.target import Target
from tests.corpus import corpus

MODELS = sorted(path.parent for path in (HERE / "engine_models").glob(f"*/{CONFIG}"))
RAW: dict[str, Any] = {
    "engine": "vLLM",
    "engine_version": "0.19.0",
    "model": "Qwen/Qwen3-8B",
    "hub_id": "Qwen/Qwen3-8B",
    "gpu": "NVIDIA H100 80GB HBM3",
    "tp": 1,
    "pp": 1,
    "dp": 1,
    "dp_inside_tp": False,
    "quantization": None,
    "weight_dtype": "bfloat16",
    "kv_dtype": "auto",
    "max_model_len": 8192,
    "max_num_batched_tokens": None,
    "max_num_seqs": None,
    "gpu_memory_utilization": 0.9,
    "notes": None,
}


def row(**changed: Any) -> Row:
    """A row like those of the logs, whose number no table names."""
    return Row(0, RAW | changed)


def read(path: Path) -> Report:
    """What is said about a folder's config alone."""
    files = ModelFiles(path.name, path.name, "folder", listing=(CONFIG,), contents={CONFIG: (path / CONFIG).read_bytes()})
    return assess(files, Target())


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_every_config_is_a_model_whose_tensors_are_all_known_and_count_as_published(path: Path) -> None:
    source = tomllib.loads((path / "source.toml").read_text("utf-8"))
    report = read(path)
    assert report.spec is not None
    known: dict[str, Any] = {name: figure.value for name, figure in report.figures.items()}
    assert report.spec.exactness == "exact"
    assert not report.spec.problems
    assert source["name"].lower().replace("/", "__") in path.name
    assert source["synthetic"] is False
    assert source["sources"]["config"].startswith("https://huggingface.co/")
    assert {"parameters", "gguf"} & set(source) or source["sources"]["parameters"]
    if "parameters" in source:
        assert known["parameters.total"] == source["parameters"]
    if "gguf" in source:
        number, scale = source["gguf"].split()
        text = known["parameters.total"] - known["parameters.activated"] + known["parameters.activated_text_only"]
        counted = [
            f"{total / {'B': 1e9, 'T': 1e12}[scale]:.{len(number.partition('.')[2])}f}" for total in (text, text + known["parameters.mtp"])
        ]
        assert number in counted


def test_no_config_repeats_a_fixture() -> None:
    ours, theirs = ([tomllib.loads(path.read_text("utf-8"))["name"] for path in root.glob("*/source.toml")] for root in reversed(FOLDERS))
    assert len(ours) == len(MODELS) == len(set(ours))
    assert not set(ours) & set(theirs)


def test_fields_become_settings() -> None:
    made = target(row(tp=4, max_num_seqs=64, max_num_batched_tokens=4096, engine_version="0.13/0.14", kv_dtype="fp8"))
    assert (made.engine, made.engine_version, made.gpu) == ("vllm", "0.13", "h100-sxm-80gb")
    assert (made.tensor_parallel, made.gpus, made.context, made.memory_fraction) == (4, 4, 8192, 0.9)
    assert (made.max_sequences, made.max_batched_tokens, made.kv_dtype, made.quantize) == (64, 4096, "fp8", None)


def test_copies_of_attention_within_a_group_divide_it_and_share_the_experts() -> None:
    made = target(row(engine="SGLang", tp=16, dp=4, dp_inside_tp=True))
    assert (made.gpus, made.tensor_parallel, made.data_parallel, made.expert_parallel) == (16, 4, 4, 16)


def test_keys_and_values_may_have_a_dtype_each() -> None:
    assert target(row(engine="ik_llama.cpp", kv_dtype="q8_0/f16")).kv_dtype == "q8_0/float16"
    assert target(row(kv_dtype="fp8 (DSA layout)")).kv_dtype == "fp8_ds_mla"
    assert target(row(kv_dtype=None)).kv_dtype == "auto"
    with pytest.raises(ValueError, match="no KV dtype is called q9"):
        target(row(kv_dtype="q9"))


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({"notes": "n_layer=61 kv_lora=512", "k_dtype": "f16"}, "expanded"),
        ({"notes": "n_layer=61 kv_lora=512", "kv_latent_dtype": "f16"}, "latent"),
        ({"notes": "n_layer=61 kv_lora=512", "kv_latent_dtype": "f16", "kv_transposed_dtype": "f16"}, "transposed"),
        ({"notes": "n_layer=94 kv_lora=None", "k_dtype": "f16"}, "latent"),
    ],
)
def test_how_latent_attention_was_kept_is_read_from_what_was_printed(changed: dict[str, Any], kept: str) -> None:
    assert target(row(engine="ik_llama.cpp", **changed)).mla == kept


def test_only_the_models_own_prediction_layers_draft() -> None:
    assert target(row(notes="spec decode: SpeculativeConfig(method='mtp', model='a/b', num_spec_tokens=3); x")).draft_tokens == 3
    assert target(row(notes="spec decode: SpeculativeConfig(method='dflash', model='a/b', num_spec_tok; x")).draft_tokens == 0


def test_an_engine_told_to_capture_no_graphs_is_eager() -> None:
    assert target(row(notes="enforce_eager;")).eager
    assert not target(row()).eager


def test_a_format_is_planned_only_for_weights_that_are_in_none() -> None:
    assert target(row(quantization="fp8")).quantize == "fp8"
    assert target(row(quantization="fp8", hub_id="Qwen/Qwen3-235B-A22B-FP8")).quantize is None


def test_what_a_log_calls_its_gpu_is_in_the_catalogue() -> None:
    named = {text: row(gpu=text).gpu for text in ("H100 80GB", "A100 40GB (README: A100)", "Tesla T4 x2 (Kaggle)", "CUDA0", None)}
    assert list(named.values()) == ["h100-sxm-80gb", "a100-sxm-40gb", "t4-16gb", None, None]


def test_a_default_filled_in_afterwards_is_not_logged() -> None:
    assert row().logs_utilization
    assert not row(notes="util not in log: engine default assumed; ").logs_utilization


def test_within_and_interval() -> None:
    near, far, none = (engine_logs.Compared(row(), 100.0, ours, 0.02, "") for ours in (98.1, 97.9, None))
    assert [near.within, far.within, none.within] == [True, False, False]
    assert engine_logs.Interval(row(), 10.0, 9.0, 9.996, 0.1).holds
    assert not engine_logs.Interval(row(), 10.0, 9.0, 9.99, 0.1).holds
    assert not engine_logs.Interval(row(), 10.0, None, None, None).holds


def test_every_row_of_the_logs_is_excluded_for_a_reason_or_has_model_and_target() -> None:
    left_out = excluded()
    assert len(left_out) <= engine_logs.MOST_EXCLUDED
    assert all(entry["reason"] for entry in (*left_out.values(), *settings().values()))
    assert not set(left_out) & set(settings())
    for one in rows(corpus()):
        for tabled in (left_out, settings()):
            assert tabled.get(one.number, {}).get("source", one.raw["source"]) == one.raw["source"]
        if one.number not in left_out:
            assert folder(one) is not None, one.raw["hub_id"]
            made = target(one)
            assert made.gpu is None or made.gpu in gpus.catalogue()


def test_the_scorer_reads_every_row_and_the_cache_is_what_engines_print() -> None:
    scoring = engine_logs.scored(corpus())
    assert len(scoring) == len(rows(corpus())) - len(excluded())
    for one in scoring:
        assert engine_logs.KV_BYTES in engine_logs.of(one, corpus())
    for metric in engine_logs.METRICS:
        found = engine_logs.compare(metric, scoring, corpus())
        assert sum(one.within for one in found) >= metric.aim * len(found) > 0, metric.title


def test_the_readme_shows_what_the_scorer_finds() -> None:
    scoring = engine_logs.scored(corpus())
    readme = (HERE.parent / "README.md").read_text("utf-8")
    for metric in engine_logs.METRICS:
        found = engine_logs.compare(metric, scoring, corpus())
        shown = re.search(rf"^\| `{metric.figure}` \|.*\| (\d+) \|.*\| ([\d.]+)% \|$", readme, re.MULTILINE)
        assert shown is not None, metric.figure
        assert (int(shown[1]), shown[2]) == (len(found), f"{100 * sum(one.within for one in found) / len(found):.1f}"), metric.figure
    ranges = engine_logs.intervals(scoring, corpus())
    assert all(one.share is not None and one.share <= engine_logs.WIDEST for one in ranges)
    assert f"| {len(ranges)} | it holds the log | {100 * sum(one.holds for one in ranges) / len(ranges):.1f}% |" in readme


def test_a_row_is_shown_whole() -> None:
    lines = list(engine_logs.detail(rows(corpus())[0], corpus()))
    assert "model_loading_gib" in "".join(line for line in lines if line.startswith("  log"))
    assert engine_logs.WEIGHTS in "".join(line for line in lines if line.startswith("  ours"))


def test_tables_name_each_row_that_is_outside() -> None:
    metric = engine_logs.METRICS[0]
    missed = engine_logs.Compared(row(), 100.0, 50.0, 0.02, "")
    assert [line.split()[0] for line in engine_logs.outside(metric, [missed])] == ["0"]
    printed = list(engine_logs.table([(metric, [missed])], []))
    assert json.dumps(printed).count("0.0%") >= 1
