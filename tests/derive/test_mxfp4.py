"""MXFP4 experts under the kernels vLLM picks: logged GiB of gpt-oss, and padding by hand."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.mxfp4 import MARLIN, TRITON, TRITON_PADDED, TRTLLM, Kernel, kernel_of
from specverify.target import Target
from tests.derive.served import figure, served

GIB = 2**30


@pytest.mark.parametrize(
    ("model", "target", "logged_gib"),
    [
        ("gpt-oss-20b", {"gpu": "h100-sxm-80gb", "engine": "vllm@0.11.0"}, 13.47),
        ("gpt-oss-120b", {"gpu": "h100-sxm-80gb", "engine": "vllm@0.11.0"}, 64.38),
        ("gpt-oss-20b", {"gpu": "h100-sxm-80gb", "gpus": 2, "engine": "vllm@0.19.0"}, 7.01),
        ("gpt-oss-120b", {"gpu": "a100-sxm-80gb", "gpus": 4, "engine": "vllm@0.10.1"}, 17.2217),
    ],
)
def test_what_vllm_said_it_took(model: str, target: dict[str, Any], logged_gib: float) -> None:
    found = figure("weights.bytes_per_gpu", model, **target) or 0
    assert found / GIB == pytest.approx(logged_gib, rel=0.006)
    assert found / GIB < logged_gib


@pytest.mark.parametrize(
    ("gpu", "engine", "expected"),
    [
        ("h100-sxm-80gb", "vllm@0.11.0", TRITON),
        ("h200-sxm-141gb", "vllm@0.19.0", TRITON_PADDED),
        ("h100-sxm-80gb", "vllm", TRITON_PADDED),
        ("a100-sxm-80gb", "vllm", MARLIN),
        ("l4", "vllm", MARLIN),
        ("rtx-5090", "vllm", MARLIN),
        ("b200-sxm-180gb", "vllm", TRTLLM),
        ("mi300x", "vllm", None),
        ("h100-sxm-80gb", "sglang", None),
        (None, "vllm", None),
    ],
)
def test_which_kernel_runs_where(gpu: str | None, engine: str, expected: Kernel | None) -> None:
    assert kernel_of(Target(gpu=gpu, engine=engine)) == expected


def experts(**target: Any) -> int:
    """Bytes of gpt-oss-20b's experts on one GPU beyond those of the checkpoint: 24 layers of 32 experts, 2,880 wide."""
    padded = figure("weights.bytes_per_gpu", "gpt-oss-20b", engine="vllm", **target) or 0
    unknown = figure("weights.bytes_per_gpu", "gpt-oss-20b", engine="vllm", **{**target, "gpu": None}) or 0
    return int(padded - unknown)


def test_marlin_pads_both_widths() -> None:
    """2,880 become 2,944 inside and 3,072 outside: three matrices of 17/32 B a weight, and biases of two bytes."""
    matrices = 3 * (2944 * 3072 - 2880 * 2880) * 17 // 32
    biases = 2 * (2 * 2944 + 3072 - 3 * 2880)
    assert experts(gpu="a100-sxm-80gb") == 24 * 32 * (matrices + biases)


def test_trtllm_pads_the_share_of_a_gpu() -> None:
    """Two GPUs have 1,440 each, which become 1,536."""
    matrices = 3 * (1536 * 3072 - 1440 * 2880) * 17 // 32
    biases = 4 * (2 * 1536 + 3072) - 2 * (2 * 1440 + 2880)
    assert experts(gpu="b200-sxm-180gb", gpus=2) == 24 * 32 * (matrices + biases)


def test_triton_keeps_scales_twice_the_second_time_in_rows_of_256() -> None:
    """For Hopper, 2,880 columns of values become 2,944 too, in multiples of 128."""
    values = (5760 * 2944 + 2880 * 2944 - 3 * 2880 * 2880) // 2
    scales = (5888 + 3072) * 90
    assert experts(gpu="h100-sxm-80gb") == 24 * 32 * (values + scales + 2 * 3 * 2880)


def test_what_is_not_known_of_the_kernel_is_said() -> None:
    assert "padded" not in (served("gpt-oss-20b", engine="vllm", gpu="h100-sxm-80gb")["weights.bytes_per_gpu"].note or "")
    assert "pads MXFP4 experts to is left out" in (served("gpt-oss-20b", engine="sglang")["weights.bytes_per_gpu"].note or "")
