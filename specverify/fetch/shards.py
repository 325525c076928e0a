"""Which files hold a model's tensors, how long their headers will be, and all headers as one set of tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field
from typing import Any

from specverify.errors import RateLimited, SpecverifyError, Unreadable
from specverify.fetch.bounded_json import load_object
from specverify.fetch.headers import LENGTH_BYTES, MOST_HEADER_BYTES, Header, Window, parse_header, read_header
from specverify.frozen import Struct, frozen
from specverify.pattern import Pattern
from specverify.spec import Tensor

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
MOST_SHARDS = 1_000
MOST_TENSORS = 1_000_000
UNFORESEEN = 64 * 1024
"""Bytes to ask for where nothing says how long a header is: most single-file models fit."""


@frozen
class Measured(Struct):
    """The tensors of a model, or None and the reason; `gguf` holds the keys of a GGUF model's header, else nothing.

    `faults` says by file what is wrong with the files themselves, where that is the reason.
    """

    tensors: tuple[Tensor, ...] | None
    reason: str | None = None
    gguf: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


NOT_ASKED = Measured(None, "tensor headers were not asked for")
Reader = Callable[[Mapping[str, int]], Iterable[Header]]
"""Gives the headers of the files it is handed, each with the bytes its header should fit in."""

GGUF = ".gguf"

_NAME = re.compile(r"[\w.-]+(/[\w.-]+)*\.(safetensors|gguf)", re.ASCII)
_SPLIT = Pattern(r"(.+)-(\d{5})-of-(\d{5})\.gguf")
_ENTRY_BYTES = 128
_METADATA_BYTES = 4 * 1024
_MOST_FORESEEN = 16 * 2**20


def measure(listing: Collection[str], contents: Mapping[str, bytes], absent: Mapping[str, str], read: Reader) -> Measured:
    """The tensors of a model, or why there are none: one file that is missing or bad, and the rest would pass for the whole.

    A model without safetensors is measured by its GGUF files. Raises RateLimited only, and what `read` raises beside
    SpecverifyError.
    """
    try:
        if INDEX in listing and INDEX not in contents:
            raise Unreadable(absent[INDEX], file=INDEX)
        files = plan(frozenset(listing), contents.get(INDEX)) or plan_gguf(listing)
        return collect(read(files)) if files else Measured(None, "there is no safetensors file")
    except RateLimited:
        raise
    except SpecverifyError as error:
        faults = {error.file: str(error)} if type(error) is Unreadable and error.file is not None else {}
        return Measured(None, str(error), faults=faults)


def header_of(window: Window, file: str, foreseen: int, most: int = MOST_HEADER_BYTES) -> Header:
    """The header of a file that a plan names, of whichever format; `most` is the longest one read of a safetensors file."""
    if file.endswith(GGUF):
        from specverify.fetch.gguf import read_gguf

        return read_gguf(window, file)
    return read_header(window, file, foreseen, most)


def plan(listing: Collection[str], index: bytes | None) -> Mapping[str, int]:
    """The files whose headers make the model, each with the bytes its header should fit in; empty where there is none.

    As transformers loads them: `model.safetensors`, else what the index names, else every `*.safetensors` at the root.
    Raises Unreadable for an index that is none, that names a path outside the model, a file that is not there, or more
    than `MOST_SHARDS` files.
    """
    if SINGLE in listing:
        return {SINGLE: UNFORESEEN}
    at_root = (name for name in sorted(listing) if "/" not in name and is_shard_name(name) and not name.endswith(GGUF))
    found = dict.fromkeys(at_root, UNFORESEEN) if index is None else _indexed(index)
    if len(found) > MOST_SHARDS:
        raise Unreadable(f"{len(found):,} files of tensors, more than the {MOST_SHARDS:,} that are read", file=INDEX if index else None)
    for name in found:
        if name not in listing:
            raise Unreadable(f"named by {INDEX} and not there", file=name)
    return found


def plan_gguf(listing: Collection[str]) -> Mapping[str, int]:
    """The files of the one GGUF model there is, in the order of their split; empty where there is none.

    A repo often holds one model in many quantizations, each a file: nothing then says which of them is meant, and
    Unreadable is raised, as for a split that is not there in full. Projectors of images (`mmproj`) are models of their own.
    """
    models: dict[str, list[str]] = {}
    for name in sorted(listing):
        if name.endswith(GGUF) and is_shard_name(name) and "mmproj" not in name.rpartition("/")[2].lower():
            split = _SPLIT.fullmatch(name)
            models.setdefault(split[1] if split else name, []).append(name)
    if len(models) > 1:
        raise Unreadable(f"{len(models):,} GGUF models, and nothing says which is meant: {', '.join([*models][:8])}")
    files = next(iter(models.values()), [])
    split = _SPLIT.fullmatch(files[0]) if files else None
    if split is not None and [*files] != [f"{split[1]}-{number:05d}-of-{split[3]}{GGUF}" for number in range(1, int(split[3]) + 1)]:
        raise Unreadable(f"{len(files):,} of its {int(split[3]):,} files are there", file=f"{split[1]}{GGUF}")
    if len(files) > MOST_SHARDS:
        raise Unreadable(f"{len(files):,} files of tensors, more than the {MOST_SHARDS:,} that are read")
    return dict.fromkeys(files, UNFORESEEN)


def is_shard_name(name: str) -> bool:
    """Whether the text is a plain relative path of a tensor file: it can stand in a URL or path as it is."""
    return _NAME.fullmatch(name) is not None and all(part.strip(".") for part in name.split("/"))


def _indexed(index: bytes) -> dict[str, int]:
    """Each file the index names, with an upper estimate of its header: name, dtype, four dimensions, two offsets a tensor."""
    weight_map = load_object(index, INDEX).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise Unreadable("has no weight_map", file=INDEX, place="/weight_map")
    sizes: dict[str, int] = {}
    for tensor, name in weight_map.items():
        if not isinstance(name, str) or not is_shard_name(name) or name.endswith(GGUF):
            raise Unreadable(f"names {ascii(name)[:120]}, not a safetensors file of this model", file=INDEX, place="/weight_map")
        sizes[name] = sizes.get(name, LENGTH_BYTES + _METADATA_BYTES) + len(tensor.encode()) + _ENTRY_BYTES
    return {name: min(size, _MOST_FORESEEN) for name, size in sizes.items()}


def collect(headers: Iterable[Header]) -> Measured:
    """The tensors of all files.

    Raises Unreadable for a header that is none, for a tensor in two files, and for headers too large taken together.
    """
    tensors: list[Tensor] = []
    holder: dict[str, str] = {}
    keys: Mapping[str, Any] = {}
    read = 0
    for header in headers:
        read += len(header.data)
        if read > MOST_HEADER_BYTES:
            raise Unreadable(f"brings the headers of this model above {MOST_HEADER_BYTES:,} bytes", file=header.file)
        if header.file.endswith(GGUF):
            from specverify.fetch.gguf import parse_gguf

            gguf = parse_gguf(header)
            found, keys = gguf.tensors, {**gguf.keys, **keys}
        else:
            found = parse_header(header)
        for tensor in found:
            first = holder.setdefault(tensor.name, tensor.file)
            if first != tensor.file:
                raise Unreadable(f"tensor {ascii(tensor.name)[:120]} is in {first} as well", file=tensor.file)
            tensors.append(tensor)
        if len(tensors) > MOST_TENSORS:
            raise Unreadable(f"brings the tensors of this model above {MOST_TENSORS:,}", file=header.file)
    return Measured(tuple(tensors), gguf=keys)
