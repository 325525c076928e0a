"""One place where all threads wait for a server that counts requests, fed by what it says of its own limits.

A bucket is what the server counts together: `api` and `resolvers` on the Hub, each so many requests in a window of time
(`RateLimit: "api";r=499;t=172`, `RateLimit-Policy: "fixed window";"api";q=500;w=300`;
https://huggingface.co/docs/hub/rate-limits). A bucket that is empty opens at one moment, for all who wait.
"""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from specverify.errors import RateLimited

LONGEST = 1_000_000_000.0
"""Seconds beyond which a server's wait is not told apart from any longer one."""
_SLACK = 1.5
"""Seconds by which two statements of one window's end may differ: they come in whole seconds."""
_GLANCE = 1.0
"""Seconds after which whoever waits looks whether the work was stopped."""
_LEFT = re.compile(r"\br\s*=\s*(\d{1,9})\s*;\s*t\s*=\s*(\d{1,9})")
_QUOTA = re.compile(r"\bq\s*=\s*(\d{1,9})")


@dataclass(slots=True)
class _Bucket:
    """Requests left in the window that ends at `resets`, where known; nobody may pass before `opens`. Times are monotonic seconds."""

    left: int | None = None
    quota: int | None = None
    resets: float = 0.0
    opens: float = 0.0
    waiting: int = 0

    def wait(self, now: float) -> float:
        """Seconds until one more request may go. A window that has ended begins anew with its quota."""
        if self.left is not None and self.resets <= now:
            self.left = self.quota
        empty = self.left is not None and self.left <= 0
        return max(self.opens, self.resets if empty else 0.0) - now


class Limiter:
    """Buckets by endpoint and name; safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def enter(self, bucket: tuple[str, str], patience: float, url: str, stop: threading.Event) -> float:
        """Take one request, waiting for it up to `patience` seconds; returns the seconds waited.

        Raises RateLimited, naming the URL and the moment: at once where the wait would be longer, and once `stop` is set.
        """
        with self._lock:
            began = time.monotonic()
            held = self._buckets.setdefault(bucket, _Bucket())
            held.waiting += 1
            try:
                while (pause := held.wait(now := time.monotonic())) > 0:
                    if now + pause > began + patience or stop.is_set():
                        raise limited(pause, url)
                    self._lock.wait(min(pause, _GLANCE))
            finally:
                held.waiting -= 1
            if held.left is not None:
                held.left -= 1
            return time.monotonic() - began

    def learn(self, bucket: tuple[str, str], headers: Mapping[str, str]) -> None:
        """Take note of what an answer says of the bucket. Answers may arrive in another order than they were counted in."""
        said = _LEFT.search(headers.get("ratelimit", ""))
        if said is None:
            return
        quota = _QUOTA.search(headers.get("ratelimit-policy", ""))
        left, ends = int(said[1]), time.monotonic() + int(said[2])
        with self._lock:
            held = self._buckets.setdefault(bucket, _Bucket())
            if quota is not None:
                held.quota = int(quota[1])
            same = held.left is not None and abs(ends - held.resets) <= _SLACK and held.resets > time.monotonic()
            held.left = min(left, held.left) if same and held.left is not None else left
            held.resets = max(held.resets, ends) if same else ends + random.uniform(0.0, min(1.0, int(said[2]) / 10))

    def block(self, bucket: tuple[str, str], seconds: float) -> None:
        """Let nobody pass for so many seconds: the server asked for it."""
        with self._lock:
            held = self._buckets.setdefault(bucket, _Bucket())
            held.opens = max(held.opens, time.monotonic() + seconds)

    def waits(self) -> Mapping[str, float]:
        """The seconds each bucket that somebody waits for is still shut, by name: what a progress bar says of a pause."""
        with self._lock:
            now = time.monotonic()
            return {name: pause for (_, name), held in self._buckets.items() if held.waiting and (pause := held.wait(now)) > 0}


SHARED = Limiter()
"""The limiter of this process: servers count a caller's requests, whichever part of it makes them."""


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks to wait: by `RateLimit` where nothing remains, by `Retry-After` in seconds or as a date."""
    left = _LEFT.search(headers.get("ratelimit", ""))
    waits = [float(left[2])] if left and int(left[1]) == 0 else []
    after = headers.get("retry-after", "").strip()
    if after.isascii() and after.isdecimal():
        waits.append(float(after[:20]))
    elif after:
        from email.utils import parsedate_to_datetime

        with contextlib.suppress(ValueError, TypeError, OverflowError):
            waits.append(max(0.0, (parsedate_to_datetime(after).astimezone(UTC) - datetime.now(UTC)).total_seconds()))
    return min(max(waits), LONGEST) if waits else None


def limited(wait: float | None, url: str) -> RateLimited:
    """The error that says until when."""
    if wait is None:
        return RateLimited("too many requests; it does not say until when", file=url)
    until = datetime.fromtimestamp(time.time() + min(wait, LONGEST), UTC)
    error = RateLimited(f"too many requests; it asks to wait {wait:,.0f} seconds, until {until:%Y-%m-%d %H:%M:%S} UTC", file=url)
    error.until = until
    return error
