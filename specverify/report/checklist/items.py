"""What a review is made of: sections of items, each with how files answer it and what a person needs to."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from specverify.frozen import Struct, frozen
from specverify.outcome import Report

YES_OR_NO = ("yes", "no", "n/a")


class State(StrEnum):
    """How files answer an item. HUMAN and UNVERIFIABLE never pass by themselves: a person answers them."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNVERIFIABLE = "UNVERIFIABLE"
    HUMAN = "HUMAN"

    @property
    def is_for_people(self) -> bool:
        """Whether files leave it open."""
        return self in (State.HUMAN, State.UNVERIFIABLE)


@frozen
class Answer(Struct):
    """The state of an item, why, and the lines that show it."""

    state: State
    why: str = ""
    evidence: tuple[str, ...] = ()


@frozen
class Guide(Struct):
    """What a person needs to answer an item from the page: what to `look` at, what to hold it `against`, and what counts as a `yes`."""

    look: str
    against: str
    yes: str


NOT_STATED = Guide(
    "The publisher's report, its repository and its release notes, for what the reason above says is missing.",
    "The figures and lines below, which are all that the files give.",
    "A source of the publisher states it and agrees with them; the note says which.",
)
"""The guide of items that files answer, wherever they happen not to."""


@frozen
class Item(Struct):
    """A line of the checklist: a stable id, what is asked, and how the files answer it (None: only people can).

    `shows` are the facts and figures a person needs to answer it, `told` what else of a report, where a person has to.
    `choices` are the words that answer it (none: it is answered by a table), `passes` those that let it pass.
    """

    id: str
    asks: str
    answer: Callable[[Report], Answer] | None = None
    shows: tuple[str, ...] = ()
    guide: Guide = NOT_STATED
    told: Callable[[Report], tuple[str, ...]] | None = None
    choices: tuple[str, ...] = YES_OR_NO
    passes: tuple[str, ...] = ("yes", "n/a")


@frozen
class Section(Struct):
    """A lettered part of the checklist."""

    letter: str
    title: str
    items: tuple[Item, ...]
