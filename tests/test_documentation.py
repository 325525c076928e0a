"""README and docs/ say all there is: options, rules, figures, accelerators, exit statuses. What they show parses, and runs.

Settings are held to their page by tests/settings/test_documentation.py.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from specverify import cli
from specverify.cli import COMMANDS, status
from specverify.derive.gpus import catalogue
from specverify.pipeline import verify_many
from specverify.report.terminal import render
from specverify.rules.engine import rules
from specverify.target import ENGINES, KV_DTYPES, MLA, PLANNED, STATE_DTYPES, Target
from specverify.task import TASKS
from tests.fixture_files import FIXTURES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
TEXTS = {path: path.read_text("utf-8") for path in PAGES}
ALL = "\n".join(TEXTS.values())
SCRIPTS = ("figures", "architectures", "gpus", "cli", "picture")
TARGETS = (
    Target(),
    Target(gpu="h100-sxm-80gb", gpus=8),
    Target(gpu="h200-sxm-141gb", gpus=8, data_parallel=8, expert_parallel=8, quantize="fp8"),
    Target(gpu="h200-sxm-141gb", engine="vllm", draft_tokens=1, context=8192, concurrency=4),
    Target(gpu="h200-sxm-141gb", gpus=2, engine="sglang"),
    Target(gpu="l4-24gb", engine="llamacpp"),
)
MODELS = sorted(str(path) for path in FIXTURES.iterdir())
MANY_WAYS = re.compile(r"<(\w+)>")


def command(name: str) -> click.Command:
    """The click command that `specverify NAME` runs; `verify` is the one without a name."""
    found = getattr(import_module(f"specverify.cli.{COMMANDS.get(name, 'verify')}"), f"{name}_command")
    assert isinstance(found, click.Command)
    return found


EVERY = {name: command(name) for name in ("verify", *COMMANDS)}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_page_is_what_its_script_writes(name: str) -> None:
    script = f"scripts/generate_{name}.py"
    done = subprocess.run([sys.executable, script, "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{script} --check" in (ROOT / "Makefile").read_text("utf-8").split("\nstale:")[1].split("\n\n")[0]


def flags() -> Iterator[tuple[str, str, click.Option]]:
    for name, one in EVERY.items():
        for option in one.params:
            if isinstance(option, click.Option):
                yield from ((name, flag, option) for flag in (*option.opts, *option.secondary_opts))


@pytest.mark.parametrize(("name", "flag", "option"), [pytest.param(*one, id=f"{one[0]} {one[1]}") for one in flags()])
def test_every_option_is_documented_with_its_help(name: str, flag: str, option: click.Option) -> None:
    page = TEXTS[DOCS / "cli.md"]
    heading = f"## specverify {name}\n" if name != "verify" else "## specverify\n"
    own = page.split(f"\n{heading}")[1].split("\n## ")[0]
    headings = [f"\n### {group.replace('-', ' ').capitalize()}\n" for group in re.findall(r"\]\(#([\w-]+-options)\)", own)]
    reached = own + "".join(re.split(r"\n##+ ", page.split(heading)[1])[0] for heading in headings)
    (row,) = [line for line in reached.splitlines() if re.match(rf"\| .*`{re.escape(flag)}[ `]", line)]
    assert option.help, f"{flag} of {name} has no help"
    assert option.help.replace("|", "\\|") in row


def test_every_command_is_documented_and_no_other() -> None:
    headings = re.findall(r"^## (specverify.*)$", TEXTS[DOCS / "cli.md"], re.MULTILINE)
    assert headings == ["specverify", *(f"specverify {name}" for name in COMMANDS)]


@pytest.mark.parametrize("value", sorted({*ENGINES, *KV_DTYPES, *STATE_DTYPES, *PLANNED, *MLA, *TASKS}))
def test_every_word_that_an_option_takes_is_documented(value: str) -> None:
    assert f"`{value}`" in TEXTS[DOCS / "cli.md"].split("\n## Values\n")[1]


def test_every_rule_is_documented() -> None:
    page = TEXTS[DOCS / "rules.md"]
    assert [rule.code for rule in rules() if f"\n### {rule.code} {rule.name}\n" not in page] == []


def entries() -> list[re.Pattern[str]]:
    """Every figure that docs/figures.md documents, as what its name stands for."""
    page = TEXTS[DOCS / "figures.md"]
    names = re.findall(r"^### `(\S+)`$", page, re.MULTILINE)
    names += [f"growth.<context>.{column}" for column in re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)]
    return [re.compile(MANY_WAYS.sub(_any_word, re.escape(name).replace(r"\<", "<").replace(r"\>", ">"))) for name in names]


def _any_word(found: re.Match[str]) -> str:
    return r"\d+" if found[1] in ("context", "sequences") else r"\w+"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.gpus}x{target.gpu}-{target.engine}")
def test_every_figure_of_every_fixture_is_documented(target: Target) -> None:
    documented = entries()
    for report in verify_many(MODELS, target=target, offline=True):
        names = {*report.figures, *report.growth()}
        assert names or report.spec is not None
        unknown = {name for name in names if not any(one.fullmatch(name) for one in documented)}
        assert unknown == set(), f"{report.ref}: docs/figures.md does not have them: scripts/figure_words.py needs words"


@pytest.mark.parametrize("gpu", catalogue().values(), ids=lambda gpu: gpu.name)
def test_every_accelerator_is_documented_with_its_names(gpu: Any) -> None:
    (entry,) = [part for part in TEXTS[DOCS / "gpus.md"].split("\n### ")[1:] if part.startswith(f"{gpu.name}\n")]
    assert all(f"`{alias}`" in entry for alias in gpu.aliases)
    assert entry.count("\n| `") == 7 + (gpu.runtime_mib is not None)


def test_every_exit_status_is_documented() -> None:
    table = TEXTS[DOCS / "ci.md"].split("## Exit statuses")[1].split("\n## ")[0]
    stated = {int(found) for found in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    assert stated == {status.CLEAN, status.FOUND, status.USAGE, status.BROKEN, status.INTERRUPTED}
    assert all(re.search(rf"\b{name}\b", table.splitlines()[2]) for name in COMMANDS)


def test_every_page_is_named_in_the_index() -> None:
    linked = {(DOCS / target).resolve() for target, _ in links(TEXTS[DOCS / "index.md"])}
    of_docs = {path for path in PAGES if path.parent == DOCS and path.name != "index.md"}
    assert of_docs - linked == set()


def links(text: str) -> list[tuple[str, str]]:
    """The relative links of a page, outside code: file and anchor."""
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(([^)\s#]*)(?:#([^)\s]*))?\)", prose)
    return [(file, anchor) for file, anchor in found if "://" not in file]


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for file, anchor in links(TEXTS[page]):
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{file} is not there"
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), f"{file}#{anchor} is no heading"


def shown() -> Iterator[tuple[str, list[str]]]:
    """Every command that a page shows: where, and its words."""
    for path, text in TEXTS.items():
        if path == DOCS / "rules.md" or path.parent.name == "checklists":
            continue
        for number, line in enumerate(text.splitlines(), 1):
            found = re.match(r"^(?: {4}|\s*- run: )(specverify .*)$", line)
            if found:
                yield f"{path.relative_to(ROOT)}:{number}", shlex.split(found[1], comments=True)


SHOWN = dict(shown())
OF_FIXTURES = {place: words for place, words in SHOWN.items() if any(word.startswith("fixtures/") for word in words)}


def test_commands_are_shown() -> None:
    assert len(SHOWN) > 40
    assert len(OF_FIXTURES) > 10


@pytest.mark.parametrize("words", SHOWN.values(), ids=SHOWN)
def test_a_command_that_is_shown_parses(words: list[str]) -> None:
    name = words[1] if words[1] in COMMANDS else "verify"
    arguments = words[1:] if name == "verify" else words[2:]
    if "--help" not in arguments:
        EVERY[name].make_context(name, list(arguments))


def ran(words: list[str]) -> int:
    """The exit status of a command whose fixtures are named from the root of the checkout."""
    with pytest.raises(SystemExit) as done:
        cli.main([str(ROOT / word) if word.startswith("fixtures/") else word for word in words])
    return done.value.code if isinstance(done.value.code, int) else status.CLEAN


@pytest.mark.parametrize("words", OF_FIXTURES.values(), ids=OF_FIXTURES)
def test_a_command_that_names_a_fixture_runs(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if "--baseline" in words:
        ran([*words[1 : words.index("--baseline")], "--write-baseline", words[words.index("--baseline") + 1]])
        capsys.readouterr()
    reached = ran(words[1:])
    out, err = capsys.readouterr()
    assert reached == status.CLEAN, err
    assert out


def test_the_report_that_is_read_is_the_one_printed() -> None:
    """Every block of docs/reading_a_report.md stands in the report as it is."""
    page = TEXTS[DOCS / "reading_a_report.md"]
    (report,) = verify_many([str(FIXTURES / "qwen2.5-7b-instruct")], target=Target(gpu="h100-sxm-80gb", context=131_072), offline=True)
    printed = render(report, width=80)
    blocks = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 6
    assert [block for block in blocks if block not in printed] == []
