"""Traced numbers: what they are worth, what they print, what they rest on, and why one is unknown."""

from __future__ import annotations

import json
import operator
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from specverify import num
from specverify.facts import Fact, Reading, Source, Where, unknown
from specverify.num import Num


def fact(name: str, value: Any) -> Fact:
    return Fact(name, (Reading(value, Source.DECLARED, Where("config.json", f"/{name}")),))


def stated(name: str, value: Any) -> Num:
    return num.of(fact(name, value))


LAYERS, RANK, ROPE = stated("num_hidden_layers", 61), stated("kv_lora_rank", 512), stated("qk_rope_head_dim", 64)
BYTES = num.const(2, unit="B")


def test_a_formula_prints_its_names_and_its_values() -> None:
    cost = LAYERS * (RANK + ROPE) * BYTES
    assert cost.value == 70_272
    assert cost.formula() == "num_hidden_layers x (kv_lora_rank + qk_rope_head_dim) x 2 B"
    assert cost.worked() == "61 x (512 + 64) x 2 B"


def test_large_values_are_grouped_and_fractions_short() -> None:
    assert (num.const(131072) * num.const(0.5)).worked() == "131,072 x 0.5"
    assert num.const(1 / 3).worked() == "0.333333"


A, B, C = stated("a", 7), stated("b", 5), stated("c", 2)


@pytest.mark.parametrize(
    ("number", "formula", "value"),
    [
        (A + B * C, "a + b x c", 17),
        ((A + B) * C, "(a + b) x c", 24),
        (A * (B + C), "a x (b + c)", 49),
        (A - (B - C), "a - (b - c)", 4),
        (A - B - C, "a - b - c", 0),
        (A - (B + C), "a - (b + c)", 0),
        (A + (B - C), "a + b - c", 10),
        (A // B // C, "a // b // c", 0),
        (A // (B // C), "a // (b // c)", 3),
        (A * B // C, "(a x b) // c", 17),
        (A * (B // C), "a x (b // c)", 14),
        (A // C * B, "a // c x b", 15),
        (A * (B // C * B), "a x (b // c x b)", 70),
        (A * (B * C // A * B), "a x ((b x c) // a x b)", 35),
        (A / (B * C), "a / (b x c)", 0.7),
        (A * (B / C), "a x (b / c)", 17.5),
        (-1 + A, "-1 + a", 6),
        (9 - A, "9 - a", 2),
        (15 // A, "15 // a", 2),
        (14 / A, "14 / a", 2),
        (3 * A, "3 x a", 21),
    ],
)
def test_parentheses_stand_where_they_are_needed(number: Num, formula: str, value: float) -> None:
    assert (number.formula(), number.value) == (formula, value)


OPERATORS = {"+": operator.add, "-": operator.sub, "x": operator.mul, "//": operator.floordiv}
TREES: st.SearchStrategy[Any] = st.recursive(
    st.integers(1, 9), lambda inner: st.tuples(st.sampled_from(list(OPERATORS)), inner, inner), max_leaves=8
)


def built(tree: Any) -> Num:
    if isinstance(tree, int):
        return num.const(tree, f"n{tree}")
    left, right = built(tree[1]), built(tree[2])
    result: Num = OPERATORS[tree[0]](left, right)
    return result


@given(TREES)
@settings(deadline=None)
def test_a_worked_line_read_from_left_to_right_gives_the_value(tree: Any) -> None:
    number = built(tree)
    try:
        read = eval(number.worked().replace(" x ", " * ").replace(",", ""), {"__builtins__": {}})  # noqa: S307
    except ZeroDivisionError:
        reject()
    assert read == number.value


def test_a_sum_of_thousands_does_not_nest() -> None:
    """Deep stacks with layers that all differ make such sums; they are printed, walked and stored like any other."""
    running = num.const(1, "n0")
    for index in range(1, 5_000):
        running = running + num.const(index, f"n{index}")
    assert running.value == 1 + sum(range(5_000))
    assert running.formula().startswith("n0 + n1 + n2 + ")
    assert len(list(running.leaves())) == 5_000
    assert Num.from_json(running.to_json(), {}) == running


def test_one_and_nothing_leave_no_trace() -> None:
    assert num.const(1) * A is A
    assert A * 1 is A
    assert num.const(0) + A is A
    assert A + 0 is A


def test_a_one_or_nothing_with_a_name_is_shown() -> None:
    assert (num.const(1, "copies") * A).formula() == "copies x a"
    assert (num.const(0, "shared") + A).formula() == "shared + a"


UNSTATED = num.of(unknown("head_dim", "`head_dim` is not stated"))


@pytest.mark.parametrize(
    "number",
    [
        A + UNSTATED,
        A - UNSTATED,
        A * UNSTATED,
        A // UNSTATED,
        UNSTATED / A,
        num.ceil_div(UNSTATED, A),
        num.minimum(A, UNSTATED),
        num.maximum(A, UNSTATED),
        num.floor(UNSTATED),
        num.at_most(A, UNSTATED),
        num.total([A, UNSTATED]),
        num.product([A, UNSTATED]),
        (A * UNSTATED).named("width") + B,
    ],
)
def test_unknown_stays_unknown_and_says_why(number: Num) -> None:
    assert number.value is None
    assert number.reasons() == ("`head_dim` is not stated",)


def test_reasons_are_told_once_and_all() -> None:
    other = num.unknown("no engine says")
    assert (UNSTATED + other * UNSTATED).reasons() == ("`head_dim` is not stated", "no engine says")
    assert (A + B).reasons() == ()
    assert UNSTATED.worked() == "unknown"


def test_nothing_times_an_unknown_is_nothing() -> None:
    assert (num.const(0) * UNSTATED).value == 0
    assert (UNSTATED * stated("num_experts", 0)).value == 0
    assert (A + num.const(0) * UNSTATED).value == 7


@pytest.mark.parametrize("number", [A // 0, A / 0, num.ceil_div(A, 0)])
def test_division_by_zero_is_unknown(number: Num) -> None:
    assert number.value is None
    assert number.reasons() == ("division by zero",)


@pytest.mark.parametrize(("a", "b", "up"), [(7, 2, 4), (8, 2, 4), (1, 16, 1), (0, 16, 0)])
def test_division_upwards(a: int, b: int, up: int) -> None:
    assert num.ceil_div(a, b).value == up


def test_functions_print_as_calls() -> None:
    number = num.ceil_div(A, B) * num.minimum(A + 1, C)
    assert (number.formula(), number.worked(), number.value) == ("ceil_div(a, b) x min(a + 1, c)", "ceil_div(7, 5) x min(7 + 1, 2)", 4)
    assert num.maximum(A, B).value == 7
    assert num.floor(num.const(2.9)).value == 2


def test_a_comparison_is_yes_or_no() -> None:
    assert num.at_most(B, A).value is True
    assert num.at_most(A, B).value is False
    assert num.at_most(A, A).value is True
    assert num.at_most(A, B * C).formula() == "a <= b x c"


def test_a_whole_quotient_is_an_int() -> None:
    assert isinstance((num.const(8) / 2).value, int)
    assert (num.const(7) / 2).value == 3.5


def test_totals_and_products_of_nothing() -> None:
    assert (num.total([]).value, num.product([]).value) == (0, 1)


def test_it_rests_on_each_fact_once_in_order() -> None:
    number = LAYERS * (RANK + ROPE) + RANK
    assert [f.name for f in number.rests_on()] == ["num_hidden_layers", "kv_lora_rank", "qk_rope_head_dim"]


def test_a_count_rests_on_what_it_was_read_off() -> None:
    sliding = num.counted(52, "sliding layers", LAYERS)
    assert (sliding * BYTES).formula() == "sliding layers x 2 B"
    assert (sliding * BYTES).value == 104
    assert [f.name for f in sliding.rests_on()] == ["num_hidden_layers"]


def test_a_computed_fact_rests_on_its_own_expression() -> None:
    width, heads = stated("hidden_size", 64), stated("num_attention_heads", 4)
    dim = num.of(fact("head_dim", 16), width // heads)
    assert dim.formula() == "head_dim"
    assert [f.name for f in (dim * 2).rests_on()] == ["head_dim", "hidden_size", "num_attention_heads"]


def test_a_bool_or_a_text_is_no_number() -> None:
    assert num.of(fact("flag", True)).value is None
    assert num.of(fact("size", "12")).value is None


def test_a_named_number_hides_its_working_and_defines_it() -> None:
    attention = (RANK * 2).named("attention parameters")
    total = (attention + (attention * ROPE).named("both")).named("parameters.total")
    assert total.formula() == "attention parameters + both"
    assert total.worked() == "1,024 + 65,536"
    assert [(d.label, d.formula()) for d in total.body().definitions()] == [
        ("attention parameters", "kv_lora_rank x 2"),
        ("both", "attention parameters x qk_rope_head_dim"),
    ]


def test_units_follow_values_in_worked_lines() -> None:
    assert (A * num.const(4, unit="B")).worked() == "7 x 4 B"


def test_a_number_is_true_whatever_its_value() -> None:
    assert bool(num.const(0))
    assert bool(UNSTATED)


@pytest.mark.parametrize(
    "number",
    [
        num.const(3),
        num.const(3, "three"),
        BYTES,
        LAYERS * (RANK + ROPE) * BYTES,
        (A * UNSTATED).named("width", "B") + num.unknown("nobody says"),
        num.ceil_div(A, B) + num.minimum(A, num.counted(3, "some", B)),
        num.at_most(A, B),
        num.of(fact("head_dim", 16), A // C),
    ],
)
def test_json_gives_the_number_back(number: Num) -> None:
    facts = {f.name: f for f in (*number.rests_on(), *(leaf.fact for leaf in number.leaves() if leaf.fact))}
    again = Num.from_json(json.loads(json.dumps(number.to_json())), facts)
    assert again == number
    assert (again.formula(), again.worked(), again.reasons()) == (number.formula(), number.worked(), number.reasons())


def test_equality_is_of_working_not_of_value() -> None:
    assert num.const(12) != A + B
    assert num.of(fact("a", 7)) + B == A + B
    assert A != "a"


def test_equal_numbers_are_one_key_and_unknown_ones_differ() -> None:
    assert len({A + B, num.of(fact("a", 7)) + B}) == 1
    unstated = [num.of(unknown(f"size {i}", "not stated")) for i in range(50)]
    assert len({hash(number) for number in unstated}) == 50
    assert len({hash(number * 2) for number in unstated}) == 50


def test_the_form_for_debugging_says_value_and_formula() -> None:
    assert repr(A + B) == "Num(12: a + b)"
