"""What was had of a model: which files exist, the small ones read, the tensor headers, and why the rest was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from specverify.spec import Tensor

MIB = 2**20
WANTED: Mapping[str, int] = {
    "config.json": 8 * MIB,
    "README.md": 5 * MIB,
    "generation_config.json": MIB,
    "tokenizer_config.json": 16 * MIB,
    "model.safetensors.index.json": 64 * MIB,
    "hf_quant_config.json": 8 * MIB,
    "quantize_config.json": MIB,
    "quant_config.json": MIB,
    "preprocessor_config.json": MIB,
    "sentence_bert_config.json": MIB,
    "modules.json": MIB,
    "adapter_config.json": MIB,
    "model_index.json": MIB,
}
"""The files worth reading, and the most bytes each may have."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model as fetched, at one revision.

    `name` is what the user calls it (`org/name`, or the folder's name); `sha` the commit, where there is one. `origin` is
    `folder`, `hub` (now, or by an earlier run that kept it: the same bytes, and the same report) or `cache` (another
    tool's, or whatever is kept where offline was asked for). `listing` is every path known to exist; `contents` the bytes
    of the wanted ones; `absent` says of each wanted file that was not read why. `tensors` is None where no header was
    read, and `tensors_reason` says why; `gguf` holds the keys of a GGUF header (`general.architecture`,
    `llama.block_count`, ...), where the tensors are of one. `about` is what the Hub itself says of the repo
    (`library_name`, `pipeline_tag`, `tags`, `gated`, `safetensors`, ...), as it said it; empty for a folder.
    """

    ref: str
    name: str
    origin: str
    revision: str | None = None
    sha: str | None = None
    listing: tuple[str, ...] = ()
    contents: Mapping[str, bytes] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    tensors: tuple[Tensor, ...] | None = None
    tensors_reason: str | None = None
    notes: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    gguf: Mapping[str, Any] = field(default_factory=dict)
