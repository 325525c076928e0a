"""The list of models to audit: a file, standard input, or what the Hub lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from specverify.errors import Unreadable

LONGEST_LINE = 1000
MOST_BYTES = 64 * 2**20
_COMMENT = re.compile(r"(?:^|\s)#")


def read_shortlist(source: str, standard_input: IO[bytes]) -> list[str]:
    """The refs of a file, or of standard input for `-`: one a line, `#` at its start or after a space a comment, none twice.

    Raises Unreadable for a file that cannot be read, is no UTF-8, is larger than 64 MiB or holds a line of more than 1,000 characters.
    """
    try:
        data = standard_input.read(MOST_BYTES + 1) if source == "-" else _bytes(Path(source))
    except OSError as error:
        raise Unreadable(error.strerror or "cannot be read", file=source) from None
    if len(data) > MOST_BYTES:
        raise Unreadable(f"more than {MOST_BYTES:,} bytes", file=source)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 ({error.reason})", file=source, place=f"byte {error.start}") from None
    return list(dict.fromkeys(_refs(text.splitlines(), source)))


def _bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def _refs(lines: Iterable[str], source: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        ref = _COMMENT.split(line, 1)[0].strip()
        if len(ref) > LONGEST_LINE:
            raise Unreadable(f"longer than {LONGEST_LINE} characters", file=source, place=f"line {number}")
        if ref:
            yield ref
