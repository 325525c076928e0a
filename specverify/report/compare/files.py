"""The files of two revisions: which came, went or differ, and in JSON files which keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from specverify.facts import Where
from specverify.outcome import Report
from specverify.report.sanitize import clean, clean_value

MOST_KEYS = 1_000
LONGEST = 120
NOT_READ = "its contents are not read"
_ABSENT = object()


class KeyChange(NamedTuple):
    """A value of a JSON file at its pointer, in both revisions; None, and no line, where it is not there."""

    pointer: str
    before: str | None
    after: str | None
    line_before: int | None
    line_after: int | None


class FileChange(NamedTuple):
    """A file that is in one revision only (`added`, `removed`) or differs (`changed`), with its keys, and how many more there are."""

    name: str
    how: str
    keys: tuple[KeyChange, ...] = ()
    more: int = 0


class Files(NamedTuple):
    """What became of the files; `unseen` are in both, and whether they differ cannot be told, by why."""

    changed: tuple[FileChange, ...]
    unseen: tuple[tuple[str, str], ...]


def file_changes(
    before: Report, after: Report, old: Callable[[Where], tuple[int, str] | None], new: Callable[[Where], tuple[int, str] | None]
) -> Files:
    """The files that differ. A listed file that was not read in one of the two may differ or not, and that is said."""
    if before.kept is None or after.kept is None:
        return Files((), (("every file", "the files were not kept to be compared"),))
    one, two = before.kept.contents, after.kept.contents
    was, now = {*before.kept.listing, *one}, {*after.kept.listing, *two}
    changed, unseen = [], []
    for name in sorted(was | now):
        if name not in now or name not in was:
            changed.append(FileChange(clean(name), "removed" if name in was else "added"))
        elif name not in one or name not in two:
            why = next((report.files[name] for report in (before, after) if report.files.get(name, "read") != "read"), NOT_READ)
            unseen.append((clean(name), clean(why)))
        elif one[name] != two[name]:
            keys = list(_keys(name, before, after, old, new))
            changed.append(FileChange(clean(name), "changed", tuple(keys[:MOST_KEYS]), max(len(keys) - MOST_KEYS, 0)))
    return Files(tuple(changed), tuple(unseen))


def _keys(
    name: str,
    before: Report,
    after: Report,
    old: Callable[[Where], tuple[int, str] | None],
    new: Callable[[Where], tuple[int, str] | None],
) -> Iterator[KeyChange]:
    """The values that differ in a file both revisions have as JSON."""
    if name not in before.texts or name not in after.texts:
        return
    one, two = dict(_leaves(before.texts[name])), dict(_leaves(after.texts[name]))
    for pointer in dict.fromkeys((*one, *two)):
        was, now = one.get(pointer, _ABSENT), two.get(pointer, _ABSENT)
        if repr(was) != repr(now):
            yield KeyChange(clean(pointer), _shown(was), _shown(now), _line(name, pointer, was, old), _line(name, pointer, now, new))


def _leaves(text: str) -> Iterator[tuple[str, Any]]:
    """Each value that holds no object, by its JSON pointer; a list of such values is one."""
    waiting: list[tuple[str, Any]] = [("", json.loads(text))]
    while waiting:
        pointer, value = waiting.pop()
        entries: list[tuple[str, Any]] = []
        if isinstance(value, dict):
            entries = [(str(key).replace("~", "~0").replace("/", "~1"), entry) for key, entry in value.items()]
        elif isinstance(value, list) and any(isinstance(entry, dict | list) for entry in value):
            entries = [(str(number), entry) for number, entry in enumerate(value)]
        if entries:
            waiting.extend((f"{pointer}/{key}", entry) for key, entry in reversed(entries))
        else:
            yield pointer, value


def _shown(value: Any) -> str | None:
    return None if value is _ABSENT else clean_value(value, LONGEST)


def _line(file: str, pointer: str, value: Any, quote: Callable[[Where], tuple[int, str] | None]) -> int | None:
    found = None if value is _ABSENT else quote(Where(file, pointer))
    return None if found is None else found[0]
