"""How the published weights are stored: the dialects of `quantization_config` on one shape.

Layouts from the formats' own documents and loaders: GPTQ and AWQ checkpoints (AutoGPTQ, AutoAWQ), compressed-tensors,
ModelOpt, bitsandbytes, OCP microscaling (MXFP4), and block-scaled FP8 as DeepSeek-V3 publishes it (arXiv:2412.19437).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from specverify import num
from specverify.architectures.keys import Config
from specverify.facts import Fact, Reading, Source, Where, unknown
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Quantization, Scheme

KEYS = ("quantization_config", "compression_config")
IGNORE_KEYS = ("modules_to_not_convert", "ignored_layers", "ignore", "exclude_modules", "llm_int8_skip_modules")
SIDECARS = {"hf_quant_config.json": ("quantization", "modelopt"), "quantize_config.json": ("", "gptq"), "quant_config.json": ("", "awq")}
"""File to the key its table stands under (none: its root), and the method it is of."""
MOST_NAMES = 100_000
BITSANDBYTES_BLOCK = 64
NESTED_BLOCK = 256

EXPERTS = "expert_dtype"
"""What routed experts are stored in beside a table that is for the rest; DeepSeek-V4 has it beside `quantization_config`."""


class Table(NamedTuple):
    """A quantization table of a config, with its place, and the facts of the model it adds to."""

    raw: Mapping[str, Any]
    file: str
    pointer: str
    facts: dict[str, Fact]

    def fact(self, *keys: str, name: str) -> Fact:
        """The first of the keys that stands in the table; a second table of a config says it under its own pointer."""
        for key in keys:
            if self.raw.get(key) is not None:
                where = Where(self.file, f"{self.pointer}/{key}")
                return self.keep(Fact(name, (Reading(self.raw[key], Source.DECLARED, where),)))
        return self.keep(unknown(name, f"{self.pointer} states no `{keys[0]}`"))

    def keep(self, fact: Fact) -> Fact:
        """Record a fact under its name, or under name and place where another has the name."""
        if self.facts.setdefault(fact.name, fact) != fact:
            fact = Fact(f"{fact.name} of {self.pointer}", fact.readings, fact.reason)
            self.facts[fact.name] = fact
        return fact

    def size(self, *keys: str, name: str) -> Num:
        """A positive whole number of the table, traced; unknown where it is missing or something else."""
        fact = self.fact(*keys, name=name)
        value = fact.value
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31):
            fact = self.facts[fact.name] = Fact(fact.name, fact.readings, f"`{keys[0]}` should be a positive integer")
        return num.of(fact)


def quantization(c: Config, text: Config, sidecars: Sequence[tuple[str, Mapping[str, Any]]] = ()) -> Quantization | None:
    """How the weights are stored; None where the config declares nothing, and no file beside it does.

    `sidecars` are the quantization files engines read where config.json is silent, by name.
    """
    for config in dict.fromkeys((c, text)):
        for key in KEYS:
            raw = config.raw.get(key)
            if key in config.raw:
                config.read.add(config.at(key))
            if raw is None or raw == {}:
                continue
            if not isinstance(raw, Mapping):
                config.problem("type", key, f"`{key}` should be an object", raw)
                continue
            if EXPERTS in config.raw and EXPERTS not in raw:
                config.read.add(config.at(EXPERTS))
                raw = {**raw, EXPERTS: config.raw[EXPERTS]}
            return _read(Table(raw, config.file, config.at(key), c.facts))
    for file, root in sidecars:
        key, method = SIDECARS[file]
        raw = root.get(key) if key else root
        if isinstance(raw, Mapping) and raw:
            return _read(Table(raw, file, f"/{key}" if key else "", c.facts), by_file=method)
    return None


def _read(table: Table, by_file: str | None = None) -> Quantization:
    method = table.fact("quant_method", "quant_type", name="quant_method")
    raw = table.raw
    name = method.value if isinstance(method.value, str) else None
    if name is None:
        if "config_groups" in raw:
            name = "compressed-tensors"
        elif isinstance(raw.get("quant_algo"), str):
            name = "modelopt"
        elif raw.get("load_in_4bit") or raw.get("load_in_8bit"):
            name = "bitsandbytes"
        else:
            name = by_file
    dialect = DIALECTS.get(str(name).lower().replace("_", "-")) if name is not None else None
    schemes: tuple[Scheme, ...] = ()
    reason = None
    if dialect is None:
        reason = f"how quantization method {str(name)[:60]!r} stores its weights is not known"
    else:
        schemes = dialect.schemes(table)
        if not schemes:
            reason = f"what the {name} table says of bits and groups is not understood"
    if method.value is None and name is not None:
        by_keys = Reading(name, Source.DERIVED, Where(table.file, table.pointer), note="by the keys beside it, or the name of the file")
        method = table.facts[method.name] = Fact(method.name, (by_keys,))
    return Quantization(
        method,
        schemes,
        reason,
        table.fact("format", "fmt", "quant_algo", name="quantization_format"),
        _ignored(raw),
        dialect.head(raw) if dialect is not None else False,
        dialect.router if dialect is not None else False,
        _kv_cache(table),
    )


def _ignored(raw: Mapping[str, Any]) -> tuple[str, ...]:
    names: list[str] = []
    for key in IGNORE_KEYS:
        value = raw.get(key)
        if isinstance(value, list):
            names += [entry for entry in value[:MOST_NAMES] if isinstance(entry, str) and len(entry) <= 300]
    return tuple(names)


def _kv_cache(table: Table) -> Fact | None:
    for key in ("kv_cache_scheme", "kv_cache_quant_algo"):
        value = table.raw.get(key)
        if isinstance(value, Mapping) and value.get("num_bits") == 8:
            value = "fp8" if value.get("type") == "float" else "int8"
        if isinstance(value, str):
            where = Where(table.file, f"{table.pointer}/{key}")
            return table.keep(Fact("kv_cache_dtype", (Reading(value.lower(), Source.DECLARED, where),)))
    return None


def _fp8(table: Table) -> tuple[Scheme, ...]:
    block = table.raw.get("weight_block_size")
    eight = num.const(8)
    if block is None:
        return (Scheme("fp8 per tensor", eight, None, None, tensor_bits=32),)
    if isinstance(block, list) and len(block) == 2 and all(isinstance(n, int) and not isinstance(n, bool) and 0 < n < 2**31 for n in block):
        fact = table.fact("weight_block_size", name="weight_block_size")
        rows, columns = (Num(n, "fact", fact=fact) for n in block)
        own = Scheme("fp8 by block", eight, rows, columns, scale_bits=32)
        four = Scheme("fp4 by group", num.const(4), num.const(1), num.const(32), scale_bits=8, targets=("experts",))
        return (own, four) if table.raw.get(EXPERTS) == "fp4" else (own,)
    return ()


def _gptq(table: Table) -> tuple[Scheme, ...]:
    bits, group = table.size("bits", "w_bit", name="quantization_bits"), table.raw.get("group_size", table.raw.get("q_group_size"))
    along = None if group == -1 else table.size("group_size", "q_group_size", name="quantization_group_size")
    for key, name in (("sym", "quantization_symmetric"), ("desc_act", "quantization_act_order")):
        if isinstance(table.raw.get(key), bool):
            table.fact(key, name=name)
    return (Scheme("gptq", bits, num.const(1), along, scale_bits=16, zero_bits=_value(bits), row_bits=32),)


def _awq(table: Table) -> tuple[Scheme, ...]:
    bits = table.size("bits", "w_bit", name="quantization_bits")
    along = table.size("group_size", "q_group_size", name="quantization_group_size")
    return (Scheme("awq", bits, num.const(1), along, scale_bits=16, zero_bits=_value(bits)),)


def _mxfp4(table: Table) -> tuple[Scheme, ...]:
    return (Scheme("mxfp4", num.const(4), num.const(1), num.const(32), scale_bits=8),)


def _bitsandbytes(table: Table) -> tuple[Scheme, ...]:
    if table.raw.get("load_in_8bit") or table.raw.get("_load_in_8bit"):
        return (Scheme("int8 by row", num.const(8), num.const(1), None, scale_bits=32),)
    if not (table.raw.get("load_in_4bit") or table.raw.get("_load_in_4bit")):
        return ()
    kind = table.raw.get("bnb_4bit_quant_type", "fp4")
    block = num.const(BITSANDBYTES_BLOCK)
    if table.raw.get("bnb_4bit_use_double_quant"):
        # A byte a block, and an fp32 scale over 256 such bytes, as bits of one weight.
        bits = num.const(4) + num.const(8) / block + num.const(32) / (block * NESTED_BLOCK)
        return (Scheme(f"{kind} nested", bits, None, None),)
    return (Scheme(str(kind), num.const(4) + num.const(32) / block, None, None),)


def _modelopt(table: Table) -> tuple[Scheme, ...]:
    if "config_groups" in table.raw:
        return _groups(table)
    algorithm = str(table.raw.get("quant_algo") or "").upper()
    if algorithm == "FP8":
        return (Scheme("fp8 per tensor", num.const(8), None, None, tensor_bits=32),)
    if algorithm in ("NVFP4", "W4A16_NVFP4"):
        return (Scheme("nvfp4", num.const(4), num.const(1), num.const(16), scale_bits=8, tensor_bits=32),)
    return ()


def _groups(table: Table) -> tuple[Scheme, ...]:
    """compressed-tensors: one scheme for each entry of `config_groups`."""
    groups = table.raw.get("config_groups")
    if not isinstance(groups, Mapping) or not 0 < len(groups) <= 1000:
        return ()
    schemes = []
    for key, group in groups.items():
        weights = group.get("weights") if isinstance(group, Mapping) else None
        if not isinstance(weights, Mapping):
            return ()
        place = Table(weights, table.file, f"{table.pointer}/config_groups/{key}/weights", table.facts)
        scheme = _group(place, str(group.get("format") or table.raw.get("format") or ""))
        if scheme is None:
            return ()
        targets = group.get("targets")
        names = tuple(t for t in targets if isinstance(t, str) and t != "Linear") if isinstance(targets, list) else ()
        schemes.append(replace(scheme, targets=names))
    return tuple(schemes)


def _group(table: Table, layout: str) -> Scheme | None:
    bits = table.size("num_bits", name="quantization_bits")
    if bits.value not in (2, 3, 4, 6, 8):
        return None
    is_float = table.raw.get("type") == "float"
    group = table.raw.get("group_size")
    strategy = table.raw.get("strategy") or ("group" if isinstance(group, int) and group > 0 else "tensor")
    zero = 0 if table.raw.get("symmetric", True) or is_float else int(bits.value)
    name = f"{'fp' if is_float else 'int'}{bits.value}"
    along = table.size("group_size", name="quantization_group_size")
    if bits.value == 4 and is_float:
        microscaled = "mxfp4" in layout or group == 32
        return Scheme("mxfp4" if microscaled else "nvfp4", bits, num.const(1), along, scale_bits=8, tensor_bits=0 if microscaled else 32)
    if strategy == "block":
        block = table.raw.get("block_structure")
        if not (isinstance(block, list) and len(block) == 2 and all(isinstance(n, int) and 0 < n < 2**31 for n in block)):
            return None
        return Scheme(f"{name} by block", bits, num.const(block[0]), num.const(block[1]), scale_bits=32)
    if strategy in ("group", "tensor_group"):
        return Scheme(f"{name} by group", bits, num.const(1), along, scale_bits=16, zero_bits=zero)
    if strategy == "channel":
        return Scheme(f"{name} by channel", bits, num.const(1), None, scale_bits=16, zero_bits=zero)
    return Scheme(f"{name} per tensor", bits, None, None, tensor_bits=32) if strategy == "tensor" else None


def _fbgemm(table: Table) -> tuple[Scheme, ...]:
    return (Scheme("fp8 by channel", num.const(8), num.const(1), None, scale_bits=32),)


def _value(bits: Num) -> int:
    return int(bits.value) if isinstance(bits.value, int) else 0


def _never(raw: Mapping[str, Any]) -> bool:
    return False


def _if_asked(raw: Mapping[str, Any]) -> bool:
    return raw.get("lm_head") is True


def _unless_ignored(raw: Mapping[str, Any]) -> bool:
    return True


class Dialect(NamedTuple):
    """How one method is read, and whether it quantizes the head and the router of a mixture unless they are ignored."""

    schemes: Callable[[Table], tuple[Scheme, ...]]
    head: Callable[[Mapping[str, Any]], bool] = _never
    router: bool = False


DIALECTS: dict[str, Dialect] = {
    "fp8": Dialect(_fp8),
    "gptq": Dialect(_gptq, _if_asked),
    "awq": Dialect(_awq, _if_asked),
    "mxfp4": Dialect(_mxfp4),
    "bitsandbytes": Dialect(_bitsandbytes),
    "modelopt": Dialect(_modelopt, _unless_ignored, router=True),
    "modelopt-fp4": Dialect(_modelopt, _unless_ignored, router=True),
    "compressed-tensors": Dialect(_groups, _unless_ignored, router=True),
    "fbgemm-fp8": Dialect(_fbgemm),
}
