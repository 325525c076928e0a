from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from specverify import num
from specverify.derive.late import Figures, Late
from specverify.spec import Figure


def figure(name: str, value: int) -> Figure:
    return Figure(name, num.const(value), "bytes")


def maker(made: list[str], *names: str) -> Callable[[], Iterator[Figure]]:
    def make() -> Iterator[Figure]:
        made.append(names[0])
        yield from (figure(name, len(name)) for name in names)

    return make


def test_late_figures_are_made_once_and_only_when_they_are_asked_for() -> None:
    made: list[str] = []
    late = [Late(("b.",), maker(made, "b.one", "b.other")), Late(("c.", "d."), maker(made, "c.one", "d.one"))]
    figures = Figures({"a": figure("a", 1)}, late) | {"e": figure("e", 5)}
    assert figures["a"].value == 1
    assert "f" not in figures
    assert made == []
    assert figures["d.one"].value == 5
    assert "c.one" in figures
    assert made == ["c.one"]
    with pytest.raises(KeyError):
        figures["c.two"]
    assert list(figures) == ["a", "e", "c.one", "d.one", "b.one", "b.other"]
    assert len(figures) == 6
    assert made == ["c.one", "b.one"]
