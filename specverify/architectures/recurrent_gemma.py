"""RecurrentGemma: two gated linear recurrences to one layer of local attention."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.recurrent import STATE, depthwise_conv
from specverify.architectures.blocks.tensors import linear, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, decoder, depth_of, layer_norms
from specverify.architectures.registry import family
from specverify.spec import Mixer, Recurrent, State, Weight

RECURRENT, BLOCK = "recurrent", "temporal_block."


@family("recurrent_gemma", source="transformers RecurrentGemmaForCausalLM; https://arxiv.org/abs/2404.07839")
def recurrent_gemma(c: Config) -> Model:
    """RecurrentGemma: `block_types` over and over; feed-forwards are half of `intermediate_size` wide, and have biases as outputs do."""
    window, bias = sliding_window(c), c.flag("attention_bias")

    def mixer(c: Config, kind: str) -> Mixer:
        return recurrence(c) if kind == RECURRENT else gqa(c, bias=bias, o_bias=True, window=window, prefix=BLOCK)

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c, intermediate=c.int("intermediate_size") // 2, prefix="mlp_block.", bias=True),
        mixer_kinds=repeated(c),
        norms=layer_norms("temporal_pre_norm", "channel_pre_norm"),
        final_norm="final_norm",
    )


def repeated(c: Config) -> Kinds:
    """`block_types` from the first layer on, as often as it takes; whatever is not recurrent attends."""
    count, types = c.layers(), c.list("block_types", of=str) or [""]
    told = num.of(c.fact("block_types"))
    return Kinds(tuple(types[index % len(types)] for index in range(depth_of(count))), (count, told))


def recurrence(c: Config) -> Recurrent:
    """The real-gated linear recurrent unit of Griffin (arXiv:2402.19427) behind a short convolution: one number a channel in float32.

    Gates are read within blocks of channels, one a head. The class keeps kernel - 1 columns of the convolution, as is needed.
    """
    hidden, width, kernel, heads = c.int("hidden_size"), c.int("lru_width"), c.int("conv1d_width"), c.int("num_attention_heads")
    block = width // heads
    weights = (
        *linear("linear_y", hidden, width, STATE, bias=True),
        *linear("linear_x", hidden, width, STATE, bias=True),
        *linear("linear_out", width, hidden, STATE, bias=True),
        *depthwise_conv("conv_1d", width, kernel, bias=True),
        Weight("rg_lru.recurrent_param", (width,), STATE),
        *(
            weight
            for gate in ("input_gate", "recurrent_gate")
            for weight in (
                Weight(f"rg_lru.{gate}_weight", (heads, block, block), STATE),
                Weight(f"rg_lru.{gate}_bias", (heads, block), STATE),
            )
        ),
    )
    states = (State("convolution", (width, kernel - 1)), State("recurrence", (width,), dtype="float32"))
    return Recurrent("rg-lru", states, prefixed(BLOCK, weights))
