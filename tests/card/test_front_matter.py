"""Front matter: YAML 1.2 scalars, the line of each key, problems with their place, and bounds before anything is built."""

from __future__ import annotations

import tracemalloc

import pytest

from specverify.card.bounded_yaml import MAX_DEPTH
from specverify.card.document import parse_card
from specverify.card.front_matter import FrontMatter, read_front_matter


def read(body: str) -> FrontMatter:
    return read_front_matter(f"---\n{body}\n---\ntext".split("\n"))


def test_plain_scalars_follow_yaml_1_2() -> None:
    text = (
        "language: no\nversion: 010\nday: 2024-01-02\nnothing: ~\nempty:\nyes: true\nhex: 0x1F\nfloat: 1e3\nquoted: '12'\ntagged: !!str 5"
    )
    front = read(text)
    assert dict(front.values) == {
        "language": "no",
        "version": 10,
        "day": "2024-01-02",
        "nothing": None,
        "empty": None,
        "yes": True,
        "hex": 31,
        "float": 1000.0,
        "quoted": "12",
        "tagged": "5",
    }
    assert front.present
    assert not front.problems


def test_every_key_has_its_line() -> None:
    front = read("license: mit\nbase_model:\n- a/b\n- c/d\nmodel-index:\n- name: x\n  results: []")
    assert front.line("license") == 2
    assert front.line("base_model.1") == 5
    assert front.line("model-index.0.name") == 7
    assert front.values["base_model"] == ["a/b", "c/d"]
    assert front.last_line == 9


def test_a_key_given_twice_keeps_the_last_and_is_a_problem() -> None:
    front = read("license: mit\ntags: [a]\nlicense: other")
    assert front.values["license"] == "other"
    (problem,) = front.problems
    assert (problem.kind, problem.line) == ("duplicate-key", 4)
    assert "line 2" in problem.message


def test_an_alias_stands_for_its_value() -> None:
    assert read("a: &x [1, 2]\nb: *x").values["b"] == [1, 2]


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("license: mit\ntags: [a", "unreadable", 4),
        ("- a\n- b", "not-a-mapping", 2),
        ("? [a]\n: b", "unreadable", 2),
        ("a: *nowhere", "unreadable", 2),
        ("a: &x [*x]", "unreadable", 2),
        ("- " * (MAX_DEPTH + 1), "too-deep", 2),
        ("a:" + "\n- x" * 21_000, "too-many-nodes", None),
        ("a: " + "x" * 300_000, "too-large", 1),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_line(text: str, kind: str, line: int | None) -> None:
    front = read(text)
    assert front.problems[-1].kind == kind
    assert front.present
    assert not front.values
    if line is not None:
        assert front.problems[-1].line == line


@pytest.mark.parametrize("bracket", ["[", "{"])
def test_brackets_are_left_at_the_bound(bracket: str) -> None:
    """libyaml has a bound of its own in newer releases; without it a loader would overflow the stack of the process."""
    (problem,) = read("a: " + bracket * 100_000).problems
    assert problem.kind in ("too-deep", "unreadable")


def test_aliases_cannot_multiply() -> None:
    levels = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30))
    tracemalloc.start()
    front = read(f"a0: &a0 [x, x, x]\n{levels}")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert front.problems[-1].kind == "too-many-nodes"
    assert peak < 16 * 2**20


@pytest.mark.parametrize("text", ["# A model", "", "\n\n", "---", "--- \ntext that goes on\nand on", "a\n---\nb: c\n---"])
def test_a_card_without_front_matter_has_none(text: str) -> None:
    assert read_front_matter(text.split("\n")) == FrontMatter()


def test_front_matter_that_is_not_closed_is_a_problem() -> None:
    (problem,) = read_front_matter(["---", "license: mit", "# A model"]).problems
    assert problem.kind == "unclosed"


def test_blank_lines_may_stand_before_it() -> None:
    front = read_front_matter(["", "---", "license: mit", "---"])
    assert front.line("license") == 3


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
def test_only_a_line_feed_ends_a_line(character: str) -> None:
    """YAML 1.1 ends lines at these too: places behind one would be off, or beyond the end of the card."""
    front = read(f"license: mit\n# {character * 9}\nbase_model: a/b")
    assert (front.line("base_model"), front.values["base_model"]) == (4, "a/b")


FRONT = "---\nlicense: mit\ntags:\n- a\n---\n"


@pytest.mark.parametrize("start", ["\ufeff", "\r\n", "\n\n", " "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_blanks_and_any_line_end_may_surround_it(start: str, end: str) -> None:
    document = parse_card((start + FRONT).replace("\n", end).encode())
    assert document.front_matter.values == {"license": "mit", "tags": ["a"]}
    assert not document.front_matter.problems


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        (FRONT + FRONT, "second-block", 6),
        (FRONT + "\n# A model\n\n" + FRONT, "second-block", 9),
        (FRONT + "license: other\n---\n", "second-block", 6),
        (FRONT + "\ufeff" + FRONT, "second-block", 6),
        ("# A model\n" + FRONT, "misplaced", 2),
        ("<!-- generated -->\n\n" + FRONT, "misplaced", 3),
        ("license: mit\ntags: []\n---\n# A model\n", "misplaced", 1),
        ("---\n-license: mit\ntags: []\n---\n", "hyphen-key", 2),
        ("---\n\tlicense: mit\n---\n", "unreadable", 2),
        ("---\nlicense:mit\n---\n", "not-a-mapping", 2),
        ("---\nlicense：mit\n---\n", "not-a-mapping", 2),
        ("---\nlicense: mit\n...\n# A model\n", "unclosed", 1),
    ],
)
def test_what_cards_get_wrong_is_a_problem_at_its_line(text: str, kind: str, line: int) -> None:
    (problem,) = parse_card(text.encode()).front_matter.problems
    assert (problem.kind, problem.line) == (kind, line)


@pytest.mark.parametrize(
    "text",
    [
        "# A model\n---\nSome text: with a colon\n---\n",
        "# How to write a card\n```yaml\n" + FRONT + "```\n",
        FRONT + "# A model\n---\n**License**: MIT\n---\n",
        "# A model\n" + "\ntext\n" * 30 + FRONT,
        "license: mit\n\n# A model\n",
    ],
)
def test_what_is_no_block_of_metadata_is_no_problem(text: str) -> None:
    assert parse_card(text.encode()).front_matter.problems == ()


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029"])
def test_what_only_yaml_1_1_calls_a_line_end_moves_no_line(mark: str) -> None:
    front = read(f"description: a{mark}b\nlicense: mit")
    assert front.line("license") == 3
    assert front.values["description"] == "a b"
