"""Bytes of weights read to put tokens through a stack: what is outside the mixtures once, experts as the tokens choose them.

A lower bound: layers that share their tensors read them once, positions and buffers are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from specverify import num
from specverify.derive.experts import distinct
from specverify.derive.sharding import Ways, held_bytes, shares
from specverify.derive.weights import Stored
from specverify.num import Num
from specverify.spec import Attention, LayerGroup, ModelSpec, Role, Weight


class Mixture(NamedTuple):
    """Experts chosen together: `per_token` of `total`, which take `size` bytes of a GPU."""

    total: Num
    per_token: Num
    size: Num


class Touched(NamedTuple):
    """Bytes on one GPU: `whole` is read whatever the tokens, of `rows` each token reads one, of `mixtures` what tokens choose."""

    whole: Num
    rows: Num
    mixtures: tuple[Mixture, ...]

    def by(self, tokens: Num, routed: Num | None = None) -> Num:
        """Bytes read for `tokens` tokens; `routed` is how many the experts serve, where they serve other replicas too."""
        chosen = (
            mixture.size * distinct(mixture.total, mixture.per_token, tokens if routed is None else routed) / mixture.total
            for mixture in self.mixtures
        )
        rows = tokens * self.rows.named("embedding row bytes") if self.rows.value != 0 else num.const(0)
        return num.total((self.whole, rows, *chosen))

    def most(self) -> Num:
        """Bytes read once there are tokens for every expert; embedding rows left out."""
        return num.total((self.whole, *(mixture.size for mixture in self.mixtures)))


def touched(spec: ModelSpec, stored: Iterable[Stored], *, role: str, cut: Ways, dtype: str) -> Touched:
    """What the stack of that `role` reads on the fullest GPU of a tensor-parallel group, all pipeline stages together.

    A table that is the head too is read whole, any other by rows. The projections of an encoder's output run once a
    request and are left out, and so are experts of another modality.
    """
    heads = {weight.tied_to for part in spec.parts if part.role == role for weight in part.weights if weight.role is Role.HEAD}
    spent = {id(weight) for part in spec.parts for group in part.layers for weight in encoder_projections(group)}
    whole: list[Stored] = []
    rows: list[Num] = []
    chosen: dict[tuple[object, object], list[Stored]] = {}
    for entry in stored:
        weight = entry.weight
        is_head = weight.name in heads
        if (entry.part.role != role and not is_head) or weight.buffer or weight.role is Role.POSITION or id(weight) in spent:
            continue
        if weight.role is Role.EMBEDDING and weight.shape and not is_head:
            rows.append(entry.bytes_each / weight.shape[0])
        elif weight.copies is None or weight.active is None:
            whole.append(entry)
        elif not weight.first:
            chosen.setdefault((weight.copies.value, weight.active.value), []).append(entry)

    def on_a_gpu(entries: list[Stored]) -> Num:
        return held_bytes(shares(spec, entries, cut, dtype))

    mixtures = []
    for entries in chosen.values():
        first = entries[0].weight
        assert first.copies is not None
        assert first.active is not None
        mixtures.append(Mixture(first.copies, first.active, on_a_gpu(entries).named("bytes of all experts")))
    row = num.total(rows)
    return Touched(on_a_gpu(whole), row / cut.tensor if cut.tensor.value != 1 else row, tuple(mixtures))


def encoder_projections(group: LayerGroup) -> list[Weight]:
    """Weights of one layer that make keys and values of an encoder's output; all of cross-attention where they cannot be told apart."""
    found: list[Weight] = []
    for mixer in group.mixers:
        if isinstance(mixer, Attention) and mixer.cross:
            found += [weight for weight in mixer.weights if weight.shard == "key-value"] or mixer.weights
    return found
