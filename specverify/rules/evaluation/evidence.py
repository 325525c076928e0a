"""What the scores of a card cannot show: another checkpoint's, a needle for long context, letters for pictures, speed without hardware."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specverify.card.card import Card
from specverify.card.evaluation.benchmarks import CAPTION, LONG, MULTIMODAL, NEEDLE, OCR, PREFERENCE, SAFETY, TRUTH
from specverify.card.evaluation.context import FORMATS
from specverify.card.evaluation.efficiency import HARDWARE
from specverify.card.evaluation.evaluations import Evaluations
from specverify.card.evaluation.scores import EVAL_RESULTS, Score
from specverify.card.evaluation.settings import BESIDE, LENGTH, TESTED
from specverify.card.evaluation.tables import is_generic
from specverify.card.names import words
from specverify.facts import Source
from specverify.outcome import Evidence
from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, rule
from specverify.rules.evaluation.shown import NO_SCORES, at_lines, at_scores, listing, names
from specverify.spec import ModelSpec

CARDS = "https://huggingface.co/docs/hub/model-cards"
SHORT = "the card claims no context of 32K or more"
RULER = "https://arxiv.org/abs/2404.06654"
_FORMAT_WORD = Pattern(
    r"awq|gptq|gguf|exl[23]|int[48]|fp[48]|nvfp4|mxfp4|nf4|bnb|[2-8]-?bit|w\d{1,2}a\d{1,2}|q[2-8](?:_|$)|mlx|hqq|aqlm|quant\w{0,4}",
    re.IGNORECASE,
)
_TUNED = frozenset(("instruct", "instruction", "chat", "it", "sft", "dpo", "rlhf"))
_BASE = frozenset(("base", "pt", "pretrain", "pretrained"))
_MEAN = Pattern(r"\b(?:avg|average|overall|mean)\b\.?", re.IGNORECASE)
_LENGTH = Pattern(r"\d{1,4} ?[kKM]\b")
_READS_LETTERS = Pattern(r"ocr|caption|text[- ]?recogni|document", re.IGNORECASE)
_IMAGE_TAGS = frozenset(
    ("image-text-to-text", "visual-question-answering", "any-to-any", "document-question-answering", "video-text-to-text")
)


@rule("EVL010", severity="warning", confidence="medium", source=CARDS)
def scores_of_another_checkpoint(evaluations: Evaluations, spec: ModelSpec, card: Card) -> Iterator[Found]:
    """The scores are of another checkpoint: the base model's on an instruct repo, or the original's where weights are quantized.

    ## Why
    A public case: the Llama 4 Maverick score of April 2025 was of a chat variant that was never released, and the released
    weights ranked some thirty places lower. Quantization and tuning move scores; a copied table does not say by how much.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    # Example-1B-Instruct
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | Benchmark | Example-1B-Base | Other-1B |
    |---|---|---|
    | MMLU | 41.2 | 40.0 |
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
    # Example-1B-Instruct
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | Benchmark | Example-1B-Instruct | Other-1B |
    |---|---|---|
    | MMLU | 41.2 | 40.0 |
    | GSM8K | 30.1 | 24.0 |
    | HumanEval | 22.0 | 20.0 |
    | IFEval | 35.5 | 30.0 |
    | ToxiGen | 60.1 | 58.0 |
    ```

    ## Fix
    Evaluate the checkpoint that is published, or head the column with the one that was.
    """
    scores = [score for score in evaluations.own if score.emitter != EVAL_RESULTS]
    if not scores:
        raise Skip(NO_SCORES)
    stage = _other_stage(evaluations, scores)
    if stage is not None:
        yield Found(
            f"The repo is of {stage[0]}, and the only column of it among the scores is {stage[1]}.",
            at_scores(evaluations, [score for score in scores if score.subject == stage[1]]),
            "Evaluate the checkpoint that is published.",
        )
    original = _original(evaluations, spec, card.metadata, scores)
    if original is not None and stage is None:
        yield Found(
            f"The weights are quantized, and no word says that the scores on {names(scores)} are not those of {original}.",
            at_scores(evaluations, scores),
            "Evaluate the quantized weights, or say that the scores are the original's.",
        )


@rule("EVL011", severity="warning", confidence="medium", source=RULER)
def long_context_by_needle_alone(evaluations: Evaluations) -> Iterator[Found]:
    """A long context is claimed, and all that is shown for it is finding a needle.

    ## Why
    Models that find every needle at 128K lose most of their score on tasks that use the text: of the models tested by RULER,
    half could not use the length they claim (arXiv:2404.06654).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |

    Context length: 128K tokens, with a perfect needle in a haystack test at every length.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0, "tie_word_embeddings": false}
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

    Context length: 128K tokens, with a perfect needle in a haystack test.

    | Benchmark | 32K | 128K |
    |---|---|---|
    | RULER | 80.1 | 61.3 |
    ```

    ## Fix
    Report RULER, LongBench or a task of one's own at the lengths that matter.
    """
    if evaluations.longest_context is None:
        raise Skip(SHORT)
    needle = evaluations.notes.needle
    tested = [benchmark for benchmark in evaluations.notes.named if benchmark.group == LONG and benchmark.kind != NEEDLE]
    if needle and not tested:
        yield Found(
            f"The card claims a context of {evaluations.longest_context.words} tokens and shows a needle test alone for it.",
            at_lines(evaluations, (evaluations.longest_context, *needle)),
            "Test retrieval, reasoning and real documents at the length needed before relying on it.",
        )


@rule("EVL012", severity="warning", confidence="medium", source=RULER)
def long_context_by_average_alone(evaluations: Evaluations) -> Iterator[Found]:
    """A long context is claimed, and its benchmark is given as an average alone.

    ## Why
    The score falls with length, and an average over 4K to 128K is carried by the short end: RULER reports each length for that
    reason (arXiv:2404.06654).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |

    Context length: 128K tokens.

    | Benchmark | Average |
    |---|---|
    | RULER | 80.1 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0, "tie_word_embeddings": false}
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

    Context length: 128K tokens.

    | Benchmark | 32K | 128K | Average |
    |---|---|---|---|
    | RULER | 80.1 | 61.3 | 70.7 |
    ```

    ## Fix
    Report the score at each length, the longest included.
    """
    long = _long_scores(evaluations)
    if long and all(_is_average(score) for score in long):
        yield Found(
            f"Long context is shown by an average on {names(long)} alone.",
            at_scores(evaluations, long),
            "Ask for the score at the length needed; an average is carried by the short end.",
        )


@rule("EVL013", severity="warning", confidence="medium", source=RULER)
def long_context_without_tested_length(evaluations: Evaluations) -> Iterator[Found]:
    """A long context is claimed, and the scores on long text do not say at which length.

    ## Why
    The same benchmark runs at 4K and at 1M tokens. Without the tested length a score says nothing of the window that is claimed.
    LongBench's authors ran Qwen2.5 at 128K without the YaRN its card asks for, and had to do it again (THUDM/LongBench issue 91).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |

    Context length: 128K tokens.

    | Benchmark | Example |
    |---|---|
    | RULER | 80.1 |
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0, "tie_word_embeddings": false}
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

    Context length: 128K tokens.

    | Benchmark | Example |
    |---|---|
    | RULER (128K) | 61.3 |
    ```

    ## Fix
    State the length each score was measured at.
    """
    bare = [score for score in _long_scores(evaluations) if not _is_average(score)]
    if bare and not any(_tested_length(score) for score in bare):
        yield Found(
            f"The card claims a context of {_claimed(evaluations)} tokens; the scores on {names(bare)} do not say at which length.",
            at_scores(evaluations, bare),
            "State the length each score was measured at.",
        )


@rule("EVL014", severity="warning", confidence="medium", source="https://arxiv.org/abs/2311.16502")
def multimodal_by_letters_or_captions_alone(evaluations: Evaluations, spec: ModelSpec, card: Card) -> Iterator[Found]:
    """A model that takes images is shown by reading letters or captioning alone.

    ## Why
    Reading text off a picture and naming what is on it leave out charts, documents, counting and reasoning, which is where
    models differ (MMMU, arXiv:2311.16502).

    ```json bad
    {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "torch_dtype": "bfloat16", "image_token_index": 999,
     "vision_feature_select_strategy": "default", "vision_feature_layer": -2, "tie_word_embeddings": false,
     "text_config": {"model_type": "llama", "vocab_size": 1000, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
      "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
      "num_attention_heads": 4, "image_size": 224, "patch_size": 14, "projection_dim": 64, "vocab_size": 1000}}
    ```
    ```markdown bad README.md
    ---
    license: mit
    pipeline_tag: image-text-to-text
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen | OCRBench |
    |---|---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 | 702 |
    ```

    ```json good
    {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "torch_dtype": "bfloat16", "image_token_index": 999,
     "vision_feature_select_strategy": "default", "vision_feature_layer": -2, "tie_word_embeddings": false,
     "text_config": {"model_type": "llama", "vocab_size": 1000, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
      "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
      "num_attention_heads": 4, "image_size": 224, "patch_size": 14, "projection_dim": 64, "vocab_size": 1000}}
    ```
    ```markdown good README.md
    ---
    license: mit
    pipeline_tag: image-text-to-text
    ---
    ## Evaluation
    lm-evaluation-harness, 5-shot, greedy decoding, pass@1, IFEval by prompt with strict matching. No contamination was found.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen | OCRBench | MMMU |
    |---|---|---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 | 702 | 35.0 |
    ```

    ## Fix
    Report a benchmark of understanding (MMMU, MathVista, ChartQA) beside it, and test on documents of one's own.
    """
    if spec.value("modality_interface") in (None, "text only") and str(card.metadata.get("pipeline_tag")) not in _IMAGE_TAGS:
        raise Skip("no file says that the model takes images")
    if any(_READS_LETTERS.search(name) for name in evaluations.subject.names):
        raise Skip("reading text or captioning is what the model is for")
    scores = [score for score in evaluations.own if score.benchmark.group == MULTIMODAL]
    wider = [b for b in evaluations.notes.named if b.group == MULTIMODAL and b.kind not in (OCR, CAPTION)]
    if scores and not wider and all(score.benchmark.kind in (OCR, CAPTION) for score in scores):
        yield Found(
            f"What the model sees is shown by {names(scores)} alone: reading letters or captions.",
            at_scores(evaluations, scores),
            "Test charts, documents and reasoning over images before relying on them.",
        )


@rule("EVL015", severity="warning", confidence="medium", source="https://arxiv.org/abs/2109.07958")
def safety_by_truthfulqa_alone(evaluations: Evaluations, siblings: Mapping[str, str]) -> Iterator[Found]:
    """Of truthfulness and safety the card shows TruthfulQA alone.

    ## Why
    TruthfulQA asks whether a model repeats common falsehoods (arXiv:2109.07958). It says nothing of harmful requests, jailbreaks,
    toxicity or bias. A warning where the card calls the model safe, else an info.

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

    | MMLU | GSM8K | HumanEval | IFEval | TruthfulQA |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |

    The model is safe and helpful.
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

    | MMLU | GSM8K | HumanEval | IFEval | TruthfulQA |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |

    A red team tried 500 harmful requests; 3 were answered.

    | ToxiGen |
    |---|
    | 60.1 |
    ```

    ## Fix
    Report a red-team or refusal result, toxicity and bias beside it, or say that none was measured.
    """
    scores = [score for score in evaluations.own if score.benchmark.group == SAFETY]
    if not scores:
        raise Skip("the card reports no score of truthfulness or safety")
    shown = evaluations.notes.safety is not None or "safety.md" in siblings
    others = [benchmark for benchmark in evaluations.notes.named if benchmark.group == SAFETY and benchmark.kind != TRUTH]
    if not shown and not others and all(score.benchmark.kind == TRUTH for score in scores):
        claim = evaluations.notes.safety_claim
        yield Found(
            "Of safety the card shows TruthfulQA alone: no red team, refusals, toxicity or bias.",
            (*at_scores(evaluations, scores), *at_lines(evaluations, (claim,) if claim is not None else ())),
            "Measure harmful requests, toxicity and bias before release; TruthfulQA measures none of them.",
            severity=None if claim is not None else "info",
        )


@rule("EVL016", severity="warning", confidence="medium", source="https://arxiv.org/abs/2403.04132")
def no_task_behind_elo_or_perplexity(evaluations: Evaluations, spec: ModelSpec) -> Iterator[Found]:
    """The quality of the model is shown by an Elo or a perplexity alone, and by no task.

    ## Why
    An Elo is what voters preferred on their own questions (arXiv:2403.04132), a perplexity how well text is predicted: a lower
    one does not mean better answers. An info for perplexity, which language modelling does report.

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
    The Elo of the model is 1150.

    In votes of pairs by 200 people.
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
    The Elo of the model is 1150.

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |
    ```

    ## Fix
    Report the tasks the model is meant for.
    """
    notes = evaluations.notes
    lines = (*notes.elo, *notes.perplexity)
    if not lines:
        raise Skip("the card gives no Elo and no perplexity")
    if any(score.benchmark.group != PREFERENCE for score in evaluations.scores) or any(b.group != PREFERENCE for b in notes.named):
        return
    if spec.quantization is not None or any(_FORMAT_WORD.search(name) for name in evaluations.subject.names):
        return
    said = "An Elo" if notes.elo and not notes.perplexity else "A perplexity" if not notes.elo else "An Elo and a perplexity"
    yield Found(
        f"{said} is all the card shows of the model's quality; no task was measured.",
        at_lines(evaluations, lines),
        "Measure the tasks the model is meant for.",
        severity=None if notes.elo else "info",
    )


@rule("EVL017", severity="warning", confidence="medium", source="https://mlcommons.org/benchmarks/inference-datacenter/")
def speed_without_conditions(evaluations: Evaluations) -> Iterator[Found]:
    """A speed (tokens per second, time to first token) is given without the hardware, the batch or the lengths it was measured with.

    ## Why
    Tokens per second change a hundredfold from one sequence on one GPU to a full batch on eight, and time to first token grows
    with the prompt. MLPerf fixes all three for that reason. An info where only batch or lengths are missing. The card of
    MiniCPM-Llama3-V-2_5 gives 6 to 8 tokens a second on mobile phones, of no model or length.

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

    | MMLU | GSM8K | HumanEval | IFEval | ToxiGen |
    |---|---|---|---|---|
    | 41.2 | 30.1 | 22.0 | 35.5 | 60.1 |

    The model writes 95 tokens/s.
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

    The model writes 95 tokens/s on one H100 80 GB, batch 1, 1,024 tokens in and 256 out.
    ```

    ## Fix
    State GPU, batch or concurrency, and input and output lengths with every speed.
    """
    bare = [speed for speed in evaluations.speeds if speed.missing]
    if not evaluations.speeds:
        raise Skip("the card states no speed")
    if bare and evaluations.document is not None:
        lacking = [what for what in ("hardware", "batch", "length") if any(what in speed.missing for speed in bare)]
        document = evaluations.document
        yield Found(
            f"A speed is stated ({bare[0].raw}) without its {listing(lacking).replace(' and ', ' or ')}.",
            tuple(Evidence(Source.CLAIMED, document.file, line=s.line, quote=document.quote(s.line), value=s.raw) for s in bare[:8]),
            "Measure on the hardware, batch and lengths of the deployment.",
            severity=None if any(HARDWARE in speed.missing for speed in bare) else "info",
        )


def _other_stage(evaluations: Evaluations, scores: Sequence[Score]) -> tuple[str, str] | None:
    """The repo's name and the only column of its family, where one is a base model and the other is tuned."""
    own = next((name for name in evaluations.subject.names if set(words(name)) & (_TUNED | _BASE)), "")
    subjects = {score.subject for score in scores if score.subject and not is_generic(score.subject)}
    if len(subjects) != 1 or any(score.relation in ("self", "unknown", "family") and score.emitter == "table" for score in scores):
        return None
    (column,) = subjects
    mine, its = set(words(own)), set(words(column))
    if (mine & _TUNED and not mine & _BASE and its & _BASE and not its & _TUNED) or (
        mine & _BASE and not mine & _TUNED and its & _TUNED and not its & _BASE
    ):
        return own, column
    return None


def _original(evaluations: Evaluations, spec: ModelSpec, metadata: Mapping[str, Any], scores: Sequence[Score]) -> str | None:
    """The model a quantized repo is made from, where nothing says in which format it was evaluated."""
    names = evaluations.subject.names
    base = metadata.get("base_model")
    base = base[0] if isinstance(base, list) and len(base) == 1 else base
    relation = metadata.get("base_model_relation")
    quantized = relation == "quantized" or any(map(_FORMAT_WORD.search, names)) or spec.quantization is not None
    if not isinstance(base, str) or not quantized or relation not in (None, "quantized") or _FORMAT_WORD.search(base.rpartition("/")[2]):
        return None
    if evaluations.subject.relation(base) not in ("self", "variant", "family"):
        return None
    said = evaluations.formats_named or any(
        FORMATS.search(f"{s.subject or ''} {s.written} {s.column} {' '.join(s.section[1:])}") for s in scores
    )
    return None if said else base


def _long_scores(evaluations: Evaluations) -> list[Score]:
    """The model's own scores on long text, needles left out. Skips where no long context is claimed."""
    if evaluations.longest_context is None:
        raise Skip(SHORT)
    return [s for s in evaluations.own if s.benchmark.group == LONG and s.benchmark.kind != NEEDLE and s.benchmark.name != "InfiniteBench"]


def _is_average(score: Score) -> bool:
    text = f"{score.written} {score.column}" if score.emitter == "table" else score.written
    return _MEAN.search(text) is not None and len(set(_LENGTH.compiled.findall(text))) != 1


def _tested_length(score: Score) -> bool:
    return score.setting(TESTED) is not None or any(setting.kind == LENGTH and setting.where in BESIDE for setting in score.settings)


def _claimed(evaluations: Evaluations) -> str:
    return evaluations.longest_context.words if evaluations.longest_context is not None else "unknown"
