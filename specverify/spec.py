"""The one schema every model is put on: a plan of layers, the weights that make them, and what the config decides.

The spec is complete: two models with equal specs cost the same. Parameters, cache, FLOPs and shards are folds over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import StrEnum
from typing import Any

from specverify.facts import Fact
from specverify.frozen import Struct, frozen
from specverify.num import Num


class Role(StrEnum):
    """What a tensor is for; it decides how the tensor is counted, quantized and sharded."""

    EMBEDDING = "embedding"
    POSITION = "position embedding"
    ATTENTION = "attention"
    FEED_FORWARD = "feed-forward"
    ROUTER = "router"
    ROUTED_EXPERT = "routed expert"
    SHARED_EXPERT = "shared expert"
    NORM = "norm"
    STATE_SPACE = "state-space"
    TOWER = "tower"
    PROJECTOR = "projector"
    HEAD = "head"


class Modality(StrEnum):
    """Which input a part of the model serves."""

    TEXT = "text"
    VISION = "vision"
    AUDIO = "audio"


@frozen
class Tensor(Struct):
    """A tensor as a header states it: `shape` in elements, `dtype` in the file format's own name."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    file: str


@frozen
class Weight(Struct):
    """A tensor the architecture has, by its checkpoint name.

    `name` is relative to its owner and holds `{expert}` where there is one a copy, numbered from `first`. `copies` are stored per layer and
    `active` of them touched per token (None: one, and all). `joined` copies stand one below the other in a tensor without a
    dimension of their own. A `buffer` is stored but is no parameter. `tied_to` names
    the tensor this one is the same as: it is counted once, and checkpoints leave it out. `shard` says how tensor
    parallelism treats it where its role does not: `key-value` (by KV heads, at most that many ways), `fused` (queries by
    heads beside keys and values by KV heads), `replicated`.
    """

    name: str
    shape: tuple[Num, ...]
    role: Role
    copies: Num | None = None
    active: Num | None = None
    buffer: bool = False
    tied_to: str | None = None
    dtype: str | None = None
    shard: str | None = None
    joined: bool = False
    first: int = 0


@frozen
class State(Struct):
    """Fixed state of one layer and sequence: `shape` in elements; `dtype` None is the cache dtype.

    A convolution's `kernel` is counted apart from `shape`: what is kept of it (kernel - 1 columns, or all) is an
    engine's choice, and so is a dtype that only the class has: `declared` is the one that the config itself asks for.
    """

    name: str
    shape: tuple[Num, ...]
    kernel: Num | None = None
    dtype: str | None = None
    declared: str | None = None


@frozen
class Rows(Struct):
    """What attention keeps beside its keys and values: `width` elements for every `block` tokens (None: for each token).

    `pending` elements are kept of each token of a block that is not full yet, `last` of each token of the last full one
    (DeepSeek-V4). `dtype` None is the cache dtype.
    """

    width: Num
    block: Num | None = None
    pending: Num | None = None
    last: Num | None = None
    dtype: str | None = None


@frozen
class Attention(Struct):
    """Attention with keys and values: MHA, GQA or MQA by its counts.

    `window` caps the tokens a query sees (None: all), `window_kind` says how (`sliding`, `chunked`, or `masked`: a sliding
    one that the transformers class only masks, and caches past). `cached` is False where the layer reads another layer's
    keys and values, or keeps none. `cross` attends to an encoder's output. `spread`: the transformers class copies each KV
    head to all its queries before it caches them. `kept` are the elements kept of a token where they are not its keys and
    values, and `kept_tokens` of how many: XLNet keeps the layer's input. `prompt` counts learned tokens in front of every
    sequence, which are kept beside its own. Prompts longer than `hashed_from` are hashed (Reformer, arXiv:2001.04451), and
    transformers keeps the hashes. `rows` are compressed keys or those of an indexer. `kept_twice`: transformers keeps what is
    `kept` as keys and once more as values.
    """

    num_attention_heads: Num
    num_key_value_heads: Num
    head_dim: Num
    v_head_dim: Num
    weights: tuple[Weight, ...]
    window: Num | None = None
    window_kind: str | None = None
    causal: bool = True
    cross: bool = False
    cached: bool = True
    rotary: bool = True
    rotary_dim: Num | None = None
    spread: bool = False
    kept: Num | None = None
    kept_tokens: Num | None = None
    hashed_from: Num | None = None
    prompt: Num | None = None
    rows: tuple[Rows, ...] = ()
    kept_twice: bool = False


@frozen
class Latent(Struct):
    """Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434): one compressed latent and one rotary key a token.

    `cached` is False where the layer reads another layer's latents; the keys of an indexer are its own all the same. They are
    `rows` where they are kept otherwise than the latents.
    """

    num_attention_heads: Num
    kv_lora_rank: Num
    qk_nope_head_dim: Num
    qk_rope_head_dim: Num
    v_head_dim: Num
    q_lora_rank: Num | None
    weights: tuple[Weight, ...]
    window: Num | None = None
    index_head_dim: Num | None = None
    index_topk: Num | None = None
    cached: bool = True
    rows: tuple[Rows, ...] = ()


@frozen
class Recurrent(Struct):
    """A mixer with a state of fixed size instead of keys and values. `kind`: mamba, mamba2, gated-delta, rwkv, ..."""

    kind: str
    states: tuple[State, ...]
    weights: tuple[Weight, ...]


Mixer = Attention | Latent | Recurrent


@frozen
class Experts(Struct):
    """The routed part of a mixture: `total` experts, `per_token` chosen by a `router` (softmax, sigmoid, ...)."""

    total: Num
    per_token: Num
    intermediate_size: Num
    shared: Num | None = None
    router: str | None = None
    groups: Num | None = None
    groups_per_token: Num | None = None


@frozen
class FeedForward(Struct):
    """A feed-forward block. `gated` has three matrices (GLU), plain has two. `experts` makes it a mixture."""

    weights: tuple[Weight, ...]
    intermediate_size: Num
    gated: bool = True
    activation: str | None = None
    experts: Experts | None = None


@frozen
class LayerGroup(Struct):
    """Equal layers: `count` of them at `indices`, each with its mixers, feed-forward and norms, in order of use.

    `runs` is how often a token passes through each, each time with a cache of its own, where that is more than once
    (ALBERT, arXiv:1909.11942). `prefix` (with `{layer}`) names them where they do not stand where the other layers of
    their part do.
    """

    count: Num
    indices: tuple[int, ...]
    mixers: tuple[Mixer, ...]
    feed_forward: FeedForward | None
    norms: tuple[Weight, ...] = ()
    runs: Num | None = None
    prefix: str | None = None

    def passes(self) -> Num:
        """How many layers a token passes through in this group."""
        return self.count if self.runs is None else self.count * self.runs

    def weights(self) -> Iterator[Weight]:
        """Every tensor of one layer."""
        for mixer in self.mixers:
            yield from mixer.weights
        if self.feed_forward is not None:
            yield from self.feed_forward.weights
        yield from self.norms


@frozen
class Part(Struct):
    """A stack of layers with what stands before and after it: a decoder, an encoder, a tower, a projector, the head.

    `role` is `decoder`, `encoder`, `tower`, `projector` or `next-token-prediction`. Layer tensors are named
    `layer_prefix` (with `{layer}`) plus their own name, the others `prefix` plus theirs.
    """

    name: str
    role: str
    modality: Modality
    weights: tuple[Weight, ...] = ()
    layers: tuple[LayerGroup, ...] = ()
    prefix: str = ""
    layer_prefix: str = ""

    def layer_tensor(self, group: LayerGroup, name: str, index: int) -> str:
        """The name in the checkpoint of a tensor of layer `index` of a group; XLM has the index in the middle of it."""
        return ((self.layer_prefix if group.prefix is None else group.prefix) + name).replace("{layer}", str(index))


@frozen
class Rope(Struct):
    """Rotary position scaling of the text model; `type` is `default` where positions are not scaled."""

    type: Fact
    theta: Fact
    factor: Fact | None = None
    original_max_position_embeddings: Fact | None = None
    parameters: tuple[tuple[str, Fact], ...] = ()


@frozen
class Scheme(Struct):
    """One way weights are stored: `bits` each, a scale (and zero point) shared by `across` x `along` of them.

    `across` counts output rows and `along` input columns; None is all of them. `scale_bits` and `zero_bits` are for one
    such block, `row_bits` for each input row (act-order indices), `tensor_bits` for the whole tensor. `targets` are the
    module names it is for (empty: every linear layer).
    """

    name: str
    bits: Num
    across: Num | None
    along: Num | None
    scale_bits: int = 0
    zero_bits: int = 0
    row_bits: int = 0
    tensor_bits: int = 0
    targets: tuple[str, ...] = ()


@frozen
class Quantization(Struct):
    """How the published weights are stored: `method` and `format` in the config's words, and the schemes they come to.

    `schemes` is empty where the dialect is not understood (`reason` says why): the bytes are unknown then. `ignored` are
    the module names left as they are, `head` and `router` whether those linear layers are quantized unless ignored.
    `kv_cache` is the cache dtype the checkpoint was calibrated for.
    """

    method: Fact
    schemes: tuple[Scheme, ...] = ()
    reason: str | None = None
    format: Fact | None = None
    ignored: tuple[str, ...] = ()
    head: bool = False
    router: bool = False
    kv_cache: Fact | None = None


@frozen
class Problem(Struct):
    """A key whose value cannot be what it says: kept with its place, and the field it would have stated is unknown."""

    kind: str
    pointer: str
    message: str
    value: Any = None


@frozen
class Keys(Struct):
    """The config's own keys: nobody's (`unread`), and known to the class but not used on the branch taken (`unused`)."""

    unread: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


@frozen
class ModelSpec(Struct):
    """A model on the one schema. `facts` are the named fields; `parts` the plan they are laid out in.

    `exactness` is `exact` (a family states every tensor), `generic` (read through the common alias table), `claimed` (a
    closed model, of which there are only claims) or `none` (not a language model, with the reason in `prototype`).
    """

    family: str
    exactness: str
    facts: dict[str, Fact]
    parts: tuple[Part, ...] = ()
    rope: Rope | None = None
    quantization: Quantization | None = None
    problems: tuple[Problem, ...] = ()
    keys: Keys = field(default_factory=Keys)
    source: str | None = None

    def fact(self, name: str) -> Fact:
        """The fact of that name; one that nobody states is unknown and says so."""
        return self.facts.get(name) or Fact(name, (), "nothing states it")

    def value(self, name: str) -> Any:
        """The value of the fact of that name; None when unknown."""
        found = self.facts.get(name)
        return None if found is None else found.value

    def classes(self) -> tuple[str, ...]:
        """The classes that the config names, in its order; none where it names none that could be one."""
        named = self.value("architectures")
        return tuple(name for name in named if isinstance(name, str)) if isinstance(named, list | tuple) else ()

    def decoder(self) -> Part | None:
        """The part that generates, if there is one."""
        return next((part for part in self.parts if part.role == "decoder"), None)

    def encoder(self) -> Part | None:
        """The text or speech encoder, if there is one."""
        return next((part for part in self.parts if part.role == "encoder"), None)


@frozen
class Figure(Struct):
    """A derived number. `value` is None where it is unknown, and `reasons` says why; `note` is what it assumes."""

    name: str
    number: Num
    unit: str
    note: str | None = None

    @property
    def value(self) -> int | float | None:
        """The number itself."""
        return self.number.value


def context_name(engine: str) -> str:
    """The figure that is the context an engine gives a model unless told otherwise."""
    if engine == "ideal":
        return "context.declared"
    return f"context.effective.{'llamacpp' if engine == 'ik_llama' else engine}"
