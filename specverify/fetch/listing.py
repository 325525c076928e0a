"""The Hub's list of models, page by page, for an audit of an organization or a tag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode, urljoin

from specverify.errors import Gated, Unreachable, Unreadable
from specverify.fetch.bounded_json import load_list
from specverify.fetch.client import connect
from specverify.fetch.files import MIB
from specverify.fetch.many import PATIENCE
from specverify.fetch.reference import is_repo_name, is_sha
from specverify.fetch.transport import Transport, origin, printable
from specverify.frozen import Struct, frozen

PAGE = 1_000
"""Models asked for in one request: the most the Hub gives."""
MOST_PAGE = 64 * MIB
_NEXT = re.compile(r'<([^<>]{1,4096})>\s*;[^,]*\brel="?next"?')


@frozen
class Listed(Struct):
    """A model that the Hub lists: `sha` is the commit its default branch is at, where the Hub says it."""

    name: str
    sha: str | None


def list_models(*, author: str | None = None, filter: str | Sequence[str] | None = None, limit: int | None = None) -> Iterator[Listed]:  # noqa: A002
    """The models of an author (an organization or a user), or with every tag of `filter`, as the Hub orders them, at most `limit`.

    Names that cannot be a repo's are passed over; the same page is not read twice. Raises Unreadable for a page that is none,
    or that names the next one at another server: the token would go there too. RateLimited, Unreachable and Gated as `fetch` does.
    """
    transport = connect(PATIENCE)
    tags = [filter] if isinstance(filter, str) else list(filter or ())
    page = min(PAGE, limit) if limit is not None else PAGE
    query = [("limit", str(page)), ("expand", "sha"), *(("filter", tag) for tag in tags), *([("author", author)] if author else [])]
    path: str | None = f"/api/models?{urlencode(query)}"
    seen: set[str] = set()
    given = 0
    while path is not None and path not in seen and (limit is None or given < limit):
        seen.add(path)
        models, path = _page(transport, path)
        for model in models if limit is None else models[: limit - given]:
            given += 1
            yield model


def _page(transport: Transport, path: str) -> tuple[list[Listed], str | None]:
    """The models of a page, and the path of the next."""
    url = transport.endpoint + path.partition("?")[0]
    reply = transport.get(path, most=MOST_PAGE)
    if reply.status in (401, 403):
        raise Gated("the list of models is not given: run `hf auth login`, or correct or unset HF_TOKEN", file=url)
    if reply.status != 200:
        raise Unreachable(f"the server answers {reply.status} ({printable(reply.message or 'no reason given')})", file=url)
    if not reply.complete:
        raise Unreadable(f"more than the {MOST_PAGE:,} bytes that are read of a page", file=url)
    entries = load_list(reply.body, url)
    models = [_listed(entry) for entry in entries if isinstance(entry, dict)]
    return [model for model in models if model is not None], _next(transport, path, reply.link)


def _listed(entry: dict[str, object]) -> Listed | None:
    name, sha = entry.get("id", entry.get("modelId")), entry.get("sha")
    if not isinstance(name, str) or not is_repo_name(name):
        return None
    return Listed(name, sha if isinstance(sha, str) and is_sha(sha) else None)


def _next(transport: Transport, path: str, link: str | None) -> str | None:
    """The path of the page after this one. Raises Unreadable where it is anywhere but at the endpoint."""
    named = _NEXT.search(link or "")
    if named is None:
        return None
    here = transport.endpoint + path
    target = str(named[1])
    try:
        target = urljoin(here, target)
        same = origin(target) == origin(here) and target.startswith(f"{transport.endpoint}/")
    except ValueError:
        same = False
    if not same:
        raise Unreadable(
            f"goes on at {printable(target.partition('?')[0])}, which is not the endpoint and is not followed", file=here.partition("?")[0]
        )
    return target.removeprefix(transport.endpoint)
