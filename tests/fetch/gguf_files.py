"""GGUF files, written as the format says and as it forbids."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

U32, F32, BOOL, TEXT, ARRAY, U64 = 4, 6, 7, 8, 9, 10
_PACKED = {0: "<B", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 12: "<d"}
Value = tuple[int, Any]
TensorInfo = tuple[str, Sequence[int], int, int]
"""Name, dimensions as in the file, number of the type, offset."""

KEYS: Mapping[str, Value] = {
    "general.architecture": (TEXT, "llama"),
    "llama.block_count": (U32, 2),
    "llama.rope.freq_base": (F32, 10000.0),
    "llama.attention.head_count_kv": (ARRAY, (U32, [8, 4])),
    "tokenizer.ggml.tokens": (ARRAY, (TEXT, ["<s>", "a", "b"])),
    "tokenizer.ggml.add_bos_token": (BOOL, 1),
}
TENSORS: Sequence[TensorInfo] = (("token_embd.weight", (256, 3), 12, 0), ("output_norm.weight", (256,), 0, 448))


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def value(kind: int, content: Any) -> bytes:
    """The value's bytes, without its type."""
    if kind == TEXT:
        return text(content)
    if kind == ARRAY:
        of, items = content
        return struct.pack("<IQ", of, len(items)) + b"".join(value(of, item) for item in items)
    return struct.pack(_PACKED[kind], content)


def gguf(
    keys: Mapping[str, Value] = KEYS, tensors: Sequence[TensorInfo] = TENSORS, *, version: int = 3, data: int = 448 + 1024, align: int = 32
) -> bytes:
    """A whole file, its data zeros."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys))
    head += b"".join(text(key) + struct.pack("<I", kind) + value(kind, content) for key, (kind, content) in keys.items())
    for name, shape, kind, offset in tensors:
        head += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
    return head + bytes(-len(head) % align) + bytes(data)
