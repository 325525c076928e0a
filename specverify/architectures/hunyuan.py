"""Hunyuan: Llama with norms over query and key heads, and mixtures beside one shared expert."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Mixer


@family("hunyuan_v1_dense", source="transformers HunYuanDenseV1ForCausalLM; https://github.com/Tencent-Hunyuan/Hunyuan-7B")
def hunyuan_v1_dense(c: Config, *, tied: bool | None = None) -> Model:
    """Hunyuan 0.5B to 7B: the norms follow the rotation of queries and keys."""
    return decoder(c, mixer=attention, feed_forward=lambda c, kind: glu(c), recipe=Recipe(qk_norm="per-head"), tied=tied)


@family("hunyuan_v1_moe", source="transformers HunYuanMoEV1ForCausalLM; https://github.com/Tencent-Hunyuan/Hunyuan-A13B")
def hunyuan_v1_moe(c: Config) -> Model:
    """Hunyuan-A13B: every feed-forward a mixture, each expert and the shared one `intermediate_size` wide."""
    width = c.int("intermediate_size")
    experts, chosen = same_in_all_layers(c, "num_experts"), same_in_all_layers(c, "moe_topk")
    return decoder(
        c,
        mixer=attention,
        feed_forward=lambda c, kind: moe(
            c, experts=experts, per_token=chosen, intermediate=width, shared=width, shared_prefix="shared_mlp.", router="gate.wg"
        ),
        recipe=Recipe(qk_norm="per-head", balancing="auxiliary loss"),
    )


def attention(c: Config, kind: str) -> Mixer:
    """GQA with a norm over each head and `attention_bias` on all four projections."""
    bias = c.flag("attention_bias")
    return gqa(c, bias=bias, o_bias=bias, qk_norm="per-head", qk_norm_names=("query_layernorm", "key_layernorm"))


def same_in_all_layers(c: Config, key: str) -> Num:
    """A number that may be listed once a layer; unknown where layers differ, which no class can load."""
    if not isinstance(c.raw.get(key), list):
        return c.int(key)
    stated = c.list(key, of=int) or []
    if len(set(stated)) != 1:
        return num.unknown(f"`{key}` differs between layers")
    return num.counted(stated[0], key, num.of(c.fact(key)))
