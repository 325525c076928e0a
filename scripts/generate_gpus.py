"""Write docs/gpus.md: the catalogue of accelerators, with source and confidence of every cell. `--check` only compares."""

from __future__ import annotations

import sys

from pages import ROOT, settled, table

from specverify.accelerator import CELLS, Cell, Gpu
from specverify.derive.gpus import RUNTIME, catalogue

TARGET = ROOT / "docs" / "gpus.md"
HEAD = """\
<!-- written by scripts/generate_gpus.py -->
# GPUs

{count} accelerators that `--gpu` knows, by name or alias; `8x` before a name is how many. `specverify gpus` prints the table, and the
accelerators of your own [settings](settings.md#cells-of-an-accelerator) after it.

Memory is what is usable, in MiB as the driver prints it, and never the size in the name. `runtime_mib`, where there is one, is the
total that an engine sees. Rates are dense TFLOPS, without sparsity; bandwidths are decimal GB/s, scale-up counted both ways. A dash is a
cell that has no value: the accelerator has no such units, or nobody looked; its note says which. What rests on such a cell is unknown."""
UNITS = {
    "memory_mib": "memory MiB",
    "memory_gb_per_s": "GB/s",
    "bf16_tflops": "bf16",
    "fp16_tflops": "fp16",
    "fp8_tflops": "fp8",
    "fp4_tflops": "fp4",
    "scale_up_gb_per_s": "scale-up GB/s",
}


def page() -> str:
    """The page: a table of values, then each accelerator with where its cells are from."""
    every = list(catalogue().values())
    rows = [(f"[{gpu.name}](#{gpu.name.replace('.', '')})", *(_value(getattr(gpu, cell)) for cell in CELLS)) for gpu in every]
    parts = [HEAD.format(count=len(every)), table(("name", *(UNITS[cell] for cell in CELLS)), rows), "## Cells"]
    for gpu in every:
        also = f" Also `{'`, `'.join(gpu.aliases)}`." if gpu.aliases else ""
        parts += [f"### {gpu.name}", f"{gpu.vendor}, {gpu.architecture}.{also}", _cells(gpu)]
    return "\n\n".join(parts) + "\n"


def _cells(gpu: Gpu) -> str:
    cells = [(name, getattr(gpu, name)) for name in (*CELLS, RUNTIME) if getattr(gpu, name) is not None]
    rows = [(f"`{name}`", _value(cell), cell.source or "", cell.confidence or "", cell.note or "") for name, cell in cells]
    return table(("cell", "value", "source", "confidence", "note"), rows)


def _value(cell: Cell) -> str:
    return "-" if cell.value is None else f"{cell.value:,}"


if __name__ == "__main__":
    sys.exit(settled(TARGET, page()))
