"""What a reported score leaves unsaid: examples, decoding, metric, judge, subset; and settings that differ where scores are compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, pairwise

from specverify.card.evaluation import hygiene
from specverify.card.evaluation.benchmarks import mentions
from specverify.card.evaluation.evaluations import Evaluations
from specverify.card.evaluation.scores import EVAL_RESULTS, MODEL_INDEX, PROSE, TABLE, Score
from specverify.card.evaluation.settings import CELL, DECODING, HEADER, LEADERBOARD, METRIC, ROW, SAMPLES, SHOTS, shots_in
from specverify.card.evaluation.tables import LABELS
from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, rule
from specverify.rules.evaluation.shown import NO_SCORES, at_scores, names

HARNESS_ISSUE = "https://github.com/EleutherAI/lm-evaluation-harness/issues/1213"
MMLU_POST = "https://huggingface.co/blog/open-llm-leaderboard-mmlu"
_NEAR = (CELL, ROW, HEADER)
_ESTIMATE = Pattern(r"(pass|avg|mean|maj|cons|best)\w{0,5}[@-](\d{1,5}|k\b)", re.IGNORECASE)
_SHOTS = Pattern(r"\(?\b(?:\d{1,3}|zero|one|few|no)[- ]?shots?\b\)?", re.IGNORECASE)
_JOINS = Pattern(r" ?(?:/|,|&|\+|or|and) ?", re.IGNORECASE)
_COMPARES = Pattern(
    r"\b(?:than|versus|vs|compared (?:to|with)|outperform\w{0,3}|beat\w{0,4}|surpass\w{0,3}|exceed\w{0,3}|against|above|ahead of|below|"
    r"behind)\b"
    r"(?!.{0,90}(?:[,;]| and ))",
    re.IGNORECASE,
)


@rule("EVL002", severity="warning", confidence="medium", source=MMLU_POST)
def shots_unstated(evaluations: Evaluations) -> Iterator[Found]:
    """A score depends on examples in the prompt, and the card says neither how many nor whether the model reasons first.

    ## Why
    The same LLaMA-65B got 0.637 and 0.488 on MMLU from two programs (huggingface.co/blog/open-llm-leaderboard-mmlu). A score
    without its number of examples, or a word on chain of thought, cannot be set beside another.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |
    ```

    ## Fix
    State the number of examples, and whether chain of thought or a thinking mode is on, in the table or beside it.
    """
    lacking = _lacking(evaluations, hygiene.lacks_shots)
    if lacking:
        yield Found(
            f"{_many(lacking)} on {names(lacking)} {_say(lacking)} neither the number of examples nor whether the model reasons first.",
            at_scores(evaluations, lacking),
            "State shots and chain of thought in the table or beside it; until then, compare with no other model's number.",
            severity="info" if evaluations.prompting_named else _milder(lacking),
        )


@rule("EVL003", severity="warning", confidence="medium", source=HARNESS_ISSUE)
def decoding_unstated(evaluations: Evaluations) -> Iterator[Found]:
    """Scores of generated answers stand without a word on decoding: no temperature, greedy, samples, pass@k or averaging.

    ## Why
    Greedy and sampled answers score differently, and AIME has thirty questions: one run more or less is three points. An info
    where the score is of many questions or the settings may stand elsewhere, a warning for the small sets. Scores that nobody can
    reproduce for want of a word on prompts and decoding: EleutherAI/lm-evaluation-harness issue 1213.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | MATH-500 (pass@1) | AIME 2024 | HumanEval (pass@1) | IFEval | ToxiGen |
    |---|---|---|---|---|---|
    | 41.2 | 30.1 | 3.3 | 22.0 | 35.5 | 60.1 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | MATH-500 (pass@1) | AIME 2024 | HumanEval (pass@1) | IFEval | ToxiGen |
    |---|---|---|---|---|---|
    | 41.2 | 30.1 | 3.3 | 22.0 | 35.5 | 60.1 |
    ```

    ## Fix
    State temperature and top-p, or greedy, and for sampled answers how many were averaged.
    """
    lacking = _lacking(evaluations, lambda score: hygiene.lacks_decoding(score) and not hygiene.lacks_metric(score))
    if lacking:
        small = any(score.benchmark.small for score in lacking)
        yield Found(
            f"{_many(lacking)} of generated answers ({names(lacking)}) {_say(lacking)} nothing of decoding or samples.",
            at_scores(evaluations, lacking),
            "State temperature and top-p, or greedy, and how many samples were averaged.",
            severity=_milder(lacking) if small and not evaluations.decoding_named else "info",
        )


@rule("EVL004", severity="warning", confidence="medium", source=HARNESS_ISSUE)
def settings_differ_in_one_comparison(evaluations: Evaluations) -> Iterator[Found]:
    """One benchmark is compared across models under different settings: other shots, or one sample against a vote of many.

    ## Why
    Published comparisons have set 32 samples with chain of thought beside 5 examples (arXiv:2312.11805, MMLU). The gap may be
    the setting's and not the model's.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | Benchmark | Example-1B (8-shot) | Other-1B (0-shot) |
    |---|---|---|
    | GSM8K | 30.1 | 24.0 |
    | MMLU | 41.2 | 40.0 |
    | HumanEval | 22.0 | 20.0 |
    | IFEval | 35.5 | 30.0 |
    | ToxiGen | 60.1 | 58.0 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | Benchmark | Example-1B (5-shot) | Other-1B (5-shot) |
    |---|---|---|
    | GSM8K | 30.1 | 24.0 |
    | MMLU | 41.2 | 40.0 |
    | HumanEval | 22.0 | 20.0 |
    | IFEval | 35.5 | 30.0 |
    | ToxiGen | 60.1 | 58.0 |
    ```

    ## Fix
    Run every model under one setting, or give each setting a table of its own.
    """
    mixed = [group for group in _comparisons(evaluations) if _differ(group)]
    if mixed:
        scores = [score for group in mixed for score in group]
        settings = sorted({setting for group in mixed for score in group for setting in _stated(score)})
        yield Found(
            f"On {names(scores)} models are compared under different settings ({', '.join(settings[:6])}).",
            at_scores(evaluations, scores),
            "Compare under one setting, or read the difference as the setting's.",
        )


@rule("EVL005", severity="info", confidence="medium", source="https://arxiv.org/abs/2107.03374")
def metric_unnamed(evaluations: Evaluations) -> Iterator[Found]:
    """A benchmark that is reported by several metrics has a score whose metric is not named.

    ## Why
    HumanEval and MBPP are reported as pass@1, pass@10 and pass@100 (arXiv:2107.03374), DROP and SQuAD as exact match and F1, and
    the differences are of tens of points. Qwen-7B and InternLM-20B print both without one.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |
    ```

    ## Fix
    Name the metric: pass@1 and how many samples it is estimated from, exact match, or F1.
    """
    lacking = _lacking(evaluations, hygiene.lacks_metric)
    if lacking:
        yield Found(
            f"{_many(lacking)} on {names(lacking)} {_say(lacking)} not by which metric.",
            at_scores(evaluations, lacking),
            "Name the metric (pass@1, exact match, F1) and how answers were decoded.",
        )


@rule("EVL006", severity="info", confidence="medium", source="https://arxiv.org/abs/2107.03374")
def samples_unstated(evaluations: Evaluations) -> Iterator[Found]:
    """pass@k with k above 1 is given without the number of samples it is estimated from, or a vote without its size.

    ## Why
    pass@k is an estimate from n samples, n at least k, and moves with temperature (arXiv:2107.03374). `maj` and `cons` without a
    number say nothing of how many votes there were. The card of BLOOM prints pass@10 and pass@100 so.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K (pass@10) | HumanEval (pass@10) | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, pass@10 from 50 samples at temperature 0.8, IFEval by prompt with strict matching.
    No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |
    ```

    ## Fix
    State how many samples were drawn and at which temperature.
    """
    lacking = [score for score in evaluations.own if _needs_samples(score)]
    if not evaluations.own:
        raise Skip(NO_SCORES)
    if lacking:
        yield Found(
            f"{_many(lacking)} on {names(lacking)} {_is(lacking)} of the best of several answers, and of how many is not said.",
            at_scores(evaluations, lacking),
            "State the number of samples and the temperature.",
        )


@rule("EVL007", severity="warning", confidence="medium", source="https://arxiv.org/abs/2306.05685")
def judge_unnamed(evaluations: Evaluations) -> Iterator[Found]:
    """A score that another model's judgement makes is given, and the judge is not named.

    ## Why
    MT-Bench, AlpacaEval and Arena-Hard grade with a model (arXiv:2306.05685). Another judge, or another version of it, gives
    other scores to the same answers. Ming-Lite-Omni prints an AlpacaEval of 4.63 by nobody.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | MT-Bench | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 6.1 | 60.1 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.
    MT-Bench answers are judged by gpt-4-0613.

    | MMLU | GSM8K | HumanEval | MT-Bench | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 6.1 | 60.1 |
    ```

    ## Fix
    Name the judge and its version.
    """
    lacking = _lacking(evaluations, hygiene.lacks_judge)
    if lacking:
        yield Found(
            f"{_many(lacking)} on {names(lacking)} {_is(lacking)} given by a judge that the card does not name.",
            at_scores(evaluations, lacking),
            "Name the judge and its version.",
            severity=_milder(lacking),
        )


@rule("EVL008", severity="warning", confidence="medium", source="https://arxiv.org/abs/2311.12022")
def subset_unstated(evaluations: Evaluations) -> Iterator[Found]:
    """A benchmark with several subsets, years or versions has a score, and which one was run is not said.

    ## Why
    GPQA is 448 questions, 198 of them `diamond` (arXiv:2311.12022); SWE-bench Verified is not SWE-bench Lite; LiveCodeBench
    changes with its window, AIME with its year, and IFEval has four accuracies. The card of Llama-3.2-1B-Instruct names no subset
    of GPQA.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | GPQA | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | GPQA Diamond | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |
    ```

    ## Fix
    Name the subset or version: GPQA Diamond, SWE-bench Verified, the LiveCodeBench window, the AIME year, strict or loose.
    """
    lacking = _lacking(evaluations, lambda score: hygiene.lacks_part(score, evaluations.notes))
    if lacking:
        yield Found(
            f"{_many(lacking)} on {names(lacking)} {_say(lacking)} not which subset or version was run.",
            at_scores(evaluations, lacking),
            "Name the subset or version that was run.",
            severity=_milder(lacking),
        )


@rule("EVL009", severity="warning", confidence="medium", source="https://arxiv.org/abs/2406.01574")
def variants_taken_for_one(evaluations: Evaluations) -> Iterator[Found]:
    """Scores on two variants of one benchmark stand where they read as comparable: MMLU-Pro for MMLU, MATH-500 for MATH.

    ## Why
    MMLU-Pro has ten choices and harder questions: models lose 16 to 33 points from MMLU to it (arXiv:2406.01574). Rows of
    their own are fine; one row, one cell or one sentence for both is not.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | Benchmark | Example-1B | Other-1B |
    |---|---|---|
    | MMLU | 41.2 | 22.4 (MMLU-Pro) |
    | GSM8K | 30.1 | 24.0 |
    | HumanEval | 22.0 | 20.0 |
    | IFEval | 35.5 | 30.0 |
    | ToxiGen | 60.1 | 58.0 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | Benchmark | Example-1B | Other-1B |
    |---|---|---|
    | MMLU | 41.2 | 40.0 |
    | MMLU-Pro | 18.5 | 22.4 |
    | GSM8K | 30.1 | 24.0 |
    | HumanEval | 22.0 | 20.0 |
    | IFEval | 35.5 | 30.0 |
    | ToxiGen | 60.1 | 58.0 |
    ```

    ## Fix
    Give each variant a row of its own, with every model on it or none.
    """
    if not evaluations.scores:
        raise Skip(NO_SCORES)
    joined = [*_joined(evaluations.scores), *_crossed(evaluations.scores), *_in_one_sentence(evaluations.scores)]
    if joined:
        families = sorted({str(score.benchmark.family) for score in joined})
        yield Found(
            f"Scores on different variants of {' and '.join(families)} are set beside each other as if they were of one benchmark.",
            at_scores(evaluations, joined),
            "Compare models on the same variant only.",
        )


def _lacking(evaluations: Evaluations, lacks: Callable[[Score], bool]) -> list[Score]:
    """The model's own scores that lack something. Skips where the card has no scores at all."""
    if not evaluations.own:
        raise Skip(NO_SCORES)
    return [score for score in evaluations.own if score.emitter != EVAL_RESULTS and lacks(score)]


def _many(scores: Sequence[Score]) -> str:
    places = {(score.file, score.line, score.benchmark.name) for score in scores}
    return "The score" if len(places) == 1 else f"{len(places)} scores"


def _say(scores: Sequence[Score]) -> str:
    return "says" if _many(scores) == "The score" else "say"


def _is(scores: Sequence[Score]) -> str:
    return "is" if _many(scores) == "The score" else "are"


def _milder(scores: Sequence[Score]) -> str | None:
    """Info where the card points to a report, or the scores stand only where no slot for settings is: they may stand elsewhere."""
    return "info" if all(hygiene.stated_elsewhere(score) or score.emitter == MODEL_INDEX for score in scores) else None


def _comparisons(evaluations: Evaluations) -> Iterator[list[Score]]:
    """The scores of one benchmark under one label of one table, where several models have one."""
    groups: dict[tuple[int | None, str, str], list[Score]] = {}
    for score in evaluations.scores:
        if score.emitter == TABLE:
            groups.setdefault((score.table, score.benchmark.name, score.written), []).append(score)
    for group in groups.values():
        if any(score.own for score in group) and len({score.subject for score in group}) > 1:
            yield group


def _stated(score: Score) -> frozenset[str]:
    """The shots and the kind of estimate a score stands under, in one spelling: by its cell or its model's name, else by its row."""
    found = set()
    for text in (score.value.rest, score.subject or ""):
        if (shots := shots_in(text)) is not None:
            found.add(shots)
        for how in _ESTIMATE.finditer(text):
            kind, count = how.group(1).lower(), how.group(2)
            found.add("one sample" if kind in ("avg", "mean") or (kind == "pass" and count == "1") else f"{kind}@{count}")
    row = next((s.text for s in score.settings if s.kind == SHOTS and s.where == ROW), None) if not found else None
    return frozenset(found | {row} if row is not None and shots_in(row) == row else found)


def _differ(group: Sequence[Score]) -> bool:
    """Whether two models stand under settings that have nothing in common, where both state theirs."""
    by_model: dict[str, set[str]] = {}
    for score in group:
        name = _SHOTS.sub("", _ESTIMATE.sub("", score.subject or "")).strip(" -(),")
        by_model.setdefault(name, set()).update(_stated(score))
    return any(a and b and a.isdisjoint(b) for a, b in combinations(by_model.values(), 2))


def _needs_samples(score: Score) -> bool:
    """Whether it is a pass@k with k above 1 or a vote, and nothing says out of how many samples, or at which temperature."""
    near = [setting for setting in score.settings if setting.where in _NEAR and setting.kind in (SAMPLES, METRIC)]
    several = any(
        (how := _ESTIMATE.match(setting.text)) is not None and how.group(1).lower() == "pass" and how.group(2) not in ("1", "k")
        for setting in near
    )
    counted = any(setting.kind == SAMPLES and not _ESTIMATE.match(setting.text) for setting in score.settings)
    return several and not counted and score.setting(DECODING, LEADERBOARD) is None


def _joined(scores: Iterable[Score]) -> Iterator[Score]:
    """Scores whose label names two variants at once, or whose cell names another than the label does."""
    for score in scores:
        family = score.benchmark.family
        if family is None or score.emitter != TABLE:
            continue
        inside = [mention.benchmark for mention in mentions(score.value.rest) if mention.benchmark.family == family]
        if any(benchmark.name != score.benchmark.name for benchmark in inside) or any(map(_names_both, score.written.split(LABELS))):
            yield score


def _names_both(label: str) -> bool:
    """Whether a label gives one number for two benchmarks of a family."""
    return any(
        first.benchmark.family == second.benchmark.family is not None
        and first.benchmark.name != second.benchmark.name
        and _JOINS.fullmatch(label, first.end, second.start)
        for first, second in pairwise(mentions(label))
    )


def _crossed(scores: Iterable[Score]) -> Iterator[Score]:
    """Scores of a table where each model has one variant only, and not the same: nothing on it can be compared."""
    tables: dict[tuple[int | None, str], list[Score]] = {}
    for score in scores:
        if score.emitter == TABLE and score.benchmark.family is not None and score.subject:
            tables.setdefault((score.table, score.benchmark.family), []).append(score)
    for group in tables.values():
        by_model: dict[str, set[str]] = {}
        for score in group:
            by_model.setdefault(score.subject or "", set()).add(score.benchmark.name)
        variants = [next(iter(named)) for named in by_model.values() if len(named) == 1]
        if len(by_model) > 1 and len(variants) == len(by_model) and len(set(variants)) == len(variants):
            yield from group


def _in_one_sentence(scores: Iterable[Score]) -> Iterator[Score]:
    """Scores on two variants where the sentence sets one number against the other."""
    lines: dict[tuple[int, str | None, str], list[Score]] = {}
    for score in scores:
        if score.emitter == PROSE and score.benchmark.family is not None:
            lines.setdefault((score.line, score.benchmark.family, score.column), []).append(score)
    for (_, family, sentence), group in lines.items():
        named = [mention for mention in mentions(sentence) if mention.benchmark.family == family]
        for first, second in pairwise(named):
            if first.benchmark is not second.benchmark and _COMPARES.search(sentence, first.end, second.start):
                yield from (score for score in group if score.benchmark in (first.benchmark, second.benchmark))
