"""Values that never change, told from others by what they hold.

Each is a dataclass in all its users see of it, but the methods that `dataclasses` would write out as text for every class
are written once, `__init__` is made with the first value of a class, and the fields are described when somebody asks for
them: a cold start pays for each of these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar, dataclass_transform

_Class = TypeVar("_Class", bound="Struct")


class _Fields:
    """`__dataclass_fields__`, by which `dataclasses` knows a dataclass and its fields."""

    def __get__(self, value: Struct | None, kind: Any) -> Mapping[str, Field[Any]]:
        return _described(kind)


@cache
def _described(kind: Any) -> Mapping[str, Field[Any]]:
    """The fields of a class, as a plain dataclass of the same annotations and defaults has them."""
    from inspect import get_annotations

    stated: dict[str, Any] = {}
    for one in reversed(kind.__mro__):
        stated |= get_annotations(one)
    body = {"__annotations__": {name: stated[name] for name in kind.__match_args__}} | dict(kind._defaults)
    plain: Any = dataclass(init=False, repr=False, eq=False)(type(kind.__name__, (), body))
    fields: Mapping[str, Field[Any]] = plain.__dataclass_fields__
    return fields


class Struct:
    """What every `frozen` class is a kind of."""

    __slots__: tuple[str, ...] = ()
    __match_args__: tuple[str, ...] = ()
    __dataclass_fields__: ClassVar[Any] = _Fields()
    _defaults: ClassVar[Mapping[str, Any]] = {}
    _compared: ClassVar[tuple[str, ...]] = ()
    _shown: ClassVar[tuple[str, ...]] = ()

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
        return all(getattr(self, name) == getattr(other, name) for name in self._compared)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self._compared))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._shown)})"

    def __reduce__(self) -> tuple[type[Struct], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, name) for name in self.__match_args__)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(kind: type[_Class]) -> type[_Class]:
    """Make a kind of Struct of a class that lists its fields, as `dataclass` does; defaults, `field` and `__post_init__` are as there."""
    above = kind.__mro__[1]
    assert issubclass(above, Struct)
    body = {name: value for name, value in vars(kind).items() if name not in ("__dict__", "__weakref__")}
    own = [name for name in body.get("__annotations__", ()) if name not in above.__match_args__]
    names = (*above.__match_args__, *own)
    defaults = {**above._defaults, **{name: body.pop(name) for name in own if name in body}}
    special = {name: default for name, default in defaults.items() if isinstance(default, Field)}
    body |= {
        "__slots__": tuple(own),
        "__match_args__": names,
        "_defaults": defaults,
        "_compared": tuple(name for name in names if name not in special or special[name].compare),
        "_shown": tuple(name for name in names if name not in special or special[name].repr),
        "__qualname__": kind.__qualname__,
        "__init__": Struct.__init__,  # not the one of the class above, which has its fields alone
    }
    made: type[_Class] = type(kind.__name__, kind.__bases__, body)
    return made


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
    for name in kind.__match_args__:
        scope[f"_set_{name}"] = getattr(kind, name).__set__
        default = kind._defaults.get(name, MISSING)
        made = default.default_factory if isinstance(default, Field) else MISSING
        default = default.default if isinstance(default, Field) else default
        value = name
        if made is not MISSING:
            scope |= {f"_make_{name}": made, "_MISSING": MISSING}
            parameters.append(f"{name}=_MISSING")
            value = f"_make_{name}() if {name} is _MISSING else {name}"
        elif default is not MISSING:
            scope[f"_default_{name}"] = default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        body.append(f" _set_{name}(self, {value})\n")
    if hasattr(kind, "__post_init__"):
        body.append(" self.__post_init__()\n")
    # Names of fields, which this package wrote: what `dataclasses` does for each class it makes.
    exec(f"def __init__({', '.join(parameters)}):\n{''.join(body) or ' pass'}", scope)  # noqa: S102
    initializer: Callable[..., None] = scope["__init__"]
    return initializer
