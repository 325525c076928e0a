"""Mutation testing: change one operator or number of a module at a time, and see whether its tests notice.

    python scripts/mutate.py [--each N] [--seed S] [MODULE=TEST[,TEST]...]

Without arguments the modules of `SAMPLE` are tried, `N` mutants of each (default 12), chosen by the seed. Mutants live in a copy of
the repository, so that the files here are never touched. Prints each survivor with its line, and a table at the end.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("specverify", "tests", "fixtures", "schemas", "benchmarks", "pyproject.toml")
LONGEST = 120
"""Seconds one run may take; a mutant that loops forever is killed by it."""
SAMPLE = (
    "specverify/rules/attention.py=tests/rules/test_attention.py,tests/rules/test_examples.py::ATT",
    "specverify/rules/parallel.py=tests/rules/test_parallel.py,tests/rules/test_examples.py::PAR",
    "specverify/rules/kernels.py=tests/rules/test_kernels.py,tests/rules/test_examples.py::KRN",
    "specverify/rules/quantization.py=tests/rules/test_quantization.py,tests/rules/test_examples.py::QNT",
    "specverify/rules/vocabulary.py=tests/rules/test_vocabulary.py,tests/rules/test_examples.py::VOC",
    "specverify/derive/cache.py=tests/derive/test_cache.py,tests/derive/test_engines.py,tests/architectures/test_deepseek_v4.py",
    "specverify/derive/engines/vllm.py=tests/derive/test_engines.py,tests/derive/test_memory.py",
    "specverify/derive/engines/sglang.py=tests/derive/test_engines.py",
)
COMPARED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
COMPARED |= {ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}
COMPUTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv, ast.Div: ast.Mult}


class Mutant(NamedTuple):
    """One change: the line it is on, what it does, and the module's source with it."""

    line: int
    change: str
    source: str


class Score(NamedTuple):
    """What came of a module's mutants."""

    module: str
    tried: int
    survivors: tuple[Mutant, ...]
    seconds: float


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module: comparisons, `and` and `or`, `not`, arithmetic, and whole numbers one larger."""
    tree = ast.parse(source)
    skipped = {id(inner) for node in ast.walk(tree) for inner in _not_code(node)}
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.expr) and id(node) not in skipped):
        for change, replaced in _changes(node):
            yield Mutant(node.lineno, change, ast.unparse(ast.fix_missing_locations(_Swap(node, replaced).visit(tree))))


def _not_code(node: ast.AST) -> Iterator[ast.AST]:
    """What is under a node and no behaviour of its own: decorators of rules, annotations, docstrings."""
    if isinstance(node, ast.FunctionDef):
        for outer in (*node.decorator_list, node.args, *([node.returns] if node.returns is not None else [])):
            yield from ast.walk(outer)
    if isinstance(node, ast.AnnAssign):
        yield from ast.walk(node.annotation)


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    def renamed(field: str, value: object) -> ast.AST:
        other = copy.copy(node)
        setattr(other, field, value)
        return other

    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
        other = COMPARED[type(node.ops[0])]
        yield f"{type(node.ops[0]).__name__} -> {other.__name__}", renamed("ops", [other()])
    elif isinstance(node, ast.BoolOp):
        joined = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"{type(node.op).__name__} -> {joined.__name__}", renamed("op", joined())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in COMPUTED:
        swapped = COMPUTED[type(node.op)]
        yield f"{type(node.op).__name__} -> {swapped.__name__}", renamed("op", swapped())
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield f"{node.value} -> {node.value + 1}", ast.Constant(node.value + 1)


class _Swap(ast.NodeTransformer):
    """A copy of a tree with one node, by identity, replaced."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The replacement, or a shallow copy with visited children."""
        if node is self.old:
            return self.new
        made = copy.copy(node)
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                setattr(made, field, self.visit(value))
            elif isinstance(value, list):
                setattr(made, field, [self.visit(item) if isinstance(item, ast.AST) else item for item in value])
        return made


def _passes(folder: Path, tests: Sequence[str]) -> bool:
    """Whether the tests pass in a copy; a run that takes too long does not. `FILE::WORD` runs the cases with that word."""
    files = [test.partition("::")[0] for test in tests]
    words = [word for test in tests if (word := test.partition("::")[2])]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *files]
    if words:
        stems = [Path(file).stem for file, test in zip(files, tests, strict=True) if "::" not in test]
        command += ["-k", " or ".join([*stems, *words])]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("SPECVERIFY_CORPUS", None)
    try:
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=LONGEST, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def attack(module: str, tests: Sequence[str], folder: Path, each: int, seed: int) -> Score:
    """The survivors among `each` mutants of a module. Raises ValueError where its tests do not pass as it is."""
    target, started = folder / module, time.monotonic()
    source = target.read_text("utf-8")
    if not _passes(folder, tests):
        raise ValueError(f"the tests of {module} do not pass without a mutant")
    every = list(mutants(source))
    chosen = sorted(random.Random(seed).sample(every, min(each, len(every))), key=lambda mutant: mutant.line)
    survivors = []
    for mutant in chosen:
        target.write_text(mutant.source, "utf-8")
        if _passes(folder, tests):
            survivors.append(mutant)
            print(f"survives: {module}:{mutant.line} {mutant.change} | {source.splitlines()[mutant.line - 1].strip()}", flush=True)
    target.write_text(source, "utf-8")
    return Score(module, len(chosen), tuple(survivors), time.monotonic() - started)


def main() -> int:
    """Exit status 0: survivors are for reading."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("modules", nargs="*", metavar="MODULE=TEST[,TEST]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutate-") as place:
        folder = Path(place)
        for name in COPIED:
            copied = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copied(ROOT / name, folder / name)
        scores = []
        for entry in given.modules or SAMPLE:
            module, _, tests = entry.partition("=")
            scores.append(attack(module, tests.split(","), folder, given.each, given.seed))
    print("\n| module | mutants | killed | survivors | seconds |\n|---|---|---|---|---|")
    for score in scores:
        alive = len(score.survivors)
        print(f"| `{score.module}` | {score.tried} | {score.tried - alive} | {alive} | {score.seconds:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
