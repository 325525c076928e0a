"""Operations: under which terms the model can be had, what loads it, and in which files and formats it comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from specverify.outcome import Report
from specverify.report.compare.cells import Cell, Row, Status, is_closed, of_each, row, rule_cell, said, unknown
from specverify.report.sanitize import clean

LICENSE = "license"
CONFIG_CODE, TOKENIZER_CODE = "IDN003", "SEC003"
TERMS = "MET006"
FORMATS = {
    ".safetensors": "safetensors",
    ".gguf": "GGUF",
    ".onnx": "ONNX",
    ".bin": "PyTorch .bin",
    ".pt": "PyTorch .pt",
    ".pth": "PyTorch .pth",
    ".ckpt": "PyTorch .ckpt",
    ".h5": "HDF5",
    ".msgpack": "msgpack",
    ".npz": "npz",
}
"""How the name of a file of weights ends, and the format that is."""
MOST_CLASSES = 3
NO_CODE = "none named"
ACCESS = {"auto": "terms to accept", "manual": "terms to accept, and the publisher's leave", False: "no", "False": "no"}


def terms(reports: Sequence[Report]) -> Iterator[Row]:
    """License, access and what the repo wants to run."""
    yield row("license", of_each(reports, _license))
    yield row("gated", of_each(reports, _gated))
    yield row("file formats", of_each(reports, _formats))
    yield row("remote code", of_each(reports, _code))
    yield row("class", of_each(reports, _class), mark=False)
    yield row("read as", of_each(reports, _read_as))


def _license(report: Report) -> Cell:
    stated = [verdict for verdict in report.claims if verdict.kind == LICENSE and verdict.relation == "self"]
    if not stated:
        return unknown("no file that was read states a license")
    return said(", ".join(dict.fromkeys(clean(verdict.raw, 60) for verdict in stated)), status=Status.CLAIMED, lines=stated)


def _gated(report: Report) -> Cell:
    if is_closed(report):
        return said("closed")
    gated = None if report.kept is None else report.kept.gated
    if gated in ACCESS:
        return said(ACCESS[gated])
    card = rule_cell(report, (TERMS,), lambda _: "the card sets terms", "")
    return card if card.text and card.status is Status.KNOWN else unknown(f"a {report.origin or 'folder'} does not say how it was had")


def _formats(report: Report) -> Cell:
    listing = () if report.kept is None else report.kept.listing
    found = dict.fromkeys(format_ for path in sorted(listing) for ending, format_ in FORMATS.items() if path.endswith(ending))
    return said(", ".join(found)) if found else unknown("closed" if is_closed(report) else "no file of weights is listed")


def _code(report: Report) -> Cell:
    names = {CONFIG_CODE: "the model's class", TOKENIZER_CODE: "the tokenizer"}
    config = rule_cell(report, (CONFIG_CODE,), lambda _: names[CONFIG_CODE], "")
    tokenizer = rule_cell(report, (TOKENIZER_CODE,), lambda _: names[TOKENIZER_CODE], "")
    wanted = [cell.text for cell in (config, tokenizer) if cell.text and cell.status is Status.KNOWN]
    notes = "; ".join(cell.note for cell in (config, tokenizer) if cell.note) or None
    if wanted:
        return said(f"for {' and '.join(wanted)}", note=notes)
    if config.status is Status.UNKNOWN:
        return config
    if tokenizer.status is Status.KNOWN:
        return said(NO_CODE)
    return said(f"{NO_CODE} for the model's class", NO_CODE, note=f"the tokenizer: {notes}")


def _class(report: Report) -> Cell:
    names = () if report.spec is None else report.spec.classes()
    if not names:
        return unknown("closed" if is_closed(report) else "the config names no class")
    return said(", ".join(clean(name, 80) for name in names[:MOST_CLASSES]))


def _read_as(report: Report) -> Cell:
    spec = report.spec
    if spec is None or spec.exactness == "none":
        return unknown("no language model that is read" if spec is None else spec.fact("prototype").reason or "no language model")
    if spec.exactness == "exact":
        return said(f"family {spec.family}, every tensor known")
    return said("claims alone" if spec.exactness == "claimed" else "its stated sizes: its tensors are not known")
