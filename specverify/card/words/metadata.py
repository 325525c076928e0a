"""What the front matter states: the licence, and the base with the relation to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from specverify.card.claims import Notebook
from specverify.card.kinds import BASE_MODEL, LICENSE
from specverify.card.metadata import entries

ROLES = ("finetune", "quantized", "merge", "adapter")
"""The relations to a base model that the Hub knows."""
MOST_BASES = 20
LONGEST = 150


def read_metadata(notebook: Notebook) -> None:
    """Note the licence and the bases of the front matter, at the lines they stand on."""
    front = notebook.document.front_matter
    values = front.values
    for path, value in _texts(values, "license"):
        term = _license(value, values.get("license_name"))
        if term:
            _note(notebook, LICENSE, path, value, term)
    bases = list(_texts(values, "base_model"))
    relation = values.get("base_model_relation")
    role = (relation if relation in ROLES else "stated") if isinstance(relation, str) else "merge" if len(bases) > 1 else "stated"
    for path, value in bases:
        _note(notebook, BASE_MODEL, path, value, value.strip(), role)


def _texts(values: Mapping[str, Any], key: str) -> Iterator[tuple[str, str]]:
    """The texts of readable length that a key states, each with its dotted path."""
    for path, value in islice(entries(values, key), MOST_BASES):
        if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST:
            yield path, value


def _license(value: str, name: object) -> str:
    bare = value.strip().lower()
    if bare == "other" and isinstance(name, str) and 0 < len(name.strip()) <= LONGEST:
        return f"other:{'-'.join(name.lower().split())}"
    return bare


def _note(notebook: Notebook, kind: str, path: str, value: str, term: str, role: str = "stated") -> None:
    document = notebook.document
    line = document.front_matter.lines.get(path) or document.front_matter.lines.get(path.split(".")[0])
    if line is None:
        return
    start = document.start_of(line)
    at = document.text.find(value.strip().split("\n")[0], start, start + len(value) + 400)
    if at < 0:
        return
    notebook.claim(kind, None, (at, at + len(value.strip().split("\n")[0])), emitter="metadata", section=(), role=role, terms=(term,))
