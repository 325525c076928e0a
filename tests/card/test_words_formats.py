"""Precision and quantization: of the weights in this repo, of a sibling's, or of a run."""

from __future__ import annotations

import pytest

from specverify.card.kinds import PRECISION, QUANTIZATION
from tests.card.said import said

OWN = "self"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- Precision: BF16", [(("bf16",), OWN)]),
        ("- Tensor type: torch.bfloat16", [(("bf16",), OWN)]),
        ("| Property | Value |\n|---|---|\n| Precision | bfloat16 |", [(("bf16",), OWN)]),
        ("The weights are stored in bfloat16.", [(("bf16",), OWN)]),
        ("This model is released in FP8 format.", [(("fp8",), OWN)]),
        ("Our checkpoints are stored in BF16 and FP8 format.", [(("bf16",), "family"), (("fp8",), "family")]),
        ("- Precision: bf16 mixed precision training", []),
        ("## Training\n\n- Precision: bf16", []),
        ("The model was trained in bfloat16.", []),
        ("Load the model in float16 to save memory.", []),
        ("Note that `float16` precision only works on GPUs.", []),
        ("| Setting | Value |\n|---|---|\n| Precision | bf16 |\n| Learning rate | 1e-4 |\n| Batch size | 64 |", []),
    ],
)
def test_precision(text: str, expected: list[tuple[tuple[str, ...], str]]) -> None:
    assert said(PRECISION, text) == expected


def test_a_table_of_repos_gives_each_its_precision() -> None:
    card = "| Model | Precision |\n|---|---|\n| Example-7B | BF16 |\n| Example-7B-FP8 | FP8 |\n| Other-9B | FP32 |\n"
    assert said(PRECISION, card) == [(("bf16",), "self"), (("fp8",), "sibling")]


def test_the_precisions_one_model_is_run_in_are_no_claims() -> None:
    ways = "| Model | Precision |\n|---|---|\n| Example-7B | BF16 |\n| Example-7B | FP8 |\n"
    assert said(PRECISION, ways) == []
    needed = "| Model | Precision | GPUs |\n|---|---|---|\n| Example-7B | BF16 | H100 x 2 |\n"
    assert said(PRECISION, needed) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- Quantization: GPTQ 4-bit", [(("gptq", "int4"), OWN)]),
        ("- Quantization: q8_0", [(("q8_0",), OWN)]),
        ("This repo contains AWQ quantized weights.", [(("awq",), OWN)]),
        ("This model is a GPTQ quantized version.", [(("gptq",), OWN)]),
        ("Quantized GGUF version of Base-7B.", [(("gguf",), OWN)]),
        ("We also provide GPTQ versions.", [(("gptq",), "sibling")]),
        ("GGUF files are available here.", [(("gguf",), "sibling")]),
        ("The weights use native INT4 quantization.", [(("int4",), OWN)]),
        ("This model can be loaded in 4-bit with bitsandbytes.", []),
        ("We use the GPTQ algorithm to quantize to int4 weights.", []),
        ("Deploy the int8 version with the script below.", []),
        ("An FP8 version will be released soon.", []),
        ("The following bitsandbytes quantization config was used during training.", []),
        ("Try Example-7B-Chat-Int4 models.", []),
    ],
)
def test_quantization(text: str, expected: list[tuple[tuple[str, ...], str]]) -> None:
    assert said(QUANTIZATION, text) == expected
