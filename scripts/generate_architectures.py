"""Write docs/architectures.md: every model type that is read tensor by tensor, and what proves it. `--check` only compares."""

from __future__ import annotations

import sys

from generate_coverage import SAID
from pages import ROOT, settled, table

from specverify.architectures.registry import find
from specverify.data import load_json

TARGET = ROOT / "docs" / "architectures.md"
HEAD = """\
<!-- written by scripts/generate_architectures.py -->
# Architectures

{count} model types (`model_type` of a config.json) are read tensor by tensor, by {families} families. `specverify architectures` prints the
same list. A type that is not here is read by its stated sizes: its report says so, and what would need its tensors is unknown, with that
reason.

* **Family** is the module of `specverify/architectures/` that reads the type.
* **Tensors** is the test that proves parameters and manifest, and **cache** the one that proves what a sequence keeps; `none` is an
  encoder, which keeps nothing.
* **Source** is the class or the paper that the family was written from.

{proofs}"""


def page() -> str:
    """The page: what each proof is, then a row a type."""
    proofs = load_json("architectures/coverage.json")
    by_test = {proof: said for (_, proof), said in SAID.items() if "/" in proof}
    told = "\n".join(f"* `{proof}`: {said[0].lower()}{said[1:]}." for proof, said in by_test.items())
    told += "\n* Other tests hold the family against published counts and figures worked out by hand."
    rows = []
    for model_type, row in proofs.items():
        family = find(model_type)
        source = family.source if family is not None else ""
        rows.append(
            (f"`{model_type}`", row["family"], f"`{row['tensors']}`", "none" if row["cache"] == "none" else f"`{row['cache']}`", source)
        )
    head = HEAD.format(count=len(rows), families=len({row["family"] for row in proofs.values()}), proofs=told)
    return f"{head}\n\n{table(('type', 'family', 'tensors', 'cache', 'source'), rows)}\n"


if __name__ == "__main__":
    sys.exit(settled(TARGET, page()))
