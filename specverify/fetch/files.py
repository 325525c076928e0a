"""What was had of a model: which files exist, the small ones read, the tensor headers, and why the rest was not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from specverify.frozen import Struct, frozen
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
    "processor_config.json": MIB,
    "video_preprocessor_config.json": MIB,
    "sentence_bert_config.json": MIB,
    "modules.json": MIB,
    "adapter_config.json": MIB,
    "model_index.json": MIB,
    "bias.md": MIB,
    "explainability.md": MIB,
    "privacy.md": MIB,
    "safety.md": MIB,
    "LICENSE": MIB,
    "LICENSE.txt": MIB,
    "LICENSE.md": MIB,
}
"""The files worth reading, and the most bytes each may have."""
MOST_EVALUATIONS = 16
"""Files of `.eval_results` that are read of a model, by name."""
_EVALUATION = re.compile(r"\.eval_results/[\w.-]{1,100}\.ya?ml")


def wanted(listing: Iterable[str]) -> dict[str, int]:
    """The files worth reading of a model that has these, with the most bytes of each: `WANTED`, and its evaluation results."""
    results = sorted(name for name in listing if _EVALUATION.fullmatch(name))[:MOST_EVALUATIONS]
    return {**WANTED, **dict.fromkeys(results, MIB)}


@frozen
class ModelFiles(Struct):
    """A model as fetched, at one revision.

    `name` is what the user calls it (`org/name`, or the folder's name); `sha` the commit, where there is one. `origin` is
    `folder`, `hub` (now, or by an earlier run that kept it: the same bytes, and the same report) or `cache` (another
    tool's, or whatever is kept where offline was asked for). `listing` is every path known to exist; `contents` the bytes
    of the wanted ones; `absent` says of each wanted file that was not read why. `tensors` is None where no header was
    read, and `tensors_reason` says why; `faults` what is wrong with a tensor file, where that is why;
    `gguf` holds the keys of a GGUF header (`general.architecture`,
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
    faults: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    gguf: Mapping[str, Any] = field(default_factory=dict)
