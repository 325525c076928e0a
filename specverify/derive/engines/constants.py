"""What engines fix by release: derive/engines/constants.json, each figure with its source, or `fitted` with how many logs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from specverify.data import load_json
from specverify.facts import Fact, Reading, Source, Where
from specverify.num import Num, of

FILE = "derive/engines/constants.json"
_NUMBERS = re.compile(r"\d+(?:\.\d+)*")


class Release(NamedTuple):
    """An engine at a version; without one asked for, the newest whose sources were read."""

    engine: str
    version: str

    def constant(self, name: str) -> Num:
        """The figure of that name at this version, as a fact that rests on its place in the table."""
        rows = _table()[self.engine]["constants"][name]
        asked = _parts(self.version)
        index = max(i for i, row in enumerate(rows) if _parts(row["since"]) <= asked)
        row = rows[index]
        where = Where(f"specverify/{FILE}", pointer=f"/{self.engine}/constants/{name}/{index}/value")
        note = f"{self.engine} {self.version}: {row['source']}"
        return of(Fact(f"{self.engine}.{name}", (Reading(row["value"], Source.DECLARED, where, note=note),)))

    def value(self, name: str) -> Any:
        """The bare value of a constant, for choosing a branch by."""
        return self.constant(name).value


def release(engine: str, version: str | None) -> Release:
    """The release asked for; engines without a table of constants have one release."""
    table = _table().get(engine)
    return Release(engine, version or ("" if table is None else table["newest"]))


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = load_json(FILE)
    return table


@cache
def _parts(version: str) -> tuple[int, ...]:
    """`0.8.5.post1` as (0, 8, 5); what follows the numbers is not looked at."""
    found = _NUMBERS.match(version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()
