"""Write specverify/architectures/defaults.json from the installed transformers release. `--check` only compares.

Nothing here is read off documentation: every class is built with its defaults, built again with keys changed, and what
moves is matched against the functions of `specverify.architectures.computed`. A rule is kept only if it predicts every
construction tried.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import json
import logging
import math
import os
import random
import sys
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ["TRANSFORMERS_VERBOSITY"] = "critical"
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

import transformers  # noqa: E402
from later_defaults import later_rules  # noqa: E402
from transformers import CONFIG_MAPPING  # noqa: E402
from transformers.configuration_utils import PreTrainedConfig  # noqa: E402
from transformers.generation.configuration_utils import GenerationConfig  # noqa: E402
from transformers.models.auto import modeling_auto  # noqa: E402

from specverify.architectures.computed import COMPUTED  # noqa: E402

TARGET = Path(__file__).resolve().parent.parent / "specverify" / "architectures" / "defaults.json"

Rule = dict[str, Any]
Values = dict[str, Any]

ABSENT = "<absent>"
NOISE = {"id2label", "label2id", "transformers_version", "architectures", "name_or_path", "ignore_keys_at_rope_validation"}
READ_PROPERTIES = {
    "layer_types",
    "layers_block_type",
    "num_hidden_layers",
    "head_dim",
    "sliding_window",
    "hidden_size",
    "layers_num_experts",
    "qk_dim",
    "v_dim",
    "qk_head_dim",
    "v_head_dim",
    "max_position_embeddings",
    "pad_token_id",
    "latent_dim",
}
"""Properties of config classes that stand for a field of the model."""
SUB_KEYS = ("hidden_size", "tie_word_embeddings", "vocab_size", "num_hidden_layers", "is_encoder_decoder", "patch_size")
"""Keys of sub-configs that composites copy from or to."""
BASE_KNOWN = {
    "model_type",
    "torch_dtype",
    "dtype",
    "architectures",
    "transformers_version",
    "_name_or_path",
    "name_or_path",
    "_commit_hash",
    "_attn_implementation",
    "attn_implementation",
    "_attn_implementation_autoset",
    "experts_implementation",
    "output_attentions",
    "per_layer_config",
    "quantization_config",
    "auto_map",
    "id2label",
    "label2id",
    "num_labels",
    "problem_type",
    "use_return_dict",
}
ROPE_KNOWN = ("rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor")
SAMPLES = 70
DEPTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 23, 24, 30, 37, 48, 55)


def plain(value: Any) -> Any:
    """A JSON form of a config value."""
    if isinstance(value, PreTrainedConfig):
        return {"__class__": type(value), **values_of(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(v) for v in value)
    if isinstance(value, list | tuple | range):
        return [plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"__float__": {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def values_of(config: PreTrainedConfig) -> Values:
    """The public attributes of a built config; per-layer overrides as `@layer type.key`."""
    found = {k: plain(v) for k, v in vars(config).items() if not k.startswith("_") and k not in NOISE}
    found.pop("serialize_explicit_per_layer_config", None)
    found.pop("number_of_conv_states", None)
    for name in READ_PROPERTIES:
        if isinstance(getattr(type(config), name, None), property):
            try:
                found[name] = plain(getattr(config, name))
            except Exception:
                continue
    found.update(per_kind_values(config, found))
    return found


def per_kind_values(config: PreTrainedConfig, found: Values) -> Values:
    """Per-layer overrides by layer type, where layers of one type all have the same."""
    if not getattr(config, "is_heterogeneous", False):
        return {}
    overrides = {int(k): v for k, v in config.to_dict()["per_layer_config"].items()}
    kinds: dict[str, list[Any]] = {}
    for i, kind in enumerate(found.get("layer_types") or found.get("mlp_layer_types") or ()):
        kinds.setdefault(kind, []).append(overrides.get(i, {}))
    if any(any(entry != entries[0] for entry in entries) for entries in kinds.values()):
        return {"per_layer_config": {str(k): plain(v) for k, v in overrides.items()}}
    return {f"@{kind}.{k}": plain(v) for kind, entries in kinds.items() for k, v in entries[0].items()}


def differing(a: Values, b: Values, prefix: str = "") -> set[str]:
    """The keys, dotted within sub-configs, whose values differ."""
    found: set[str] = set()
    for key in a.keys() | b.keys():
        x, y = a.get(key, ABSENT), b.get(key, ABSENT)
        if isinstance(x, dict) and isinstance(y, dict) and "__class__" in x and x.get("__class__") is y.get("__class__"):
            found |= differing(x, y, f"{prefix}{key}.")
        elif not equal(x, y):
            found.add(prefix + key)
    return found


def equal(x: Any, y: Any) -> bool:
    """Equality that tells True from 1."""
    return bool(x == y) and isinstance(x, bool) == isinstance(y, bool)


def lookup(values: Values, dotted: str) -> Any:
    """The value at a dotted key."""
    if dotted in values:
        return values[dotted]
    found: Any = values
    for part in dotted.split("."):
        if not isinstance(found, dict) or part not in found:
            return ABSENT
        found = found[part]
    return found


def nest(given: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys as nested dicts."""
    nested: dict[str, Any] = {}
    for key, value in given.items():
        head, _, rest = key.partition(".")
        if rest:
            nested.setdefault(head, {})[rest] = value
        else:
            nested[key] = [*value] if isinstance(value, list) else value
    return nested


@cache
def post_init_names(cls: type) -> tuple[frozenset[str], frozenset[str], dict[str, Any]]:
    """Attributes a class reads or sets in `__post_init__`, those it sets, and the further keys it takes with their defaults."""
    read: set[str] = set()
    assigned: set[str] = set()
    taken: dict[str, Any] = {}
    for parent in cls.__mro__:
        if parent is PreTrainedConfig:
            break
        function = parent.__dict__.get("__post_init__")
        if function is None:
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        for argument in tree.body[0].args.args[1:]:  # type: ignore[attr-defined]
            taken.setdefault(argument.arg, None)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
                read.add(node.attr)
                if isinstance(node.ctx, ast.Store):
                    assigned.add(node.attr)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "setattr"):
                if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                    read.add(str(node.args[1].value))
            elif isinstance(node, ast.Call) and _is_kwargs(getattr(node.func, "value", None)) and node.args:
                _take(node.args, taken)
            elif isinstance(node, ast.Subscript) and _is_kwargs(node.value) and isinstance(node.slice, ast.Constant):
                taken.setdefault(str(node.slice.value), None)
            elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant) and _is_kwargs(node.comparators[0]):
                taken.setdefault(str(node.left.value), None)
    return frozenset(read), frozenset(assigned), taken


def _is_kwargs(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "kwargs"


def _take(arguments: Sequence[ast.expr], taken: dict[str, Any]) -> None:
    if not isinstance(arguments[0], ast.Constant):
        return
    name = str(arguments[0].value)
    try:
        default = ast.literal_eval(arguments[1]) if len(arguments) > 1 else None
    except ValueError:
        default = None
    if taken.get(name) is None:
        taken[name] = default


def _field_default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


class Subject:
    """One config class with what was learnt about it."""

    def __init__(self, cls: type[PreTrainedConfig]) -> None:
        self.cls = cls
        self.fields = {f.name: f for f in dataclasses.fields(cls)}
        self.read, self.assigned, self.taken = post_init_names(cls)  # type: ignore[arg-type]
        self.legacy = {k: v for k, v in self.taken.items() if k not in self.fields and k not in cls.attribute_map}
        self.raw = {name: _field_default(f) for name, f in self.fields.items()}
        for name, value in list(self.raw.items()):
            if isinstance(value, property):
                del self.raw[name]
        self.base = self.build({})
        self.renames: dict[str, str] = {}
        self.witnesses: dict[str, list[Values]] = {}

    def build(self, given: Mapping[str, Any]) -> Values | None:
        """The values of the class built from `given`; None where it refuses."""
        try:
            return values_of(self.cls(**nest(given)))
        except Exception:
            return None

    def candidates(self, name: str) -> list[Any]:
        """Other values to try for an input."""
        if "." in name:
            current = lookup(self.base or {}, name)
            return [current * 2] if isinstance(current, int) and not isinstance(current, bool) else [not current]
        current = (self.base or {}).get(name, self.legacy.get(name))
        annotation = str(self.fields[name].type) if name in self.fields else ""
        special = SPECIAL.get(name)
        if special is not None:
            return [v for v in special if not equal(v, current)]
        if isinstance(current, bool):
            return [not current]
        if isinstance(current, int):
            return [current * 2, current + 1, current * 3] if current > 0 else [1, 2]
        if isinstance(current, float):
            return [current * 2, current * 4]
        if current is None:
            options: list[Any] = [True] if "bool" in annotation else []
            options += [2, 16] if "int" in annotation or name not in self.fields else []
            options += [0.5] if "float" in annotation else []
            return options
        if isinstance(current, list) and current and all(isinstance(v, int | float | str) for v in current):
            return [[*current, current[0]], current[:-1]]
        return []

    def inputs(self) -> list[str]:
        """Every key that might be given and is not a sub-config, sub-config keys dotted."""
        own = sorted((set(self.fields) | set(self.legacy)) - NOISE - {"per_layer_config", "backbone_kwargs", "rope_scaling"})
        if "rope_parameters" in self.fields and "rope_theta" not in own:
            own.append("rope_theta")
        subs = [
            f"{key}.{name}"
            for key, value in sorted((self.base or {}).items())
            if isinstance(value, dict) and "__class__" in value and key in self.cls.sub_configs_defaults
            for name in SUB_KEYS
            if name in value and not isinstance(value[name], dict)
        ]
        return own + subs


SPECIAL: dict[str, list[Any]] = {
    "sliding_window_pattern": [2, 3, 4, 5],
    "max_window_layers": [2, 5, 11],
    "first_k_dense_replace": [0, 1, 2, 3, 5],
    "moe_layer_freq": [1, 2, 3],
    "global_attn_every_n_layers": [2, 3, 4, 5],
    "full_attention_interval": [2, 3, 4, 5],
    "layer_group_size": [2, 3, 4],
    "index_topk_freq": [1, 2, 3, 4],
    "index_skip_topk_offset": [1, 2, 3, 4],
    "no_rope_layer_interval": [2, 3, 4, 5],
    "interleave_moe_layer_step": [1, 2, 3],
    "num_hash_layers": [0, 1, 2, 4],
    "dense_mlp_idx": [0, 1, 2, 3],
    "prefix_dense_sliding_window_pattern": [1, 2, 3],
    "attn_layer_period": [2, 3, 4, 6],
    "attn_layer_offset": [0, 1, 2, 3],
    "expert_layer_period": [1, 2, 3],
    "expert_layer_offset": [0, 1],
    "full_attn_idxs": [[0], [1, 3], [2]],
    "attn_layer_indices": [[0], [1, 3], [2]],
    "local_layer_ids": [[0], [1, 3], [2]],
    "num_dense_layers": [0, 1, 2, 3],
    "mlp_only_layers": [[0], [1, 3]],
    "sliding_window": [16, 64, 512, None],
    "local_attention": [16, 64, 128],
    "use_bidirectional_attention": [True, False, "all", "vision", None],
    "num_first_full_attention_layers": [0, 1, 2],
    "num_last_full_attention_layers": [0, 1, 2],
}


def explore(subject: Subject) -> dict[str, set[str]]:
    """Key to the inputs it moves with, gates included; what was given when it moved stays with the subject."""
    base = subject.base
    assert base is not None
    moved: dict[str, set[str]] = {}
    inputs = subject.inputs()

    def note(context: Mapping[str, Any], names: Iterable[str]) -> None:
        reference = subject.build(context) if context else base
        if reference is None:
            return
        for name in names:
            if name in context:
                continue
            for value in subject.candidates(name):
                built = subject.build({**context, name: value})
                if built is None:
                    continue
                for key in differing(reference, built):
                    if key == name or key.startswith(f"{name}."):
                        continue
                    found = moved.setdefault(key, set())
                    subject.witnesses.setdefault(key, []).append({**context, name: value})
                    if name not in found:
                        found.add(name)
                        found.update(context)

    note({}, inputs)
    involved = [name for name in inputs if name in subject.read or name in subject.legacy]
    for gate in involved:
        current = base.get(gate, subject.legacy.get(gate))
        if isinstance(current, bool) or current is None or gate in SPECIAL:
            for value in subject.candidates(gate)[:3]:
                note({gate: value}, involved)
    return moved


def find_renames(subject: Subject, moved: dict[str, set[str]]) -> None:
    """Legacy keys that are another spelling of a field and overwrite it."""
    assert subject.base is not None
    for name in subject.legacy:
        for key in sorted(k for k, sources in moved.items() if name in sources and k in subject.fields):
            trials = [v for v in (3, 5, True, False, 0.25, "x") if not equal(v, subject.base.get(key))]
            agreed = 0
            for value in trials:
                built = subject.build({name: value})
                if built is None or (type(value) is not type(subject.base.get(key)) and subject.base.get(key) is not None):
                    continue
                if not equal(built.get(key), value):
                    agreed = -99
                agreed += 1
            if agreed > 0:
                subject.renames[name] = key
                break


def sample(subject: Subject, sources: Sequence[str], extra: Sequence[str] = ()) -> list[tuple[Values, Values]]:
    """Pairs of what was given and what was built, over joint changes of the sources; the plain build first."""
    rng = random.Random(",".join(sorted(sources)))
    pairs: list[tuple[Values, Values]] = [({}, subject.base or {})]
    pools = {name: subject.candidates(name) for name in (*sources, *extra)}
    for name in extra:
        if isinstance((subject.base or {}).get(name), bool):
            pools[name] = [True, False]
    for name in ("num_hidden_layers", "num_nextn_predict_layers", "n_layers", "num_layers", "n_layer"):
        if name in pools:
            pools[name] = list(DEPTHS) + pools[name]
    seen: set[str] = set()
    depths = list(DEPTHS)
    for attempt in range(SAMPLES * 4):
        if len(pairs) > SAMPLES:
            break
        given: Values = {}
        for name in sources:
            if pools[name] and rng.random() < 0.75:
                given[name] = rng.choice(pools[name])
        if attempt < len(depths) * 2 and "num_hidden_layers" in pools:
            given["num_hidden_layers"] = depths[attempt % len(depths)]
        for name in extra:
            if pools[name]:
                given[name] = rng.choice(pools[name])
        mark = repr(sorted(given.items(), key=lambda item: item[0]))
        if mark in seen:
            continue
        seen.add(mark)
        built = subject.build(given)
        if built is not None:
            pairs.append((given, built))
    return pairs


def argument(subject: Subject, name: str, given: Values, built: Values) -> Any:
    """What a rule sees for one of its keys."""
    if name in given and name in subject.legacy:
        return given[name]
    value = lookup(built, name)
    if value is ABSENT:
        return given.get(name, subject.legacy.get(name))
    return value


def predict(rule: Rule, arguments: Sequence[Any]) -> Any:
    """What a rule gives; ABSENT where it cannot."""
    constants = {k: v for k, v in rule.items() if k not in ("fn", "of", "null_too")}
    try:
        return COMPUTED[rule["fn"]](*arguments, **constants)
    except (TypeError, ZeroDivisionError, IndexError, ValueError, KeyError):
        return ABSENT


Table = list[tuple[dict[str, Any], Any]]


def fits(rule: Rule, table: Table) -> bool:
    """Whether a rule predicts every row."""
    return all(equal(predict(rule, [row[name] for name in rule["of"]]), wanted) for row, wanted in table)


def search(sources: Sequence[str], table: Table, own: str | None = None) -> Rule | None:
    """The simplest rule over the sources that predicts every row; `own` must be among its keys."""
    for rule in proposals(sources, table):
        if (own is None or own in rule["of"] or rule["of"] == []) and fits(rule, table):
            return rule
    return None


def proposals(sources: Sequence[str], table: Table) -> Iterator[Rule]:
    """Rules worth trying, simplest first."""
    targets = [wanted for _, wanted in table]
    if all(equal(t, targets[0]) for t in targets):
        yield {"fn": "constant", "of": [], "value": targets[0]}
    if all(isinstance(t, list) for t in targets):
        yield from list_proposals(sources, table)
    else:
        yield from scalar_proposals(sources, table)


def scalar_proposals(sources: Sequence[str], table: Table) -> Iterator[Rule]:
    """Rules for numbers, flags and whatever is kept or dropped."""
    for a in sources:
        yield {"fn": "same", "of": [a]}
        yield {"fn": "length", "of": [a]}
    numbers = [s for s in sources if all(isinstance(r[s], int | float) and not isinstance(r[s], bool) for r, _ in table)]
    if all(isinstance(t, int | float) for _, t in table):
        for a in numbers:
            for times in (2, 3, 4, 6, 8, 16):
                yield {"fn": "multiple", "of": [a], "times": times}
            for add in (1, -1):
                yield {"fn": "plus", "of": [a], "add": add}
            yield {"fn": "ceil_quotient", "of": [a], "by": 16}
            for by in (2, 3, 4, 64):
                yield {"fn": "share", "of": [a], "by": by}
            yield {"fn": "share", "of": [a], "times": 8, "by": 3}
            yield {"fn": "half_or", "of": [a], "otherwise": -1}
        for a, b in itertools.permutations(sources, 2):
            yield {"fn": "last_stage", "of": [a, b]}
        for a, b in itertools.permutations(numbers, 2):
            yield {"fn": "quotient", "of": [a, b]}
            yield {"fn": "share", "of": [a, b], "times": 2}
            yield {"fn": "share", "of": [a, b], "times": 3, "by": 4}
            yield {"fn": "truncated_product", "of": [a, b]}
        for a, b in itertools.combinations(numbers, 2):
            yield {"fn": "total", "of": [a, b]}
            yield {"fn": "product", "of": [a, b]}
        for a, b, c in itertools.permutations(numbers, 3):
            yield {"fn": "product_quotient", "of": [a, b, c]}
        for a, b, c in itertools.permutations(sources, 3):
            yield {"fn": "last_stage", "of": [a, b, c]}
    on = [t for row, t in table if isinstance(t, int) and not isinstance(t, bool)]
    for a, b, c in itertools.permutations(sources, 3):
        yield {"fn": "override_if", "of": [a, b, c]}
        yield {"fn": "either", "of": [a, b, c]}
    for a in sources:
        for times in (1, 4):
            yield {"fn": "summed", "of": [a]} if times == 1 else {"fn": "summed", "of": [a], "times": times}
    for a, b in itertools.permutations(sources, 2):
        yield {"fn": "plus_or", "of": [a, b], "add": 1}
        for value in sorted(set(on))[-3:]:
            yield {"fn": "replaced_if", "of": [a, b], "on": value}
    for a, b in itertools.permutations(sources, 2):
        yield {"fn": "any_of", "of": [a, b]}
        yield {"fn": "one_or", "of": [a, b]}
        for otherwise in (None, 0):
            rule = {"fn": "kept_if", "of": [a, b]}
            yield rule if otherwise is None else {**rule, "otherwise": otherwise}
        yield {"fn": "half_window_if", "of": [a, b]}
        yield {"fn": "half_window_if", "of": [a, b], "when": "all"}
    kept = [t for _, t in table if t is not None]
    for a in sources:
        for value in [v for i, v in enumerate(kept) if v not in kept[:i]][:3]:
            for otherwise in (None, 0):
                rule = {"fn": "kept_if", "of": [a], "value": value}
                yield rule if otherwise is None else {**rule, "otherwise": otherwise}


COUNTS = ("num_hidden_layers", "num_nextn_predict_layers", "num_layers", "n_layer", "n_layers", "num_mtp_layers")


def list_proposals(sources: Sequence[str], table: Table) -> Iterator[Rule]:
    """Rules for lists, most of them one entry a layer."""
    entries: list[Any] = []
    for _, wanted in table:
        for entry in wanted:
            if entry not in entries and len(entries) < 4:
                entries.append(entry)
    pairs = list(itertools.permutations(entries[:3], 2)) if len(entries) <= 3 else []
    for count in [s for s in sources if s in COUNTS]:
        others = [s for s in sources if s != count]
        yield from pattern_proposals(count, table)
        yield {"fn": "indices", "of": [count]}
        yield {"fn": "stage_names", "of": [count]}
        for a in others:
            yield {"fn": "repeated", "of": [count, a]}
            yield {"fn": "multiples", "of": [count, a]}
            for hit, miss in pairs or ([(entries[0], entries[0])] if len(entries) == 1 else []):
                for offset in (1, 0):
                    yield {"fn": "every_nth", "of": [count, a], "hit": hit, "miss": miss, "offset": offset}
                    yield {"fn": "every_nth", "of": [count, a], "hit": hit, "miss": miss, "offset": offset, "last": hit}
                yield {"fn": "windowed", "of": [count, a], "hit": hit, "miss": miss}
                yield {"fn": "at", "of": [count, a], "hit": hit, "miss": miss}
                base_list = table[0][1]
                for size in (1, 4, 6):
                    if len(base_list) >= size:
                        yield {"fn": "at", "of": [count, a], "hit": hit, "miss": miss, "cycle": base_list[:size]}
                yield {"fn": "first_k", "of": [count, a], "head": hit, "rest": miss}
        for a, b in itertools.permutations(others, 2):
            for hit, miss in pairs:
                yield {"fn": "first_k_every", "of": [count, a, b], "head": hit, "rest": miss}
                yield {"fn": "window_from", "of": [count, a, b], "hit": hit, "miss": miss}
                yield {"fn": "window_from_if", "of": [count, a, b], "hit": hit, "miss": miss}
                yield {"fn": "every_nth_if", "of": [count, a, b], "hit": hit, "miss": miss}
                yield {"fn": "skip_pattern", "of": [count, a, b], "hit": hit, "miss": miss}
                yield {"fn": "every_from", "of": [count, a, b], "hit": hit, "miss": miss}
                head = table[0][1][:3]
                yield {"fn": "every_after", "of": [count, a, b], "head": head, "hit": hit, "miss": miss}
        for abc in itertools.permutations(others, 3):
            yield {"fn": "experts_at", "of": [count, *abc]}
            for hit, miss in pairs:
                yield {"fn": "every_nth_in_two", "of": [count, *abc], "hit": hit, "miss": miss}
                yield {"fn": "windowed_where", "of": [count, *abc], "hit": hit, "miss": miss}
    for a in sources:
        yield {"fn": "same", "of": [a]}
        yield {"fn": "stage_names_of", "of": [a]}
        for on, off in pairs:
            yield {"fn": "chosen", "of": [a], "on": on, "off": off}


def pattern_proposals(count: str, table: Table) -> Iterator[Rule]:
    """Fixed patterns of a count alone, shortest first, read off the longest list seen."""
    by_length = {len(wanted): wanted for row, wanted in table if row[count] == len(wanted)}
    if len(by_length) < 4:
        return
    longest = by_length[max(by_length)]
    sizes = sorted(itertools.product(range(5), range(1, 13), range(3)), key=lambda s: (sum(s), s))
    for head, cycle, tail in sizes:
        if head + cycle + tail > len(longest):
            continue
        rule: Rule = {"fn": "pattern", "of": [count], "cycle": longest[head : head + cycle]}
        if head:
            rule["head"] = longest[:head]
        if tail:
            rule["tail"] = longest[len(longest) - tail :]
        yield rule
        if not head and not tail and cycle > 1:
            yield {**rule, "ensure": longest[cycle - 1]}
        if not head and not tail:
            yield {"fn": "pattern", "of": [count], "cycle": longest[::-1][:cycle], "from_end": True}


def table_of(subject: Subject, key: str, sources: Sequence[str], pairs: Iterable[tuple[Values, Values]]) -> Table:
    """Rows of arguments with the value of `key`."""
    rows: Table = []
    for given, built in pairs:
        wanted = lookup(built, key)
        if key.startswith("@"):
            kind, _, field = key[1:].partition(".")
            if kind not in built.get("layer_types", ()):
                continue
            wanted = lookup(built, field) if wanted is ABSENT else wanted
        row = {name: argument(subject, name, given, built) for name in sources}
        rows.append((row, None if wanted is ABSENT else wanted))
    return rows


def computed_rule(subject: Subject, key: str, sources: Sequence[str]) -> Rule:
    """The rule for a key that moves; `fn` null where none fits."""
    pairs = sample(subject, sources)
    for given in subject.witnesses.get(key, ()):
        if all(name in sources for name in given):
            pairs.append((given, subject.build(given) or {}))
    table = table_of(subject, key, sources, pairs)
    rule = search(sources, table)
    if rule is not None and rule["fn"] != "constant":
        return rule
    for name in sources:
        if name in subject.legacy and subject.legacy[name] is None:
            for value in range(8):
                filled = [({**row, name: value if row[name] is None else row[name]}, wanted) for row, wanted in table]
                rule = search(sources, filled)
                if rule is not None and rule["fn"] != "constant":
                    subject.legacy[name] = value
                    return rule
    return {"fn": None, "of": list(sources)}


def is_null_too(subject: Subject, key: str, pairs: Sequence[tuple[Values, Values]]) -> bool:
    """Whether a stated null has the same effect as leaving the key out."""
    tried = 0
    for given, built in pairs[:12]:
        stated = subject.build({**given, key: None})
        if stated is None:
            continue
        if not equal(lookup(stated, key), lookup(built, key)):
            return False
        tried += 1
    return tried > 0


def forced_rule(subject: Subject, key: str, sources: Sequence[str], computed: Rule | None) -> Rule | None:
    """The rule by which the class replaces a declared value; None where it keeps it."""
    pools = subject.candidates(key)
    base = subject.base or {}
    if not pools and base.get(key) is None:
        pools = [7]
    replaced = False
    for value in pools:
        built = subject.build({key: value})
        replaced = replaced or (built is not None and not equal(lookup(built, key), value))
    rows: Table = []
    for given, built in sample(subject, sources, extra=(key,)) if pools else []:
        if key not in given or given[key] is None:
            continue
        row = {name: argument(subject, name, given, built) for name in sources}
        row[key] = given[key]
        wanted = lookup(built, key)
        replaced = replaced or not equal(wanted, given[key])
        rows.append((row, wanted))
    if not replaced or (len(rows) < 2 and sources):
        return None
    if all(equal(row[key], wanted) for row, wanted in rows):
        return None
    if computed is not None and computed["fn"] is not None and fits(computed, rows):
        return {k: v for k, v in computed.items() if k != "null_too"}
    return search([*sources, key], rows) or {"fn": None, "of": [*sources, key]}


def describe(cls: type[PreTrainedConfig], name: str) -> dict[str, Any]:
    """The table entry of one config class."""
    subject = Subject(cls)
    entry: dict[str, Any] = {"class": cls.__name__}
    aliases = dict(cls.attribute_map)
    if subject.base is None:
        subject.base = {k: plain(v) for k, v in subject.raw.items() if not k.startswith("_") and k not in NOISE}
        entry["unbuildable"] = True
        moved: dict[str, set[str]] = {}
    else:
        for key in [k for k in subject.base if k.startswith("@")]:
            prefixed = "swa_" + key.partition(".")[2]
            given = subject.build({prefixed: subject.base[key] * 2 if isinstance(subject.base[key], int) else None})
            if given is not None and not equal(given.get(key), subject.base[key]):
                subject.legacy.setdefault(prefixed, subject.base[key])
        moved = explore(subject)
        find_renames(subject, moved)
    base = subject.base
    subs = {key: value["__class__"] for key, value in base.items() if isinstance(value, dict) and "__class__" in value}
    literal: Values = {}
    for key, value in base.items():
        if key in subs or key.startswith("@") or key == "dtype":
            continue
        literal[key] = value
    computed: dict[str, Rule] = {}
    forced: dict[str, Rule] = {}
    per_kind: dict[str, dict[str, Rule]] = {}
    placeholders: Values = {}
    for key, value in base.items():
        if key.startswith("@"):
            kind, _, field = key[1:].partition(".")
            per_kind.setdefault(kind, {})[field] = {"fn": "constant", "of": [], "value": value}
    for key in sorted(moved):
        head = key.partition(".")[0]
        sources = sorted(
            s for s in moved[key] if s not in subject.renames and s not in aliases and not ("." in s and s.partition(".")[0] == head)
        )
        if not sources or not wanted_key(key, subject, subs):
            continue
        if key.startswith("@") and key.partition(".")[2] in base:
            sources = sorted({*sources, key.partition(".")[2]})
        rule = computed_rule(subject, key, sources)
        if rule["fn"] is None and only_when_given(subject, key, sources):
            continue
        if key.startswith("@"):
            kind, _, field = key[1:].partition(".")
            per_kind.setdefault(kind, {})[field] = rule
            continue
        if key == "rope_parameters" and rule["fn"] is None:
            continue
        computed[key] = rule
        literal.pop(key, None)
        if key in subject.fields:
            pairs = sample(subject, sources)
            if is_null_too(subject, key, pairs):
                rule["null_too"] = True
            raw = subject.raw.get(key)
            stands_out = raw is not None and not isinstance(raw, dict) and not equal(plain(raw), base.get(key))
            if stands_out and is_placeholder(subject, key, raw, pairs):
                placeholders[key] = raw
    settable = {k for k in READ_PROPERTIES if getattr(getattr(cls, k, None), "fset", None) is not None}
    for key in sorted(((set(subject.assigned) | set(computed)) & set(subject.fields)) | (settable & set(computed))):
        if key in subs or key.startswith(("@", "_")) or "." in key or key in NOISE or "unbuildable" in entry:
            continue
        if key == "rope_parameters" or isinstance(base.get(key), dict):
            continue
        sources = sorted(s for s in moved.get(key, ()) if s not in aliases and s not in subject.renames)
        rule_or_none = forced_rule(subject, key, sources, computed.get(key))
        if rule_or_none is not None:
            forced[key] = rule_or_none
            settle_gated(subject, key, rule_or_none, computed, literal)
    for key, value in subject.legacy.items():
        if key not in subject.renames and value is not None and key not in literal and isinstance(value, int | float | str):
            literal[key] = value
    for key in [k for k, rule in computed.items() if "." in k and rule["fn"] is None]:
        del computed[key]
    entry["literal"] = dict(sorted(literal.items()))
    entry["computed"] = dict(sorted(computed.items()))
    entry["forced"] = dict(sorted(forced.items()))
    entry["aliases"] = dict(sorted({**subject.renames, **aliases}.items()))
    entry["placeholders"] = placeholders
    entry["per_kind"] = per_kind
    entry["legacy"] = sorted(k for k in subject.legacy if k not in subject.renames and k not in literal)
    if "rope_parameters" in base:
        entry["rope_theta"] = plain(cls.default_theta)
        entry["legacy"] = sorted({*entry["legacy"], *(k for k in ROPE_KNOWN if k not in literal)})
    entry.update(sub_entries(subject, subs))
    cleaned: dict[str, Any] = without_classes(entry)
    return cleaned


def without_classes(value: Any) -> Any:
    """The same without the marks of config objects."""
    if isinstance(value, dict):
        return {k: without_classes(v) for k, v in value.items() if k != "__class__"}
    if isinstance(value, list):
        return [without_classes(v) for v in value]
    return value


def only_when_given(subject: Subject, key: str, sources: Sequence[str]) -> bool:
    """Whether a field keeps its own default unless a key under another name is given."""
    return key in subject.fields and all(s in subject.legacy and subject.legacy[s] is None for s in sources)


def settle_gated(subject: Subject, key: str, rule: Rule, computed: dict[str, Rule], literal: Values) -> None:
    """Where a forced rule is of the key itself, its own default is the class's raw one, and what results is computed."""
    raw = subject.raw.get(key)
    if key in rule["of"] and rule["fn"] is not None and raw is not None:
        if rule["fn"] == "kept_if" and rule["of"][-1] == key and key in computed:
            computed[key] = {
                "fn": "kept_if",
                "of": rule["of"][:1],
                "value": plain(raw),
                **({"otherwise": rule["otherwise"]} if "otherwise" in rule else {}),
            }
            literal.pop(key, None)
        elif key not in computed or computed[key]["fn"] is None:
            computed.pop(key, None)
            literal[key] = plain(raw)


def wanted_key(key: str, subject: Subject, subs: Mapping[str, type]) -> bool:
    """Whether a moving key is one a config may state or a model reads."""
    if key in NOISE or key.startswith("_") or key in subject.legacy:
        return False
    head = key.partition(".")[0]
    if head in subs or ("." in key and not key.startswith("@")):
        return not key.endswith("__class__") and head != "backbone_config" and key.count(".") == 1
    return key not in ("backbone_config", "timm_kwargs")


def is_placeholder(subject: Subject, key: str, raw: Any, pairs: Sequence[tuple[Values, Values]]) -> bool:
    """Whether stating the raw default has the same effect as leaving the key out."""
    for given, built in pairs[:8]:
        stated = subject.build({**given, key: raw})
        if stated is not None and not equal(lookup(stated, key), lookup(built, key)):
            return False
    return True


def sub_entries(subject: Subject, subs: Mapping[str, Any]) -> dict[str, Any]:
    """Sub-configs: whose defaults they have, and what the composite changes in them."""
    names: dict[str, str] = {}
    absent: dict[str, Values] = {}
    given: dict[str, Values] = {}
    for key, cls in sorted(subs.items()):
        names[key] = table_name(cls)
        own = cls_values(cls)
        if own is None:
            continue
        composed = (subject.base or {})[key]
        changed = changes(own, composed)
        if changed:
            absent[key] = {**changed, **kept_beside(cls, changed, composed)}
        built = subject.build({key: {"model_type": cls.model_type}} if cls.model_type else {key: {}})
        if built is not None and isinstance(built.get(key), dict) and built[key].get("__class__") is cls:
            kept = {k: v for k, v in changes(own, built[key]).items() if k not in ("model_type", "attn_implementation")}
            if kept:
                given[key] = kept
    for key, spec in subject.cls.sub_configs_defaults.items():
        its_type = getattr(spec, "model_type", None)
        if key not in names and its_type in CONFIG_MAPPING:
            names[key] = str(its_type)
    return {"sub": names, "sub_absent": absent, "sub_given": given}


def kept_beside(cls: type[PreTrainedConfig], changed: Values, composed: Values) -> Values:
    """What a composite states beside its changes, although it is the class's own value: the class computes another from those."""
    try:
        alone = values_of(cls(**{key: value for key, value in changed.items() if key != "model_type"}))
    except Exception:
        return {}
    return {key: value for key, value in changes(alone, composed).items() if key not in changed}


def changes(own: Values, built: Values) -> Values:
    """The keys of a sub-config whose values differ from its class's own."""
    found: Values = {}
    for key, value in built.items():
        if key == "__class__" or key.startswith("@") or equal(own.get(key, ABSENT), value):
            continue
        if isinstance(value, dict) and "__class__" in value:
            inner = own.get(key)
            if isinstance(inner, dict) and inner.get("__class__") is value["__class__"]:
                deeper = changes(inner, value)
                if deeper:
                    found[key] = deeper
            else:
                fresh = cls_values(value["__class__"])
                found[key] = {
                    **({"model_type": value["__class__"].model_type} if value["__class__"].model_type else {}),
                    **(changes(fresh, value) if fresh else {}),
                }
            continue
        found[key] = value
    return found


@cache
def cls_values(cls: type[PreTrainedConfig]) -> Values | None:
    """The values of a class built without arguments."""
    try:
        return values_of(cls())
    except Exception:
        return None


def table_name(cls: type[PreTrainedConfig]) -> str:
    """The model type of a class, or its name where the type belongs to another class or to none."""
    model_type: str = cls.model_type
    if model_type in CONFIG_MAPPING and CONFIG_MAPPING[model_type] is cls:
        return model_type
    return cls.__name__


def describe_type(model_type: str) -> tuple[str, dict[str, Any], list[type]]:
    """A type's entry, and the sub-config classes it has that are no type of their own."""
    cls = CONFIG_MAPPING[model_type]
    entry = describe(cls, model_type)
    values = cls_values(cls) or {}
    return model_type, entry, [c for c in sub_classes(values) if table_name(c) not in CONFIG_MAPPING]


def sub_classes(values: Values) -> list[type]:
    """The config classes below."""
    found: list[type] = []
    for value in values.values():
        if isinstance(value, dict) and "__class__" in value:
            found += [value["__class__"], *sub_classes(value)]
    return found


KINDS = (
    ("causal_lm", "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES"),
    ("seq2seq_lm", "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES"),
    ("masked_lm", "MODEL_FOR_MASKED_LM_MAPPING_NAMES"),
    ("image_text_to_text", "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES"),
    ("multimodal_lm", "MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES"),
    ("speech_seq2seq", "MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES"),
    ("text_to_waveform", "MODEL_FOR_TEXT_TO_WAVEFORM_MAPPING_NAMES"),
    ("text_to_spectrogram", "MODEL_FOR_TEXT_TO_SPECTROGRAM_MAPPING_NAMES"),
)


def architectures() -> dict[str, list[str]]:
    """Class name to model type and kind. A class in several mappings has the kind that comes first in `KINDS`."""
    named = {name for _, name in KINDS}
    rest = sorted(
        name for name in vars(modeling_auto) if name.startswith("MODEL_FOR_") and name.endswith("_MAPPING_NAMES") and name not in named
    )
    mappings = [
        *KINDS,
        *((name.removeprefix("MODEL_FOR_").removesuffix("_MAPPING_NAMES").lower(), name) for name in rest),
        ("base", "MODEL_MAPPING_NAMES"),
        ("pretraining", "MODEL_FOR_PRETRAINING_MAPPING_NAMES"),
    ]
    found: dict[str, list[str]] = {}
    for kind, name in mappings:
        for model_type, classes in getattr(modeling_auto, name, {}).items():
            for cls in (classes,) if isinstance(classes, str) else classes:
                if cls is None:
                    continue
                if cls not in found:
                    found[cls] = [model_type, kind]
                elif kind == found[cls][1] and better_type(cls, model_type, found[cls][0]):
                    found[cls][0] = model_type
    return dict(sorted(found.items()))


def better_type(cls: str, candidate: str, current: str) -> bool:
    """Whether a type's config class shares more of a model class's name than the current one's."""

    def shared(model_type: str) -> int:
        if model_type not in CONFIG_MAPPING:
            return -1
        pairs = zip(cls.lower(), CONFIG_MAPPING[model_type].__name__.lower(), strict=False)
        return len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))

    return shared(candidate) > shared(current)


def build_table() -> dict[str, Any]:
    """The whole table."""
    types: dict[str, Any] = {}
    more: dict[str, type] = {}
    with Pool(os.cpu_count()) as pool:
        for model_type, entry, classes in pool.imap(describe_type, list(CONFIG_MAPPING), chunksize=4):
            types[model_type] = entry
            more.update({table_name(c): c for c in classes})
    for name, cls in sorted(more.items()):
        types[name] = describe(cls, name)
    later = later_rules(dict(types))
    for name, rules in later.items():
        types[name]["later"] = rules
    base = {key: value for key, value in values_of(PreTrainedConfig()).items() if key not in ("dtype", "problem_type", "num_labels")}
    known = sorted({*BASE_KNOWN, *GenerationConfig._get_default_generation_params()})
    for entry in types.values():
        if not entry.pop("unbuildable", False):
            entry["literal"] = {k: v for k, v in entry["literal"].items() if k not in base or not equal(base[k], v)}
        entry["literal"].pop("problem_type", None)
        entry["literal"] = {k: v for k, v in entry["literal"].items() if k not in known}
        for key in [k for k, v in entry.items() if v in ({}, [], None)]:
            del entry[key]
    return {
        "release": f"transformers {transformers.__version__}",
        "base": base,
        "known": known,
        "types": dict(sorted(types.items())),
        "architectures": architectures(),
    }


def to_text(table: Mapping[str, Any]) -> str:
    """JSON with one line per type and class, keys in order: classes are explored through sets, whose order is no one's."""
    lines = ["{"]
    for key, value in table.items():
        comma = "" if key == list(table)[-1] else ","
        if key in ("types", "architectures"):
            rows = [f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'), allow_nan=False, sort_keys=True)}" for k, v in value.items()]
            lines += [f"{json.dumps(key)}:{{", ",\n".join(rows), "}" + comma]
        else:
            lines.append(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'), sort_keys=True)}{comma}")
    return "\n".join([*lines, "}", ""])


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What changed, a line each."""
    lines = [f"{part} changed" for part in ("release", "base", "known") if old.get(part) != new.get(part)]
    for part in ("types", "architectures"):
        before, after = old.get(part, {}), new[part]
        lines += [f"{part}: {name} removed" for name in before if name not in after]
        lines += [f"{part}: {name} added" for name in after if name not in before]
        for name in after:
            if name in before and before[name] != after[name]:
                lines.append(f"{part}: {name}: {changed_keys(before[name], after[name])}")
    return lines


def changed_keys(before: Any, after: Any) -> str:
    """Which keys of an entry differ."""
    if not isinstance(after, dict):
        return f"{before} -> {after}"
    found = []
    for section in sorted({*before, *after}):
        x, y = before.get(section, {}), after.get(section, {})
        if x != y:
            if isinstance(x, dict) and isinstance(y, dict):
                found += [f"{section}.{k}" for k in sorted({*x, *y}) if x.get(k, ABSENT) != y.get(k, ABSENT)]
            else:
                found.append(section)
    return ", ".join(found)


def main(arguments: Sequence[str]) -> int:
    """Exit status 1 under `--check` when the committed table is stale."""
    table = build_table()
    text = to_text(table)
    if "--check" not in arguments:
        TARGET.write_text(text)
        return 0
    committed = TARGET.read_text() if TARGET.exists() else "{}"
    if committed == text:
        print("defaults.json is up to date")
        return 0
    print("defaults.json is stale: run scripts/generate_defaults.py")
    print("\n".join(compare(json.loads(committed), json.loads(text))))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
