"""What an engine keeps beside the weights once it has loaded them: tables of angles, copies of projections, buffers of a step.

Read from vLLM (vllm/model_executor: layers/rotary_embedding, layers/attention/mla_attention.py, models/gemma4.py, gemma4_mm.py,
gemma3n_mm.py, qwen3_vl.py) and SGLang (python/sglang/srt: layers/rotary_embedding.py, models/deepseek_v2.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from specverify import num
from specverify.derive.dtypes import BYTES
from specverify.derive.sharding import Share, Ways, module, owners
from specverify.derive.weights import NEXT_TOKEN_PREDICTION, Stored, element, stored_bytes
from specverify.num import Num
from specverify.spec import Attention, Latent, ModelSpec, Role, Rope, Weight

ANGLE_BYTES = {"vllm": 2, "sglang": 4}
"""vLLM keeps the table of cosines and sines in the model's dtype, SGLang in float32."""
VIDEO_POSITIONS = 4
"""How many times longer vLLM makes the table where positions have sections for time, height and width."""
SCALING_TABLES = ("rope_parameters", "rope_scaling")


class Loading(NamedTuple):
    """An engine that loads a model: `positions` the config declares, `batched` tokens of one step, and whether it drafts or pools.

    Engines keep cosines and sines for all positions. One that drafts loads the next-token-prediction layers, one that pools
    no output head.
    """

    engine: str
    dtype: str
    cut: Ways
    positions: Num
    batched: Num
    drafts: bool = False
    pools: bool = False


def buffers(spec: ModelSpec, stored: Iterable[Stored], loading: Loading) -> Iterator[Share]:
    """All of them on one GPU."""
    yield from _absorbed(spec, loading)
    yield from _rotary(spec, loading)
    if loading.engine == "vllm":
        yield from _unused_keys_and_values(spec, stored, loading)
        yield from _inputs_of_layers(spec, loading)


def _absorbed(spec: ModelSpec, loading: Loading) -> Iterator[Share]:
    """The up-projections of keys and values once more in 16 bits, which decoding multiplies queries and outputs with.

    Quantized or not: a log of DeepSeek-V2-Lite in bf16 (vLLM 0.19) has the 108 MiB they come to.
    """
    for part in spec.parts:
        if part.role == NEXT_TOKEN_PREDICTION and not loading.drafts:
            continue
        for group in part.layers:
            for mixer in group.mixers:
                if isinstance(mixer, Latent):
                    heads = num.ceil_div(mixer.num_attention_heads, loading.cut.tensor)
                    width = mixer.qk_nope_head_dim + mixer.v_head_dim
                    each = heads * width * mixer.kv_lora_rank * num.const(2, unit="B")
                    yield Share("absorbed up-projection bytes", part, None, group.count, group.indices, each)


def _rotary(spec: ModelSpec, loading: Loading) -> Iterator[Share]:
    """Cosines and sines of every position, once for all layers that turn as many dimensions by the same table."""
    rope = spec.rope
    if rope is None or loading.positions.value is None:
        return
    windowed = spec.facts.get("max_position_embeddings")
    tables = {(width.value, is_local): width for width, is_local in _rotated(spec, rope) if width.value is not None}
    for (_, is_local), width in tables.items():
        positions = num.of(windowed) if is_local and windowed is not None else _positions(rope, loading)
        each = positions * width * num.const(ANGLE_BYTES[loading.engine], unit="B")
        yield Share("rotary table bytes", None, None, num.const(1), (), each)


def _positions(rope: Rope, loading: Loading) -> Num:
    positions, original = loading.positions, rope.original_max_position_embeddings
    if rope.type.value in ("yarn", "deepseek_yarn") and original is not None and rope.factor is not None:
        positions = num.floor(num.of(original) * num.of(rope.factor))
    elif rope.type.value == "longrope" and original is not None:
        positions = num.of(original) + positions
    if loading.engine == "vllm" and "mrope_section" in dict(rope.parameters):
        positions = positions * num.const(VIDEO_POSITIONS, "for the time in videos")
    return positions


def _rotated(spec: ModelSpec, rope: Rope) -> Iterator[tuple[Num, bool]]:
    """The dimensions each kind of layer of the text model turns, and whether by a table of the windowed layers' own.

    Where positions are `proportional` the table has the whole head: what is not turned has an angle of zero.
    """
    part = spec.decoder() or spec.encoder()
    share = None if rope.type.value == "proportional" else dict(rope.parameters).get("partial_rotary_factor")
    apart = _is_by_layer_type(rope)
    for group in part.layers if part is not None else ():
        for mixer in group.mixers:
            if isinstance(mixer, Latent):
                yield mixer.qk_rope_head_dim, False
            elif isinstance(mixer, Attention) and mixer.rotary and not mixer.cross:
                whole, is_local = mixer.head_dim, apart and mixer.window is not None
                yield mixer.rotary_dim or (whole if share is None or is_local else num.floor(whole * num.of(share))), is_local


def _is_by_layer_type(rope: Rope) -> bool:
    """Whether the scaling that was read stands in a table of the layers that see everything, beside another of those that do not."""
    pointers = [reading.where.pointer or "" for reading in (*rope.type.readings, *rope.theta.readings)]
    return any(
        parts[-2] not in SCALING_TABLES and parts[-3] in SCALING_TABLES for parts in (p.split("/") for p in pointers) if len(parts) > 2
    )


def _unused_keys_and_values(spec: ModelSpec, stored: Iterable[Stored], loading: Loading) -> Iterator[Share]:
    """Keys and values of layers that read another layer's, or values that are the keys: vLLM's projection has room for both everywhere."""
    if not (spec.value("num_kv_shared_layers") or spec.value("attention_k_eq_v")):
        return
    block_of = owners(spec)
    for entry in stored:
        mixer = block_of.get(id(entry.weight))
        if (
            not isinstance(mixer, Attention)
            or entry.part.role != "decoder"
            or module(entry.weight) != "q_proj"
            or len(entry.weight.shape) != 2
        ):
            continue
        held = sum(weight.shard == "key-value" and len(weight.shape) == 2 for weight in mixer.weights)
        if held < 2:
            rows = num.ceil_div(mixer.num_key_value_heads, loading.cut.tensor) * mixer.head_dim
            own = Weight("kv_proj.weight", (rows * num.const(2 - held, "of keys and values"), entry.weight.shape[1]), Role.ATTENTION)
            each = stored_bytes(own, entry.scheme, element(spec, loading.dtype))
            yield Share("key and value bytes without a use", entry.part, entry.weight, entry.count, entry.indices, each)


def _inputs_of_layers(spec: ModelSpec, loading: Loading) -> Iterator[Share]:
    """What layers behind towers add to their input, for every token of a step: embeddings of a layer, features of a tower."""
    if not any(part.role in ("tower", "projector") for part in spec.parts):
        return
    each = loading.batched * num.const(BYTES[loading.dtype], unit="B")
    width = spec.facts.get("hidden_size_per_layer_input")
    if width is not None and width.value:
        layers = num.of(spec.fact("num_hidden_layers")) * num.of(width)
        yield Share("per-layer embedding bytes of a step", None, None, num.const(1), (), each * layers)
    levels = next((fact for name, fact in spec.facts.items() if name.endswith("deepstack_visual_indexes") and fact.value), None)
    if levels is not None:
        features = num.counted(len(levels.value), "levels of the tower", num.of(levels)) * num.of(spec.fact("hidden_size"))
        yield Share("tower feature bytes of a step", None, None, num.const(1), (), each * features)
