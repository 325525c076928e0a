"""Accelerators of one's own: found by name, unknown where nothing is stated, and never in the place of the catalogue's."""

from __future__ import annotations

import pytest

from specverify.accelerator import CELLS
from specverify.data import schema
from specverify.derive import gpus
from specverify.facts import Where
from specverify.pipeline import verify
from specverify.report.validate import problems
from specverify.settings.toml import InvalidSettings
from specverify.target import Target
from tests.fixture_files import FIXTURES
from tests.settings.reading import settings

LAB = """
[gpus.lab-card-96gb]
vendor = "in-house"
aliases = ["Lab Card"]
memory_mib = 97_871
memory_gb_per_s = { value = 3_350, source = "https://example.org/card", confidence = "high", note = "decimal" }
bf16_tflops = 990
fp4_tflops = 0
"""
LLAMA = str(FIXTURES / "llama-3.1-8b")


def test_every_cell_of_the_catalogue_may_be_stated() -> None:
    form = schema("settings")["properties"]["gpus"]["additionalProperties"]["properties"]
    assert set(form) == {*CELLS, "vendor", "architecture", "aliases"}


def test_cells_carry_their_place() -> None:
    (lab,) = settings(LAB).gpus
    assert (lab.vendor, lab.aliases, lab.own) == ("in-house", ("Lab Card",), Where("specverify.toml", "/gpus/lab-card-96gb", 2))
    (memory,) = lab.memory_bytes.rests_on()
    assert lab.memory_bytes.value == 97_871 * 2**20
    assert memory.readings[0].where == Where("specverify.toml", "/gpus/lab-card-96gb/memory_mib", 5)
    assert memory.readings[0].quote == "memory_mib = 97_871"
    (bandwidth,) = lab.memory_bytes_per_second.rests_on()
    assert bandwidth.readings[0].where == Where("specverify.toml", "/gpus/lab-card-96gb/memory_gb_per_s/value", 6)
    assert bandwidth.readings[0].note == "lab-card-96gb: https://example.org/card; confidence high; decimal"


def test_what_is_not_stated_is_unknown_and_what_is_zero_is_lacking() -> None:
    (lab,) = settings(LAB).gpus
    assert lab.scale_up_gb_per_s.value is None
    assert lab.flops("bf16").value == 990 * 10**12
    for kind in ("fp8", "fp4"):  # it has no FP4 units
        assert lab.flops(kind).value is None, "bf16 is no bound where FP8 may be there"
        assert "fp8_tflops is not stated in specverify.toml" in lab.flops("fp8").reasons()[0]
    (lacking,) = settings(LAB + "fp8_tflops = 0\n").gpus
    assert lacking.flops("fp4").value == 990 * 10**12
    assert "specverify.toml:8" in (lacking.fp4_tflops.note or "")


@pytest.mark.parametrize("name", ["lab-card-96gb", "LAB CARD", "labcard", "Lab_Card-96GB"])
def test_one_is_found_by_its_names(name: str) -> None:
    own = settings(LAB).gpus
    assert gpus.find(name, own) == own[0]
    assert gpus.of(Target(gpu=name, own_gpus=own)) == own[0]
    assert gpus.find("h100-sxm-80gb", own).own is None
    with pytest.raises(gpus.UnknownGpu):
        gpus.find(name)


def test_near_names_are_looked_for_among_both() -> None:
    with pytest.raises(gpus.UnknownGpu, match="did you mean lab-card-96gb"):
        gpus.find("lab-crad", settings(LAB).gpus)
    assert [*gpus.known(settings(LAB).gpus)] == [*gpus.catalogue(), "lab-card-96gb"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[gpus.h100-sxm-80gb]\nmemory_mib = 1",
            "specverify.toml:1: gpus.h100-sxm-80gb is taken: 'h100-sxm-80gb' already names h100-sxm-80gb of the catalogue",
        ),
        ("[gpus.'NVIDIA H100 SXM 80GB']", "already names h100-sxm-80gb of the catalogue"),
        ("[gpus.mine]\n\naliases = ['t4']", "specverify.toml:3: gpus.mine.aliases is taken: 't4' already names t4-16gb"),
        ("[gpus.mine]\n[gpus.MINE]", "specverify.toml:2: gpus.MINE is taken: 'MINE' already names mine of specverify.toml#/gpus/mine"),
        ("[gpus.'8xmine']", "specverify.toml:1: gpus.8xmine is no name for an accelerator"),
        ("[gpus.nvidia]", "specverify.toml:1: gpus.nvidia is no name for an accelerator"),
        ("[gpus.'-']", "is no name for an accelerator"),
        ("[gpus.a]\naliases = ['b', '']", "specverify.toml:2: gpus.a.aliases[1] is '', not a name"),
        ("[gpus.a]\naliases = ['\\n']", "is no name for an accelerator"),
        ("[gpus.a]\nmemory_mib = 0", "specverify.toml:2: gpus.a.memory_mib is 0, not a whole number above 0, or a table with"),
        ("[gpus.a]\nmemory_mib = 80.5", "specverify.toml:2: gpus.a.memory_mib is 80.5, not a whole number"),
        ("[gpus.a]\nmemory_mib = '80GB'", "specverify.toml:2: gpus.a.memory_mib is '80GB', not a whole number"),
        ("[gpus.a]\nbf16_tflops = -1", "specverify.toml:2: gpus.a.bf16_tflops is -1, not a number of at least 0"),
        ("[gpus.a]\nbf16_tflops = true", "specverify.toml:2: gpus.a.bf16_tflops is True, not a number"),
        ("[gpus.a]\nbf16_tflops = {}", "specverify.toml:2: gpus.a.bf16_tflops has no `value`"),
        ("[gpus.a]\nbf16_tflops = {value = 'x'}", "specverify.toml:2: gpus.a.bf16_tflops.value is 'x', not a number of at least 0"),
        (
            "[gpus.a.bf16_tflops]\nvalue = 1\nconfidence = 'sure'",
            "specverify.toml:3: gpus.a.bf16_tflops.confidence is 'sure', not one of low",
        ),
        ("[gpus.a]\nmemory_gib = 80", "specverify.toml:2: gpus.a.memory_gib is no setting: did you mean `gpus.a.memory_mib`?"),
    ],
)
def test_what_an_accelerator_may_not_be(text: str, message: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        settings(text)
    assert message in str(caught.value)


def test_a_model_is_held_against_one() -> None:
    report = verify(LLAMA, target=settings(LAB).target(gpu="2xlab card", context="8k"), tensors=False)
    budget = report.figures["capacity.budget_bytes_per_gpu"]
    assert isinstance(budget.value, int)
    assert budget.value < 97_871 * 2**20
    assert report.figures["capacity.fits"].value is True
    form = report.to_dict()
    place = {
        "fact": "gpu.memory_mib",
        "source": "declared",
        "file": "specverify.toml",
        "pointer": "/gpus/lab-card-96gb/memory_mib",
        "line": 5,
    }
    assert form["figures"]["capacity.budget_bytes_per_gpu"]["rests_on"] == [place]
    assert form["target"]["gpu"] == "lab-card-96gb"
    assert form["target"]["own_gpus"]["lab-card-96gb"]["memory_mib"] == 97_871
    assert list(problems(report)) == []


def test_a_figure_that_would_rest_on_a_cell_nobody_states_is_unknown_and_says_why() -> None:
    target = settings("[gpus.bare]\nmemory_gb_per_s = 1000").target(gpu="bare", context=1024)
    report = verify(LLAMA, target=target, tensors=False)
    for name, cell in (("capacity.fits", "memory_mib"), ("prefill.floor_seconds", "bf16_tflops")):
        figure = report.figures[name]
        assert figure.value is None
        assert any(f"{cell} is not stated in specverify.toml" in reason for reason in figure.number.reasons())
    assert report.figures["decode.floor_seconds"].value is not None
    outcomes = {outcome.code: outcome for outcome in report.outcomes}
    assert "bf16_tflops is not stated in specverify.toml" in getattr(outcomes["CAP007"], "reason", "")
