"""Write specverify/architectures/index.json: model type to the module whose `@family` names it. `--check` only compares."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "specverify" / "architectures"
TARGET = ROOT / "index.json"


def types_in(path: Path) -> list[str]:
    """The model types that the `@family(...)` decorators of a module name."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "family":
                    found += [str(arg.value) for arg in decorator.args if isinstance(arg, ast.Constant)]
    return found


def main() -> int:
    """Exit status 1 under `--check` when the committed index is stale, or when two modules claim one type."""
    index: dict[str, str] = {}
    for path in sorted(ROOT.glob("*.py")):
        for model_type in types_in(path):
            if model_type in index:
                print(f"{model_type}: both {index[model_type]}.py and {path.name} read it")
                return 1
            index[model_type] = path.stem
    text = json.dumps(dict(sorted(index.items())), indent=0) + "\n"
    if "--check" in sys.argv:
        fresh = TARGET.exists() and TARGET.read_text() == text
        print("index.json is up to date" if fresh else "index.json is stale: run scripts/generate_index.py")
        return 0 if fresh else 1
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
