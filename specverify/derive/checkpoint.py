"""The tensors of a checkpoint against those the architecture has, and what each difference comes of."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from math import prod
from typing import NamedTuple

from specverify.derive.manifest import Entry, manifest, unlistable
from specverify.derive.stored_names import LEFT_OVER, stored
from specverify.derive.weights import NEXT_TOKEN_PREDICTION
from specverify.frozen import Struct, frozen
from specverify.num import Num
from specverify.spec import ModelSpec, Role, Tensor, Weight

LEAST_KNOWN = 0.6
"""The share of the expected names that must be there for the rest to mean something: below it, the layout is another one."""
_EXPERT = re.compile(r"(?<=experts\.)\d+(?=\.)")
_DRAFT = re.compile(r"(?:^|\.)(?:mtp|nextn|mtp_\w+|eh_proj|enorm|hnorm|shared_head)\.")
"""Tensors of next-token prediction, which a class may pass over and a config need not declare."""
_CONTAINER = re.compile(r"(.*?\.\d+\.[^.]+)\.|([^.]+)\.")


class Reshaped(NamedTuple):
    """A tensor with another shape than its architecture gives it."""

    tensor: Tensor
    shape: tuple[int, ...]
    weight: Weight

    @property
    def rests_on(self) -> tuple[Num, ...]:
        """The sizes that differ; all of them where the tensor has another number of dimensions."""
        if len(self.tensor.shape) != len(self.weight.shape):
            return self.weight.shape
        return tuple(size for size, there in zip(self.weight.shape, self.tensor.shape, strict=True) if size.value != there)

    @property
    def turned(self) -> bool:
        """Whether it is its own transpose."""
        return len(self.shape) == 2 and self.tensor.shape == self.shape[::-1]


class Count(NamedTuple):
    """A number of equal things that names count: `declared` says how many the config makes it, `there` how many there are."""

    declared: Num
    there: int
    example: str


@frozen
class Checkpoint(Struct):
    """What the comparison came to. `reason` says why there was none; `names_only` that no shape was known.

    `layers` and `experts` are counts that differ, whose tensors are in none of the lists; `mtp` says that no tensor of the
    next-token-prediction layers is there, `head` that the output head is not.
    """

    expected: int = 0
    missing: tuple[Entry, ...] = ()
    unexpected: tuple[str, ...] = ()
    reshaped: tuple[Reshaped, ...] = ()
    layers: Count | None = None
    experts: Count | None = None
    head: Entry | None = None
    mtp: tuple[Entry, ...] = ()
    names_only: bool = False
    reason: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)


def compare(spec: ModelSpec, tensors: Sequence[Tensor]) -> Checkpoint:
    """The tensors of the headers against the manifest."""
    if any(tensor.file.endswith(".gguf") for tensor in tensors):
        return Checkpoint(reason="a GGUF file names its tensors in a way of its own")
    return _compare(spec, {tensor.name: tensor for tensor in tensors}, {tensor.name: tensor.file for tensor in tensors})


def compare_names(spec: ModelSpec, weight_map: Mapping[str, str]) -> Checkpoint:
    """The names of an index, with the file each stands in, against the manifest."""
    return _compare(spec, {}, weight_map)


def _compare(spec: ModelSpec, tensors: Mapping[str, Tensor], files: Mapping[str, str]) -> Checkpoint:
    reason = unlistable(spec)
    if reason is not None:
        return Checkpoint(reason=reason)
    expected = {entry[0]: entry for entry in manifest(spec)}
    mtp = {entry[0] for entry in manifest(spec, only=NEXT_TOKEN_PREDICTION)}
    plain: dict[str, str] = {}
    packed: set[str] = set()
    sides: list[tuple[str, str]] = []
    for name in files:
        base, kind = stored(name)
        if kind == "side" and name not in expected:
            sides.append((base, name))
            continue
        plain[name if name in expected else base] = name
        if kind == "packed" and name not in expected:
            packed.add(base)
    required = [entry for name, entry in expected.items() if _is_required(entry[2]) and name not in mtp]
    renamed = _renamed(expected, plain, len(required))
    known = sum(renamed.get(entry[0], entry[0]) in plain for entry in required)
    if known < LEAST_KNOWN * len(required):
        return Checkpoint(reason=f"its layout is not the one known: {known:,} of {len(required):,} tensors have the names expected")
    missing = [entry for entry in required if renamed.get(entry[0], entry[0]) not in plain]
    back = {there: name for name, there in renamed.items()}
    more = [name for base, name in plain.items() if back.get(base, base) not in expected and not LEFT_OVER.search(base)]
    more += [name for base, name in sides if back.get(base, base) not in expected and base.removesuffix(".weight") not in expected]
    reshaped = [
        Reshaped(tensor, shape, weight)
        for name, shape, weight in expected.values()
        if (base := renamed.get(name, name)) in plain
        and base not in packed
        and (tensor := tensors.get(plain[base])) is not None
        and tensor.shape != shape
        and not _is_packed(tensor, spec)
    ]
    absent = [entry for name, entry in expected.items() if name in mtp and renamed.get(name, name) not in plain]
    found = _Differences(missing, more, reshaped, tensors)
    layers, experts = found.layers(spec, expected), found.experts(required)
    found.repacked(renamed)
    head = next((entry for entry in found.missing if entry[2].role is Role.HEAD), None)
    return Checkpoint(
        len(required),
        tuple(entry for entry in found.missing if head is None or entry[2].role is not Role.HEAD),
        tuple(found.more),
        tuple(found.reshaped),
        layers,
        experts,
        head,
        tuple(absent) if len(absent) == len(mtp) else (),
        not tensors,
        files=files,
    )


def _is_required(weight: Weight) -> bool:
    """Whether a checkpoint must hold a tensor: copies of others are left out of it, and most buffers are made anew."""
    return weight.tied_to is None and (not weight.buffer or weight.role is Role.ROUTER)


def _is_packed(tensor: Tensor, spec: ModelSpec) -> bool:
    """Whether the shape is that of packed integers, under the plain name of the weight (bitsandbytes, NVFP4)."""
    return spec.quantization is not None and tensor.dtype in ("U8", "I8", "I32", "U32", "F4")


def _renamed(expected: Iterable[str], plain: Iterable[str], required: int) -> dict[str, str]:
    """Expected names to those in the files, where all of them have a first word more or less: a body without its head."""
    names, there = list(expected), set(plain)
    if sum(name in there for name in names) >= LEAST_KNOWN * required:
        return {}
    first = Counter(name.partition(".")[0] for name in names).most_common(1)[0][0] + "."
    theirs = Counter(name.partition(".")[0] for name in there).most_common(1)
    shorter = {name: name.removeprefix(first) for name in names if name.startswith(first)}
    options = [shorter]
    if theirs:
        longer = theirs[0][0] + "."
        options += [{name: longer + name for name in names}, {name: longer + name.removeprefix(first) for name in names}]
    best = max(options, key=lambda option: sum(option.get(name, name) in there for name in names))
    return best if sum(best.get(name, name) in there for name in names) > sum(name in there for name in names) else {}


class _Differences:
    """Missing, further and reshaped tensors, from which those are taken away that one cause explains."""

    def __init__(self, missing: list[Entry], more: list[str], reshaped: list[Reshaped], tensors: Mapping[str, Tensor]) -> None:
        self.missing, self.more, self.reshaped, self.tensors = missing, more, reshaped, tensors

    def layers(self, spec: ModelSpec, expected: Iterable[str]) -> Count | None:
        """Whole layers of the text model that are not there, or are more than the config makes it."""
        part = spec.decoder() or spec.encoder()
        if part is None or not part.layers or any(group.prefix is not None for group in part.layers):
            return None
        declared = spec.fact("num_hidden_layers")
        before, _, behind = part.layer_prefix.partition("{layer}")
        total = sum(len(group.indices) for group in part.layers)
        each = [sum(1 for _ in group.weights()) for group in part.layers for _ in group.indices]
        gone = Counter(index for name, _, _ in self.missing if (index := _index_of(name, before, behind)) is not None)
        lost = {index for index, count in gone.items() if count >= each[0] // 2 and index >= min(gone)}
        known = {_index_of(name, before, behind) for name in expected}
        drafts = {_index_of(name, before, behind) for name in self.more if _DRAFT.search(name)} - {None}
        self.more = [name for name in self.more if not _DRAFT.search(name) and _index_of(name, before, behind) not in drafts]
        further = {index for name in self.more if (index := _index_of(name, before, behind)) is not None} - known - drafts
        whole = lost == set(range(total - len(lost), total)) if lost else False
        if not whole and not further:
            return None
        there = total - len(lost) if whole else total + len(further)
        example = next(name for name, _, _ in self.missing if _index_of(name, before, behind) in lost) if whole else ""
        if not whole:
            example = next(name for name in self.more if _index_of(name, before, behind) in further)
        self.missing = [entry for entry in self.missing if not whole or _index_of(entry[0], before, behind) not in lost]
        self.more = [name for name in self.more if _index_of(name, before, behind) not in further]
        return Count(Num(total, "fact", fact=declared), there, example)

    def experts(self, required: Sequence[Entry]) -> Count | None:
        """Another number of routed experts than the config says, by their names and by what is stacked or chosen among them."""
        routed = next((weight for _, _, weight in required if weight.role is Role.ROUTED_EXPERT and weight.copies is not None), None)
        if routed is None or routed.copies is None:
            return None
        declared, there = routed.copies, None
        numbers = [int(match.group()) for name in self.more if (match := _EXPERT.search(name))]
        lost = [int(match.group()) for name, _, _ in self.missing if (match := _EXPERT.search(name))]
        if numbers:
            there = max(numbers) + 1
        elif lost and set(lost) == set(range(min(lost), int(declared.value or 0))):
            there = min(lost)
        counts = Counter(
            size
            for one in self.reshaped
            for size, stated in zip(one.tensor.shape, one.shape, strict=False)
            if stated == declared.value and size != stated and one.weight.role in (Role.ROUTER, Role.ROUTED_EXPERT)
        )
        if there is None and counts:
            there = counts.most_common(1)[0][0]
        if there is None or there == declared.value:
            return None
        example = next((name for name in self.more if _EXPERT.search(name)), None)
        example = example or next((one.tensor.name for one in self.reshaped if one.weight.role in (Role.ROUTER, Role.ROUTED_EXPERT)), None)
        example = example or next(name for name, _, _ in self.missing if _EXPERT.search(name))
        self.more = [name for name in self.more if not _EXPERT.search(name)]
        self.missing = [entry for entry in self.missing if not ((match := _EXPERT.search(entry[0])) and int(match.group()) >= there)]
        self.reshaped = [one for one in self.reshaped if not _differs_in(one, int(declared.value or 0), there)]
        return Count(declared, there, example)

    def repacked(self, renamed: Mapping[str, str]) -> None:
        """Take away tensors of a module that hold together what others were expected to: `gate_up_proj` for two of a GLU.

        Where shapes are known, the elements must be the same; where there are names alone, fewer must stand for more.
        """
        here: defaultdict[str, list[Entry]] = defaultdict(list)
        there: defaultdict[str, list[str]] = defaultdict(list)
        for entry in self.missing:
            here[_container(renamed.get(entry[0], entry[0]))].append(entry)
        for name in self.more:
            there[_container(stored(name).name)].append(name)
        same = {module for module in here.keys() & there.keys() if self._holds_the_same(here[module], there[module])}
        self.missing = [entry for entry in self.missing if _container(renamed.get(entry[0], entry[0])) not in same]
        self.more = [name for name in self.more if _container(stored(name).name) not in same]

    def _holds_the_same(self, entries: Sequence[Entry], names: Sequence[str]) -> bool:
        if not self.tensors:
            return len(names) < len(entries)
        held = sum(prod(self.tensors[name].shape) for name in names if stored(name).kind == "plain")
        return held == sum(prod(shape) for _, shape, _ in entries) or any(stored(name).kind != "plain" for name in names)


def _differs_in(one: Reshaped, declared: int, there: int) -> bool:
    """Whether a shape differs by nothing but one count in the place of another."""
    return len(one.shape) == len(one.tensor.shape) and tuple(there if size == declared else size for size in one.shape) == one.tensor.shape


def _index_of(name: str, before: str, behind: str) -> int | None:
    """The index of the layer that a tensor is of."""
    rest = name.removeprefix(before) if before and name.startswith(before) else ""
    digits = rest.partition(behind or ".")[0]
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 6 else None


def _container(name: str) -> str:
    """The module of a layer that a tensor is in: `model.layers.3.mlp`; outside the layers, the first word."""
    found = _CONTAINER.match(name)
    return next((group for group in found.groups() if group), name) if found else name
