from __future__ import annotations

from collections.abc import Iterator

import pytest

from specverify import num
from specverify.derive.late import Figures
from specverify.spec import Figure


def test_late_figures_are_made_once_and_only_when_they_are_asked_for() -> None:
    made: list[str] = []

    def make() -> Iterator[Figure]:
        made.append("made")
        yield Figure("b", num.const(2), "bytes")
        yield Figure("c", num.const(3), "bytes")

    figures = Figures({"a": Figure("a", num.const(1), "bytes")}, ("b", "c"), make) | {"d": Figure("d", num.const(4), "bytes")}
    assert list(figures) == ["a", "d", "b", "c"]
    assert len(figures) == 4
    assert "c" in figures
    assert "e" not in figures
    assert figures["d"].value == 4
    assert made == []
    assert [figure.value for figure in figures.values()] == [1, 4, 2, 3]
    assert figures["c"].value == 3
    assert made == ["made"]
    with pytest.raises(KeyError):
        figures["e"]
