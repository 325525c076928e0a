"""Write docs/report.svg: the terminal report of a shipped model at a target, as rich draws it.

`--check` compares the words alone: how they are drawn is up to the release of rich.
"""

from __future__ import annotations

import html
import io
import re
import shlex
import sys

from pages import ROOT, settled
from rich.console import Console
from rich.text import Text

from specverify.cli.options import target_of
from specverify.cli.verify import verify_command
from specverify.pipeline import verify_many
from specverify.report.terminal import render

TARGET = ROOT / "docs" / "report.svg"
COMMAND = "specverify fixtures/qwen2.5-7b-instruct --gpu h100-sxm-80gb --context 128k"
WIDTH = 90
FONT = re.compile(r"\s*@font-face \{\{.*?\}\}", re.DOTALL)


def picture() -> str:
    """The picture, as SVG that loads nothing."""
    from rich._export_format import CONSOLE_SVG_FORMAT

    with verify_command.make_context("specverify", [*shlex.split(COMMAND)[1:], "--offline", "--no-config"]) as context:
        target, refs = target_of(context.params), context.params["refs"]
    (report,) = verify_many([str(ROOT / refs[0])], target=target, offline=True)
    text = render(report, width=WIDTH, color=True)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(f"$ {COMMAND}\n", "bold"))
    console.print(Text.from_ansi(text), no_wrap=True, overflow="ignore", crop=False)
    drawn = console.export_svg(title="specverify", code_format=FONT.sub("", CONSOLE_SVG_FORMAT), unique_id="report")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


def words(drawn: str) -> list[str]:
    """The lines of text of a picture, in their order."""
    return [" ".join(html.unescape(line).split()) for line in re.findall(r"<text[^>]*>(.*?)</text>", drawn, re.DOTALL)]


def main() -> int:
    """Exit status 1 under `--check` where the picture says something else."""
    return settled(TARGET, picture(), lambda held, made: words(held) == words(made))


if __name__ == "__main__":
    sys.exit(main())
