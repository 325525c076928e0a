"""Pickles, a revision that can move, and a tokenizer with code of its own: what counts as one and what does not."""

from __future__ import annotations

import pytest

from specverify.outcome import Finding
from tests.rules.assessed import LLAMA, found, reason, report

SHA = "0123456789abcdef0123456789abcdef01234567"


def pickled(*paths: str) -> list[Finding]:
    return found(LLAMA, "SEC001", *paths)


@pytest.mark.parametrize(
    "paths",
    [
        ("pytorch_model.bin",),
        ("consolidated.00.pth", "consolidated.01.pth"),
        ("model.ckpt", "optimizer.pt"),
        ("adapter_model.bin",),
        ("unet/diffusion_pytorch_model.bin", "vae/diffusion_pytorch_model.bin"),
        ("pytorch_model.bin", "onnx/model.safetensors"),
        ("pytorch_model.bin", "tf_model.h5", "flax_model.msgpack"),
    ],
)
def test_pickles_alone_are_found(paths: tuple[str, ...]) -> None:
    (finding,) = pickled(*paths)
    assert finding.severity == "warning"
    assert finding.evidence[0].file in paths


@pytest.mark.parametrize(
    "paths",
    [
        ("pytorch_model.bin", "model.safetensors"),
        ("model.safetensors", "original/consolidated.00.pth"),
        ("model-Q4_K_M.gguf", "pytorch_model.bin"),
        ("model.safetensors", "optimizer.pt", "rng_state.pth", "training_args.bin", "checkpoint-10/scheduler.pt"),
        ("unet/diffusion_pytorch_model.bin", "unet/diffusion_pytorch_model.safetensors"),
    ],
)
def test_pickles_beside_safe_files_are_not(paths: tuple[str, ...]) -> None:
    assert not pickled(*paths)
    assert reason(LLAMA, "SEC001", *paths) is None


@pytest.mark.parametrize("paths", [(), ("training_args.bin",), ("openvino_model.bin", "ggml-model-q4_0.bin"), ("tf_model.h5",)])
def test_without_a_file_of_weights_nothing_is_said(paths: tuple[str, ...]) -> None:
    assert reason(LLAMA, "SEC001", *paths) == "no file of weights is listed"


def test_many_pickles_are_counted_and_few_shown() -> None:
    (finding,) = pickled(*(f"pytorch_model-{number:05d}-of-00030.bin" for number in range(1, 31)))
    assert "pytorch_model-00001-of-00030.bin and 29 more" in finding.message
    assert len(finding.evidence) == 3


def moved(**origin: str) -> list[Finding]:
    return [finding for finding in report({"config.json": LLAMA}, origin=origin).findings if finding.code == "SEC002"]


@pytest.mark.parametrize("revision", ["main", "v1.0", SHA[:7], SHA.upper(), "refs/pr/1"])
@pytest.mark.parametrize("origin", ["hub", "cache"])
def test_any_name_but_a_commit_can_move(origin: str, revision: str) -> None:
    (finding,) = moved(origin=origin, revision=revision, sha=SHA)
    assert finding.severity == "info"
    assert finding.evidence[0].value == revision
    assert SHA in (finding.fix or "")


def test_a_commit_cannot_and_a_folder_has_none() -> None:
    assert not moved(origin="hub", revision=SHA, sha=SHA)
    assert not moved(origin="folder", sha=SHA)
    assert reason(LLAMA, "SEC002") == "a folder has no revision"


@pytest.mark.parametrize(
    ("tokenizer", "severity"),
    [
        ({"tokenizer_class": "QWenTokenizer", "auto_map": {"AutoTokenizer": ["tokenization_qwen.QWenTokenizer", None]}}, "warning"),
        ({"tokenizer_class": "LlamaTokenizer", "auto_map": {"AutoTokenizer": "tokenization.LlamaTokenizerFast"}}, "info"),
        ({"auto_map": {"AutoTokenizer": [None, "tokenization_example.Fast"]}}, "warning"),
    ],
)
def test_a_tokenizer_of_its_own_code(tokenizer: dict[str, object], severity: str) -> None:
    (finding,) = found(LLAMA, "SEC003", **{"tokenizer_config.json": tokenizer})
    assert finding.severity == severity
    assert finding.evidence[0].pointer == "/auto_map/AutoTokenizer"


@pytest.mark.parametrize(
    "auto_map", [None, {}, [], "x", {"AutoProcessor": "processing.P"}, {"AutoTokenizer": None}, {"AutoTokenizer": [1]}]
)
def test_a_tokenizer_of_the_library(auto_map: object) -> None:
    assert not found(LLAMA, "SEC003", **{"tokenizer_config.json": {"tokenizer_class": "LlamaTokenizer", "auto_map": auto_map}})
