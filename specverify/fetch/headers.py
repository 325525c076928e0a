"""The header of a safetensors file: checked, every byte of it, before a tensor is believed.

Format: https://huggingface.co/docs/safetensors/index#format. Eight bytes of little-endian length, a JSON object, data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeGuard

from specverify.errors import Unreadable
from specverify.fetch.bounded_json import load_object
from specverify.spec import Tensor

LENGTH_BYTES = 8
MOST_HEADER_BYTES = 100_000_000
"""The most the format allows a header to have."""

BITS: Mapping[str, int] = {
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}
"""Bits of one element, of every dtype that safetensors 0.8 knows."""

_LARGEST = 2**64 - 1


Window = Callable[[str, int, int], tuple[bytes, int | None]]
"""Gives the bytes of a file from one offset to before another, fewer only where the file ends, and its size where known."""


class Header(NamedTuple):
    """The first bytes of `file`, length included; `size` is how many the whole file has, where that is known."""

    file: str
    data: bytes
    size: int | None


def header_end(start: bytes, file: str, size: int | None, most: int = MOST_HEADER_BYTES) -> int:
    """Where the header ends and the data begins, in bytes from the start of the file, as its first eight bytes say.

    Raises Unreadable where there are no eight, or the length is above `most` bytes or beyond the file's end.
    """
    if len(start) < LENGTH_BYTES:
        raise Unreadable(f"{len(start)} bytes, too short for a safetensors file", file=file, place="byte 0")
    length = int.from_bytes(start[:LENGTH_BYTES], "little")
    if length > most:
        raise Unreadable(f"states a header of {length:,} bytes, more than the {most:,} that are read", file=file, place="byte 0")
    end = LENGTH_BYTES + length
    if size is not None and end > size:
        raise Unreadable(f"states a header of {length:,} bytes in a file of {size:,}", file=file, place="byte 0")
    return end


def read_header(window: Window, file: str, foreseen: int, most: int = MOST_HEADER_BYTES) -> Header:
    """The header: one read of the bytes foreseen, and the rest in a second where those were too few.

    Raises what `header_end` and `window` do.
    """
    data, size = window(file, 0, foreseen)
    end = header_end(data[:LENGTH_BYTES], file, size, most)
    if end > len(data):
        data += window(file, len(data), end)[0]
    return Header(file, data[:end], size)


def parse_header(header: Header) -> tuple[Tensor, ...]:
    """The tensors of a file, in the header's order.

    Raises Unreadable, with the byte offset, unless every tensor has a known dtype, a shape of counts and exactly the
    bytes that those make, and the tensors cover the data from its first byte to its last without gap or overlap.
    """
    file = header.file
    end = header_end(header.data, file, header.size)
    if len(header.data) < end:
        raise Unreadable(f"ends inside its header of {end - LENGTH_BYTES:,} bytes", file=file, place=f"byte {len(header.data)}")
    text = header.data[LENGTH_BYTES:end]
    if not text.startswith(b"{"):
        raise Unreadable("the header does not start with `{`", file=file, place=f"byte {LENGTH_BYTES}")
    entries = load_object(text, file, offset=LENGTH_BYTES)
    _check_metadata(entries.pop("__metadata__", None), text, file)
    tensors: list[Tensor] = []
    spans: list[tuple[int, int, str]] = []
    for name, entry in entries.items():
        tensor, span = _tensor(name, entry, text, file)
        tensors.append(tensor)
        spans.append((*span, name))
    covered = _check_cover(spans, text, file)
    if header.size is not None and end + covered != header.size:
        raise Unreadable(
            f"the tensors cover {covered:,} bytes of data, the file has {header.size - end:,}", file=file, place=f"byte {end + covered}"
        )
    return tuple(tensors)


def _check_metadata(metadata: Any, text: bytes, file: str) -> None:
    """Free text of the writer: null, or text to text."""
    if metadata is None:
        return
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _lie("__metadata__", "is no object of text to text", text, file)


def _tensor(name: str, entry: Any, text: bytes, file: str) -> tuple[Tensor, tuple[int, int]]:
    """One entry, and the bytes of the data it claims."""
    if not isinstance(entry, dict):
        raise _lie(name, "is not described by an object", text, file)
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    bits = BITS.get(dtype) if isinstance(dtype, str) else None
    if bits is None:
        raise _lie(name, f"has dtype {short(dtype)}, which the format does not know", text, file)
    if not _are_counts(shape):
        raise _lie(name, f"has shape {short(shape)}, not a list of counts", text, file)
    if not _are_counts(offsets) or len(offsets) != 2:
        raise _lie(name, f"has data_offsets {short(offsets)}, not a start and an end", text, file)
    size = _size(shape, bits)
    if size is None:
        raise _lie(name, f"has shape {short(shape)}, more than 64 bits can count", text, file)
    start, end = offsets
    if size % 8:
        raise _lie(name, f"has {size:,} bits, not a whole number of bytes", text, file)
    if end - start != size // 8:
        raise _lie(name, f"takes {size // 8:,} bytes by dtype and shape, {end - start:,} by data_offsets", text, file)
    return Tensor(name, tuple(shape), str(dtype), file), (start, end)


def _check_cover(spans: list[tuple[int, int, str]], text: bytes, file: str) -> int:
    """The bytes covered; the spans must follow each other from 0."""
    reached = 0
    for start, end, name in sorted(spans):
        if start != reached:
            how = "overlaps the tensor before it" if start < reached else f"leaves {start - reached:,} bytes before it to no tensor"
            raise _lie(name, how, text, file)
        reached = end
    return reached


def _size(shape: list[int], bits: int) -> int | None:
    """Bits of a tensor of `bits` an element; None where the elements, or they, pass what 64 bits can count."""
    elements = 1
    for dimension in shape:
        elements *= dimension
        if elements > _LARGEST:
            return None
    return elements * bits if elements * bits <= _LARGEST else None


def _are_counts(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(type(item) is int and 0 <= item <= _LARGEST for item in value)


def _lie(name: str, what: str, text: bytes, file: str) -> Unreadable:
    """The error, placed at the tensor's name in the file."""
    at = max(text.find(json.dumps(name, ensure_ascii=False).encode()), 0)
    return Unreadable(f"tensor {short(name)} {what}", file=file, place=f"byte {LENGTH_BYTES + at}")


def short(value: Any) -> str:
    """A file's own value, fit to stand in a message."""
    shown = ascii(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."
