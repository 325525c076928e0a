"""The list of models: what is a ref, and what is refused with its place."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from specverify.audit.shortlist import LONGEST_LINE, MOST_BYTES, read_shortlist
from specverify.errors import Unreadable


def listed(data: bytes) -> list[str]:
    return read_shortlist("-", io.BytesIO(data))


@pytest.mark.parametrize(
    ("data", "refs"),
    [
        (b"", []),
        (b"a/b\nc/d\n", ["a/b", "c/d"]),
        (b"a/b", ["a/b"]),
        (b"a/b\r\nc/d\r\n", ["a/b", "c/d"]),
        (b"# all of them\n\n  a/b\t# the first\n#c/d\n", ["a/b"]),
        (b"./my#model\na/b@v1\n", ["./my#model", "a/b@v1"]),
        (b"a/b\nc/d\na/b\n a/b \n", ["a/b", "c/d"]),
        (b"\xef\xbb\xbfa/b\n", ["a/b"]),
        ("./modèle\n".encode(), ["./modèle"]),
    ],
)
def test_refs_of_a_list(data: bytes, refs: list[str]) -> None:
    assert listed(data) == refs


def test_file(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"a/b\n")
    assert read_shortlist(str(tmp_path / "list"), io.BytesIO(b"never/read")) == ["a/b"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a/b\n\xff\xfe", "not UTF-8.*byte 4|byte 4: not UTF-8"),
        (b"a/b\n" + b"x" * (LONGEST_LINE + 1), "line 2: longer than 1000 characters"),
    ],
)
def test_list_that_is_none(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        listed(data)


def test_longest_line() -> None:
    assert listed(b"x" * LONGEST_LINE) == ["x" * LONGEST_LINE]


def test_list_without_an_end() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= MOST_BYTES + 1
            return b"\n" * size

    with pytest.raises(Unreadable, match=r"more than 67,108,864 bytes"):
        read_shortlist("-", Endless())  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "said"), [("none", "No such file"), (".", "Is a directory")])
def test_file_that_cannot_be_read(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_shortlist(str(tmp_path / name), io.BytesIO())
