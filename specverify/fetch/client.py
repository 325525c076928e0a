"""What requests of one endpoint share: connections, token, limiter, store and threads, for one model or for thousands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from specverify.errors import Gated, Unreachable
from specverify.fetch.reference import endpoint
from specverify.fetch.store import Store
from specverify.fetch.transport import MOST_WAITED, Transport, origin, printable
from specverify.frozen import Struct, frozen

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

CONNECTIONS = 8
"""Requests at once within one model."""
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@frozen
class Client(Struct):
    """The endpoint and what is shared among its models. Of `few` reads or fewer none goes to another thread."""

    transport: Transport
    store: Store
    pool: ThreadPoolExecutor
    few: int

    def each(self, read: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
        """What `read` makes of each item, in their order, several at once where they are many."""
        listed = list(items)
        return map(read, listed) if len(listed) <= self.few else self.pool.map(read, listed)


@contextlib.contextmanager
def open_client(*, patience: float = MOST_WAITED, few: int = 1) -> Iterator[Client]:
    """A client of the endpoint that huggingface_hub would use. Raises what `connect` does."""
    from concurrent.futures import ThreadPoolExecutor

    transport = connect(patience)
    pool = ThreadPoolExecutor(CONNECTIONS, "specverify-fetch")
    try:
        yield Client(transport, Store.here(), pool, few)
    finally:
        transport.stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def connect(patience: float) -> Transport:
    """The endpoint, token and user agent that huggingface_hub would use.

    `build_hf_headers` is not used: it may ask the Hub for a list of agents first, and write it to the user's folder.
    Raises Unreachable for an HF_ENDPOINT that is no web address and for proxies or certificates that cannot be used, Gated for
    a token that cannot be had or sent.
    """
    import huggingface_hub
    from huggingface_hub import constants
    from huggingface_hub.errors import OIDCError

    address = endpoint()
    try:
        scheme, host, _ = origin(address)
    except ValueError:
        scheme = host = ""
    if scheme not in ("http", "https") or not host:
        raise Unreachable("no http(s) address", file="HF_ENDPOINT", place=address)
    try:
        huggingface_hub.get_session()
    except (ImportError, OSError, ValueError) as error:
        raise Unreachable(f"proxy or certificate settings cannot be used: {printable(str(error))}", file=address) from None
    try:
        token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else huggingface_hub.get_token()
    except (OSError, ValueError, OIDCError) as error:
        raise Gated(f"the token for {address} cannot be had: {printable(str(error))}") from None
    if token is not None and not (token.isascii() and token.isprintable()):
        raise Gated(f"the token for {address} (HF_TOKEN or the token file) holds characters that no token has")
    return Transport(address, token, f"specverify; hf_hub/{huggingface_hub.__version__}", patience)
