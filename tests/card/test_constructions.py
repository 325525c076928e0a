"""Constructions in which cards state numbers, each beside the nearest one that states none."""

from __future__ import annotations

import time

import pytest

from specverify.card.claims import Claim, Claims, extract
from specverify.card.document import parse_card

TOTAL, ACTIVE, CONTEXT, OUTPUT = "total_params", "active_params", "context_length", "output_length"
LAYERS, Q, KV, HEAD_DIM = "num_layers", "num_q_heads", "num_kv_heads", "head_dim"
HIDDEN, INTERMEDIATE, VOCABULARY = "hidden_size", "intermediate_size", "vocab_size"
EXPERTS, TOP_K, SHARED, TRAINED = "num_experts", "top_k", "shared_experts", "training_tokens"
B, M = 10**9, 10**6
Stated = set[tuple[str, int | float]]


def claims(text: str, name: str = "example/Example-7B") -> Claims:
    return extract(parse_card(text.encode()), name)


def found(text: str, name: str = "example/Example-7B") -> Stated:
    return {(claim.kind, claim.accepted[0]) for claim in claims(text, name).claims if claim.accepted}


def by_relation(text: str, name: str = "example/Example-7B") -> set[tuple[str, int | float, str]]:
    return {(claim.kind, claim.accepted[0], claim.relation) for claim in claims(text, name).claims if claim.accepted}


def only(text: str, name: str = "example/Example-7B") -> Claim:
    (claim,) = (claim for claim in claims(text, name).claims if claim.accepted)
    return claim


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("GQA with 40-heads and 8-KV heads", {(Q, 40), (KV, 8)}),
        ("64 Q-heads and 8 KV-heads", {(Q, 64), (KV, 8)}),
        ("32 (8 KV heads)", {(Q, 32), (KV, 8)}),
        ("24 Q / 8 KV", {(Q, 24), (KV, 8)}),
        ("28 query heads, 4 key-value heads", {(Q, 28), (KV, 4)}),
        ("80 / 8 / 8", {(Q, 80), (KV, 8)}),
        ("32", {(Q, 32)}),
        ("32 / 8", set()),
        ("12 encoder, 12 decoder", set()),
    ],
)
def test_heads_of_queries_and_keys(value: str, expected: Stated) -> None:
    assert found(f"- Number of Attention Heads: {value}") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Number of Activated Experts: 10 Routed + 1 Shared", {(TOP_K, 10), (SHARED, 1)}),
        ("Experts: 129 experts (top 8 among 128 routed + 1 shared)", {(EXPERTS, 128), (TOP_K, 8), (SHARED, 1)}),
        ("Expert Count: 8 active / 128 total and 1 shared", {(EXPERTS, 128), (TOP_K, 8), (SHARED, 1)}),
        ("Experts: 4 of 32 active", {(EXPERTS, 32), (TOP_K, 4)}),
        ("Experts (total / activated): 64 / 6", {(EXPERTS, 64), (TOP_K, 6)}),
        ("Experts (activated / total): 6 / 64", {(EXPERTS, 64), (TOP_K, 6)}),
        ("Vision Experts (total / activated): 64 / 6", set()),
        ("Expert Intermediate Dimension: 1024", set()),
    ],
)
def test_experts(line: str, expected: Stated) -> None:
    assert found(f"- {line}", "example/Example-MoE") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Params (Total / Activated): 21B / 3B", {(TOTAL, 21 * B), (ACTIVE, 3 * B)}),
        ("Parameters: 235B total / 22B active", {(TOTAL, 235 * B), (ACTIVE, 22 * B)}),
        ("Parameters: 235B / 22B", set()),
        ("Parameters (M): 109", {(TOTAL, 109 * M)}),
        ("Model Size (GB): 0.65", set()),
        ("Parameters: 0.36B (non-embedding)", {("non_embedding_params", 360 * M)}),
        ("Trainable parameters: 43.7M", set()),
        ("Number of Layers: 48 main layers + 1 MTP layer", {(LAYERS, 48)}),
        ("Number of Layers: 12 encoder, 12 decoder", set()),
        ("Training data: 9.8T tokens", {(TRAINED, 9800 * B)}),
        ("Training data: 9.8T of web pages", set()),
        ("Vocabulary: 50257/50400", set()),
        ("Dimension: 1024", set()),
        ("max_new_tokens: 4096", set()),
        ("Max Input Tokens: 32k", {(CONTEXT, 32768)}),
        ("Context Length: Full 131,072 tokens and generation 8192 tokens", {(CONTEXT, 131072), (OUTPUT, 8192)}),
        ("Context Length: 128K input, 8K output", {(CONTEXT, 131072), (OUTPUT, 8192)}),
        ("Context Length: 4K, 16K, 32K", set()),
        ("Context length: this model supports a context length of 128K & 8K output length.", {(CONTEXT, 131072)}),
        ("上下文长度：１２８Ｋ", {(CONTEXT, 131072)}),
    ],
)
def test_labels(line: str, expected: Stated) -> None:
    assert found(f"- {line}", "example/Example") == expected


def test_hidden_dim_beside_dim_is_that_of_the_feed_forward_layers() -> None:
    around = "- **Dim:** 5,120\n- **Head dim:** 128\n- **Hidden dim:** 14,336\n- **Number of heads:** 32\n"
    assert found(around) == {(HIDDEN, 5120), (HEAD_DIM, 128), (INTERMEDIATE, 14336), (Q, 32)}
    assert found("- **Head dim:** 128\n- **Hidden dim:** 4,096\n- **Number of heads:** 32\n") == {(HIDDEN, 4096), (HEAD_DIM, 128), (Q, 32)}


def test_the_head_dim_of_linear_attention_is_another_one() -> None:
    card = "- Gated Attention:\n  - Attention Heads: 16 for Q and 2 for KV\n  - Head Dimension: 256\n"
    linear = "- Gated DeltaNet:\n  - Number of Linear Attention Heads: 32 for V and 16 for QK\n  - Head Dimension: 128\n"
    assert {value for kind, value in found(card + linear) if kind == HEAD_DIM} == {256}
    assert (HEAD_DIM, "the size of another kind of head") in {(r.kind, r.reason) for r in claims(linear).refusals}


@pytest.mark.parametrize(
    "text",
    [
        "**Parameters:** 7B | **Layers:** 32 | **Heads:** 24",
        "- Parameters: 7B, layers: 32, heads: 24",
        "| Setting | Description |\n|---|---|\n| Shape | Parameters: 7B, Layers: 32, Heads: 24 |\n",
    ],
)
def test_pairs_on_one_line_are_read_each(text: str) -> None:
    assert found(text) == {(TOTAL, 7 * B), (LAYERS, 32), (Q, 24)}


def test_a_comma_within_a_value_parts_no_pairs() -> None:
    assert found("- Parameters: 7,241,732,096\n- Layers: 32, of which 8 attend to all: see below") == {(TOTAL, 7241732096), (LAYERS, 32)}


def test_subscripts_of_formulas_are_labels() -> None:
    table = (
        "| Symbol | Value |\n|---|---|\n| \\\\(n_{layers}\\\\) | 28 |\n| \\\\(d_\\text{model}\\\\) | 4096 |\n| \\\\(n_{seeds}\\\\) | 3 |\n"
    )
    assert found(table) == {(LAYERS, 28), (HIDDEN, 4096)}


def test_columns_that_are_sizes_are_models_of_the_series() -> None:
    table = """
| Model | 2B | 7B | Other-7B |
|---|---|---|---|
| Number of layers | 40 | 32 | 30 |
| # Parameters | 2.5B | 7.1B | 7.3B |
"""
    assert by_relation(table) == {
        (LAYERS, 40, "sibling"),
        (LAYERS, 32, "self"),
        (TOTAL, 2500 * M, "sibling"),
        (TOTAL, 7100 * M, "self"),
    }


def test_rows_named_in_a_column_of_sizes() -> None:
    table = "| Size | Layers | Context |\n|---|---|---|\n| Example-1B | 16 | 2048 |\n| 7B | 32 | 4096 |\n"
    assert by_relation(table) == {
        (LAYERS, 16, "sibling"),
        (CONTEXT, 2048, "sibling"),
        (TOTAL, 7 * B, "self"),
        (LAYERS, 32, "self"),
        (CONTEXT, 4096, "self"),
    }


def test_grades_are_models_of_the_series() -> None:
    table = "| Size | Parameters |\n|---|---|\n| tiny | 39 M |\n| large | 1550 M |\n| other | 900 M |\n"
    assert by_relation(table, "example/example-large") == {(TOTAL, 39 * M, "sibling"), (TOTAL, 1550 * M, "family")}


def test_lengths_something_was_measured_at_are_a_sweep() -> None:
    head = '<tr><th rowspan="2">Model</th><th colspan="4">Sequence Length</th></tr>'
    lengths = "<tr><th>1024</th><th>2048</th><th>4096</th><th>8192</th></tr>"
    row = "<tr><td>Example-7B</td><td>4</td><td>3</td><td>39</td><td>469</td></tr>"
    assert not claims(f"<table>{head}{lengths}{row}</table>").claims


def test_a_cell_that_is_a_sentence_is_read_as_one() -> None:
    table = (
        "| Property | Description |\n|---|---|\n| Architecture | A 7B parameter decoder |\n| Rivals | Better than a 13B parameter model |\n"
    )
    assert found(table) == {(TOTAL, 7 * B)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It has 12-layer, 768-hidden, 12-heads, 110M parameters.", {(LAYERS, 12), (HIDDEN, 768), (Q, 12), (TOTAL, 110 * M)}),
        ("- 24-layer\n- 1024 hidden dimension\n- 16 attention heads\n", {(LAYERS, 24), (HIDDEN, 1024), (Q, 16)}),
        ("- 24 layers, 16 attention heads\n- Hidden layers are 1024-dimensional\n", {(LAYERS, 24), (Q, 16), (HIDDEN, 1024)}),
        ("A cake of 24 layers was served.", set()),
        ("The resulting model has 120 layers and 103 billion parameters.", {(LAYERS, 120), (TOTAL, 103 * B)}),
        ("We add 8 layers, so that it has 8.3 billion parameters.", {(TOTAL, 8_300_000_000)}),
        ("* 559,214,592 parameters: 256,901,120 embedding parameters", {(TOTAL, 559214592)}),
        ("With 86M backbone parameters, the vocabulary adds 98M parameters in the embedding layer.", set()),
        ("It uses only 39B active parameters out of 141B.", {(ACTIVE, 39 * B), (TOTAL, 141 * B)}),
        ("We release sparse 1B and 3B MoE models.", {(TOTAL, B), (TOTAL, 3 * B)}),
        ("It is the best of any 13B parameter model.", set()),
        ("The adapter has 40M trainable parameters.", set()),
        ("It uses a vocabulary of 256K tokens.", {(VOCABULARY, 262144)}),
        ("We retrain a tokenizer with a vocabulary of 20K tokens and merge it.", set()),
        ("Qwen uses a vocabulary of over 150K tokens.", set()),
        ("经过训练，62 亿参数的 Example 已经可用。", {(TOTAL, 6_200_000_000)}),
        ("网络更深，层数为52层。", {(LAYERS, 52)}),
        ("它累计训练了超过 20T tokens。", {(TRAINED, 20 * 10**12)}),
    ],
)
def test_sentences(text: str, expected: Stated) -> None:
    assert found(text, "example/Example") == expected


@pytest.mark.parametrize(
    "text",
    [
        "All experiments were conducted with temperature 1.0 and a context length of 256k tokens.",
        "On LongBench (4k context length), it does well.",
        "All scores are validated on our cluster with 128k context length.",
        "Passing `--ctx-size` sets the context size to 8192.",
        "It was trained with sequences packed to a context length of 8192 tokens.",
    ],
)
def test_a_measured_length_is_no_claim(text: str) -> None:
    assert not found(text)
    assert {refusal.reason for refusal in claims(text).refusals} == {"the length of a training or evaluation run"}


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("It was fine-tuned with a context length of 8192 tokens.", "trained"),
        ("We release two models trained with 8k context length.", "trained"),
        ("This is trained on Llama-7B with 8k context length.", "trained"),
        ("The process was performed with an 8192 sequence length.", "trained"),
        ("We used a sequence length of 8192 tokens.", "trained"),
        ("The sequence length was limited to 8192 tokens.", "trained"),
        ("The recommended context length is 8k.", "recommended"),
        ("Its context is 8k but it goes on well after.", "stated"),
        ("It does well across all context window lengths up to 8K.", "evaluated"),
        ("The context window is extended to 8K.", "extended"),
        ("Its context can be expanded up to 8K+ tokens.", "extended"),
        ("It natively supports a context length of 8K.", "native"),
        ("支持最大 8192 序列长度。", "stated"),
        ("It supports long context of up to 8K tokens.", "stated"),
        ("It handles up to 8k+ input tokens.", "stated"),
    ],
)
def test_roles_of_a_length(text: str, role: str) -> None:
    claim = only(text)
    assert (claim.kind, claim.accepted[0], claim.role) == (CONTEXT, 8192, role)


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("It comes in 2B, 7B and 20B sizes.", {2, 7, 20}),
        ("The sizes, including 2B, 7B and 20B, are all open.", {2, 7, 20}),
        ("We train two different sizes (7B and 20B).", {7, 20}),
        ("Lengths of 32K for the 2B, 7B and 20B sizes.", set()),
        ("Models at the 2B and 7B scale were beaten.", set()),
    ],
)
def test_sizes_in_a_row_are_a_familys(text: str, sizes: set[int]) -> None:
    assert by_relation(text) == {(TOTAL, size * B, "family") for size in sizes}


def test_an_extended_context_says_how_it_is_had() -> None:
    label = claims("- Context Length: 32,768 natively and 131,072 tokens with YaRN").claims
    assert {(c.role, c.conditions) for c in label} == {("native", ()), ("extended", ("with YaRN",))}
    prose = only("We extend the context length to 64K by rope scaling.")
    assert (prose.role, prose.conditions) == ("extended", ("by rope scaling",))
    assert only("- Context Length: 131,072").conditions == ()


def test_a_lower_bound_is_told_as_one() -> None:
    assert only("It has over 7B parameters.").conditions == ("over",)
    assert only("It has 7B parameters.").conditions == ()


def test_versions_are_the_same_with_and_without_a_v() -> None:
    rows = "| Example-v2-7b | 7B | 6.31 |\n| Example-v2-13b | 13B | 6.72 |\n| Example-v1-7b | 7B | 6.00 |\n"
    card = f"| Model | Size | Score |\n|---|---|---|\n{rows}"
    assert by_relation(card, "example/Example-2-7b") == {(TOTAL, 7 * B, "self"), (TOTAL, 13 * B, "sibling")}


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("Example-7B is an expansion of Llama2-6B, now with 7 billion parameters.", "self"),
        ("It is developed from Example-5B, which has 7 billion parameters.", "sibling"),
        ("Example-7B-V 4.6 is new. With 1.3B parameters, it is small.", "sibling"),
        ("Its native context length is 32K for the Example-4-0414 series.", "sibling"),
        ("Its native context length is 32K for Example-7B.", "self"),
        ("The new Example-9B is out. With 9B parameters, it is small.", "sibling"),
        ("Example-7B was our first. With 7B parameters, it is small.", "self"),
    ],
)
def test_whose_number_it_is(text: str, relation: str) -> None:
    assert {whose for *_, whose in by_relation(text)} == {relation}


def test_a_sentence_goes_on_about_the_model_the_one_before_it_introduced() -> None:
    assert not claims("LLaMA is an auto-regressive model. The model comes with 7B parameters.").claims
    assert found("We took the tokenizer of LLaMA. The model comes with 7B parameters.") == {(TOTAL, 7 * B)}


def test_a_length_of_other_sizes_is_a_siblings() -> None:
    card = "Context windows of up to 32K tokens (2B/4B) and 128K tokens (7B and 20B)."
    assert by_relation(card) == {(CONTEXT, 32768, "sibling"), (CONTEXT, 131072, "self")}


def test_in_a_table_of_scores_lengths_of_siblings_are_read_and_others_are_not() -> None:
    rows = "| Example-7B-zh | 512 | 63.1 |\n| Example-2B-en | 256 | 62.1 |\n| Other-7B | 8192 | 60.9 |\n"
    card = f"| Model | Sequence Length | Score |\n|---|---|---|\n{rows}"
    assert by_relation(card, "example/Example-7B-zh") == {(CONTEXT, 512, "self"), (CONTEXT, 256, "sibling")}


def test_a_mixture_is_as_large_as_its_name_says_first() -> None:
    assert by_relation("It has 30.5B parameters.", "example/Example-30B-A3B") == {(TOTAL, 30_500_000_000, "self")}
    assert by_relation("The small one has 4B parameters.", "example/Example-30B-A3B") == {(TOTAL, 4 * B, "family")}


@pytest.mark.parametrize("piece", ["layers: 32, ", "8 KV heads, 32 Q ", "7B, ", "Example-7B ", "128K -> ", "(1,024 ", "a: b | "])
def test_long_repetitions_take_no_time(piece: str) -> None:
    started = time.perf_counter()
    claims(piece * 4000)
    claims(f"- Attention Heads: {piece * 4000}")
    claims(f"| a | b |\n|---|---|\n| Context | {piece.replace('|', ' ') * 2000} |\n")
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(("name", "relation"), [("example/Other-4-9b", "sibling"), ("example/Other-4-0414", "self")])
def test_a_length_for_a_series_is_that_series_own(name: str, relation: str) -> None:
    text = "The native context length is 32k for the Other-4-0414 series."
    (claim,) = [c for c in extract(parse_card(text.encode()), name).claims if c.kind == "context_length"]
    assert claim.relation == relation


def test_the_model_named_after_another_is_meant() -> None:
    text = "Consistent with Example-Text-01, the X1 model natively supports a context length of 1 million tokens."
    (claim,) = [c for c in extract(parse_card(text.encode()), "example/Example-X1-80k").claims if c.kind == "context_length"]
    assert claim.relation == "self"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Models of various sizes, available in 1B, 7B, 13B and 30B.",
            {(TOTAL, 1 * B), (TOTAL, 7 * B), (TOTAL, 13 * B), (TOTAL, 30 * B)},
        ),
        ("This release brings four model sizes, including 1B / 7B.", {(TOTAL, 1 * B), (TOTAL, 7 * B)}),
        ("The Example models are available in 7B.", set()),
        ("Example-7B is a frankenmerge with 120 layers in total.", {(LAYERS, 120)}),
        ("Example-7B adopts a thinner and deeper network structure with 52 layers.", {(LAYERS, 52)}),
        ("Only 12 layers in this figure are shown.", set()),
        ("Example-7B 的上下文长度由 Other 的 2K 扩展到了 32K。", {(CONTEXT, 32 * 1024)}),
        ("Example-7B answers long inputs of up to 32K tokens.", {(CONTEXT, 32 * 1024)}),
        ("We cut the long inputs of our users.", set()),
    ],
)
def test_sizes_layers_and_lengths_in_passing(text: str, expected: Stated) -> None:
    assert found(text) == expected


def test_a_column_of_lengths_in_a_list_of_models() -> None:
    rows = "| model name | type | length |\n|---|---|---|\n| Example-7B | base | 32k |\n| Example-13B | base | 128k |\n"
    assert by_relation(rows) == {(CONTEXT, 32 * 1024, "self"), (CONTEXT, 128 * 1024, "sibling")}
    assert found(rows.replace("32k", "32 cm")) == set()
    assert found(rows.replace("model name", "part")) == set()
