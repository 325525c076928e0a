"""A population of small models to audit: several families with card and tensors that agree with them, and some that go wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from specverify.derive.manifest import manifest
from specverify.normalize import normalize
from tests.hub.models import INDEX, framed
from tests.hub.repo import Repo

Config = Mapping[str, Any]
_DECODER: Config = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 256,
    "max_position_embeddings": 4096,
    "torch_dtype": "bfloat16",
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "tie_word_embeddings": False,
}
FAMILIES: tuple[Config, ...] = (
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", **_DECODER, "rope_theta": 10000.0, "rms_norm_eps": 1e-5},
    {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", **_DECODER, "head_dim": 8, "rope_theta": 10000.0},
    {"architectures": ["MistralForCausalLM"], "model_type": "mistral", **_DECODER, "rope_theta": 10000.0, "sliding_window": None},
    {
        "architectures": ["MixtralForCausalLM"],
        "model_type": "mixtral",
        **_DECODER,
        "head_dim": 4,
        "rope_theta": 1000000.0,
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        "sliding_window": None,
    },
    {
        "architectures": ["Phi3ForCausalLM"],
        "model_type": "phi3",
        **_DECODER,
        "rope_theta": 10000.0,
        "original_max_position_embeddings": 4096,
        "rope_scaling": None,
        "sliding_window": None,
    },
    {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "n_embd": 16,
        "n_head": 4,
        "n_positions": 1024,
        "n_ctx": 1024,
        "n_inner": None,
        "vocab_size": 256,
        "bos_token_id": 255,
        "eos_token_id": 255,
        "torch_dtype": "bfloat16",
    },
)
DEPTHS = (2, 6, 12)
"""Layers of the models, in turn."""
SHARDED = 5
"""Every so-manieth model comes in two files and an index."""

TROUBLES = ("missing", "gated", "disabled", "bad json", "no config", "failing", "tired", "cut off", "wrong heads", "no revision")
STATUS = {
    "missing": "NotFound",
    "gated": "Gated",
    "disabled": "Disabled",
    "bad json": "Unreadable",
    "no config": "Unreadable",
    "failing": "Unreachable",
    "tired": "ok",
    "cut off": "ok",
    "wrong heads": "error",
    "no revision": "RevisionNotFound",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with requests whose path contains `match`, as `HubServer.fail` takes it."""

    match: str
    kind: str
    value: int | None
    times: int


@dataclass(frozen=True, slots=True)
class Member:
    """A line of the shortlist, the repo behind it (None where there is none) and the status its row must have."""

    ref: str
    repo: Repo | None
    status: str
    fault: Fault | None = None
    sound: bool = False


def population(count: int, troubled_every: int, owner: str = "acme") -> Iterator[Member]:
    """So many models, the last of every `troubled_every` with a trouble of `TROUBLES`, which take turns."""
    for number in range(count):
        name = f"{owner}/model-{number:05d}"
        turn, place = divmod(number, troubled_every)
        if place == troubled_every - 1:
            yield _troubled(name, number, TROUBLES[turn % len(TROUBLES)])
        else:
            yield Member(name, _healthy(name, number), "ok", sound=True)


def _healthy(name: str, number: int) -> Repo:
    family, depth = FAMILIES[number % len(FAMILIES)], DEPTHS[number // len(FAMILIES) % len(DEPTHS)]
    config = {**family, "n_layer" if family["model_type"] == "gpt2" else "num_hidden_layers": depth}
    files: Mapping[str, bytes] = {
        "config.json": json.dumps(config, indent=2).encode(),
        "README.md": _card(name, config, depth),
        "generation_config.json": json.dumps({"bos_token_id": config["bos_token_id"], "eos_token_id": config["eos_token_id"]}).encode(),
        "tokenizer_config.json": json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}).encode(),
        ".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n",
    }
    return Repo(name, {**files, **_weights(json.dumps(config), 2 if number % SHARDED == 0 else 1)})


def _troubled(name: str, number: int, trouble: str) -> Member:
    repo, status = _healthy(name, number), STATUS[trouble]
    match trouble:
        case "missing":
            return Member(name, None, status)
        case "gated":
            return Member(name, replace(repo, gated="manual"), status)
        case "disabled":
            return Member(name, replace(repo, disabled=True), status)
        case "bad json":
            return Member(name, replace(repo, files={**repo.files, "config.json": b'{"model_type": "llama", '}), status)
        case "no config":
            return Member(name, replace(repo, files={file: data for file, data in repo.files.items() if file != "config.json"}), status)
        case "failing":
            return Member(name, repo, status, Fault(f"{name}/resolve/", "status", 500, 1_000_000))
        case "tired":
            return Member(name, repo, status, Fault(f"{name}/revision/", "status", 503, 1))
        case "cut off":
            return Member(name, repo, status, Fault(f"{name}/resolve/{repo.sha}/config.json", "reset", None, 1))
        case "wrong heads":
            config = {**FAMILIES[0], "num_hidden_layers": 2, "num_key_value_heads": 3}
            return Member(name, replace(repo, files={"config.json": json.dumps(config).encode()}), status)
        case _:
            return Member(f"{name}@v9", repo, status)


@lru_cache(64)
def _weights(config: str, shards: int) -> Mapping[str, bytes]:
    """Files of bfloat16 zeros under the names and shapes that the config asks for."""
    tensors = [(name, shape) for name, shape, weight in manifest(normalize(json.loads(config))) if weight.tied_to is None]
    if shards == 1:
        return {"model.safetensors": _safetensors(tensors)}
    files: dict[str, bytes] = {}
    weight_map: dict[str, str] = {}
    for shard in range(shards):
        name, held = f"model-{shard + 1:05d}-of-{shards:05d}.safetensors", tensors[shard::shards]
        files[name] = _safetensors(held)
        weight_map |= {tensor: name for tensor, _ in held}
    files[INDEX] = json.dumps({"metadata": {}, "weight_map": weight_map}).encode()
    return files


def _safetensors(tensors: list[tuple[str, tuple[int, ...]]]) -> bytes:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in tensors:
        size = 2
        for dimension in shape:
            size *= dimension
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    return framed(json.dumps(header).encode(), bytes(end))


def _card(name: str, config: Config, layers: int) -> bytes:
    """A card of a usual length, with a few claims that are true."""
    context = config.get("max_position_embeddings", config.get("n_positions"))
    prose = "\n\n".join(
        f"{topic}: the model was made for the tests of an audit. It answers nothing, and knows as much. {'Nothing here is a claim. ' * 6}"
        for topic in ("Intended use", "Out of scope", "Training data", "Evaluation", "Environment", "Contact")
    )
    return (
        f"---\nlicense: apache-2.0\nlibrary_name: transformers\npipeline_tag: text-generation\nlanguage:\n- en\ntags:\n- small\n---\n"
        f"# {name.partition('/')[2]}\n\n- Number of Layers: {layers}\n- Context Length: {context:,}\n\n{prose}\n"
    ).encode()
