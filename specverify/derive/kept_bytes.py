"""Bytes an engine keeps of a token in one layer, by the format of its cache."""

from __future__ import annotations

from specverify import num
from specverify.derive.cache import Entry
from specverify.derive.dtypes import BYTES, CACHE_BYTES
from specverify.num import Num

INDEX_SCALE = 4
"""Bytes of the scale beside every `SCALED` elements of an indexer's key, which engines keep in FP8."""
SCALED = num.const(128, "elements a scale")
DSA_FORMATS = ("fp8", "fp8_e4m3", "fp8_ds_mla")


def token_bytes(entry: Entry, kv_dtype: str, *, indexed_in_fp8: bool) -> Num:
    """Bytes of a token of one layer of `entry` in a cache of `kv_dtype`; keys and values may have a dtype each.

    `indexed_in_fp8`: an indexer's key is kept in FP8 with a float32 scale, as vLLM and SGLang do, and latents beside it, asked
    for in FP8, with a scale for every 128 elements and their rotary key in bfloat16 (DeepSeek-V3.2).
    """
    assert entry.per_token is not None
    keys, _, values = kv_dtype.partition("/")
    index = entry.index
    own = entry.per_token if index is None else entry.per_token - index
    kept = _own_bytes(entry, own, keys, values or keys, scaled=indexed_in_fp8 and index is not None)
    if index is None:
        return kept
    if not indexed_in_fp8:
        return kept + index * _each(keys)
    return kept + index * _each("fp8") + num.ceil_div(index, SCALED) * num.const(INDEX_SCALE, unit="B")


def _own_bytes(entry: Entry, own: Num, keys: str, values: str, *, scaled: bool) -> Num:
    if entry.latent is not None and (keys == "fp8_ds_mla" or (scaled and keys in DSA_FORMATS)):
        rotary = own - entry.latent
        return entry.latent * _each("fp8") + num.ceil_div(entry.latent, SCALED) * num.const(4, unit="B") + rotary * _each("bfloat16")
    if entry.latent is not None and keys == "nvfp4":
        rotary = own - entry.latent
        return whole(entry.latent * _each("nvfp4")) + rotary * _each("fp8")
    if keys == "fp8_ds_mla":
        return num.unknown("fp8_ds_mla is a format of latent attention, which this layer has not")
    if keys == values or entry.values is None:
        return whole(own * _each(keys))
    return whole((own - entry.values) * _each(keys)) + whole(entry.values * _each(values))


def _each(dtype: str) -> Num:
    return num.const(CACHE_BYTES[dtype], dtype, unit="B")


def whole(amount: Num) -> Num:
    """Bytes as a whole number, rounded up where a format's blocks do not fill."""
    return num.ceiling(amount) if isinstance(amount.value, float) else amount


def state_width(dtype: str) -> Num:
    """Bytes of an element of a state."""
    return num.const(BYTES[dtype], unit="B")
