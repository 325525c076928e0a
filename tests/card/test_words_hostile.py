"""Words of any card: nothing is raised, and long lines of bait take no time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specverify.card.kinds import UNITS
from tests.card.said import read

PIECES = st.sampled_from(
    [
        "It uses ", "grouped-query attention ", "MLA, ", "is a ", "Mixture-of-Experts ", "model ", "fine-tuned from ",
        "a merge of ", "Llama-2 13B ", "someone/Other-9B, ", "and ", "released under the ", "MIT ", "Apache 2.0 ", "License ",
        "code ", "weights ", "80GB*8 GPUs ", "H100 x 8 ", "needs 6GB of VRAM ", "2,500 tokens/s ", "TTFT 150 ms ",
        "p99 latency of 1.5 s ", "cutoff of March 2023 for the 7B ", "GPTQ versions ", "\n- Attention: ", "\n- License: ",
        "\n- Base model: ", "\n- Precision: bf16", "\n| Model | GPUs | GQA |\n|---|---|---|\n| Example-7B | ", " | Yes |\n",
        "---\nlicense: mit\nbase_model: a/b\n---\n", "![l](https://img.shields.io/badge/License-MIT-blue)", "(", ")", ". ", "; ",
        "\n\n", "# 70B\n", "İ", "显存",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_arrangement(pieces: list[str]) -> None:
    text = "".join(pieces)
    for claim in read(text).claims:
        assert claim.terms or claim.accepted
        assert all(claim.terms)
        assert all(value > 0 for value in claim.accepted)
        assert len(claim.accepted) == len(claim.quanta)
        assert claim.unit == UNITS.get(claim.kind, "")
        assert claim.raw.split()[0] in text


BAIT = {
    "adjectives": "It is a " + "very, " * 4000 + "dense model",
    "names": "fine-tuned from " + "Llama-2 13B and " * 3000,
    "links": "finetuned from [" + "A" * 5000 + "](https://huggingface.co/" + "a" * 5000,
    "licences": "released under " + "Open Model License and " * 2000,
    "capitals": "under the " + "Big " * 6000 + "License",
    "badges": "https://img.shields.io/badge/License-" + "a-" * 20_000,
    "memory": "needs " + "8GB " * 8000,
    "cards": "runs on " + "8 x H100 " * 4000,
    "latency": "latency " + "of about " * 6000 + "5 ms",
    "dates": "cutoff of " + "March 2023 for the 7B and " * 3000,
    "labels": "- Architecture: MoE\n" * 5000,
    "a label": "Attention: " + "MLA " * 10_000,
    "quantized": "This model is " + "4-bit GPTQ " * 5000 + "version",
    "merges": "merge of the following models:\n\n" + "* someone/Left-7B\n" * 4000,
    "digits": "It reaches " + "9" * 5000 + " tokens/s and " + "1,000," * 2000 + " tokens/s",
    "rows": "| Model | GPUs | Precision |\n|---|---|---|\n" + "| Example-7B | H100 x 8 | BF16 |\n" * 3000,
    "spaces": "fine-tuned" + " " * 50_000 + "from Llama-2",
}


@pytest.mark.parametrize("name", BAIT)
def test_bait_takes_no_time(name: str) -> None:
    read("attention gpu licen")
    start = time.process_time()
    read(BAIT[name])
    assert time.process_time() - start < 1.5
