"""Every claim of a community card that disagrees with the numbers somebody recorded of that model, beside its verdict.

    python -m benchmarks.wild [FOLDER_OF_CARDS] [--list]

FOLDER_OF_CARDS holds `wild.jsonl` (card, model, recorded) and `wild/`; by default SPECVERIFY_CORPUS/cards. Prints the
disagreements that `wild_verdicts.jsonl` does not judge, the verdicts that nothing matches any more, and those judged false.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.judged import compare, show
from specverify import normalize
from specverify.card import kinds
from specverify.card.card import read_card
from specverify.derive.figures import figures
from specverify.outcome import Agreement
from specverify.target import Target
from specverify.verdicts.judge import Evidences, judge

VERDICTS = Path(__file__).with_name("wild_verdicts.jsonl")
KEYS = {
    "context": "max_position_embeddings",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "kv_heads": "num_key_value_heads",
    "hidden": "hidden_size",
    "vocab": "vocab_size",
    "intermediate": "intermediate_size",
}
"""What was recorded, and the config key it stands for."""


def disagreements(folder: Path) -> Iterator[dict[str, Any]]:
    """The numbers each card claims that the recorded ones do not give, opt-in lengths with them."""
    for row in map(json.loads, (folder / "wild.jsonl").read_text("utf-8").splitlines()):
        recorded = {KEYS[name]: value for name, value in row["recorded"].items() if value is not None and name in KEYS}
        spec = normalize({"model_type": "recorded", "architectures": ["RecordedForCausalLM"], **recorded})
        card = read_card((folder / "wild" / row["card"]).read_bytes(), row["model"], row["card"])
        for verdict in judge(card.claims.claims, Evidences(spec, figures(spec, Target()), recipes=card.recipes)):
            if verdict.kind in kinds.UNITS and verdict.agreement in (Agreement.DISAGREES, Agreement.OPT_IN):
                yield {
                    "card": row["card"],
                    "kind": verdict.kind,
                    "line": verdict.stated.line,
                    "raw": verdict.raw,
                    "verdict": str(verdict.agreement),
                    "says": verdict.reason,
                    "quote": verdict.stated.quote,
                }


def main(folder: Path, everything: bool) -> int:
    """Exit status 1 where a disagreement has no verdict or is judged false."""
    found = list(disagreements(folder))
    if everything:
        show(found)
    return compare(found, VERDICTS, ("card", "kind", "line", "raw"), least=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(os.environ.get("SPECVERIFY_CORPUS", ".")) / "cards")
    parser.add_argument("--list", action="store_true", help="print every disagreement")
    arguments = parser.parse_args()
    sys.exit(main(arguments.folder, arguments.list))
