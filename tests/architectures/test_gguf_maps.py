"""Published models converted to GGUF, listed tensor by tensor, against the manifests of their configs.

A map has a line a tensor: file, hash, name, shape (innermost dimension first), dtype, elements. llama.cpp stacks the experts
of a layer, takes `kv_b_proj` apart by head into keys and values, and drops dimensions of one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from math import prod
from pathlib import Path

import pytest

from specverify.derive.manifest import manifest
from specverify.normalize.config import normalize_bytes
from specverify.spec import Modality
from tests.corpus import corpus

Shapes = dict[str, tuple[int, ...]]

MODELS = {
    "zai-org__GLM-5.1": "hub/zai-org__GLM-5.1",
    "Qwen__Qwen3.5-27B": "hub/Qwen__Qwen3.5-27B",
    "Qwen__Qwen3.5-35B-A3B": "hub/Qwen__Qwen3.5-35B-A3B",
    "Qwen__Qwen3-VL-235B-A22B-Instruct": "hub/Qwen__Qwen3-VL-235B-A22B-Instruct",
    "zai-org__GLM-4.5-Air": "models/glm-4.5-air",
}
"""Folder of the map, and that of the config it was converted from."""
OUTSIDE = {"token_embd": "embed_tokens", "output": "lm_head", "output_norm": "norm"}
INSIDE = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "post_attention_norm": "post_attention_layernorm",
    **{f"attn_{part}": f"self_attn.{part}_proj" for part in "qkv"},
    **{f"attn_{part}_norm": f"self_attn.{part}_norm" for part in "qk"},
    "attn_output": "self_attn.o_proj",
    "attn_q_a": "self_attn.q_a_proj",
    "attn_q_a_norm": "self_attn.q_a_layernorm",
    "attn_q_b": "self_attn.q_b_proj",
    "attn_kv_a_mqa": "self_attn.kv_a_proj_with_mqa",
    "attn_kv_a_norm": "self_attn.kv_a_layernorm",
    "attn_k_b": "self_attn.kv_b_proj",
    "attn_v_b": "self_attn.kv_b_proj",
    "indexer.attn_k": "self_attn.indexer.wk",
    "indexer.attn_q_b": "self_attn.indexer.wq_b",
    "indexer.k_norm": "self_attn.indexer.k_norm",
    "indexer.proj": "self_attn.indexer.weights_proj",
    "exp_probs_b": "mlp.gate.e_score_correction",
    "ffn_gate_inp": "mlp.gate",
    "ffn_gate_inp_shexp": "mlp.shared_expert_gate",
    **{f"ffn_{part}": f"mlp.{part}_proj" for part in ("gate", "up", "down")},
    **{f"ffn_{part}_exps": f"mlp.experts.{part}_proj" for part in ("gate", "up", "down")},
    **{f"ffn_{part}_shexp": f"mlp.shared.{part}_proj" for part in ("gate", "up", "down")},
    **{f"nextn.{part}": part for part in ("eh_proj", "enorm", "hnorm", "embed_tokens")},
    "nextn.shared_head_norm": "shared_head.norm",
    "nextn.shared_head_head": "shared_head.head",
    "attn_qkv": "linear_attn.in_proj_qkv",
    "attn_gate": "linear_attn.in_proj_z",
    "ssm_a": "linear_attn.A_log",
    "ssm_alpha": "linear_attn.in_proj_a",
    "ssm_beta": "linear_attn.in_proj_b",
    "ssm_conv1d": "linear_attn.conv1d",
    "ssm_dt": "linear_attn.dt",
    "ssm_norm": "linear_attn.norm",
    "ssm_out": "linear_attn.out_proj",
}
LINE = re.compile(
    r"[^:]+:[0-9a-f]{64}:(?:blk\.(?P<layer>\d+)\.)?(?P<name>[\w.]+?)(?:\.(?P<kind>weight|bias))?:shape=\((?P<shape>[\d, ]+)\):"
)
NOT_CONVERTED = {"Qwen__Qwen3.5-27B": r"^mtp\.", "Qwen__Qwen3.5-35B-A3B": r"^mtp\."}
"""The converter left next-token prediction out."""
LEFT_OUT = {"zai-org__GLM-5.1": {"78/embed_tokens.weight", "78/shared_head.head.weight"}}
"""Copies of embedding and head in the layer of next-token prediction, which this conversion does without."""


def converted(path: Path) -> Shapes:
    """The tensors of a map under the names of a manifest, without what stands before the layer's number."""
    found: defaultdict[str, list[tuple[int, ...]]] = defaultdict(list)
    for line in path.read_text().splitlines():
        match = LINE.match(line)
        assert match is not None, line
        layer, name, kind = match["layer"], match["name"], match["kind"]
        shape = tuple(int(size) for size in match["shape"].split(",") if size.strip())[::-1]
        if layer is None:
            found[f"{OUTSIDE[name]}.{kind}"].append(shape)
        else:
            suffix = "" if kind is None else "_bias" if INSIDE[name].endswith(("dt", "correction")) else f".{kind}"
            found[f"{layer}/{INSIDE[name]}{suffix}"].append(shape)
    return {name: shapes[0] if len(shapes) == 1 else (sum(map(prod, shapes)),) for name, shapes in found.items()}


def predicted(folder: Path, leave: str | None) -> Shapes:
    """The text model's tensors that a config makes, under the same names."""
    spec = normalize_bytes((folder / "config.json").read_bytes())
    towers = tuple(part.prefix for part in spec.parts if part.modality is not Modality.TEXT)
    found: Shapes = {}
    experts: defaultdict[str, list[tuple[int, ...]]] = defaultdict(list)
    for name, shape, _ in manifest(spec):
        if name.startswith(("model.visual.", *filter(None, towers))) or (leave and re.search(leave, name)):
            continue
        short = re.sub(r"^model\.(?:language_model\.)?(?:layers\.(\d+)\.)?", lambda match: f"{match[1]}/" if match[1] else "", name)
        short = re.sub(r"shared_experts?\.", "shared.", short)
        if ".experts." in short:
            experts[re.sub(r"\.experts\.\d+\.", ".experts.", short)].append(shape)
        elif short.endswith("kv_b_proj.weight"):
            found[short] = (prod(shape),)
        else:
            found[short] = tuple(size for size in shape if size != 1) if "conv1d" in short or "shared_expert_gate" in short else shape
    for name, shapes in experts.items():
        if name.endswith("experts.gate_up_proj"):
            count, inputs, width = shapes[0]
            found |= {name.replace("gate_up_proj", f"{half}_proj.weight"): (count, width // 2, inputs) for half in ("gate", "up")}
        elif name.endswith("experts.down_proj"):
            count, inputs, outputs = shapes[0]
            found[f"{name}.weight"] = (count, outputs, inputs)
        else:
            found[name] = (len(shapes), *shapes[0])
    return found


@pytest.mark.parametrize("model", MODELS)
def test_every_tensor_of_a_conversion_is_predicted(model: str) -> None:
    theirs = converted(corpus() / "hub" / model / "gguf_tensors.bf16.map")
    ours = predicted(corpus() / MODELS[model], NOT_CONVERTED.get(model))
    theirs = {name: tuple(size for size in shape if size != 1) if "shared_expert_gate" in name else shape for name, shape in theirs.items()}
    assert theirs.keys() - ours.keys() == set()
    assert ours.keys() - theirs.keys() == LEFT_OUT.get(model, set())
    assert {name: ours[name] for name in theirs} == theirs
