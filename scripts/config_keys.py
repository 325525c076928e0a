"""The config keys that normalization reads, found in its source: `c.int("n_group")` says a key and its kind."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "specverify"
FOLDERS = ("architectures", "normalize")
KINDS = {
    "int": "count", "optional": "count", "layers": "count", "number": "number", "flag": "flag", "text": "text", "choice": "any",
    "list": "list", "sub": "object", "get": "any",
}  # fmt: skip
"""What each method of `architectures.keys.Config` takes a value for; `get` is a look at the raw object."""


@dataclass(slots=True)
class ReadKey:
    """A key: the kinds it is read as, each with its least value (None: any), and the modules that read it."""

    kinds: dict[str, int | None] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)


def keys_read() -> dict[str, ReadKey]:
    """Every key that is read by a literal name."""
    found: dict[str, ReadKey] = {}
    for folder in FOLDERS:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    _add(found, node, node.func, str(path.relative_to(PACKAGE)))
    return found


def _add(found: dict[str, ReadKey], call: ast.Call, method: ast.Attribute, module: str) -> None:
    key = call.args[0] if call.args else None
    if method.attr not in KINDS or not isinstance(key, ast.Constant) or not isinstance(key.value, str) or "." in key.value:
        return
    if method.attr == "get" and not (isinstance(method.value, ast.Attribute) and method.value.attr == "raw"):
        return
    least: int | None = 0 if method.attr == "layers" else 1
    also: list[object] = []
    for keyword in call.keywords:
        if keyword.arg == "least":
            least = _constant(keyword.value)
        elif keyword.arg == "also" and isinstance(keyword.value, ast.Tuple):
            also = [entry.value for entry in keyword.value.elts if isinstance(entry, ast.Constant)]
    kind = KINDS[method.attr]
    for name in (key.value, *also):
        read = found.setdefault(str(name), ReadKey())
        read.modules.add(module)
        known = read.kinds.get(kind, least)
        read.kinds[kind] = None if least is None or known is None else min(least, known)


def _constant(value: ast.expr) -> int | None:
    """A written number; None for one that is computed."""
    try:
        found = ast.literal_eval(value)
    except ValueError:
        return None
    return found if isinstance(found, int) else None
