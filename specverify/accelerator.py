"""One accelerator, whoever states it: the catalogue (derive/gpus.json) or somebody's settings.

Memory is what a driver says is usable, in MiB, and never a nominal size in GB times 1e9: an "80 GB" H100 has 81,559 MiB.
Rates are dense (no 2:4 sparsity), in TFLOPS; bandwidths are decimal GB/s, scale-up counted both ways.
"""

from __future__ import annotations

from typing import Any

from specverify import facts, num
from specverify.facts import Fact, Reading, Source, Where
from specverify.frozen import Struct, frozen
from specverify.num import Num

MIB = 2**20
RUNTIME_KEEPS = 512 * MIB
CELLS = ("memory_mib", "memory_gb_per_s", "bf16_tflops", "fp16_tflops", "fp8_tflops", "fp4_tflops", "scale_up_gb_per_s")
"""The figures of an accelerator; the name of each carries its unit."""


@frozen
class Cell(Struct):
    """One figure of an accelerator. `value` is None where there is none, and `note` says why.

    `known` is False where nobody says whether there is one, which is not to say that the accelerator lacks it. `where` and
    `quote` are the place that states it.
    """

    value: int | float | None
    source: str | None
    confidence: str | None
    note: str | None
    where: Where
    quote: str | None = None
    known: bool = True


@frozen
class Gpu(Struct):
    """One accelerator; the name of a cell carries its unit. `own` is where settings state it, None in the catalogue."""

    name: str
    vendor: str
    architecture: str
    aliases: tuple[str, ...]
    own: Where | None
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
        """Usable memory in bytes, resting on the cell that states it; unknown with the cell's reason."""
        return num.of(self._fact("memory_mib")) * num.const(MIB, unit="B")

    @property
    def runtime_bytes(self) -> Num:
        """Memory as an engine sees it, less than the driver's total: logged for some, else less by what is kept on others."""
        if self.runtime_mib is not None:
            return num.of(self._fact("runtime_mib")) * num.const(MIB, unit="B")
        return self.memory_bytes - num.const(RUNTIME_KEEPS, "kept by the runtime: 0.37 to 0.75 GiB on seven GPUs", unit="B")

    @property
    def is_unified(self) -> bool:
        """Whether the host takes of the same memory: an engine sees a total, the driver has none of the accelerator's own."""
        return self.memory_mib.value is None and self.runtime_mib is not None

    @property
    def memory_bytes_per_second(self) -> Num:
        """Memory bandwidth, decimal."""
        return num.of(self._fact("memory_gb_per_s")) * num.const(10**9, unit="B/s")

    @property
    def link_bytes_per_second(self) -> Num:
        """The scale-up link one way: half of what is counted both ways."""
        return num.of(self._fact("scale_up_gb_per_s")) * num.const(10**9, unit="B/s") / num.const(2, "ways")

    def flops(self, kind: str) -> Num:
        """Dense FLOP/s for `fp4`, `fp8` or `bf16`; the next wider kind (fp16 beside bf16) where the GPU lacks one.

        Unknown where nobody says whether it has the kind: the next wider one would be no bound.
        """
        for name in ("fp4_tflops", "fp8_tflops", "bf16_tflops", "fp16_tflops")[("fp4", "fp8", "bf16").index(kind) :]:
            cell: Cell = getattr(self, name)
            if cell.value is not None or not cell.known:
                break
        return num.of(self._fact(name)) * num.const(10**12, unit="FLOP/s")

    def to_dict(self) -> dict[str, Any]:
        """The value of every cell by its name."""
        return {cell: getattr(self, cell).value for cell in CELLS}

    def _fact(self, cell_name: str) -> Fact:
        cell: Cell = getattr(self, cell_name)
        name = f"gpu.{cell_name}"
        if cell.value is None:
            return facts.unknown(name, f"{self.name}: {cell.note}")
        confidence = f"confidence {cell.confidence}" if cell.confidence is not None else None
        note = "; ".join(part for part in (f"{self.name}: {cell.source}", confidence, cell.note) if part)
        return Fact(name, (Reading(cell.value, Source.DECLARED, cell.where, cell.quote, note),))
