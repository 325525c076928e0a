"""Every cache that transformers was seen to hold, to the byte, under its own policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from specverify.derive.figures import figures
from specverify.spec import ModelSpec
from specverify.target import Target
from tests.architectures.plans import spec_of
from tests.corpus import corpus

HEARD = {"canary": 12, "cohere_asr": 12, "speech_to_text": 24}
"""Encoder tokens of rows that state none: what transformers made of the sound it was given (8 and 4 frames a token)."""
COUNTER = {"xlstm": 8}
"""Bytes of a position that the cache object keeps once, whatever the batch: no state of a sequence."""
UNREAD: set[str] = set()
"""Types of the corpus that are not known yet."""


def held(spec: ModelSpec, entry: dict[str, Any], dtype: str, encoder_tokens: int | None) -> int | float | None:
    """Bytes of the sequences of an entry."""
    target = Target(engine="transformers", context=entry["n"], encoder_context=encoder_tokens, kv_dtype=dtype)
    each = figures(spec, target)["cache.reserved_bytes"].value
    return None if each is None else each * entry["batch"]


def entries(row: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """What was measured after a prompt, each with the dtype it was measured in."""
    for entry in row.get("measured") or ():
        if entry["mode"] == "prefill":
            yield entry, row["dtype"]
    if row.get("bf16"):
        yield row["bf16"], "bfloat16"


def test_every_measured_cache_is_held() -> None:
    wrong, unread, compared = [], set(), 0
    with (corpus() / "oracle" / "cache.jsonl").open() as lines:
        for row in map(json.loads, lines):
            if row.get("incomplete") or row.get("decode_mismatch"):
                continue
            spec = spec_of({**row["config"], "architectures": [row["architecture"]]})
            if spec.exactness != "exact":
                unread.add(row["model_type"])
                continue
            for entry, dtype in entries(row):
                tokens = entry.get("enc_len") or row.get("enc_len") or HEARD.get(row["model_type"])
                ours = held(spec, entry, dtype, tokens)
                compared += 1
                if ours != entry["bytes"] - COUNTER.get(row["model_type"], 0):
                    wrong.append((row["id"], entry["n"], entry["batch"], dtype, ours, entry["bytes"]))
    assert not wrong
    assert compared > 1000
    assert unread == UNREAD
