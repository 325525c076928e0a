"""The rule engine: a rule is one function whose parameters name the inputs it needs.

An input that could not be had gives `Skipped`, never `Passed`; a crash gives `Broken` and the run goes on. A rule's
docstring is its documentation and its test: the first paragraph says what is found, `## Why` why it matters, fenced
blocks marked `bad` and `good` are executed, and `## Fix` says what to do.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from specverify.facts import Fact, Reading, Source
from specverify.outcome import Broken, Confidence, Evidence, Finding, Outcome, Passed, Severity, Skipped, evidence_of
from specverify.policy import names
from specverify.spec import ModelSpec, Problem, Tensor

if TYPE_CHECKING:
    from specverify.card.card import Card

Check = Callable[..., Iterable["Found"] | None]
LONGEST_VALUE = 60


class Status(StrEnum):
    """Where a rule is in its life. `preview`: runs where it is asked for, and may change; `deprecated`: will go, and runs until then."""

    PREVIEW = "preview"
    STABLE = "stable"
    DEPRECATED = "deprecated"


class Found(NamedTuple):
    """What a rule yields. `severity` overrides the rule's own where the case at hand is milder or worse."""

    message: str
    evidence: tuple[Evidence, ...]
    fix: str | None = None
    severity: str | None = None
    confidence: str | None = None


class Skip(Exception):
    """Raised by a rule that has its inputs and still cannot tell, with the reason."""


class Rule(NamedTuple):
    """A registered rule; `inputs` are the names its function takes, `since` the release it came in, `plugin` what brought it, if one."""

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    source: str
    since: str
    inputs: tuple[str, ...]
    check: Check
    status: Status = Status.STABLE
    plugin: str | None = None

    @property
    def area(self) -> str:
        """The module of the rule, and the package of one that has several (`attention`, `evaluation`); a plug-in is one area."""
        if self.plugin is not None:
            return self.plugin.removesuffix(".py")
        return self.check.__module__.removeprefix("specverify.rules.").partition(".")[0]

    @property
    def doc(self) -> str:
        """The documentation, a docstring's indentation taken off."""
        return inspect.cleandoc(self.check.__doc__ or "")

    @property
    def summary(self) -> str:
        """The first paragraph of the documentation, on one line."""
        return " ".join(self.doc.split("\n\n", 1)[0].split())


_RULES: dict[str, Rule] = {}


def rule(
    code: str, *, severity: str, confidence: str = "high", source: str, since: str = "0.1", status: str = "stable"
) -> Callable[[Check], Check]:
    """Register a rule. Its name is its function's, with hyphens; `source` is a URL, paper or class that shows the defect."""

    def register(check: Check) -> Check:
        if code in _RULES:
            raise ValueError(f"{code} of {check.__name__.replace('_', '-')} is taken by {_RULES[code].name}")
        _RULES[code] = Rule(
            code,
            check.__name__.replace("_", "-"),
            Severity(severity),
            Confidence(confidence),
            source,
            since,
            check.__code__.co_varnames[: check.__code__.co_argcount],
            check,
            Status(status),
        )
        return check

    return register


def rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    from specverify.rules import catalogue

    catalogue.load()
    return _in_order(len(_RULES))


def registered() -> dict[str, Rule]:
    """The rules registered so far, by code, in the order they came: what `register_only` goes back to."""
    return dict(_RULES)


def register_only(entries: Mapping[str, Rule]) -> None:
    """Have these rules, by code, and no others: a plug-in's are marked as such, or taken back."""
    kept = dict(entries)
    _RULES.clear()
    _RULES.update(kept)
    _in_order.cache_clear()


@lru_cache(maxsize=1)
def _in_order(count: int) -> tuple[Rule, ...]:
    """The registered rules, sorted anew only when there are more."""
    return tuple(_RULES[code] for code in sorted(_RULES))


def selected(
    all_rules: Sequence[Rule], select: Sequence[str] = (), ignore: Sequence[str] = (), *, preview: bool = False
) -> tuple[Rule, ...]:
    """The rules whose code or name starts with a selector and with none of the ignored ones; those in preview only with `preview`."""
    all_rules = tuple(entry for entry in all_rules if preview or entry.status is not Status.PREVIEW)
    if not select and not ignore:
        return all_rules

    def named(rule: Rule, selectors: Sequence[str]) -> bool:
        return any(names(selector, rule) for selector in selectors)

    return tuple(r for r in all_rules if (not select or named(r, select)) and not named(r, ignore))


def run(chosen: Sequence[Rule], inputs: Mapping[str, Any], missing: Mapping[str, str]) -> Iterator[Outcome]:
    """The outcome of every chosen rule. `missing` says why an input is not in `inputs`."""
    there = {name for name, value in inputs.items() if value is not None}
    reasons: dict[tuple[str, ...], str | None] = {}
    for entry in chosen:
        wanted = entry.inputs
        if wanted not in reasons:
            absent = next((name for name in wanted if name not in there), None)
            reasons[wanted] = None if absent is None else missing.get(absent, f"no {absent}")
        reason = reasons[wanted]
        if reason is not None:
            yield Skipped(entry.code, entry.name, reason)
            continue
        try:
            found = [_finding(entry, one) for one in entry.check(*map(inputs.__getitem__, wanted)) or ()]
        except Skip as skip:
            yield Skipped(entry.code, entry.name, str(skip))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a rule that crashes must not take the run with it
            whose = "" if entry.plugin is None else f"plug-in {entry.plugin}: "
            yield Broken(entry.code, entry.name, f"{whose}{type(error).__name__}: {error}")
        else:
            yield from found or (Passed(entry.code, entry.name),)


def _finding(entry: Rule, one: Found) -> Finding:
    """What a rule yielded, as a finding of it. Raises TypeError for what a plug-in yields that is none, and ValueError for its words."""
    if entry.plugin is not None and not _is_found(one):
        raise TypeError(f"it yields {brief(one)}, not Found(message, evidence)")
    return Finding(
        entry.code,
        entry.name,
        Severity(one.severity) if one.severity else entry.severity,
        Confidence(one.confidence) if one.confidence else entry.confidence,
        one.message,
        tuple(one.evidence),
        one.fix,
    )


def _is_found(one: Any) -> bool:
    if not isinstance(one, Found):
        return False
    message, evidence, fix = (getattr(one, name) for name in ("message", "evidence", "fix"))
    well = isinstance(message, str) and isinstance(fix, str | None) and isinstance(evidence, Sequence)
    return well and all(isinstance(each, Evidence) for each in evidence)


def shown(*facts: Fact | None) -> tuple[Evidence, ...]:
    """The readings of facts as evidence, each place once."""
    evidence = {(e.file, e.pointer, e.line): e for fact in facts if fact is not None for e in evidence_of(fact)}
    return tuple(evidence.values())


def at(spec: ModelSpec, problem: Problem) -> tuple[Evidence, ...]:
    """A problem of the config as evidence."""
    return (Evidence(Source.DECLARED, "config.json", problem.pointer, value=problem.value),)


def declared(fact: Fact) -> Reading | None:
    """The config's own reading of a fact, if the config states it."""
    return next((reading for reading in fact.readings if reading.source is Source.DECLARED), None)


def stated(pointer: str, value: Any, file: str = "config.json") -> Evidence:
    """A value of a file, at its JSON pointer, as evidence."""
    return Evidence(Source.DECLARED, file, pointer, value=value)


def measured(tensor: Tensor) -> Evidence:
    """A tensor as its header states it, as evidence."""
    shape = " x ".join(f"{size:,}" for size in tensor.shape)
    return Evidence(Source.MEASURED, tensor.file, value=tensor.dtype, note=f"{tensor.name} [{shape}]")


def brief(value: Any) -> str:
    """A value of a file as it would be written there, cut to a length that fits a message."""
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, list | dict) or len(value) < 100 else "..."
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."


def number(fact: Fact) -> int | float | None:
    """The value of a fact where it is a finite number; a config may hold anything."""
    value = fact.value
    return value if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf") else None


def listed(keys: Iterable[str]) -> str:
    """Keys as a sentence names them: `a`, `b` and `c`."""
    first, *rest = [f"`{key}`" for key in keys] or ["nothing"]
    return " and ".join([", ".join([first, *rest[:-1]]), *rest[-1:]])


WEIGHTS = (".safetensors", ".bin", ".gguf", ".pt", ".pth", ".onnx", ".h5", ".msgpack", ".npz")


def is_whole(origin: Mapping[str, Any], files: Iterable[str]) -> bool:
    """Whether `files` are all the model has: what the Hub lists, or a folder with weights. A cache may hold a part of them."""
    return origin.get("origin") == "hub" or (origin.get("origin") == "folder" and any(path.endswith(WEIGHTS) for path in files))


def metadata_of(card: Card) -> Mapping[str, Any]:
    """The values of a card's front matter. Skip where there is none, or none that can be read."""
    front = card.document.front_matter
    if not front.present:
        raise Skip("the card has no front matter")
    if not front.values and front.problems:
        raise Skip("the front matter could not be read")
    return front.values


def at_key(card: Card, key: str) -> Evidence:
    """A key of the card's front matter (`license`, `base_model.0`), at its line, as evidence; line 1 where it is not there."""
    return at_line(card, card.document.front_matter.line(key) or 1)


def at_line(card: Card, line: int) -> Evidence:
    """A line of the card as evidence."""
    return Evidence(Source.CLAIMED, card.document.file, line=line, quote=card.document.quote(line))


TEXT_SIZES = ("num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size")


def text_object(spec: ModelSpec, config: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The object of config.json that states the text model, after its JSON pointer: the one that its sizes stand in."""
    readings = (declared(spec.fact(name)) for name in TEXT_SIZES)
    pointer = next((reading.where.pointer for reading in readings if reading is not None), None) or ""
    pointer = pointer.rpartition("/")[0]
    place: Any = config
    for key in pointer.split("/")[1:]:
        place = place.get(key) if isinstance(place, Mapping) else None
    return (pointer, place) if isinstance(place, Mapping) else ("", config)
