"""The errors specverify raises: each names the file and the place that caused it."""

from __future__ import annotations

from datetime import datetime


class SpecverifyError(Exception):
    """Base of everything `verify` raises.

    `file` is the file at fault as the user would name it, `place` a JSON pointer, a line or a byte offset in it. `ref` is
    the model that was asked for, where one among many failed.
    """

    ref: str | None = None

    def __init__(self, message: str, *, file: str | None = None, place: str | None = None) -> None:
        self.file = file
        self.place = place
        where = ":".join(part for part in (file, place) if part)
        super().__init__(f"{where}: {message}" if where else message)


class NotFound(SpecverifyError):
    """The repo, revision or folder does not exist (or is private and no token was given)."""


class RevisionNotFound(NotFound):
    """The repo exists and has no such branch, tag or commit."""


class Disabled(NotFound):
    """The repo exists and the Hub gives it to nobody any more."""


class Gated(SpecverifyError):
    """The repo exists and its files need access that was not granted."""


class Offline(SpecverifyError):
    """Offline was asked for and the files are not in a cache."""


class Unreadable(SpecverifyError):
    """What was read is not what its name says: not JSON, not UTF-8, too large, too deep."""


class RateLimited(SpecverifyError):
    """The Hub refuses more requests for now: until the UTC moment `until`, where it says one."""

    until: datetime | None = None


class Unreachable(SpecverifyError):
    """The endpoint does not answer, or answers with a failure of its own."""
