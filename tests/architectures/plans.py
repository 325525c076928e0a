"""A small config to its plan, and the corpus rows of a family, for the tests of the family files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from specverify.derive.figures import figures
from specverify.derive.parameters import counts
from specverify.normalize.config import normalize_bytes
from specverify.spec import Attention, ModelSpec, Part
from specverify.target import Target
from tests.corpus import corpus

SMALL: dict[str, Any] = {
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
}


def spec_of(config: dict[str, Any]) -> ModelSpec:
    """The spec of a config given as an object."""
    return normalize_bytes(json.dumps(config).encode())


def total_of(config: dict[str, Any]) -> int | float | None:
    """`parameters.total` of a config; fails where a family reports a problem with a healthy one."""
    spec = spec_of(config)
    assert spec.exactness == "exact"
    assert spec.problems == ()
    found = counts(spec)
    assert found is not None
    return found.total.value


def decoder_of(config: dict[str, Any]) -> Part:
    """The generating part of a config."""
    part = spec_of(config).decoder()
    assert part is not None
    return part


def windows_of(config: dict[str, Any]) -> list[int | float | str | None]:
    """What each layer in order sees: a number of tokens, None for all, the kind of a recurrent mixer."""
    seen: dict[int, Any] = {}
    for group in decoder_of(config).layers:
        mixer = group.mixers[0]
        for index in group.indices:
            if isinstance(mixer, Attention):
                seen[index] = None if mixer.window is None else mixer.window.value
            else:
                seen[index] = getattr(mixer, "kind", "latent")
    return [seen[index] for index in sorted(seen)]


def check_against_corpus(*model_types: str) -> None:
    """Totals and activated parameters of every corpus row of these types, as torch counted them on the meta device."""
    seen = set()
    for row in rows(*model_types):
        found = counts(spec_of({**row["config"], "architectures": [row["architecture"]]}))
        assert found is not None, row["id"]
        assert found.total.value == row["total"], row["id"]
        if row.get("moe"):
            activated = (found.activated.value, found.activated_no_input_embedding.value, found.activated_no_embeddings.value)
            names = ("activated", "activated_no_input_embedding", "activated_no_embedding_no_head")
            assert activated == tuple(row["moe"][name] for name in names), row["id"]
        seen.add(row["model_type"])
    assert seen == set(model_types)


def reserved_of(config: dict[str, Any], tokens: int, encoder_tokens: int | None = None) -> int | float | None:
    """Bytes that the cache object of transformers holds for one sequence in bfloat16."""
    target = Target(engine="transformers", context=tokens, encoder_context=encoder_tokens, kv_dtype="bfloat16")
    return figures(spec_of(config), target)["cache.reserved_bytes"].value


def check_cache_against_corpus(*model_types: str) -> None:
    """Cache bytes of every corpus row of these types that was measured whole, as transformers held them in bfloat16."""
    seen = set()
    for row in rows(*model_types, table="cache.jsonl"):
        measured = row.get("bf16")
        if measured and not row.get("incomplete") and not row.get("decode_mismatch"):
            encoder_tokens = measured.get("enc_len") or row.get("enc_len")
            held = reserved_of({**row["config"], "architectures": [row["architecture"]]}, measured["n"], encoder_tokens)
            assert held == measured["bytes"], row["id"]
            seen.add(row["model_type"])
    assert seen == set(model_types)


def rows(*model_types: str, table: str = "params.jsonl") -> Iterator[dict[str, Any]]:
    """The corpus rows of these types."""
    with (corpus() / "oracle" / table).open() as lines:
        for line in lines:
            row = json.loads(line)
            if row["model_type"] in model_types:
                yield row


def hub_configs(*model_types: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Published configs of these types, by repository."""
    for path in sorted((corpus() / "hub").glob("*/config.json")):
        try:
            config = json.loads(path.read_bytes())
        except ValueError:
            continue
        if isinstance(config, dict) and config.get("model_type") in model_types:
            yield path.parent.name, config


def check_published(*model_types: str) -> None:
    """Every published config of these types is read whole: no problem, a known total."""
    found = [(name, total_of(config)) for name, config in hub_configs(*model_types)]
    if not found:
        pytest.skip(f"the corpus has no published config of {', '.join(model_types)}")
    assert all(total for _, total in found)
