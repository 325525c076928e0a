"""HRM-Text: two stacks of layers that a token goes through in turns, many times over."""

from __future__ import annotations

from specverify.architectures.blocks.attention import head_dim, mha
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Role, Weight


@family("hrm_text", source="transformers HrmTextForCausalLM; https://arxiv.org/abs/2506.21734")
def hrm_text(c: Config) -> Model:
    """HRM-Text: the fast stack `L_cycles` times, then the slow one once, all that `H_cycles` times; a cache for every pass.

    Norms have no weights. The output of attention is gated; gate, queries, keys and values are one tensor. With `prefix_lm`
    the prompt sees itself both ways.
    """
    depth, fast, slow = stack_depth(c), c.int("H_cycles") * c.int("L_cycles"), c.int("H_cycles")

    def attention(c: Config, kind: str) -> Mixer:
        hidden, bias, width = c.int("hidden_size"), c.flag("attention_bias"), c.int("num_attention_heads") * head_dim(c)
        fused = linear("attn.gqkv_proj", hidden, width * 4, Role.ATTENTION, bias=bias)
        output = linear("attn.o_proj", width, hidden, Role.ATTENTION, bias=bias)
        return replace(mha(c), weights=(*fused, *output))

    def feed_forward(c: Config, kind: str) -> FeedForward:
        return glu(c, fused="gate_up_proj", bias=c.flag("mlp_bias"))

    model = decoder(
        c,
        mixer=attention,
        feed_forward=feed_forward,
        norms=layer_norms(),
        layers="L_module.layers.{layer}.",
        count=depth,
        final_norm=None,
        extra=(Weight("z_L_init", (c.int("hidden_size"),), Role.EMBEDDING),),
        mask="prefix" if c.flag("prefix_lm") else "causal",
    )
    stack = model.parts[0]
    others = layer_groups(c, depth, mixer=attention, feed_forward=feed_forward, norms=layer_norms())
    slow_prefix = stack.layer_prefix.replace("L_module", "H_module")
    groups = (
        *(replace(group, runs=fast) for group in stack.layers),
        *(replace(group, prefix=slow_prefix, runs=slow) for group in others),
    )
    return replace(model, parts=(replace(stack, layers=groups),), recipe=Recipe())


def stack_depth(c: Config) -> Num:
    """Layers of one stack. Where `num_layers_per_stack` is not stated it is `num_hidden_layers`, which the class then multiplies."""
    if c.raw.get("num_layers_per_stack") is not None:
        c.mark("num_hidden_layers")
        return c.layers("num_layers_per_stack")
    c.mark("num_layers_per_stack")
    return c.as_given("num_hidden_layers")
