"""Experts in MXFP4 as vLLM's kernels want them: padded, and with Triton's kernel their scales kept twice.

Read from vLLM: vllm/model_executor/layers/fused_moe/oracle/mxfp4.py (which kernel runs where, and what it rounds up to) and
the layouts of triton_kernels (tensor_details/layout_details/hopper_value.py, hopper_scale.py).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from specverify import num
from specverify.derive.gpus import Gpu, of
from specverify.derive.parameters import elements
from specverify.derive.sharding import Ways, closes
from specverify.derive.weights import Stored
from specverify.num import Num
from specverify.spec import FeedForward
from specverify.target import Target

BLOCK = 32
"""Weights that share one byte of scale."""
PADDED_VALUES_SINCE = (0, 17)
"""The vLLM whose triton_kernels pads values for Hopper too: 0.11 does not by its logs, 0.19 does."""


class Kernel(NamedTuple):
    """What runs the experts, and the multiples it wants of their width, of the model's, and of rows and columns of each matrix.

    `scale_rows` is the multiple of rows of a second copy of the scales, in the kernel's order, beside the one that was loaded
    (None: there is no second copy). `bias_bytes` is of one element of the biases.
    """

    name: str
    width: int
    hidden: int
    bias_bytes: int = 2
    rows: int = 1
    columns: int = 1
    scale_rows: int | None = None


MARLIN = Kernel("marlin", 128, 256)
TRTLLM = Kernel("trtllm-gen", 256, 256, bias_bytes=4)
TRITON = Kernel("triton", 64, 1, bias_bytes=4, scale_rows=256)
TRITON_PADDED = Kernel("triton", 64, 1, bias_bytes=4, rows=64, columns=128, scale_rows=256)
ARCHITECTURES = {"Turing": MARLIN, "Ampere": MARLIN, "Ada Lovelace": MARLIN, "Blackwell Ultra": TRTLLM}


def kernel_of(target: Target) -> Kernel | None:
    """The kernel vLLM picks on the target's GPU; None where that is another engine, or no GPU is named. Raises UnknownGpu."""
    if target.engine != "vllm" or target.gpu is None:
        return None
    gpu = of(target)
    if gpu.architecture == "Hopper":
        return TRITON if _is_before(target.engine_version, PADDED_VALUES_SINCE) else TRITON_PADDED
    if gpu.architecture == "Blackwell":
        return TRTLLM if _has_tensor_memory(gpu) else MARLIN
    return ARCHITECTURES.get(gpu.architecture)


def expert_bytes(entry: Stored, block: FeedForward, cut: Ways, kernel: Kernel) -> Num:
    """Bytes of one layer's copies of an expert's tensor on one GPU: a matrix with its scales, or a bias."""
    weight, experts = entry.weight, block.experts
    closing = next((other for other in block.weights if other.role is weight.role and len(other.shape) == 2 and closes(other)), None)
    if experts is None or closing is None:
        return num.unknown("which tensor of an expert closes it is not known, so neither is what the kernel pads")
    copies = weight.copies or num.const(1)
    if cut.experts.value != 1:
        copies = num.ceil_div(copies, cut.experts)
    inner = experts.intermediate_size
    outer = elements(closing) // inner
    width, hidden = _up(num.ceil_div(inner, cut.within_experts), kernel.width), _up(outer, kernel.hidden)
    if closes(weight):
        rows, columns = hidden, width
    else:
        joined = elements(weight) // inner if len(weight.shape) == 1 else elements(weight) // (inner * outer)
        rows, columns = width * joined, hidden
    if len(weight.shape) == 1:
        return copies * rows * num.const(kernel.bias_bytes, unit="B")
    found = _up(rows, kernel.rows) * _up(columns, kernel.columns) // 2 + rows * columns // BLOCK
    if kernel.scale_rows is not None:
        found = found + _up(rows, kernel.scale_rows) * num.ceil_div(columns, BLOCK)
    return copies * found


def _up(size: Num, multiple: int) -> Num:
    padded = num.const(multiple, "the kernel's multiple")
    return size if multiple == 1 else num.ceil_div(size, padded) * padded


def _is_before(version: str | None, first: tuple[int, int]) -> bool:
    """Whether a version is older than another; none stands for the newest."""
    found = re.match(r"(\d+)\.(\d+)", version or "")
    return found is not None and (int(found[1]), int(found[2])) < first


def _has_tensor_memory(gpu: Gpu) -> bool:
    """Whether a Blackwell is of the data centre's kind (sm_100), which trtllm-gen needs: those have NVLink, the others none."""
    return gpu.scale_up_gb_per_s.value is not None
