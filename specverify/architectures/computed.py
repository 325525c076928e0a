"""The named functions by which model classes compute one config key from others; `defaults.json` refers to them.

`NUMERIC` functions use operators only, so traced numbers pass through them. The others take plain values and return
plain values: what a key of the raw config holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, Final


def same(value: Any) -> Any:
    """The other key's value."""
    return value


def quotient(a: Any, b: Any) -> Any:
    """`a // b`: `hidden_size // num_attention_heads`."""
    return a // b


def product(a: Any, b: Any) -> Any:
    """`a * b`."""
    return a * b


def total(a: Any, b: Any) -> Any:
    """`a + b`: the rotary and the other part of a head."""
    return a + b


def multiple(value: Any, *, times: int) -> Any:
    """`value * times`: a feed-forward four times as wide as the model."""
    return value * times


def share(a: Any, b: Any = None, *, times: int = 1, by: int = 1) -> Any:
    """`a * times // (b * by)`."""
    top = a if times == 1 else a * times
    if b is None:
        return top // by
    return top // (b if by == 1 else b * by)


def product_quotient(a: Any, b: Any, c: Any) -> Any:
    """`a * b // c`: the inner width of a state-space mixer over its heads."""
    return a * b // c


def ceil_quotient(value: Any, *, by: int) -> Any:
    """`value / by` rounded up: the step rank of Mamba."""
    if isinstance(value, int):
        return -(-value // by)
    from specverify.num import ceil_div

    return ceil_div(value, by)


def plus(value: Any, *, add: int) -> Any:
    """`value + add`."""
    return value + add


def one_or(flag: bool, value: Any) -> Any:
    """1 where the flag is on, else the other key's value: multi-query attention."""
    return 1 if flag else value


def kept_if(flag: bool, value: Any, otherwise: Any = None) -> Any:
    """`value` where the flag is on, else `otherwise`: a window that counts only if `use_sliding_window` is set."""
    return value if flag else otherwise


def half_window_if(flag: Any, window: int, when: Any = True) -> Any:
    """`window // 2 + 1` where the flag is `when`: a causal window of n seen as a two-sided one."""
    on = bool(flag) if when is True else flag == when
    return window // 2 + 1 if on else window


def half_or(value: Any, otherwise: Any) -> Any:
    """`value // 2`, or `otherwise` where it is null or 0."""
    return value // 2 if value else otherwise


def override_if(flag: Any, value: Any, otherwise: Any) -> Any:
    """`value` where the flag is on and there is a value, else `otherwise`."""
    return value if flag and value is not None else otherwise


def either(flag: Any, on: Any, off: Any) -> Any:
    """`on` or `off`, as the flag says."""
    return on if flag else off


def replaced_if(flag: Any, value: Any, *, on: Any) -> Any:
    """`on` where the flag is set, else `value`."""
    return on if flag else value


def plus_or(value: Any, otherwise: Any, *, add: int) -> Any:
    """`value + add` where there is a value, else `otherwise`."""
    return otherwise if value is None else value + add


def any_of(*flags: Any) -> bool:
    """Whether one of the flags is on."""
    return any(flags)


def constant(value: Any) -> Any:
    """A value the class sets whatever the config says."""
    return value


def truncated_product(a: float, b: float) -> int:
    """`int(a * b)`: a ratio of a width."""
    return int(a * b)


def length(entries: Sequence[Any]) -> int:
    """How many entries a list has."""
    return len(entries)


def summed(entries: Sequence[int], *, times: int = 1) -> int:
    """The sum of a list, `times` over."""
    return sum(entries) * times


def last_stage(width: int, stages: Sequence[Any], times: float = 2) -> int:
    """The width after the last of the stages, each of which multiplies it by `times`."""
    return int(width * times ** (len(stages) - 1))


def indices(count: int) -> list[int]:
    """`0` to `count - 1`."""
    return list(range(count))


def multiples(count: int, step: int) -> list[int]:
    """The indices of every `step`-th of `count` layers, the last of each `step`."""
    return list(range(step - 1, count, step))


def repeated(count: int, value: Any) -> list[Any]:
    """`value` for each layer."""
    return [value] * count


def pattern(
    count: int,
    *,
    cycle: Sequence[Any],
    head: Sequence[Any] = (),
    tail: Sequence[Any] = (),
    from_end: bool = False,
    ensure: Any = None,
) -> list[Any]:
    """`head`, then `cycle` over and over; `tail` replaces the last entries.

    `from_end` runs the cycle from the last layer back. `ensure` is the last entry of a list too short to hold one.
    """
    if from_end:
        return [cycle[(count - 1 - i) % len(cycle)] for i in range(count)]
    entries = [head[i] if i < len(head) else cycle[(i - len(head)) % len(cycle)] for i in range(count)]
    for i, entry in enumerate(reversed(tail)):
        if i < count:
            entries[count - 1 - i] = entry
    if ensure is not None and entries and ensure not in entries:
        entries[-1] = ensure
    return entries


def every_nth(count: int, every: int, *, hit: Any, miss: Any, offset: int = 1, last: Any = None) -> list[Any]:
    """`hit` where `(index + offset) % every == 0`, else `miss`; the last layer is `last` where that is given."""
    entries = [miss if (i + offset) % every else hit for i in range(count)]
    if last is not None and entries:
        entries[-1] = last
    return entries


def every_nth_if(count: int, window: Any, every: Any, *, hit: Any, miss: Any) -> list[Any]:
    """`every_nth`; with no `window` every layer is `hit`."""
    if window is None:
        return [hit] * count
    return every_nth(count, every, hit=hit, miss=miss)


def every_nth_in_two(count: int, first: int, every_first: int, every_rest: int, *, hit: Any, miss: Any) -> list[Any]:
    """`every_nth` for the `first` layers, then again from the start for the rest."""
    head = every_nth(min(first, count), every_first, hit=hit, miss=miss)
    return head + every_nth(max(count - first, 0), every_rest, hit=hit, miss=miss)


def every_after(count: int, period: int, offset: int, *, head: Sequence[Any], hit: Any, miss: Any) -> list[Any]:
    """`head`, then, counted anew, `hit` where `index % period == offset`, else `miss`."""
    return [*head, *(hit if i % period == offset else miss for i in range(count - len(head)))]


def every_from(count: int, period: int, offset: int, *, hit: Any, miss: Any) -> list[Any]:
    """`hit` where `index % period == offset`, else `miss`."""
    return [hit if i % period == offset else miss for i in range(count)]


def first_k(count: int, k: int, *, head: Any, rest: Any) -> list[Any]:
    """`head` for the first `k` layers, `rest` for the others."""
    return [head if i < k else rest for i in range(count)]


def first_k_every(count: int, k: int, every: int, *, head: Any, rest: Any) -> list[Any]:
    """`rest` for every `every`-th layer from the `k`-th on, `head` for the others."""
    return [rest if i >= k and i % every == 0 else head for i in range(count)]


def window_from(count: int, window: Any, first: int, *, hit: Any, miss: Any) -> list[Any]:
    """`hit` from layer `first` on if there is a `window`; `miss` for the others."""
    return [hit if window is not None and i >= first else miss for i in range(count)]


def window_from_if(count: int, window: Any, first: int, *, hit: Any, miss: Any) -> list[Any]:
    """`hit` from layer `first` on if the `window` is neither null nor 0; `miss` for the others."""
    return [hit if window and i >= first else miss for i in range(count)]


def windowed(count: int, window: Any, *, hit: Any, miss: Any) -> list[Any]:
    """`hit` for every layer if there is a `window`, else `miss`."""
    return [hit if window is not None else miss] * count


def windowed_where(count: int, flag: Any, window: Any, entries: Sequence[Any], *, hit: Any, miss: Any) -> list[Any]:
    """`hit` for layers whose entry is 0 or off, if the flag is on and there is a `window`; else `miss`."""
    return [hit if flag and window is not None and not entries[i] else miss for i in range(count)]


def at(count: int, chosen: Sequence[int] | None, *, hit: Any, miss: Any, cycle: Sequence[Any] = ()) -> list[Any]:
    """`hit` for the layers listed in `chosen`, `miss` for the others; `cycle` over and over where the list is null."""
    if chosen is None:
        return pattern(count, cycle=cycle)
    return [hit if i in chosen else miss for i in range(count)]


def experts_at(count: int, period: int, offset: int, experts: int) -> list[int]:
    """`experts` where `index % period == offset`, else 1."""
    return [experts if i % period == offset else 1 for i in range(count)]


def chosen(flags: Sequence[Any], *, on: Any, off: Any) -> list[Any]:
    """`on` or `off` for each entry."""
    return [on if flag else off for flag in flags]


def skip_pattern(count: int, every: int, offset: int, *, hit: Any, miss: Any) -> list[Any]:
    """`hit` for the first `offset` layers and every `every`-th from the last of them on, else `miss`."""
    return [miss if max(i - offset + 1, 0) % max(every, 1) else hit for i in range(count)]


def stage_names(count: int) -> list[str]:
    """`stem`, `stage1`, ..."""
    return ["stem", *(f"stage{i + 1}" for i in range(count))]


def stage_names_of(stages: Sequence[Any]) -> list[str]:
    """`stem`, then a `stage` for each entry."""
    return stage_names(len(stages))


NUMERIC: Final = frozenset({"same", "quotient", "product", "total", "multiple", "share", "product_quotient", "ceil_quotient", "plus"})
"""The functions that traced numbers pass through."""

COUNTED: Final = frozenset(
    {
        "indices",
        "multiples",
        "repeated",
        "pattern",
        "every_nth",
        "every_nth_if",
        "every_nth_in_two",
        "every_after",
        "every_from",
        "first_k",
        "first_k_every",
        "window_from",
        "window_from_if",
        "windowed",
        "windowed_where",
        "at",
        "experts_at",
        "skip_pattern",
        "stage_names",
    }
)
"""The functions that make as many entries as their first argument says."""

COMPUTED: Final[MappingProxyType[str, Callable[..., Any]]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            same,
            quotient,
            product,
            total,
            multiple,
            share,
            product_quotient,
            ceil_quotient,
            plus,
            one_or,
            kept_if,
            half_window_if,
            half_or,
            override_if,
            either,
            replaced_if,
            plus_or,
            any_of,
            constant,
            truncated_product,
            length,
            summed,
            last_stage,
            indices,
            multiples,
            repeated,
            pattern,
            every_nth,
            every_nth_if,
            every_nth_in_two,
            every_after,
            every_from,
            first_k,
            first_k_every,
            window_from,
            window_from_if,
            windowed,
            windowed_where,
            at,
            experts_at,
            chosen,
            skip_pattern,
            stage_names,
            stage_names_of,
        )
    }
)
