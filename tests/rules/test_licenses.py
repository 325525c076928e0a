"""The licence rules: where they speak, how loudly, and where nothing may be said."""

from __future__ import annotations

import pytest

from specverify.outcome import Severity, Skipped
from tests.card.test_license_text import MIT
from tests.rules.assessed import found_in_card, said_of_card


@pytest.mark.parametrize(
    ("stated", "meant", "severity"),
    [
        ("apache2", "apache-2.0", "warning"),
        ("Apache-2.0", "apache-2.0", "info"),
        ("Apache License, Version 2.0", "apache-2.0", "warning"),
        ("MIT", "mit", "info"),
        ("llama3.4", None, "warning"),
        ("2.0", None, "warning"),
        ("our own", None, "warning"),
    ],
)
def test_an_unknown_id_and_what_it_means(stated: str, meant: str | None, severity: str) -> None:
    (finding,) = found_in_card(f"license: {stated}", "MET001")
    assert finding.severity == severity
    assert (f"`{meant}` is." in finding.message) is (meant is not None)
    assert finding.evidence[0].line == 2


@pytest.mark.parametrize(
    "front", ["license: mit", "license: [mit]", "license: [mit, apache-2.0]", "license: unknown", "license:", "tags: [a]"]
)
def test_known_ids_are_silent(front: str) -> None:
    assert not found_in_card(front, "MET001")


def test_each_of_a_list_is_looked_up_at_its_own_line() -> None:
    (finding,) = found_in_card("license:\n- mit\n- propietary", "MET001")
    assert finding.evidence[0].line == 4


def test_a_list_without_end_is_reported_in_part() -> None:
    assert len(found_in_card("license: [" + ", ".join(f"x{i}" for i in range(150)) + "]", "MET001")) == 8


def test_other_by_a_name_that_the_list_has() -> None:
    (finding,) = found_in_card("license: other\nlicense_name: Apache 2.0\nlicense_link: LICENSE", "MET001")
    assert finding.severity is Severity.INFO
    assert "`apache-2.0`" in finding.message
    assert not found_in_card("license: other\nlicense_name: example-license\nlicense_link: LICENSE", "MET001")
    assert not found_in_card("license: other\nlicense_name: other", "MET001")


OTHER = "license: other\nlicense_name: example-license\nlicense_link: "


def test_a_link_to_no_file_of_a_listed_repository() -> None:
    (finding,) = found_in_card(OTHER + "./LICENSE", "MET002", origin={"origin": "hub", "sha": "0" * 40})
    assert finding.severity is Severity.WARNING
    (finding,) = found_in_card(OTHER + "LICENSE", "MET002", "model.safetensors")
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    ("link", "paths"),
    [
        ("LICENSE", ("model.safetensors", "LICENSE")),
        ("./docs/LICENSE.md", ("model.safetensors", "docs/LICENSE.md")),
        ("https://example.org/license", ("model.safetensors",)),
        ("LICENSE", ()),
    ],
)
def test_links_that_lead_somewhere_or_cannot_be_followed(link: str, paths: tuple[str, ...]) -> None:
    assert not found_in_card(OTHER + link, "MET002", *paths)


def test_a_cache_may_hold_a_part_of_the_files() -> None:
    (skipped,) = said_of_card(OTHER + "LICENSE", "MET002", "model.safetensors", origin={"origin": "cache"})
    assert isinstance(skipped, Skipped)


def test_the_text_of_another_licence() -> None:
    (finding,) = found_in_card("license: apache-2.0", "MET003", files={"LICENSE.txt": "\n" + MIT})
    assert finding.severity is Severity.WARNING
    card, text = finding.evidence
    assert (card.file, card.line, text.file, text.line, text.quote) == ("README.md", 2, "LICENSE.txt", 2, "MIT License")


@pytest.mark.parametrize(
    ("front", "text"),
    [
        ("license: mit", MIT),
        ("license: [apache-2.0, mit]", MIT),
        ("license: other", MIT),
        ("license: apache2", MIT),
        ("license: bsd", "Terms of nobody."),
        ("license: llama2", "LLAMA 2 COMMUNITY LICENSE AGREEMENT"),
    ],
)
def test_the_same_licence_or_none_that_is_known(front: str, text: str) -> None:
    assert not found_in_card(front, "MET003", files={"LICENSE": text})


def test_one_of_several_texts_is_enough() -> None:
    assert not found_in_card("license: mit", "MET003", files={"LICENSE": "LLAMA 2 COMMUNITY LICENSE AGREEMENT", "LICENSE.md": MIT})


BADGE = "![License](https://img.shields.io/badge/{}-blue.svg)"


@pytest.mark.parametrize("body", ["- **License:** MIT", "| License | MIT |\n|---|---|\n| Layers | 8 |", BADGE.format("License-MIT")])
def test_the_card_s_text_states_another(body: str) -> None:
    (finding,) = found_in_card("license: apache-2.0", "MET004", body=body)
    assert (finding.evidence[0].line, finding.evidence[1].line) == (2, 4)


@pytest.mark.parametrize(
    "body",
    [
        "- **License:** Apache 2.0\n- License: MIT",
        "- **Code License:** MIT",
        "- License of the base model: MIT",
        "- License: MIT for the code",
        "- License: Modified MIT",
        "- License: RAIL License v1.0",
        BADGE.format("Code_License-MIT"),
        BADGE.format("License-Modified_MIT"),
        BADGE.format("License-Apache--2.0"),
        "# Example-7B\n\n## Other-70B\n\n- **License:** MIT",
        "## Data\n\nThe data set is under the MIT license.",
    ],
)
def test_what_the_text_says_of_something_else_or_the_same(body: str) -> None:
    assert not found_in_card("license: apache-2.0", "MET004", body=body)


@pytest.mark.parametrize("license_id", ["apache-2.0", "mit", "cc-by-4.0", "openmdw-1.1"])
def test_wider_than_the_base_allows(license_id: str) -> None:
    (finding,) = found_in_card(f"license: {license_id}\nbase_model:\n- google/gemma-2-9b", "MET005")
    assert [evidence.line for evidence in finding.evidence] == [2, 4]


@pytest.mark.parametrize("license_id", ["gemma", "other", "cc-by-nc-4.0", "unknown", "gema", "[mit, gemma]"])
def test_terms_that_limit_use_or_are_unknown_are_not_wider(license_id: str) -> None:
    assert not found_in_card(f"license: {license_id}\nbase_model: google/gemma-2-9b", "MET005")


def test_a_base_without_limits_is_silent() -> None:
    assert not found_in_card("license: mit\nbase_model: mistralai/Mistral-7B-v0.1", "MET005")


def test_terms_to_accept_are_worth_knowing() -> None:
    (finding,) = found_in_card("license: mit\nextra_gated_fields:\n  Country: country", "MET006")
    assert (finding.severity, finding.evidence[0].line) == (Severity.INFO, 3)
    assert "where its repository is gated" in finding.message


@pytest.mark.parametrize(("gated", "says"), [("auto", "before they can be downloaded"), ("manual", "wait for the publisher's leave")])
def test_what_the_hub_says_of_gating_is_what_counts(gated: str, says: str) -> None:
    (finding,) = found_in_card("license: mit", "MET006", about={"gated": gated})
    assert says in finding.message


def test_terms_on_a_card_whose_repository_is_open_bind_nobody() -> None:
    assert not found_in_card("license: mit\nextra_gated_prompt: You agree.", "MET006", about={"gated": False})
