"""What a settings file says, once it is known to be of its form."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING, Any

from specverify.accelerator import Gpu
from specverify.errors import SpecverifyError
from specverify.frozen import Struct, frozen
from specverify.settings.check import check
from specverify.settings.decisions import Decisions, decisions
from specverify.settings.own_gpus import own_gpus
from specverify.settings.targets import made, merged
from specverify.settings.toml import Document, Path, shown
from specverify.target import InvalidTarget, Target

if TYPE_CHECKING:
    from specverify.policy import Policy


class UnknownTarget(SpecverifyError):
    """No target of that name in the settings."""


@frozen
class Settings(Struct):
    """A settings file. `file` is its path as it was named, `gpus` the accelerators it states beside the catalogue.

    `stated` are the fields of `[target]` and `targets` those of every `[targets.NAME]`, as written. `require` are sections and
    items of the checklist that must be answered, and `baseline` is the path of a file of known findings.
    """

    file: str
    gpus: tuple[Gpu, ...] = ()
    stated: Mapping[str, Any] | None = None
    targets: Mapping[str, Mapping[str, Any]] | None = None
    decisions: Decisions = field(default_factory=Decisions)
    require: tuple[str, ...] = ()
    baseline: str | None = None

    def target(self, name: str | None = None, **given: Any) -> Target:
        """`[target]`, or `[targets.NAME]`, which stands alone; fields that are `given` win, and a `gpu` with all that places it.

        `given` are fields of `Target`; `gpu` may carry its count. Raises UnknownTarget, InvalidTarget, UnknownGpu.
        """
        stated = self._stated(name)
        try:
            return made(merged(stated, given), self.gpus)
        except InvalidTarget as error:
            if not stated or not given:
                raise
            raise InvalidTarget(f"{error} (with what {self.file} says of the {_called(name)})") from None

    def policy(self, as_of: date) -> Policy:
        """What is decided about findings, on a day: an ignore has expired then or not.

        Raises NotFound and Unreadable for a baseline that cannot be read.
        """
        from specverify.settings.baseline import read_baseline

        return self.decisions.policy(as_of, None if self.baseline is None else read_baseline(self.baseline))

    def _stated(self, name: str | None) -> Mapping[str, Any]:
        if name is None:
            return self.stated or {}
        targets = self.targets or {}
        if name not in targets:
            near = difflib.get_close_matches(name[:100], targets, n=3, cutoff=0.5) or list(targets)[:5]
            hint = f"did you mean {', '.join(near)}?" if near else "it has no [targets.NAME]"
            raise UnknownTarget(f"no target is called {name[:60]!r}: {hint}", file=self.file)
        return targets[name]


def settings_of(document: Document, *, plugins: bool = True) -> Settings:
    """The settings of a parsed file, its plug-ins loaded as far as they may be. Raises InvalidSettings, naming file, line and key."""
    check(document)
    values = document.values
    _load_plugins(document, allowed=plugins)
    baseline = values.get("baseline")
    settings = Settings(
        document.file,
        own_gpus(document),
        values.get("target"),
        values.get("targets"),
        decisions(document),
        tuple(values.get("require", ())),
        None if baseline is None else os.path.join(os.path.dirname(document.file), baseline),
    )
    _possible(settings, None, ("target",), values.get("target", {}), document)
    for name, stated in values.get("targets", {}).items():
        _possible(settings, name, ("targets", name), stated, document)
    return settings


def _load_plugins(document: Document, *, allowed: bool) -> None:
    """Before anything that names their rules is read; a path is from the folder of the settings."""
    stated = document.values.get("plugins", ())
    if stated and not allowed:
        words = "names code to run, and this file was found, not named"
        raise document.wrong(("plugins",), f"{words}: --config {document.file} says that it is yours, --no-config does without")
    for index, path in enumerate(stated):
        from specverify.plugins import InvalidPlugin, load_file

        try:
            load_file(os.path.join(os.path.dirname(document.file), path))
        except InvalidPlugin as error:
            raise document.wrong(("plugins", index), f"cannot be: {error}") from None


def _possible(settings: Settings, name: str | None, path: Path, fields: Mapping[str, Any], document: Document) -> None:
    """A target that cannot be is an error at the line of the field that the reason starts with, or of the accelerator."""
    try:
        settings.target(name)
    except SpecverifyError as error:
        field = next((field for field in sorted(fields, key=len, reverse=True) if str(error).startswith(field)), "gpu")
        place = (*path, field) if field in fields else path
        raise document.wrong(place, f"cannot be: {error}") from None


def _called(name: str | None) -> str:
    return "target" if name is None else f"target {shown((name,))}"
