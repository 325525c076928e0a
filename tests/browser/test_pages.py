"""The pages in headless Chromium: no error, no request, evidence on demand, and a table that sorts and filters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from specverify import cli
from tests import hostile_model
from tests.fixture_files import FIXTURES

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip
"""As root and without a network: a browser of its own accord asks its maker for this and that."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found is not None, f"none of {', '.join(BROWSERS)} is on PATH (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()


class Opened:
    """A page with all it said, all it asked for, and all its policy forbade."""

    def __init__(self, browser: Any, file: Path, **options: Any) -> None:
        self.page = browser.new_page(**options)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", self._dismiss)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())

    def _dismiss(self, dialog: Any) -> None:
        self.said.append(dialog.message)
        dialog.dismiss()

    def names(self) -> list[str]:
        """The models that the table shows, in its order."""
        found: list[str] = self.page.eval_on_selector_all("#models tbody tr:not([hidden]) th", "all => all.map(one => one.textContent)")
        return found

    def column(self, heading: str) -> Any:
        return self.page.locator("#models thead button", has_text=heading).first


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def command(*arguments: str | Path) -> Path:
        page = tmp_path / "page.html"
        with pytest.raises(SystemExit) as stopped:
            cli.main([*map(str, arguments), "--no-config", "--format", "html", "-o", str(page)])
        assert stopped.value.code in (0, 1, 3)
        return page

    return command


@pytest.fixture
def report(written: Any) -> Path:
    page: Path = written(FIXTURES / "deepseek-v3", "--gpu", "8xh200-sxm-141gb")
    return page


@pytest.fixture
def audit(written: Any, tmp_path: Path) -> Path:
    names = ("gpt2", "deepseek-v3", "marian-two-depths", "mamba-2.8b", "bert-base", "nowhere")
    (tmp_path / "list.txt").write_text("".join(f"{FIXTURES / name}\n" for name in names))
    page: Path = written("audit", tmp_path / "list.txt", "--results", tmp_path / "results.jsonl")
    return page


def ends(names: list[str]) -> list[str]:
    return [Path(name).name for name in names]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_opens_without_a_word_and_asks_for_nothing(browser: Any, report: Path, scheme: str) -> None:
    opened = Opened(browser, report, color_scheme=scheme)
    assert opened.said == []
    assert opened.asked == [report.as_uri()]
    assert opened.page.locator("h1").inner_text() == "deepseek-v3"
    paper = opened.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 19, 23)"}[scheme]


def test_evidence_is_shown_on_demand(browser: Any, report: Path) -> None:
    opened = Opened(browser, report)
    evidence = opened.page.locator("details.evidence").first
    quote = evidence.locator("code.quote").first
    assert not quote.is_visible()
    evidence.locator("summary").click()
    assert quote.is_visible()
    assert quote.inner_text() == '"kv_lora_rank": 512'


def test_a_figure_shows_its_working_on_demand(browser: Any, report: Path) -> None:
    opened = Opened(browser, report)
    figure = opened.page.locator("details.figure", has_text="cache.bytes_per_token").first
    worked = figure.locator("code.worked").first
    assert not worked.is_visible()
    figure.locator("summary").click()
    assert worked.is_visible()
    assert "= 70,272 bytes" in worked.inner_text()


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_runs_out_of_the_window(browser: Any, report: Path, width: int) -> None:
    opened = Opened(browser, report, viewport={"width": width, "height": 800})
    opened.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_audit_sorts_by_exact_numbers_with_the_unknown_last(browser: Any, audit: Path) -> None:
    opened = Opened(browser, audit)
    assert opened.said == []
    given = ["gpt2", "deepseek-v3", "marian-two-depths", "mamba-2.8b", "bert-base", "nowhere"]
    assert ends(opened.names()) == given
    total = opened.column("total")
    total.click()
    assert ends(opened.names()) == ["deepseek-v3", "mamba-2.8b", "gpt2", "bert-base", "marian-two-depths", "nowhere"]
    assert opened.page.locator("thead th[aria-sort]").get_attribute("aria-sort") == "descending"
    total.click()
    assert ends(opened.names()) == ["marian-two-depths", "bert-base", "gpt2", "mamba-2.8b", "deepseek-v3", "nowhere"]
    opened.column("model").click()
    assert ends(opened.names()) == sorted(given)
    assert opened.page.locator("thead th[aria-sort]").count() == 1


def test_an_audit_is_filtered_by_word_and_by_status(browser: Any, audit: Path) -> None:
    opened = Opened(browser, audit)
    opened.page.locator("#filter").fill("mla deepseek")
    assert ends(opened.names()) == ["deepseek-v3"]
    assert opened.page.locator("#shown").inner_text() == "1 of 6 models"
    opened.page.locator("#filter").fill("")
    chip = opened.page.locator(".counts button", has_text="NotFound")
    chip.click()
    assert ends(opened.names()) == ["nowhere"]
    chip.click()
    assert len(opened.names()) == 6


def test_an_audit_shows_findings_on_demand(browser: Any, audit: Path) -> None:
    opened = Opened(browser, audit)
    said = opened.page.locator("tr", has_text="marian-two-depths").locator(".said")
    assert not said.locator("li").first.is_visible()
    said.locator("summary").click()
    assert "two spellings of one field" in said.locator("li").first.inner_text()


def test_an_audit_is_whole_without_a_script(browser: Any, audit: Path) -> None:
    opened = Opened(browser, audit, java_script_enabled=False)
    assert opened.page.locator("#models tbody tr").count() == 6
    assert not opened.page.locator(".tools").is_visible()
    assert opened.page.locator(".counts span").count() == opened.page.locator("#models .pill").evaluate_all(
        "all => new Set(all.map(one => one.textContent)).size"
    )


@pytest.mark.parametrize("command", [(), ("audit",)], ids=["report", "audit"])
def test_a_hostile_model_does_nothing(browser: Any, written: Any, tmp_path: Path, command: tuple[str, ...]) -> None:
    folder = hostile_model.write(tmp_path)
    if command:
        folder = folder.rename(tmp_path / "calm")
        (tmp_path / "list.txt").write_text(f"{folder}\n")
        page = written("audit", tmp_path / "list.txt", "--results", tmp_path / "results.jsonl")
    else:
        page = written(folder)
    opened = Opened(browser, page)
    opened.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert opened.said == []
    assert opened.asked == [page.as_uri()]
    assert "specverify" in opened.page.title()
    assert opened.page.locator("img, iframe, a:not([href^='#'])").count() == 0


def test_the_policy_stops_what_is_put_in(browser: Any, report: Path) -> None:
    """The other half of being safe: what would slip past the escaping does not run either."""
    text = report.read_text(encoding="utf-8")
    put_in = "<script>document.title = 'owned'</script><img src=http://127.0.0.1:9/x.png onerror=\"document.title='owned'\"></body>"
    report.write_text(text.replace("</body>", put_in), encoding="utf-8")
    opened = Opened(browser, report)
    assert opened.page.title() == "deepseek-v3 - specverify"
    assert any("Content Security Policy" in line for line in opened.said)
