"""olah as a cache in front of a Hub: what it passes on is read as from the Hub itself, and what it kept with the Hub out of reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from specverify.outcome import Report
from specverify.pipeline import verify_many
from tests.audit.population import population
from tests.hub.repo import Repo
from tests.hub.server import HubServer, Request, Response
from tests.peer.olah import serving

pytestmark = pytest.mark.peer

SHARDED, SINGLE = (member.repo for member in population(2, 1_000) if member.repo is not None)
READ = (SHARDED.name, f"{SINGLE.name}@{SINGLE.sha}", "acme/formerly")
REFUSED = {"acme/gated": "Gated", "acme/disabled": "Disabled", "acme/nobody": "NotFound", f"{SHARDED.name}@v9": "RevisionNotFound"}


class Upstream(HubServer):
    """A Hub that also answers HEAD for a model's metadata, as the Hub does, and olah asks before anything else."""

    def answer(self, request: Request, target: str) -> Response:
        asked = replace(request, method="GET") if request.method == "HEAD" and target.startswith("/api/models/") else request
        return super().answer(asked, target)


def _reports(refs: tuple[str, ...], endpoint: str, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Report]:
    """The reports of the refs at an endpoint, by ref; nothing is known of earlier runs with another `kept`."""
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    monkeypatch.setenv("SPECVERIFY_CACHE", str(kept))
    return {report.ref: report for report in verify_many(refs)}


def test_cache_in_front_of_a_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Upstream() as hub:
        for repo in (SHARDED, SINGLE, Repo("acme/now", SINGLE.files, formerly=("acme/formerly",))):
            hub.add(repo)
        hub.add(replace(SINGLE, name="acme/gated", gated="manual"))
        hub.add(replace(SINGLE, name="acme/disabled", disabled=True))
        refs = (*READ, *REFUSED)
        direct = _reports(refs, hub.url, tmp_path / "direct", monkeypatch)
        upstream, content = (urlsplit(url).netloc for url in (hub.url, hub.cdn_url))

        with serving(tmp_path / "olah", offline=False, upstream=upstream, content=content) as url:
            proxied = _reports(refs, url, tmp_path / "proxied", monkeypatch)
            _same(proxied, direct, url)
            assert {ref: proxied[ref].error_kind for ref in REFUSED} == REFUSED

        hub.log.clear()
        with serving(tmp_path / "olah", offline=True, upstream=upstream, content=content) as url:
            kept = _reports((*READ, *REFUSED, "acme/later"), url, tmp_path / "kept", monkeypatch)
            _same(kept, direct, url)
            assert all(kept[ref].error for ref in (*REFUSED, "acme/later"))
            assert kept["acme/later"].error_kind == "NotFound"
        assert hub.log == []


def _same(reports: Mapping[str, Report], direct: Mapping[str, Report], url: str) -> None:
    """The models that can be read are the same ones, commit and tensors included."""
    for ref in READ:
        report = reports[ref]
        assert report.error is None
        assert report == replace(direct[ref], notes=(f"read from {url} (HF_ENDPOINT)", *direct[ref].notes[1:]))


def test_header_that_the_cache_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is in the repo and not in the cache is not called a repo that is not there."""
    with Upstream() as hub:
        hub.add(SINGLE)
        upstream, content = (urlsplit(url).netloc for url in (hub.url, hub.cdn_url))
        monkeypatch.setenv("SPECVERIFY_CACHE", str(tmp_path / "first"))
        with serving(tmp_path / "olah", offline=False, upstream=upstream, content=content) as url:
            monkeypatch.setenv("HF_ENDPOINT", url)
            (first,) = verify_many([SINGLE.name], tensors=False)
        monkeypatch.setenv("SPECVERIFY_CACHE", str(tmp_path / "second"))
        with serving(tmp_path / "olah", offline=True, upstream=upstream, content=content) as url:
            monkeypatch.setenv("HF_ENDPOINT", url)
            (report,) = verify_many([SINGLE.name])
    assert first.error is None
    assert (report.error, report.figures) == (None, first.figures)
    assert report.notes[1:] == ("no tensor headers: model.safetensors: listed and not there",)
