"""Models on disk: as a folder, and as huggingface_hub keeps them."""

from __future__ import annotations

from pathlib import Path

from tests.hub.repo import Repo

SHA = "0123456789abcdef0123456789abcdef01234567"


def written(repo: Repo, path: Path) -> str:
    path.mkdir(parents=True, exist_ok=True)
    for name, data in repo.files.items():
        (path / name).write_bytes(data)
    return str(path)


def cached(home: Path, repo: Repo, *, refs: str = "main") -> Path:
    """The repo as huggingface_hub keeps it: blobs by their hash, snapshots of links into them, references by name."""
    where = home / "hub" / f"models--{repo.name.replace('/', '--')}"
    snapshot = where / "snapshots" / SHA
    snapshot.mkdir(parents=True)
    (where / "blobs").mkdir()
    for number, (name, data) in enumerate(repo.files.items()):
        (where / "blobs" / f"{number:040x}").write_bytes(data)
        (snapshot / name).symlink_to(f"../../blobs/{number:040x}")
    reference = where / "refs" / refs
    reference.parent.mkdir(parents=True)
    reference.write_text(SHA)
    return snapshot
