"""Values that never change, told from others by what they hold.

Each is a dataclass in all its users see of it, but the methods that `dataclasses` would write out as text for every class
are written once, and `__init__` when the first value of a class is made: a cold start pays for each text it compiles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, dataclass_transform

_Class = TypeVar("_Class", bound="Struct")


class Struct:
    """What every `frozen` class is a kind of."""

    __slots__: tuple[str, ...] = ()
    __match_args__: tuple[str, ...] = ()

    def __init__(self, *values: Any, **named: Any) -> None:
        kind: Any = type(self)
        kind.__init__ = _initializer(kind)
        kind.__init__(self, *values, **named)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to {name!r} of {type(self).__name__}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete {name!r} of {type(self).__name__}")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.__match_args__))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__match_args__)})"

    def __reduce__(self) -> tuple[type[Struct], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, name) for name in self.__match_args__)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(kind: type[_Class]) -> type[_Class]:
    """Make a kind of Struct of a class that lists its fields, as `dataclass` does; defaults, `field` and `__post_init__` are as there."""
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(kind)
    made.__init__ = Struct.__init__  # not the one of a class above it, which has its fields alone
    return made  # type: ignore[no-any-return]


if TYPE_CHECKING:
    from dataclasses import replace as replace  # whose changes are checked against the fields
else:

    def replace(value, /, **changes):
        """The value with other ones in some of its fields."""
        return type(value)(**{name: getattr(value, name) for name in value.__match_args__} | changes)


def _initializer(kind: type[Struct]) -> Callable[..., None]:
    """The `__init__` of a class: it fills the slots, which lets no one else pass `__setattr__`."""
    scope: dict[str, Any] = {}
    parameters, body = ["self"], []
    for one in fields(kind):  # type: ignore[arg-type]
        name = one.name
        scope[f"_set_{name}"] = getattr(kind, name).__set__
        value = name
        if one.default_factory is not MISSING:
            scope |= {f"_make_{name}": one.default_factory, "_MISSING": MISSING}
            parameters.append(f"{name}=_MISSING")
            value = f"_make_{name}() if {name} is _MISSING else {name}"
        elif one.default is not MISSING:
            scope[f"_default_{name}"] = one.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        body.append(f" _set_{name}(self, {value})\n")
    if hasattr(kind, "__post_init__"):
        body.append(" self.__post_init__()\n")
    # Names of fields, which this package wrote: what `dataclasses` does for each class it makes.
    exec(f"def __init__({', '.join(parameters)}):\n{''.join(body) or ' pass'}", scope)  # noqa: S102
    made: Callable[..., None] = scope["__init__"]
    return made
