"""The Hub of the tests as a process of its own, lean enough to be no part of what is measured: run by `benchmarks/audit.py`.

Prints one line of JSON, its URL and its models, and serves until it is stopped. The answers are those of `tests.hub.server`;
the sockets are asyncio's, and each answer is held back for a stated time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.audit.population import Member, population
from tests.hub.repo import Blob, Repo
from tests.hub.server import HubServer, Request, Response, serve_blob

TROUBLED_EVERY = 20
"""One model in so many has a trouble: 5 %."""
