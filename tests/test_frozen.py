"""Values that never change: made, compared, copied and kept as those of a frozen dataclass are."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from specverify.frozen import Struct, frozen, replace


@frozen
class Place(Struct):
    """One field that must be given, one with a value of its own, one made for each."""

    file: str
    line: int | None = None
    notes: list[str] = field(default_factory=list)


@frozen
class Wider(Place):
    """A class that adds to another's fields."""

    width: int = 1


@frozen
class Positive(Struct):
    """A class that checks what it is given."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("not positive")


PLACE = Place("config.json", 3, ["as read"])


def test_fields_are_given_by_place_or_name_and_left_out_where_they_have_a_default() -> None:
    assert (PLACE.file, PLACE.line, PLACE.notes) == ("config.json", 3, ["as read"])
    assert Place(line=3, notes=["as read"], file="config.json") == PLACE
    assert (Place("a").line, Place("a").notes) == (None, [])


def test_a_field_that_is_not_compared_or_shown_is_kept_all_the_same() -> None:
    @frozen
    class Read(Struct):
        file: str
        text: str = field(default="", compare=False, repr=False)

    assert Read("a", "x") == Read("a", "y")
    assert hash(Read("a", "x")) == hash(Read("a", "y"))
    assert repr(Read("a", "x")) == "Read(file='a')"
    assert replace(Read("a", "x"), file="b").text == "x"


def test_a_default_that_is_made_is_made_anew() -> None:
    assert Place("a").notes is not Place("a").notes


@pytest.mark.parametrize("arguments", [((), {}), (("a", 1, [], 2), {}), (("a",), {"file": "b"}), (("a",), {"column": 1})])
def test_other_arguments_are_refused(arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    values, named = arguments
    with pytest.raises(TypeError, match="__init__"):
        Place(*values, **named)


def test_nothing_can_be_changed_added_or_taken_away() -> None:
    for name in ("line", "column"):
        with pytest.raises(FrozenInstanceError):
            setattr(PLACE, name, 4)
    with pytest.raises(FrozenInstanceError):
        del PLACE.line
    assert not hasattr(PLACE, "__dict__")


def test_equal_and_of_one_hash_by_class_and_fields() -> None:
    assert Positive(2) == Positive(2)
    assert hash(Positive(2)) == hash(Positive(2))
    assert Positive(2) != Positive(3)
    assert Wider("config.json", 3, ["as read"]) != PLACE


def test_a_class_below_another_has_the_fields_of_both_whichever_is_made_first() -> None:
    @frozen
    class Above(Struct):
        first: int

    @frozen
    class Below(Above):
        second: int = 2

    assert Above(1).first == 1
    assert (Below(1).second, Below(1, 3).second) == (2, 3)
    assert Below(1, 3) != Below(1, 4)
    assert repr(Below(1, 3)) == "Below(first=1, second=3)"


def test_what_is_given_is_checked_each_time() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="not positive"):
            Positive(0)
    with pytest.raises(ValueError, match="not positive"):
        replace(Positive(1), count=0)


def test_replaced_fields_are_new_and_others_as_they_were() -> None:
    assert replace(PLACE, line=4) == Place("config.json", 4, ["as read"])
    assert PLACE.line == 3
    assert replace(Wider("a"), width=2) == Wider("a", width=2)
    with pytest.raises(TypeError):
        replace(PLACE, column=1)  # type: ignore[call-arg]


def test_copies_and_kept_values_are_equal() -> None:
    kept = pickle.loads(pickle.dumps(PLACE))  # noqa: S301
    assert copy.copy(PLACE) == copy.deepcopy(PLACE) == kept == PLACE


def test_a_dataclass_to_all_who_ask() -> None:
    assert [one.name for one in dataclasses.fields(Wider)] == ["file", "line", "notes", "width"]
    assert dataclasses.replace(PLACE, line=4) == replace(PLACE, line=4)
    assert dataclasses.asdict(PLACE) == {"file": "config.json", "line": 3, "notes": ["as read"]}
