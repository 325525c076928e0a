"""Every parameter row of the corpus: none wrong, and those that are unknown say why."""

from __future__ import annotations

import json
from collections import defaultdict

from specverify.derive.parameters import counts
from specverify.normalize.config import normalize_bytes
from tests.corpus import corpus

NOT_DEFINED = {"longcat_flash"}
"""Types whose family leaves the total unknown, for a reason that its docstring gives."""


def test_no_row_is_wrong() -> None:
    wrong: list[str] = []
    unknown: defaultdict[str, list[str]] = defaultdict(list)
    with (corpus() / "oracle" / "params.jsonl").open() as lines:
        for line in lines:
            row = json.loads(line)
            spec = normalize_bytes(json.dumps({**row["config"], "architectures": [row["architecture"]]}).encode())
            found = counts(spec)
            if spec.exactness != "exact" or found is None:
                continue
            if found.total.value is None:
                unknown[row["model_type"]].extend(found.total.reasons())
            elif found.total.value != row["total"]:
                wrong.append(f"{row['id']}: {found.total.value}, not {row['total']}")
    assert not wrong
    assert set(unknown) == NOT_DEFINED
    assert all(unknown.values())
