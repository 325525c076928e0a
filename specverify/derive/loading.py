"""What an engine makes of the weights when it loads them, beside splitting them: what it leaves out, padding, repacking.

Read from vLLM (vllm/model_executor: layers/vocab_parallel_embedding.py, layers/quantization, models/adapters.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from specverify.derive.buffers import Loading, buffers
from specverify.derive.mxfp4 import Kernel, expert_bytes, kernel_of
from specverify.derive.sharding import Share, owners, shares
from specverify.derive.weights import Stored, quantized_bytes
from specverify.frozen import replace
from specverify.spec import FeedForward, ModelSpec, Role
from specverify.target import Target

VOCABULARY_MULTIPLE = 64
SERVED_AS = {"vllm": "bfloat16", "sglang": "float16"}
"""What an engine casts a float32 checkpoint to."""
POOLING = "modules.json"
"""The file of sentence-transformers by which vLLM knows a model of embeddings."""
GENERATING = ("ForCausalLM", "ForConditionalGeneration", "ChatModel", "LMHeadModel")


def served_dtype(engine: str, dtype: str) -> str:
    """The dtype an engine serves a checkpoint of `dtype` in."""
    return SERVED_AS[engine] if dtype in ("float32", "float64") else dtype


def loaded(spec: ModelSpec, stored: tuple[Stored, ...], target: Target, loading: Loading) -> tuple[Iterator[Share], str]:
    """What the fullest GPU holds once vLLM or SGLang has loaded the tensors, and what that rests on."""
    entries = tuple(_repacked(spec, stored))
    said = f"as {target.engine} loads them: vocabulary in multiples of {VOCABULARY_MULTIPLE}, with its tables and copies"
    if loading.pools and target.engine == "vllm" and _generates(spec):
        entries = tuple(entry for entry in entries if entry.weight.role is not Role.HEAD)
        said += f"; without an output head, since {POOLING} makes it a model of embeddings"
    padded = _mxfp4_blocks(spec, entries)
    kernel = kernel_of(target) if padded else None
    if padded and kernel is None:
        said += "; what the kernel pads MXFP4 experts to is left out: it is known for vLLM on a named NVIDIA GPU"
    return _loaded(spec, entries, loading, kernel, padded), said


def _loaded(
    spec: ModelSpec, entries: tuple[Stored, ...], loading: Loading, kernel: Kernel | None, padded: dict[int, FeedForward]
) -> Iterator[Share]:
    cut = loading.cut
    for entry, share in zip(entries, shares(spec, entries, cut, loading.dtype, VOCABULARY_MULTIPLE), strict=True):
        block = padded.get(id(entry.weight))
        if block is None or kernel is None:
            yield share
        else:
            yield share._replace(
                label=f"{entry.weight.role} bytes as {kernel.name} packs them", each=expert_bytes(entry, block, cut, kernel)
            )
    yield from buffers(spec, entries, loading)


def _generates(spec: ModelSpec) -> bool:
    """Whether the class is one of those that vLLM makes a pooling model of by taking its head away."""
    return any(name.endswith(GENERATING) for name in spec.classes())


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
