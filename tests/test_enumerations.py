"""The snapshot of what the Hub lets a card say, and the script that makes it."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import re
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from specverify.data import hub_enumerations

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "refresh_hub_enumerations.py"
PIPELINES = """export const MODALITIES = ["nlp"] as const;

export const PIPELINE_DATA = {
\t"text-generation": {
\t\tname: "Text Generation",
\t\tsubtasks: [
\t\t\t{
\t\t\t\ttype: "not-a-tag",
\t\t\t},
\t\t],
\t\tmodality: "nlp",
\t},
\tother: {
\t\tname: "Other",
\t\tmodality: "other",
\t},
} satisfies Record<string, PipelineData>;
"""
LIBRARIES = """export const MODEL_LIBRARIES_UI_ELEMENTS = {
\t"a-library": {
\t\tprettyLabel: "A",
\t},
\tplain_key: {
\t\tprettyLabel: "B",
\t},
} satisfies Record<string, LibraryUiElement>;

export const ALL = {
\tother: {
"""
LANGUAGES = """var LANGUAGES_ISO_639_1 = {
  de: {
    code: "de",
    name: "German",
    nativeName: "Deutsch"
  },
  el: {
    code: "el",
    name: "Greek, Modern",
    nativeName: "x"
  }
};
var LANGUAGES_ISO_639_3 = {
  aaa: {
    code: "aaa",
    name: "Ghotuo"
  }
};
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("refresh_hub_enumerations", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def packed(path: Path, package: str, files: dict[str, str]) -> Path:
    name, version = package.rsplit("@", 1)
    manifest = json.dumps({"name": name, "version": version, "license": "MIT"})
    with tarfile.open(path, "w:gz") as archive:
        for file, text in {"package.json": manifest, **files}.items():
            entry = tarfile.TarInfo(f"package/{file}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def test_the_snapshot_is_whole() -> None:
    lists = hub_enumerations()
    assert {name: len(lists[name]) for name in ("licenses", "pipeline_tags", "libraries", "relations", "languages")} == {
        "licenses": 83,
        "pipeline_tags": 57,
        "libraries": 257,
        "relations": 4,
        "languages": 184,
    }
    assert {"mit", "apache-2.0", "llama3.3", "gemma", "openmdw-1.1", "other", "unknown"} <= set(lists["licenses"])
    assert lists["pipeline_tags"]["text-generation"] == "nlp"
    assert {"transformers", "sentence-transformers", "peft"} <= set(lists["libraries"])
    assert lists["languages"]["ja"] == "Japanese"


def test_every_entry_is_one_that_a_card_can_state() -> None:
    lists = hub_enumerations()
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", one) for one in [*lists["licenses"], *lists["pipeline_tags"], *lists["relations"]])
    assert all(re.fullmatch(r"[A-Za-z0-9][\w.-]*", one) for one in lists["libraries"])
    assert all(re.fullmatch(r"[a-z]{2}", one) for one in lists["languages"])
    assert all(list(lists[name]) == sorted(set(lists[name])) for name in ("licenses", "pipeline_tags", "libraries", "languages"))


def test_the_snapshot_says_where_it_is_from() -> None:
    lists = hub_enumerations()
    provenance = lists["provenance"]
    assert provenance["pipeline_tags, libraries"]["package"] == "npm:@huggingface/tasks"
    assert all(re.fullmatch(r"[0-9a-f]{64}", source["sha256"]) for source in provenance.values() if "sha256" in source)
    stated = next(value for key, value in provenance["licenses"].items() if key.startswith("sha256"))
    assert stated == hashlib.sha256("\n".join(lists["licenses"]).encode()).hexdigest()


def test_the_script_reads_packages_and_a_list(script: ModuleType, tmp_path: Path) -> None:
    tasks = packed(tmp_path / "tasks.tgz", script.TASKS, {"src/pipelines.ts": PIPELINES, "src/model-libraries.ts": LIBRARIES})
    languages = packed(tmp_path / "languages.tgz", script.LANGUAGES, {"dist/index.mjs": LANGUAGES})
    ids = tmp_path / "ids.txt"
    ids.write_text("\n".join(f"licence-{n}" for n in range(60)))
    made = script.enumerations(tasks, languages, ids)
    assert made["pipeline_tags"] == {"other": "other", "text-generation": "nlp"}
    assert made["libraries"] == ["a-library", "plain_key"]
    assert made["languages"] == {"de": "German", "el": "Greek"}
    assert len(made["licenses"]) == 60
    assert made["provenance"]["languages"]["sha256"] == hashlib.sha256(languages.read_bytes()).hexdigest()


def test_the_script_takes_no_other_version(script: ModuleType, tmp_path: Path) -> None:
    tarball = packed(tmp_path / "tasks.tgz", "@huggingface/tasks@0.0.1", {})
    with pytest.raises(SystemExit, match="is wanted"):
        script.package(script.TASKS, tarball)


def test_the_script_reads_the_page_of_the_documentation(script: ModuleType) -> None:
    rows = "".join(f"| A licence `of` some kind | `licence-{n}` |\n" for n in range(60))
    table = f"| Fullname | License identifier |\n| --- | --- |\n{rows}"
    page = f"# Licenses\n| a | `not-this` |\n<!-- region licenses -->\n\n{table}\n<!-- endregion -->\n"
    assert script.license_ids(page) == [f"licence-{n}" for n in range(60)]


@pytest.mark.parametrize("text", ["", "mit\napache-2.0", "<!-- region licenses -->\n<!-- endregion -->", "<html>\n" * 90])
def test_the_script_refuses_what_is_no_list(script: ModuleType, text: str) -> None:
    with pytest.raises(SystemExit, match="not a list"):
        script.license_ids(text)
