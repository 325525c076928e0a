"""What a report says first: the verdict in words, the figures that say something of their own, and what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specverify.outcome import Report
from specverify.report.sanitize import clean
from specverify.spec import Figure, ModelSpec, context_name

KEY_FIGURES = (
    "parameters.total",
    "parameters.activated",
    "parameters.mtp",
    "weights.bytes",
    "weights.bytes_per_gpu",
    "cache.bytes_per_token",
    "cache.fixed_bytes",
    "cache.sequence_bytes",
    "cache.reserved_bytes",
    "cache.total_bytes",
    "cache.sequence_bytes_per_gpu",
    "media.tokens_per_page",
    "media.cache_bytes_per_page",
    "media.tokens_per_minute_of_audio",
    "media.tokens_per_minute_of_video",
)
"""The figures of the first screen, as far as they say something of their own."""
CAPACITY = (
    "capacity.fits",
    "capacity.max_concurrency",
    "capacity.max_context",
    "decode.floor_seconds",
    "prefill.floor_seconds",
)
SAME_AS = {
    "parameters.activated": "parameters.total",
    "weights.bytes_per_gpu": "weights.bytes",
    "cache.reserved_bytes": "cache.sequence_bytes",
    "cache.total_bytes": "cache.sequence_bytes",
    "cache.sequence_bytes_per_gpu": "cache.reserved_bytes",
}
"""A figure that is left out of the first screen where it equals another."""
ONLY_WHERE_ANY = ("parameters.mtp", "cache.fixed_bytes")


def verdict_words(found: Mapping[str, Any]) -> str:
    """The verdict of a summary (specverify.report.shape.summary): `1 error, 2 remarks`."""
    said = {"unreadable": "could not be read", "unverifiable": "unverifiable"}
    return said.get(found["verdict"]) or _counted(found["findings"])


def _counted(counts: Mapping[str, int]) -> str:
    words = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("remark", "remarks")}
    said = [f"{count:,} {words[severity][count != 1]}" for severity, count in counts.items() if count]
    if counts["error"] or counts["warning"]:
        return ", ".join(said)
    return ", ".join(["no errors, no warnings", *said])


def exactness(spec: ModelSpec) -> str:
    """How far a model is known, in a sentence."""
    name = next(iter(spec.classes()), spec.value("model_type"))
    who = clean(name, 60) if isinstance(name, str) else "a config that names no class"
    if spec.exactness == "exact":
        return f"exact: {who} of family {clean(spec.family)}, every tensor known"
    if spec.exactness == "generic":
        return f"generic: the sizes {who} states are read, its tensors are not known"
    if spec.exactness == "claimed":
        return "closed: nothing public to check, every number is a claim or unknown"
    return clean(spec.fact("prototype").reason or "not a language model")


def says_something(figures: Mapping[str, Figure], name: str) -> bool:
    """Whether a figure is more than another one of those shown first, or a 0 that only says that there is none."""
    value = figures[name].value
    if name in ONLY_WHERE_ANY and value == 0:
        return False
    other = figures.get(SAME_AS.get(name, ""))
    return other is None or value is None or value != other.value


def setting(report: Report) -> str:
    """The lengths and dtypes the figures are for."""
    target = report.target
    engine = str(target.get("engine", "ideal"))
    asked = target.get("context")
    own = report.figures.get(context_name(engine))
    context = asked if asked is not None else own.value if own is not None else None
    said = [] if context is None else [f"{context:,} tokens"]
    if target.get("concurrency", 1) != 1:
        said.append(f"{target['concurrency']:,} at once")
    if target.get("kv_dtype", "auto") != "auto":
        said.append(f"{clean(str(target['kv_dtype']))} cache")
    if engine != "ideal":
        said.append(f"as {clean(engine)} reserves")
    return f" at {', '.join(said)}" if said else ""


def on_hardware(report: Report) -> str:
    """The GPUs the figures are for."""
    target = report.target
    ways = [
        f"{word} parallel {target[name]}"
        for name, word in (
            ("tensor_parallel", "tensor"), ("pipeline_parallel", "pipeline"), ("data_parallel", "data"), ("expert_parallel", "expert"),
        )
        if target.get(name, 1) != 1
    ]  # fmt: skip
    parallel = f" ({', '.join(ways)})" if ways else ""
    return f"On {target.get('gpus', 1)} x {clean(str(target.get('gpu')))}{parallel}"
