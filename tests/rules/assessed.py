"""A model typed in a test, through the whole pipeline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from specverify.fetch.files import ModelFiles
from specverify.outcome import Broken, Finding, Outcome, Report
from specverify.pipeline import assess, concluded
from specverify.policy import Policy
from specverify.spec import Tensor
from specverify.target import Target
from tests.settings.reading import settings as settings_of_text

AS_OF = date(2026, 11, 25)
LLAMA: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 512,
    "intermediate_size": 1376,
    "num_hidden_layers": 8,
    "num_attention_heads": 8,
    "num_key_value_heads": 8,
    "vocab_size": 32000,
    "max_position_embeddings": 2048,
    "rope_theta": 10000.0,
}


Tensors = Mapping[str, tuple[str, Sequence[int]]]


def report(
    files: Mapping[str, Any],
    *paths: str,
    target: Mapping[str, Any] | None = None,
    tensors: Tensors | None = None,
    origin: Mapping[str, str] | None = None,
    about: Mapping[str, Any] | None = None,
    settings: str | None = None,
) -> Report:
    """The report of files by name, each as bytes, text or what is to be written as JSON; `paths` are others that exist.

    `tensors` are those of `model.safetensors`, by name, and `origin` says where it all comes from (a folder) and
    what it is called (`name`), `about` what the Hub says of it; `settings` is the text of a settings file, on the day `AS_OF`.
    """
    contents = {name: content if isinstance(content, bytes) else _text(content).encode() for name, content in files.items()}
    headers = tuple(Tensor(name, tuple(shape), dtype, "model.safetensors") for name, (dtype, shape) in (tensors or {}).items())
    whence = {"origin": "folder", **(origin or {})}
    had = ModelFiles(
        "example",
        whence.get("name", "example"),
        whence["origin"],
        whence.get("revision"),
        whence.get("sha"),
        listing=(*contents, *paths),
        contents=contents,
        tensors=headers or None,
        about=about or {},
    )
    policy = Policy() if settings is None else settings_of_text(settings).policy(AS_OF)
    (made,) = concluded([assess(had, Target(**(target or {})), policy=policy, preview=True)], policy)
    assert not [outcome for outcome in made.outcomes if isinstance(outcome, Broken)]
    return made


def said_of_card(
    front: str,
    code: str,
    *paths: str,
    body: str = "A model.",
    config: Mapping[str, Any] = LLAMA,
    files: Mapping[str, Any] | None = None,
    **more: Any,
) -> list[Outcome]:
    """What one rule says of a card with this front matter and body, beside a config and `files`; `more` as `report` has it."""
    card = f"---\n{front}\n---\n{body}\n"
    made = report({"config.json": config, "README.md": card, **(files or {})}, *paths, **more)
    return [outcome for outcome in made.outcomes if outcome.code == code]


def found_in_card(front: str, code: str, *paths: str, **more: Any) -> list[Finding]:
    """The findings among `said_of_card`."""
    return [outcome for outcome in said_of_card(front, code, *paths, **more) if isinstance(outcome, Finding)]


def found(config: Any, code: str, *paths: str, **files: Any) -> list[Finding]:
    """The findings of one rule on a config."""
    return [finding for finding in report({"config.json": config, **files}, *paths).findings if finding.code == code]


def reason(config: Any, code: str, *paths: str) -> str | None:
    """Why a rule was skipped; None where it was not."""
    outcomes = report({"config.json": config}, *paths).outcomes
    return next((getattr(outcome, "reason", None) for outcome in outcomes if outcome.code == code), None)


def _text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content)
