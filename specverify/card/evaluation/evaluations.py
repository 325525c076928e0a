"""Everything a model's files say of its evaluation: scores with their settings, and what the card says beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from specverify.card.card import Card
from specverify.card.claims import subject_of
from specverify.card.document import CardDocument
from specverify.card.evaluation.context import Surroundings
from specverify.card.evaluation.efficiency import Speed, read_speeds
from specverify.card.evaluation.notes import Line, Notes, read_notes
from specverify.card.evaluation.printed import printed_tables
from specverify.card.evaluation.prose import read_scores
from specverify.card.evaluation.scores import PROSE, TABLE, Score
from specverify.card.evaluation.structured import EvaluationProblem, is_results_file, read_model_index, read_results_file
from specverify.card.evaluation.tables import read_score_table
from specverify.card.kinds import CONTEXT
from specverify.card.names import Subject
from specverify.frozen import Struct, frozen

MOST_SCORES = 5_000
"""Of one card; tables behind those are not read."""
LONG_CONTEXT = 32_000
"""Tokens from which on a claimed context is a long one."""
_DECODING_WORDS = ("temperature", "greedy", "top_p", "top-p", "温度")
_PROMPTING_WORDS = ("-shot", " shot", "chain-of-thought", "chain of thought", "cot", "thinking", "reasoning model", "思维链", "思考")
_OWN_CONTEXT = ("stated", "native", "extended")


@frozen
class Evaluations(Struct):
    """The scores of a card and its result files, in order, and the statements that bear on them.

    `decoding_named`: the card states decoding settings somewhere, for scores or for use; `prompting_named`: it speaks of
    examples or of reasoning somewhere. `longest_context` is the line of the longest context claimed for the model, where
    that is a long one.
    """

    scores: tuple[Score, ...] = ()
    problems: tuple[EvaluationProblem, ...] = ()
    speeds: tuple[Speed, ...] = ()
    notes: Notes = field(default_factory=Notes)
    decoding_named: bool = False
    prompting_named: bool = False
    longest_context: Line | None = None
    subject: Subject = field(default_factory=lambda: Subject(()))
    formats_named: bool = False
    """whether the text about scores says a word on quantized weights"""
    document: CardDocument | None = None

    @property
    def own(self) -> tuple[Score, ...]:
        """The scores that are, or may be, the model's own."""
        return tuple(score for score in self.scores if score.own)


def read_evaluations(card: Card | None, contents: Mapping[str, bytes], name: str | None = None) -> Evaluations:
    """What a card and the files of `.eval_results` among `contents` report; `name` is the repo's. Raises nothing."""
    problems: list[EvaluationProblem] = []
    results = [score for file in sorted(filter(is_results_file, contents)) for score in read_results_file(contents[file], file, problems)]
    if card is None:
        return Evaluations(tuple(results), tuple(problems))
    document = card.document
    lowered = document.plain.lower()
    around = Surroundings(document)
    notes = read_notes(document, lowered)
    subject = subject_of(document, name)
    structured = [*read_model_index(document), *results]
    scores = [score._replace(settings=(*score.settings, *around.elsewhere)) for score in structured]
    if notes.named:
        for number, table in enumerate((*document.tables, *printed_tables(document))):
            if len(scores) > MOST_SCORES:
                break
            found = read_score_table(table, number, subject, document.file, document.line_at) if table.rows else []
            if found:
                shared = (*around.captions(table.start, table.end, table.section), *around.of_section(table.section), *around.elsewhere)
                scores += [score._replace(settings=(*score.settings, *shared)) for score in found]
        for score in read_scores(document, subject, notes.offsets):
            shared = (*around.of_section(score.section), *around.elsewhere)
            scores.append(score._replace(settings=(*score.settings, *shared)))
    scores = _told_apart(scores)
    return Evaluations(
        tuple(scores),
        tuple(problems),
        tuple(read_speeds(document, lowered)),
        notes,
        bool(scores) and any(word in lowered for word in _DECODING_WORDS),
        bool(scores) and any(word in lowered for word in _PROMPTING_WORDS),
        _longest_context(card),
        subject,
        bool(scores) and around.names_formats(),
        document,
    )


def _told_apart(scores: Sequence[Score]) -> list[Score]:
    """Where no row, column or sentence is about the card's model by name, a row of its family may be; and without one, any row."""
    if any(score.own for score in scores if score.emitter in (TABLE, PROSE)):
        return list(scores)
    nearest = "sibling" if any(score.relation == "sibling" for score in scores) else "other"
    return [score._replace(relation="unknown") if score.relation == nearest and score.emitter == TABLE else score for score in scores]


def _longest_context(card: Card) -> Line | None:
    claims = [
        c
        for c in card.claims.claims
        if c.kind == CONTEXT and c.emitter != "snippet" and c.relation in ("self", "family") and c.role in _OWN_CONTEXT and c.accepted
    ]
    longest = max(claims, key=lambda claim: min(claim.accepted), default=None)
    return Line(longest.line, longest.raw) if longest is not None and min(longest.accepted) >= LONG_CONTEXT else None
