"""Read off the modelling sources how a key that the config object holds as null, or not at all, is resolved there."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from transformers import CONFIG_MAPPING

Rule = dict[str, Any]

KEYS = {
    "head_dim",
    "intermediate_size",
    "n_inner",
    "mamba_d_ssm",
    "moe_latent_size",
    "embedding_size",
    "alignment_intermediate_size",
    "num_key_value_heads",
    "attention_hidden_size",
    "ffn_dim",
    "kv_channels",
    "word_embed_proj_dim",
}
"""Sizes; whatever else modelling code falls back on (switches, activations) costs nothing."""
LOCAL_NAMES = {"num_heads": "num_attention_heads", "embed_dim": "hidden_size", "n_head": "num_attention_heads"}
"""What modelling code calls a key it has read into a variable."""
STATED: dict[str, dict[str, Rule]] = {
    "falcon": {"num_ln_in_parallel_attn": {"fn": "kept_if", "of": ["new_decoder_architecture"], "value": 2}},
}
"""Fallbacks written as statements rather than expressions."""


def later_rules(types: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Rule]]:
    """Table name to key to rule, for keys that are null or missing in the table."""
    folders: dict[Path, list[str]] = {}
    for name, entry in types.items():
        folders.setdefault(_folder(name, entry["class"]), []).append(name)
    found: dict[str, dict[str, Rule]] = {}
    for folder, names in sorted(folders.items()):
        for source in sorted(folder.glob("modeling_*.py")):
            for node in ast.parse(source.read_text()).body:
                if isinstance(node, ast.ClassDef) and "Rotary" not in node.name:
                    _read_class(node, names, types, found)
    for name, entry in types.items():
        if name in CONFIG_MAPPING and _heads_stand_in(name, entry):
            found.setdefault(name, {}).setdefault("num_key_value_heads", {"fn": "same", "of": [_actual(entry, "num_attention_heads")]})
    for name, rules in STATED.items():
        found.setdefault(name, {}).update(rules)
    return {name: dict(sorted(rules.items())) for name, rules in sorted(found.items())}


def _heads_stand_in(name: str, entry: Mapping[str, Any]) -> bool:
    """Whether a class whose default for KV heads is a number puts the query heads in for a null."""
    if not isinstance(entry.get("literal", {}).get("num_key_value_heads"), int) or _actual(entry, "num_attention_heads") is None:
        return False
    try:
        config = CONFIG_MAPPING[name](num_key_value_heads=None)
    except Exception:
        return False
    heads = getattr(config, "num_attention_heads", None)
    return isinstance(heads, int) and getattr(config, "num_key_value_heads", None) == heads


def _folder(name: str, class_name: str) -> Path:
    if name in CONFIG_MAPPING:
        module = sys.modules[CONFIG_MAPPING[name].__module__]
    else:
        module = next(m for k, m in sys.modules.items() if k.startswith("transformers.models.") and hasattr(m, class_name))
    return Path(str(module.__file__)).parent


def _read_class(
    node: ast.ClassDef,
    names: list[str],
    types: Mapping[str, Mapping[str, Any]],
    found: dict[str, dict[str, Rule]],
) -> None:
    annotated = {
        part.id
        for function in node.body
        if isinstance(function, ast.FunctionDef) and function.name == "__init__"
        for argument in function.args.args
        if argument.arg == "config" and argument.annotation is not None
        for part in ast.walk(argument.annotation)
        if isinstance(part, ast.Name)
    }
    owners = [name for name in names if types[name]["class"] in annotated] or names
    for key, fallback in _fallbacks(node):
        rule = _rule(fallback)
        if key not in KEYS or rule is None:
            continue
        for name in owners:
            entry = types[name]
            actual = entry.get("aliases", {}).get(key, key)
            if entry.get("computed", {}).get(actual, {}).get("null_too") or actual in entry.get("forced", {}):
                continue
            if actual in entry.get("computed", {}) and actual not in entry.get("literal", {}):
                continue
            keys = [_actual(entry, k) for k in rule["of"]]
            if all(k is not None for k in keys) and not (actual not in entry["literal"] and _is_vision(name)):
                found.setdefault(name, {}).setdefault(actual, {**rule, "of": keys})


def _is_vision(name: str) -> bool:
    return name.endswith(("_vision", "_vision_model"))


def _actual(entry: Mapping[str, Any], key: str) -> str | None:
    actual = entry.get("aliases", {}).get(key, key)
    head = actual.partition(".")[0]
    known = any(actual in entry.get(part, {}) for part in ("literal", "computed")) or head in entry.get("sub", {})
    return actual if known else None


def _fallbacks(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for part in ast.walk(node):
        if isinstance(part, ast.IfExp) and isinstance(part.test, ast.Compare):
            test = part.test
            if isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None:
                key = _config_key(test.left)
                if key is not None:
                    yield key, part.orelse if isinstance(test.ops[0], ast.IsNot) else part.body
        elif isinstance(part, ast.BoolOp) and isinstance(part.op, ast.Or):
            key = _config_key(part.values[0]) or _getattr_key(part.values[0])
            if key is not None:
                yield key, part.values[1]
        elif _getattr_key(part) is not None and isinstance(part, ast.Call):
            yield str(_getattr_key(part)), part.args[2]


def _config_key(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute) and "config" in ast.unparse(node.value):
        return node.attr
    return None


def _getattr_key(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) == 3:
        of_config = "config" in ast.unparse(node.args[0])
        return str(node.args[1].value) if of_config and isinstance(node.args[1], ast.Constant) else None
    return None


def _rule(node: ast.expr) -> Rule | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int" and len(node.args) == 1:
        node = node.args[0]
    if isinstance(node, ast.BinOp):
        left, right = node.left, node.right
        if isinstance(node.op, ast.FloorDiv):
            a, b = _name(left), _name(right)
            return None if a is None or b is None else {"fn": "quotient", "of": [a, b]}
        if isinstance(node.op, ast.Mult):
            if isinstance(left, ast.Constant):
                b = _name(right)
                return None if b is None else {"fn": "multiple", "of": [b], "times": left.value}
            a, b = _name(left), _name(right)
            return None if a is None or b is None else {"fn": "product", "of": [a, b]}
        return None
    name = _name(node)
    return None if name is None else {"fn": "same", "of": [name]}


def _name(node: ast.expr) -> str | None:
    if not isinstance(node, ast.Attribute | ast.Name):
        return None
    parts = [p for p in ast.unparse(node).split(".") if p not in ("self", "config")]
    return ".".join(LOCAL_NAMES.get(p, p) for p in parts)
