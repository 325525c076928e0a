"""Figures by name, of which some are worked out when somebody first looks at them: only who asks for them pays for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from specverify.spec import Figure


class Figures(Mapping[str, Figure]):
    """`known` figures, and behind them those called `names`, which `make` gives all at once."""

    def __init__(self, known: Mapping[str, Figure], names: tuple[str, ...] = (), make: Callable[[], Iterable[Figure]] = tuple) -> None:
        self._known = dict(known)
        self._names = names
        self._make = make

    def __getitem__(self, name: str) -> Figure:
        if name not in self._known and name in self._names:
            made = {figure.name: figure for figure in self._make()}
            self._known |= {late: made[late] for late in self._names}
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._known, *self._names)))

    def __len__(self) -> int:
        return len(self._known.keys() | set(self._names))

    def __or__(self, more: Mapping[str, Figure]) -> Figures:
        return Figures(self._known | dict(more), self._names, self._make)
