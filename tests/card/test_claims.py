"""What is claimed, by whom, and what only looks like a claim."""

from __future__ import annotations

import pytest

from specverify.card.claims import Claim, Claims, extract
from specverify.card.document import parse_card
from tests.corpus import corpus

TOTAL, ACTIVE, CONTEXT = "total_params", "active_params", "context_length"
LAYERS, Q, KV = "num_layers", "num_q_heads", "num_kv_heads"


def claims(text: str, name: str | None = "example/Example-7B") -> Claims:
    return extract(parse_card(text.encode()), name)


def found(text: str, name: str | None = "example/Example-7B") -> set[tuple[str, int | float]]:
    return {(claim.kind, claim.accepted[0]) for claim in claims(text, name).claims if claim.accepted}


def only(text: str, name: str | None = "example/Example-7B") -> Claim:
    (claim,) = claims(text, name).claims
    return claim


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- **Total Parameters**: 16.8B", {(TOTAL, 16_800_000_000)}),
        ("- Number of Parameters: 235B in total and 22B activated", {(TOTAL, 235 * 10**9), (ACTIVE, 22 * 10**9)}),
        ("- Number of Paramaters (Non-Embedding): 0.36B", {("non_embedding_params", 360_000_000)}),
        ("参数量: 总计 235B, 激活 22B", {(TOTAL, 235 * 10**9), (ACTIVE, 22 * 10**9)}),
        ("* 总参数：800亿", {(TOTAL, 80 * 10**9)}),
        ("- Number of Layers: 94", {(LAYERS, 94)}),
        ("- Number of Attention Heads (GQA): 64 for Q and 4 for KV", {(Q, 64), (KV, 4)}),
        ("注意力头数 (GQA): Q 为 64, KV 为 4", {(Q, 64), (KV, 4)}),
        ("- **Attention Heads:** 48 for queries, 8 for keys/values", {(Q, 48), (KV, 8)}),
        ("- Context Length: 32,768 natively and 131,072 tokens with YaRN", {(CONTEXT, 32768), (CONTEXT, 131072)}),
        ("上下文长度: **原生 262,144, 可外推至 1,010,000 tokens**", {(CONTEXT, 262144), (CONTEXT, 1010000)}),
        ("- Context Length: 512K (524,288)", {(CONTEXT, 524288)}),
        ("- Model size: 13 GB", set()),
        ("- Hidden Size: 6,144", {("hidden_size", 6144)}),
        ("- Expert hidden dimension: 9216", set()),
        ("- Head Dimension: 256", {("head_dim", 256)}),
        ("- Intermediate size: 11008", {("intermediate_size", 11008)}),
        ("- Vocab Size: 160K", {("vocab_size", 163840)}),
        ("- Experts: 128 routed (top-6) + 1 shared", {("num_experts", 128), ("top_k", 6), ("shared_experts", 1)}),
        ("- Number of Experts: 64", {("num_experts", 64)}),
        ("- Number of Activated Experts: 8", {("top_k", 8)}),
        ("- Experts used per token: 2", {("top_k", 2)}),
        ("- Layers / Hidden: 52 / 2688", {("num_layers", 52), ("hidden_size", 2688)}),
        ("- 共享专家数: 1", {("shared_experts", 1)}),
        ("- 隐层维度: 4096", {("hidden_size", 4096)}),
        ("- Maximum output tokens: 8K", {("output_length", 8192)}),
        ("- Training tokens: 15.5T", {("training_tokens", 15_500_000_000_000)}),
        ("- Number of Linear Attention Heads: 32 for V and 16 for QK", {("num_linear_v_heads", 32), ("num_linear_qk_heads", 16)}),
        ("- Number of Dense Layers: 1", set()),
        ("- Parameters: from 7B to 70B", set()),
        ("- Tokenization: a tokenizer with 131,072 tokens", {("vocab_size", 131072)}),
    ],
)
def test_labels(text: str, expected: set[tuple[str, int]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "A model with 456 billion total parameters, of which 45.9 billion are activated per token.",
            {(TOTAL, 456 * 10**9), (ACTIVE, 45_900_000_000)},
        ),
        (
            "Example has **355** billion total\nparameters with **32** billion active parameters.",
            {(TOTAL, 355 * 10**9), (ACTIVE, 32 * 10**9)},
        ),
        ("We release 2B and 8B parameter models.", {(TOTAL, 2 * 10**9), (TOTAL, 8 * 10**9)}),
        ("包含800亿参数和130亿激活参数。", {(TOTAL, 80 * 10**9), (ACTIVE, 13 * 10**9)}),
        ("It supports a 128k token context window.", {(CONTEXT, 131072)}),
        ("The context window has been expanded from 128K to 200K tokens.", {(CONTEXT, 204800)}),
        ("The model has 24 layers and 16 attention heads.", {(LAYERS, 24), (Q, 16)}),
        ("It outperforms models with up to 30B parameters.", set()),
        ("This variant **does not** support long context of up to 100k tokens.", set()),
        ("The base model has 32k context, I finetuned it with 16k.", {(CONTEXT, 16384)}),
        ("The model was pretrained on 7 billion tokens.", {("training_tokens", 7_000_000_000)}),
        ("It was trained on more than 20T tokens.", {("training_tokens", 20 * 10**12)}),
        ("Other models were better than those trained on 20T tokens.", set()),
        ("It has 16 experts, of which 4 are active.", {("num_experts", 16), ("top_k", 4)}),
        ("A mixture of 8 experts with a router of its own.", {("num_experts", 8)}),
        (
            "It routes to the top-6 out of 128 routed experts, plus 2 shared experts.",
            {("num_experts", 128), ("top_k", 6), ("shared_experts", 2)},
        ),
        ("Unlike Mixtral, compared with 8 experts, it is dense.", set()),
        (
            "Hidden size 2,048; 16 layers; 24 attention heads; intermediate size 6,144; vocabulary size 131,072.",
            {("hidden_size", 2048), ("num_layers", 16), ("num_q_heads", 24), ("intermediate_size", 6144), ("vocab_size", 131072)},
        ),
        ("It uses a vision encoder with 400M parameters.", set()),
        ("Sizes are ranging from 7 billion to 70 billion parameters.", set()),
        ("GPT-3 has 175B parameters.", set()),
        ("An 8x7B mixture, also known as A3B.", set()),
        ("This model also comes in a 13B parameter version.", set()),
    ],
)
def test_prose(text: str, expected: set[tuple[str, int]]) -> None:
    assert found(text) == expected


def test_what_is_refused_is_recorded_with_a_reason() -> None:
    (refusal,) = claims("# Example-7B\n\nThis variant does not support a context length of 100k tokens.").refusals
    assert (refusal.kind, refusal.raw, refusal.line, refusal.reason) == (CONTEXT, "100k", 3, "denied in the same sentence")


def test_a_training_run_states_no_context() -> None:
    card = "## Training\n\n- learning rate: 1e-4\n- batch size: 128\n- sequence length: 2048\n"
    assert not claims(card).claims
    assert claims(card).refusals
    assert found("## Architecture\n\n- layers: 32\n- sequence length: 2048\n") == {(LAYERS, 32), (CONTEXT, 2048)}


def test_rows_of_models_are_told_apart() -> None:
    card = """
| Model | #Total Params | #Activated Params | Context Length |
|---|---|---|---|
| Example-16B | 16B | 2.4B | 32k |
| Example-7B | 7B | 1.4B | 128k |
| Other-9B | 9B | - | 8k |
"""
    by_relation = {(c.kind, c.raw): c.relation for c in claims(card).claims}
    assert by_relation[TOTAL, "7B"] == "self"
    assert by_relation[CONTEXT, "32k"] == "sibling"
    assert "9B" not in {raw for _, raw in by_relation}
    assert {r.raw for r in claims(card).refusals} == {"9B", "8k"}


def test_in_a_comparison_only_the_own_column_is_read() -> None:
    card = """
| | Benchmark | Other-1 | Qwen2.5 72B | Example-7B |
|---|---|---|---|---|
| | # Total Params | 236B | 72B | 7B |
| | MMLU | 78.4 | 85.0 | 87.1 |
"""
    assert found(card) == {(TOTAL, 7 * 10**9)}


def test_in_a_table_of_scores_only_rows_of_the_own_series_are_read() -> None:
    card = "| Model | Size | MMLU |\n|---|---|---|\n| Example | 7B | 60.1 |\n| Example | 13B | 65.2 |\n| CodeLlama | 34B | 40.0 |\n"
    assert {(c.accepted[0], c.relation) for c in claims(card).claims} == {(7 * 10**9, "self"), (13 * 10**9, "sibling")}


def test_an_html_table_is_read() -> None:
    card = "<table><tr><th>Model</th><th>Params</th></tr>\n<tr><td>Example-7B</td><td>2B (Activated)\n 7B (Total)</td></tr></table>"
    assert {(c.kind, c.raw, c.line) for c in claims(card).claims} == {(ACTIVE, "2B", 2), (TOTAL, "7B", 3)}


def test_a_claim_shows_where_it_stands_and_what_it_can_mean() -> None:
    claim = only("---\ntags: [a]\n---\n# Example-7B\n\n- **Context Length**: 128K tokens")
    assert claim.accepted == (131072, 128000)
    assert claim.quanta == (1024, 1000)
    assert (claim.line, claim.columns, claim.raw) == (6, (23, 27), "128K")
    assert claim.quote == "- **Context Length**: 128K tokens"
    assert (claim.emitter, claim.role, claim.relation, claim.unit) == ("label", "stated", "self", "tokens")
    assert claim.section == ("Example-7B",)


def test_a_size_beside_others_is_the_model_s_only_where_its_name_says_so() -> None:
    text = "It has 1.5 billion parameters. There are 124 million, 355 million and 774 million parameter models too."
    assert {c.relation for c in claims(text, "example/example").claims} == {"family"}
    assert {c.relation for c in claims(text, "example/Example-1.5B").claims if c.accepted == (1_500_000_000,)} == {"self"}


def test_roles_of_a_context() -> None:
    text = "- Context Length: 32,768 natively and 131,072 tokens with YaRN"
    assert {(c.accepted[0], c.role) for c in claims(text).claims} == {(32768, "native"), (131072, "extended")}


def test_a_rope_snippet_states_lengths() -> None:
    card = '```json\n{"rope_scaling": {"type": "yarn", "factor": 4.0, ..., "original_max_position_embeddings": 32768}}\n```\n'
    claim = only(card)
    assert (claim.accepted, claim.role, claim.emitter, claim.line) == ((32768,), "native", "snippet", 2)


def test_a_heading_that_names_another_size_says_whose_numbers_follow() -> None:
    card = "# Example\n\n## Example-13B\n\n- Number of Layers: 40\n\n## Example-7B\n\n- Number of Layers: 32\n"
    assert {(c.accepted[0], c.relation) for c in claims(card).claims} == {(40, "sibling"), (32, "self")}


def test_the_labelled_cards() -> None:
    """The aim of the card reader: hardly a wrong claim, and most of the right ones (see benchmarks/claims.py)."""
    from benchmarks.claims import pooled, score

    tally, _ = score(corpus() / "cards", rounds=1)
    counts = pooled(tally)
    assert counts["right"] >= 0.98 * (counts["right"] + counts["wrong"])
    assert counts["found"] >= 0.90 * (counts["found"] + counts["missed"])
    assert counts["adjudicated"] <= 0.02 * counts["right"]
    assert not counts.get("negatives kept")
