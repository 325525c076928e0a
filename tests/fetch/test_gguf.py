"""GGUF headers: read from a folder and by range, every lie refused, nothing unbounded."""

from __future__ import annotations

import contextlib
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.errors import Unreadable
from specverify.fetch import fetch
from specverify.fetch.gguf import MIB, STOPS, TYPES, parse_gguf, read_gguf
from specverify.fetch.headers import Header
from specverify.fetch.shards import plan_gguf
from tests.fetch.disk import written
from tests.fetch.gguf_files import ARRAY, BOOL, F32, KEYS, TENSORS, TEXT, U32, U64, gguf, text
from tests.hub.models import CONFIG, single
from tests.hub.repo import Repo
from tests.hub.server import HubServer


def parsed(data: bytes, size: int | None = -1) -> list[tuple[str, tuple[int, ...], str]]:
    tensors = parse_gguf(Header("m.gguf", data, len(data) if size == -1 else size)).tensors
    return [(tensor.name, tensor.shape, tensor.dtype) for tensor in tensors]


def test_tensors_and_keys() -> None:
    found = parse_gguf(Header("m.gguf", gguf(), len(gguf())))
    assert [(t.name, t.shape, t.dtype, t.file) for t in found.tensors] == [
        ("token_embd.weight", (3, 256), "Q4_K", "m.gguf"),
        ("output_norm.weight", (256,), "F32", "m.gguf"),
    ]
    assert found.keys == {
        "general.architecture": "llama",
        "llama.block_count": 2,
        "llama.rope.freq_base": 10000.0,
        "llama.attention.head_count_kv": [8, 4],
        "tokenizer.ggml.tokens": {"items": 3},
        "tokenizer.ggml.add_bos_token": True,
    }


GOOD = {
    "version 2": gguf(version=2),
    "no keys": gguf({}),
    "no tensors": gguf(tensors=(), data=0),
    "another alignment": gguf({"general.alignment": (U32, 64)}, (("a", (1,), 0, 0), ("b", (1,), 0, 64)), data=68, align=64),
    "a scalar": gguf({}, (("a", (), 0, 0),), data=4),
    "an empty tensor": gguf({}, (("a", (0, 2**62), 0, 0), ("b", (1,), 0, 0)), data=4),
    "a long text": gguf({"tokenizer.chat_template": (TEXT, "x" * 5000)}),
    "not a number": gguf({"a": (F32, float("nan"))}),
    "an empty array": gguf({"a": (ARRAY, (TEXT, []))}),
}

LIES = {
    "nothing": b"",
    "another magic": b"GGML" + gguf()[4:],
    "version 1": gguf(version=1),
    "big-endian": gguf(version=3 << 24),
    "more tensors than are read": b"GGUF" + struct.pack("<IQQ", 3, 10**6 + 1, 0),
    "2^64 - 1 tensors": b"GGUF" + struct.pack("<IQQ", 3, 2**64 - 1, 0),
    "2^64 - 1 keys": b"GGUF" + struct.pack("<IQQ", 3, 0, 2**64 - 1),
    "tensors that are not there": b"GGUF" + struct.pack("<IQQ", 3, 5, 0),
    "a key of 2^63 bytes": b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**63),
    "a text of 2^63 bytes": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IQ", TEXT, 2**63),
    "an array of 2^60 numbers": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IIQ", ARRAY, U64, 2**60),
    "an array of 2^60 texts": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IIQ", ARRAY, TEXT, 2**60),
    "an array of arrays": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IIQ", ARRAY, ARRAY, 1),
    "an unknown kind of value": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IQ", 13, 0),
    "a truth value of 2": gguf({"a": (BOOL, 2)}),
    "a key twice": b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + (text("a") + struct.pack("<IB", 0, 1)) * 2,
    "a key that is not UTF-8": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text(b"\xff") + struct.pack("<IB", 0, 1),
    "an alignment of 0": gguf({"general.alignment": (U32, 0)}),
    "an alignment of 12": gguf({"general.alignment": (U32, 12)}),
    "an alignment that is a text": gguf({"general.alignment": (TEXT, "32")}),
    "five dimensions": gguf({}, (("a", (1, 1, 1, 1, 1), 0, 0),)),
    "2^32 - 1 dimensions": b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + text("a") + struct.pack("<I", 2**32 - 1),
    "more elements than 64 bits count": gguf({}, (("a", (2**40, 2**40), 0, 0),)),
    "an unknown type of tensor": gguf({}, (("a", (1,), 999, 0),)),
    "half a block": gguf({}, (("a", (128,), 12, 0),)),
    "a tensor twice": gguf({}, (("a", (0,), 0, 0), ("a", (0,), 0, 0))),
    "an overlap": gguf({}, (("a", (64,), 0, 0), ("b", (1,), 0, 32))),
    "a hole": gguf({}, (("a", (1,), 0, 0), ("b", (1,), 0, 64))),
    "an offset beyond all": gguf({}, (("a", (1,), 0, 2**63),)),
    "data that is not there": gguf()[:-1],
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD.keys())
def test_good_header(data: bytes) -> None:
    parsed(data)


@pytest.mark.parametrize("data", LIES.values(), ids=LIES.keys())
def test_lie_is_refused_with_its_place(data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^m\.gguf:byte \d+: "):
        parsed(data)


def test_every_type_has_the_bytes_of_its_blocks() -> None:
    for number, (name, block, size) in TYPES.items():
        data = gguf({}, (("a", (block * 2, 3), number, 0),), data=size * 6)
        assert parsed(data) == [("a", (3, block * 2), name)]
        with pytest.raises(Unreadable):
            parsed(data[:-1])


@given(st.integers(0, len(gguf()) - 1), st.binary(max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_header_or_unreadable(at: int, noise: bytes) -> None:
    data = gguf()[:at] + noise + gguf()[at + len(noise) :]
    with contextlib.suppress(Unreadable):
        parsed(data)


def windows(data: bytes) -> tuple[list[tuple[int, int]], Header]:
    asked: list[tuple[int, int]] = []

    def window(file: str, start: int, stop: int) -> tuple[bytes, int]:
        asked.append((start, stop))
        return data[start:stop], len(data)

    return asked, read_gguf(window, "m.gguf")


def test_long_header_takes_a_second_range_and_keeps_no_data() -> None:
    words = {**KEYS, "tokenizer.ggml.tokens": (ARRAY, (TEXT, ["word" * 4] * 60_000))}
    asked, header = windows(gguf(words))
    assert asked == [(0, MIB), (MIB, 8 * MIB)]
    assert len(parse_gguf(header).tensors) == 2
    assert len(header.data) < len(gguf(words)) - 1024


def test_header_longer_than_is_read_is_refused() -> None:
    text_of = STOPS[-1] + 1
    data = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IQ", TEXT, text_of)
    with pytest.raises(Unreadable, match="longer than the 67,108,864 bytes that are read"):
        windows(data)


def test_file_that_ends_inside_its_header() -> None:
    with pytest.raises(Unreadable, match="ends inside its header"):
        windows(gguf()[:100])


def test_folder_of_one_gguf_file(tmp_path: Path) -> None:
    files = fetch(written(Repo("a/b", {"config.json": CONFIG, "m-Q4_K_M.gguf": gguf()}), tmp_path))
    assert files.tensors is not None
    assert [tensor.dtype for tensor in files.tensors] == ["Q4_K", "F32"]
    assert files.gguf["general.architecture"] == "llama"


def test_repo_of_one_gguf_file_takes_one_range(hub: HubServer) -> None:
    hub.add(Repo("acme/gguf", {"README.md": b"", "m.gguf": gguf(data=448 + 1024 + 3 * MIB), "mmproj-m.gguf": gguf()}))
    files = fetch("acme/gguf")
    assert files.tensors is not None
    assert files.gguf["llama.block_count"] == 2
    assert [request.headers["range"] for request in hub.asked("cdn/")] == [f"bytes=0-{MIB - 1}"]
    assert fetch("acme/gguf", offline=True).gguf == files.gguf


def test_safetensors_come_first(tmp_path: Path) -> None:
    files = fetch(written(replace(single(), files={**single().files, "m.gguf": gguf()}), tmp_path))
    assert files.tensors is not None
    assert {tensor.dtype for tensor in files.tensors} == {"F16"}
    assert files.gguf == {}


def test_bad_gguf_leaves_no_tensors(tmp_path: Path) -> None:
    files = fetch(written(Repo("a/b", {"config.json": CONFIG, "m.gguf": gguf()[:-1]}), tmp_path))
    assert (files.tensors, files.gguf) == (None, {})
    assert files.tensors_reason is not None
    assert files.tensors_reason.startswith("m.gguf:byte ")


def test_split_file_is_one_model(tmp_path: Path) -> None:
    parts = {
        "q/m-00001-of-00002.gguf": gguf(),
        "q/m-00002-of-00002.gguf": gguf({}, (("blk.0.attn_q.weight", (256, 1), 12, 0),), data=144),
    }
    (tmp_path / "q").mkdir()
    files = fetch(written(Repo("a/b", parts), tmp_path))
    assert files.tensors is not None
    assert [tensor.file for tensor in files.tensors] == ["q/m-00001-of-00002.gguf"] * 2 + ["q/m-00002-of-00002.gguf"]
    assert files.gguf["general.architecture"] == "llama"


@pytest.mark.parametrize(
    ("listing", "planned"),
    [
        (["README.md"], []),
        (["a.gguf"], ["a.gguf"]),
        (["a.gguf", "mmproj-a.gguf", "x/mmproj-a.gguf"], ["a.gguf"]),
        (["a-00002-of-00002.gguf", "a-00001-of-00002.gguf"], ["a-00001-of-00002.gguf", "a-00002-of-00002.gguf"]),
        (["../a.gguf", "a b.gguf", "/a.gguf", "x/../a.gguf"], []),
    ],
)
def test_which_files_make_the_model(listing: list[str], planned: list[str]) -> None:
    assert list(plan_gguf(listing)) == planned


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        (["a-Q4_0.gguf", "a-Q8_0.gguf"], r"2 GGUF models, and nothing says which is meant: a-Q4_0\.gguf, a-Q8_0\.gguf"),
        (["a-00001-of-00003.gguf", "a-00003-of-00003.gguf"], r"^a\.gguf: 2 of its 3 files are there"),
        (["a-00001-of-99999.gguf"], r"^a\.gguf: 1 of its 99,999 files are there"),
        (["a-00000-of-00000.gguf"], r"^a\.gguf: 1 of its 0 files are there"),
    ],
)
def test_which_files_make_no_model(listing: list[str], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        plan_gguf(listing)


def test_names_are_kept_as_the_file_has_them() -> None:
    assert [name for name, _, _ in parsed(gguf())] == [name for name, _, _, _ in TENSORS]
