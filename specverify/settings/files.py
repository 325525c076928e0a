"""Settings files on disk: which one holds here, and its bytes within their bound."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from specverify.errors import NotFound, SpecverifyError, Unreadable

if TYPE_CHECKING:
    from specverify.settings.settings import Settings

OWN = "specverify.toml"
SHARED = "pyproject.toml"
MOST_BYTES = 2**18
MODEL = "config.json"
"""A folder that holds one is a model's."""
_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    _FLAGS |= getattr(os, _flag, 0)


class Discovery(NamedTuple):
    """The settings file that holds in a folder, by a path from there; and those passed over, since they stand beside a model."""

    path: str | None
    passed: tuple[str, ...]


def load(path: str, *, plugins: bool = True) -> Settings:
    """The settings of a file; of `[tool.specverify]` in one called pyproject.toml. The plug-ins it names are loaded.

    `plugins` off is for a file that nobody named: one that names plug-ins is then an error, since they are code, and a file
    that was only found may be a model's.

    Raises NotFound, Unreadable, and InvalidSettings with file, line and key for what is no setting.
    """
    from specverify.settings.settings import settings_of
    from specverify.settings.toml import parse

    return settings_of(parse(read_regular(path), path, section=os.path.basename(path) == SHARED), plugins=plugins)


def discover(start: str | None = None) -> Discovery:
    """The settings file of the folder `start` (the current one), or of the nearest above it.

    The search ends with the root of a repository (`.git`) or the home folder. In one folder specverify.toml comes before
    pyproject.toml, and of that only one with a `[tool.specverify]` counts. A file beside a config.json is passed over: there
    a model would be judged by its own author's settings. Raises nothing.
    """
    try:
        here = os.path.abspath(start or os.getcwd())
    except OSError:
        return Discovery(None, ())
    home, folder, passed = os.path.expanduser("~"), here, []
    while True:
        path = _stated_in(folder)
        if path is not None and os.path.lexists(os.path.join(folder, MODEL)):
            passed.append(os.path.relpath(path, here))
        elif path is not None:
            return Discovery(os.path.relpath(path, here) if start is None else path, tuple(passed))
        above = os.path.dirname(folder)
        if above == folder or folder == home or os.path.lexists(os.path.join(folder, ".git")):
            return Discovery(None, tuple(passed))
        folder = above


def _stated_in(folder: str) -> str | None:
    own, shared = os.path.join(folder, OWN), os.path.join(folder, SHARED)
    if os.path.lexists(own):
        return own
    return shared if os.path.isfile(shared) and _has_section(shared) else None


def _has_section(path: str) -> bool:
    """Whether a pyproject.toml seems to speak of `tool.specverify`; one that cannot be read is none of ours."""
    try:
        data = read_regular(path)
    except SpecverifyError:
        return False
    return b"specverify" in data and any(
        line.lstrip().startswith((b"[tool", b"tool", b"[ tool", b"[[tool")) and (b"specverify" in line or line.strip() == b"[tool]")
        for line in data.splitlines()
    )


def read_regular(path: str, most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file, links followed; a FIFO or device is not waited for. Raises NotFound and Unreadable."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        raise (NotFound if missing else Unreadable)(getattr(error, "strerror", None) or str(error), file=path) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable("not a regular file", file=path)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise Unreadable(error.strerror or str(error), file=path) from None
    finally:
        os.close(descriptor)
    if len(data) > most:
        raise Unreadable(f"more than the {most:,} bytes that such a file may have", file=path)
    return data
