"""Every module of rules, loaded once."""

from __future__ import annotations

from functools import cache
from importlib import import_module

MODULES: tuple[str, ...] = (
    "attention",
    "capacity",
    "card",
    "checkpoint",
    "claims",
    "context",
    "document",
    "evaluation.coverage",
    "evaluation.evidence",
    "evaluation.settings",
    "evaluation.trust",
    "fit.evidence",
    "fit.shape",
    "generation",
    "identity",
    "kernels",
    "lengths",
    "licenses",
    "lineage",
    "metadata",
    "moe",
    "multimodal",
    "parallel",
    "policy",
    "position",
    "quantization",
    "security",
    "tensors",
    "vocabulary",
)


@cache
def load() -> None:
    """Register the rules of every module."""
    for name in MODULES:
        import_module(f"specverify.rules.{name}")
