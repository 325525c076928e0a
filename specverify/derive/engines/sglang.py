"""SGLang 0.5.23: one pool of token slots for every layer; windows are honoured only for the classes on its list.

Read from python/sglang/srt/configs/model_config.py (`is_hybrid_swa_model`) and model_executor/model_runner.py.
"""

from __future__ import annotations

from specverify import num
from specverify.derive.cache import Entry, cross_attention_bytes, row_bytes, state_bytes
from specverify.derive.engines import Request
from specverify.derive.kept_bytes import token_bytes, whole
from specverify.num import Num

WINDOWED = (
    "DeepseekV4ForCausalLM",
    "Gemma4ForCausalLM",
    "Gemma4ForConditionalGeneration",
    "GptOssForCausalLM",
    "Llama4ForConditionalGeneration",
    "MiMoV2FlashForCausalLM",
    "MiMoV2MTP",
    "Step3p5ForCausalLM",
    "Step3p5MTP",
)
"""Classes whose windowed layers have a pool of their own, `swa_full_tokens_ratio` of the other's tokens long."""


def reserved_bytes(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of the slots one sequence takes; with a pool for windows, the share of both pools that its tokens stand for."""
    return (
        whole(rate(entries, request) * request.context)
        + state_bytes(entries, request.kv_dtype, request.state_dtype)
        + cross_attention_bytes(entries, request.encoder_context, request.kv_bytes)
    )


def rate(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of one token slot of every layer; with a pool for windows, its share of a slot at the default ratio."""
    if any(row.block is not None for entry in entries for row in entry.rows):
        return num.unknown("how SGLang keeps compressed rows is not modelled")
    if not _has_two_pools(entries, request):
        return _slot(entries, request)
    windowed = tuple(entry for entry in entries if entry.cap is not None)
    full = tuple(entry for entry in entries if entry.cap is None)
    return _slot(full, request) + request.release.constant("swa_full_tokens_ratio") * _slot(windowed, request)


def _has_two_pools(entries: tuple[Entry, ...], request: Request) -> bool:
    if not any(name in WINDOWED for name in request.architectures):
        return False
    return len({entry.cap is None for entry in entries if entry.per_token is not None}) == 2


def _slot(entries: tuple[Entry, ...], request: Request) -> Num:
    """Bytes of a token in all of these layers."""
    own = (entry.count * token_bytes(entry, request.kv_dtype, indexed_in_fp8=True) for entry in entries if entry.per_token is not None)
    rows = (entry.count * row.width * row_bytes(row, request.kv_bytes) for entry in entries for row in entry.rows)
    return num.total((*own, *rows))
