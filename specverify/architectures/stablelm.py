"""StableLM: Llama with LayerNorms, rotary positions on part of each head, and switches for the rest."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Mixer, Role, Weight


@family("stablelm", "stablelm_epoch", source="transformers StableLmForCausalLM; https://arxiv.org/abs/2402.17834")
def stablelm(c: Config) -> Model:
    """StableLM 3B to 12B: biases on q, k and v by `use_qkv_bias`, a norm for each head by `qk_layernorm`.

    With `use_parallel_residual` (12B) the feed-forward stands beside attention and both share one norm. `stablelm_epoch`
    is the type of the first checkpoints, whose own code has the same tensors.
    """
    if "rope_pct" in c:
        c.number("rope_pct")
    normed, parallel = c.flag("qk_layernorm"), c.flag("use_parallel_residual")

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(c, bias=c.flag("use_qkv_bias"))
        if not normed:
            return own
        return replace(
            own,
            weights=(
                *own.weights,
                Weight("self_attn.q_layernorm.norms.{expert}.weight", (own.head_dim,), Role.NORM, copies=own.num_attention_heads),
                Weight("self_attn.k_layernorm.norms.{expert}.weight", (own.head_dim,), Role.NORM, copies=own.num_key_value_heads),
            ),
        )

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c),
        norms=layer_norms("input_layernorm", *(() if parallel else ("post_attention_layernorm",)), bias=True),
        final_norm_bias=True,
        recipe=Recipe(norm="layer", parallel=parallel, qk_norm="per-head" if normed else None),
    )
