"""Write docs/figures.md: every figure with its unit, what it is, its formula as the code makes it, and an example.

`--check` only compares. A figure that has no words in scripts/figure_words.py is an error, and so are words for one that is never made.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from figure_words import FIGURES, GROWTH, SECTIONS
from pages import ROOT, settled, table

from specverify.outcome import Report
from specverify.pipeline import verify_many
from specverify.report.amounts import exact, rounded, worked_line
from specverify.report.shape import definitions
from specverify.spec import Figure
from specverify.target import Target

TARGET = ROOT / "docs" / "figures.md"
LONGEST = 400
"""Characters of a formula; longer ones are cut, and `specverify explain` prints the whole."""
MOST_PARTS = 9
HEAD = """\
<!-- written by scripts/generate_figures.py -->
# Figures

Every number of a report is a figure: a value or the reason why there is none, a formula, the formula with its values, and the facts it
rests on with their places. `specverify explain REF NAME` prints all of that for your model; JSON has it under `figures`. In a model where
a figure counts nothing (no windows, no next-token-prediction layers) it is 0 and rests on the class that has none; what cannot be known
is null with its reasons, never 0.

Bytes are whole numbers; GiB is 2^30 bytes, and only text shows it. Formulas are the code's own words: a name with dots is another figure, a
name of a config key is the fact of that name, and what stands below `where` is defined by the figure. The examples are the models of
`fixtures/`. `note` is what the code says the figure leaves out or assumes."""

COLUMNS = """\
`growth.<context>.<column>` for 4,096, 32,768 and 131,072 tokens as far as the model takes them, the most it takes, and the target's own
context. They are not among the JSON's `figures`; `specverify explain` takes their names. The examples are `fixtures/llama-3.1-8b` on one
`h100-sxm-80gb`."""


class Case(NamedTuple):
    """A model of fixtures/ at a target, and what a figure needs that is first had there."""

    fixture: str
    target: Mapping[str, Any]
    needs: str

    @property
    def command(self) -> str:
        """The model and target as they are told on the page."""
        given = ", ".join(f"{name} {value}" for name, value in self.target.items())
        return f"`fixtures/{self.fixture}`" + (f" at {given}" if given else "")


APART = {"gpus": 8, "data_parallel": 8, "expert_parallel": 8}
H100, H200 = {"gpu": "h100-sxm-80gb"}, {"gpu": "h200-sxm-141gb"}
CASES = (
    Case("llama-3.1-8b", {}, "the config alone"),
    Case("deepseek-v3", {}, "a mixture of experts"),
    Case("gemma-3-4b", {}, "an image part"),
    Case("whisper-large-v3", {}, "an audio part"),
    Case("jamba-v0.1", {}, "recurrent layers"),
    Case("llama-3.1-8b", {"gpus": 2}, "several GPUs"),
    Case("deepseek-v3", APART, "expert parallelism, and a mixture of experts"),
    Case("llama-3.1-8b", H100, "a GPU"),
    Case("llama-3.1-8b", {**H100, "gpus": 2}, "several GPUs of a kind that is named"),
    Case("llama-3.1-8b", {**H100, "engine": "vllm"}, "a GPU, and the engine vLLM or SGLang"),
    Case("gemma-3-4b", {**H100, "engine": "vllm"}, "a GPU, and the engine vLLM"),
    Case("jamba-v0.1", {**H200, "engine": "sglang"}, "a GPU, the engine SGLang, and recurrent layers"),
    Case("deepseek-v3", {**H200, **APART}, "expert parallelism over GPUs of a kind that is named, and a mixture of experts"),
)
ONLY_VLLM = (
    *("memory.activation_", "memory.non_torch_", "memory.graphs_"),
    *("memory.block_", "memory.groups", "memory.padding_", "memory.kv_pool_blocks"),
)
"""How the names begin that no other engine has."""
MIXED = CASES[1]
"""A second formula is shown of this one where it is another: latents, and experts."""


@cache
def _reports() -> dict[str, Report]:
    made = {}
    for case in CASES:
        (made[repr(case)],) = verify_many([str(ROOT / "fixtures" / case.fixture)], target=Target(**case.target), offline=True)
    return made


def had(case: Case) -> Mapping[str, Figure]:
    """The figures of a case."""
    return _reports()[repr(case)].figures


def pattern(name: str) -> re.Pattern[str]:
    """What a name of figure_words.py stands for: `<sequences>` and `<context>` are numbers, others words."""
    parts = re.split(r"(<\w+>)", name)
    made = (r"\d+" if part in ("<sequences>", "<context>") else r"\w+" if part.startswith("<") else re.escape(part) for part in parts)
    return re.compile("".join(made))


def documented(name: str) -> str | None:
    """The entry of the page that has the figure; None where none has."""
    if name.startswith("growth."):
        column = re.sub(r"^growth\.\d+\.", "", name)
        return next((f"growth.<context>.{known}" for known in GROWTH if pattern(known).fullmatch(column)), None)
    return name if name in FIGURES else next((known for known in FIGURES if "<" in known and pattern(known).fullmatch(name)), None)


def page() -> str:
    """The page. Raises SystemExit where figures and words differ."""
    made = {name for case in CASES for name in had(case)}
    without = sorted(name for name in made if documented(name) is None)
    idle = sorted(set(FIGURES) - {documented(name) for name in made})
    if without or idle:
        raise SystemExit(f"scripts/figure_words.py: no words for {without}; never made: {idle}")
    parts = [HEAD]
    for section, words in SECTIONS.items():
        parts += [f"## {section.capitalize()}", *([words] if words else [])]
        names = [name for name in FIGURES if name.startswith(f"{section}.")]
        parts += [part for name in names for part in _entry(name)] if section != "growth" else [_growth()]
    return "\n\n".join(parts) + "\n"


def _entry(name: str) -> Iterator[str]:
    first, figure = _example(name)
    needs = next(case.needs for case in CASES if any(documented(one) == name for one in had(case)))
    needs = needs.replace(" or SGLang", "") if name.startswith(ONLY_VLLM) else needs
    needs = "a part for pictures, sound or video" if "<medium>" in name else needs
    yield f"### `{name}`"
    yield FIGURES[name]
    note = f" Note: {figure.note}." if figure.note else ""
    yield f"Unit: {figure.unit}. Needs {needs}.{note}"
    yield "```text\n" + "\n".join(_working(figure, had(first))) + "\n```"
    facts = ", ".join(f"`{fact.name}`" for fact in figure.number.rests_on())
    shown = rounded(figure.value, figure.unit)
    value = exact(figure.value, figure.unit)
    yield f"{value}{f' ({shown})' if shown != value else ''} for {first.command}" + (f"; rests on {facts}." if facts else ".")
    other = had(MIXED).get(figure.name)
    if first.target == {} and other is not None and other.value and other.number.formula() != figure.number.formula():
        yield f"With {_features(other)} it is, for {MIXED.command}:"
        yield "```text\n" + "\n".join(_working(other, had(MIXED), parts=0)) + "\n```"


def _features(figure: Figure) -> str:
    facts = {fact.name for fact in figure.number.rests_on()}
    found = [words for name, words in (("kv_lora_rank", "latent attention"), ("n_routed_experts", "experts")) if name in facts]
    return " and ".join(found) or "rotary scaling"


def _example(name: str) -> tuple[Case, Figure]:
    """The first case that says something: a value that is not 0, else a known one, else the first."""
    found = [(case, figure) for case in CASES for one, figure in had(case).items() if documented(one) == name]
    return next(
        (pair for pair in found if pair[1].value),
        next((pair for pair in found if pair[1].value is not None), found[0]),
    )


def _working(figure: Figure, beside: Mapping[str, Figure], parts: int = MOST_PARTS) -> Iterator[str]:
    """Formula, worked line where it says more, and the parts that have a name."""
    formula, worked = figure.number.formula(), worked_line(figure.number, figure.unit)
    yield from (_cut(line) for line in dict.fromkeys((formula, worked)))
    named = [
        part for part in definitions(figure.number, beside) if part.label is not None and part.label not in beside and part.label in formula
    ]
    if named and parts:
        yield "where"
        yield from (f"  {part.label} = {_cut(part.formula())}" for part in named[:parts])


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " ..."


def _growth() -> str:
    """The columns, with the unit, note and example of the first two contexts."""
    report = _reports()[repr(next(case for case in CASES if case.target == H100))]
    without = _reports()[repr(CASES[0])].growth()
    found: dict[str, tuple[str, Figure]] = {}
    for name, figure in report.growth().items():
        known = documented(name)
        if known is None:
            raise SystemExit(f"scripts/figure_words.py: no words for {name}")
        found.setdefault(known.removeprefix("growth.<context>."), (name, figure))
    idle = set(GROWTH) - set(found)
    if idle:
        raise SystemExit(f"scripts/figure_words.py: never made: {sorted(idle)}")
    rows = []
    for column, (name, figure) in sorted(found.items(), key=lambda item: list(GROWTH).index(item[0])):
        needs = "" if name in without else "a GPU"
        shown = f"{rounded(figure.value, figure.unit)} at `{name}`"
        rows.append((f"`{column}`", figure.unit, GROWTH[column], needs, figure.note or "", shown))
    return f"{COLUMNS}\n\n{table(('column', 'unit', 'is', 'needs', 'note', 'example'), rows)}"


if __name__ == "__main__":
    sys.exit(settled(TARGET, page()))
