"""What a family returns, and the two shapes most of them share: a decoder stack and the head on top of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from itertools import zip_longest
from typing import Any, NamedTuple

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import MOST_LAYERS, Config
from specverify.frozen import Struct, frozen, replace
from specverify.num import Num
from specverify.spec import FeedForward, LayerGroup, Mixer, Modality, Part, Role, Weight

MixerOf = Callable[[Config, str], Mixer | tuple[Mixer, ...]]
FeedForwardOf = Callable[[Config, str], FeedForward | None]
NormsOf = Callable[[Config, str], tuple[Weight, ...]]


class Kinds(NamedTuple):
    """The kind of each layer in order, with the numbers that pattern was read off."""

    kinds: tuple[str, ...]
    rests_on: tuple[Num, ...] = ()


@frozen
class Recipe(Struct):
    """How the model is made, beside its sizes: what the class does that no key of the config says."""

    norm: str = "rms"
    norm_placement: str = "pre"
    position: str = "rope"
    objective: str = "causal"
    parallel: bool = False
    qk_norm: str | None = None
    balancing: str | None = None
    notes: tuple[tuple[str, str], ...] = ()


@frozen
class Model(Struct):
    """A shape-only model: its parts, the text config they were read from, and its recipe.

    `causal_mask` is `causal`, `bidirectional` or `prefix`. `lineage` is said beside the prototype where a family's
    name promises another one. `interface` is how other modalities enter; `image_mask` that image spans see each other.
    """

    parts: tuple[Part, ...]
    text: Config
    recipe: Recipe = field(default_factory=Recipe)
    mask: str = "causal"
    lineage: str | None = None
    interface: str | None = None
    image_mask: bool = False
    vision: Config | None = None
    tied: bool = False
    not_language: str | None = None


def depth_of(count: Num) -> int:
    """How many layers a count stands for: none where it is unknown, and no more than are plausible."""
    return min(int(count.value or 0), MOST_LAYERS)


LEGACY_KINDS = {"attention": "full_attention", "mamba": "linear_attention"}
"""Layer kinds as older configs spell them (transformers renames them on load)."""


def kinds(c: Config, count: Num, key: str = "layer_types", *, allowed: Sequence[str], beyond: Num | None = None) -> Kinds:
    """The kind of each of `count` layers by the config's list, or as its class computes it.

    A list that is too short leaves the layers it does not reach without a kind; a longer one is cut (some configs list
    the next-token-prediction layers too: `beyond` is how many of those the class allows for).
    """
    stated: list[str] | None = c.list(key, of=str)
    depth = depth_of(count)
    if stated is None:
        return Kinds(("",) * depth, (count,))
    found = [LEGACY_KINDS.get(kind, kind) for kind in stated]
    for index, kind in enumerate(found[:depth]):
        if kind not in allowed:
            c.problem("kind", f"{key}", f"entry {index} of `{key}` is `{kind}`, which its class does not have", kind)
            found[index] = ""
    if len(found) not in (depth, depth + depth_of(beyond or Num(0))) and key in c and count.value is not None:
        c.problem("length", key, f"`{key}` has {len(found)} entries for {depth} layers", len(found))
    found += [""] * (depth - len(found))
    return Kinds(tuple(found[:depth]), (count, *c.rests_on(key)))


def crossed(first: Kinds, *others: Kinds) -> Kinds:
    """Layers told apart by several patterns at once: a kind is the words of all, and unknown where one of them is."""
    names = tuple(" ".join(words) if all(words) else "" for words in zip(*(k.kinds for k in (first, *others)), strict=True))
    return Kinds(names, tuple(number for k in (first, *others) for number in k.rests_on))


def split_by(c: Config, layers: Kinds, key: str) -> tuple[Kinds, Callable[[str], tuple[str, Num]]]:
    """The kinds split by a size that `key` lists once a layer, and what tells a split kind's own kind and size.

    Layers whose kind or size is not known have none.
    """
    stated = c.list(key, of=int) or []
    if stated and len(stated) != len(layers.kinds) and layers.rests_on[0].value is not None:
        c.problem("length", key, f"`{key}` has {len(stated)} entries for {len(layers.kinds)} layers", len(stated))
    told = num.of(c.fact(key), *c.rests_on(key))
    found: dict[str, tuple[str, Num]] = {}
    names = []
    for kind, size in zip_longest(layers.kinds, stated[: len(layers.kinds)]):
        name = f"{kind} of {size}" if kind and size is not None and size > 0 else ""
        found[name] = (kind or "", num.counted(size, key, told) if name else num.unknown(f"`{key}` does not tell"))
        names.append(name)
    return Kinds(tuple(names), (*layers.rests_on, told)), lambda name: found.get(name) or ("", num.unknown(f"`{key}` does not tell"))


def every(
    c: Config, count: Num, is_sparse: Callable[[int], bool], *rests_on: Num | None, names: tuple[str, str] = ("dense", "sparse")
) -> Kinds:
    """`names[1]` for the layers that `is_sparse` picks, else `names[0]`; none is known where a number that decides is not."""
    known = tuple(number for number in rests_on if number is not None)
    depth = depth_of(count)
    if any(number.value is None for number in known):
        return Kinds(("",) * depth, (count, *known))
    return Kinds(tuple(names[is_sparse(index)] for index in range(depth)), (count, *known))


def layer_groups(
    c: Config,
    count: Num,
    *,
    mixer: MixerOf,
    feed_forward: FeedForwardOf,
    mixer_kinds: Kinds | None = None,
    feed_forward_kinds: Kinds | None = None,
    norms: NormsOf,
    first: int = 0,
) -> tuple[LayerGroup, ...]:
    """Equal layers put together. Layers differ by mixer kind, feed-forward kind and per-layer overrides.

    Layers nobody knows the number of are one group, so that what rests on them is unknown.
    """
    if count.value is not None and count.value > MOST_LAYERS:
        count = num.unknown(f"{count.value:,} layers are not plausible")
    overrides = c.overrides()
    if mixer_kinds is None and feed_forward_kinds is None and not overrides:
        return (_group(c, count, tuple(range(first, first + depth_of(count))), "", "", mixer, feed_forward, norms),)
    places: dict[tuple[str, str, str], list[int]] = {}
    for index in range(depth_of(count)):
        key = (_kind(mixer_kinds, index), _kind(feed_forward_kinds, index), repr(overrides.get(index, "")))
        places.setdefault(key, []).append(index)
    if not places and count.value is None:
        return (_group(c, count, (), "", "", mixer, feed_forward, norms),)
    rests_on = tuple(dict.fromkeys((count, *(n for k in (mixer_kinds, feed_forward_kinds) if k for n in k.rests_on))))
    groups = []
    for (mixer_kind, feed_forward_kind, override), indices in places.items():
        label = " ".join(part for part in dict.fromkeys((mixer_kind, feed_forward_kind, "layers")) if part)
        if override != repr(""):
            label = f"layers like layer {indices[0]}"
        size = count if len(places) == 1 else num.counted(len(indices), label, *rests_on)
        if (mixer_kinds is not None and not mixer_kind) or (feed_forward_kinds is not None and not feed_forward_kind):
            size = num.unknown(f"what kind {len(indices)} of the layers are is not stated")
        groups.append(
            _group(c.layer(indices[0]), size, tuple(first + i for i in indices), mixer_kind, feed_forward_kind, mixer, feed_forward, norms)
        )
    return tuple(groups)


def _group(
    c: Config,
    count: Num,
    indices: tuple[int, ...],
    mixer_kind: str,
    feed_forward_kind: str,
    mixer: MixerOf,
    feed_forward: FeedForwardOf,
    norms: NormsOf,
) -> LayerGroup:
    mixers = mixer(c, mixer_kind)
    return LayerGroup(
        count,
        indices,
        mixers if isinstance(mixers, tuple) else (mixers,),
        feed_forward(c, feed_forward_kind),
        norms(c, mixer_kind),
    )


def _kind(kinds: Kinds | None, index: int) -> str:
    return kinds.kinds[index] if kinds is not None and index < len(kinds.kinds) else ""


def layer_norms(*names: str, bias: bool = False, size: Num | None = None) -> NormsOf:
    """The norms every layer has, each as wide as the model."""

    def weights(c: Config, kind: str) -> tuple[Weight, ...]:
        width = size or c.int("hidden_size")
        return tuple(weight for name in names for weight in norm(name, width, bias=bias))

    return weights


PRE_NORM = layer_norms("input_layernorm", "post_attention_layernorm")


def decoder(
    c: Config,
    *,
    mixer: MixerOf,
    feed_forward: FeedForwardOf,
    mixer_kinds: Kinds | None = None,
    feed_forward_kinds: Kinds | None = None,
    norms: NormsOf = PRE_NORM,
    prefix: str = "model.",
    layers: str = "layers.{layer}.",
    count: Num | None = None,
    embedding: str = "embed_tokens",
    embedding_width: Num | None = None,
    embedding_rows: Num | None = None,
    final_norm: str | None = "norm",
    final_norm_bias: bool = False,
    head: str = "lm_head",
    head_bias: bool = False,
    token_head: str = "score",
    sequence_head: str = "score",
    answers: Num | None = None,
    tied: bool | None = None,
    extra: tuple[Weight, ...] = (),
    recipe: Recipe | None = None,
    more: tuple[Part, ...] = (),
    root: Config | None = None,
    **facts: Any,
) -> Model:
    """A causal decoder: embedding, layers, final norm, and the head of the class the config names.

    A bare model leaves out the first name in `prefix`: it is the module of that name. `root` counts a classifier's labels
    where the text config is not the document's root. `is_causal: false` lets every token see every other, in any class
    whose mask transformers 5 makes.
    """
    if head_kind(c.architecture) == "none":
        prefix = prefix.partition(".")[2]
    if "is_causal" in c and not c.flag("is_causal", True):
        facts["mask"] = "bidirectional"
    hidden, vocabulary = c.int("hidden_size"), c.int("vocab_size")
    table = Weight(f"{prefix}{embedding}.weight", (embedding_rows or vocabulary, embedding_width or hidden), Role.EMBEDDING)
    tied = c.flag("tie_word_embeddings") if tied is None else tied
    weights = [table, *(replace(weight, name=prefix + weight.name) for weight in extra)]
    if final_norm is not None:
        weights += [replace(w, name=prefix + w.name) for w in norm(final_norm, hidden, bias=final_norm_bias)]
    weights += head_of(
        c,
        table,
        head,
        vocabulary=vocabulary,
        tied=tied,
        bias=head_bias,
        token_head=token_head,
        sequence_head=sequence_head,
        answers=answers,
        root=root,
    )
    groups = layer_groups(
        c,
        count or c.layers(),
        mixer=mixer,
        feed_forward=feed_forward,
        mixer_kinds=mixer_kinds,
        feed_forward_kinds=feed_forward_kinds,
        norms=norms,
    )
    part = Part("decoder", "decoder", Modality.TEXT, tuple(weights), groups, layer_prefix=prefix + layers)
    return Model((part, *more), c, recipe or Recipe(), tied=tied, **facts)


def head_of(
    c: Config,
    table: Weight,
    name: str,
    *,
    tied: bool,
    vocabulary: Num | None = None,
    bias: bool = False,
    token_head: str = "score",
    sequence_head: str = "score",
    answers: Num | None = None,
    root: Config | None = None,
) -> list[Weight]:
    """The output head of the class the config names: a language model's, a classifier's, or none for a bare model.

    It reads what is as wide as the embedding `table`, and knows as many tokens unless a `vocabulary` is given. `answers`
    are the outputs for a question, where not start and end.
    """
    hidden = table.shape[1]
    kind = head_kind(c.architecture)
    if kind == "none":
        return []
    if kind == "answer":
        return list(linear("qa_outputs", hidden, answers or num.const(2, "start and end"), Role.HEAD, bias=True))
    if kind == "sequence":
        return list(linear(sequence_head, hidden, label_count(root or c), Role.HEAD))
    if kind == "token":
        return list(linear(token_head, hidden, label_count(root or c), Role.HEAD, bias=True))
    outputs = vocabulary or table.shape[0]
    weight = Weight(f"{name}.weight", (outputs, hidden), Role.HEAD, tied_to=table.name if tied else None)
    return [weight, Weight(f"{name}.bias", (outputs,), Role.HEAD)] if bias else [weight]


HEADS = {
    "ForSequenceClassification": "sequence",
    "RewardModel": "sequence",
    "ForTokenClassification": "token",
    "ForQuestionAnswering": "answer",
    "LMHeadModel": "language",
    "DoubleHeadsModel": "language",
    "Model": "none",
}
"""How the name of a class ends, and the head it has then."""


def head_kind(architecture: str | None) -> str:
    """`language`, `sequence`, `token`, `answer` or `none`, by the class name.

    A config that names no class is taken for the language model.
    """
    return next((kind for ending, kind in HEADS.items() if architecture and architecture.endswith(ending)), "language")


def label_count(c: Config) -> Num:
    """Number of classes: `num_labels`, else the entries of `id2label`, else transformers' default of 2."""
    labels = c.raw.get("id2label")
    c.mark("id2label")
    if isinstance(labels, dict) and labels:
        return num.const(len(labels), "num_labels")
    return c.optional("num_labels") or num.const(2, "num_labels (transformers' default)")
