"""What an engine makes of the weights when it loads them, beside splitting them: padding, repacking, copies, tables.

Read from vLLM (vllm/model_executor: layers/vocab_parallel_embedding.py, layers/rotary_embedding, layers/quantization,
layers/attention/mla_attention.py) and SGLang (python/sglang/srt: layers/rotary_embedding.py, models/deepseek_v2.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from specverify import num
from specverify.derive.mxfp4 import Kernel, expert_bytes, kernel_of
from specverify.derive.sharding import Share, Ways, owners, shares
from specverify.derive.weights import NEXT_TOKEN_PREDICTION, Stored, quantized_bytes
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Latent, ModelSpec, Role
from specverify.target import Target

VOCABULARY_MULTIPLE = 64
SERVED_AS = {"vllm": "bfloat16", "sglang": "float16"}
"""What an engine casts a float32 checkpoint to."""
ANGLE_BYTES = {"vllm": 2, "sglang": 4}
"""vLLM keeps the table of cosines and sines in the model's dtype, SGLang in float32."""
VIDEO_POSITIONS = 4
"""How many times longer vLLM makes the table where positions have sections for time, height and width."""


def served_dtype(engine: str, dtype: str) -> str:
    """The dtype an engine serves a checkpoint of `dtype` in."""
    return SERVED_AS[engine] if dtype in ("float32", "float64") else dtype


def loaded(
    spec: ModelSpec, stored: tuple[Stored, ...], cut: Ways, target: Target, dtype: str, positions: Num
) -> tuple[Iterator[Share], str]:
    """What the fullest GPU holds once vLLM or SGLang has loaded the tensors, and what that rests on.

    `positions` is the context the config declares: engines keep cosines and sines for all of them.
    """
    entries = tuple(_repacked(spec, stored))
    padded = _mxfp4_blocks(spec, entries)
    kernel = kernel_of(target) if padded else None
    said = f"as {target.engine} loads them: vocabulary in multiples of {VOCABULARY_MULTIPLE}, with its tables and copies"
    if padded and kernel is None:
        said += "; what the kernel pads MXFP4 experts to is left out: it is known for vLLM on a named NVIDIA GPU"
    return _loaded(spec, entries, cut, target.engine, dtype, kernel, padded, positions), said


def _loaded(
    spec: ModelSpec,
    entries: tuple[Stored, ...],
    cut: Ways,
    engine: str,
    dtype: str,
    kernel: Kernel | None,
    padded: dict[int, FeedForward],
    positions: Num,
) -> Iterator[Share]:
    for entry, share in zip(entries, shares(spec, entries, cut, dtype, VOCABULARY_MULTIPLE), strict=True):
        block = padded.get(id(entry.weight))
        if block is None or kernel is None:
            yield share
        else:
            yield share._replace(
                label=f"{entry.weight.role} bytes as {kernel.name} packs them", each=expert_bytes(entry, block, cut, kernel)
            )
    yield from _absorbed(spec, cut)
    yield from _rotary(spec, engine, positions)


def _repacked(spec: ModelSpec, stored: Iterable[Stored]) -> Iterator[Stored]:
    """GPTQ as Marlin's layout has it: no zero points where weights are symmetric, no order of groups where they come in order."""
    if spec.value("quantization_symmetric") is not True:
        yield from stored
        return
    # An order is kept twice: sorted, and what it was sorted by.
    orders = 2 if spec.value("quantization_act_order") is True else 0
    for entry in stored:
        if entry.scheme is None or entry.scheme.name != "gptq":
            yield entry
            continue
        packed = replace(entry.scheme, zero_bits=0, row_bits=orders * entry.scheme.row_bits)
        yield replace(entry, scheme=packed, bytes_each=quantized_bytes(entry.weight, packed))


def _mxfp4_blocks(spec: ModelSpec, stored: tuple[Stored, ...]) -> dict[int, FeedForward]:
    """The mixture each tensor of MXFP4 experts is of, their biases among them, by the tensor's identity."""
    block_of = owners(spec)
    quantized = {
        id(block_of[id(entry.weight)])
        for entry in stored
        if entry.weight.role is Role.ROUTED_EXPERT
        and entry.scheme is not None
        and entry.scheme.name == "mxfp4"
        and id(entry.weight) in block_of
    }
    return {
        id(entry.weight): block
        for entry in stored
        if entry.weight.role is Role.ROUTED_EXPERT
        and isinstance(block := block_of.get(id(entry.weight)), FeedForward)
        and id(block) in quantized
    }


def _absorbed(spec: ModelSpec, cut: Ways) -> Iterator[Share]:
    """The up-projections of keys and values once more in 16 bits, which decoding multiplies queries and outputs with.

    Quantized or not: a log of DeepSeek-V2-Lite in bf16 (vLLM 0.19) has the 108 MiB they come to.
    """
    for part in spec.parts:
        if part.role == NEXT_TOKEN_PREDICTION:
            continue
        for group in part.layers:
            for mixer in group.mixers:
                if isinstance(mixer, Latent):
                    heads = num.ceil_div(mixer.num_attention_heads, cut.tensor)
                    width = mixer.qk_nope_head_dim + mixer.v_head_dim
                    each = heads * width * mixer.kv_lora_rank * num.const(2, unit="B")
                    yield Share("absorbed up-projection bytes", part, None, group.count, group.indices, each)


def _rotary(spec: ModelSpec, engine: str, positions: Num) -> Iterator[Share]:
    """Cosines and sines of every position, once for all layers that turn as many dimensions."""
    rope = spec.rope
    widths = {} if rope is None else {width.value: width for width in _rotated(spec) if width.value is not None}
    if rope is None or not widths or positions.value is None:
        return
    parameters = dict(rope.parameters)
    original = rope.original_max_position_embeddings
    if rope.type.value in ("yarn", "deepseek_yarn") and original is not None and rope.factor is not None:
        positions = num.floor(num.of(original) * num.of(rope.factor))
    elif rope.type.value == "longrope" and original is not None:
        positions = num.of(original) + positions
    if engine == "vllm" and "mrope_section" in parameters:
        positions = positions * num.const(VIDEO_POSITIONS, "for the time in videos")
    for width in widths.values():
        each = positions * width * num.const(ANGLE_BYTES[engine], unit="B")
        yield Share("rotary table bytes", None, None, num.const(1), (), each)


def _rotated(spec: ModelSpec) -> Iterator[Num]:
    """The dimensions each kind of layer of the text model turns."""
    part = spec.decoder() or spec.encoder()
    share = dict(spec.rope.parameters).get("partial_rotary_factor") if spec.rope is not None else None
    for group in part.layers if part is not None else ():
        for mixer in group.mixers:
            if isinstance(mixer, Latent):
                yield mixer.qk_rope_head_dim
            elif isinstance(mixer, Attention) and mixer.rotary and not mixer.cross:
                whole = mixer.head_dim
                yield mixer.rotary_dim or (whole if share is None else num.floor(whole * num.of(share)))
