"""How much of the minimal set of benchmarks a card covers, and how much of that with the settings needed to compare."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from specverify.card.card import Card
from specverify.card.evaluation import hygiene
from specverify.card.evaluation.benchmarks import (
    CODE,
    EMBEDDING,
    INSTRUCTION,
    KNOWLEDGE,
    LONG,
    MATH,
    MULTILINGUAL,
    MULTIMODAL,
    NEEDLE,
    SAFETY,
    SPEECH,
    TRUTH,
    UNDERSTANDING,
)
from specverify.card.evaluation.evaluations import Evaluations
from specverify.card.evaluation.scores import Score
from specverify.card.metadata import entries
from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, rule
from specverify.rules.evaluation.shown import NO_SCORES, at_scores
from specverify.spec import ModelSpec

_TEXT = (KNOWLEDGE, MATH, CODE, INSTRUCTION, SAFETY)
_RETRIEVAL_TAGS = frozenset(("text-ranking", "feature-extraction", "sentence-similarity"))
_RETRIEVAL_NAME = Pattern(r"rerank|embed(?:ding)?s?\b|retriev", re.IGNORECASE)
_IMAGE_TAGS = frozenset(("image-text-to-text", "visual-question-answering", "any-to-any", "video-text-to-text"))
_SPEECH_TAGS = frozenset(("automatic-speech-recognition",))
_NOT_LANGUAGES = frozenset(("code", "multilingual"))
_PARTIAL = {TRUTH: "TruthfulQA alone", NEEDLE: "a needle test alone"}


class Coverage(NamedTuple):
    """Groups of the minimal set that apply to a model, those with a score of its own, and those with one that states its settings.

    `remarks` says of a group what there is that does not suffice. `form` is the task form the groups follow from. Two
    numbers and never a grade: one score on a group says nothing of how good it is.
    """

    form: str
    applicable: tuple[str, ...]
    reported: tuple[str, ...]
    with_settings: tuple[str, ...]
    remarks: Mapping[str, str]

    @property
    def missing(self) -> tuple[str, ...]:
        """The groups without a score."""
        return tuple(group for group in self.applicable if group not in self.reported)

    def __str__(self) -> str:
        return f"{len(self.reported)}/{len(self.applicable)} ({len(self.with_settings)}/{len(self.applicable)} with settings)"


def coverage(evaluations: Evaluations, spec: ModelSpec, metadata: Mapping[str, Any]) -> Coverage | str:
    """The coverage of a card; where no minimal set applies, or the task form is not known, the reason why."""
    found = _form(evaluations, spec, metadata)
    if isinstance(found, str):
        return found
    form, groups = found
    own = {group: [score for score in evaluations.own if _counts(score, group)] for group in groups}
    remarks = {group: why for group in groups if not own[group] and (why := _remark(evaluations, group)) is not None}
    complete = tuple(group for group in groups if any(hygiene.with_settings(score, evaluations.notes) for score in own[group]))
    return Coverage(form, groups, tuple(group for group in groups if own[group]), complete, remarks)


def _form(evaluations: Evaluations, spec: ModelSpec, metadata: Mapping[str, Any]) -> tuple[str, tuple[str, ...]] | str:
    """The task form and the groups it asks for; a reason where neither can be told."""
    tag = metadata.get("pipeline_tag")
    tag = tag if isinstance(tag, str) else None
    prototype = spec.value("prototype")
    if tag in _SPEECH_TAGS:
        return "speech recognition", (SPEECH,)
    embeds_only = bool(evaluations.own) and all(score.benchmark.group == EMBEDDING for score in evaluations.own)
    if embeds_only or tag in _RETRIEVAL_TAGS or any(_RETRIEVAL_NAME.search(name) for name in evaluations.subject.names):
        return "embedding or reranking", (EMBEDDING,)
    if prototype == "encoder-only":
        return "encoder", (EMBEDDING,)
    if prototype not in ("decoder-only", "prefix-lm"):
        return "no minimal set is defined for a model of this form" if prototype is not None else "the task form is not known"
    groups = list(_TEXT)
    if _languages(metadata) > 1:
        groups.append(MULTILINGUAL)
    if evaluations.longest_context is not None:
        groups.append(LONG)
    if tag in _IMAGE_TAGS or spec.value("modality_interface") not in (None, "text only"):
        groups.append(MULTIMODAL)
    return "open text", tuple(groups)


def _languages(metadata: Mapping[str, Any]) -> int:
    """How many languages the metadata name; `multilingual` counts as several."""
    named = {item.lower() for _, item in entries(metadata, "language") if isinstance(item, str)}
    return len(named - _NOT_LANGUAGES) + (2 if "multilingual" in named else 0)


def _counts(score: Score, group: str) -> bool:
    """Whether a score shows something of a group; the narrow benchmarks alone do not."""
    if score.benchmark.kind in _PARTIAL:
        return False
    return score.benchmark.group == group or (group == EMBEDDING and score.benchmark.group == UNDERSTANDING)


def _remark(evaluations: Evaluations, group: str) -> str | None:
    kinds = {score.benchmark.kind for score in evaluations.own if score.benchmark.group == group}
    if group == LONG and evaluations.notes.needle:
        kinds.add(NEEDLE)
    return next((said for kind, said in _PARTIAL.items() if kind in kinds), None)


@rule("EVL022", severity="info", confidence="medium", source="https://arxiv.org/abs/2211.09110")
def evaluation_coverage(evaluations: Evaluations, spec: ModelSpec, card: Card) -> Iterator[Found]:
    """The scores leave groups of the minimal set out: knowledge, math, code, instruction, safety, and what the model's form adds.

    ## Why
    A model that is good at three things is read as good at all (HELM, arXiv:2211.09110). Two numbers: groups with a score, and groups
    with one that can be compared. An embedding or reranking model is asked for retrieval only. No grade follows.

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

    | MMLU | GSM8K | HumanEval | IFEval |
    |---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 |
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
    Measure the groups that matter for the use at hand; the card does not show them.
    """
    if not evaluations.own:
        raise Skip(NO_SCORES)
    covered = coverage(evaluations, spec, card.metadata)
    if isinstance(covered, str):
        raise Skip(covered)
    if any(group not in covered.remarks for group in covered.missing):
        groups = ", ".join(f"{group} ({covered.remarks[group]})" if group in covered.remarks else group for group in covered.missing)
        yield Found(
            f"Evaluation coverage is {covered}; not shown: {groups}.",
            at_scores(evaluations, _one_of_each(evaluations)),
            "Measure the missing groups that matter for the use at hand.",
        )


def _one_of_each(evaluations: Evaluations) -> list[Score]:
    """The first score of each group."""
    return list({score.benchmark.group: score for score in reversed(evaluations.own)}.values())
