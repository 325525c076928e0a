"""The mutants that scripts/mutate.py makes: one change each, none in what is no behaviour."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "mutate.py"


@pytest.fixture(scope="module")
def mutate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutate", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutate"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("a < b", {"a <= b"}),
        ("a == b and c", {"a != b and c", "a == b or c"}),
        ("not a", {"a"}),
        ("a % 2", {"a // 2", "a % 3"}),
        ("a is not None", {"a is None"}),
        ("a < b < c", set()),
        ("'text'", set()),
        ("True", set()),
    ],
)
def test_each_mutant_is_one_change(mutate: ModuleType, source: str, changed: set[str]) -> None:
    assert {mutant.source for mutant in mutate.mutants(source)} == changed


def test_decorators_and_defaults_are_left_alone(mutate: ModuleType) -> None:
    source = "@rule('A', 1)\ndef f(a: Literal[2] = 3) -> Literal[4]:\n    x: Literal[5] = 6\n    return x + a\n"
    assert {mutant.change for mutant in mutate.mutants(source)} == {"6 -> 7", "Add -> Sub"}


def test_the_source_itself_is_never_changed(mutate: ModuleType) -> None:
    source = SCRIPT.read_text("utf-8")
    before = ast.unparse(ast.parse(source))
    assert all(mutant.source != before for mutant in mutate.mutants(source))
