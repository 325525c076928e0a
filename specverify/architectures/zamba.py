"""Zamba: Mamba layers, and one or a few transformer blocks that come back every few of them with the same tensors."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.recurrent import STATE, depthwise_conv, mamba2
from specverify.architectures.blocks.tensors import extended, linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, kinds
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, LayerGroup, Mixer, Part, Recurrent, Role, State, Weight

LINEAR, HYBRID = "linear_attention", "hybrid"
ADAPTERS = "_adapter_list."
Uses = tuple[int, ...]
"""Where a block stands among the hybrid layers."""
BlockOf = Callable[[Config, Uses], tuple[Attention, FeedForward]]
MambaOf = Callable[[Config, str], Recurrent]


@family("zamba", source="transformers ZambaForCausalLM; https://arxiv.org/abs/2405.16712")
def zamba(c: Config) -> Model:
    """Zamba: one block for all hybrid layers, without positions. Mamba in heads that project apart; its state stays in float32."""
    block = "shared_transf."
    return interleaved(
        c,
        block,
        lambda c, uses: (attention(c, block, rotary=False), glu(c, prefix=block + "feed_forward.")),
        mamba=headed_mamba,
        blocks=Num(1),
        position="none",
    )


@family("zamba2", source="transformers Zamba2ForCausalLM; https://arxiv.org/abs/2411.15242")
def zamba2(c: Config) -> Model:
    """Zamba2: `num_mem_blocks` blocks in turns over Mamba-2, each with low-rank adapters of its own for every layer it stands in."""
    rotary, block = c.flag("use_mem_rope"), "shared_transformer."

    def shared(c: Config, uses: Uses) -> tuple[Attention, FeedForward]:
        hidden, wide, rank = c.int("hidden_size"), c.int("attention_hidden_size"), c.int("adapter_rank")
        own = attention(c, block, rotary=rotary)
        if c.flag("use_shared_attention_adapter"):
            for name in "qkv":
                own = extended(own, *adapters(f"{block}self_attn.linear_{name}", uses, wide, rank, wide, Role.ATTENTION))
        width, bias = c.int("intermediate_size"), c.flag("add_bias_linear")
        feed_forward = glu(c, prefix=block + "feed_forward.", fused="gate_up_proj", bias=bias)
        lists = adapters(f"{block}feed_forward.gate_up_proj", uses, hidden, rank, width * 2, Role.FEED_FORWARD)
        return own, extended(feed_forward, *lists)

    return interleaved(c, block, shared, mamba=grouped_mamba, blocks=c.int("num_mem_blocks"), position="rope" if rotary else "none")


def interleaved(c: Config, name: str, block: BlockOf, *, mamba: MambaOf, blocks: Num, position: str) -> Model:
    """Mamba in every layer; before it, in the hybrid ones, one of the `blocks` called `name`, whose tensors are those of its first layer.

    A block reads the stream and the embedding side by side, and a matrix of the layer's own takes what it says to Mamba.
    Where `tie_word_embeddings` is off, transformers 5 ties nothing at all: every layer has its block to itself.
    """
    pattern, uses = in_turns(kinds(c, c.layers(), "layers_block_type", allowed=(LINEAR, HYBRID)), blocks)

    def mixer(c: Config, kind: str) -> Mixer | tuple[Mixer, ...]:
        return (block(c, uses[kind])[0], mamba(c, "mamba_decoder.mamba.")) if kind in uses else mamba(c, "mamba.")

    def norms(c: Config, kind: str) -> tuple[Weight, ...]:
        hidden = c.int("hidden_size")
        if kind not in uses:
            return norm("input_layernorm", hidden)
        return (
            *norm(name + "input_layernorm", c.int("attention_hidden_size")),
            *norm(name + "pre_ff_layernorm", hidden),
            *linear("linear", hidden, hidden, Role.FEED_FORWARD),
            *norm("mamba_decoder.input_layernorm", hidden),
        )

    model = decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: block(c, uses[kind])[1] if kind in uses else None,
        mixer_kinds=pattern,
        feed_forward_kinds=pattern,
        norms=norms,
        final_norm="final_layernorm",
        recipe=Recipe(position=position),
    )
    if not model.tied:
        return model
    part = model.parts[0]
    groups = tuple(piece for group in part.layers for piece in (once(part, group, name) if len(group.mixers) > 1 else (group,)))
    return replace(model, parts=(replace(part, layers=groups),))


def in_turns(layers: Kinds, blocks: Num) -> tuple[Kinds, dict[str, Uses]]:
    """The hybrid layers told apart by whose turn it is, and where among them each block stands."""
    hybrid, turns = layers.kinds.count(HYBRID), int(blocks.value or 0)
    uses = {f"{HYBRID} {turn}": tuple(range(turn, hybrid, turns)) for turn in range(min(turns, hybrid))}
    names = cycle(uses or ("",))
    found = tuple(next(names) if kind == HYBRID else kind for kind in layers.kinds)
    return Kinds(found, (*layers.rests_on, blocks)), uses


def once(part: Part, group: LayerGroup, block: str) -> tuple[LayerGroup, ...]:
    """The first layer of a group, and the others, whose tensors of the `block` are the first one's."""
    owner, *others = group.indices

    def again(weight: Weight) -> Weight:
        if not weight.name.startswith(block):
            return weight
        same = replace(weight, tied_to=part.layer_tensor(group, weight.name, owner))
        return replace(same, copies=Num(1), active=Num(0), joined=True) if ADAPTERS in weight.name else same

    def tied(weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
        return tuple(again(weight) for weight in weights)

    assert group.feed_forward is not None
    rest = LayerGroup(
        num.counted(len(others), "layers that share it", group.count),
        tuple(others),
        tuple(replace(mixer, weights=tied(mixer.weights)) for mixer in group.mixers),
        replace(group.feed_forward, weights=tied(group.feed_forward.weights)),
        tied(group.norms),
    )
    first = replace(group, count=num.counted(1, "first layer", group.count), indices=(owner,))
    return (first, rest) if others else (first,)


def attention(c: Config, block: str, *, rotary: bool) -> Attention:
    """Attention that reads twice the width of the stream and writes once."""
    wide, hidden = c.int("attention_hidden_size"), c.int("hidden_size")
    return gqa(c, hidden=wide, outputs=hidden, prefix=block + "self_attn.", rotary=rotary)


def adapters(name: str, uses: Uses, inputs: Num, rank: Num, outputs: Num, role: Role) -> tuple[Weight, ...]:
    """Two matrices for each place of a block; a layer uses those of its own place."""
    return tuple(
        weight
        for use in uses
        for weight in (
            *linear(f"{name}{ADAPTERS}{use}.0", inputs, rank, role),
            *linear(f"{name}{ADAPTERS}{use}.1", rank, outputs, role),
        )
    )


def headed_mamba(c: Config, prefix: str) -> Recurrent:
    """Mamba whose channels stand in `n_mamba_heads` heads, each with projections of its own to step size, B and C."""
    hidden, heads, size = c.int("hidden_size"), c.int("n_mamba_heads"), c.int("mamba_d_state")
    inner, rank, kernel, bias = c.int("mamba_expand") * hidden, c.int("mamba_dt_rank"), c.int("mamba_d_conv"), c.flag("mamba_proj_bias")
    dim = inner // heads
    weights = (
        *linear("in_proj", hidden, inner * 2, STATE, bias=bias),
        *depthwise_conv("conv1d", inner, kernel, bias=c.flag("mamba_conv_bias")),
        Weight("x_proj_weight", (heads, rank + size * 2, dim), STATE),
        Weight("dt_proj_weight", (heads, dim, rank), STATE),
        Weight("dt_proj_bias", (heads, dim), STATE),
        Weight("A_log", (heads, dim, size), STATE),
        Weight("D", (heads, dim), STATE),
        *linear("out_proj", inner, hidden, STATE, bias=bias),
    )
    states = (State("convolution", (inner,), kernel=kernel), State("ssm", (heads, dim, size), dtype="float32"))
    return Recurrent("mamba", states, prefixed(prefix, weights))


def grouped_mamba(c: Config, prefix: str) -> Recurrent:
    """Mamba-2 by the keys of Zamba2; its convolution always has a bias, whatever `use_conv_bias` says."""
    return mamba2(
        c.int("hidden_size"),
        c.int("n_mamba_heads"),
        c.int("mamba_headdim"),
        c.int("mamba_ngroups"),
        c.int("mamba_d_state"),
        c.int("mamba_d_conv"),
        conv_bias=True,
        proj_bias=c.flag("add_bias_linear"),
        prefix=prefix,
    )
