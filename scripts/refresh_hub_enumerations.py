"""Write specverify/rules/hub_enumerations.json: what the Hub lets a card's metadata say. `--check` only compares.

    python scripts/refresh_hub_enumerations.py --licenses FILE [--tasks TGZ] [--languages TGZ] [--check]

Pipeline tags and library keys are read from the source text of npm's `@huggingface/tasks`, languages from
`@huggingface/languages`; without a tarball npm fetches the version named here. Nothing of either is run. Licences are in no
package: FILE is `docs/hub/repositories-licenses.md` of github.com/huggingface/hub-docs, or the ids one a line, as the enum
of `license` in the Hub's OpenAPI document (`POST /api/repos/create`) has them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "specverify" / "rules" / "hub_enumerations.json"
TASKS = "@huggingface/tasks@0.21.54"
LANGUAGES = "@huggingface/languages@1.0.0"
RELATIONS = ("adapter", "finetune", "merge", "quantized")
"""Of `base_model_relation`, from docs/hub/model-cards.md of hub-docs."""
LARGEST = 4 * 2**20
_ID = re.compile(r"[a-z0-9][a-z0-9.+-]{1,60}")
_ROW = re.compile(r"\|\s*`([^`|]+)`\s*\|?\s*$")
_KEY = re.compile(r'^\t(?:"([^"]+)"|([\w$]+)): \{')
_MODALITY = re.compile(r'^\t\tmodality: "(\w+)"')
_LANGUAGE = re.compile(r'^ {2}([a-z]{2}): \{\n {4}code: "[a-z]{2}",\n {4}name: "([^"]+)"', re.MULTILINE)


def fetched(package: str, folder: Path) -> Path:
    """The tarball of a package, by npm."""
    done = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True)
    return folder / done.stdout.split()[-1]


def member(tarball: Path, name: str) -> str:
    """The text of one file of a tarball."""
    with tarfile.open(tarball) as archive:
        held = archive.extractfile(name)
        if held is None:
            raise SystemExit(f"{tarball}: {name} is no file")
        return held.read(LARGEST).decode("utf-8")


def block(source: str, constant: str) -> list[str]:
    """The lines of `export const NAME = { ... }`, the braces left out."""
    lines = source.split("\n")
    first = next(i for i, line in enumerate(lines) if line.startswith(f"export const {constant} = {{"))
    return lines[first + 1 : next(i for i, line in enumerate(lines) if i > first and line.startswith("}"))]


def keys(source: str, constant: str) -> list[str]:
    """The keys of that constant, in order."""
    return [found.group(1) or found.group(2) for line in block(source, constant) if (found := _KEY.match(line))]


def modalities(source: str) -> dict[str, str]:
    """Each pipeline tag and its modality (`nlp`, `cv`, ...)."""
    made: dict[str, str] = {}
    tag = ""
    for line in block(source, "PIPELINE_DATA"):
        if found := _KEY.match(line):
            tag = found.group(1) or found.group(2)
        elif found := _MODALITY.match(line):
            made[tag] = found.group(1)
    return made


def license_ids(text: str) -> list[str]:
    """The licence ids of the page's table, or of a list with one a line."""
    if "<!-- region licenses -->" in text:
        region = text.split("<!-- region licenses -->", 1)[1].split("<!-- endregion -->", 1)[0]
        ids = [found.group(1) for line in region.split("\n") if (found := _ROW.search(line))]
    else:
        ids = [line.strip() for line in text.split("\n") if line.strip()]
    strange = [name for name in ids if not _ID.fullmatch(name)]
    if strange or len(ids) < 50:
        raise SystemExit(f"not a list of licence ids: {strange or len(ids)}")
    return ids


def package(named: str, tarball: Path) -> dict[str, str]:
    """Where a list is from: the package, its version, licence and hash."""
    stated: dict[str, Any] = json.loads(member(tarball, "package/package.json"))
    if f"{stated['name']}@{stated['version']}" != named:
        raise SystemExit(f"{tarball} is {stated['name']}@{stated['version']}, and {named} is wanted")
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    return {"package": f"npm:{stated['name']}", "version": stated["version"], "licence": stated["license"], "sha256": digest}


def enumerations(tasks: Path, languages: Path, licenses: Path) -> dict[str, Any]:
    """The whole file."""
    pipelines = modalities(member(tasks, "package/src/pipelines.ts"))
    libraries = keys(member(tasks, "package/src/model-libraries.ts"), "MODEL_LIBRARIES_UI_ELEMENTS")
    ids = license_ids(licenses.read_text("utf-8"))
    one = member(languages, "package/dist/index.mjs").split("var LANGUAGES_ISO_639_3", 1)[0]
    return {
        "provenance": {
            "pipeline_tags, libraries": package(TASKS, tasks),
            "languages": package(LANGUAGES, languages),
            "licenses": {
                "source": "https://huggingface.co/docs/hub/repositories-licenses (the enum of POST /api/repos/create)",
                "sha256 of the sorted ids, one a line": hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest(),
            },
            "relations": {"source": "https://huggingface.co/docs/hub/model-cards"},
        },
        "licenses": sorted(ids),
        "pipeline_tags": dict(sorted(pipelines.items())),
        "libraries": sorted(libraries),
        "relations": list(RELATIONS),
        "languages": {code: name.split(",")[0].split(" (")[0] for code, name in sorted(_LANGUAGE.findall(one))},
    }


def main() -> int:
    """Exit status 1 where `--check` finds the file stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--licenses", type=Path, required=True)
    parser.add_argument("--tasks", type=Path)
    parser.add_argument("--languages", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tasks = arguments.tasks or fetched(TASKS, Path(folder))
        languages = arguments.languages or fetched(LANGUAGES, Path(folder))
        made = json.dumps(enumerations(tasks, languages, arguments.licenses), indent=1, ensure_ascii=False) + "\n"
    fresh = TARGET.exists() and TARGET.read_text("utf-8") == made
    if arguments.check:
        print(f"{TARGET.name} is up to date" if fresh else f"{TARGET.name} is stale: run scripts/refresh_hub_enumerations.py")
        return 0 if fresh else 1
    TARGET.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
