"""Claims in words: what states them, what only looks like it, and whose they are."""

from __future__ import annotations

import pytest

from specverify.card import kinds
from specverify.card.claims import Claim, Claims, extract
from specverify.card.document import parse_card

NUMBERS = set(kinds.UNITS) - {kinds.HARDWARE, kinds.THROUGHPUT, kinds.TTFT, kinds.LATENCY}


def claims(text: str, name: str | None = "example/Example-7B") -> Claims:
    return extract(parse_card(text.encode()), name)


def stated(text: str, name: str | None = "example/Example-7B") -> set[tuple[str, tuple[object, ...], str]]:
    return {(c.kind, c.terms or c.accepted[:1], c.relation) for c in claims(text, name).claims if c.kind not in NUMBERS}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- Attention mechanism: MLA", {("attention", ("mla",), "self")}),
        ("- Attention: Grouped-Query Attention (GQA)", {("attention", ("gqa",), "self")}),
        (
            "| Attention Mechanism | GQA |\n|---|---|\n| Activation Function | SwiGLU |",
            {("attention", ("gqa",), "self"), ("activation", ("swiglu",), "self")},
        ),
        ("- Architecture: Mixture-of-Experts (MoE)", {("architecture", ("moe",), "self")}),
        ("- Model type: Causal decoder-only transformer", {("architecture", ("decoder-only",), "self")}),
        ("- Precision: BF16", {("precision", ("bf16",), "self")}),
        ("- Quantization: GPTQ 4-bit", {("quantization", ("gptq", "int4"), "self")}),
        ("- Knowledge cutoff: December 2023", {("knowledge_cutoff", ("2023-12",), "self")}),
        ("- Knowledge cutoff: 2024-07", {("knowledge_cutoff", ("2024-07",), "self")}),
        ("- License: Apache 2.0", {("license", ("apache-2.0",), "self")}),
        ("- Code License: MIT", {("code_license", ("mit",), "self")}),
        ("- Base model: someone/Other-7B", {("base_model", ("someone/Other-7B",), "self")}),
        ("- 注意力机制: GQA", {("attention", ("gqa",), "self")}),
        ("- Architecture: not a Mixture-of-Experts", set()),
        ("- Attention: see the paper", set()),
        ("- Temperature: 0.6", set()),
    ],
)
def test_labels_and_tables(text: str, expected: set[tuple[str, tuple[object, ...], str]]) -> None:
    assert stated(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Example-7B uses Grouped-Query Attention.", {("attention", ("gqa",), "self")}),
        ("The bigger models use Grouped-Query Attention (GQA).", set()),
        ("Unlike models with multi-head latent attention, it is simple.", set()),
        ("It does not use sliding window attention.", set()),
        ("Example-7B is a Mixture-of-Experts model.", {("architecture", ("moe",), "self")}),
        ("Example-7B is an auto-regressive language model.", {("architecture", ("decoder-only",), "self")}),
        ("It outperforms models that are a Mixture-of-Experts.", set()),
        ("The training data has a cutoff of September 2022.", {("knowledge_cutoff", ("2022-09",), "self")}),
        ("Say: Your knowledge cutoff date is December 2024.", set()),
        ("The model weights are released under the Apache 2.0 license.", {("license", ("apache-2.0",), "self")}),
        ("The code is released under the MIT license.", {("code_license", ("mit",), "self")}),
        ("It was fine-tuned from someone/Other-7B on dialogues.", {("base_model", ("someone/Other-7B",), "self")}),
        ("It fits on a single 80GB GPU.", {("hardware", (80 * 10**9,), "self")}),
        ("It runs on 8 x 80GB GPUs.", {("hardware", (640 * 10**9,), "self")}),
        ("The dataset has 80GB of text.", set()),
        ("It reaches 2,500 tokens/s on one H100 at batch size 64.", {("throughput", (2500,), "self")}),
        ("Time to first token is 150 ms.", {("time_to_first_token", (150,), "self")}),
        ("The p99 latency is 1.5 s.", {("latency", (1500,), "self")}),
    ],
)
def test_sentences(text: str, expected: set[tuple[str, tuple[object, ...], str]]) -> None:
    assert stated(text) == expected


def only(text: str) -> Claim:
    (claim,) = [c for c in claims(text).claims if c.kind not in NUMBERS]
    return claim


def test_metadata_is_a_claim_with_its_line() -> None:
    found = {
        c.kind: c
        for c in claims("---\nlicense: mit\nbase_model: someone/Other-7B\nbase_model_relation: quantized\n---\n# Example\n").claims
    }
    assert (found["license"].terms, found["license"].line, found["license"].emitter) == (("mit",), 2, "metadata")
    assert (found["base_model"].terms, found["base_model"].line, found["base_model"].role) == (("someone/Other-7B",), 3, "quantized")


def test_a_measurement_keeps_its_conditions() -> None:
    assert only("It reaches 2,500 tokens/s on one H100 at batch size 64.").conditions == ("H100", "batch size 64")
    assert only("The p99 latency is 1.5 s.").conditions == ("p99",)
    assert only("In 4-bit it fits on a 24GB GPU.").conditions == ("4-bit",)


def test_what_is_refused_is_recorded_with_the_reason() -> None:
    (refused,) = [r for r in claims("It does not use sliding window attention.").refusals if r.kind == kinds.ATTENTION]
    assert (refused.raw, refused.line, refused.reason) == ("sliding window attention", 1, "denied in the same sentence")


@pytest.mark.parametrize("role", ["finetune", "distilled", "quantized", "merge"])
def test_the_relation_to_a_base_is_its_role(role: str) -> None:
    said = {"finetune": "Fine-tuned from", "distilled": "Distilled from", "quantized": "Quantized version of", "merge": "A merge of"}[role]
    assert only(f"{said} someone/Other-7B.").role == role
