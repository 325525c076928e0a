"""Whether scores can be believed as they stand: files that can be read, one scale, one value, sources, contamination."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from specverify.card.evaluation.benchmarks import EMBEDDING, PREFERENCE, SPEECH, UNDERSTANDING
from specverify.card.evaluation.evaluations import Evaluations
from specverify.card.evaluation.scores import EVAL_RESULTS, MODEL_INDEX, TABLE, Score
from specverify.card.evaluation.settings import CELL, HARNESS, HEADER, LEADERBOARD, METRIC, REPORT, ROW, SHOTS, shots_in
from specverify.facts import Source
from specverify.outcome import Evidence
from specverify.rules.engine import Found, Skip, rule
from specverify.rules.evaluation.shown import NO_SCORES, at_scores, names

EVAL_FORMAT = "https://huggingface.co/docs/hub/eval-results"
_NEAR = (CELL, ROW, HEADER)
_NO_CONTAMINATION = (EMBEDDING, PREFERENCE, SPEECH, UNDERSTANDING)
"""Groups whose training sets are public on purpose, or that have no questions to leak."""
_OTHER_UNITS = ("LAMBADA", "WMT", "FLORES")
"""Reported as perplexity or BLEU as well, in the same tables."""
_OVERLAP = ("bleu", "rouge", "chrf")
_CHOICES = frozenset(
    (
        "MMLU",
        "MMLU-Pro",
        "MMLU-Redux",
        "CMMLU",
        "C-Eval",
        "ARC",
        "HellaSwag",
        "WinoGrande",
        "PIQA",
        "SIQA",
        "BoolQ",
        "OpenBookQA",
        "GPQA",
        "TruthfulQA",
    )
)
"""Multiple choice: guessing gets ten in a hundred or more."""
_STRUCTURED = (MODEL_INDEX, EVAL_RESULTS)


@rule("EVL001", severity="warning", source=EVAL_FORMAT)
def evaluation_file_unreadable(evaluations: Evaluations) -> Iterator[Found]:
    """A file of `.eval_results` cannot be read, or a result in it lacks what the format asks for.

    ## Why
    The Hub shows these results beside the model; `dataset.id`, `dataset.task_id` and `value` are required
    (huggingface.co/docs/hub/eval-results). One that is no YAML shows nothing, and a reader sees a model without results.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```yaml bad .eval_results/gpqa.yaml
    - dataset: {id: Idavidrein/gpqa, task_id: diamond}
      value: high
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```yaml good .eval_results/gpqa.yaml
    - dataset: {id: Idavidrein/gpqa, task_id: diamond}
      value: 41.0
      source: {url: 'https://example.org/gpqa'}
    ```

    ## Fix
    Write a YAML list with `dataset.id`, `dataset.task_id` and a number as `value` in every result.
    """
    if not evaluations.problems and not any(score.emitter == EVAL_RESULTS for score in evaluations.scores):
        raise Skip("there is no file of evaluation results")
    if evaluations.problems:
        first = evaluations.problems[0]
        more = f" ({len(evaluations.problems) - 1} more)" if len(evaluations.problems) > 1 else ""
        yield Found(
            f"{first.file}:{first.line}: {first.message}{more}.",
            tuple(Evidence(Source.CLAIMED, problem.file, line=problem.line, note=problem.message) for problem in evaluations.problems[:8]),
            "Write a YAML list of results, each with `dataset.id`, `dataset.task_id` and a number as `value`.",
        )


@rule("EVL018", severity="info", confidence="medium", source="https://arxiv.org/abs/2311.04850")
def contamination_unstated(evaluations: Evaluations, siblings: Mapping[str, str]) -> Iterator[Found]:
    """Scores of public benchmarks are given, and not a word on whether their questions were in the training data.

    ## Why
    A 13B model trained on rephrased test questions reached the scores of GPT-4 (arXiv:2311.04850), and plain n-gram checks did not see
    it. Without a statement nobody can tell a learned answer from a remembered one.

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
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching.

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
    State how training data were checked against the benchmarks, or that they were not.
    """
    scores = [score for score in evaluations.own if score.benchmark.group not in _NO_CONTAMINATION]
    if not scores or evaluations.document is None:
        raise Skip(NO_SCORES)
    if evaluations.notes.contamination is None and not any("contaminat" in text.lower() for text in siblings.values()):
        yield Found(
            f"Scores on {names(scores)} are given without a word on contamination of the training data.",
            at_scores(evaluations, scores[:1]),
            "Ask how the training data were checked, or test on questions that are not public.",
        )


@rule("EVL019", severity="warning", confidence="medium", source=EVAL_FORMAT)
def scales_mixed(evaluations: Evaluations) -> Iterator[Found]:
    """Scores on one benchmark are given as a share of one in one place and of a hundred in another.

    ## Why
    0.412 beside 41.2 sorts, plots and averages wrongly, and a reader takes the smaller for a failure.

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
    | MMLU | 0.412 | 40.0 |
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
    | GSM8K | 30.1 | 24.0 |
    | HumanEval | 22.0 | 20.0 |
    | IFEval | 35.5 | 30.0 |
    | ToxiGen | 60.1 | 58.0 |
    ```

    ## Fix
    Write all scores on one scale.
    """
    if not evaluations.scores:
        raise Skip(NO_SCORES)
    mixed = [score for group in _groups(evaluations.scores) for score in _two_scales(group)]
    if mixed:
        yield Found(
            f"Scores on {names(mixed)} are shares of one in one place and of a hundred in another.",
            at_scores(evaluations, mixed),
            "Bring all scores to one scale before comparing or averaging.",
            severity=None if len({score.table for score in mixed}) == 1 else "info",
        )


@rule("EVL020", severity="info", confidence="medium", source=EVAL_FORMAT)
def scores_by_the_publisher_alone(evaluations: Evaluations) -> Iterator[Found]:
    """Every score is the publisher's word: none is verified or sourced, and no program, leaderboard or report is named.

    ## Why
    A result that carries a `verifyToken`, a source, or the name of the program can be checked or run again. Without any of them
    nobody can find out why a score is not met (EleutherAI/lm-evaluation-harness issue 1213).

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
    5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

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
    Name the program and its version, link a report, or publish the results with their source.
    """
    if not evaluations.own:
        raise Skip(NO_SCORES)
    if not any(s.verified or s.source_url or s.setting(HARNESS, LEADERBOARD, REPORT) is not None for s in evaluations.scores):
        yield Found(
            f"The scores on {names(evaluations.own)} are the publisher's word: no source, verified result, program or report is named.",
            at_scores(evaluations, evaluations.own[:1]),
            "Run the scores that matter again, with settings that are written down.",
        )


@rule("EVL021", severity="warning", confidence="medium", source=EVAL_FORMAT)
def results_disagree(evaluations: Evaluations) -> Iterator[Found]:
    """The metadata and the text of one card give different scores on the same benchmark under the same settings.

    ## Why
    The Hub shows `model-index` and `.eval_results`, people read the table. One of the two is stale, or of another checkpoint.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    model-index:
    - name: Example-1B
      results:
      - task: {type: text-generation}
        dataset: {name: MMLU, type: cais/mmlu}
        metrics: [{type: acc, value: 45.9}]
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

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
    model-index:
    - name: Example-1B
      results:
      - task: {type: text-generation}
        dataset: {name: MMLU, type: cais/mmlu}
        metrics: [{type: acc, value: 41.2}]
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |
    ```

    ## Fix
    Find which is right and correct the other.
    """
    structured = [score for score in evaluations.scores if score.emitter in _STRUCTURED]
    told = [score for score in evaluations.scores if score.emitter not in _STRUCTURED and score.relation == "self"]
    if not structured or not told:
        raise Skip("the scores do not stand both in the metadata and in the text")
    apart = [pair for score in structured if (pair := _nearest(score, told)) is not None]
    if apart:
        score, other = apart[0]
        yield Found(
            f"On {score.benchmark.name} the metadata give {score.value.raw} and the text {other.value.raw}"
            + (f", and on {names([a for a, _ in apart[1:]])} too they differ." if len(apart) > 1 else "."),
            at_scores(evaluations, [one for pair in apart for one in pair]),
            "Find which is right and correct the other.",
        )


def _groups(scores: Sequence[Score]) -> Iterator[list[Score]]:
    """Scores that share a scale: on one benchmark under one label, on one benchmark of the model's own, of one model in a table."""
    groups: dict[object, list[Score]] = {}
    for score in scores:
        if score.benchmark.group == EMBEDDING or score.benchmark.name in _OTHER_UNITS or _near(score, METRIC) in _OVERLAP:
            continue
        groups.setdefault((score.table, score.emitter, score.benchmark.name, score.written), []).append(score)
        if score.relation == "self":
            groups.setdefault(score.benchmark.name, []).append(score)
        if score.emitter == TABLE:
            groups.setdefault((score.table, score.subject), []).append(score)
    yield from groups.values()


def _two_scales(group: Sequence[Score]) -> Sequence[Score]:
    """The group, where it has shares of one and of a hundred.

    A number below one may be a low percentage: it is a share where it has more decimals than the others, or where blind
    guessing gets more than one in a hundred.
    """
    shares = [score for score in group if score.scale == "fraction" and 0 < score.value.value < 1]
    hundreds = [score for score in group if score.scale == "percent" and score.value.value > 1.5]
    if not shares or not hundreds:
        return ()
    finer = min(score.value.decimals for score in shares) > max(score.value.decimals for score in hundreds)
    return group if finer or all(score.benchmark.name in _CHOICES for score in shares) else ()


def _nearest(score: Score, told: Sequence[Score]) -> tuple[Score, Score] | None:
    """A result of the metadata with the nearest of the text, where every one of the text differs by more than its last digit."""
    same = [other for other in told if _alike(score, other)]
    if not same:
        return None
    nearest = min(same, key=lambda other: abs(other.percent_value - score.percent_value))
    step = max(10.0 ** -(one.value.decimals - (2 if one.scale == "fraction" else 0)) for one in (score, nearest))
    return (score, nearest) if abs(nearest.percent_value - score.percent_value) > 1.01 * step + 0.05 else None


def _alike(score: Score, other: Score) -> bool:
    """Whether two scores are of one benchmark, part, metric and number of examples, as far as both say."""
    if (
        score.benchmark.group == EMBEDDING
        or score.benchmark is not other.benchmark
        or score.part != other.part
        or "points" in (score.scale, other.scale)
    ):
        return False
    return _near(score, SHOTS) == _near(other, SHOTS) and (not _near(other, METRIC) or _near(score, METRIC) == _near(other, METRIC))


def _near(score: Score, kind: str) -> str:
    """What is said of a kind right at the score."""
    found = next((setting.text.lower() for setting in score.settings if setting.kind == kind and setting.where in _NEAR), "")
    return (shots_in(found) or found) if kind == SHOTS else found
