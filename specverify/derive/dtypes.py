"""Bytes of one element by dtype."""

from __future__ import annotations

BYTES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float": 4,
    "half": 2,
    "fp8": 1,
    "fp8_e4m3": 1,
    "fp8_e5m2": 1,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
    "int8": 1,
}
"""In torch's names, and the names engines give cache dtypes."""

CACHE_BYTES = {
    **BYTES,
    "q8_0": 34 / 32,
    "q5_1": 24 / 32,
    "q5_0": 22 / 32,
    "q4_1": 20 / 32,
    "q4_0": 18 / 32,
    "iq4_nl": 18 / 32,
    "nvfp4": 9 / 16,
    "fp8_ds_mla": 1,
}
"""Those of a cache too: ggml's types with their block of 32 and its scale, NVFP4 with an FP8 scale for every 16.

`fp8_ds_mla` is of the latents; with its scales and its rotary keys it is more (derive/kept_bytes.py).
"""
