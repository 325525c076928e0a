"""What a score leaves unsaid that one must know to compare it: examples, decoding, metric, judge, subset."""

from __future__ import annotations

from specverify.card.evaluation.benchmarks import mentions
from specverify.card.evaluation.notes import Notes
from specverify.card.evaluation.scores import TABLE, Score
from specverify.card.evaluation.settings import (
    BESIDE,
    DECODING,
    JUDGE,
    LEADERBOARD,
    METRIC,
    REASONING,
    REPORT,
    SAMPLES,
    SHOTS,
    names_a_model,
)


def lacks_shots(score: Score) -> bool:
    """Whether neither the number of examples nor the use of reasoning is said, on a benchmark where both vary."""
    return score.benchmark.shots and score.setting(SHOTS, REASONING, LEADERBOARD) is None


def lacks_decoding(score: Score) -> bool:
    """Whether nothing is said of how the answers were sampled, on a benchmark whose answers are generated."""
    return score.benchmark.generative and score.setting(DECODING, SAMPLES, LEADERBOARD) is None


def lacks_metric(score: Score) -> bool:
    """Whether the benchmark is reported by several metrics and none of them is named."""
    wanted = score.benchmark.metrics
    if not wanted or score.setting(LEADERBOARD) is not None:
        return False
    if "pass@k" in wanted and score.setting(SAMPLES) is not None:
        return False
    named = [setting.text.lower() for setting in score.settings if setting.kind == METRIC]
    return not named


def lacks_judge(score: Score) -> bool:
    """Whether the model that graded the answers is not named; a version beside the benchmark's name counts as named."""
    if not score.benchmark.judged or score.setting(JUDGE, LEADERBOARD) is not None:
        return False
    found = next((m for m in mentions(score.written) if m.benchmark is score.benchmark), None)
    beside = score.written if found is None else score.written[: found.start] + " " + score.written[found.end :]
    return not (names_a_model(beside) and score.emitter == TABLE)


def lacks_part(score: Score, notes: Notes) -> bool:
    """Whether the benchmark has several subsets or versions and no text says which was run."""
    return (
        score.benchmark.part is not None
        and score.part is None
        and score.benchmark.name not in notes.parts
        and not any(setting.where in BESIDE and score.benchmark.part.search(setting.text) for setting in score.settings)
        and score.setting(LEADERBOARD) is None
    )


def with_settings(score: Score, notes: Notes) -> bool:
    """Whether a score says all that is needed to compare it."""
    return not (lacks_shots(score) or lacks_decoding(score) or lacks_metric(score) or lacks_judge(score) or lacks_part(score, notes))


def stated_elsewhere(score: Score) -> bool:
    """Whether the card points to a report that may hold the settings."""
    return score.setting(REPORT) is not None
