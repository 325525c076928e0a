"""A checkpoint that is as its config says is left alone; each defect planted in one is found, named, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from specverify.derive.manifest import manifest
from specverify.normalize.config import normalize_bytes
from specverify.outcome import Finding
from specverify.pipeline import verify
from tests.hub.models import INDEX, framed
from tests.rules.assessed import report

Tensors = dict[str, tuple[str, tuple[int, ...]]]

GLM: dict[str, Any] = {
    "model_type": "glm4_moe",
    "architectures": ["Glm4MoeForCausalLM"],
    "torch_dtype": "bfloat16",
    "vocab_size": 100,
    "hidden_size": 64,
    "intermediate_size": 96,
    "moe_intermediate_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 24,
    "first_k_dense_replace": 1,
    "n_routed_experts": 6,
    "num_experts_per_tok": 2,
    "n_shared_experts": 1,
    "num_nextn_predict_layers": 1,
    "attention_bias": True,
    "use_qk_norm": True,
    "rms_norm_eps": 1e-05,
    "max_position_embeddings": 2048,
    "rope_theta": 10000.0,
    "partial_rotary_factor": 0.5,
    "n_group": 1,
    "topk_group": 1,
    "norm_topk_prob": True,
    "routed_scaling_factor": 1.0,
    "tie_word_embeddings": False,
}
LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "torch_dtype": "bfloat16",
    "vocab_size": 100,
    "hidden_size": 256,
    "intermediate_size": 384,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-05,
    "max_position_embeddings": 2048,
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
}
FP8 = {"quant_method": "fp8", "weight_block_size": [128, 128], "activation_scheme": "dynamic"}


def tensors_of(config: dict[str, Any]) -> Tensors:
    """The checkpoint that a config describes."""
    spec = normalize_bytes(json.dumps(config).encode())
    return {name: ("F32" if weight.buffer else "BF16", shape) for name, shape, weight in manifest(spec) if weight.tied_to is None}


def in_fp8(tensors: Tensors) -> Tensors:
    """The same with the matrices of the layers in FP8, each with its scales."""
    made: Tensors = {}
    for name, (dtype, shape) in tensors.items():
        if ".layers." in name and name.endswith("_proj.weight"):
            made[name] = ("F8_E4M3", shape)
            made[f"{name}_scale_inv"] = ("F32", tuple(-(-size // 128) for size in shape))
        else:
            made[name] = (dtype, shape)
    return made


def found(config: dict[str, Any], tensors: Tensors) -> list[Finding]:
    return list(report({"config.json": config}, tensors=tensors).findings)


def without(part: str) -> Callable[[Tensors], Tensors]:
    """The checkpoint less the tensors whose names hold this."""
    return lambda tensors: {name: tensor for name, tensor in tensors.items() if part not in name}


def turned(name: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: tensors | {name: (tensors[name][0], tensors[name][1][::-1])}


def as_it_is(tensors: Tensors) -> Tensors:
    return tensors


@pytest.mark.parametrize("config", [GLM, LLAMA, LLAMA | {"tie_word_embeddings": True}], ids=["glm", "llama", "tied"])
def test_a_healthy_checkpoint_is_left_alone(config: dict[str, Any]) -> None:
    assert found(config, tensors_of(config)) == []


def test_a_healthy_quantized_checkpoint_is_left_alone() -> None:
    assert found(LLAMA | {"quantization_config": FP8}, in_fp8(tensors_of(LLAMA))) == []


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], Callable[[Tensors], Tensors], str, str, str | None]] = {
    "k_proj transposed": (
        LLAMA,
        {},
        turned("model.layers.1.self_attn.k_proj.weight"),
        "TEN004",
        "model.layers.1.self_attn.k_proj.weight is [256, 128], and the config makes it [128, 256]: it is transposed.",
        None,
    ),
    "KV heads halved": (
        LLAMA,
        {"num_key_value_heads": 1},
        as_it_is,
        "TEN004",
        "model.layers.0.self_attn.k_proj.weight and 5 more are [128, 256], and the config makes it [64, 256].",
        "/num_key_value_heads",
    ),
    "vocabulary resized": (
        LLAMA,
        {"vocab_size": 128},
        as_it_is,
        "TEN004",
        "model.embed_tokens.weight and 1 more are [100, 256], and the config makes it [128, 256].",
        "/vocab_size",
    ),
    "head dropped": (LLAMA, {}, without("lm_head"), "TEN006", "lm_head.weight [100, 256] is not in the checkpoint", "/tie_word_embeddings"),
    "an expert too many": (
        GLM,
        {"n_routed_experts": 7},
        as_it_is,
        "TEN005",
        "The config makes it 7 experts, and the checkpoint holds 6.",
        "/n_routed_experts",
    ),
    "an expert too few": (
        GLM,
        {"n_routed_experts": 5},
        as_it_is,
        "TEN005",
        "The config makes it 5 experts, and the checkpoint holds 6.",
        "/n_routed_experts",
    ),
    "a layer too many": (
        LLAMA,
        {"num_hidden_layers": 4},
        as_it_is,
        "TEN005",
        "The config makes it 4 layers, and the checkpoint holds 3.",
        "/num_hidden_layers",
    ),
    "a layer too few": (
        LLAMA,
        {"num_hidden_layers": 2},
        as_it_is,
        "TEN005",
        "The config makes it 2 layers, and the checkpoint holds 3.",
        "/num_hidden_layers",
    ),
    "no layer of next-token prediction": (
        GLM,
        {},
        without("model.layers.3."),
        "TEN007",
        "tensors of the next-token-prediction layers is there",
        "/num_nextn_predict_layers",
    ),
    "a norm lost": (
        GLM,
        {},
        without("model.layers.2.self_attn.q_norm"),
        "TEN002",
        "model.layers.2.self_attn.q_norm.weight [24] is not in the checkpoint.",
        "/head_dim",
    ),
    "a correction bias lost": (
        GLM,
        {},
        without("model.layers.1.mlp.gate.e_score_correction_bias"),
        "TEN002",
        "model.layers.1.mlp.gate.e_score_correction_bias [6] is not in the checkpoint.",
        "/n_routed_experts",
    ),
    "biases the flag denies": (
        GLM,
        {"attention_bias": False},
        as_it_is,
        "TEN003",
        "are in the checkpoint, and Glm4MoeForCausalLM has no such tensor.",
        None,
    ),
    "scales lost": (
        LLAMA | {"quantization_config": FP8},
        {},
        lambda tensors: without("layers.1.mlp.up_proj.weight_scale_inv")(in_fp8(tensors)),
        "QNT006",
        "model.layers.1.mlp.up_proj.weight is F8_E4M3 and has no scale",
        "/quantization_config/quant_method",
    ),
    "turned into BF16, the table kept": (
        LLAMA | {"quantization_config": FP8},
        {},
        as_it_is,
        "QNT004",
        "The config says the weights are fp8",
        "/quantization_config/quant_method",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_planted_defect_is_found_and_nothing_else(
    case: tuple[dict[str, Any], dict[str, Any], Callable[[Tensors], Tensors], str, str, str | None],
) -> None:
    config, change, plant, code, said, pointer = case
    findings = found(config | change, plant(tensors_of({key: value for key, value in config.items() if key != "quantization_config"})))
    assert [finding.code for finding in findings] == [code], [finding.message for finding in findings]
    assert said in findings[0].message
    assert pointer is None or pointer in {evidence.pointer for evidence in findings[0].evidence}


def test_drafts_that_the_config_does_not_declare_are_no_defect() -> None:
    undeclared = GLM | {"num_nextn_predict_layers": 0}
    assert found(undeclared, tensors_of(GLM)) == []
    assert found(LLAMA, tensors_of(LLAMA) | {"mtp.0.norm.weight": ("BF16", (256,))}) == []


def test_what_nobody_reads_outside_the_layers_is_worth_knowing() -> None:
    (finding,) = found(LLAMA, tensors_of(LLAMA) | {"score.weight": ("BF16", (1, 256))})
    assert (finding.code, finding.severity) == ("TEN003", "info")


def written(folder: Path, shards: int = 3) -> Path:
    """A Llama of real safetensors files with their index."""
    (folder / "config.json").write_text(json.dumps(LLAMA))
    tensors, weight_map = tensors_of(LLAMA), {}
    for number in range(shards):
        file = f"model-{number + 1:05d}-of-{shards:05d}.safetensors"
        header, end = {}, 0
        for name in sorted(tensors)[number::shards]:
            size = 2
            for dimension in tensors[name][1]:
                size *= dimension
            header[name] = {"dtype": "BF16", "shape": tensors[name][1], "data_offsets": [end, end + size]}
            weight_map[name], end = file, end + size
        (folder / file).write_bytes(framed(json.dumps(header).encode(), bytes(end)))
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    return folder


def codes(folder: Path) -> list[str]:
    return [finding.code for finding in verify(str(folder), offline=True).findings]


def test_a_healthy_folder_is_left_alone(tmp_path: Path) -> None:
    assert codes(written(tmp_path)) == []


def test_a_missing_shard_is_found(tmp_path: Path) -> None:
    (written(tmp_path) / "model-00002-of-00003.safetensors").unlink()
    findings = verify(str(tmp_path), offline=True).findings
    assert [finding.code for finding in findings] == ["TEN001"]
    assert findings[0].message.startswith("model-00002-of-00003.safetensors is not there, with ")


def test_a_folder_without_any_shard_is_no_defect(tmp_path: Path) -> None:
    for shard in written(tmp_path).glob("*.safetensors"):
        shard.unlink()
    assert codes(tmp_path) == []


def test_a_truncated_header_is_found(tmp_path: Path) -> None:
    shard = written(tmp_path) / "model-00003-of-00003.safetensors"
    shard.write_bytes(shard.read_bytes()[:100])
    findings = verify(str(tmp_path), offline=True).findings
    assert [finding.code for finding in findings] == ["TEN001"]
    assert findings[0].message.startswith("model-00003-of-00003.safetensors cannot be read: byte ")


def test_names_of_an_index_alone_are_held_against_the_config(tmp_path: Path) -> None:
    """The vocabulary is as wide as the config says for all that names tell; a head that no file holds they do tell."""
    folder = written(tmp_path)
    index = json.loads((folder / INDEX).read_text())
    del index["weight_map"]["lm_head.weight"]
    made = report({"config.json": LLAMA, INDEX: index}, *sorted(set(index["weight_map"].values())))
    assert [finding.code for finding in made.findings] == ["TEN006"]
