"""Cards to start from: those of the fixtures, those of the corpus where there is one, and cards written by a small grammar."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from random import Random

from tests.fixture_files import FIXTURES

LONGEST_SEED = 128 * 1024
CORPUS_CARDS = ("hub/*/README.md", "cards/texts/*", "cards/wild/*")
MODELS = ("Example-7B", "Example-13B-Chat", "Example-8x7B", "Other-70B", "示例-7B", "example/Example-7B-Base")
NUMBERS = ("7B", "6.7 billion", "671B", "37B", "128K", "131,072", "4096", "32", "8", "1M", "800亿", "20万", "0", "1.5", "6.74B", "2T")
SETTINGS = ("5-shot", "0-shot CoT", "pass@1", "temperature 0.6", "maj@32", "EM", "greedy", "")
BENCHMARKS = ("MMLU", "MMLU-Pro", "GSM8K", "MATH", "MATH-500", "HumanEval", "MT-Bench", "TruthfulQA", "RULER", "MMMU", "C-Eval")
LABELS = (
    "Total Parameters", "Activated Parameters", "Number of Layers", "Context Length", "Number of Attention Heads (GQA)", "Hidden Size",
    "Vocabulary Size", "Experts", "License", "Precision", "Knowledge Cutoff", "Training Tokens", "总参数量", "上下文长度", "层数",
)  # fmt: skip
SENTENCES = (
    "It has {n} total parameters with {n} activated for each token.",
    "The model supports a context length of {n} tokens, extended from {n} to {n} with YaRN.",
    "{m} outperforms {m} with only {n} parameters.",
    "It was trained on {n} tokens with a sequence length of {n}.",
    "Fits on one 80 GB GPU; {n} tokens/s at batch {n}.",
    "模型总参数为 {n}，激活参数 {n}，支持 {n} 上下文。",
    "It is fine-tuned from {m} (Apache-2.0) and quantized to {n} bit.",
    "We report {b} ({s}) of {n}, judged by {m}.",
)
METADATA = (
    "license: {x}", "license_name: {x}", "license_link: LICENSE", "base_model: {m}", "base_model_relation: {x}", "pipeline_tag: {x}",
    "library_name: {x}", "language:\n- en\n- {x}", "tags: [{x}, {x}]", "datasets:\n- {x}/{x}", "new_version: {m}", "gated: {x}",
    ("model-index:\n- name: {m}\n  results:\n  - task:\n      type: text-generation\n    dataset:\n      name: {b}\n      type: {x}\n"
    "    metrics:\n    - type: acc\n      value: {n}\n      name: {b} ({s})"),
)  # fmt: skip
WORDS = ("mit", "other", "apache-2.0", "llama3", "no", "text-generation", "transformers", "quantized", "merge", "en", "zh", "[]", "{}", "1")


@cache
def cards() -> tuple[str, ...]:
    """Every card of the fixtures and the corpus, cut to a length that leaves room to mutate it."""
    paths = sorted(FIXTURES.glob("*/README.md"))
    if named := os.environ.get("SPECVERIFY_CORPUS"):
        paths += [path for pattern in CORPUS_CARDS for path in sorted(Path(named).glob(pattern)) if path.is_file()]
    return tuple(path.read_text("utf-8", errors="replace")[:LONGEST_SEED] for path in paths)


def seed_card(rng: Random) -> str:
    """A card of somebody's, or one of the grammar."""
    return written(rng) if rng.random() < 0.4 or not cards() else rng.choice(cards())


def written(rng: Random) -> str:
    """A card that the grammar gives: every construct that a reader of cards looks at, filled at random."""
    head = ["---", *(_filled(line, rng) for line in rng.sample(METADATA, rng.randint(0, 8))), "---"] if rng.random() < 0.8 else []
    parts = [rng.choice((_heading, _labels, _pipe_table, _html_table, _prose, _snippet, _scores))(rng) for _ in range(rng.randint(2, 14))]
    return "\n".join(head) + f"\n# {rng.choice(MODELS)}\n\n" + "\n\n".join(parts) + "\n"


def _filled(template: str, rng: Random) -> str:
    for key, choices in (("{n}", NUMBERS), ("{m}", MODELS), ("{b}", BENCHMARKS), ("{s}", SETTINGS), ("{x}", WORDS)):
        while key in template:
            template = template.replace(key, rng.choice(choices), 1)
    return template


def _heading(rng: Random) -> str:
    return "#" * rng.randint(1, 6) + " " + rng.choice((*MODELS, "Evaluation", "Training", "Model Overview", "Limitations", "模型介绍"))


def _labels(rng: Random) -> str:
    mark = rng.choice(("- ", "* ", "1. ", "", "  - "))
    bold = rng.choice(("", "**"))
    return "\n".join(f"{mark}{bold}{rng.choice(LABELS)}{bold}{rng.choice(': ：=')} {rng.choice(NUMBERS)}" for _ in range(rng.randint(1, 8)))


def _pipe_table(rng: Random) -> str:
    names = [rng.choice((*LABELS, *MODELS)) for _ in range(rng.randint(1, 6))]
    rows = [[rng.choice(MODELS), *(rng.choice(NUMBERS) for _ in names[1:])] for _ in range(rng.randint(1, 6))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (names, ["---"] * len(names), *rows))


def _html_table(rng: Random) -> str:
    texts = (*LABELS, *NUMBERS, *MODELS)
    rows = [
        "".join(f'<td rowspan="{rng.randint(0, 4)}" colspan={rng.randint(0, 4)}>{rng.choice(texts)}</td>' for _ in range(rng.randint(1, 5)))
        for _ in range(rng.randint(1, 5))
    ]
    return "<table>\n" + "\n".join(f"<tr>{row}</tr>" for row in rows) + "\n</table>"


def _prose(rng: Random) -> str:
    return rng.choice(("", "> ", "<p>")) + " ".join(_filled(rng.choice(SENTENCES), rng) for _ in range(rng.randint(1, 6)))


def _snippet(rng: Random) -> str:
    body = '{"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}}'
    return f"```{rng.choice(('json', 'bash', ''))}\n{rng.choice((body, 'vllm serve x --max-model-len 131072'))}\n```"


def _scores(rng: Random) -> str:
    header = "| Benchmark | " + " | ".join(rng.sample(MODELS, 3)) + " |\n|---|---|---|---|\n"
    return header + "\n".join(
        f"| {rng.choice(BENCHMARKS)} ({rng.choice(SETTINGS)}) | {rng.random() * 100:.1f} | {rng.randint(0, 100)} | - |"
        for _ in range(rng.randint(1, 8))
    )
