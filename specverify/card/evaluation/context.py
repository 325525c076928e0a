"""What surrounds the scores of a card: captions, the text of their section, sections on how the evaluation was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from specverify.card.document import CardDocument
from specverify.card.evaluation.settings import CAPTION, ELSEWHERE, MISSABLE, MOST_TEXT, SECTION, Setting, sayable, settings_in
from specverify.card.pattern import Pattern

EVALUATION = Pattern(
    r"(?i)eval|bench|result|performance|score|leaderboard|metric|capabilit|accuracy|reproduc|测评|评测|评估|性能|效果|榜单|表现|结果"
)
"""Headings whose text is about scores."""
FORMATS = Pattern(
    r"(?i)quanti[sz]|\b(?:awq|gptq|gguf|exl[23]|mlx|nf4|bnb|fp8|fp4|nvfp4|mxfp4|bf16|fp16|bitsandbytes|int[48]|[2-8][- ]?bits?|w\d{1,2}a\d{1,2}|q[2-8]_\w{1,5})\b|"
    r"量化|unquantized|full precision"
)
"""Words on the number format of weights."""
CAPTION_REACH = 400
"""Characters between a table and its caption, and the length of a caption, at the most."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of the card's running text or code: its offsets and the headings it stands under, its own included."""

    start: int
    end: int
    path: tuple[str, ...]
    heading: bool
    code: bool = False


@dataclass(frozen=True)
class Surroundings:
    """The running text of a card, by section."""

    document: CardDocument

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """Every run and code block, in order."""
        runs = [
            Stretch(run.start, run.end, (*run.section, self._text(run.start, run.end).strip(" #=-\n")), True)
            if run.kind == "heading"
            else Stretch(run.start, run.end, run.section, False)
            for run in self.document.runs
        ]
        codes = [Stretch(code.start, code.end, code.section, False, True) for code in self.document.codes]
        return tuple(sorted((*runs, *codes), key=lambda stretch: stretch.start))

    def _text(self, start: int, end: int) -> str:
        return self.document.plain[start:end]

    def text(self, stretch: Stretch) -> str:
        """The words of a stretch; code is as it is written."""
        return self.document.text[stretch.start : stretch.end] if stretch.code else self._text(stretch.start, stretch.end)

    @cached_property
    def _sayable(self) -> tuple[str, ...]:
        possible = sayable(self.document.text.lower())
        return tuple(kind for kind in MISSABLE if kind in possible)

    def of_section(self, section: tuple[str, ...]) -> tuple[Setting, ...]:
        """What the section of a table, and the sections it is part of, state; their headings too."""
        return self._cached(SECTION, section)

    def elsewhere(self) -> tuple[Setting, ...]:
        """What any section about scores states."""
        return self._cached(ELSEWHERE, ())

    @cached_property
    def _known(self) -> dict[tuple[str, tuple[str, ...]], tuple[Setting, ...]]:
        return {}

    def _cached(self, where: str, section: tuple[str, ...]) -> tuple[Setting, ...]:
        key = (where, section)
        if key not in self._known:
            chosen = [s for s in self.stretches if (_covers(s, section) if where == SECTION else _is_evaluation(s))]
            self._known[key] = tuple(self._settings(chosen, where))
        return self._known[key]

    def _settings(self, chosen: Sequence[Stretch], where: str) -> Iterator[Setting]:
        """The first statement of each kind."""
        seen: dict[str, Setting] = {}
        kinds = self._sayable
        size = 0
        for stretch in chosen:
            text = self.text(stretch)
            size += len(text)
            if size > MOST_TEXT:
                break
            for setting in settings_in(text, where, self.document.line_at(stretch.start), kinds):
                seen[setting.kind] = setting
                kinds = tuple(kind for kind in kinds if kind not in seen)
        yield from seen.values()

    def names_formats(self) -> bool:
        """Whether any text about scores, or a table of them, says which format of the weights was evaluated."""
        return any(_is_evaluation(s) and FORMATS.search(self.text(s)) for s in self.stretches) or any(
            FORMATS.search(self._text(table.start, min(table.end, table.start + MOST_TEXT)))
            for table in self.document.tables
            if any(EVALUATION.search(heading) for heading in table.section)
        )

    def captions(self, start: int, end: int, section: tuple[str, ...]) -> tuple[Setting, ...]:
        """What stands right above and right below a table."""
        near = []
        for stretch in self.stretches:
            above = stretch.end <= start and start - stretch.end < CAPTION_REACH
            below = stretch.start >= end and stretch.start - end < CAPTION_REACH
            if (above or below) and stretch.end - stretch.start < 4 * CAPTION_REACH and stretch.path[: len(section)] == section:
                near.append(stretch)
        return tuple(self._settings(near, CAPTION))


def _covers(stretch: Stretch, section: tuple[str, ...]) -> bool:
    """Whether a stretch is of this section or of one it is part of; a title's own text covers what stands under it directly."""
    path = stretch.path
    if path == section:
        return True
    return path == section[: len(path)] and (stretch.heading or len(path) > 1 or EVALUATION.search(path[-1] if path else "") is not None)


def _is_evaluation(stretch: Stretch) -> bool:
    return any(EVALUATION.search(heading) for heading in stretch.path[1:]) or (
        len(stretch.path) == 1 and EVALUATION.search(stretch.path[0]) is not None
    )
