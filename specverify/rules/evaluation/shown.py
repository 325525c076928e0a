"""How findings about scores name them and show their lines: each line once, and no more than fit a screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from specverify.card.evaluation.evaluations import Evaluations
from specverify.card.evaluation.notes import Line
from specverify.card.evaluation.scores import Score
from specverify.facts import Source
from specverify.outcome import Evidence

NO_SCORES = "the card reports no score of a known benchmark"
"""Why a rule about scores is skipped."""
MOST_LINES = 8
MOST_NAMES = 5


def at_scores(evaluations: Evaluations, scores: Iterable[Score]) -> tuple[Evidence, ...]:
    """The lines of scores as evidence."""
    places: dict[tuple[str, int], Score] = {}
    for score in scores:
        places.setdefault((score.file, score.line), score)
    return tuple(
        Evidence(Source.CLAIMED, file, line=line, quote=_quote(evaluations, file, line), value=score.value.raw, note=score.benchmark.name)
        for (file, line), score in sorted(places.items())[:MOST_LINES]
    )


def at_lines(evaluations: Evaluations, lines: Iterable[Line]) -> tuple[Evidence, ...]:
    """Lines of the card as evidence."""
    document = evaluations.document
    if document is None:
        return ()
    found = {line.line: line for line in lines}
    return tuple(
        Evidence(Source.CLAIMED, document.file, line=number, quote=document.quote(number), value=line.words)
        for number, line in sorted(found.items())[:MOST_LINES]
    )


def names(scores: Iterable[Score]) -> str:
    """The benchmarks of scores as a sentence names them."""
    return listing(tuple(dict.fromkeys(score.benchmark.name for score in scores)))


def listing(words: Sequence[str]) -> str:
    """Words as a sentence lists them, the first few of many."""
    if len(words) > MOST_NAMES:
        return ", ".join(words[:MOST_NAMES]) + f" and {len(words) - MOST_NAMES} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _quote(evaluations: Evaluations, file: str, line: int) -> str | None:
    document = evaluations.document
    return document.quote(line) if document is not None and document.file == file else None
