"""What engines fix by release: derive/engines/constants.json, each figure with its source, or `fitted` with how many logs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from specverify.data import load_json
from specverify.facts import Fact, Reading, Source, Where
from specverify.num import Num, of
from specverify.pattern import Pattern

FILE = "derive/engines/constants.json"
_NUMBERS = Pattern(r"\d+(?:\.\d+)*")


class Release(NamedTuple):
    """An engine at a version; without one asked for, the newest whose sources were read."""

    engine: str
    version: str

    def constant(self, name: str) -> Num:
        """The figure of that name at this version, as a fact that rests on its place in the table."""
        return _constant(self, name)

    def value(self, name: str) -> Any:
        """The bare value of a constant, for choosing a branch by."""
        return self.constant(name).value


def release(engine: str, version: str | None) -> Release:
    """The release asked for; engines without a table of constants have one release."""
    table = _table().get(engine)
    return Release(engine, version or ("" if table is None else table["newest"]))


@lru_cache(maxsize=256)
def _constant(at: Release, name: str) -> Num:
    rows = _table()[at.engine]["constants"][name]
    asked = _parts(at.version)
    index = max(i for i, row in enumerate(rows) if _parts(row["since"]) <= asked)
    row = rows[index]
    where = Where(f"specverify/{FILE}", pointer=f"/{at.engine}/constants/{name}/{index}/value")
    note = f"{at.engine} {at.version}: {row['source']}"
    return of(Fact(f"{at.engine}.{name}", (Reading(row["value"], Source.DECLARED, where, note=note),)))


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = load_json(FILE)
    return table


@lru_cache(maxsize=256)
def _parts(version: str) -> tuple[int, ...]:
    """`0.8.5.post1` as (0, 8, 5); what follows the numbers is not looked at."""
    found = _NUMBERS.match(version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()
