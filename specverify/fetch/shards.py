"""Which files hold a model's tensors, how long their headers will be, and all headers as one set of tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping

from specverify.errors import RateLimited, SpecverifyError, Unreadable
from specverify.fetch.bounded_json import load_object
from specverify.fetch.headers import LENGTH_BYTES, MOST_HEADER_BYTES, Header, parse_header
from specverify.spec import Tensor

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
MOST_SHARDS = 1_000
MOST_TENSORS = 1_000_000
UNFORESEEN = 64 * 1024
"""Bytes to ask for where nothing says how long a header is: most single-file models fit."""

Measured = tuple[tuple[Tensor, ...] | None, str | None]
"""Tensors, or None and the reason."""
NOT_ASKED: Measured = (None, "tensor headers were not asked for")
Reader = Callable[[Mapping[str, int]], Iterable[Header]]
"""Gives the headers of the files it is handed, each with the bytes its header should fit in."""

_NAME = re.compile(r"[\w.-]+(/[\w.-]+)*\.safetensors", re.ASCII)
_ENTRY_BYTES = 128
_METADATA_BYTES = 4 * 1024
_MOST_FORESEEN = 16 * 2**20


def measure(listing: Collection[str], contents: Mapping[str, bytes], absent: Mapping[str, str], read: Reader) -> Measured:
    """The tensors of a model, or why there are none: one file that is missing or bad, and the rest would pass for the whole.

    Raises RateLimited only.
    """
    try:
        if INDEX in listing and INDEX not in contents:
            raise Unreadable(absent[INDEX], file=INDEX)
        files = plan(frozenset(listing), contents.get(INDEX))
        return (collect(read(files)), None) if files else (None, "there is no safetensors file")
    except RateLimited:
        raise
    except SpecverifyError as error:
        return None, str(error)


def plan(listing: Collection[str], index: bytes | None) -> Mapping[str, int]:
    """The files whose headers make the model, each with the bytes its header should fit in; empty where there is none.

    As transformers loads them: `model.safetensors`, else what the index names, else every `*.safetensors` at the root.
    Raises Unreadable for an index that is none, that names a path outside the model, a file that is not there, or more
    than `MOST_SHARDS` files.
    """
    if SINGLE in listing:
        return {SINGLE: UNFORESEEN}
    at_root = (name for name in sorted(listing) if "/" not in name and is_shard_name(name))
    found = dict.fromkeys(at_root, UNFORESEEN) if index is None else _indexed(index)
    if len(found) > MOST_SHARDS:
        raise Unreadable(f"{len(found):,} files of tensors, more than the {MOST_SHARDS:,} that are read", file=INDEX if index else None)
    for name in found:
        if name not in listing:
            raise Unreadable(f"named by {INDEX} and not there", file=name)
    return found


def is_shard_name(name: str) -> bool:
    """Whether the text is a plain relative path of a safetensors file: it can stand in a URL or path as it is."""
    return _NAME.fullmatch(name) is not None and all(part.strip(".") for part in name.split("/"))


def _indexed(index: bytes) -> dict[str, int]:
    """Each file the index names, with an upper estimate of its header: name, dtype, four dimensions, two offsets a tensor."""
    weight_map = load_object(index, INDEX).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise Unreadable("has no weight_map", file=INDEX, place="/weight_map")
    sizes: dict[str, int] = {}
    for tensor, name in weight_map.items():
        if not isinstance(name, str) or not is_shard_name(name):
            raise Unreadable(f"names {ascii(name)[:120]}, not a safetensors file of this model", file=INDEX, place="/weight_map")
        sizes[name] = sizes.get(name, LENGTH_BYTES + _METADATA_BYTES) + len(tensor.encode()) + _ENTRY_BYTES
    return {name: min(size, _MOST_FORESEEN) for name, size in sizes.items()}


def collect(headers: Iterable[Header]) -> tuple[Tensor, ...]:
    """The tensors of all files.

    Raises Unreadable for a header that is none, for a tensor in two files, and for headers too large taken together.
    """
    tensors: list[Tensor] = []
    holder: dict[str, str] = {}
    read = 0
    for header in headers:
        read += len(header.data)
        if read > MOST_HEADER_BYTES:
            raise Unreadable(f"brings the headers of this model above {MOST_HEADER_BYTES:,} bytes", file=header.file)
        for tensor in parse_header(header):
            first = holder.setdefault(tensor.name, tensor.file)
            if first != tensor.file:
                raise Unreadable(f"tensor {ascii(tensor.name)[:120]} is in {first} as well", file=tensor.file)
            tensors.append(tensor)
        if len(tensors) > MOST_TENSORS:
            raise Unreadable(f"brings the tensors of this model above {MOST_TENSORS:,}", file=header.file)
    return tuple(tensors)
