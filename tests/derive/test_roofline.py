"""FLOPs of a prompt and of a step, against sums done by hand and by enumeration."""

from __future__ import annotations

import pytest

from specverify import num
from specverify.derive.roofline import pairs
from tests.architectures.plans import SMALL
from tests.derive.served import DENSE, figure


@pytest.mark.parametrize("context", [1, 2, 5, 8])
@pytest.mark.parametrize("window", [None, 1, 3, 8, 20])
def test_pairs_that_are_scored(context: int, window: int | None) -> None:
    seen = sum(1 for query in range(context) for key in range(query + 1) if window is None or query - key < window)
    reach = None if window is None else num.const(window)
    assert pairs(num.const(context), reach, causal=True).value == seen


@pytest.mark.parametrize("context", [1, 2, 5, 8, 24])
@pytest.mark.parametrize("chunk", [1, 3, 8, 20])
def test_pairs_that_are_scored_in_chunks(context: int, chunk: int) -> None:
    seen = sum(1 for query in range(context) for key in range(query + 1) if query // chunk == key // chunk)
    assert pairs(num.const(context), num.const(chunk), causal=True, chunked=True).value == seen


def test_both_ways_every_pair_is_scored() -> None:
    assert pairs(num.const(512), None, causal=False).value == 512 * 512


LAYER = 2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48


def test_flops_of_a_prompt_by_hand() -> None:
    n, layers, hidden = 16, 4, 32
    scores = layers * 2 * 4 * (8 + 8) * (n * (n + 1) // 2)
    assert figure("prefill.flops", DENSE, context=n) == 2 * layers * LAYER * n + scores + 2 * 97 * hidden


def test_flops_of_a_step_by_hand() -> None:
    n, layers, hidden = 16, 4, 32
    one = 2 * (layers * LAYER + 97 * hidden) + layers * 2 * 4 * (8 + 8) * n
    assert figure("decode.flops", DENSE, context=n) == one
    assert figure("decode.flops", DENSE, context=n, concurrency=7) == 7 * one


def test_biases_are_added_and_not_multiplied() -> None:
    bare = {**DENSE, "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]}
    assert figure("prefill.flops", bare, context=16) == figure("prefill.flops", DENSE, context=16)


def test_balancing_biases_of_two_rows_are_added_too() -> None:
    """ERNIE 4.5-VL: four more experts, of which no more are chosen, widen two routers in each of three layers and their bias."""
    text = {**SMALL, "head_dim": 8, "moe_k": 2, "moe_intermediate_size": [16, 12]}
    vision = {"depth": 2, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "patch_size": 4}
    config = {"model_type": "ernie4_5_vl_moe", "architectures": ["Ernie4_5_VLMoeForConditionalGeneration"], "vision_config": vision}
    few, many = (figure("decode.flops", {**config, "text_config": {**text, "moe_num_experts": n}}, context=9) or 0 for n in (4, 8))
    assert many - few == 2 * 3 * 2 * 32 * 4


def test_flops_count_the_experts_a_token_chooses() -> None:
    mixtral = {**DENSE, "model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "num_local_experts": 8}
    one, two = (figure("prefill.flops", {**mixtral, "num_experts_per_tok": k}, context=10) or 0 for k in (1, 2))
    assert two - one == 2 * 10 * 4 * 3 * 32 * 48


def test_flops_of_windows_are_fewer() -> None:
    unwindowed = {**DENSE, "model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": None}
    long = figure("prefill.flops", unwindowed, context=100) or 0
    short = figure("prefill.flops", {**unwindowed, "sliding_window": 10}, context=100) or 0
    missing = 100 * 101 // 2 - (10 * 100 - 45)
    assert long - short == 4 * 2 * 4 * 16 * missing
    step = {window: figure("decode.flops", {**unwindowed, "sliding_window": window}, context=100) or 0 for window in (None, 10)}
    assert step[None] - step[10] == 4 * 2 * 4 * 16 * 90


def test_latent_attention_scores_expanded_heads() -> None:
    """DeepSeek-V3: 128 heads of 128 + 64 for scores and 128 for values, in 61 layers."""
    one, two, three = (figure("prefill.flops", "deepseek-v3", context=n) or 0 for n in (1, 2, 3))
    assert (three - two) - (two - one) == 2 * 61 * 128 * (128 + 64 + 128)


def test_a_step_of_latent_attention_scores_the_latents() -> None:
    """128 heads of 512 + 64 for scores and 512 for values: 2 x 128 x 1,088 FLOPs for each of 576 x 2 B read, some 242 FLOP/B."""
    one, two = (figure("decode.flops", "deepseek-v3", context=n) or 0 for n in (1000, 1001))
    assert two - one == 2 * 61 * 128 * (576 + 512)
    assert (two - one) / (61 * 576 * 2) == pytest.approx(242, abs=1)


def test_sparse_attention_scores_the_tokens_an_indexer_picks() -> None:
    """DeepSeek-V3.2 picks 2,048: from there on a step grows by the indexer's keys of 128 alone, counted for one head."""
    two, more = (figure("decode.flops", "deepseek-v3.2", context=n) or 0 for n in (4096, 4097))
    assert more - two == 61 * 2 * 128
    long, longer, longest = (figure("prefill.flops", "deepseek-v3.2", context=n) or 0 for n in (4096, 4097, 4098))
    assert (longest - longer) - (longer - long) == 61 * 2 * 128


def test_the_prompt_of_an_encoder_decoder_is_what_its_encoder_reads() -> None:
    """T5-base: 12 layers of 4 x 768 x 768 and 2 x 768 x 3,072, scores of 12 heads of 64, and the decoder's keys and values."""
    n = 512
    encoder = 12 * (4 * 768 * 768 + 2 * 768 * 3072)
    cross = 12 * 2 * 768 * 768
    assert figure("prefill.flops", "t5-base", encoder_context=n) == 2 * (encoder + cross) * n + 12 * 2 * 12 * (64 + 64) * n * n


def test_a_step_of_an_encoder_decoder_does_not_make_keys_of_the_encoder_again() -> None:
    n, m = 10, 512
    weights = 12 * (4 * 768 * 768 + 2 * 768 * 768 + 2 * 768 * 3072) + 32128 * 768
    scores = 12 * 2 * 12 * (64 + 64) * (n + m)
    assert figure("decode.flops", "t5-base", context=n, encoder_context=m) == 2 * weights + scores
