from __future__ import annotations

import pytest

from specverify.data import load_json
from specverify.derive import gpus
from specverify.errors import SpecverifyError
from specverify.facts import Source

CONFIDENCES = {"low", "medium", "high"}


def test_catalogue_is_broad() -> None:
    assert len(gpus.catalogue()) >= 30
    assert {"NVIDIA", "AMD", "Google", "Intel"} <= {gpu.vendor for gpu in gpus.catalogue().values()}


@pytest.mark.parametrize("name", list(gpus.catalogue()))
def test_every_cell_says_where_it_comes_from_or_why_it_is_empty(name: str) -> None:
    gpu = gpus.catalogue()[name]
    for cell_name in gpus.CELLS:
        cell = getattr(gpu, cell_name)
        if cell.value is None:
            assert cell.note, cell_name
            assert cell.source is None
            assert cell.confidence is None
        else:
            assert cell.value > 0, cell_name
            assert cell.source, cell_name
            assert cell.confidence in CONFIDENCES, cell_name
    assert gpu.memory_mib.value is None or isinstance(gpu.memory_mib.value, int)


@pytest.mark.parametrize("name", list(gpus.catalogue()))
def test_memory_is_about_what_the_name_says_and_rates_grow_as_numbers_shrink(name: str) -> None:
    gpu = gpus.catalogue()[name]
    stated = int(name.rsplit("-", 1)[1].removesuffix("gb"))
    if gpu.memory_mib.value is not None:
        assert 0.92 * stated <= gpu.memory_mib.value / 1024 <= 1.05 * stated
    rates = [cell.value for cell in (gpu.bf16_tflops, gpu.fp8_tflops, gpu.fp4_tflops) if cell.value is not None]
    assert rates == sorted(rates)
    assert gpu.bf16_tflops.value or gpu.fp16_tflops.value


def test_no_two_accelerators_answer_to_one_name() -> None:
    words = [word for gpu in gpus.catalogue().values() for word in (gpu.name, *gpu.aliases)]
    assert len({gpus.find(word).name for word in gpus.catalogue()}) == len(gpus.catalogue())
    assert len({word.replace("-", "") for word in words}) == len(words)
    assert all(gpus.find(alias).name == gpu.name for gpu in gpus.catalogue().values() for alias in gpu.aliases)


def test_h100_memory_is_the_usable_mib_and_not_80_gb() -> None:
    memory = gpus.find("h100-sxm-80gb").memory_bytes
    assert memory.value == 81_559 * 2**20 == 85_520_809_984
    assert memory.worked() == "81,559 x 1,048,576 B"
    (fact,) = memory.rests_on()
    assert fact.name == "gpu.memory_mib"
    assert fact.value == 81_559
    assert fact.readings[0].source is not Source.CLAIMED


def test_the_pointer_of_a_reading_leads_to_its_value() -> None:
    for gpu in gpus.catalogue().values():
        for fact in gpu.memory_bytes.rests_on():
            for reading in fact.readings:
                assert reading.where.file == "specverify/derive/gpus.json"
                node = load_json("derive/gpus.json")
                for step in (reading.where.pointer or "").split("/")[1:]:
                    node = node[step]
                assert node["value"] == reading.value


def test_unknown_memory_stays_unknown_with_its_reason() -> None:
    memory = gpus.find("gb10").memory_bytes
    assert memory.value is None
    assert "unified memory" in memory.reasons()[0]


def test_export_parts_are_not_inferred_from_the_architecture() -> None:
    assert gpus.find("h20").bf16_tflops.value == 148
    assert gpus.find("h800").scale_up_gb_per_s.value == 400
    assert gpus.find("b300-sxm-288gb").bf16_tflops.confidence == "low"


@pytest.mark.parametrize("name", ["H100-SXM-80GB", "h100_sxm_80gb", "h100 sxm 80gb", "NVIDIA H100 SXM 80GB", "h100sxm80gb"])
def test_spelling_does_not_matter(name: str) -> None:
    assert gpus.find(name).name == "h100-sxm-80gb"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("h100", {"h100-sxm-80gb", "h100-pcie-80gb", "h100-nvl-94gb"}),
        ("h100-80gb", {"h100-sxm-80gb", "h100-pcie-80gb"}),
        ("H100SXM", {"h100-sxm-80gb"}),
        ("tesla v100", {"v100-sxm2-32gb"}),
        ("rtx-4080-24gb", {"rtx-4090-24gb"}),
        ("mi300", {"mi300x-192gb"}),
    ],
)
def test_an_unknown_name_suggests_near_ones(name: str, near: set[str]) -> None:
    with pytest.raises(gpus.UnknownGpu) as caught:
        gpus.find(name)
    assert near <= set(caught.value.near)
    assert all(one in str(caught.value) for one in near)


def test_what_starts_like_the_name_comes_first() -> None:
    with pytest.raises(gpus.UnknownGpu) as caught:
        gpus.find("h200")
    assert caught.value.near[0] == "h200-sxm-141gb"


@pytest.mark.parametrize("name", ["", " ", "-", "zzzzzz", "\0", "x" * 100_000])
def test_nonsense_is_refused_shortly(name: str) -> None:
    with pytest.raises(SpecverifyError) as caught:
        gpus.find(name)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("8xh100-sxm-80gb", (8, "h100-sxm-80gb")),
        ("h100-sxm-80gb", (1, "h100-sxm-80gb")),
        (" 16XB200-sxm-180gb ", (16, "B200-sxm-180gb")),
        ("0xh100-sxm-80gb", (0, "h100-sxm-80gb")),
        ("8x", (1, "8x")),
        ("9" * 5000 + "xh100", (1, "9" * 5000 + "xh100")),
    ],
)
def test_parse(text: str, parsed: tuple[int, str]) -> None:
    assert gpus.parse(text) == parsed
