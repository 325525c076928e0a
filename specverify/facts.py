"""What is known about one field: every reading of it, strongest first."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from specverify.frozen import Struct, frozen


class Source(StrEnum):
    """Where a reading comes from. The order of the members is the order of strength."""

    MEASURED = "measured"
    """a tensor header"""
    DECLARED = "declared"
    """the model's own config files"""
    DEFAULTED = "defaulted"
    """the library's class default, literal or computed"""
    DERIVED = "derived"
    """computed here from stronger readings"""
    CLAIMED = "claimed"
    """a card or report: compared, never used"""


STRENGTH = {source: rank for rank, source in enumerate(Source)}


@frozen
class Where(Struct):
    """A place: a file with a JSON pointer or a line, or the library class that fills in a default."""

    file: str
    pointer: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        if self.pointer is not None:
            return f"{self.file}#{self.pointer}"
        return f"{self.file}:{self.line}" if self.line is not None else self.file


@frozen
class Reading(Struct):
    """One value of a field, with the place that proves it. `quote` is the text there, where there is one."""

    value: Any
    source: Source
    where: Where
    quote: str | None = None
    note: str | None = None


@frozen
class Fact(Struct):
    """A field with every reading of it, strongest first; `reason` says why it is unknown when it is."""

    name: str
    readings: tuple[Reading, ...] = ()
    reason: str | None = None

    @property
    def value(self) -> Any:
        """The strongest reading that is not a claim; None when there is none. A claim is never used."""
        if self.reason is None:
            for reading in self.readings:
                if reading.source is not Source.CLAIMED:
                    return reading.value
        return None

    @property
    def disputed(self) -> bool:
        """Whether two readings differ."""
        return any(reading.value != self.readings[0].value for reading in self.readings[1:])

    def with_readings(self, *more: Reading) -> Fact:
        """The same field with more readings, put in order of strength; equal strengths keep their order."""
        merged = sorted((*self.readings, *more), key=lambda reading: STRENGTH[reading.source])
        return Fact(self.name, tuple(merged), self.reason)


def derived(name: str, value: Any, note: str, *rests_on: Fact) -> Fact:
    """A fact concluded here; `note` says how, and the first fact it rests on says where."""
    where = next((r.where for f in rests_on for r in f.readings), Where("specverify"))
    return Fact(name, (Reading(value, Source.DERIVED, where, note=note),))


def unknown(name: str, reason: str) -> Fact:
    """A fact nobody states."""
    return Fact(name, (), reason)
