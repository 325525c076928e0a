"""What reading a header takes, wherever the file is: a way to ask for a range of its bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Window = Callable[[str, int, int], tuple[bytes, int | None]]
"""Gives the bytes of a file from one offset to before another, fewer only where the file ends, and its size where known."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first bytes of `file`, length included; `size` is how many the whole file has, where that is known."""

    file: str
    data: bytes
    size: int | None
