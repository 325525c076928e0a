"""The names of real indexes against the manifests of their configs: what is not as predicted is true of the model."""

from __future__ import annotations

import json

from specverify.derive.checkpoint import Checkpoint, compare_names
from specverify.derive.stored_names import LEFT_OVER, stored
from specverify.errors import SpecverifyError
from specverify.normalize.config import normalize_bytes
from tests.corpus import corpus

TRUE = {
    "Qwen__Qwen3-VL-Embedding-8B": "an embedding model saved without the head that its class has",
    "emotibot-inc__Zhuzhi-6B": "a copy of the head under the name of another class",
}
ENCODERS = ("Chroma__text_encoder", "text_encoder_2")
"""T5 encoders of diffusion models: their configs name no class and describe the whole of T5."""


def differences(found: Checkpoint) -> list[str]:
    return [
        *(name for name, _, _ in (*found.missing, *found.mtp)),
        *found.unexpected,
        *(found.head[:1] if found.head is not None else ()),
        *(count.example for count in (found.layers, found.experts) if count is not None),
    ]


def test_every_name_of_an_index_is_predicted() -> None:
    seen, refused, wrong = 0, set(), {}
    for index in sorted((corpus() / "hub").rglob("*.index*.json")):
        try:
            spec = normalize_bytes((index.parent / "config.json").read_bytes())
            named = json.loads(index.read_bytes())["weight_map"]
        except (OSError, KeyError, SpecverifyError):
            continue
        if spec.exactness != "exact":
            continue
        found = compare_names(spec, named)
        if found.reason is not None:
            refused.add(index.parent.name)
        elif differences(found):
            wrong[index.parent.name] = differences(found)
        seen += 1
    assert seen > 30
    assert wrong.keys() == TRUE.keys(), wrong
    assert refused <= set(ENCODERS)


def test_names_of_quantized_tensors_stand_for_their_weights() -> None:
    base = "model.layers.0.mlp.up_proj"
    for side in ("weight_scale", "weight_scale_inv", "weight_scale_2", "input_scale", "scales", "qzeros", "g_idx", "weight_zero_point"):
        assert stored(f"{base}.{side}") == (f"{base}.weight", "side")
    for side in ("weight.absmax", "weight.quant_map", "weight.nested_absmax", "weight.quant_state.bitsandbytes__nf4"):
        assert stored(f"{base}.{side}") == (f"{base}.weight", "side")
    assert stored(f"{base}.qweight") == stored(f"{base}.weight_packed") == (f"{base}.weight", "packed")
    assert stored("model.layers.0.mlp.experts.gate_up_proj_blocks") == ("model.layers.0.mlp.experts.gate_up_proj", "packed")
    assert stored("model.layers.0.mlp.experts.gate_up_proj_scales")[1] == "side"
    assert stored(f"{base}.weight") == (f"{base}.weight", "plain")
    assert stored("bert.embeddings.LayerNorm.gamma") == ("bert.embeddings.LayerNorm.weight", "plain")


def test_buffers_of_older_releases_are_left_over() -> None:
    assert LEFT_OVER.search("model.layers.0.self_attn.rotary_emb.inv_freq")
    assert LEFT_OVER.search("bert.embeddings.position_ids")
    assert not LEFT_OVER.search("model.layers.0.self_attn.q_proj.bias")
