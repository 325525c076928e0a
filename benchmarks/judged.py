"""Findings beside the verdicts somebody gave them: a table of one JSON object a line, each with `true` and `why`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from specverify.errors import SpecverifyError
from specverify.outcome import Report
from specverify.pipeline import CONFIG

Entry = dict[str, Any]


def reports(hub: Path, read: Callable[[Path], Report]) -> Iterator[tuple[str, Report]]:
    """Each folder of `hub` that has a config, with its report; those that cannot be read are printed and left out."""
    for config in sorted(hub.glob(f"*/{CONFIG}")):
        try:
            yield config.parent.name, read(config.parent)
        except SpecverifyError as error:
            print(f"{config.parent.name}: {error}")


def judge_corpus(entries: Callable[[Path], Iterable[Entry]], table: Path, keys: Sequence[str], least: float) -> int:
    """`compare` the entries of SPECVERIFY_CORPUS/hub, each printed before where `--list` is given; 2 where there is no corpus."""
    corpus = os.environ.get("SPECVERIFY_CORPUS")
    if not corpus:
        print("SPECVERIFY_CORPUS names no corpus")
        return 2
    found = list(entries(Path(corpus) / "hub"))
    if "--list" in sys.argv:
        show(found)
    return compare(found, table, keys, least)


def compare(found: Sequence[Entry], table: Path, keys: Sequence[str], least: float) -> int:
    """Print what has no verdict, what is judged false and what fires no more; 1 where a verdict is missing or too few are true.

    `keys` are those that tell one entry from another; `least` is the share that must be true.
    """

    def key(entry: Entry) -> tuple[Any, ...]:
        return tuple(entry[name] for name in keys)

    rows = [json.loads(line) for line in table.read_text("utf-8").splitlines()] if table.exists() else []
    verdicts = {key(row): row for row in rows}
    unjudged = [entry for entry in found if key(entry) not in verdicts]
    judged = [verdicts[key(entry)] for entry in found if key(entry) in verdicts]
    for title, entries in (("no verdict", unjudged), ("false", [row for row in judged if not row["true"]])):
        for entry in entries:
            print(f"{title}: {json.dumps(entry, ensure_ascii=False)}")
    fired = {key(entry) for entry in found}
    for row in rows:
        if key(row) not in fired:
            print("fires no more:", *key(row))
    true = sum(row["true"] for row in judged)
    print(f"{len(found)} found, {len(judged)} judged, {true} true ({true / max(len(judged), 1):.3f})")
    return int(bool(unjudged) or true < least * len(judged))


def show(entries: Sequence[Entry]) -> None:
    """Every entry, a line each."""
    for entry in entries:
        print(json.dumps(entry, ensure_ascii=False))
