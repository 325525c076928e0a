"""What bounds the speed: bytes and FLOPs of a prompt and of a decode step, and how long they take at the rates of the hardware.

A roofline (Williams et al., 2009, doi:10.1145/1498765.1498785), not a simulator: every time is a lower bound, and no latency is made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from specverify import num
from specverify.derive.batch import sequences_in_flight, sequences_per_replica, tokens_of_a_mixture
from specverify.derive.communication import Step, exchanges
from specverify.derive.decode import Sequence, cache_bytes_read
from specverify.derive.dtypes import BYTES
from specverify.derive.experts import expert_figures, mixture
from specverify.derive.noted import noted
from specverify.derive.roofline import Linear, decode_flops_per_sequence, linear, prefill_flops
from specverify.derive.sharding import ways
from specverify.derive.touched import Touched, touched
from specverify.derive.weights import resident
from specverify.num import Num
from specverify.spec import Figure, ModelSpec, Part
from specverify.target import Target

if TYPE_CHECKING:
    from specverify.derive.figures import Setting
    from specverify.derive.gpus import Gpu

REACHED_BANDWIDTH = (0.68, 0.83)
"""The share of a GPU's bandwidth that well-made decoding reaches, and the most."""
REACHED_BANDWIDTH_SOURCE = (
    "gpt-fast on A100s: 1,397 GB/s reached and some 1,700 the most seen, of 2,039 (https://github.com/pytorch-labs/gpt-fast)"
)
REACHED_RATE = (0.56, 0.72)
"""The share of a GPU's dense rate that well-made dense passes reach, and the most."""
REACHED_RATE_SOURCE = (
    "training on A100s: 56 % (https://github.com/jzhang38/TinyLlama) to 72 % (FlashAttention-2, arXiv:2307.08691) of the dense rate"
)
SPEED = ("prefill.", "decode.", "experts.", "communication.", "gpu.")
"""How the names of the figures start."""
GENERATES_NOTHING = "the model generates nothing: it has no decode step"
MEMORY_ALONE = "of memory alone, since the GPU's rate of arithmetic is unknown"
EVEN = "experts as an even router chooses them"
FOUR_BITS, EIGHT_BITS = ("nvfp4", "mxfp4"), ("fp8", "int8")


class Rates(NamedTuple):
    """What one GPU does in a second at most, and the scale-up link one way.

    `flops` is at the weights' own `arithmetic`, `fastest` at that of weights or cache, which attention may be done in.
    """

    flops: Num
    fastest: Num
    bandwidth: Num
    link: Num
    arithmetic: str

    @property
    def ridge(self) -> Num:
        """FLOPs for each byte at which arithmetic takes as long as memory."""
        return self.flops / self.bandwidth


class Work(NamedTuple):
    """One decode step as a GPU sees it, all pipeline stages one after another: bytes it reads, and the FLOPs of all its group's GPUs."""

    part: Part
    batch: Num
    touched: Touched
    linear: Linear
    weights: Num
    cache: Num
    flops: Num
    note: str | None


def speed(setting: Setting) -> Iterator[Figure]:
    """The figures of speed; those in seconds where the target names a GPU. Raises UnknownGpu and TakenName."""
    spec = setting.spec
    work = decode_step(setting)
    flops = prefill_flops(spec, setting.context, setting.encoder_context, None if work is None else work.linear)
    yield Figure("prefill.flops", flops, "FLOP", "a lower bound: text model only, scans and norms left out")
    rates = rates_of(setting)
    if rates is not None:
        kind = f"dense {rates.arithmetic} arithmetic, or the next wider the GPU has, over memory bandwidth"
        yield Figure("gpu.ridge_flops_per_byte", rates.ridge, "FLOP/B", kind)
        yield from _prefill_floor(setting, rates, flops, work)
    if work is not None:
        yield from _per_step(setting, work, rates)
        if rates is not None:
            yield from _decode_floor(setting, work, rates)
    elif rates is not None:
        yield Figure("decode.floor_seconds", num.unknown(GENERATES_NOTHING), "s")


def rates_of(setting: Setting) -> Rates | None:
    """The rates of the target's GPU; None where it names none. Raises UnknownGpu and TakenName."""
    spec, target = setting.spec, setting.target
    if target.gpu is None:
        return None
    from specverify.derive.gpus import of

    gpu, kind = of(target), arithmetic(spec, target)
    fastest = _fastest(kind, *setting.kv_dtype.split("/"))
    return Rates(peak(gpu, kind), peak(gpu, fastest), gpu.memory_bytes_per_second, gpu.link_bytes_per_second, kind)


def _touched(setting: Setting, role: str) -> Touched:
    target = setting.target
    return touched(
        setting.spec,
        resident(setting.stored),
        role=role,
        cut=ways(target.tensor_parallel, target.expert_parallel),
        dtype=setting.weight_dtype,
    )


def decode_step(setting: Setting, other: Work | None = None) -> Work | None:
    """One decode step of the setting; None where the model generates nothing. `other` is of the same but for its context."""
    part = setting.spec.decoder()
    if part is None or setting.spec.value("prototype") == "encoder-only":
        return None
    target, request = setting.target, setting.request
    batch = sequences_in_flight(target)
    reads = _touched(setting, "decoder") if other is None else other.touched
    sequence = Sequence(setting.context, setting.encoder_context, setting.kv_bytes, setting.kv_dtype, request.state_dtype)
    cache = cache_bytes_read(part, sequence, tensor_parallel=target.tensor_parallel, context_parallel=target.decode_context_parallel)
    staged = "a pipeline stage works on its share of the sequences at a time, and a token passes the stages one after another"
    multiplied = linear(part) if other is None else other.linear
    flops = decode_flops_per_sequence(part, multiplied, setting.context, setting.encoder_context)
    return Work(
        part,
        batch,
        reads,
        multiplied,
        _whole(reads.by(batch, tokens_of_a_mixture(target))) if other is None else other.weights,
        _whole(batch * cache.named("cache bytes of a sequence read")),
        batch * flops.named("FLOPs of a token"),
        staged if target.pipeline_parallel > 1 else None,
    )


def step_seconds(work: Work, rates: Rates, target: Target, at: str = "") -> Num:
    """The least seconds of a decode step; `at` tells the names in its formula from those of another step."""
    memory = (work.weights.named("weight bytes read") + work.cache.named(f"cache bytes read{at}")) / rates.bandwidth
    if rates.fastest.value is None:
        return memory
    return num.maximum(memory, _share(work.flops.named(f"FLOPs of a step{at}"), target) / rates.fastest)


def prompt_seconds(setting: Setting, rates: Rates, flops: Num, work: Work | None) -> tuple[Num, Num]:
    """The least seconds of a prompt of the setting's context for its weights read once, and for its FLOPs."""
    spec, target = setting.spec, setting.target
    part = spec.encoder() if work is None or spec.value("prototype") == "encoder-decoder" else spec.decoder()
    part = part or spec.decoder()
    if part is None:
        unread = num.unknown("no part that reads text is known")
        return unread, unread
    reads = work.touched if work is not None and part.role == "decoder" else _touched(setting, part.role)
    tokens = setting.context if part.role == "decoder" or work is None else setting.encoder_context
    stages = num.const(target.pipeline_parallel, "pipeline_parallel")
    weights = reads.by(tokens).named("weight bytes read")
    memory = (weights / stages if target.pipeline_parallel > 1 else weights) / rates.bandwidth
    gpus = num.const(target.tensor_parallel * target.pipeline_parallel, "GPUs of a replica")
    return memory, flops / (rates.fastest * gpus if gpus.value != 1 else rates.fastest)


def _per_step(setting: Setting, work: Work, rates: Rates | None) -> Iterator[Figure]:
    spec, target = setting.spec, setting.target
    mixed = mixture(work.part)
    a_gpu = "on each GPU, in one step" if target.gpus > 1 else "in one step"
    even = EVEN if work.touched.mixtures else None
    yield Figure("decode.weight_bytes_read", work.weights, "bytes", noted(a_gpu, even, work.note, setting.served_note))
    yield Figure("decode.cache_bytes_read", work.cache, "bytes", noted(a_gpu, "states read and written", work.note, setting.kv_note))
    yield Figure("decode.flops", work.flops, "FLOP", noted("one step: a lower bound, scans and norms left out", work.note))
    read = work.weights.named("decode.weight_bytes_read") + work.cache.named("decode.cache_bytes_read")
    yield Figure(
        "decode.arithmetic_intensity",
        _share(work.flops.named("decode.flops"), target) / read,
        "FLOP/B",
        "FLOPs of a step for each byte it reads",
    )
    routed = tokens_of_a_mixture(target)
    if mixed is not None:
        yield from expert_figures(mixed, routed)
    if target.tensor_parallel > 1 or target.expert_parallel > 1:
        fact = spec.fact("hidden_size")
        hidden = num.of(fact) if fact.value is not None else num.unknown("the width of the model is not stated")
        activation = num.const(BYTES[setting.weight_dtype], f"{setting.weight_dtype} bytes", unit="B")
        dispatch = activation if arithmetic(spec, target) == "bf16" else num.const(1, "fp8 bytes", unit="B")
        link = None if rates is None else rates.link
        yield from exchanges(spec, work.part, target, Step(work.batch, routed, hidden, activation, dispatch, link))


def _decode_floor(setting: Setting, work: Work, rates: Rates) -> Iterator[Figure]:
    target = setting.target
    read = work.weights.named("decode.weight_bytes_read") + work.cache.named("decode.cache_bytes_read")
    memory = read / rates.bandwidth
    compute = _share(work.flops.named("decode.flops"), target) / rates.fastest
    bound = noted("a lower bound, exchanges between GPUs apart" if target.gpus > 1 else "a lower bound", work.note)
    yield Figure("decode.memory_floor_seconds", memory, "s", noted("at full memory bandwidth", bound))
    yield Figure("decode.compute_floor_seconds", compute, "s", noted("at the full dense rate", bound))
    memory, compute = memory.named("decode.memory_floor_seconds"), compute.named("decode.compute_floor_seconds")
    rated = rates.fastest.value is not None
    floor = num.maximum(memory, compute) if rated else memory
    even = EVEN if work.touched.mixtures else None
    yield Figure(
        "decode.floor_seconds",
        floor,
        "s",
        noted("one step of the batch", bound, None if rated else MEMORY_ALONE, even, setting.served_note),
    )
    memory_binds = num.at_most(compute, memory)
    yield Figure("decode.memory_bound", memory_binds, "yes/no", "whether a step waits for memory rather than for arithmetic")
    yield from _achievable("decode", floor.named("decode.floor_seconds"), memory_binds)
    yield _ceiling(target, floor.named("decode.floor_seconds"))
    yield Figure(
        "decode.ridge_batch",
        _ridge_batch(work, rates, target),
        "sequences",
        "from here on the weights' arithmetic takes as long as reading them, caches and attention apart; memory binds below",
    )


def _achievable(phase: str, floor: Num, memory_binds: Num) -> Iterator[Figure]:
    """The floor at what is reached of the rate that binds."""
    if memory_binds.value is False:
        shares, of, source = REACHED_RATE, "dense rate", REACHED_RATE_SOURCE
    else:
        shares, of, source = REACHED_BANDWIDTH, "bandwidth", REACHED_BANDWIDTH_SOURCE
    for name, share in (("low", shares[1]), ("high", shares[0])):
        reached = floor / num.const(share, f"share of the {of}")
        yield Figure(f"{phase}.achievable_seconds_{name}", reached, "s", f"{share:.0%} of the {of}: {source}")


def _ceiling(target: Target, floor: Num) -> Figure:
    tokens = sequences_per_replica(target)
    if target.data_parallel > 1:
        tokens = tokens * num.const(target.data_parallel, "data_parallel")
    drafted = None
    if target.draft_tokens:
        tokens = tokens * num.const(1 + target.draft_tokens, "tokens of a step, all drafts accepted")
        drafted = "as if every draft were accepted and drafting took no time"
    return Figure("decode.tokens_per_second_ceiling", tokens / floor, "tokens/s", noted("of all sequences together", drafted))


def _ridge_batch(work: Work, rates: Rates, target: Target) -> Num:
    """Sequences in one step whose FLOPs with the weights take as long as reading all of them: E / k times a dense model's in a mixture."""
    ridge = rates.ridge.named("gpu.ridge_flops_per_byte")
    weights = work.linear.layers + work.linear.head
    batch = ridge * work.touched.most().named("bytes of all weights") / _share(num.const(2) * weights, target)
    return num.ceiling(batch)


def _prefill_floor(setting: Setting, rates: Rates, flops: Num, work: Work | None) -> Iterator[Figure]:
    memory, compute = prompt_seconds(setting, rates, flops.named("prefill.flops"), work)
    note = "one prompt at the full dense rate, or its weights read once: a lower bound"
    floor = num.maximum(memory, compute)
    yield Figure("prefill.floor_seconds", floor, "s", noted(note, setting.served_note))
    yield from _achievable("prefill", floor.named("prefill.floor_seconds"), num.at_most(compute, memory))


def _share(amount: Num, target: Target) -> Num:
    """What one GPU of a tensor-parallel group does of it."""
    return amount / num.const(target.tensor_parallel, "tensor_parallel") if target.tensor_parallel > 1 else amount


def _whole(amount: Num) -> Num:
    """Whole bytes: averages over experts, stages and GPUs rounded down."""
    return num.floor(amount) if isinstance(amount.value, float) else amount


def arithmetic(spec: ModelSpec, target: Target) -> str:
    """The fastest arithmetic the weights allow, `fp4`, `fp8`, `int8` or `bf16`: a floor may not be beaten."""
    names = [scheme.name for scheme in spec.quantization.schemes] if spec.quantization is not None else []
    return _fastest(*names, *([] if target.quantize is None else [target.quantize]))


def _fastest(*formats: str) -> str:
    if any(name in ("fp4", *FOUR_BITS) for name in formats):
        return "fp4"
    return next((kind for kind in EIGHT_BITS if any(name.startswith(kind) for name in formats)), "bf16")


def peak(gpu: Gpu, kind: str) -> Num:
    """The dense FLOP/s of one GPU at that arithmetic; a GPU without FP8 units does 8-bit integers at twice its 16-bit rate."""
    if kind == "int8" and gpu.fp8_tflops.value is None and gpu.fp8_tflops.known:
        return gpu.flops("bf16") * num.const(2, "int8 over 16-bit rate")
    return gpu.flops("fp8" if kind == "int8" else kind)
