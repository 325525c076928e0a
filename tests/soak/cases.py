"""A mutated card for each number, and what must hold of any card when the whole of the program has read it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from random import Random
from typing import Any

from specverify.card.card import Card, read_card
from specverify.fetch.files import WANTED, ModelFiles
from specverify.outcome import Broken
from specverify.pipeline import assess
from specverify.target import Target
from tests.soak.mutators import MUTATORS, flip_bytes
from tests.soak.seeds import seed_card

NAME = "example/Example-7B"
KIB = 1024
SIZES = ((0.9, 32 * KIB), (0.98, 128 * KIB), (0.996, 640 * KIB), (1.0, 6 * KIB * KIB))
"""The most characters of a card, by the share of cases up to it: past every bound of the reader in a few, small in most."""
MOST_MUTATIONS = 4
BESIDE = 0.1
"""How often the texts beside the card are mutated cards too."""
EVALUATION = ".eval_results/results.yaml"
DENSE: dict[str, Any] = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 32000, "hidden_size": 4096,
    "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "rope_theta": 10000.0,
    "max_position_embeddings": 4096, "tie_word_embeddings": False,
}  # fmt: skip
MIXTURE: dict[str, Any] = {
    **DENSE, "model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "intermediate_size": 14336, "num_key_value_heads": 8,
    "num_local_experts": 8, "num_experts_per_tok": 2, "sliding_window": None, "max_position_embeddings": 32768,
}  # fmt: skip
ENCODER: dict[str, Any] = {
    "model_type": "bert", "architectures": ["BertForSequenceClassification"], "vocab_size": 30522, "hidden_size": 768,
    "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072, "max_position_embeddings": 512, "type_vocab_size": 2,
}  # fmt: skip
CONFIGS = tuple(json.dumps(config).encode() for config in (DENSE, DENSE, MIXTURE, ENCODER))
TARGET = Target(gpu="h100-sxm-80gb", context=4096)


@dataclass(frozen=True, slots=True)
class Case:
    """One mutated card with the files beside it, and how it was made."""

    seed: int
    card: bytes
    beside: dict[str, bytes]
    made_by: tuple[str, ...]


def case(seed: int) -> Case:
    """The case of a number: the same whenever the seeds, the mutators and the patterns are."""
    rng = Random(seed)
    drawn = rng.random()
    most = next(size for share, size in SIZES if drawn <= share)
    text, made_by = seed_card(rng), []
    for _ in range(rng.randint(1, MOST_MUTATIONS)):
        mutate = rng.choice(MUTATORS)
        made_by.append(mutate.__name__)
        text = mutate(rng, text, most)[:most]
    card = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        made_by.append(flip_bytes.__name__)
        card = flip_bytes(rng, card)
    beside: dict[str, bytes] = {}
    if rng.random() < BESIDE:
        names = [name for name in WANTED if not name.endswith(".json") and name != "README.md"]
        for name in (*rng.sample(names, 2), EVALUATION):
            mutated = rng.choice(MUTATORS)(rng, seed_card(rng), 64 * KIB)[: 64 * KIB]
            beside[name] = mutated.replace("---\n", "", 1 if name == EVALUATION else 0).encode("utf-8", "surrogatepass")
    return Case(seed, card, beside, tuple(made_by))


def files_of(made: Case) -> ModelFiles:
    """The model folder that a case stands for."""
    contents = {"config.json": CONFIGS[made.seed % len(CONFIGS)], "README.md": made.card, **made.beside}
    return ModelFiles(NAME, NAME, "folder", listing=tuple(sorted(contents)), contents=contents)


def run(made: Case) -> float:
    """Assess the model of a case; the processor seconds it took. Raises AssertionError where something does not hold."""
    started = time.process_time()
    report = assess(files_of(made), TARGET)
    seconds = time.process_time() - started
    hold(read_card(made.card, NAME))
    json.dumps(report.to_dict(), allow_nan=False)
    broken = [outcome for outcome in report.outcomes if isinstance(outcome, Broken)]
    assert not broken, "; ".join(f"{outcome.code}: {outcome.error}" for outcome in broken)
    return seconds


def hold(card: Card) -> None:
    """What is so of any card: offsets that stand for the text, claims that say something at a line that is there."""
    document = card.document
    lines = document.text.count("\n") + 1
    assert len(document.plain) <= len(document.text), "the readable form is longer than the text"
    for claim in card.claims.claims:
        where = f"{claim.kind} at line {claim.line}"
        assert claim.accepted or claim.terms, f"{where} says nothing"
        assert len(claim.accepted) == len(claim.quanta), f"{where} has values without their last digit's worth"
        assert 1 <= claim.line <= lines, f"{where}: no such line"
        assert 1 <= claim.columns[0] < claim.columns[1], f"{where}: columns {claim.columns}"
        assert claim.quote == document.quote(claim.line), f"{where} quotes another line"
    for problem in (*document.problems, *document.front_matter.problems):
        assert 1 <= problem.line <= lines, f"the problem {problem.kind} at line {problem.line}: no such line"
    for refusal in card.claims.refusals:
        assert refusal.reason, f"{refusal.kind} at line {refusal.line} is refused for no reason"
        assert 1 <= refusal.line <= lines, f"the refusal at line {refusal.line}: no such line"
