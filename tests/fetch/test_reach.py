"""Where a redirect may lead: never nearer than the endpoint, by the address that its name turns out to have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from specverify.errors import Unreadable
from specverify.fetch.client import connect
from specverify.fetch.reach import Reach, reach_of_address, reach_of_host
from tests.hub.models import CONFIG, single
from tests.hub.server import HubServer


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("1.1.1.1", Reach.INTERNET),
        ("2606:4700::1111", Reach.INTERNET),
        ("10.0.0.1", Reach.NETWORK),
        ("172.16.0.1", Reach.NETWORK),
        ("192.168.1.1", Reach.NETWORK),
        ("100.64.0.1", Reach.NETWORK),
        ("fd00::1", Reach.NETWORK),
        ("127.0.0.1", Reach.MACHINE),
        ("127.9.9.9", Reach.MACHINE),
        ("::1", Reach.MACHINE),
        ("::ffff:127.0.0.1", Reach.MACHINE),
        ("::ffff:10.0.0.1", Reach.NETWORK),
        ("2002:7f00:1::", Reach.MACHINE),
        ("64:ff9b::a00:1", Reach.NETWORK),
        ("169.254.169.254", Reach.NOWHERE),
        ("fe80::1%eth0", Reach.NOWHERE),
        ("0.0.0.0", Reach.NOWHERE),
        ("224.0.0.1", Reach.NOWHERE),
        ("huggingface.co", None),
        ("", None),
    ],
)
def test_addresses(address: str, reach: Reach | None) -> None:
    assert reach_of_address(address) == reach


def test_hosts() -> None:
    assert reach_of_host("http://localhost:80/a") == reach_of_host("http://a.LOCALHOST./") == Reach.MACHINE
    assert reach_of_host("http://[::1]:80/a") == Reach.MACHINE
    assert reach_of_host("https://huggingface.co/a") is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "169.254.169.254", "10.1.2.3", "LOCALHOST."])
def test_endpoint_on_the_internet_cannot_send_anyone_home(hub: HubServer, host: str) -> None:
    """The endpoint is a loopback server said to be on the internet: what it redirects to is never connected to."""
    hub.add(single())
    hub.fail("hub/acme/single/resolve", "redirect", f"http://{host}:{hub.cdn_url.rpartition(':')[2]}/x")
    transport = replace(connect(1.0), reach=Reach.INTERNET)
    with pytest.raises(Unreadable, match="inside the network it is asked from"):
        transport.get("/acme/single/resolve/main/config.json", most=100)
    assert hub.asked("cdn/") == []


def test_name_is_judged_by_its_address_before_anything_is_sent(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a public name that resolves to this machine: connected to, and not a byte sent."""
    monkeypatch.setattr("specverify.fetch.transport.reach_of_host", lambda url: None)
    hub.add(single())
    transport = replace(connect(1.0), reach=Reach.INTERNET)
    with pytest.raises(Unreadable, match="inside the network it is asked from"):
        transport.get("/acme/single/resolve/main/model.safetensors", most=100, window=(0, 100))
    assert hub.asked("cdn/") == []


def test_endpoint_by_a_name_reaches_as_near_as_its_address(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("specverify.fetch.transport.reach_of_host", lambda url: None)
    hub.add(single())
    transport = connect(1.0)
    assert transport.get("/acme/single/resolve/main/model.safetensors", most=100, window=(0, 100)).status == 206
    assert transport.get("/acme/single/resolve/main/config.json", most=100).body == CONFIG
