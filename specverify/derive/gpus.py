"""The accelerators specverify knows: derive/gpus.json, with a source and a confidence for every cell; and finding one by name.

Accelerators of one's own (`Target.own_gpus`, from settings) are found beside those, and none may take a name of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from specverify.accelerator import CELLS, Cell, Gpu
from specverify.data import load_json
from specverify.errors import SpecverifyError
from specverify.facts import Where
from specverify.pattern import Pattern

if TYPE_CHECKING:
    from specverify.target import Target

__all__ = ["CELLS", "Cell", "Gpu", "TakenName", "UnknownGpu", "catalogue", "find", "is_name", "known", "of", "parse"]

CATALOGUE = "derive/gpus.json"
RUNTIME = "runtime_mib"
NOT_COLLECTED = "not collected"
"""The note of a cell that nobody looked up: the accelerator may well have what it is about."""
_NAME = Pattern(r"[A-Za-z0-9][A-Za-z0-9 ._-]*")
_COUNTED = Pattern(r"(\d{1,6})x(?=\D)(.+)", re.IGNORECASE | re.DOTALL)
_MAKERS = {"amd", "aws", "google", "huawei", "intel", "nvidia", "tesla", "geforce", "instinct"}
_SHOWN = 60
_OFFERED = 6


class UnknownGpu(SpecverifyError):
    """A GPU name that the catalogue does not have; `near` are the names meant, likeliest first."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        self.near = near
        shown = name if len(name) <= _SHOWN else name[:_SHOWN] + "..."
        hint = f"did you mean {', '.join(near)}?" if near else "`specverify gpus` lists those known"
        super().__init__(f"no GPU is called {shown!r}: {hint}")


class TakenName(SpecverifyError):
    """An accelerator of one's own that would answer to a name of another's; `gpu` is the one's own, `word` the name."""

    def __init__(self, gpu: Gpu, word: str, other: Gpu) -> None:
        self.gpu, self.word = gpu, word
        whose = "the catalogue" if other.own is None else str(other.own)
        super().__init__(f"{word!r} already names {other.name} of {whose}: an accelerator of your own needs a name of its own")


@cache
def catalogue() -> Mapping[str, Gpu]:
    """Every accelerator by name, in the order of the file."""
    table = load_json(CATALOGUE)
    return MappingProxyType({name: _gpu(name, row, table["sources"]) for name, row in table["gpus"].items()})


def known(own: tuple[Gpu, ...] = ()) -> Mapping[str, Gpu]:
    """The catalogue, and after it the accelerators of one's own. Raises TakenName."""
    return _beside(own)[0] if own else catalogue()


def of(target: Target) -> Gpu:
    """The accelerator of a target that names one. Raises UnknownGpu and TakenName."""
    return find(target.gpu or "", target.own_gpus)


def find(name: str, own: tuple[Gpu, ...] = ()) -> Gpu:
    """The accelerator of that name or alias, of the catalogue or one's own; case, dashes and spaces do not matter.

    A name that fits several (`h100`) fits none: raises UnknownGpu with those that are near. Raises TakenName.
    """
    gpus, names = _beside(own) if own else (catalogue(), _names())
    meant = names.get(_squeezed(name))
    if meant is None:
        raise UnknownGpu(name, _near(name, gpus, names))
    return gpus[meant]


def parse(text: str) -> tuple[int, str]:
    """`8xh100-sxm-80gb` as (8, `h100-sxm-80gb`); a name alone is one. The name is not looked up."""
    counted = _COUNTED.fullmatch(text.strip())
    return (int(counted[1]), counted[2].strip()) if counted else (1, text.strip())


def is_name(word: str) -> bool:
    """Whether an accelerator may be called so: it can be typed, is no count of another, and more than a maker's name."""
    return _NAME.fullmatch(word) is not None and _COUNTED.fullmatch(word) is None and bool(_squeezed(word))


def _gpu(name: str, row: Mapping[str, Any], sources: Mapping[str, str]) -> Gpu:
    cells = [_cell(row[cell], sources, f"/gpus/{name}/{cell}") for cell in CELLS]
    if RUNTIME in row:
        cells.append(_cell(row[RUNTIME], sources, f"/gpus/{name}/{RUNTIME}"))
    return Gpu(name, row["vendor"], row["architecture"], tuple(row["aliases"]), None, *cells)


def _cell(raw: Mapping[str, Any], sources: Mapping[str, str], pointer: str) -> Cell:
    value, note = raw["value"], raw.get("note")
    source = sources[raw["source"]] if value is not None else None
    where = Where(f"specverify/{CATALOGUE}", pointer=pointer)
    return Cell(value, source, raw.get("confidence"), note, where, known=note != NOT_COLLECTED)


@cache
def _names() -> Mapping[str, str]:
    """Every squeezed name and alias of the catalogue to the name it stands for."""
    return {_squeezed(word): gpu.name for gpu in catalogue().values() for word in (gpu.name, *gpu.aliases)}


@lru_cache(maxsize=8)
def _beside(own: tuple[Gpu, ...]) -> tuple[Mapping[str, Gpu], Mapping[str, str]]:
    """The catalogue with one's own accelerators after it, and the names of them all as `_names` has them."""
    gpus, names = dict(catalogue()), dict(_names())
    for gpu in own:
        for word in (gpu.name, *gpu.aliases):
            meant = names.setdefault(_squeezed(word), gpu.name)
            if meant != gpu.name or meant in gpus:
                raise TakenName(gpu, word, gpus[meant])
        gpus[gpu.name] = gpu
    return MappingProxyType(gpus), MappingProxyType(names)


@lru_cache(maxsize=256)
def _squeezed(name: str) -> str:
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    words = re.split(r"[\s_-]+", name[: 2 * _SHOWN].lower())
    return [word for word in words if word and word not in _MAKERS]


def _near(name: str, gpus: Mapping[str, Gpu], names: Mapping[str, str]) -> tuple[str, ...]:
    """Up to six names: those that have every word of `name` in them, else those spelt like it."""
    words, squeezed = _words(name), _squeezed(name)
    if not words:
        return ()
    holding = [known for known in gpus if squeezed in _squeezed(known) or all(word in known for word in words)]
    if holding:
        return tuple(sorted(holding, key=lambda known: not known.startswith(words[0]))[:_OFFERED])
    import difflib

    spelt = difflib.get_close_matches(squeezed, names, n=_OFFERED, cutoff=0.55)
    return tuple(dict.fromkeys(names[word] for word in spelt))
