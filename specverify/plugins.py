"""Rules and families that others bring: a Python file that a person names, or an installed package that says so.

A plug-in is code, and runs with all rights of the person who runs specverify. So a file is loaded where it is named, and
never from a model's folder; a package is one that was installed. From Python nothing is looked for: call `load_file` or
`load_installed` before `verify`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from string import digits
from typing import TYPE_CHECKING, NamedTuple

from specverify.errors import SpecverifyError

if TYPE_CHECKING:
    from importlib.metadata import Distribution

    from specverify.rules.engine import Rule

GROUPS = ("specverify.rules", "specverify.architectures")
"""The entry points of a package: each names a module that registers rules or families when it is imported."""
MARK = b"[specverify."
"""How a group of ours begins in the entry_points.txt of a package."""
INSTALLED_IN = ("site-packages", "dist-packages")
"""What folders of installed packages are called. No other place that Python imports from is looked into: it may be a model's."""
MODEL = "config.json"
"""A folder that holds one is a model's, and so are those below it."""
CODE = "[A-Z]{2,10}[0-9]{3}"
MOST_BYTES = 2**20


class InvalidPlugin(SpecverifyError):
    """A plug-in that cannot be loaded, or whose rules and families cannot stand beside the others."""


class Plugin(NamedTuple):
    """A plug-in that was loaded: its name in reports, the codes of its rules, and the model types of its families."""

    name: str
    rules: tuple[str, ...]
    types: tuple[str, ...]


_LOADED: dict[str, Plugin] = {}
"""By the real path of the file, or the name of the package."""


def loaded() -> tuple[Plugin, ...]:
    """The plug-ins of this process, in the order they were loaded."""
    return tuple(_LOADED.values())


def load_file(path: str) -> Plugin:
    """Run a Python file, once in a process, and keep the rules and families it registers.

    Raises InvalidPlugin: for a file in a model's folder (a config.json beside it or above it, up to the root of a repository,
    the home folder or the root), one that cannot be read or crashes, and one whose rules or families cannot stand beside the
    others. Then nothing of it is kept.
    """
    real = os.path.realpath(path)
    if real not in _LOADED:
        for place in dict.fromkeys((os.path.abspath(path), real)):
            folder = _model_above(place)
            if folder is not None:
                raise InvalidPlugin(
                    f"stands in the folder of a model ({os.path.join(folder, MODEL)}), whose code is never run: keep your own elsewhere",
                    file=path,
                )
        stem = os.path.basename(path)
        name = path if any(plugin.name == stem for plugin in loaded()) else stem
        _LOADED[real] = _kept(name, path, partial(_run, real, path))
    return _LOADED[real]


def load_installed() -> tuple[Plugin, ...]:
    """Import what installed packages name under the entry points `GROUPS`, in the order of their names. Raises as `load_file`."""
    found = []
    for package in sorted(_packages(), key=lambda package: package.name.casefold()):
        if package.name not in _LOADED:
            _LOADED[package.name] = _kept(package.name, f"package {package.name}", partial(_import, package))
        found.append(_LOADED[package.name])
    return tuple(found)


def _packages() -> Iterator[Distribution]:
    """The installed packages that have entry points of ours, each once.

    `importlib.metadata` takes longer to import than most models to verify: it is left alone where no package has any.
    """
    seen: set[str] = set()
    for folder in dict.fromkeys(sys.path):
        if os.path.basename(folder) in INSTALLED_IN and os.path.isabs(folder):
            for path in _marked(folder):
                from importlib.metadata import PathDistribution
                from pathlib import Path

                package = PathDistribution(Path(path))
                if package.name not in seen:
                    seen.add(package.name)
                    yield package


def _marked(folder: str) -> list[str]:
    """The metadata folders of packages, in a folder of them, that speak of our entry points."""
    found = []
    try:
        with os.scandir(folder) as entries:
            names = [entry.path for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return []
    for path in names:
        try:
            with open(os.path.join(path, "entry_points.txt"), "rb") as stream:
                marked = MARK in stream.read(MOST_BYTES)
        except OSError:
            continue
        if marked:
            found.append(path)
    return sorted(found)


def _import(package: Distribution) -> None:
    from importlib import import_module

    for module in dict.fromkeys(point.module for point in package.entry_points if point.group in GROUPS):
        import_module(module)


def _run(real: str, path: str) -> None:
    """Run a file as a module of its own: nothing is written beside it, and its folder is not imported from."""
    import importlib.util
    from importlib.abc import SourceLoader

    class Once(SourceLoader):
        def get_filename(self, fullname: str) -> str:
            return path

        def get_data(self, path: str | bytes) -> bytes:
            if not os.path.isfile(real):
                raise FileNotFoundError("no such file")
            with open(real, "rb") as stream:
                data = stream.read(MOST_BYTES + 1)
            if len(data) > MOST_BYTES:
                raise ValueError(f"more than the {MOST_BYTES:,} bytes that a plug-in may have")
            return data

    name = f"specverify_plugin_{len(_LOADED)}"
    spec = importlib.util.spec_from_loader(name, Once())
    if spec is None or spec.loader is None:
        raise ImportError("it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def _kept(name: str, where: str, run: Callable[[], None]) -> Plugin:
    """What is registered while `run` runs, marked as the plug-in's; nothing, where it cannot stand beside what was there."""
    from specverify.architectures import registry
    from specverify.rules import engine

    ours = [rule for rule in engine.rules() if rule.plugin is None]
    rules_before, families_before = engine.registered(), registry.registered()
    try:
        run()
        rules, families = engine.registered(), registry.registered()
        codes = tuple(code for code in rules if code not in rules_before)
        types = tuple(kind for kind, one in families.items() if kind not in families_before and not _is_ours(kind, one.build))
        names = {rule.name: code for code, rule in rules_before.items()}
        for code in codes:
            wrong = _unfit(rules[code], ours, names)
            names[rules[code].name] = code
            if wrong is not None:
                raise InvalidPlugin(wrong, file=where)
        for kind in types:
            if kind in registry.index():
                raise InvalidPlugin(f"model type {kind} of family {families[kind].name} is read by specverify's own family", file=where)
        if not codes and not types:
            raise InvalidPlugin("it brings no rule and no family", file=where)
    except BaseException as error:
        engine.register_only(rules_before)
        # What it imported of specverify's own stays: a module registers its families once in a process.
        families = registry.registered()
        registry.register_only({kind: one for kind, one in families.items() if kind in families_before or _is_ours(kind, one.build)})
        if isinstance(error, InvalidPlugin) or not isinstance(error, Exception | SystemExit):
            raise
        raise InvalidPlugin(f"this plug-in cannot be loaded: {_told(error, where)}", file=where) from error
    engine.register_only(rules | {code: rules[code]._replace(plugin=name) for code in codes})
    registry.register_only(families | {kind: families[kind]._replace(plugin=name) for kind in types})
    return Plugin(name, codes, types)


def _is_ours(model_type: str, build: Callable[..., object]) -> bool:
    """Whether a family is specverify's own, which a plug-in that builds on it imports."""
    from specverify.architectures.registry import index

    return build.__module__ == f"specverify.architectures.{index().get(model_type)}"


def _unfit(rule: Rule, ours: Sequence[Rule], names: Mapping[str, str]) -> str | None:
    """Why a rule cannot stand beside specverify's own, and beside those that have these names, each with its code; None where it can."""
    if re.fullmatch(CODE, rule.code) is None:
        return f"{rule.code[:40]!r} of {rule.name} is no code, which is two to ten capital letters and three digits: HOUSE001"
    letters = rule.code.rstrip(digits)
    if rule.name in names:
        return f"{rule.code} has the name of {names[rule.name]}: {rule.name}"
    for own in ours:
        taken = own.code.rstrip(digits)
        if letters.startswith(taken) or taken.startswith(letters):
            return f"{rule.code} {rule.name} has letters of specverify's own {own.code} {own.name}: a selector would mean both"
    inputs = {name for own in ours for name in own.inputs}
    unknown = next((name for name in rule.inputs if name not in inputs), None)
    if unknown is not None:
        return f"{rule.code} {rule.name} asks for {unknown!r}: a rule is given {', '.join(sorted(inputs))}"
    return None if rule.summary else f"{rule.code} {rule.name} has no docstring, which is its documentation"


def _told(error: BaseException, path: str) -> str:
    """An error in words, with the last line of the plug-in's own file that led to it."""
    import traceback

    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return (f"line {lines[-1]}: " if lines else "") + f"{type(error).__name__}: {error}"


def _model_above(path: str) -> str | None:
    """The nearest folder above a file that is a model's; None where none is."""
    home, folder = os.path.expanduser("~"), os.path.dirname(path)
    while True:
        if os.path.lexists(os.path.join(folder, MODEL)):
            return folder
        above = os.path.dirname(folder)
        if above == folder or folder == home or os.path.lexists(os.path.join(folder, ".git")):
            return None
        folder = above
