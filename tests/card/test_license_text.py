"""Licence texts by the phrases that only they have; whatever is altered, mixed or unknown is not recognized."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from specverify.card.license_text import license_of

ROOT = Path(__file__).resolve().parents[2]
MIT = """MIT License

Copyright (c) 2026 the authors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction.

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED.
"""
BSD = """Copyright (c) 2026, the authors

Redistribution and use in source and binary forms, with or without modification, are permitted provided that:
1. Redistributions of source code must retain the above copyright notice, this list of conditions and the disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice.
"""
CC = "Creative Commons\n\n{title}\n\nCreative Commons Corporation is not a law firm. Licensed Material means the work.\n"


def name(text: str) -> str | None:
    found = license_of(text)
    return None if found is None else found.id


def test_this_project_s_own_licence() -> None:
    found = license_of((ROOT / "LICENSE").read_text("utf-8"))
    assert found is not None
    assert found.id == "apache-2.0"
    assert found.quote == "Apache License"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007", "gpl-3.0"),
        ("GNU GENERAL PUBLIC LICENSE\n   Version 2, June 1991", "gpl-2.0"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007", "agpl-3.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007", "lgpl-3.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\nVersion 2.1, February 1999", "lgpl-2.1"),
        ("CC0 1.0 Universal", "cc0-1.0"),
        ("LLAMA 2 COMMUNITY LICENSE AGREEMENT\t\nLlama 2 Version Release Date: July 18, 2023", "llama2"),
        ("META LLAMA 3 COMMUNITY LICENSE AGREEMENT", "llama3"),
        ("# **LLAMA 3.1 COMMUNITY LICENSE AGREEMENT**", "llama3.1"),
        ("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT", "llama3.2"),
        ("LLAMA 3.3 COMMUNITY LICENSE AGREEMENT", "llama3.3"),
        ("LLAMA 4 COMMUNITY LICENSE AGREEMENT", "llama4"),
        ("Gemma Terms of Use", "gemma"),
        ("Tongyi Qianwen LICENSE AGREEMENT", "tongyi-qianwen"),
        ("Tongyi Qianwen RESEARCH LICENSE AGREEMENT", "tongyi-qianwen-research"),
        ("Qwen LICENSE AGREEMENT", "qwen"),
        ("Qwen RESEARCH LICENSE AGREEMENT", "qwen-research"),
        ("DEEPSEEK LICENSE AGREEMENT\n\nVersion 1.0, 23 October 2023", "deepseek"),
        ("# Mistral AI Research License", "mrl"),
        ("TII Falcon LLM License Version 1.0", "falcon-llm-license"),
        ("NVIDIA Open Model License Agreement", "nvidia-open-model-license"),
        ("OpenMDW License Agreement, version 1.1 (OpenMDW-1.1)", "openmdw-1.1"),
        ("CreativeML Open RAIL-M\ndated August 22, 2022", "creativeml-openrail-m"),
        ("CreativeML Open RAIL++-M License", "openrail++"),
        ("BigScience RAIL License v1.0", "bigscience-bloom-rail-1.0"),
        ("Modified MIT License", "modified-mit"),
    ],
)
def test_a_text_that_names_itself(title: str, expected: str) -> None:
    assert name(f"\n{title}\n\nTerms follow.\n") == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Attribution 4.0 International", "cc-by-4.0"),
        ("Attribution-NonCommercial 4.0 International", "cc-by-nc-4.0"),
        ("Attribution-ShareAlike 3.0 Unported", "cc-by-sa-3.0"),
        ("Attribution-NonCommercial-NoDerivatives 4.0 International", "cc-by-nc-nd-4.0"),
        ("Attribution-NonCommercial-ShareAlike 4.0 International", "cc-by-nc-sa-4.0"),
    ],
)
def test_creative_commons_by_its_parts(title: str, expected: str) -> None:
    assert name(CC.format(title=title)) == expected


def test_mit_and_bsd_by_their_wording() -> None:
    assert name(MIT) == "mit"
    assert name(MIT.removeprefix("MIT License")) == "mit"
    assert name(BSD) == "bsd-2-clause"
    assert name(BSD + "3. Neither the name of the authors nor those of contributors may be used to endorse products.") == "bsd-3-clause"
    assert name(BSD + "3. All advertising materials must display an acknowledgement.") is None


def test_the_notice_in_place_of_apache_s_terms() -> None:
    notice = (
        'Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with the License.'
    )
    assert name(notice) == "apache-2.0"
    assert name(notice + " x" * 2_000) is None


def test_the_place_is_that_of_the_first_line() -> None:
    found = license_of("\n\n   " + MIT)
    assert found is not None
    assert (found.line, found.quote) == (3, "MIT License")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "See the model card.",
        "MIT",
        "LLAMA LICENSE",
        MIT + "\nOur only modification part is that products with more than 100 million monthly active users name it.",
        MIT + "\nThe weights are for non-commercial use.",
        MIT + "Notices of others. " * 300,
        "LLAMA 3.1 COMMUNITY LICENSE AGREEMENT\n\nNVIDIA Open Model License Agreement\n",
        MIT + BSD,
        "Attribution-NonCommercial 4.0 International, says the author.",
    ],
    ids=range(10),
)
def test_what_is_altered_mixed_or_unknown_is_nobody_s(text: str) -> None:
    assert name(text) is None


def test_a_licence_named_only_far_down_is_not_the_text_s() -> None:
    assert name("Terms of the example. " * 200 + "GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007") is None


@pytest.mark.parametrize("text", ["attribution" * 50_000, "# " * 400_000, "llama 3" * 60_000, "\n" * 500_000, "=" * 900_000])
def test_a_long_hostile_text_is_quick(text: str) -> None:
    began = time.perf_counter()
    assert name(text) is None
    assert time.perf_counter() - began < 0.5
