"""Models side by side: every row has a cell for each, unknown says why, and nothing ranks them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from specverify.outcome import Report
from specverify.report.compare.cells import Cell, Status, differ, said, unknown
from specverify.report.compare.comparison import GROUPS, compare
from specverify.report.compare.terminal import render
from specverify.target import Target
from tests.fixture_files import FIXTURES
from tests.report.compared import CARD, TARGET, read, rows, write
from tests.report.reports import DEEPSEEK, LLAMA, UNKNOWN, finding

CLOSED = str(FIXTURES / "gpt-3.yaml")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    """A dense model with a card, a mixture without one, one of an unknown type, a closed one, and one that is not there."""
    home = tmp_path_factory.mktemp("models")
    return read(
        write(home / "Small", README__md=CARD),
        write(home / "mixture", DEEPSEEK),
        write(home / "unknown", {key: value for key, value in UNKNOWN.items() if key != "max_position_embeddings"}),
        CLOSED,
        str(home / "nothing"),
    )


def test_the_groups_are_the_five_dimensions(models: list[Report]) -> None:
    assert [group.name for group in compare(models).groups] == ["quality", "latency", "memory", "operations", "safety"]


def test_no_cell_is_blank_and_unknown_has_no_value_but_a_reason(models: list[Report]) -> None:
    for name, row in rows(compare(models)).items():
        assert len(row.cells) == len(models), name
        for cell in row.cells:
            assert cell.text.strip(), name
            assert (cell.status is Status.UNKNOWN) == (cell.value is None), name
            assert cell.status is not Status.UNKNOWN or cell.note, name


def test_figures_are_those_of_the_reports(models: list[Report]) -> None:
    found = rows(compare(models))
    for name in ("parameters.total", "weights.bytes", "cache.bytes_per_token", "capacity.max_concurrency", "decode.floor_seconds"):
        assert [cell.value for cell in found[name].cells[:2]] == [report.figures[name].value for report in models[:2]]
        assert found[name].unit == models[0].figures[name].unit


def test_a_figure_no_model_has_is_left_out_and_one_of_its_kind_comes_by_itself(models: list[Report]) -> None:
    without = compare([replace(report, figures={}) for report in models[:2]])
    assert not any("." in name for name in rows(without, "memory"))
    new = replace(models[0].figures["decode.floor_seconds"], name="decode.of_tomorrow")
    one = replace(models[0], figures={**models[0].figures, "decode.of_tomorrow": new})
    row = rows(compare([one, models[1]]), "latency")["decode.of_tomorrow"]
    assert (row.cells[0].value, row.cells[1].status) == (new.value, Status.UNKNOWN)


def test_a_model_that_cannot_be_read_is_unknown_by_its_error(models: list[Report]) -> None:
    cells = [row.cells[4] for row in rows(compare(models)).values()]
    assert {cell.note for cell in cells} == {f"could not be read: {models[4].error}"}


def test_what_a_closed_model_says_is_claimed(models: list[Report]) -> None:
    found = rows(compare(models))
    assert found["parameters.total"].cells[3][:3] == ("175.0B", 175_000_000_000, Status.CLAIMED)
    assert found["layers"].cells[3][:3] == ("96", "96", Status.CLAIMED)
    assert found["claim:total_params"].cells[3].status is Status.CLAIMED
    assert found["open or closed"].cells[3].text == "closed"
    assert found["weights.bytes"].cells[3].status is Status.UNKNOWN


def test_an_assumed_dtype_is_said_where_it_is_used(models: list[Report]) -> None:
    row = rows(compare(models))["cache.bytes_per_token"]
    assert row.cells[0].status is Status.KNOWN
    assert row.cells[2].status is Status.ASSUMED
    assert "bfloat16 assumed" in (row.cells[2].note or "")


def test_a_length_is_said_where_each_has_its_own(tmp_path: Path) -> None:
    reports = read(write(tmp_path / "a"), write(tmp_path / "b", DEEPSEEK), target=Target())
    assert [cell.value for cell in rows(compare(reports))["context of these figures"].cells] == [8192, 4096]
    assert "each model at its own context" in render(compare(reports))


def test_claims_stand_with_their_verdicts_and_places(models: list[Report]) -> None:
    found = rows(compare(models), "quality")
    assert found["claims"].cells[0].text == "2 agree, 1 unverifiable"
    assert found["claim:num_layers"].cells[0][:2] == ("3 (agrees)", "3 (agrees)")
    assert found["claim:num_layers"].cells[0].places == ("README.md:8",)
    assert "README.md" in (found["claims"].cells[1].note or "")


def test_scores_are_told_with_their_settings_and_never_marked(tmp_path: Path) -> None:
    better = CARD.replace("41.2", "88.8").replace("(5-shot)", "(0-shot)")
    reports = read(write(tmp_path / "one" / "Small", README__md=CARD), write(tmp_path / "two" / "Small", README__md=better))
    row = rows(compare(reports, diff=False), "quality")["score: MMLU"]
    assert [cell.text.split()[0] for cell in row.cells] == ["41.2", "88.8"]
    assert ["5-shot" in cell.text for cell in row.cells] == [True, False]
    assert row.cells[0].places == ("README.md:15",)
    assert not row.marked
    assert all(cell.status is Status.CLAIMED for cell in row.cells)


def test_a_score_that_may_be_of_another_model_says_so(tmp_path: Path) -> None:
    card = CARD.replace("| Small | 41.2", "| Some-7B | 41.2")
    reports = read(write(tmp_path / "Small", README__md=CARD), write(tmp_path / "elsewhere", README__md=card))
    row = rows(compare(reports), "quality")["score: MMLU"]
    assert row.cells[0].note is None
    assert "may be another's" in (row.cells[1].note or "")


def test_a_finding_stands_beside_what_its_rule_says_of_the_others(models: list[Report]) -> None:
    reports = [replace(models[0], outcomes=(*models[0].outcomes, finding("AAA001", "error", "heads do not divide"))), *models[1:4]]
    row = rows(compare(reports), "safety")["AAA001 made-up-rule"]
    assert [cell.text for cell in row.cells] == ["error", "not checked", "not checked", "not checked"]
    assert row.cells[0].note == "heads do not divide"
    assert [row.cells[1].status, row.cells[1].note] == [Status.UNKNOWN, "AAA001 was not run"]


def test_skipped_checks_are_counted_with_their_reasons(models: list[Report]) -> None:
    checks = rows(compare(models), "safety")["checks"]
    assert "could look" in checks.cells[0].text
    assert "README.md: not in the folder" in (checks.cells[1].note or "")


def test_files_say_formats_and_pickles(tmp_path: Path) -> None:
    reports = read(write(tmp_path / "a", pytorch_model__bin=""), write(tmp_path / "b", model__gguf=""), write(tmp_path / "c"))
    found = rows(compare(reports))
    assert [cell.value for cell in found["file formats"].cells] == ["PyTorch .bin", "GGUF", None]
    assert [cell.value for cell in found["pickles"].cells] == ["the weights are pickles alone", "no weights as pickles alone", None]
    assert found["file formats"].marked
    assert found["pickles"].marked


@pytest.mark.parametrize(
    ("gated", "text"), [(False, "no"), ("auto", "terms to accept"), ("manual", "terms to accept, and the publisher's leave")]
)
def test_access_is_as_the_hub_says_it(models: list[Report], gated: str | bool, text: str) -> None:
    kept = models[0].kept
    assert kept is not None
    cells = rows(compare([replace(models[0], kept=replace(kept, gated=gated)), models[1]]))["gated"].cells
    assert [cell.value for cell in cells] == [text, None]


def test_remote_code_is_for_the_class_or_the_tokenizer(tmp_path: Path) -> None:
    coded = {**LLAMA, "auto_map": {"AutoModelForCausalLM": "modeling_own.OwnForCausalLM"}}
    tokenizer = '{"tokenizer_class": "OwnTokenizer", "auto_map": {"AutoTokenizer": ["tokenization_own.OwnTokenizer", null]}}'
    plain = '{"tokenizer_class": "LlamaTokenizer"}'
    reports = read(
        write(tmp_path / "a", coded, modeling_own__py="", tokenizer_config__json=plain),
        write(tmp_path / "b", tokenizer_config__json=tokenizer, tokenization_own__py=""),
        write(tmp_path / "c", tokenizer_config__json=plain),
        write(tmp_path / "d"),
    )
    cells = rows(compare(reports))["remote code"].cells
    assert [cell.text for cell in cells] == ["for the model's class", "for the tokenizer", "none named", "none named for the model's class"]


NUMBERS = [
    ((100, 109), False),
    ((100, 110), True),
    ((0, 1), True),
    ((0, 0), False),
    ((110, 100), True),
    ((5, None), False),
    ((True, False), True),
]


@pytest.mark.parametrize(("values", "marked"), NUMBERS)
def test_numbers_differ_by_a_tenth(values: tuple[int | None, ...], marked: bool) -> None:
    assert differ([unknown("why") if value is None else Cell(str(value), value) for value in values]) is marked


def test_words_differ_by_what_they_say_not_by_how_it_is_known() -> None:
    assert not differ([said("32 heads (default)"), said("32 heads")])
    assert differ([said("32 heads"), said("16 heads")])


def test_no_row_ranks(models: list[Report]) -> None:
    there, back = rows(compare(models[:3])), rows(compare(models[2::-1]))
    assert {name: (row.cells, row.marked) for name, row in there.items()} == {
        name: (row.cells[::-1], row.marked) for name, row in back.items()
    }
    assert "Nothing here ranks them" in " ".join(render(compare(models)).split())


def test_the_rows_of_a_figure_stand_in_one_group_only() -> None:
    names = [source for _, _, sources in GROUPS for source in sources if isinstance(source, str)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_columns_wrap_within_the_width(models: list[Report], width: int, count: int) -> None:
    text = render(compare(models[:count]), width=width)
    assert max(map(len, text.splitlines())) <= width
    assert all(report.name.split()[0] in text for report in models[:count])


def test_more_models_than_columns_stand_in_a_table_below(models: list[Report]) -> None:
    reports = [replace(models[0], name=f"model-{number}") for number in range(6)]
    heads = [line.split() for line in render(compare(reports), width=120).splitlines() if "model-" in line]
    assert heads == [["model-0", "model-1", "model-2", "model-3"], ["model-4", "model-5"]]


def test_an_unreadable_model_is_named_above_the_others(models: list[Report]) -> None:
    text = render(compare([models[0], models[4]]))
    assert "could not be read" in text.splitlines()[0]
    assert "parameters.total" in text


def test_each_footnote_stands_once(models: list[Report]) -> None:
    notes = render(compare(models[:4]), width=120).split("said of a row\n", 1)[1].split("\n\n", 1)[0]
    numbers = [line.split("]")[0].strip(" [") for line in notes.splitlines() if line.startswith("  [")]
    assert numbers == [str(number + 1) for number in range(len(numbers))]


def test_what_a_repo_says_cannot_steer_a_terminal(tmp_path: Path) -> None:
    evil = {**LLAMA, "architectures": ["\x1b[31mLlama\u202eForCausalLM"], "model_type": "a\x07b", "torch_dtype": "\x1b]0;x\x07"}
    card = CARD.replace("license: mit", 'license: "\\x1b[2Jmit"').replace("Small |", "Small \x1b[31m|")
    reports = read(write(tmp_path / "a", evil, README__md=card), write(tmp_path / "b", {**evil, "torch_dtype": "x\u202e"}, README__md=CARD))
    for diff in (False, True):
        text = render(compare(reports, diff=diff))
        assert not any(character in text for character in "\x1b\x07\u202e")
    assert "\x1b[1m" in render(compare(reports), color=True)


def test_the_target_is_said(models: list[Report]) -> None:
    assert render(compare(models[:2])).startswith("Target: 2 x h100-sxm-80gb, 2,048 tokens, tensor parallel 2\n")
    assert TARGET.context == 2048
