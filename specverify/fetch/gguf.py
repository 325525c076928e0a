"""The header of a GGUF file: checked, every byte of it, before a tensor is believed.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3. Magic, version, counts, keys with typed
values (the tokenizer's word lists among them, which make it megabytes long), tensor infos, then the data.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from specverify.errors import Unreadable
from specverify.fetch.headers import Header, Window, short
from specverify.spec import Tensor

MIB = 2**20
STOPS = (MIB, 8 * MIB, 24 * MIB, 64 * MIB)
"""Where each further read ends, in bytes from the start: nothing says beforehand how long the header is."""
MOST_KEYS = 65_536
MOST_TENSORS = 1_000_000
MOST_ITEMS = 2_000_000
"""Items of all arrays: the largest vocabularies, words and merges, have under a million."""
MOST_KEPT = 65_536
LONGEST_KEPT = 4_096
"""Bytes of a text, or items of an array, up to which its value is kept; of a longer one, its length."""

TYPES: Mapping[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
}
"""Number in the file to ggml's name, elements a block, bytes a block (`gguf.constants.GGML_QUANT_SIZES`)."""

_SCALARS: Mapping[int, struct.Struct] = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_TEXT, _ARRAY = 8, 9
_U32, _U64 = _SCALARS[4], _SCALARS[10]
_MAGIC = b"GGUF"
_MOST_DIMENSIONS = 4
_LONGEST_NAME = 65_535
_LARGEST = 2**63 - 1


class Gguf(NamedTuple):
    """What a header says: tensors with shapes in row-major order (the file's reversed), and the keys.

    A value longer than is kept stands as `{"bytes": n}` (a text) or `{"items": n}` (an array).
    """

    tensors: tuple[Tensor, ...]
    keys: Mapping[str, Any]
    end: int


class _Short(Exception):
    """The header goes on beyond the bytes at hand."""


@dataclass(slots=True)
class _Cursor:
    """A place in the file, moving on. Raises _Short at the end of the bytes at hand, Unreadable past what is read at most."""

    data: bytes
    file: str
    at: int = 0
    items: int = 0
    kept: int = 0

    def skip(self, count: int) -> int:
        """Move on by `count` bytes; returns where they begin."""
        begin, self.at = self.at, self.at + count
        if self.at > STOPS[-1]:
            raise self.lie(f"has a header longer than the {STOPS[-1]:,} bytes that are read", begin)
        if self.at > len(self.data):
            raise _Short
        return begin

    def take(self, kind: struct.Struct) -> Any:
        return kind.unpack_from(self.data, self.skip(kind.size))[0]

    def text(self, most: int) -> str:
        """A length and so many bytes of UTF-8."""
        length = self.take(_U64)
        if length > most:
            raise self.lie(f"states a text of {length:,} bytes, more than the {most:,} it may have", self.at - 8)
        begin = self.skip(length)
        try:
            return self.data[begin : self.at].decode()
        except UnicodeDecodeError:
            raise self.lie("holds a text that is not UTF-8", begin) from None

    def lie(self, what: str, at: int | None = None) -> Unreadable:
        return Unreadable(what, file=self.file, place=f"byte {self.at if at is None else at}")


def read_gguf(window: Window, file: str) -> Header:
    """The header, in as many reads as it turns out to take. Raises what `parse_gguf` does, and what `window` does."""
    data, size = b"", None
    for stop in STOPS:
        more, size = window(file, len(data), stop)
        data += more
        try:
            end = _parse(data, file, size).end
        except _Short:
            if len(data) < stop:
                raise Unreadable("ends inside its header", file=file, place=f"byte {len(data)}") from None
            continue
        return Header(file, data[:end], size)
    raise Unreadable(f"has a header longer than the {STOPS[-1]:,} bytes that are read", file=file)


def parse_gguf(header: Header) -> Gguf:
    """Raises Unreadable, with the byte offset, for anything but a header that llama.cpp would take; its bounds are narrower."""
    try:
        return _parse(header.data, header.file, header.size)
    except _Short:
        raise Unreadable("ends inside its header", file=header.file, place=f"byte {len(header.data)}") from None


def _parse(data: bytes, file: str, size: int | None) -> Gguf:
    cursor = _Cursor(data, file)
    if not data.startswith(_MAGIC[: len(data)]):
        raise cursor.lie("does not start with `GGUF`")
    cursor.skip(4)
    version = cursor.take(_U32)
    if version not in (2, 3):
        big = "big-endian, " if version in (2 << 24, 3 << 24) else ""
        raise cursor.lie(f"is {big}GGUF of version {version}; 2 and 3, little-endian, are read", 4)
    tensor_count, key_count = cursor.take(_U64), cursor.take(_U64)
    for what, count, most in (("tensors", tensor_count, MOST_TENSORS), ("keys", key_count, MOST_KEYS)):
        if count > most:
            raise cursor.lie(f"states {count:,} {what}, more than the {most:,} that are read", 8)
    keys: dict[str, Any] = {}
    for _ in range(key_count):
        at = cursor.at
        key = cursor.text(_LONGEST_NAME)
        if key in keys:
            raise cursor.lie(f"has the key {short(key)} twice", at)
        keys[key] = _value(cursor)
    alignment = keys.get("general.alignment", 32)
    if type(alignment) is not int or not 8 <= alignment <= MIB or alignment % 8:
        raise cursor.lie(f"has general.alignment {short(alignment)}, no multiple of 8")
    tensors: list[Tensor] = []
    names: set[str] = set()
    reached = last = 0
    for _ in range(tensor_count):
        at = cursor.at
        tensor, offset, length = _tensor(cursor)
        if tensor.name in names:
            raise cursor.lie(f"has tensor {short(tensor.name)} twice", at)
        if offset != reached:
            raise cursor.lie(f"has tensor {short(tensor.name)} at {offset:,} of its data, where {reached:,} is next", at)
        names.add(tensor.name)
        tensors.append(tensor)
        last = offset + length
        reached = _aligned(last, alignment)
    if tensors and size is not None and (ends := _aligned(cursor.at, alignment) + last) > size:
        raise cursor.lie(f"has tensors up to byte {ends:,} in a file of {size:,}")
    return Gguf(tuple(tensors), keys, cursor.at)


def _value(cursor: _Cursor) -> Any:
    """The value of a key."""
    kind = cursor.take(_U32)
    if kind == _TEXT:
        length = cursor.take(_U64)
        if length > LONGEST_KEPT:
            cursor.skip(length)
            return {"bytes": length}
        cursor.at -= 8
        return cursor.text(LONGEST_KEPT)
    if kind == _ARRAY:
        return _array(cursor)
    return _scalar(cursor, kind)


def _scalar(cursor: _Cursor, kind: int) -> Any:
    if kind not in _SCALARS:
        raise cursor.lie(f"has a value of type {kind}, which the format does not know", cursor.at - 4)
    value = cursor.take(_SCALARS[kind])
    if kind == 7 and cursor.data[cursor.at - 1] > 1:
        raise cursor.lie("has a truth value that is neither 0 nor 1", cursor.at - 1)
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


def _array(cursor: _Cursor) -> Any:
    """The items where they are few numbers; else how many there are."""
    at = cursor.at
    kind, count = cursor.take(_U32), cursor.take(_U64)
    cursor.items += count
    if cursor.items > MOST_ITEMS:
        raise cursor.lie(f"states arrays of {cursor.items:,} items, more than the {MOST_ITEMS:,} that are read", at)
    if kind == _TEXT:
        for _ in range(count):
            cursor.skip(cursor.take(_U64))
        return {"items": count}
    if kind not in _SCALARS:
        raise cursor.lie(f"has an array of type {kind}, which is not read", at)
    if count <= LONGEST_KEPT and cursor.kept + count <= MOST_KEPT:
        cursor.kept += count
        return [_scalar(cursor, kind) for _ in range(count)]
    cursor.skip(count * _SCALARS[kind].size)
    return {"items": count}


def _tensor(cursor: _Cursor) -> tuple[Tensor, int, int]:
    """A tensor, where its data begins, and how many bytes it takes."""
    at = cursor.at
    name = cursor.text(_LONGEST_NAME)
    dimensions = cursor.take(_U32)
    if dimensions > _MOST_DIMENSIONS:
        raise cursor.lie(f"has tensor {short(name)} of {dimensions} dimensions, more than the {_MOST_DIMENSIONS} of ggml", at)
    shape = [cursor.take(_U64) for _ in range(dimensions)]
    number, offset = cursor.take(_U32), cursor.take(_U64)
    if number not in TYPES:
        raise cursor.lie(f"has tensor {short(name)} of type {number}, which this version does not know", at)
    dtype, block, size = TYPES[number]
    elements = math.prod(shape)
    if elements > _LARGEST:
        raise cursor.lie(f"has tensor {short(name)} of shape {short(shape)}, more than 64 bits can count", at)
    if (shape[0] if shape else 1) % block:
        raise cursor.lie(f"has tensor {short(name)} with rows of {shape[0]:,}, no whole blocks of {block} for {dtype}", at)
    return Tensor(name, tuple(reversed(shape)), dtype, cursor.file), offset, elements // block * size


def _aligned(count: int, alignment: int) -> int:
    return -(-count // alignment) * alignment
