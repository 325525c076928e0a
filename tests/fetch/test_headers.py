"""The header validator against the real safetensors library: what one takes both take, but for a few lies only ours refuses."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError, deserialize

from specverify.errors import Unreadable
from specverify.fetch.headers import BITS, Header, header_end, parse_header
from tests.hub.models import framed, safetensors

F32 = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
NEXT = {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}


def made(entries: dict[str, Any], data: int = 4) -> bytes:
    return framed(json.dumps(entries).encode(), bytes(data))


def theirs(data: bytes) -> list[tuple[str, list[int], str]] | None:
    """What the library reads; None where it refuses."""
    try:
        return sorted((name, entry["shape"], entry["dtype"]) for name, entry in deserialize(data))  # type: ignore[no-untyped-call]
    except SafetensorError:
        return None


def ours(data: bytes) -> list[tuple[str, list[int], str]] | None:
    try:
        return sorted((t.name, list(t.shape), t.dtype) for t in parse_header(Header("m.safetensors", data, len(data))))
    except Unreadable:
        return None


GOOD = {
    "no tensor": made({}, 0),
    "one": made({"a": F32}),
    "two in the order of their data": made({"a": F32, "b": NEXT}, 8),
    "two in another order": made({"b": NEXT, "a": F32}, 8),
    "scalar": made({"a": {**F32, "shape": []}}),
    "empty tensor": made({"a": {**F32, "shape": [0, 7], "data_offsets": [0, 0]}, "b": F32}),
    "empty though other dimensions are huge": made({"a": {**F32, "shape": [0, 2**63, 2**63], "data_offsets": [0, 0]}}, 0),
    "metadata": made({"__metadata__": {"format": "pt"}, "a": F32}),
    "null metadata": made({"__metadata__": None, "a": F32}),
    "a field more": made({"a": {**F32, "note": "x"}}),
    "padded with spaces": framed(json.dumps({"a": F32}).encode() + b"     ", bytes(4)),
    "a name beyond ASCII": framed(json.dumps({"ünï \U0001f600": F32}, ensure_ascii=False).encode(), bytes(4)),
    "an escaped pair": made({"\U0001f600": F32}),
    "four bits": made({"a": {"dtype": "F4", "shape": [2, 4], "data_offsets": [0, 4]}}),
    "six bits": made({"a": {"dtype": "F6_E2M3", "shape": [4], "data_offsets": [0, 3]}}, 3),
}

LIES = {
    "nothing": b"",
    "seven bytes": bytes(7),
    "length beyond the end": struct.pack("<Q", 100) + b"{}",
    "length above 100 MB": struct.pack("<Q", 100_000_001) + b"{}",
    "length of 2^64 - 1": b"\xff" * 8 + b"{}",
    "no header": framed(b""),
    "an array": framed(b"[]"),
    "no JSON": framed(b"{'a': 1}"),
    "no UTF-8": framed(b'{"\xff": 1}'),
    "zero bytes behind": framed(b"{}\0\0"),
    "a lone surrogate": framed(b'{"\\ud800": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', bytes(4)),
    "a control character": framed(b'{"a\x01": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', bytes(4)),
    "too deep": framed(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"),
    "entry of text": made({"a": "F32"}),
    "no dtype": made({"a": {"shape": [1], "data_offsets": [0, 4]}}),
    "unknown dtype": made({"a": {**F32, "dtype": "F31"}}),
    "dtype in small letters": made({"a": {**F32, "dtype": "f32"}}),
    "shape of text": made({"a": {**F32, "shape": "1"}}),
    "shape null": made({"a": {**F32, "shape": None}}),
    "negative dimension": made({"a": {**F32, "shape": [-1]}}),
    "two negative dimensions": made({"a": {**F32, "shape": [-1, -1]}}),
    "dimension true": made({"a": {**F32, "shape": [True]}}),
    "dimension 1.0": made({"a": {**F32, "shape": [1.0]}}),
    "dimension of 2^64": made({"a": {**F32, "shape": [2**64]}}),
    "dimension of 5,000 digits": framed(b'{"a":{"dtype":"F32","data_offsets":[0,4],"shape":[' + b"9" * 5000 + b"]}}", bytes(4)),
    "elements beyond 64 bits": made({"a": {**F32, "shape": [2**32, 2**32]}}),
    "elements beyond 64 bits, then none": made({"a": {**F32, "shape": [2**63, 2**63, 0], "data_offsets": [0, 0]}}, 0),
    "bits beyond 64 bits": made({"a": {**F32, "shape": [2**62]}}),
    "three elements of four bits": made({"a": {"dtype": "F4", "shape": [3], "data_offsets": [0, 2]}}, 2),
    "three elements of four bits in a byte": made({"a": {"dtype": "F4", "shape": [3], "data_offsets": [0, 1]}}, 1),
    "one offset": made({"a": {**F32, "data_offsets": [0]}}),
    "three offsets": made({"a": {**F32, "data_offsets": [0, 4, 4]}}),
    "offsets reversed": made({"a": {**F32, "data_offsets": [4, 0]}}),
    "negative offset": made({"a": {**F32, "data_offsets": [-4, 0]}}),
    "bytes that the shape does not make": made({"a": {**F32, "shape": [2]}}),
    "overlap": made({"a": F32, "b": F32}),
    "hole at the start": made({"a": NEXT}, 8),
    "hole between": made({"a": F32, "b": {**F32, "data_offsets": [8, 12]}}, 12),
    "data beyond the tensors": made({"a": F32}, 5),
    "tensors beyond the data": made({"a": F32, "b": NEXT}, 4),
    "metadata of numbers": made({"__metadata__": {"step": 1}, "a": F32}),
    "metadata of text": made({"__metadata__": "pt", "a": F32}),
    "metadata twice": framed(b'{"__metadata__":{},"__metadata__":{}}'),
    "dtype twice": framed(b'{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4)),
    "NaN": framed(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":NaN}}', bytes(4)),
}

OURS_ALONE = {
    "a tensor twice": framed(b'{"a":%s,"a":%s}' % ((json.dumps(F32).encode(),) * 2), bytes(4)),
    "metadata key twice": framed(b'{"__metadata__":{"a":"b","a":"c"}}'),
    "entry of an array": made({"a": ["F32", [1], [0, 4]]}),
    "a space before the brace": framed(b" " + json.dumps({"a": F32}).encode(), bytes(4)),
}


@pytest.mark.parametrize("case", GOOD)
def test_good_header_reads_as_the_library_reads_it(case: str) -> None:
    expected = theirs(GOOD[case])
    assert expected is not None
    assert ours(GOOD[case]) == expected


@pytest.mark.parametrize("case", LIES)
def test_lie_is_refused_as_the_library_refuses_it(case: str) -> None:
    assert theirs(LIES[case]) is None
    with pytest.raises(Unreadable, match=r"^m\.safetensors:byte \d+: "):
        parse_header(Header("m.safetensors", LIES[case], len(LIES[case])))


@pytest.mark.parametrize("case", OURS_ALONE)
def test_ambiguous_header_is_refused_though_the_library_takes_it(case: str) -> None:
    assert theirs(OURS_ALONE[case]) is not None
    assert ours(OURS_ALONE[case]) is None


@pytest.mark.parametrize("dtype", BITS)
def test_every_dtype_has_the_library_s_size(dtype: str) -> None:
    for bits in range(1, 129):
        if theirs(made({"a": {"dtype": dtype, "shape": [8], "data_offsets": [0, bits]}}, bits)) is not None:
            assert bits == BITS[dtype]
            return
    pytest.fail("the library does not know it")


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, 200), byte=st.integers(0, 255))
def test_changed_byte_reads_as_the_library_reads_it_or_is_refused(at: int, byte: int) -> None:
    data = bytearray(safetensors({"a": (2, 2), "b": (3,)}, {"format": "pt"}))
    data[at % len(data)] = byte
    assert ours(bytes(data)) in (theirs(bytes(data)), None)


@settings(max_examples=300, deadline=None)
@given(header=st.binary(max_size=60), start=st.sampled_from([b"", b"{", b'{"a":']))
def test_any_bytes_raise_unreadable_or_nothing(header: bytes, start: bytes) -> None:
    data = framed(start + header)
    assert ours(data) in (theirs(data), None)


def test_error_names_the_byte_of_the_tensor() -> None:
    data = made({"a": F32, "bad.weight": {**NEXT, "dtype": "Q4"}}, 8)
    with pytest.raises(Unreadable, match=r"'bad.weight' has dtype 'Q4'") as caught:
        parse_header(Header("m.safetensors", data, None))
    at = data.index(b'"bad.weight"')
    assert caught.value.place == f"byte {at}"


def test_size_of_the_file_need_not_be_known() -> None:
    data = made({"a": F32})
    assert [t.name for t in parse_header(Header("m", data[:-4], None))] == ["a"]


def test_length_bound_is_the_caller_s() -> None:
    assert header_end(struct.pack("<Q", 50), "m", None, 50) == 58
    with pytest.raises(Unreadable, match="more than the 50"):
        header_end(struct.pack("<Q", 51), "m", None, 50)
