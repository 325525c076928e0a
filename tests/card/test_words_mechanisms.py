"""Attention, class of architecture and activation: what states them of the model, and what does not."""

from __future__ import annotations

import pytest

from specverify.card.kinds import ACTIVATION, ARCHITECTURE, ATTENTION
from tests.card.said import claims, refused, said

OWN = "self"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- **Attention Mechanism**: MLA", [(("mla",), OWN)]),
        ("- Attention: Grouped-Query Attention (GQA)", [(("gqa",), OWN)]),
        ("- Attention type: GQA with SWA", [(("gqa", "swa"), OWN)]),
        ("- Number of Attention Heads (GQA): 64 for Q and 4 for KV", [(("gqa",), OWN)]),
        ("- 注意力机制：GQA", [(("gqa",), OWN)]),
        ("- Hybrid Attention: one softmax layer for seven of lightning attention", [(("linear",), OWN)]),
        ("| Attention Mechanism | GQA |\n|---|---|\n| Activation Function | SwiGLU |", [(("gqa",), OWN)]),
        ("| Property | Value |\n|---|---|\n| Attention Mechanism | MLA |", [(("mla",), OWN)]),
        ("Example-7B uses grouped-query attention for speed.", [(("gqa",), OWN)]),
        ("The model adopts Multi-head Latent Attention (MLA).", [(("mla",), OWN)]),
        ("It has layers of sliding window attention.", [(("swa",), OWN)]),
        ("The model interleaves local sliding window layers with global attention.", [(("local-global",), OWN)]),
        ("Example-7B is a hybrid linear attention architecture.", [(("hybrid",), OWN)]),
        ("- **Efficient inference**: Utilizes Grouped Query Attention (GQA).", [(("gqa",), OWN)]),
        ("我们的模型采用分组查询注意力。", [(("gqa",), OWN)]),
        ("A transformer with the following architecture choices:\n- Grouped-Query Attention\n- A tokenizer", [(("gqa",), OWN)]),
    ],
)
def test_attention_is_read(text: str, expected: list[tuple[tuple[str, ...], str]]) -> None:
    assert said(ATTENTION, text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- Attention Mechanism: FancyAttn", "the mechanism named is none that is known by its name"),
        ("- Attention: not MLA", "denied in the same line"),
        ("It does not use sliding window attention.", "denied in the same sentence"),
        ("The bigger models use grouped-query attention.", "true of some of several models"),
        ("Unlike designs with multi-head latent attention, it is simple.", "a comparison with other models"),
        ("Llama-3 uses grouped-query attention.", "about Llama-3"),
        ("Zarnak uses grouped-query attention.", "not surely about the model of the card"),
        ("We plan to release a version with sparse attention.", "a plan"),
        ("It is served with sliding window attention kernels.", "a part of some software"),
        ("The vision encoder uses multi-query attention.", "a component of the model"),
        ("Sliding window attention has been studied for long.", "the sentence does not say that the model uses it"),
        ("With grouped-query attention, OtherModel-3B has shorter answers.", "about OtherModel-3B"),
        ("# Example\n\n## News\n\n- The model uses grouped-query attention.", "news of a release"),
        (
            "It is a transformer with grouped query attention. For this release we did not include GQA.",
            "taken back in a later sentence",
        ),
        ("It works by a sliding window attention during fine-tuning.", "a setting of training"),
    ],
)
def test_attention_is_refused(text: str, reason: str) -> None:
    assert said(ATTENTION, text) == []
    assert reason in refused(ATTENTION, text)


def test_a_remark_on_other_heads_is_no_mechanism() -> None:
    assert said(ATTENTION, "- Number of heads (see the paper on GQA): 64") == []
    assert said(ATTENTION, "- Benchmarks (GQA): 64.2") == []


def test_a_window_without_attention_is_none() -> None:
    assert said(ATTENTION, "All scores were computed with a sliding window of 4096 tokens.") == []


def test_a_size_in_the_sentence_says_whose_attention_it_is() -> None:
    text = "For the 70B model we use grouped-query attention."
    assert said(ATTENTION, text) == [(("gqa",), "sibling")]
    assert said(ATTENTION, text, "example/Example-70B") == [(("gqa",), "self")]
    assert said(ATTENTION, "Both the 7B and 70B versions use grouped-query attention.") == [(("gqa",), "family")]
    assert said(ATTENTION, text, "example/Example") == [(("gqa",), "family")]


def test_a_column_headed_by_a_mechanism_is_yes_or_no() -> None:
    card = "| Model | Params | GQA |\n|---|---|---|\n| Example-7B | 7B | Yes |\n| Example-70B | 70B | No |\n| Llama-2 | 7B | Yes |\n"
    assert said(ATTENTION, card) == [(("gqa",), "self")]
    assert refused(ATTENTION, card) == {"denied in the same statement"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- Architecture: Mixture-of-Experts (MoE)", [(("moe",), OWN)]),
        ("- **Architecture:** Mixture of 16 Experts", [(("moe",), OWN)]),
        ("- Model type: Causal decoder-only transformer", [(("decoder-only",), OWN)]),
        ("- Type: Causal Language Models", [(("decoder-only",), OWN)]),
        ("- Model Architecture: a hybrid Mamba-Transformer with sparse MoE", [(("hybrid", "mamba", "moe"), OWN)]),
        ("- Architecture: Dense", [(("dense",), OWN)]),
        ("Example-7B is a sparse Mixture-of-Experts language model.", [(("moe",), OWN)]),
        ("We present Example-7B, a strong Mixture-of-Experts (MoE) model.", [(("moe",), OWN)]),
        ("Example-7B is an auto-regressive language model.", [(("decoder-only",), OWN)]),
        ("Example-7B is a generative Sparse Mixture of Experts.", [(("moe",), OWN)]),
        ("It is a dense decoder-only transformer.", [(("dense",), OWN), (("decoder-only",), OWN)]),
        ("The model is an encoder-decoder transformer for translation.", [(("encoder-decoder",), OWN)]),
        ("Example-7B is a vision-language model.", [(("vision-language",), OWN)]),
    ],
)
def test_architecture_is_read(text: str, expected: list[tuple[tuple[str, ...], str]]) -> None:
    assert said(ARCHITECTURE, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "- Architecture: not a Mixture-of-Experts",
        "- Architecture: the same architecture as a dense transformer",
        "- Type: Hybrid Reasoning",
        "With its answers we trained several dense models.",
        "It is a Mixture-of-Experts technique.",
        "Example-7B is a good start for MoE studies.",
        "It comes in Dense and Mixture-of-Experts variants.",
        "MoE models are complicated to train.",
        "The development of vision-language models raises concerns.",
        "Vision-language models have become a cornerstone of many systems.",
        "It outperforms models that are a Mixture-of-Experts.",
        "Compared with a dense language model of its size, it is quick.",
        "It was trained with a causal language modeling objective.",
        "The bidirectional encoder feeds an autoregressive decoder.",
        "Mixtral-8x7B is a Mixture-of-Experts model.",
        "We will release a Mixture-of-Experts model.",
        "Scaling laws of autoregressive training are known.",
    ],
)
def test_architecture_is_refused(text: str) -> None:
    assert said(ARCHITECTURE, text) == []


def test_in_a_comparison_only_the_own_column_is_read() -> None:
    card = "| | Llama-3 70B | Example-7B |\n|---|---|---|\n| Architecture | Dense | MoE |\n"
    assert said(ARCHITECTURE, card) == [(("moe",), "self")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- Activation Function: SwiGLU", [("swiglu",)]),
        ("- 激活函数：SwiGLU", [("swiglu",)]),
        ("- Activation: squared ReLU", [("relu2",)]),
        ("The model uses GeGLU in its feed-forward blocks.", [("geglu",)]),
        ("It is a transformer with GELU activations.", [("gelu",)]),
        ("The training code has a fused SwiGLU kernel.", []),
        ("Llama-2 uses SwiGLU.", []),
    ],
)
def test_activation(text: str, expected: list[tuple[str, ...]]) -> None:
    assert [claim.terms for claim in claims(ACTIVATION, text)] == expected


def test_a_claim_in_words_shows_where_it_stands() -> None:
    (claim,) = claims(ATTENTION, "# Example-7B\n\n- **Attention Mechanism**: Multi-head Latent Attention (MLA)\n")
    assert (claim.line, claim.raw, claim.emitter, claim.confidence) == (3, "Multi-head Latent Attention (MLA)", "label", "high")
    assert claim.columns == (28, 61)
    assert claim.section == ("Example-7B",)
    assert (claim.accepted, claim.quanta, claim.unit) == ((), (), "")
