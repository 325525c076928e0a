"""The journal: what was written survives any end of the process, and is not done twice."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from specverify.audit.journal import LONGEST_ROW, Journal
from specverify.errors import Unreadable

WRITER = """
import sys
from pathlib import Path
from specverify.audit.journal import Journal
with Journal(Path(sys.argv[1]), {}, resume=True) as journal:
    for number in range(int(sys.argv[2])):
        if f"acme/m{number}" not in journal:
            journal.write({"ref": f"acme/m{number}", "status": "ok", "filler": "x" * 3000})
"""


def row(ref: str, **more: Any) -> dict[str, Any]:
    return {"ref": ref, "status": "ok", **more}


def opened(path: Path, *, resume: bool = True, **asked: Any) -> Journal:
    return Journal(path, asked, resume=resume)


def refs(path: Path) -> list[str]:
    return [json.loads(line)["ref"] for line in path.read_text().splitlines()]


def test_rows_come_back_in_the_order_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path / "j") as journal:
        for ref in ("c", "a", "b"):
            journal.write(row(ref))
        assert [found["ref"] for found in journal.rows(["a", "b", "none", "c"])] == ["a", "b", "c"]
        journal.write(row("d"))
        assert [found["ref"] for found in journal.rows("dca")] == ["d", "c", "a"]
    with opened(tmp_path / "j") as again:
        assert [found["ref"] for found in again.rows("abcd")] == ["a", "b", "c", "d"]


def test_row_is_with_the_system_once_written(tmp_path: Path) -> None:
    with opened(tmp_path / "j") as journal:
        journal.write(row("a"))
        assert refs(tmp_path / "j") == ["a"]


def test_without_resume_the_file_begins_anew(tmp_path: Path) -> None:
    for ref in ("a", "b"):
        with opened(tmp_path / "j", resume=False) as journal:
            assert "a" not in journal
            journal.write(row(ref))
    assert refs(tmp_path / "j") == ["b"]


@pytest.mark.parametrize("rest", [b'{"ref": "b", "sta', b'{"ref": "b", "status": "ok", "asked": {}}', b"\x00" * 70_000, b"{"])
def test_line_that_was_cut_short_is_dropped_and_done_again(tmp_path: Path, rest: bytes) -> None:
    with opened(tmp_path / "j") as journal:
        journal.write(row("a"))
    with (tmp_path / "j").open("ab") as stream:
        stream.write(rest)
    with opened(tmp_path / "j") as journal:
        assert "a" in journal
        assert "b" not in journal
        journal.write(row("b"))
    assert refs(tmp_path / "j") == ["a", "b"]


@pytest.mark.parametrize(
    "line",
    [b"[]", b"{}", b"nothing", b'{"ref": 5, "status": "ok"}', b'{"ref": "a"}', b"\xff", b"", b"x" * (LONGEST_ROW + 5)],
    ids=lambda line: repr(line[:20]),
)
def test_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path, line: bytes) -> None:
    with opened(tmp_path / "j") as journal:
        journal.write(row("a"))
    before = (tmp_path / "j").read_bytes() + line + b"\n"
    (tmp_path / "j").write_bytes(before)
    with pytest.raises(Unreadable, match="line 2: no row of an audit"):
        opened(tmp_path / "j")
    assert (tmp_path / "j").read_bytes() == before


def test_rows_of_other_options_are_not_mixed(tmp_path: Path) -> None:
    with opened(tmp_path / "j", gpu="h100-sxm-80gb") as journal:
        journal.write(row("a"))
    with pytest.raises(Unreadable, match=r"line 1: asked for with other options than now \(gpu=h100-sxm-80gb\)"):
        opened(tmp_path / "j", gpu="a100-sxm-80gb")
    with opened(tmp_path / "j", gpu="h100-sxm-80gb") as journal:
        assert "a" in journal


def test_second_audit_keeps_off_the_file(tmp_path: Path) -> None:
    with opened(tmp_path / "j") as journal:
        journal.write(row("a"))
        for resume in (True, False):
            with pytest.raises(Unreadable, match="another audit is writing it"):
                opened(tmp_path / "j", resume=resume)
    assert refs(tmp_path / "j") == ["a"]


@pytest.mark.parametrize(("name", "said"), [("none/j", "No such file"), (".", "Is a directory")])
def test_file_that_cannot_be_written(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        opened(tmp_path / name)


def test_killed_at_any_point_and_resumed(tmp_path: Path) -> None:
    """A process that writes as fast as it can, killed again and again: every row is there in the end, and once."""
    path, chance, kills = tmp_path / "j", random.Random(3), 0
    command = [sys.executable, "-c", WRITER, str(path), "3000"]
    for _ in range(4):
        size = path.stat().st_size if path.exists() else 0
        process = subprocess.Popen(command)
        until = size + chance.randrange(1, 1_500_000)
        while process.poll() is None and (not path.exists() or path.stat().st_size < until):
            time.sleep(0.0005)
        process.kill()
        kills += process.wait() == -9
    subprocess.run(command, check=True)
    assert refs(path) == [f"acme/m{number}" for number in range(3000)]
    assert kills
