"""Decoders of other labs that are Llama but for a switch or two."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.llava import merging, with_images
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.qwen import listed_windows, windowed
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Attention, FeedForward, Mixer, Role, Weight


def attention(c: Config, kind: str) -> Attention:
    """GQA with `attention_bias` on all four matrices."""
    bias = c.flag("attention_bias")
    return gqa(c, bias=bias, o_bias=bias)


def gated(c: Config, kind: str) -> FeedForward:
    """SwiGLU with `mlp_bias`."""
    return glu(c, bias=c.flag("mlp_bias"))


def ungated(c: Config, kind: str) -> FeedForward:
    """Two matrices with `mlp_bias`."""
    return plain(c, names=("up_proj", "down_proj"), bias=c.flag("mlp_bias"))


@family("helium", source="transformers HeliumForCausalLM; Kyutai, Helium-1")
def helium(c: Config) -> Model:
    """Helium: Llama with `attention_bias` on q, k and v alone, and o square whatever the heads come to."""
    hidden = c.int("hidden_size")

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(c, bias=c.flag("attention_bias"))
        return replace(own, weights=(*own.weights[:-1], *linear("self_attn.o_proj", hidden, hidden, Role.ATTENTION)))

    return decoder(c, mixer=mixer, feed_forward=gated)


@family("seed_oss", source="transformers SeedOssForCausalLM; ByteDance, Seed-OSS")
def seed_oss(c: Config) -> Model:
    """Seed-OSS: Llama with heads wider than the model and biases on q, k and v; `attention_out_bias` decides for o."""
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=c.flag("attention_bias"), o_bias=c.flag("attention_out_bias")),
        feed_forward=gated,
    )


@family("arcee", source="transformers ArceeForCausalLM; Arcee AI, AFM-4.5B")
def arcee(c: Config) -> Model:
    """Arcee Foundation Models: Llama with two matrices and a squared ReLU in place of SwiGLU."""
    return decoder(c, mixer=attention, feed_forward=ungated)


@family("jais2", source="transformers Jais2ForCausalLM; Inception, Jais 2")
def jais2(c: Config) -> Model:
    """Jais 2: LayerNorms, biases everywhere, two matrices and a squared ReLU in place of SwiGLU."""
    return decoder(
        c,
        mixer=attention,
        feed_forward=ungated,
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=True),
        final_norm_bias=True,
        recipe=Recipe(norm="layer"),
    )


@family("cwm", source="transformers CwmForCausalLM; https://arxiv.org/abs/2510.02387")
def cwm(c: Config) -> Model:
    """Code World Model: Llama with one full layer before every three that slide."""
    return decoder(c, mixer=windowed(c), feed_forward=gated, mixer_kinds=listed_windows(c))


@family("ministral", source="transformers MinistralForCausalLM; Mistral AI, Ministral 8B")
def ministral(c: Config) -> Model:
    """Ministral 8B: Mistral whose layers slide or not by `layer_types`."""
    return decoder(
        c,
        mixer=windowed(c),
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=listed_windows(c),
    )


@family("ministral3", source="transformers Ministral3ForCausalLM; Mistral AI, Ministral 3 and Devstral 2")
def ministral3(c: Config) -> Model:
    """Ministral 3: Mistral with scores scaled by position. Where the text model is nested, it is Mistral 3's composite under this type."""
    if isinstance(c.raw.get("text_config"), dict):
        tied = c.flag("tie_word_embeddings") or c.sub("text_config", text=True).flag("tie_word_embeddings")
        return with_images(c, merging, tied=tied)
    window = sliding_window(c)
    return decoder(c, mixer=lambda c, kind: gqa(c, window=window), feed_forward=lambda c, kind: glu(c))


@family("bitnet", source="transformers BitNetForCausalLM; https://arxiv.org/abs/2504.12285")
def bitnet(c: Config) -> Model:
    """BitNet b1.58: Llama with a norm before the last matrix of attention and of the feed-forward."""
    hidden, width = c.int("hidden_size"), c.int("intermediate_size")

    def mixer(c: Config, kind: str) -> Mixer:
        return extended(attention(c, kind), *norm("self_attn.attn_sub_norm", hidden))

    def feed_forward(c: Config, kind: str) -> FeedForward:
        return extended(glu(c), *norm("mlp.ffn_sub_norm", width))

    return decoder(c, mixer=mixer, feed_forward=feed_forward)


@family("diffllama", source="transformers DiffLlamaForCausalLM; https://arxiv.org/abs/2410.05258")
def diffllama(c: Config) -> Model:
    """DiffLlama: Llama whose scores are the difference of two halves, weighed by four learned vectors of `head_dim` a layer."""

    def mixer(c: Config, kind: str) -> Mixer:
        own = attention(c, kind)
        return extended(own, *(Weight(f"self_attn.lambda_{name}", (own.head_dim,), Role.ATTENTION) for name in ("q1", "k1", "q2", "k2")))

    return decoder(c, mixer=mixer, feed_forward=lambda c, kind: glu(c))


@family("nanochat", source="transformers NanoChatForCausalLM; https://github.com/karpathy/nanochat")
def nanochat(c: Config) -> Model:
    """nanochat: norms without weights, over queries and keys too, and two matrices with a squared ReLU in place of SwiGLU."""
    return decoder(
        c,
        mixer=attention,
        feed_forward=lambda c, kind: plain(c, bias=False),
        norms=layer_norms(),
        final_norm=None,
        recipe=Recipe(qk_norm="per-head, without weights"),
    )
