"""Numbers that remember how they were made.

Formulas are ordinary Python over `Num`. Each result knows its value, prints its formula and its worked line, and
lists the facts it rests on. A number that cannot be known has the value None and carries its reasons; every formula
over it is unknown for the same reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from specverify.facts import Fact

Numeric: TypeAlias = "Num | int | float"
_Key = TypeVar("_Key")

_ATOM = 9
_PRECEDENCE = {"<=": 0, "+": 1, "-": 1, "x": 2, "//": 3, "/": 3}


class Num:
    """A traced number.

    `op` is `const`, `fact`, `named` (a sub-formula with a name of its own), or an operation on `args`. `label` is what
    a formula prints for a const, fact or named node; `unit` follows the value in worked lines. A Num is always true,
    whatever its value, so `stated or fallback` picks by presence.
    """

    __slots__ = ("args", "fact", "label", "op", "unit", "value")

    def __init__(
        self,
        value: int | float | None,
        op: str = "const",
        args: tuple[Num, ...] = (),
        *,
        fact: Fact | None = None,
        label: str | None = None,
        unit: str | None = None,
    ) -> None:
        self.value = value
        self.op = op
        self.args = args
        self.fact = fact
        self.label = label
        self.unit = unit

    def __repr__(self) -> str:
        return f"Num({self.value}: {self.formula()})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Num):
            return NotImplemented
        return (self.value, self.op, self.label, self.unit, self.fact, self.args) == (
            other.value,
            other.op,
            other.label,
            other.unit,
            other.fact,
            other.args,
        )

    def __hash__(self) -> int:
        # Numbers of one value are many, and so are unknown ones: what they rest on tells them apart.
        return hash((self.value, self.op, self.label, self.fact and self.fact.name, *self.args))

    def __add__(self, other: Numeric) -> Num:
        if not isinstance(other, Num):
            other = Num(other)
        a, b = self.value, other.value
        if a == 0 and self.op == "const" and self.label is None:
            return other
        if b == 0 and other.op == "const" and other.label is None:
            return self
        # One node for a running sum: a fold over thousands of layers may not nest as deep as it is long.
        terms = self.args if self.op == "+" else (self,)
        return Num(None if a is None or b is None else a + b, "+", (*terms, other))

    def __radd__(self, other: int | float) -> Num:
        return _num(other) + self

    def __sub__(self, other: Numeric) -> Num:
        other = _num(other)
        a, b = self.value, other.value
        return Num(None if a is None or b is None else a - b, "-", (self, other))

    def __rsub__(self, other: int | float) -> Num:
        return _num(other) - self

    def __mul__(self, other: Numeric) -> Num:
        if not isinstance(other, Num):
            other = Num(other)
        a, b = self.value, other.value
        if a == 1 and self.op == "const" and self.label is None:
            return other
        if b == 1 and other.op == "const" and other.label is None:
            return self
        # Nothing times an unknown is nothing: a model without routed experts has a known total.
        return Num(a * b if a and b else 0 if a == 0 or b == 0 else None, "x", (self, other))

    def __rmul__(self, other: int | float) -> Num:
        return _num(other) * self

    def __floordiv__(self, other: Numeric) -> Num:
        return _operation("//", self, _num(other), lambda a, b: a // b if b else None)

    def __rfloordiv__(self, other: int | float) -> Num:
        return _num(other) // self

    def __truediv__(self, other: Numeric) -> Num:
        return _operation("/", self, _num(other), _ratio)

    def __rtruediv__(self, other: int | float) -> Num:
        return _num(other) / self

    def named(self, label: str, unit: str | None = None) -> Num:
        """This number under a name: formulas print the name, and the name explains itself on its own."""
        return Num(self.value, "named", (self,), label=label, unit=unit)

    def leaves(self) -> Iterator[Num]:
        """Every const and fact below, each once, left to right."""
        seen: set[int] = set()
        stack = [self]
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if node.op in ("const", "fact"):
                yield node
            stack.extend(reversed(node.args))

    def rests_on(self) -> tuple[Fact, ...]:
        """The facts below, each once."""
        facts: dict[str, Fact] = {}
        for leaf in self.leaves():
            if leaf.fact is not None:
                facts.setdefault(leaf.fact.name, leaf.fact)
        return tuple(facts.values())

    def reasons(self) -> tuple[str, ...]:
        """Why the value is unknown; empty where it is known."""
        if self.value is not None:
            return ()
        found: dict[str, None] = {}
        for leaf in self.leaves():
            if leaf.value is None:
                reason = leaf.fact.reason if leaf.fact is not None and leaf.fact.reason else leaf.label
                found[reason or "unknown"] = None
        return tuple(found) or ("division by zero",)

    def definitions(self) -> Iterator[Num]:
        """The named sub-formulas below, outermost first, each once."""
        seen: set[str] = set()
        queue = list(self.args)
        while queue:
            node = queue.pop(0)
            if node.op == "named" and node.label is not None and node.label not in seen:
                seen.add(node.label)
                yield node
            queue.extend(node.args)

    def formula(self) -> str:
        """The formula in names: `num_hidden_layers x (kv_lora_rank + qk_rope_head_dim) x 2 B`."""
        return _infix(self.body(), _symbol)

    def worked(self) -> str:
        """The formula in values: `61 x (512 + 64) x 2 B`."""
        return _infix(self.body(), _figure)

    def body(self) -> Num:
        """What a name stands for; the number itself where it has none."""
        return self.args[0] if self.op == "named" else self

    def to_json(self) -> Any:
        """A JSON form that `from_json` restores given the facts by name."""
        if self.op == "const" and self.label is None and self.unit is None:
            return self.value
        form: dict[str, Any] = {"value": self.value}
        if self.fact is not None:
            form["fact"] = self.fact.name
        elif self.label is not None:
            form["label"] = self.label
        if self.unit is not None:
            form["unit"] = self.unit
        if self.op not in ("const", "fact"):
            form["op"] = self.op
        if self.args:
            form["args"] = [arg.to_json() for arg in self.args]
        return form

    @staticmethod
    def from_json(form: Any, facts: Mapping[str, Fact]) -> Num:
        """The number `to_json` wrote."""
        if not isinstance(form, dict):
            return Num(form)
        args = tuple(Num.from_json(arg, facts) for arg in form.get("args", ()))
        if "fact" in form:
            return Num(form["value"], "fact", args, fact=facts[form["fact"]], unit=form.get("unit"))
        return Num(form["value"], form.get("op", "const"), args, label=form.get("label"), unit=form.get("unit"))


def const(value: int | float, label: str | None = None, unit: str | None = None) -> Num:
    """A number that rests on nothing; `label` names it in formulas."""
    return Num(value, label=label, unit=unit)


def of(fact: Fact, *computed_from: Num) -> Num:
    """The number a fact states; `computed_from` is the expression a computed fact was made with."""
    value = fact.value
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    return Num(number, "fact", computed_from, fact=fact)


def unknown(reason: str) -> Num:
    """A number nobody states, for `reason`."""
    return Num(None, label=reason)


def counted(value: int, label: str, *rests_on: Num) -> Num:
    """A count read off facts (`sliding layers`, from a pattern): known, named, and resting on what it was read off."""
    return Num(value, "count", rests_on, label=label)


def call(name: str, compute: Callable[..., int | float | None], *arguments: Numeric) -> Num:
    """A named function of numbers, shown as `name(a, b)`; unknown where an argument is."""
    numbers = tuple(_num(argument) for argument in arguments)
    values = [number.value for number in numbers]
    return Num(None if None in values else compute(*values), name, numbers)


def ceil_div(a: Numeric, b: Numeric) -> Num:
    """`a / b` rounded up."""
    return call("ceil_div", lambda x, y: -(-x // y) if y else None, a, b)


def floor(a: Numeric) -> Num:
    """The whole part; unknown for what is not finite."""
    return call("floor", lambda x: int(x // 1) if x - x == 0 else None, a)


def ceiling(a: Numeric) -> Num:
    """The whole number from there up; unknown for what is not finite."""
    return call("ceil", lambda x: int(-(-x // 1)) if x - x == 0 else None, a)


def minimum(a: Numeric, b: Numeric) -> Num:
    """The smaller of two."""
    return call("min", min, a, b)


def maximum(a: Numeric, b: Numeric) -> Num:
    """The larger of two."""
    return call("max", max, a, b)


def at_most(a: Numeric, b: Numeric) -> Num:
    """Whether `a <= b`, as a bool."""
    return _operation("<=", _num(a), _num(b), lambda x, y: x <= y)


def total(numbers: Iterable[Num]) -> Num:
    """The sum; 0 for none. One node, however many there are."""
    given = list(numbers)
    if len(given) == 1:
        return given[0]
    terms: list[Num] = []
    for number in given:
        if number.op == "+":
            terms += number.args
        elif number.value != 0 or number.op != "const" or number.label is not None:
            terms.append(number)
    if len(terms) < 2:
        return terms[0] if terms else given[0] if given else Num(0)
    known = [term.value for term in terms if term.value is not None]
    return Num(sum(known) if len(known) == len(terms) else None, "+", tuple(terms))


def totals(amounts: Iterable[tuple[_Key, Num]]) -> dict[_Key, Num]:
    """The sum by key, keys in the order they first come."""
    found: dict[_Key, list[Num]] = {}
    for key, amount in amounts:
        found.setdefault(key, []).append(amount)
    return {key: total(numbers) for key, numbers in found.items()}


def product(numbers: Iterable[Num]) -> Num:
    """The product; 1 for none."""
    result: Num | None = None
    for number in numbers:
        result = number if result is None else result * number
    return Num(1) if result is None else result


def _ratio(a: int | float, b: int | float) -> int | float | None:
    """`a / b`, whole where it is whole."""
    if not b:
        return None
    return a // b if isinstance(a, int) and isinstance(b, int) and a % b == 0 else a / b


def _num(value: Numeric) -> Num:
    return value if isinstance(value, Num) else Num(value)


def _operation(op: str, a: Num, b: Num, compute: Callable[[Any, Any], Any]) -> Num:
    unknown_part = a.value is None or b.value is None
    return Num(None if unknown_part else compute(a.value, b.value), op, (a, b))


def _symbol(node: Num) -> str:
    if node.fact is not None:
        return node.fact.name
    if node.label is not None and (node.value is not None or node.op != "const"):
        return node.label
    return _figure(node)


def _figure(node: Num) -> str:
    if node.value is None:
        return "unknown"
    if isinstance(node.value, bool):
        return "yes" if node.value else "no"
    text = f"{node.value:,}" if isinstance(node.value, int) else f"{node.value:,.6g}"
    return f"{text} {node.unit}" if node.unit else text


def _infix(node: Num, leaf: Callable[[Num], str]) -> str:
    text, _ = _render(node, leaf)
    return text


def _render(node: Num, leaf: Callable[[Num], str]) -> tuple[str, int]:
    if node.op in ("const", "fact", "named", "count"):
        return leaf(node), _ATOM
    parts = [_render(arg, leaf) for arg in node.args]
    if node.op not in _PRECEDENCE:
        return f"{node.op}({', '.join(text for text, _ in parts)})", _ATOM
    precedence = _PRECEDENCE[node.op]
    texts = []
    for position, (text, inner) in enumerate(parts):
        regroups = position > 0 and _regroups(node.op, node.args[position])
        texts.append(f"({text})" if inner < precedence or regroups else text)
    return f" {node.op} ".join(texts), precedence


def _regroups(op: str, right: Num) -> bool:
    """Whether a right-hand operand needs its parentheses read from left to right: `a - (b + c)`, `a x (b // c x d)`."""
    if op == "x":
        while right.op == "x":
            right = right.args[0]
        return right.op in ("//", "/")
    return op in ("-", "//", "/") and _PRECEDENCE.get(right.op) == _PRECEDENCE[op]
