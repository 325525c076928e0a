"""Small models to serve: real safetensors files of a few tensors, whole or in shards."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from math import prod

from tests.hub.repo import Repo

CONFIG = b'{"model_type": "llama", "hidden_size": 8}'
CARD = b"---\nlicense: apache-2.0\n---\n# A small model\n"
INDEX = "model.safetensors.index.json"
Shapes = Mapping[str, tuple[int, ...]]


def safetensors(shapes: Shapes, metadata: Mapping[str, str] | None = None) -> bytes:
    """A file of float16 zeros."""
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for name, shape in shapes.items():
        size = 2
        for dimension in shape:
            size *= dimension
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    return framed(json.dumps(header).encode(), bytes(end))


def framed(header: bytes, data: bytes = b"") -> bytes:
    """Length, header, data."""
    return struct.pack("<Q", len(header)) + header + data


def single(name: str = "acme/single") -> Repo:
    """A model of one file."""
    tensors = safetensors({"model.embed_tokens.weight": (16, 8), "model.norm.weight": (8,)}, {"format": "pt"})
    return Repo(name, {"config.json": CONFIG, "README.md": CARD, "model.safetensors": tensors, ".gitattributes": b"*.safetensors lfs\n"})


def sharded(name: str = "acme/sharded", shards: int = 4, tensors_each: int = 3) -> Repo:
    """A model of several files and their index."""
    files: dict[str, bytes] = {"config.json": CONFIG, "README.md": CARD}
    weight_map: dict[str, str] = {}
    total = 0
    for number in range(shards):
        file = f"model-{number + 1:05d}-of-{shards:05d}.safetensors"
        shapes = {f"model.layers.{number}.mlp.experts.{expert}.up_proj.weight": (4, 8) for expert in range(tensors_each)}
        files[file] = safetensors(shapes, {"format": "pt"})
        weight_map |= dict.fromkeys(shapes, file)
        total += sum(2 * prod(shape) for shape in shapes.values())
    files[INDEX] = json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}).encode()
    return Repo(name, files)
