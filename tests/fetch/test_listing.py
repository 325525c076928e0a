"""The Hub's list of models, read page by page from one server only."""

from __future__ import annotations

import json

import pytest

from specverify.errors import Gated, Unreachable, Unreadable
from specverify.fetch import listing
from specverify.fetch.listing import list_models
from tests.hub.models import CONFIG
from tests.hub.repo import Repo
from tests.hub.server import HubServer


@pytest.fixture
def listed(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    monkeypatch.setattr(listing, "PAGE", 2)
    for number in range(5):
        hub.add(Repo(f"acme/m{number}", {"config.json": CONFIG}, about={"tags": ["llama"] if number % 2 else ["llama", "gguf"]}))
    hub.add(Repo("acmee/other", {"config.json": CONFIG}, about={"tags": []}))
    return hub


def test_pages_are_followed(listed: HubServer) -> None:
    found = list(list_models())
    assert [model.name for model in found] == sorted(listed.repos)
    assert [model.sha for model in found] == [listed.repos[name].sha for name in sorted(listed.repos)]
    assert len(listed.log) == 3


def test_author_tags_and_limit(listed: HubServer) -> None:
    assert [model.name for model in list_models(author="acme")] == [f"acme/m{number}" for number in range(5)]
    assert [model.name for model in list_models(filter="gguf")] == ["acme/m0", "acme/m2", "acme/m4"]
    assert [model.name for model in list_models(author="acme", filter=["llama", "gguf"], limit=2)] == ["acme/m0", "acme/m2"]
    listed.log.clear()
    assert [model.name for model in list_models(limit=1)] == ["acme/m0"]
    assert len(listed.log) == 1
    assert list(list_models(limit=0)) == []


def test_pages_are_read_as_they_are_needed(listed: HubServer) -> None:
    models = list_models()
    next(models)
    assert len(listed.log) == 1


@pytest.mark.parametrize(
    "link",
    [
        '<{cdn}/api/models?cursor=2>; rel="next"',
        "<https://huggingface.co/api/models?cursor=2>; rel=next",
        '<http://127.0.0.1:1/api/models?cursor=2>; rel="next"',
        '<//evil.example/api/models>; rel="next"',
        '<file:///etc/passwd>; rel="next"',
        '<http://[>; rel="next"',
        '<{hub}@evil.example/api/models>; rel="next"',
    ],
)
def test_page_at_another_server_gets_no_token_and_is_not_asked_for(listed: HubServer, monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_valid")
    listed.tokens["hf_valid"] = set()
    listed.fail("hub/api/models", "headers", {"Link": link.format(cdn=listed.cdn_url, hub=listed.url)})
    models = list_models()
    with pytest.raises(Unreadable, match="not the endpoint and is not followed"):
        list(models)
    assert listed.asked("cdn/") == []
    assert {request.token for request in listed.log} == {"hf_valid"}


def test_page_that_names_itself_ends_the_list(listed: HubServer) -> None:
    listed.fail("hub/api/models", "headers", {"Link": f'<{listed.url}/api/models?limit=2&expand=sha>; rel="next"'})
    assert len(list(list_models())) == 2
    assert len(listed.log) == 1


def test_link_that_is_none_ends_the_list(listed: HubServer) -> None:
    listed.fail("hub/api/models", "headers", {"Link": f'<{listed.url}/api/models?cursor=2>; rel="prev", x'})
    assert len(list(list_models())) == 2


def test_entries_that_are_no_repo_are_passed_over(listed: HubServer) -> None:
    entries = [5, None, {}, {"id": "../x"}, {"id": 5}, {"id": "acme/ok", "sha": "../../x"}, {"modelId": "gpt2"}]
    listed.fail("hub/api/models", "body", json.dumps(entries).encode())
    listed.fail("hub/api/models", "headers", {"Link": ""})
    assert [(model.name, model.sha) for model in list_models()] == [("acme/ok", None), ("gpt2", None)]


@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [("body", b"{}", Unreadable), ("body", b"[" * 9000, Unreadable), ("status", 401, Gated), ("status", 400, Unreachable)],
)
def test_list_that_is_none(listed: HubServer, kind: str, value: object, error: type[Exception]) -> None:
    listed.fail("hub/api/models", kind, value)
    with pytest.raises(error):
        list(list_models())
