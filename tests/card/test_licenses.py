"""What licence ids mean to one another, and whose base models have which terms."""

from __future__ import annotations

import pytest

from specverify.card.licenses import UNLIMITED, UNSTATED, is_one_of, terms_of_base
from specverify.data import hub_enumerations


def test_the_unlimited_are_ids_of_the_hub_and_none_limits_use() -> None:
    known = set(hub_enumerations()["licenses"])
    assert known >= UNLIMITED
    assert known >= UNSTATED
    assert not [one for one in UNLIMITED if "-nc" in one or "-nd" in one or "rail" in one or "llama" in one or "research" in one]


@pytest.mark.parametrize(
    ("stated", "found", "expected"),
    [
        ("mit", "mit", True),
        ("mit", "modified-mit", False),
        ("bsd", "bsd-3-clause", True),
        ("bsd-2-clause", "bsd-3-clause", False),
        ("cc", "cc-by-nc-4.0", True),
        ("cc", "cc0-1.0", True),
        ("gpl", "gpl-3.0", True),
        ("gpl", "agpl-3.0", False),
        ("lgpl", "lgpl-2.1", True),
        ("openrail", "creativeml-openrail-m", True),
        ("openrail", "mit", False),
        ("llama3", "llama3.1", False),
    ],
)
def test_a_family_stands_for_its_members(stated: str, found: str, expected: bool) -> None:
    assert is_one_of(stated, found) is expected


@pytest.mark.parametrize(
    ("base", "terms"),
    [
        ("meta-llama/Llama-2-7b-hf", "llama2"),
        ("NousResearch/Llama-2-13b-hf", "llama2"),
        ("codellama/CodeLlama-13b-Instruct-hf", "llama2"),
        ("meta-llama/Meta-Llama-3-8B", "llama3"),
        ("meta-llama/Meta-Llama-3.1-70B-Instruct", "llama3.1"),
        ("meta-llama/Llama-3.1-8B", "llama3.1"),
        ("unsloth/Llama-3.2-1B-Instruct", "llama3.2"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama3.3"),
        ("meta-llama/Llama-4-Scout-17B-16E", "llama4"),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "llama3.1"),
        ("google/gemma-2b", "gemma"),
        ("google/gemma-2-9b-it", "gemma"),
        ("google/gemma-3-27b-pt", "gemma"),
        ("google/gemma-4-26B-A4B-it", None),
        ("google/flan-t5-xl", None),
        ("Qwen/Qwen2.5-3B", "qwen-research"),
        ("Qwen/Qwen2.5-32B", None),
        ("Qwen/Qwen2.5-72B-Instruct", "qwen"),
        ("Qwen/Qwen1.5-32B-Chat", "tongyi-qianwen"),
        ("Qwen/Qwen3-8B", None),
        ("mistralai/Mistral-7B-v0.1", None),
        ("mistralai/Mistral-Large-Instruct-2407", "mrl"),
        ("somebody/Llama-2-7b-hf", None),
        ("meta-llama/Llama-2", None),
        ("", None),
    ],
)
def test_terms_of_a_base_by_its_publisher_s_id(base: str, terms: str | None) -> None:
    assert terms_of_base(base) == terms


def test_a_long_id_is_no_base() -> None:
    assert terms_of_base("mistralai/mistral-large-" + "-24" * 100_000) is None
