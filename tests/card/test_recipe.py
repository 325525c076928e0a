"""How a card says its longer context is had."""

from __future__ import annotations

import pytest

from specverify.card.document import parse_card
from specverify.card.recipe import Recipe, recipes


def found(text: str) -> tuple[Recipe, ...]:
    return recipes(parse_card(text.encode()))


def test_a_yarn_snippet_is_read_though_it_is_no_valid_json() -> None:
    card = (
        '# A\n\n```json\n{\n  ...,\n  "rope_scaling": {"factor": 4.0, "original_max_position_embeddings": 32768, "type": "yarn"}\n}\n```\n'
    )
    (recipe,) = found(card)
    assert (recipe.line, recipe.type, recipe.factor, recipe.original, recipe.length) == (6, "yarn", 4.0, 32768, None)
    assert recipe.reach == 131072


def test_engine_flags_are_a_recipe() -> None:
    card = """```bash
vllm serve x --rope-scaling '{"rope_type":"yarn","factor":3.0,"original_max_position_embeddings":262144}' --max-model-len 1000000
```
"""
    (recipe,) = found(card)
    assert (recipe.type, recipe.reach) == ("yarn", 1_000_000)


@pytest.mark.parametrize(
    "text",
    [
        "We recommend YaRN for long texts.",
        "Longer inputs are handled with the YaRN method.",
        "Pass `--rope-scaling` to vLLM.",
        "| Context | 131,072 with YaRN |",
        "基于NTK的上下文扩展技术，可扩展至18K。",
    ],
)
def test_a_sentence_is_a_recipe(text: str) -> None:
    (recipe,) = found(f"{text}\n|---|---|" if text.startswith("|") else text)
    assert recipe.quote == text
    assert recipe.reach is None


@pytest.mark.parametrize("text", ["It uses rotary embeddings (RoPE).", '```json\n{"rope_theta": 10000}\n```', "Context Length: 131,072"])
def test_what_sets_nothing_is_none(text: str) -> None:
    assert found(text) == ()
