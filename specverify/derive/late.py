"""Figures by name, of which some are worked out when somebody first looks at them: only who asks for them pays for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from specverify.spec import Figure


class Late(NamedTuple):
    """Figures that `make` gives all at once: every one whose name starts with one of `starts`."""

    starts: tuple[str, ...]
    make: Callable[[], Iterable[Figure]]


class Figures(Mapping[str, Figure]):
    """`known` figures, and behind them those of `late`, in that order. No known one has a name of a late one's kind."""

    def __init__(self, known: Mapping[str, Figure], late: Iterable[Late] = ()) -> None:
        self._known = dict(known)
        self._late = list(late)

    def __getitem__(self, name: str) -> Figure:
        if name not in self._known:
            self._make(name)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        if name not in self._known and isinstance(name, str):
            self._make(name)
        return name in self._known

    def __iter__(self) -> Iterator[str]:
        self._make()
        return iter(self._known)

    def __len__(self) -> int:
        self._make()
        return len(self._known)

    def __or__(self, more: Mapping[str, Figure]) -> Figures:
        return Figures(self._known | dict(more), self._late)

    def _make(self, name: str | None = None) -> None:
        """Work out the figures of that name's kind, or all that are left."""
        for late in [late for late in self._late if name is None or name.startswith(late.starts)]:
            self._late.remove(late)
            self._known |= {figure.name: figure for figure in late.make()}
