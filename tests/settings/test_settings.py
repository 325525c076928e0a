"""What settings say of targets, and what they may not say."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.data import schema
from specverify.derive.gpus import UnknownGpu
from specverify.errors import SpecverifyError
from specverify.settings.settings import UnknownTarget
from specverify.settings.toml import InvalidSettings
from specverify.target import InvalidTarget, Target
from tests.settings.reading import settings

BOX = '[target]\ngpu = "8xh100-sxm-80gb"\ntensor_parallel = 4\ndata_parallel = 2\ncontext = "128k"\nengine = "vllm@0.19.0"\n'


def ways(target: Target) -> tuple[str | None, int, int, int, int]:
    return target.gpu, target.gpus, target.tensor_parallel, target.pipeline_parallel, target.data_parallel


def test_no_settings_are_the_defaults_of_a_target() -> None:
    assert settings("").target() == Target()
    assert settings("[target]").target() == Target()


def test_every_field_of_a_target_may_be_stated() -> None:
    fields = set(Target.__slots__) - {"own_gpus"}
    assert set(schema("settings")["properties"]["target"]["properties"]) == fields
    text = """
    [target]
    gpu = "H100 SXM 80GB"
    gpus = 16
    tensor_parallel = 4
    pipeline_parallel = 2
    data_parallel = 2
    expert_parallel = 8
    decode_context_parallel = 2
    context = 4096
    encoder_context = "1_500"
    output = "1k"
    max_batched_tokens = "8k"
    concurrency = 3
    max_sequences = 9
    kv_dtype = "q8_0/f16"
    state_dtype = "fp32"
    engine = "llamacpp"
    engine_version = "0.4"
    memory_fraction = 0.5
    quantize = "awq"
    draft_tokens = 3
    mla = "expanded"
    eager = true
    task = "chat"
    p99_ms = 800
    """
    stated = Target(
        *("h100-sxm-80gb", 16, 4, 2, 2, 8, 4096, 1500, 3, "q8_0/float16", "float32", "llamacpp", "0.4", 0.5, 8192, 9, "awq", 2, 1024),
        *(3, "expanded", True, "chat", 800),
    )
    assert settings(text).target() == stated
    assert all(f"{field} =" in text for field in fields)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('gpu = "8xh100-sxm-80gb"', ("h100-sxm-80gb", 8, 8, 1, 1)),
        ('gpu = "8xh100-sxm-80gb"\nexpert_parallel = 8', ("h100-sxm-80gb", 8, 8, 1, 1)),
        ('gpu = "8xh100-sxm-80gb"\npipeline_parallel = 2', ("h100-sxm-80gb", 8, 4, 2, 1)),
        ('gpu = "h100-sxm-80gb"\ngpus = 8', ("h100-sxm-80gb", 8, 8, 1, 1)),
        ('gpu = "8xh100-sxm-80gb"\ngpus = 8', ("h100-sxm-80gb", 8, 8, 1, 1)),
        ("tensor_parallel = 4", (None, 4, 4, 1, 1)),
        ('gpu = "8xh100-sxm-80gb"\npipeline_parallel = 8', ("h100-sxm-80gb", 8, 1, 8, 1)),
        ('gpu = "8xh100-sxm-80gb"\ntensor_parallel = 1\npipeline_parallel = 8', ("h100-sxm-80gb", 8, 1, 8, 1)),
    ],
)
def test_a_count_may_stand_before_the_name(text: str, expected: tuple[Any, ...]) -> None:
    assert ways(settings(f"[target]\n{text}").target()) == expected


def test_what_is_given_wins_field_by_field() -> None:
    box = settings(BOX)
    assert ways(box.target()) == ("h100-sxm-80gb", 8, 4, 1, 2)
    target = box.target(context=1024, concurrency=5)
    assert (target.context, target.concurrency, target.engine_version) == (1024, 5, "0.19.0")
    assert ways(target) == ("h100-sxm-80gb", 8, 4, 1, 2)
    assert ways(box.target(tensor_parallel=2, data_parallel=4)) == ("h100-sxm-80gb", 8, 2, 1, 4)
    assert box.target(context="1m").context == 2**20


def test_a_given_gpu_replaces_the_count_and_the_ways_to_split() -> None:
    box = settings(BOX)
    assert ways(box.target(gpu="a100-sxm-80gb")) == ("a100-sxm-80gb", 1, 1, 1, 1)
    assert ways(box.target(gpu="2xa100-sxm-80gb")) == ("a100-sxm-80gb", 2, 2, 1, 1)
    assert ways(box.target(gpu="2xa100-sxm-80gb", pipeline_parallel=2)) == ("a100-sxm-80gb", 2, 1, 2, 1)
    assert box.target(gpu="a100-sxm-80gb").context == 131_072


def test_a_given_engine_replaces_its_version() -> None:
    target = settings('[target]\nengine = "vllm"\nengine_version = "0.19.0"').target(engine="sglang")
    assert (target.engine, target.engine_version) == ("sglang", None)


def test_targets_by_name_stand_alone() -> None:
    several = settings(BOX + '[targets.small]\ngpu = "l4-24gb"\n[targets."two words"]\nconcurrency = 2\n')
    assert several.target("small") == Target("l4-24gb")
    assert several.target("two words", context=8).concurrency == 2
    with pytest.raises(UnknownTarget, match=r"specverify\.toml: no target is called 'smal': did you mean small"):
        several.target("smal")
    with pytest.raises(UnknownTarget, match=r"it has no \[targets.NAME\]"):
        settings(BOX).target("small")


def test_what_cannot_be_together_says_where_the_rest_is_from() -> None:
    with pytest.raises(InvalidTarget, match=r"8 GPUs, but .* = 6 \(with what specverify.toml says of the target\)"):
        settings(BOX).target(tensor_parallel=3)
    with pytest.raises(InvalidTarget, match="1 x 1 x 2 = 2"):
        settings(BOX).target(tensor_parallel=1)
    with pytest.raises(UnknownGpu, match="no GPU is called 'h100'"):
        settings(BOX).target(gpu="h100")
    with pytest.raises(InvalidTarget, match=r"concurrency is 0, not a whole number of at least 1$"):
        settings("").target(concurrency=0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[target]\n\ngpus = 'eight'", "specverify.toml:3: target.gpus is 'eight', not a whole number of at least 1"),
        ("[target]\ngpus = true", "specverify.toml:2: target.gpus is True, not a whole number"),
        ("[target]\ngpus = 2.5", "specverify.toml:2: target.gpus is 2.5, not a whole number"),
        ("[target]\ngpus = 8.0", "specverify.toml:2: target.gpus cannot be: gpus is 8.0, not a whole number"),
        ("[target]\ngpus = [8]", "specverify.toml:2: target.gpus is a list, not a whole number"),
        ("[target]\ncontext = {}", "specverify.toml:2: target.context is a table, not a number of tokens"),
        ("[target]\ncontext = '128kb'", "specverify.toml:2: target.context is '128kb', not a number of tokens: 131072, or '128k'"),
        ("[target]\ncontext = '0k'", "specverify.toml:2: target.context cannot be: context: '0k' is no number of tokens"),
        ("[target]\ncontext = 1979-05-27", "specverify.toml:2: target.context is '1979-05-27', not a number of tokens"),
        ("[target]\ncontext = 07:32:00", "specverify.toml:2: target.context is datetime.time(7, 32), not a number of tokens"),
        ("[target]\nkv_dtype = 'int3'", "specverify.toml:2: target.kv_dtype is 'int3', not one of auto, bfloat16"),
        ("[target]\nengine = 'tgi'", "specverify.toml:2: target.engine is 'tgi', not one of ideal, vllm"),
        ("[target]\nengine = 'vllm@latest'", "specverify.toml:2: target.engine cannot be: engine_version is 'latest', not a version"),
        ("[target]\nmemory_fraction = 1.5", "specverify.toml:2: target.memory_fraction is 1.5, not a number above 0 and at most 1"),
        ("[target]\nquantize = 'q2'", "specverify.toml:2: target.quantize is 'q2', not one of fp8"),
        ("target = 3", "specverify.toml:1: target is 3, not a table of target settings"),
        ("targets = []", "specverify.toml:1: targets is a list, not tables of targets by name"),
        ("[targets]\nx = 1", "specverify.toml:2: targets.x is 1, not a table of target settings"),
        ("[targets.'']\ngpus = 1", "is a name that is empty or too long"),
        ("[tarket]\ngpus = 1", "specverify.toml:1: tarket is no setting: did you mean `target`?"),
        ("gpus = 1", "specverify.toml:1: gpus is 1, not tables of accelerators by name"),
        ("[target]\ngpuz = 1", "specverify.toml:2: target.gpuz is no setting: did you mean `target.gpu`?"),
        ("[target]\ntp = 1", "specverify.toml:2: target.tp is no setting: did you mean `target.tensor_parallel`?"),
        ("[target]\nzzzz = 1", "specverify.toml:2: target.zzzz is no setting: known here are gpu, gpus"),
        ("[target]\nown_gpus = []", "specverify.toml:2: target.own_gpus is no setting"),
        ("[target]\ngpu = 'h100'\n[gpus.x]", "specverify.toml:2: target.gpu cannot be: no GPU is called 'h100': did you mean h100-"),
        ("[target]\ncontext = 1\ngpu = '8xh100-sxm-80gb'\ngpus = 4", "specverify.toml:4: target.gpus cannot be: gpus is 4, and gpu says 8"),
        (
            "[target]\ngpu = '8xh100-sxm-80gb'\ntensor_parallel = 3",
            "specverify.toml:2: target.gpu cannot be: 8 GPUs, but tensor x pipeline",
        ),
        (
            "[target]\ngpu = '8xh100-sxm-80gb'\ntensor_parallel = 1",
            "specverify.toml:2: target.gpu cannot be: 8 GPUs, but tensor x pipeline",
        ),
        ("[targets.a]\ngpu = '0xh100-sxm-80gb'", "specverify.toml:2: targets.a.gpu cannot be: gpus is 0"),
        ("[target]\ngpu = ''", "specverify.toml:2: target.gpu is '', not the name of an accelerator"),
    ],
)
def test_what_may_not_be_said(text: str, message: str) -> None:
    with pytest.raises(SpecverifyError) as caught:
        settings(text)
    assert isinstance(caught.value, InvalidSettings)
    assert message in str(caught.value)


def test_several_errors_are_told_at_once_by_line() -> None:
    with pytest.raises(InvalidSettings) as caught:
        settings("[target]\ntp = 1\ngpus = 'x'\nconcurrency = 0\n[targets.a]\nb = 1\nc = 1\nd = 1\n")
    lines = str(caught.value).split("\n")
    assert [line.split(": ")[0] for line in lines] == [*(f"specverify.toml:{line}" for line in (2, 3, 4, 6, 7)), "and 1 more"]
    assert (caught.value.file, caught.value.place) == ("specverify.toml", "2")
