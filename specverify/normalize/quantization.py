"""How the published weights are stored: the dialects of `quantization_config` on one shape."""

from __future__ import annotations

from specverify.architectures.keys import Config
from specverify.spec import Quantization


def quantization(c: Config, text: Config) -> Quantization | None:
    """None where the config declares none."""
    return None
