"""Every row of the corpus: the total that torch counted, or none; and which types are not known yet."""

from __future__ import annotations

import json

from specverify.derive.parameters import counts
from tests.architectures.plans import spec_of
from tests.corpus import corpus


def test_no_total_of_the_corpus_is_wrong() -> None:
    wrong, unknown = [], set()
    with (corpus() / "oracle" / "params.jsonl").open() as lines:
        for row in map(json.loads, lines):
            spec = spec_of({**row["config"], "architectures": [row["architecture"]]})
            found = counts(spec) if spec.exactness == "exact" else None
            if found is None or found.total.value is None:
                unknown.add(row["model_type"])
            elif found.total.value != row["total"]:
                wrong.append((row["id"], found.total.value, row["total"]))
    assert not wrong, f"{wrong}; unknown: {sorted(unknown)}"
