"""Scores in a form made for programs: `model-index` in the front matter, and the files of `.eval_results`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from specverify.card.bounded_yaml import read_yaml
from specverify.card.document import CardDocument, text_of
from specverify.card.evaluation.benchmarks import mentions
from specverify.card.evaluation.scores import EVAL_RESULTS, MODEL_INDEX, Score, Value, scale_of
from specverify.card.evaluation.settings import MISSABLE, ROW, SHOTS, Setting, settings_in
from specverify.pattern import Pattern

MOST_RESULTS = 600
MOST_METRICS = 20
_LISTING = Pattern(r"\.eval_results/[^/]{1,120}\.ya?ml")


class EvaluationProblem(NamedTuple):
    """A result that cannot be read as it stands: the file, the line from 1, and what is wrong."""

    file: str
    line: int
    message: str


def is_results_file(name: str) -> bool:
    """Whether a path is a file of evaluation results."""
    return _LISTING.fullmatch(name) is not None


def read_model_index(document: CardDocument) -> Iterator[Score]:
    """The scores of the front matter's `model-index`; what has another shape states none."""
    index = document.front_matter.values.get("model-index")
    for at, entry in enumerate(index if isinstance(index, list) else ()):
        results = entry.get("results") if isinstance(entry, dict) else None
        for number, result in enumerate(results[:MOST_RESULTS] if isinstance(results, list) else ()):
            if isinstance(result, dict):
                yield from _indexed(document, result, f"model-index.{at}.results.{number}")


def _indexed(document: CardDocument, result: Mapping[str, Any], path: str) -> Iterator[Score]:
    dataset = result.get("dataset")
    dataset = dataset if isinstance(dataset, dict) else {}
    metrics = result.get("metrics")
    name, kind = (str(dataset.get(key) or "")[:200] for key in ("name", "type"))
    config = str(dataset.get("config") or "")[:100]
    found = next(mentions(name), None) or next(mentions(kind), None)
    if found is None or not isinstance(metrics, list):
        return
    source = result.get("source")
    url = source.get("url") if isinstance(source, dict) else None
    credit = f"{source.get('name') or ''} {url or ''}"[:300] if isinstance(source, dict) else ""
    arguments = dataset.get("args")
    for number, metric in enumerate(metrics[:MOST_METRICS]):
        value = _value(metric.get("value")) if isinstance(metric, dict) else None
        if value is None:
            continue
        line = document.front_matter.line(f"{path}.metrics.{number}.value") or document.front_matter.line(path) or 1
        label = " ".join(str(metric.get(key) or "")[:100] for key in ("type", "name"))
        settings = list(settings_in(f"{name} {label} {credit}", ROW, line, MISSABLE))
        shots = arguments.get("num_few_shot") if isinstance(arguments, dict) else None
        if isinstance(shots, int):
            settings.insert(0, Setting(SHOTS, f"{shots}-shot", ROW, line))
        yield Score(
            found.benchmark,
            f"{name} {kind} {config}".strip(),
            value,
            scale_of(found.benchmark, value),
            None,
            "self",
            tuple(settings),
            MODEL_INDEX,
            document.file,
            line,
            column=label.strip(),
            verified=bool(metric.get("verifyToken")),
            source_url=url if isinstance(url, str) and url else None,
        )


def _value(value: object) -> Value | None:
    if isinstance(value, str):
        text = value.strip().removesuffix("%").strip()
        if not re.fullmatch(r"-?\d{1,6}(?:\.\d{1,12})?", text):
            return None
        return Value(float(text), value[:40], value.strip().endswith("%"), len(text.partition(".")[2]))
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e6:
        return None
    return Value(float(value), str(value)[:40], False, len(str(value).partition(".")[2]) if "e" not in str(value) else 6)


def read_results_file(data: bytes, file: str, problems: list[EvaluationProblem]) -> list[Score]:
    """The scores of one file of `.eval_results`, a YAML list of results; what is wrong with it goes to `problems`."""
    read = read_yaml(text_of(data), "the file")
    problems += [EvaluationProblem(file, problem.line, problem.message) for problem in read.problems]
    if read.failed:
        return []
    if not isinstance(read.value, list):
        problems.append(EvaluationProblem(file, 1, "the file states no list of results"))
        return []
    scores = []
    for number, entry in enumerate(read.value[:MOST_RESULTS]):
        line = read.lines.get(str(number), 1)
        dataset = entry.get("dataset") if isinstance(entry, dict) else None
        name = dataset.get("id") if isinstance(dataset, dict) else None
        task = dataset.get("task_id") if isinstance(dataset, dict) else None
        value = _value(entry.get("value")) if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(dataset, dict) or not isinstance(name, str) or not name:
            problems.append(EvaluationProblem(file, line, "a result names no `dataset.id`"))
            continue
        if not isinstance(task, str) or not task:
            problems.append(EvaluationProblem(file, line, "a result names no `dataset.task_id`"))
        if value is None:
            problems.append(EvaluationProblem(file, read.lines.get(f"{number}.value", line), "a result has no `value` that is a number"))
            continue
        source = entry.get("source")
        url = source.get("url") if isinstance(source, dict) else None
        found = next(mentions(name.rpartition("/")[2][:200]), None) or next(mentions(str(task or "")[:200]), None)
        if found is None:
            continue
        notes = str(entry.get("notes") or "")[:2000]
        at = read.lines.get(f"{number}.value", line)
        scores.append(
            Score(
                found.benchmark,
                f"{name} {task or ''} {notes}".strip()[:400],
                value,
                scale_of(found.benchmark, value),
                None,
                "self",
                tuple(settings_in(f"{task or ''} {notes}", ROW, at, MISSABLE)),
                EVAL_RESULTS,
                file,
                at,
                column=notes,
                verified=bool(entry.get("verifyToken")),
                source_url=url if isinstance(url, str) and url else None,
            )
        )
    return scores
