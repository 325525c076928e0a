"""One wait for all: what the server says of its limits is kept to by every thread, and nobody waits longer than they would."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from specverify.errors import RateLimited
from specverify.fetch import fetch
from specverify.fetch.limiter import LONGEST, Limiter, asked_wait, limited
from tests.hub.models import single
from tests.hub.server import Bucket, HubServer

API = ("http://h", "api")
NEVER = threading.Event()


def said(left: int, seconds: int, quota: int | None = None) -> dict[str, str]:
    policy = {"ratelimit-policy": f'"fixed window";"api";q={quota};w=300'} if quota is not None else {}
    return {"ratelimit": f'"api";r={left};t={seconds}', **policy}


def test_unknown_bucket_is_open() -> None:
    assert Limiter().enter(API, 0.0, "u", NEVER) < 0.1


def test_empty_window_is_told_with_its_end() -> None:
    limiter = Limiter()
    limiter.learn(API, said(0, 100))
    with pytest.raises(RateLimited, match=r"^u: too many requests; it asks to wait 1\d\d seconds, until \d{4}-") as caught:
        limiter.enter(API, 50.0, "u", NEVER)
    assert caught.value.until is not None
    assert timedelta(seconds=95) < caught.value.until - datetime.now(UTC) < timedelta(seconds=105)


def test_requests_under_way_are_counted_before_the_server_says_so() -> None:
    limiter = Limiter()
    limiter.learn(API, said(2, 100))
    for _ in range(2):
        limiter.enter(API, 0.0, "u", NEVER)
    with pytest.raises(RateLimited):
        limiter.enter(API, 0.0, "u", NEVER)


def test_answers_in_another_order_do_not_open_a_window() -> None:
    limiter = Limiter()
    limiter.learn(API, said(0, 100))
    limiter.learn(API, said(3, 100))
    with pytest.raises(RateLimited):
        limiter.enter(API, 0.0, "u", NEVER)


def test_next_window_begins_with_its_quota() -> None:
    limiter = Limiter()
    limiter.learn(API, said(0, 0, quota=2))
    for _ in range(2):
        limiter.enter(API, 0.0, "u", NEVER)


def test_buckets_are_apart() -> None:
    limiter = Limiter()
    limiter.block(API, 100.0)
    for other in (("http://h", "resolvers"), ("http://other", "api")):
        limiter.enter(other, 0.0, "u", NEVER)
    with pytest.raises(RateLimited):
        limiter.enter(API, 0.0, "u", NEVER)


def test_all_threads_wait_for_one_moment() -> None:
    limiter = Limiter()
    limiter.block(API, 0.3)
    came: list[float] = []
    waiters = [threading.Thread(target=lambda: came.append(limiter.enter(API, 5.0, "u", NEVER))) for _ in range(8)]
    for thread in waiters:
        thread.start()
    while len(came) == 0 and not limiter.waits():
        time.sleep(0.001)
    assert set(limiter.waits()) == {"api"}
    for thread in waiters:
        thread.join()
    assert len(came) == 8
    assert limiter.waits() == {}


def test_stopped_work_waits_for_nothing() -> None:
    limiter = Limiter()
    limiter.block(API, 1000.0)
    stop = threading.Event()
    stop.set()
    with pytest.raises(RateLimited):
        limiter.enter(API, 5000.0, "u", stop)


@pytest.mark.parametrize("headers", [{}, {"ratelimit": ""}, {"ratelimit": "x;r=a;t=5"}, {"ratelimit": '"api";r=-1;t=4'}])
def test_what_is_no_limit_limits_nothing(headers: dict[str, str]) -> None:
    limiter = Limiter()
    limiter.learn(API, headers)
    limiter.enter(API, 0.0, "u", NEVER)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "17"}, 17),
        ({"retry-after": " 17 "}, 17),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "9" * 300}, LONGEST),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "\u0663"}, None),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}, 0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, LONGEST),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -1200"}, None),
        ({"ratelimit": '"api";r=0;t=8'}, 8),
        ({"ratelimit": '"api";r=3;t=8'}, None),
        ({"ratelimit": '"api";r=0;t=8', "retry-after": "17"}, 17),
        ({}, None),
    ],
)
def test_wait_asked_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers) == seconds
    assert str(limited(seconds, "u"))


def test_wait_until_a_date() -> None:
    wait = asked_wait({"retry-after": format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)})
    assert wait is not None
    assert 55 < wait <= 60


def test_exhausted_window_costs_no_refusal(hub: HubServer) -> None:
    """The answer that empties a window says so: the next request waits for its end, and the server never has to refuse one."""
    for name in ("acme/a", "acme/b"):
        hub.add(single(name))
    hub.limits["api"] = Bucket(quota=1, seconds=1)
    for name in ("acme/a", "acme/b"):
        assert fetch(name).tensors is not None
    assert len(hub.asked("hub/api/models")) == 2


def test_limit_that_one_request_hit_is_no_other_s_request(hub: HubServer) -> None:
    hub.add(single())
    hub.fail("/api/models", "status", 429)
    hub.fail("/api/models", "headers", {"Retry-After": "4000"})
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            fetch("acme/single")
        assert caught.value.until is not None
    assert len(hub.log) == 1
