"""Which files make the model, how long their headers are, and that they make one set of tensors."""

from __future__ import annotations

import json

import pytest

from specverify.errors import RateLimited, Unreadable
from specverify.fetch import shards
from specverify.fetch.headers import Header
from specverify.fetch.shards import INDEX, UNFORESEEN, Measured, collect, measure, plan
from tests.hub.models import safetensors, sharded


def header(file: str, data: bytes) -> Header:
    return Header(file, data, len(data))


def test_single_file_goes_before_the_index_as_transformers_loads_them() -> None:
    index = json.dumps({"weight_map": {"a": "model-1.safetensors"}}).encode()
    assert plan({"model.safetensors", "model-1.safetensors", INDEX}, index) == {"model.safetensors": UNFORESEEN}


def test_without_index_every_file_at_the_root() -> None:
    assert list(plan({"b.safetensors", "a.safetensors", "unet/c.safetensors", "d.bin"}, None)) == ["a.safetensors", "b.safetensors"]


def test_foreseen_length_holds_every_real_header() -> None:
    """Long names, four dimensions, offsets of terabytes, the longest dtype, spaces after every mark."""
    size = 2**40
    entries = {
        f"model.language_model.layers.{number}.mlp.experts.{number}.gate_up_proj.weight_scale_inv\u00e9": {
            "dtype": "F8_E4M3FNUZ",
            "shape": [1, 16384, 16384, 4096],
            "data_offsets": [number * size, (number + 1) * size],
        }
        for number in range(500)
    }
    length = 8 + len(json.dumps({"__metadata__": {"format": "pt"}, **entries}, ensure_ascii=False).encode())
    index = json.dumps({"weight_map": dict.fromkeys(entries, "model-1.safetensors")}).encode()
    foreseen = plan({"model-1.safetensors"}, index)["model-1.safetensors"]
    assert length <= foreseen < 1.5 * length


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (b"[]", "not a JSON object"),
        (b"{", "not JSON"),
        (b"{}", "has no weight_map"),
        (b'{"weight_map": {}}', "has no weight_map"),
        (b'{"weight_map": {"a": 1}}', "names 1, not a safetensors file"),
        (b'{"weight_map": {"a": "x.safetensors", "a": "x.safetensors"}}', "'a' stands twice"),
        (b'{"weight_map": ' + b"[" * 9999, "nested too deep"),
        (b'{"weight_map": {"a": "none.safetensors"}}', "none.safetensors: named by"),
    ],
)
def test_index_that_is_none(index: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        plan({"x.safetensors"}, index)


def test_too_many_files() -> None:
    with pytest.raises(Unreadable, match="1,001 files of tensors"):
        plan({f"{number}.safetensors" for number in range(1001)}, None)


def test_tensor_in_two_files() -> None:
    data = safetensors({"a": (1,)})
    with pytest.raises(Unreadable, match=r"^y\.safetensors: tensor 'a' is in x\.safetensors as well"):
        collect([header("x.safetensors", data), header("y.safetensors", data)])


def test_headers_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    data = safetensors({"a": (1,)})
    monkeypatch.setattr(shards, "MOST_HEADER_BYTES", len(data))
    assert len(collect([header("x", data)]).tensors or ()) == 1
    with pytest.raises(Unreadable, match=r"^y: brings the headers"):
        collect([header("x", data), header("y", safetensors({"b": (1,)}))])
    monkeypatch.setattr(shards, "MOST_TENSORS", 0)
    with pytest.raises(Unreadable, match=r"^x: brings the tensors"):
        collect([header("x", data)])


def test_rate_limit_is_no_reason_to_go_on_without_tensors() -> None:
    def refused(files: object) -> list[Header]:
        raise RateLimited("later")

    with pytest.raises(RateLimited):
        measure(["model.safetensors"], {}, {}, refused)


def test_index_that_was_not_read() -> None:
    reason = f"{INDEX}: too large"
    read = measure([INDEX, "a.safetensors"], {}, {INDEX: "too large"}, lambda files: [])
    assert read == Measured(None, reason, faults={INDEX: reason})


def test_tensors_in_the_order_of_the_index() -> None:
    repo = sharded(shards=2, tensors_each=2)
    planned = plan(set(repo.files), repo.files[INDEX])
    assert [t.file for t in collect(header(name, repo.files[name]) for name in planned).tensors or ()] == [
        name for name in planned for _ in range(2)
    ]
