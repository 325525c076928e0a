"""A local folder: what is in it is read, what is not of it is not, and no weight is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from specverify.errors import NotFound, Unreadable
from specverify.fetch import fetch, folder
from specverify.fetch.files import MIB, WANTED
from tests.fetch.disk import SHA, cached, written
from tests.hub.models import CARD, CONFIG, INDEX, sharded, single

IO_COUNTERS = Path("/proc/self/io")


def test_folder_of_one_file(tmp_path: Path) -> None:
    files = fetch(written(single(), tmp_path / "tiny"))
    assert (files.name, files.origin, files.sha, files.revision) == ("tiny", "folder", None, None)
    assert files.listing == (".gitattributes", "README.md", "config.json", "model.safetensors")
    assert files.contents == {"config.json": CONFIG, "README.md": CARD}
    assert files.absent["modules.json"] == "not in the folder"
    assert set(files.contents) | set(files.absent) == set(WANTED)
    assert files.tensors is not None
    assert [(t.name, t.shape, t.dtype, t.file) for t in files.tensors] == [
        ("model.embed_tokens.weight", (16, 8), "F16", "model.safetensors"),
        ("model.norm.weight", (8,), "F16", "model.safetensors"),
    ]
    assert files.tensors_reason is None
    assert files.notes == ()


def test_folder_of_shards(tmp_path: Path) -> None:
    files = fetch(written(sharded(), tmp_path))
    assert files.tensors is not None
    assert len(files.tensors) == 12
    assert {t.file for t in files.tensors} == {f"model-0000{number}-of-00004.safetensors" for number in range(1, 5)}


@pytest.mark.skipif(not IO_COUNTERS.exists(), reason="the kernel tells no process what it read")
def test_no_weight_is_read(tmp_path: Path) -> None:
    header = json.dumps({"a": {"dtype": "U8", "shape": [2**36], "data_offsets": [0, 2**36]}}).encode()
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 2**36)
    before = bytes_read_by_this_process()
    files = fetch(str(tmp_path))
    read = bytes_read_by_this_process() - before
    assert files.tensors is not None
    assert files.tensors[0].shape == (2**36,)
    assert read < 8 + len(header) + 2048


def bytes_read_by_this_process() -> int:
    return int(IO_COUNTERS.read_text().split()[1])


def test_folder_without_a_model(tmp_path: Path) -> None:
    files = fetch(str(tmp_path))
    assert files.contents == {}
    assert files.listing == ()
    assert (files.tensors, files.tensors_reason) == (None, "there is no safetensors file")


def test_headers_not_asked_for(tmp_path: Path) -> None:
    files = fetch(written(single(), tmp_path), tensors=False)
    assert (files.tensors, files.tensors_reason, files.notes) == (None, "tensor headers were not asked for", ())


@pytest.mark.parametrize(
    ("ref", "said"),
    [("./none", "no such folder"), ("/none/at/all", "no such folder"), ("~/none-at-all", "no such folder"), ("./a\0b", "null byte")],
)
def test_no_such_folder(ref: str, said: str) -> None:
    with pytest.raises(NotFound, match=said) as caught:
        fetch(ref)
    assert caught.value.file == ref


def test_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(CONFIG)
    with pytest.raises(NotFound, match="name the folder"):
        fetch(str(tmp_path / "config.json"))


def test_folder_has_no_revision(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has no revision 'v1'"):
        fetch(str(tmp_path), revision="v1")


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    written(single(), tmp_path / "tiny")
    assert fetch("~/tiny").contents["config.json"] == CONFIG


def test_missing_shard_leaves_no_tensors(tmp_path: Path) -> None:
    ref = written(sharded(), tmp_path)
    (tmp_path / "model-00002-of-00004.safetensors").unlink()
    files = fetch(ref)
    assert files.tensors is None
    assert files.tensors_reason == f"model-00002-of-00004.safetensors: named by {INDEX} and not there"
    assert files.notes == (f"no tensor headers: {files.tensors_reason}",)


def test_bad_shard_leaves_no_tensors(tmp_path: Path) -> None:
    ref = written(sharded(), tmp_path)
    with (tmp_path / "model-00003-of-00004.safetensors").open("ab") as file:
        file.write(b"x")
    files = fetch(ref)
    assert files.tensors is None
    assert files.tensors_reason is not None
    assert files.tensors_reason.startswith("model-00003-of-00004.safetensors:byte ")
    assert files.contents["config.json"] == CONFIG


@pytest.mark.parametrize("shard", ["../secret.safetensors", "/etc/secret.safetensors", "a/../../b.safetensors", "model.bin", ""])
def test_index_cannot_name_a_file_elsewhere(tmp_path: Path, shard: str) -> None:
    (tmp_path / "secret.safetensors").write_bytes(single().files["model.safetensors"])
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / INDEX).write_text(json.dumps({"weight_map": {"a": shard}}))
    files = fetch(str(tmp_path / "tiny"))
    assert files.tensors is None
    assert files.tensors_reason == f"{INDEX}:/weight_map: names {shard!r}, not a safetensors file of this model"


def test_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b'{"secret": 1}')
    tiny = tmp_path / "tiny"
    tiny.mkdir()
    (tiny / "config.json").symlink_to(tmp_path / "secret")
    (tiny / "README.md").symlink_to("/dev/zero")
    (tiny / "model.safetensors").symlink_to("/dev/zero")
    files = fetch(str(tiny))
    assert files.contents == {}
    assert files.listing == ()
    assert files.absent["config.json"] == "a link that leaves the model's folder"
    assert "README.md: a link that leaves the model's folder; not read" in files.notes


def test_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "original").mkdir()
    (tmp_path / "original" / "params.json").write_bytes(CONFIG)
    (tmp_path / "config.json").symlink_to("original/params.json")
    assert fetch(str(tmp_path)).contents["config.json"] == CONFIG


def test_folder_that_is_a_link_is_followed(tmp_path: Path) -> None:
    written(single(), tmp_path / "tiny")
    (tmp_path / "link").symlink_to("tiny")
    assert fetch(str(tmp_path / "link")).contents["config.json"] == CONFIG


def test_loop_of_links(tmp_path: Path) -> None:
    (tmp_path / "config.json").symlink_to("config.json")
    (tmp_path / "loop").symlink_to(".")
    files = fetch(str(tmp_path))
    assert "config.json" in files.absent
    assert files.listing == ()


def test_fifo_and_socket_and_folder_are_not_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.json")
    os.mkfifo(tmp_path / "model.safetensors")
    (tmp_path / "README.md").mkdir()
    files = fetch(str(tmp_path))
    assert files.contents == {}
    assert files.absent["config.json"] == "a FIFO, not a file"
    assert files.absent["README.md"] == "a folder, not a file"
    assert "model.safetensors: a FIFO, not a file; not read" in files.notes


def test_file_above_its_cap_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "generation_config.json").open("wb") as file:
        file.truncate(MIB + 1)
    with (tmp_path / "modules.json").open("wb") as file:
        file.truncate(MIB)
    files = fetch(str(tmp_path))
    assert files.absent["generation_config.json"] == "1,048,577 bytes, more than the 1,048,576 that are read of it"
    assert len(files.contents["modules.json"]) == MIB


def test_listing_is_bounded_in_depth_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deepest = tmp_path.joinpath(*"abcdefghij")
    deepest.mkdir(parents=True)
    (deepest / "deep.json").touch()
    (tmp_path / "a" / "near.json").touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config.json").touch()
    files = fetch(str(tmp_path))
    assert files.listing == ("a/near.json",)
    assert files.notes[0] == "a/b/c/d/e/f/g/h/i: not listed (deeper than 8 folders)"
    monkeypatch.setattr(folder, "MOST_ENTRIES", 3)
    for number in range(5):
        (tmp_path / f"{number}.json").touch()
    assert fetch(str(tmp_path)).notes[0] == "the listing stops at 3 names"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_no_permission(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(CONFIG)
    (tmp_path / "config.json").chmod(0)
    assert fetch(str(tmp_path)).absent["config.json"] == "permission denied"
    tmp_path.chmod(0)
    with pytest.raises(Unreadable, match="cannot be listed"):
        fetch(str(tmp_path))
    tmp_path.chmod(0o700)


def test_snapshot_of_the_hugging_face_cache_as_a_folder(tmp_path: Path) -> None:
    snapshot = cached(tmp_path, single())
    (tmp_path / "secret").write_bytes(b"{}")
    (snapshot / "modules.json").symlink_to(tmp_path / "secret")
    files = fetch(str(snapshot))
    assert (files.name, files.origin, files.sha) == ("acme/single", "folder", SHA)
    assert files.contents["config.json"] == CONFIG
    assert files.tensors is not None
    assert files.absent["modules.json"] == "a link that leaves the model's folder"


def test_folder_imports_no_network(tmp_path: Path) -> None:
    ref = written(sharded(), tmp_path)
    program = "import sys; from specverify.fetch import fetch; fetch(sys.argv[1]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, ref], capture_output=True, text=True, timeout=60, check=True)
    assert not {"huggingface_hub", "httpx2", "yaml", "ssl", "concurrent.futures"} & set(done.stdout.split())
