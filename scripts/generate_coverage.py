"""Write specverify/architectures/coverage.json, what is proven of each model type and by which test, and README's table of it.

python scripts/generate_coverage.py           # SPECVERIFY_CORPUS names the corpus: its rows of caches are one of the proofs
python scripts/generate_coverage.py --check   # only compares, and needs no corpus
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import defaultdict
from pathlib import Path

from specverify.architectures.defaults import model_types
from specverify.architectures.registry import index
from specverify.normalize.config import normalize_bytes

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "specverify" / "architectures" / "coverage.json"
README = ROOT / "README.md"
BEGINS, ENDS = "<!-- coverage: written by scripts/generate_coverage.py -->", "<!-- /coverage -->"
ORACLE = "tests/oracle/test_manifest.py"
CACHES = "tests/architectures/test_measured_caches.py"
SAID = {
    ("tensors", ORACLE): "Parameters and manifest, tensor by tensor, as transformers 5.23 builds the classes of the type",
    ("tensors", "own"): "Parameters and manifest against published counts (the code is in the models' own repositories)",
    ("cache", CACHES): "Cache to the byte, as transformers 5.23 held it",
    ("cache", "own"): "Cache by the layer plan, against figures worked out by hand",
    ("cache", "none"): "No cache: encoders",
}
WIDEST = 140


def coverage() -> dict[str, dict[str, str]]:
    """By type: the module that reads it, and for `tensors` and `cache` the test that proves them."""
    measured = _measured()
    built = set(model_types())
    found = {}
    for model_type, module in index().items():
        own = _own_test(module)
        encoder = normalize_bytes(json.dumps({"model_type": model_type}).encode()).value("prototype") == "encoder-only"
        cache = CACHES if model_type in measured else "none" if encoder else own
        found[model_type] = {"family": module, "tensors": ORACLE if model_type in built else own, "cache": cache}
    return found


def _measured() -> set[str]:
    """The types whose caches the corpus has measured; without a corpus, those that the file says were."""
    corpus = os.environ.get("SPECVERIFY_CORPUS")
    if not corpus:
        return {model_type for model_type, proofs in json.loads(TARGET.read_text()).items() if proofs["cache"] == CACHES}
    with (Path(corpus) / "oracle" / "cache.jsonl").open() as lines:
        rows = [json.loads(line) for line in lines]
    return {row["model_type"] for row in rows if not row.get("incomplete") and not row.get("decode_mismatch")}


def _own_test(module: str) -> str:
    """The test of a family's file: by its name, else the one that imports or names its types."""
    named = ROOT / "tests" / "architectures" / f"test_{module}.py"
    return str((named if named.is_file() else named.parent).relative_to(ROOT))


def table(found: dict[str, dict[str, str]]) -> str:
    """Which types have each proof, as Markdown."""
    rows: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for model_type, proofs in found.items():
        for what in ("tensors", "cache"):
            proof = proofs[what] if (what, proofs[what]) in SAID else "own"
            rows[what, proof].append(model_type)
    lines = [BEGINS, "", f"{len(found)} model types are read tensor by tensor (`specverify architectures` lists them).", ""]
    lines += ["| what is proven | by | types |", "| --- | --- | --- |"]
    for (what, proof), said in SAID.items():
        types = rows[what, proof]
        by = f"`{proof}`" if "/" in proof else "`tests/architectures`" if proof == "own" else ""
        named = ", ".join(types) if len(types) <= len(found) // 5 else "all others"
        lines.append(f"| {said} | {by} | {len(types)}: {named} |")
    return "\n".join([*lines, "", ENDS])


def main() -> int:
    """Exit status 1 under `--check` where the types are not those of the index, or the table is not that of the file."""
    check = "--check" in sys.argv
    found = json.loads(TARGET.read_text()) if check else coverage()
    text = README.read_text()
    written = re.sub(f"{re.escape(BEGINS)}.*{re.escape(ENDS)}", lambda _: table(found), text, flags=re.DOTALL)
    if check:
        fresh = found.keys() == index().keys() and written == text
        print("coverage is up to date" if fresh else "coverage is stale: run scripts/generate_coverage.py")
        return 0 if fresh else 1
    TARGET.write_text(json.dumps(found, indent=0) + "\n")
    README.write_text(written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
