"""What surrounds the scores of a card: captions, the text of their section, sections on how the evaluation was done."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from specverify.card.document import CardDocument
from specverify.card.evaluation.settings import CAPTION, ELSEWHERE, MISSABLE, MOST_TEXT, SECTION, Setting, sayable, settings_in
from specverify.pattern import Pattern

EVALUATION = Pattern(
    r"(?i)eval|bench|result|performance|score|leaderboard|metric|capabilit|accuracy|reproduc|测评|评测|评估|性能|效果|榜单|表现|结果"
)
"""Headings whose text is about scores."""
FORMATS = Pattern(
    r"(?i)quanti[sz]|\b(?:awq|gptq|gguf|exl[23]|mlx|nf4|bnb|fp8|fp4|nvfp4|mxfp4|bf16|fp16|bitsandbytes|int[48])\b|"
    r"\b(?:[2-8][- ]?bits?|w\d{1,2}a\d{1,2}|q[2-8]_\w{1,5})\b|量化|unquantized|full precision"
)
"""Words on the number format of weights."""
MOST_CAPTIONS = 20
CAPTION_REACH = 400
"""Characters between a table and its caption, and the length of a caption, at the most."""


class Stretch(NamedTuple):
    """Some of the card's running text or code: its offsets and the headings it stands under, its own included."""

    start: int
    end: int
    path: tuple[str, ...]
    heading: bool
    code: bool = False


class Surroundings:
    """The running text of a card, by section."""

    def __init__(self, document: CardDocument) -> None:
        self.document = document

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

    def of_section(self, section: tuple[str, ...]) -> tuple[Setting, ...]:
        """What a section states, and the headings and openings of those it is part of; of the title, what is about scores."""
        if section not in self._sections:
            chosen = list(self._by_path.get(section, ()))
            for depth in range(len(section) - 1, 0, -1):
                path = section[:depth]
                opening = depth > 1 or EVALUATION.search(path[-1]) is not None
                chosen += [stretch for stretch in self._by_path.get(path, ()) if stretch.heading or opening]
            self._sections[section] = tuple(self._settings(chosen, SECTION))
        return self._sections[section]

    @cached_property
    def elsewhere(self) -> tuple[Setting, ...]:
        """What any section about scores states."""
        return tuple(self._settings([s for path in self._on_scores for s in self._by_path[path]], ELSEWHERE))

    def captions(self, start: int, end: int, section: tuple[str, ...]) -> tuple[Setting, ...]:
        """What stands right above and right below a table."""
        first = bisect_left(self._starts, start - 5 * CAPTION_REACH)
        last = bisect_left(self._starts, end + CAPTION_REACH)
        near = [
            stretch
            for stretch in self.stretches[first:last]
            if (0 <= start - stretch.end < CAPTION_REACH or 0 <= stretch.start - end < CAPTION_REACH)
            and stretch.end - stretch.start < 4 * CAPTION_REACH
            and stretch.path[: len(section)] == section
        ]
        return tuple(self._settings(near[-MOST_CAPTIONS:], CAPTION))

    def names_formats(self) -> bool:
        """Whether any text about scores, or a table of them, says which format of the weights was evaluated."""
        spoken = (self._words(stretch) for path in self._on_scores for stretch in self._by_path[path])
        printed = (
            self._text(table.start, min(table.end, table.start + MOST_TEXT))
            for table in self.document.tables
            if any(EVALUATION.search(heading) for heading in table.section)
        )
        return any(FORMATS.search(text) for text in (*spoken, *printed))

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(stretch.start for stretch in self.stretches)

    @cached_property
    def _by_path(self) -> dict[tuple[str, ...], list[Stretch]]:
        found: dict[tuple[str, ...], list[Stretch]] = {}
        for stretch in self.stretches:
            found.setdefault(stretch.path, []).append(stretch)
        return found

    @cached_property
    def _on_scores(self) -> tuple[tuple[str, ...], ...]:
        """The heading paths of sections about scores; a title alone counts where it says so itself."""
        return tuple(path for path in self._by_path if any(EVALUATION.search(name) for name in path[1:] or path))

    @cached_property
    def _sections(self) -> dict[tuple[str, ...], tuple[Setting, ...]]:
        return {}

    @cached_property
    def _sayable(self) -> tuple[str, ...]:
        possible = sayable(self.document.text.lower())
        return tuple(kind for kind in MISSABLE if kind in possible)

    def _text(self, start: int, end: int) -> str:
        return self.document.plain[start:end]

    def _words(self, stretch: Stretch) -> str:
        """The words of a stretch; code is as it is written."""
        return self.document.text[stretch.start : stretch.end] if stretch.code else self._text(stretch.start, stretch.end)

    def _settings(self, chosen: Iterable[Stretch], where: str) -> Iterator[Setting]:
        """The first statement of each kind."""
        kinds = self._sayable
        size = 0
        for stretch in chosen:
            text = self._words(stretch)
            size += len(text)
            if size > MOST_TEXT or not kinds:
                return
            for setting in tuple(settings_in(text, where, self.document.line_at(stretch.start), kinds)):
                kinds = tuple(kind for kind in kinds if kind != setting.kind)
                yield setting
