"""Where a redirect may lead: never nearer to this machine than the endpoint that sent it.

A server on the internet that redirects to an address of this machine or its network would have the user's own services
asked in its name. Only the address that a name resolved to counts, and it is looked at before anything is sent there.
"""

from __future__ import annotations

from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit


class Reach(IntEnum):
    """How near an address is; what no server is asked at (link-local, multicast, unspecified) is nearest of all."""

    INTERNET = 0
    NETWORK = 1
    MACHINE = 2
    NOWHERE = 3


def reach_of_address(text: str) -> Reach | None:
    """The reach of an IP address; None for a text that is none."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    address = _plain(address)
    if address.is_loopback:
        return Reach.MACHINE
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return Reach.NOWHERE
    return Reach.INTERNET if address.is_global else Reach.NETWORK


def reach_of_host(url: str) -> Reach | None:
    """The reach of a URL's host where its text alone tells it; None for a name, whose address is known once connected."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return Reach.MACHINE
    return reach_of_address(host)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address.exploded.startswith("0064:ff9b:"):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
