"""OLMo Hybrid: gated delta nets with OLMo's attention every few layers."""

from __future__ import annotations

from collections.abc import Mapping

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.recurrent import STATE, depthwise_conv
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, kinds, layer_norms
from specverify.architectures.olmo import BEHIND
from specverify.architectures.registry import family
from specverify.spec import Mixer, Recurrent, State, Weight

FULL, LINEAR = "full_attention", "linear_attention"
BEFORE = layer_norms("attention_layer_norm", "feedforward_layer_norm")


@family("olmo_hybrid", source="transformers OlmoHybridForCausalLM; https://huggingface.co/allenai/Olmo-Hybrid-7B")
def olmo_hybrid(c: Config) -> Model:
    """OLMo Hybrid: attention normed behind as in OLMo 2, delta nets normed before; a null `rope_theta` means no positions."""
    table = c.raw.get("rope_parameters")
    rotary = not isinstance(table, Mapping) or table.get("rope_theta", 0) is not None

    def mixer(c: Config, kind: str) -> Mixer:
        bias = c.flag("attention_bias")
        return delta_net(c) if kind == LINEAR else gqa(c, bias=bias, o_bias=bias, qk_norm="full", rotary=rotary)

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=kinds(c, c.layers(), allowed=(FULL, LINEAR)),
        norms=lambda c, kind: (BEFORE if kind == LINEAR else BEHIND)(c, kind),
        recipe=Recipe(norm_placement="pre, and post around attention", position="rope" if rotary else "none", qk_norm="full"),
    )


def delta_net(c: Config) -> Recurrent:
    """Gated DeltaNet (arXiv:2412.06464) with a tensor for every projection and convolution, as flash-linear-attention has it."""
    hidden, kernel, dim = c.int("hidden_size"), c.int("linear_conv_kernel_dim"), c.int("linear_value_head_dim")
    heads, key_dim = c.int("linear_num_value_heads"), c.int("linear_key_head_dim")
    keys, values = c.int("linear_num_key_heads") * key_dim, heads * dim
    widths = (("q", keys), ("k", keys), ("v", values))
    weights = (
        *(weight for name, width in widths for weight in linear(f"{name}_proj", hidden, width, STATE)),
        *(weight for name, width in widths for weight in depthwise_conv(f"{name}_conv1d", width, kernel, bias=False)),
        *(weight for name in "ab" for weight in linear(f"{name}_proj", hidden, heads, STATE)),
        *linear("g_proj", hidden, values, STATE),
        Weight("dt_bias", (heads,), STATE),
        Weight("A_log", (heads,), STATE),
        *norm("o_norm", dim),
        *linear("o_proj", values, hidden, STATE),
    )
    states = (State("convolution", (keys * 2 + values,), kernel=kernel), State("delta", (heads, key_dim, dim), dtype="float32"))
    return Recurrent("gated-delta", states, prefixed("linear_attn.", weights))
