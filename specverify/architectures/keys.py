"""A config as its family reads it: raw keys, the spellings its class accepts, and the class defaults behind them.

Absent is not null is not default. A key that is present is declared; an absent one takes the class default, which is
recorded as such; a null one is what the class makes of null. A value of the wrong kind is a `Problem`, and the field
it would have stated is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from specverify import num
from specverify.architectures.computed import COMPUTED, NUMERIC
from specverify.architectures.defaults import ClassDefaults, class_defaults, plain_value, release
from specverify.facts import Fact, Reading, Source, Where
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Problem

LARGEST_INT = 2**63 - 1
MOST_LAYERS = 4_096
"""Deeper stacks do not exist; a config that asks for one would only cost time."""

_STANDARD_NAMES = frozenset(
    {
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "num_key_value_heads",
        "head_dim",
        "intermediate_size",
        "vocab_size",
        "max_position_embeddings",
        "num_experts",
        "num_local_experts",
        "n_routed_experts",
        "num_experts_per_tok",
    }
)

Check = Callable[[Any], str | None]
Readings = list[Reading]
Entries = list[Any]
Integer = int


class Config:
    """One object of a config file with its class defaults.

    Sub-configs share `facts`, `problems`, `read` and `objects` with the document they are part of. `label` prefixes the
    facts of sub-configs other than the text model's own.
    """

    __slots__ = (
        "_actuals",
        "_choices",
        "_computing",
        "_names",
        "_nums",
        "_overridden",
        "_owners",
        "_per_layer",
        "_subs",
        "_told",
        "architecture",
        "defaults",
        "facts",
        "file",
        "label",
        "model_type",
        "objects",
        "pointer",
        "problems",
        "raw",
        "read",
    )

    def __init__(
        self,
        raw: Mapping[str, Any],
        *,
        file: str = "config.json",
        pointer: str = "",
        model_type: str | None = None,
        architecture: str | None = None,
        label: str = "",
        parent: Config | None = None,
        defaults: ClassDefaults | None = None,
    ) -> None:
        self.raw = raw
        self.file = file
        self.pointer = pointer
        self.model_type = model_type
        self.architecture = architecture
        self.label = label
        self.defaults = defaults or (class_defaults(model_type) if model_type else None)
        self.facts: dict[str, Fact] = {} if parent is None else parent.facts
        self.problems: list[Problem] = [] if parent is None else parent.problems
        self.read: set[str] = set() if parent is None else parent.read
        self.objects: list[Config] = [] if parent is None else parent.objects
        self.objects.append(self)
        self._owners: dict[str, str] = {} if parent is None else parent._owners
        self._told: set[tuple[str, str, str]] = set() if parent is None else parent._told
        self._per_layer: dict[Integer, Mapping[str, Any]] | None = None
        self._nums: dict[str, Num | None] = {}
        self._choices: dict[str, Fact] = {}
        self._subs: dict[str, Config] = {}
        self._computing: set[str] = set()
        self._overridden: Mapping[str, str] = {}
        self._actuals: Mapping[str, str] = {} if self.defaults is None else self.defaults.aliases
        self._names = {} if self.defaults is None else _standard_names(self.defaults.model_type, self.defaults)

    def __contains__(self, key: str) -> bool:
        """Whether the file itself states the key, in any spelling its class accepts."""
        return any(spelling in self.raw for spelling in self._spellings(self._actual(key)))

    def at(self, key: str) -> str:
        """The JSON pointer of a key."""
        return self._overridden.get(key) or f"{self.pointer}/{_escape(key)}"

    def int(self, key: str, *, least: Integer = 1, also: Sequence[str] = ()) -> Num:
        """A required count or size. `also` are spellings engines or remote code accept beside the class's own."""
        found = self._number(key, lambda value: _int_problem(value, least), also)
        if found is not None:
            return found
        return num.of(self._record(self.name_of(key), [], self._why_absent(key)))

    def optional(self, key: str, *, least: Integer = 1, also: Sequence[str] = ()) -> Num | None:
        """A size that may be null or absent; None where nobody states one. A wrong one is unknown, not None."""
        return self._number(key, lambda value: _int_problem(value, least), also)

    def as_given(self, key: str) -> Num:
        """A required size before the class computes on it: what the file states, else the default of the class's signature."""
        name, value = self.name_of(key), self.raw.get(key)
        self.mark(key)
        if value is not None:
            wrong = _int_problem(value, 1)
            if wrong:
                self.problem("type" if "should" in wrong else "range", key, f"`{key}` {wrong}", value)
                return num.unknown(f"`{key}` {wrong}")
            return num.of(Fact(name, (Reading(value, Source.DECLARED, Where(self.file, self.at(key))),)))
        given = None if self.defaults is None else self.defaults.placeholders.get(key)
        return num.unknown(self._why_absent(key)) if given is None else num.of(Fact(name, (self._defaulted(key, given),)))

    def number(self, key: str) -> Num | None:
        """A real number; None where nobody states one."""
        return self._number(key, _number_problem, ())

    def flag(self, key: str, default: bool = False, *, also: Sequence[str] = ()) -> bool:
        """A switch: declared, else the class default, else `default`. One that is no bool is a problem, and off."""
        value = self.choice(key, default, also=also)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.problem("type", key, f"`{key}` should be true or false", value)
            return default
        return value

    def text(self, key: str, default: str | None = None) -> str | None:
        """A string, or None where it is null, absent or no string."""
        value = self.choice(key, default)
        if value is not None and not isinstance(value, str):
            self.problem("type", key, f"`{key}` should be a string", value)
            return default
        return value

    def choice(self, key: str, default: Any = None, *, also: Sequence[str] = ()) -> Any:
        """Any value that decides something, recorded as a fact: declared, else the class default, else `default`."""
        readings = self._choice(key, also).readings
        return readings[0].value if readings else default

    def list(self, key: str, *, of: type = object) -> Entries | None:
        """A list, or None where it is null, absent or no list. Entries that are not `of` make it a problem."""
        value = self.choice(key)
        if value is None:
            return None
        wrong = not isinstance(value, list) or any(not isinstance(entry, of) or (of is int and isinstance(entry, bool)) for entry in value)
        if wrong:
            self.problem("type", key, f"`{key}` should be a list" + (f" of {of.__name__}" if of is not object else ""), value)
            return None
        return [*value]

    def counts(self, key: str) -> tuple[Num, ...]:
        """A list of counts, a number for each; one unknown number where it is no list of plausible ones."""
        stated = self.list(key, of=int)
        if stated is not None and len(stated) > MOST_LAYERS:
            self.problem("range", key, f"`{key}` has {len(stated):,} entries, more than {MOST_LAYERS:,}", None)
            stated = None
        if stated is None:
            return (num.unknown(f"`{key}` is not a plausible list of counts"),)
        found = []
        for index, value in enumerate(stated):
            wrong = _int_problem(value, 0)
            if wrong:
                self.problem("range", key, f"entry {index} of `{key}` {wrong}", value)
            found.append(num.unknown(f"entry {index} of `{key}` {wrong}") if wrong else num.counted(value, f"{key}[{index}]"))
        return tuple(found)

    def layers(self, key: str = "num_hidden_layers") -> Num:
        """A layer count: `int`, and refused beyond `MOST_LAYERS`."""
        count = self.int(key, least=0)
        if count.value is not None and count.value > MOST_LAYERS:
            self.problem("range", key, f"`{key}` is larger than {MOST_LAYERS:,}", count.value)
            return num.unknown(f"`{key}` is not plausible")
        return count

    def fact(self, key: str) -> Fact:
        """The fact a key was recorded as."""
        actual = self._actual(key)
        number = self._nums.get(actual)
        if number is not None and number.fact is not None:
            return number.fact
        return self._choices.get(actual) or Fact(self.name_of(key), (), "not stated")

    def name_of(self, key: str) -> str:
        """The name of the fact a key states: the standard term where the class maps one to it."""
        actual = self._actual(key)
        return self.label + self._names.get(actual, actual)

    def rests_on(self, key: str) -> tuple[Num, ...]:
        """The numbers the class computes an absent key from; none where the file states it."""
        actual = self._actual(key)
        rule = None if self.defaults is None else self.defaults.computed.get(actual)
        if rule is None or actual in self or rule["fn"] is None:
            return ()
        plain = ((name, self._plain(name)) for name in rule["of"])
        found = [self.optional(name, least=0) for name, value in plain if isinstance(value, int) and not isinstance(value, bool)]
        return tuple(number for number in found if number is not None)

    def sub(self, key: str, *, model_type: str | None = None, text: bool = False, architecture: str | None = None) -> Config:
        """A sub-config: the object under `key`, or an empty one that is all class defaults. `text`: the text model's own.

        `architecture` is the class the composite builds of it, where not one like its own.
        """
        if key in self._subs:
            return self._subs[key]
        raw = self.raw.get(key)
        self.read.add(self.at(key))
        if raw is not None and not isinstance(raw, Mapping):
            self.problem("type", key, f"`{key}` should be an object", raw)
        given = isinstance(raw, Mapping)
        stated = raw.get("model_type") if isinstance(raw, Mapping) else None
        self.read.add(f"{self.at(key)}/model_type")
        inherited = self.defaults.sub.get(key) if self.defaults is not None else None
        known = stated if isinstance(stated, str) and class_defaults(stated) is not None else None
        if inherited is not None and known == self.model_type:
            # Some vision configs repeat the model's own type; transformers builds them from the class's sub-config type.
            known = None
        chosen = known or model_type or inherited or (stated if isinstance(stated, str) else None)
        sub_defaults = class_defaults(chosen) if chosen else None
        if self.defaults is not None and sub_defaults is not None and chosen == inherited:
            differing = (self.defaults.sub_given if given else self.defaults.sub_absent).get(key)
            if differing:
                # What an absent sub-config holds is stated by the composite: the class computes nothing in its place.
                kept = {k: rule for k, rule in sub_defaults.computed.items() if given or k not in differing}
                inner = {k: {**sub_defaults.sub_absent.get(k, {}), **differing[k]} for k in sub_defaults.sub if k in differing}
                absent = {**sub_defaults.sub_absent, **inner}
                sub_defaults = replace(sub_defaults, literal={**sub_defaults.literal, **differing}, computed=kept, sub_absent=absent)
        self._subs[key] = Config(
            raw if isinstance(raw, Mapping) else {},
            file=self.file,
            pointer=self.at(key),
            model_type=chosen,
            architecture=architecture or self.architecture,
            label=self.label if text else f"{self.label}{key}.",
            parent=self,
            defaults=sub_defaults,
        )
        return self._subs[key]

    def layer(self, index: Integer) -> Config:
        """The config of one layer: `per_layer_config` (transformers 5) laid over this one."""
        overrides = self.overrides().get(index)
        if not overrides:
            return self
        view = Config(
            {**self.raw, **overrides},
            file=self.file,
            pointer=self.pointer,
            model_type=self.model_type,
            architecture=self.architecture,
            label=f"{self.label}layer {index} ",
            parent=self,
            defaults=self.defaults,
        )
        view._overridden = {key: f"{self.pointer}/per_layer_config/{index}/{_escape(key)}" for key in overrides}
        return view

    def overrides(self) -> dict[Integer, Mapping[str, Any]]:
        """`per_layer_config` by layer index; empty where there is none."""
        if self._per_layer is None:
            raw = self.raw.get("per_layer_config")
            stated = raw if isinstance(raw, Mapping) else {}
            if stated:
                self.read.add(self.at("per_layer_config"))
            self._per_layer = {int(k): v for k, v in stated.items() if str(k).isdecimal() and len(str(k)) < 6 and isinstance(v, Mapping)}
        return self._per_layer

    def problem(self, kind: str, key: str, message: str, value: Any = None) -> None:
        """Keep a value that cannot be what it says."""
        self.problem_at(kind, self.at(key), message, value)

    def problem_at(self, kind: str, pointer: str, message: str, value: Any = None) -> None:
        """`problem`, by JSON pointer."""
        if (kind, pointer, message) not in self._told:
            self._told.add((kind, pointer, message))
            self.problems.append(Problem(kind, pointer, message, value))

    def mark(self, key: str, also: Sequence[str] = ()) -> None:
        """Count a key as read."""
        for spelling in (*self._spellings(self._actual(key)), *also):
            if spelling in self.raw:
                self.read.add(self.at(spelling))

    def _choice(self, key: str, also: Sequence[str]) -> Fact:
        actual = self._actual(key)
        found = self._choices.get(actual)
        if found is None:
            readings, _, reason = self._readings(actual, also)
            reason = reason or (None if readings else "not stated, and no class default")
            found = self._choices[actual] = self._record(self.name_of(key), readings, reason)
        return found

    def _record(self, name: str, readings: Sequence[Reading], reason: str | None) -> Fact:
        """Keep a fact. Two objects may state one key (a root and its text config): the second is kept under its own path."""
        if self._owners.setdefault(name, self.pointer + self.label) != self.pointer + self.label:
            name = f"{self.pointer.strip('/').replace('/', '.') or 'root'}.{name}"
        self.facts[name] = Fact(name, tuple(readings), reason)
        return self.facts[name]

    def _number(self, key: str, check: Check, also: Sequence[str]) -> Num | None:
        actual = self._actual(key)
        if actual in self._nums:
            return self._nums[actual]
        name = self.name_of(key)
        readings, computed, reason = self._readings(actual, also)
        value = readings[0].value if readings else None
        if value is None and reason is None:
            self._nums[actual] = None
            return None
        if value is not None:
            wrong = check(value)
            if wrong and isinstance(value, float) and value.is_integer() and check(int(value)) is None:
                self.problem("float", self._stated_as(readings[0], actual), f"`{key}` {wrong}", value)
                readings[0] = replace(readings[0], value=int(value))
            elif wrong:
                self.problem("type" if "should" in wrong else "range", self._stated_as(readings[0], actual), f"`{key}` {wrong}", value)
                reason = f"`{key}` {wrong}"
        found = num.of(self._record(name, readings, reason), *computed)
        self._nums[actual] = found
        return found

    def _readings(self, actual: str, also: Sequence[str]) -> tuple[Readings, tuple[Num, ...], str | None]:
        """The readings of a key, the one its class ends up with first; what that was computed from; why it is unknown."""
        declared = self._declared(actual, also)
        if self.defaults is None:
            return declared, (), None
        forced = self.defaults.forced.get(actual)
        if forced is not None and forced["fn"] is not None:
            return self._forced(actual, forced, declared)
        if declared and declared[0].value is not None:
            return declared, (), None
        rule = self.defaults.computed.get(actual)
        applies = rule is not None and (not declared or rule.get("null_too"))
        if rule is not None and applies and (rule["fn"] is not None or self.defaults.literal.get(actual) is None):
            return self._ruled(actual, rule, declared)
        literal = None if declared else self.defaults.literal.get(actual)
        if literal is not None:
            return [self._defaulted(actual, literal)], (), None
        later = self.defaults.later.get(actual)
        if later is not None:
            return self._ruled(actual, later, declared)
        return declared, (), None

    def _ruled(self, actual: str, rule: Mapping[str, Any], declared: Readings) -> tuple[Readings, tuple[Num, ...], str | None]:
        """What a rule makes of a key that is absent, or null."""
        assert self.defaults is not None
        if rule["fn"] is None or actual in self._computing:
            return declared, (), f"`{actual}` is not stated, and how {self.defaults.config_class} computes it is not known"
        if rule["fn"] in NUMERIC:
            self._computing.add(actual)
            try:
                arguments = [self._argument(name) for name in rule["of"]]
            finally:
                self._computing.discard(actual)
            constants = {k: v for k, v in rule.items() if k not in ("fn", "of", "null_too")}
            value = COMPUTED[rule["fn"]](*arguments, **constants)
            if value.value is None:
                return declared, (), f"`{actual}`: {'; '.join(value.reasons())}"
            return [self._defaulted(actual, value.value, f"computed by the class: {value.formula()}")], (value,), None
        try:
            plain = plain_value(self.defaults, actual, self.raw) if rule is not self.defaults.later.get(actual) else None
        except Exception:  # noqa: BLE001 - the rule runs on what a hostile config declares
            return declared, (), f"`{actual}` cannot be computed from {', '.join(rule['of'])}"
        if plain is None:
            return declared, (), None
        return [self._defaulted(actual, plain, f"computed by the class from {', '.join(rule['of'])}")], (), None

    def _forced(self, actual: str, rule: Mapping[str, Any], declared: Readings) -> tuple[Readings, tuple[Num, ...], str | None]:
        """What the class replaces a key with, whatever it declares; resting on the keys that decide it."""
        assert self.defaults is not None
        try:
            value = plain_value(self.defaults, actual, self.raw)
        except Exception:  # noqa: BLE001 - the rule runs on what a hostile config declares
            return declared, (), f"`{actual}` cannot be computed from {', '.join(rule['of'])}"
        for name in rule["of"]:
            self.mark(name)
        if declared and _same(declared[0].value, value):
            return declared, (), None
        for name in rule["of"]:
            if name != actual and name in self.raw:
                note = f"the class decides `{actual}` by `{name}`"
                return [Reading(value, Source.DECLARED, Where(self.file, self.at(name)), note=note)], (), None
        return [self._defaulted(actual, value, f"set by the class from {', '.join(rule['of']) or 'nothing'}")], (), None

    def _argument(self, dotted: str) -> Num:
        head, _, rest = dotted.partition(".")
        return self.sub(head)._argument(rest) if rest else self.int(dotted, least=0)

    def _plain(self, key: str) -> Any:
        try:
            return None if self.defaults is None else plain_value(self.defaults, key, self.raw)
        except Exception:  # noqa: BLE001 - the rule runs on what a hostile config declares
            return None

    def _why_absent(self, key: str) -> str:
        if key in self:
            return f"`{key}` is null"
        return f"`{key}` is not stated, and " + (
            "its class defaults are not known" if self.defaults is None else "its class has no default"
        )

    def _actual(self, key: str) -> str:
        actual = self._actuals.get(key, key)
        return key if "." in actual else actual

    def _spellings(self, actual: str) -> tuple[str, ...]:
        """The attribute map's aliases of a key first: transformers lets them overwrite it, in whatever order they stand."""
        if self.defaults is None:
            return (actual,)
        aliases = self.defaults.spellings.get(actual)
        return (*aliases, actual) if aliases else (actual,)

    def _declared(self, actual: str, also: Sequence[str]) -> Readings:
        readings = []
        for spelling in (*self._spellings(actual), *also):
            if spelling in self.raw:
                pointer = self.at(spelling)
                self.read.add(pointer)
                value = self.raw[spelling]
                if self.defaults is not None and actual in self.defaults.placeholders and _same(self.defaults.placeholders[actual], value):
                    continue
                readings.append(Reading(value, Source.DECLARED, Where(self.file, pointer)))
        return readings

    def _stated_as(self, reading: Reading, actual: str) -> str:
        pointer = reading.where.pointer
        return _unescape(pointer.rsplit("/", 1)[-1]) if reading.source is Source.DECLARED and pointer else actual

    def _defaulted(self, key: str, value: Any, note: str | None = None) -> Reading:
        assert self.defaults is not None
        return Reading(value, Source.DEFAULTED, Where(f"{release()} {self.defaults.config_class}", f"/{key}"), note=note)


_NAMES: dict[str, dict[str, str]] = {}


def _standard_names(model_type: str, defaults: ClassDefaults) -> dict[str, str]:
    """Class key to the standard term its attribute map gives it, where it has no standard name itself."""
    names = _NAMES.get(model_type)
    if names is None:
        names = {}
        for alias, actual in defaults.aliases.items():
            if alias in _STANDARD_NAMES and actual not in _STANDARD_NAMES and not actual.startswith(("encoder_", "decoder_")):
                names.setdefault(actual, alias)
        _NAMES[model_type] = names
    return names


def _same(a: Any, b: Any) -> bool:
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)


def _int_problem(value: Any, least: int) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return "should be an integer"
    if value > LARGEST_INT:
        return "is larger than any size can be"
    return f"is less than {least}" if value < least else None


def _number_problem(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "should be a number"
    if value != value or value in (float("inf"), float("-inf")):
        return "should be a finite number"
    return None


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _unescape(segment: str) -> str:
    return segment.replace("~1", "/").replace("~0", "~")
