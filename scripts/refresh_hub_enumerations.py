"""Write specverify/rules/hub_enumerations.json: the licence ids, pipeline tags and library keys the Hub knows.

    npm pack @huggingface/tasks && tar xzf huggingface-tasks-*.tgz          (pipeline tags and libraries; MIT)
    python scripts/refresh_hub_enumerations.py package repositories-licenses.md

The second file is docs/hub/repositories-licenses.md of github.com/huggingface/hub-docs (Apache-2.0): the table between its
`region licenses` comments. Ids named in LATER came after the stored copy of that page.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "specverify" / "rules" / "hub_enumerations.json"
RELATIONS = ("adapter", "finetune", "merge", "quantized")
LATER = (
    *("apple-amlr", "apple-ascl", "eupl-1.2", "fair-noncommercial-research-license", "grok2-community", "h-research", "intel-research"),
    *("llama3", "llama3.1", "llama3.2", "llama3.3", "llama4", "open-mdw", "openmdw-1.0", "openmdw-1.1"),
)
_NAMES = """
const tasks = require(process.argv[1] + "/dist/commonjs/index.js");
console.log(JSON.stringify([Object.keys(tasks.PIPELINE_DATA), Object.keys(tasks.MODEL_LIBRARIES_UI_ELEMENTS)]));
"""


def licenses(page: str) -> list[str]:
    """The identifiers of the table of licences."""
    region = page[page.index("<!-- region licenses -->") : page.index("<!-- endregion -->")]
    return sorted({*re.findall(r"\|\s*`([^`]+)`\s*\|", region), *LATER})


def main(package: Path, page: Path) -> int:
    """Write the snapshot."""
    ran = subprocess.run(["node", "-e", _NAMES, str(package.resolve())], capture_output=True, text=True, check=True)
    pipelines, libraries = json.loads(ran.stdout)
    version = json.loads((package / "package.json").read_text())["version"]
    text = page.read_text(encoding="utf-8")
    snapshot = {
        "sources": {
            "pipeline_tags, libraries": f"npm @huggingface/tasks {version}",
            "licenses": f"hub-docs repositories-licenses.md, sha256 {hashlib.sha256(text.encode()).hexdigest()}, and later additions",
        },
        "base_model_relations": list(RELATIONS),
        "licenses": licenses(text),
        "pipeline_tags": sorted(pipelines),
        "libraries": sorted(libraries),
    }
    TARGET.write_text(json.dumps(snapshot, indent=1) + "\n", encoding="utf-8")
    print(f"{len(snapshot['licenses'])} licences, {len(pipelines)} pipeline tags, {len(libraries)} libraries")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
