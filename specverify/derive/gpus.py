"""The accelerators specverify knows: derive/gpus.json, with a source and a confidence for every cell.

Memory is what a driver says is usable, in MiB, and never a nominal size in GB times 1e9: an "80 GB" H100 has 81,559 MiB.
Rates are dense (no 2:4 sparsity), in TFLOPS; bandwidths are decimal GB/s, scale-up counted both ways.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from specverify import facts, num
from specverify.data import load_json
from specverify.errors import SpecverifyError
from specverify.facts import Fact, Reading, Source, Where
from specverify.frozen import Struct, frozen
from specverify.num import Num
from specverify.pattern import Pattern

CATALOGUE = "derive/gpus.json"
MIB = 2**20
RUNTIME_KEEPS = 512 * MIB
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


@frozen
class Cell(Struct):
    """One figure of an accelerator. `value` is None where there is none, and `note` says why."""

    value: int | float | None
    source: str | None
    confidence: str | None
    note: str | None


@frozen
class Gpu(Struct):
    """One accelerator as the catalogue has it; the name of a cell carries its unit."""

    name: str
    vendor: str
    architecture: str
    aliases: tuple[str, ...]
    memory_mib: Cell
    memory_gb_per_s: Cell
    bf16_tflops: Cell
    fp16_tflops: Cell
    fp8_tflops: Cell
    fp4_tflops: Cell
    scale_up_gb_per_s: Cell
    runtime_mib: Cell | None = None

    @property
    def memory_bytes(self) -> Num:
        """Usable memory in bytes, resting on the catalogue's cell; unknown with the cell's reason."""
        return num.of(self._fact("memory_mib")) * num.const(MIB, unit="B")

    @property
    def runtime_bytes(self) -> Num:
        """Memory as an engine sees it, less than the driver's total: logged for some, else less by what is kept on others."""
        if self.runtime_mib is not None:
            return num.of(self._fact("runtime_mib")) * num.const(MIB, unit="B")
        return self.memory_bytes - num.const(RUNTIME_KEEPS, "kept by the runtime: 0.37 to 0.75 GiB on seven GPUs", unit="B")

    @property
    def memory_bytes_per_second(self) -> Num:
        """Memory bandwidth, decimal."""
        return num.of(self._fact("memory_gb_per_s")) * num.const(10**9, unit="B/s")

    def flops(self, kind: str) -> Num:
        """Dense FLOP/s for `fp4`, `fp8` or `bf16`; the next wider kind (fp16 beside bf16) where the GPU lacks one."""
        for name in ("fp4_tflops", "fp8_tflops", "bf16_tflops", "fp16_tflops")[("fp4", "fp8", "bf16").index(kind) :]:
            if getattr(self, name).value is not None:
                break
        return num.of(self._fact(name)) * num.const(10**12, unit="FLOP/s")

    def _fact(self, cell_name: str) -> Fact:
        cell: Cell = getattr(self, cell_name)
        name = f"gpu.{cell_name}"
        if cell.value is None:
            return facts.unknown(name, f"{self.name}: {cell.note}")
        where = Where(f"specverify/{CATALOGUE}", pointer=f"/gpus/{self.name}/{cell_name}")
        note = "; ".join(part for part in (f"{self.name}: {cell.source}", f"confidence {cell.confidence}", cell.note) if part)
        return Fact(name, (Reading(cell.value, Source.DECLARED, where, note=note),))


CELLS = ("memory_mib", "memory_gb_per_s", "bf16_tflops", "fp16_tflops", "fp8_tflops", "fp4_tflops", "scale_up_gb_per_s")


@cache
def catalogue() -> Mapping[str, Gpu]:
    """Every accelerator by name, in the order of the file."""
    table = load_json(CATALOGUE)
    return MappingProxyType({name: _gpu(name, row, table["sources"]) for name, row in table["gpus"].items()})


def find(name: str) -> Gpu:
    """The accelerator of that name or alias; case, dashes and spaces do not matter.

    A name that fits several (`h100`) fits none: raises UnknownGpu with those that are near.
    """
    known = _names().get(_squeezed(name))
    if known is None:
        raise UnknownGpu(name, _near(name))
    return catalogue()[known]


def parse(text: str) -> tuple[int, str]:
    """`8xh100-sxm-80gb` as (8, `h100-sxm-80gb`); a name alone is one. The name is not looked up."""
    counted = _COUNTED.fullmatch(text.strip())
    return (int(counted[1]), counted[2].strip()) if counted else (1, text.strip())


def _gpu(name: str, row: Mapping[str, Any], sources: Mapping[str, str]) -> Gpu:
    cells = {cell: _cell(row[cell], sources) for cell in CELLS}
    runtime = _cell(row["runtime_mib"], sources) if "runtime_mib" in row else None
    return Gpu(name, row["vendor"], row["architecture"], tuple(row["aliases"]), **cells, runtime_mib=runtime)


def _cell(raw: Mapping[str, Any], sources: Mapping[str, str]) -> Cell:
    source = sources[raw["source"]] if raw["value"] is not None else None
    return Cell(raw["value"], source, raw.get("confidence"), raw.get("note"))


@cache
def _names() -> Mapping[str, str]:
    """Every squeezed name and alias to the name it stands for."""
    return {_squeezed(word): gpu.name for gpu in catalogue().values() for word in (gpu.name, *gpu.aliases)}


@lru_cache(maxsize=256)
def _squeezed(name: str) -> str:
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    words = re.split(r"[\s_-]+", name[: 2 * _SHOWN].lower())
    return [word for word in words if word and word not in _MAKERS]


def _near(name: str) -> tuple[str, ...]:
    """Up to six names: those that have every word of `name` in them, else those spelt like it."""
    words, squeezed = _words(name), _squeezed(name)
    if not words:
        return ()
    holding = [known for known in catalogue() if squeezed in _squeezed(known) or all(word in known for word in words)]
    if holding:
        return tuple(sorted(holding, key=lambda known: not known.startswith(words[0]))[:_OFFERED])
    import difflib

    spelt = difflib.get_close_matches(squeezed, _names(), n=_OFFERED, cutoff=0.55)
    return tuple(dict.fromkeys(_names()[word] for word in spelt))
