"""Mistral Large 4: latent attention whose layers may lack positions, an indexer, or latents of their own, and Pixtral's tower.

Tensors are named as in Mistral's own files, which is how the checkpoint is published.
"""

from __future__ import annotations

from collections.abc import Callable

from specverify import num
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm, prefixed, sharded
from specverify.architectures.deepseek import experts, stated_sparse
from specverify.architectures.glm import indexers
from specverify.architectures.keys import Config
from specverify.architectures.llava import merging
from specverify.architectures.model import Kinds, Model, crossed, decoder, depth_of, layer_norms
from specverify.architectures.registry import family
from specverify.architectures.towers import image_tower, pixtral, stated_type
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Latent, Modality, Part, Role, Weight

NAMES = ("w1", "w3", "w2")
"""Gate, up and down."""
NOPE, SHARED, REUSED = "nope", "shared", "reused"
PROJECTOR = {"norm": "pre_mm_projector_norm", "linear_1": "vision_language_adapter.w_in", "linear_2": "vision_language_adapter.w_out"}


@family("mistral_large4", source="transformers MistralLarge4ForConditionalGeneration; Mistral AI, Mistral Large 4")
def mistral_large4(c: Config) -> Model:
    """Mistral Large 4: every fourth layer without positions; a layer may take another's latents, or another's choice of tokens.

    The root says whether the head is tied. The checkpoint's `mtp_dspark` tensors, which the class passes over, are not listed.
    """
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    frequencies = num.ceil_div(text.int("qk_rope_head_dim", least=0), 2)
    model = decoder(
        text,
        mixer=lambda c, kind: latent(c, set(kind.split())),
        feed_forward=feed_forward,
        mixer_kinds=crossed(positions(text), sources(text), indexers(text)),
        feed_forward_kinds=stated_sparse(text),
        norms=layer_norms("attention_norm", "ffn_norm"),
        prefix="",
        embedding="tok_embeddings",
        head="output",
        extra=(Weight("lerope.alpha", (frequencies,), Role.POSITION, buffer=True),),
        tied=c.flag("tie_word_embeddings"),
        root=c,
        vision=vision,
        interface="encoder + projector",
    )
    merged = merging(c, vision.int("hidden_size"), text.int("hidden_size"))
    projector = Part("projector", "projector", Modality.VISION, tuple(adapter(weight) for weight in merged))
    return replace(model, parts=(*model.parts, tower(vision, "vision_encoder."), projector))


def tower(c: Config, prefix: str) -> Part:
    """Pixtral's tower under Mistral's names."""
    if stated_type(c) != "pixtral":
        return image_tower(c, prefix)
    return pixtral(c, prefix, projections=("wq", "wk", "wv", "wo"), feed_forward=NAMES)


def adapter(weight: Weight) -> Weight:
    """A tensor of the projector under Mistral's name."""
    module, _, kind = weight.name.rpartition(".")
    return replace(weight, name=f"{PROJECTOR.get(module, module)}.{kind}")


def positions(c: Config) -> Kinds:
    """`rope` or `nope` by the 1s and 0s of `no_rope_layers`."""
    return told_by(c, "no_rope_layers", lambda index, flag: "rope" if flag else NOPE)


def sources(c: Config) -> Kinds:
    """Whether a layer is its own source in `kv_source_layers`."""
    return told_by(c, "kv_source_layers", lambda index, source: "own" if source == index else REUSED)


def told_by(c: Config, key: str, kind: Callable[[int, int], str]) -> Kinds:
    """The kind of each layer by the number that `key` lists for it; none where the list does not fit the layers."""
    count = c.layers()
    stated, depth = c.list(key, of=int) or [], depth_of(count)
    if len(stated) != depth:
        c.problem("length", key, f"`{key}` has {len(stated)} entries for {depth} layers", len(stated))
        return Kinds(("",) * depth, (count,))
    return Kinds(tuple(kind(index, value) for index, value in enumerate(stated)), (count, *c.rests_on(key)))


def latent(c: Config, kind: set[str]) -> Latent:
    """Latent attention with uncompressed queries and a learned scale of the scores; without positions, all of a key is latent."""
    hidden, heads, rank = c.int("hidden_size"), c.int("num_attention_heads"), c.int("kv_lora_rank")
    nope, rope, v_dim = c.int("qk_nope_head_dim"), c.int("qk_rope_head_dim", least=0), c.int("v_head_dim")
    if NOPE in kind:
        nope, rope = nope + rope, Num(0)
    bias = c.flag("attention_bias")
    weights = (
        *linear("wq", hidden, heads * (nope + rope), Role.ATTENTION),
        *linear("wkv_b", rank, heads * (nope + v_dim), Role.ATTENTION),
        *linear("wo", heads * v_dim, hidden, Role.ATTENTION, bias=bias),
        *scores_scaled(heads),
    )
    if REUSED not in kind:
        weights += sharded("replicated", linear("wkv_a_with_mqa", hidden, rank + rope, Role.ATTENTION, bias=bias))
        weights += norm("kv_a_norm", rank)
    own = Latent(heads, rank, nope, rope, v_dim, None, (), index_topk=c.int("index_topk"), cached=REUSED not in kind)
    if SHARED not in kind:
        weights += sharded("replicated", prefixed("indexer.", indexer(c)))
        own = replace(own, index_head_dim=c.int("index_head_dim"))
    return replace(own, weights=prefixed("attention.", weights))


def indexer(c: Config) -> tuple[Weight, ...]:
    """DeepSeek-V3.2's indexer on normed inputs in place of compressed queries, its scores scaled too."""
    hidden, heads, dim = c.int("hidden_size"), c.int("index_n_heads"), c.int("index_head_dim")
    return (
        *norm("q_input_norm", hidden, bias=True),
        *linear("wq_b", hidden, heads * dim, Role.ATTENTION),
        *linear("wk", hidden, dim, Role.ATTENTION),
        *norm("k_norm", dim, bias=True),
        *linear("weights_proj", hidden, heads, Role.ATTENTION),
        *scores_scaled(heads),
    )


def scores_scaled(heads: Num) -> tuple[Weight, ...]:
    """A scale and a bias a head, by which the scores grow with the length."""
    return tuple(Weight(f"ssmax_scaling.{name}", (heads,), Role.ATTENTION) for name in ("s", "b"))


def feed_forward(c: Config, kind: str) -> FeedForward:
    """DeepSeek's mixture behind a softmax router, under Mistral's names."""
    if kind != "sparse":
        return glu(c, prefix="feed_forward.", names=NAMES)
    return experts(c, prefix="", names=NAMES, shared_names=NAMES)
