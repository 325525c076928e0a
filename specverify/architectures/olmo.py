"""OLMo: norms that learn nothing at first, norms behind the blocks from OLMo 2 on, and two mixtures."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, kinds, layer_norms
from specverify.architectures.qwen import BALANCED, FULL, SLIDING, windowed
from specverify.architectures.registry import family
from specverify.spec import FeedForward, Mixer

BEHIND = layer_norms("post_attention_layernorm", "post_feedforward_layernorm")
NORMED_BEHIND = Recipe(norm_placement="post", qk_norm="full")


@family("olmo", source="transformers OlmoForCausalLM; https://arxiv.org/abs/2402.00838")
def olmo(c: Config) -> Model:
    """OLMo 1: Llama with LayerNorms that have neither weight nor bias."""
    bias = c.flag("attention_bias")
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias),
        feed_forward=lambda c, kind: glu(c),
        norms=layer_norms(),
        final_norm=None,
        recipe=Recipe(norm="layer"),
    )


@family("olmo2", source="transformers Olmo2ForCausalLM; https://arxiv.org/abs/2501.00656")
def olmo2(c: Config) -> Model:
    """OLMo 2: RMS norms on what each block adds instead of what it reads, and one across all queries and one across all keys."""
    return decoder(c, mixer=attention, feed_forward=lambda c, kind: glu(c), norms=BEHIND, recipe=NORMED_BEHIND)


@family("olmo3", source="transformers Olmo3ForCausalLM; https://arxiv.org/abs/2512.13961")
def olmo3(c: Config) -> Model:
    """OLMo 3: OLMo 2 with three sliding layers to one full."""
    bias = c.flag("attention_bias")
    return decoder(
        c,
        mixer=windowed(c, bias=bias, o_bias=bias, qk_norm="full"),
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=kinds(c, c.layers(), allowed=(FULL, SLIDING)),
        norms=BEHIND,
        recipe=NORMED_BEHIND,
    )


@family("olmoe", source="transformers OlmoeForCausalLM; https://arxiv.org/abs/2409.02060")
def olmoe(c: Config) -> Model:
    """OLMoE: pre-norm Llama with every feed-forward a mixture, and OLMo 2's norms on queries and keys."""
    return decoder(c, mixer=attention, feed_forward=mixture, recipe=Recipe(qk_norm="full", balancing=BALANCED))


@family("flex_olmo", source="transformers FlexOlmoForCausalLM; https://arxiv.org/abs/2507.07024")
def flex_olmo(c: Config) -> Model:
    """FlexOlmo: OLMo 2 with every feed-forward a mixture."""
    recipe = Recipe(norm_placement="post", qk_norm="full", balancing=BALANCED)
    return decoder(c, mixer=attention, feed_forward=mixture, norms=BEHIND, recipe=recipe)


def attention(c: Config, kind: str) -> Mixer:
    """GQA with a norm as wide as all queries and one as wide as all keys."""
    bias = c.flag("attention_bias")
    return gqa(c, bias=bias, o_bias=bias, qk_norm="full")


def mixture(c: Config, kind: str) -> FeedForward:
    """Routed experts of `intermediate_size`, none shared."""
    return moe(c, experts=c.int("num_experts"), per_token=c.int("num_experts_per_tok"), intermediate=c.int("intermediate_size"))
