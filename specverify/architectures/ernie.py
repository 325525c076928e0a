"""ERNIE 4.5: Llama with one switch for every bias, and mixtures balanced by a bias beside two shared experts."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.deepseek import BALANCED
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, every
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Role, Weight

REPORT = "https://ernie.baidu.com/blog/publication/ERNIE_Technical_Report.pdf"


@family("ernie4_5", source=f"transformers Ernie4_5ForCausalLM; {REPORT}")
def ernie4_5(c: Config, *, tied: bool | None = None) -> Model:
    """ERNIE 4.5, dense: biases in all seven matrices of a layer where `use_bias` is set."""
    return decoder(c, mixer=attention, feed_forward=dense, tied=tied)


@family("ernie4_5_moe", source=f"transformers Ernie4_5_MoeForCausalLM; {REPORT}")
def ernie4_5_moe(c: Config) -> Model:
    """ERNIE 4.5, sparse: every `moe_layer_interval`-th layer from `moe_layer_start_index` to `moe_layer_end_index` is a mixture.

    The checkpoint's `mtp` tensors, which the class passes over, are not listed.
    """
    return decoder(
        c,
        mixer=attention,
        feed_forward=lambda c, kind: mixture(c) if kind == "sparse" else dense(c, kind),
        feed_forward_kinds=sparse_layers(c),
        head_bias=c.flag("use_bias"),
        recipe=Recipe(balancing=BALANCED),
    )


def attention(c: Config, kind: str) -> Mixer:
    """GQA with `use_bias` on all four projections."""
    bias = c.flag("use_bias")
    return gqa(c, bias=bias, o_bias=bias)


def dense(c: Config, kind: str) -> FeedForward:
    """SwiGLU with `use_bias`."""
    return glu(c, bias=c.flag("use_bias"))


def sparse_layers(c: Config) -> Kinds:
    """The layers between the two indices that the interval divides, counted from one."""
    step, first = c.int("moe_layer_interval"), c.int("moe_layer_start_index", least=0)
    last = c.int("moe_layer_end_index", least=0)

    def is_sparse(index: int) -> bool:
        return (index + 1) % int(step.value or 1) == 0 and int(first.value or 0) <= index <= int(last.value or 0)

    return every(c, c.layers(), is_sparse, step, first, last)


def mixture(c: Config) -> FeedForward:
    """Routed experts without bias beside `moe_num_shared_experts` of their width; the balancing bias is a parameter [1, experts]."""
    experts, width = c.int("moe_num_experts"), c.int("moe_intermediate_size")
    shared = c.int("moe_num_shared_experts", least=0)
    block = moe(
        c,
        experts=experts,
        per_token=c.int("moe_k"),
        intermediate=width,
        shared=width * shared if shared.value != 0 else None,
        shared_bias=c.flag("use_bias"),
    )
    balance = Weight("mlp.moe_statics.e_score_correction_bias", (Num(1), experts), Role.ROUTER, dtype="F32")
    return replace(block, weights=(*block.weights, balance))
