"""`specverify.toml`, or `[tool.specverify]` of a pyproject.toml: targets, accelerators of one's own, and policy.

from datetime import date
from specverify import verify
from specverify.settings import load
settings = load("specverify.toml")
verify("./folder", target=settings.target("production"), policy=settings.policy(date.today()))
"""

from specverify.settings.files import discover, load

__all__ = ["discover", "load"]
