"""Licences of weights and of code, in front matter, labels, badges and sentences."""

from __future__ import annotations

import pytest

from specverify.card.kinds import CODE_LICENSE, LICENSE
from specverify.card.words.licenses import license_id
from tests.card.said import claims, refused, said


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MIT", "mit"),
        ("Apache 2.0", "apache-2.0"),
        ("Apache License, Version 2.0", "apache-2.0"),
        ("Apache License (Version 2.0)", "apache-2.0"),
        ("Apache-2.0.", "apache-2.0"),
        ("Modified MIT License", "other:modified-mit"),
        ("CC BY-NC-4.0", "cc-by-nc-4.0"),
        ("CC-BY-NC-SA 4.0", "cc-by-nc-sa-4.0"),
        ("CC-BY-SA-3.0", "cc-by-sa-3.0"),
        ("Llama 3.1 Community License", "llama3.1"),
        ("LLAMA 2 COMMUNITY LICENSE AGREEMENT", "llama2"),
        ("Acme Open Model License v1.0", "other:acme-open-model-v1.0"),
        ("GNU General Public License, version 3", "gpl-3.0"),
        ("BigCode OpenRAIL-M v1", "bigcode-openrail-m"),
        ("Gemma Terms of Use", "gemma"),
        ("Creative Commons Attribution 4.0", "cc-by-4.0"),
        ("License", None),
        ("the Model License", None),
        ("see below", None),
        ("MIT or Apache 2.0", None),
    ],
)
def test_names_and_ids(name: str, expected: str | None) -> None:
    assert license_id(name) == expected


@pytest.mark.parametrize(
    ("text", "weights", "code"),
    [
        ("- License: Apache 2.0", ["apache-2.0"], []),
        ("- **License:** MIT.", ["mit"], []),
        ("- Model License: Llama 2 Community License", ["llama2"], []),
        ("- Code License: MIT", [], ["mit"]),
        ("- 许可证：MIT", ["mit"], []),
        ("This model is released under the MIT license.", ["mit"], []),
        ("The model weights are licensed under Apache 2.0.", ["apache-2.0"], []),
        ("The code is licensed under the MIT License.", [], ["mit"]),
        (
            "This code repository is licensed under MIT, and use of the models is subject to the Acme Model License.",
            ["other:acme-model"],
            ["mit"],
        ),
        ("Both the code and the weights are released under the MIT License.", ["mit"], ["mit"]),
        ("本仓库的代码依照 MIT 协议开源。", [], ["mit"]),
        ("![License](https://img.shields.io/badge/License-Apache_2.0-blue)", ["apache-2.0"], []),
        ("![Code](https://img.shields.io/badge/Code_License-MIT-f5de53)", [], ["mit"]),
        ("![Model](https://img.shields.io/badge/Model_License-Model_Agreement-f5de53)", [], []),
        ("![Build](https://img.shields.io/badge/build-passing-green)", [], []),
    ],
)
def test_weights_and_code(text: str, weights: list[str], code: list[str]) -> None:
    assert [claim.terms[0] for claim in claims(LICENSE, text)] == weights
    assert [claim.terms[0] for claim in claims(CODE_LICENSE, text)] == code


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The training dataset is released under the MIT license.", "the licence of something else"),
        ("The original weights are under the MIT license.", "the licence of something else"),
        ("It is not released under the MIT license.", "the licence of something else"),
        ("Mixtral-8x7B is licensed under Apache 2.0.", "about Mixtral-8x7B"),
        ("You must comply with Apache 2.0 and the Acme Model License.", "several licences in one statement"),
        ("The MIT license is short.", "the sentence does not say what is licensed under it"),
        ("- License: MIT or Apache 2.0", "several licences in one value"),
    ],
)
def test_what_is_refused(text: str, reason: str) -> None:
    assert claims(LICENSE, text) == []
    assert reason in refused(LICENSE, text)


def test_the_front_matter_states_the_licence_at_its_line() -> None:
    (claim,) = claims(LICENSE, "---\nlanguage: en\nlicense: Apache-2.0\n---\n# Example-7B\n")
    assert (claim.terms, claim.line, claim.columns, claim.emitter) == (("apache-2.0",), 3, (10, 20), "metadata")


def test_another_licence_goes_by_its_name() -> None:
    card = "---\nlicense: other\nlicense_name: Acme Model\n---\n# Example-7B\n"
    assert said(LICENSE, card) == [(("other:acme-model",), "self")]
    assert said(LICENSE, "---\nlicense: other\n---\n# Example-7B\n") == [(("other",), "self")]


@pytest.mark.parametrize("value", ["[]", "{a: b}", "3", "''", "null", "[1, [mit]]"])
def test_a_licence_that_is_no_text_states_nothing(value: str) -> None:
    assert claims(LICENSE, f"---\nlicense: {value}\n---\n# Example-7B\n") == []
