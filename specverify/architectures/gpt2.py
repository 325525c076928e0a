"""GPT-2 and GPT-BigCode: pre-norm decoders with learned positions and one tensor for queries, keys and values."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa, mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Mixer, Role, Weight


@family("gpt2", source="transformers GPT2LMHeadModel; Radford et al. 2019, Language Models are Unsupervised Multitask Learners")
def gpt2(c: Config) -> Model:
    """GPT-2: biases everywhere, a tied head, and matrices stored [inputs, outputs]; `n_inner` null is four times the width."""
    return _with_choice_head(c, _decoder(c, kv_heads=None, turned=True))


@family("gpt_bigcode", source="transformers GPTBigCodeForCausalLM; https://arxiv.org/abs/2301.03988")
def gpt_bigcode(c: Config) -> Model:
    """SantaCoder and StarCoder 1: GPT-2 with ordinary matrices and, under `multi_query`, one KV head for all queries."""
    return _decoder(c, kv_heads=num.const(1, "multi_query") if c.flag("multi_query") else None, turned=False)


@family("openai-gpt", source="transformers OpenAIGPTLMHeadModel; Radford et al. 2018, Improving Language Understanding")
def openai_gpt(c: Config) -> Model:
    """GPT-1: GPT-2 with norms behind the blocks and none at the end, and a feed-forward four times as wide as the model."""
    hidden = c.int("hidden_size")

    def feed_forward(c: Config, kind: str) -> FeedForward:
        block = plain(c, intermediate=hidden * 4, names=("c_fc", "c_proj"))
        return replace(block, weights=_turned(block.weights), activation=c.text("afn"))

    model = decoder(
        c,
        mixer=lambda c, kind: _with_turned(_attention(c, None)),
        feed_forward=feed_forward,
        norms=layer_norms("ln_1", "ln_2", bias=True),
        prefix="transformer.",
        layers="h.{layer}.",
        embedding="tokens_embed",
        final_norm=None,
        extra=(Weight("positions_embed.weight", (c.int("n_positions"), hidden), Role.POSITION),),
        recipe=Recipe(norm="layer", norm_placement="post", position="learned"),
    )
    return _with_choice_head(c, model)


def _decoder(c: Config, *, kv_heads: Num | None, turned: bool) -> Model:
    hidden, crossed = c.int("hidden_size"), c.flag("add_cross_attention")

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        attentions = (_attention(c, kv_heads), _cross_attention(c)) if crossed else (_attention(c, kv_heads),)
        return tuple(_with_turned(mixer) for mixer in attentions) if turned else attentions

    def feed_forward(c: Config, kind: str) -> FeedForward:
        block = plain(c, intermediate=c.int("n_inner"), names=("c_fc", "c_proj"))
        return replace(block, weights=_turned(block.weights)) if turned else block

    return decoder(
        c,
        mixer=mixers,
        feed_forward=feed_forward,
        norms=layer_norms("ln_1", "ln_2", *(("ln_cross_attn",) if crossed else ()), bias=True),
        prefix="transformer.",
        layers="h.{layer}.",
        embedding="wte",
        final_norm="ln_f",
        final_norm_bias=True,
        token_head="classifier",
        extra=(Weight("wpe.weight", (c.int("n_positions"), hidden), Role.POSITION),),
        recipe=Recipe(norm="layer", position="learned"),
    )


def _attention(c: Config, kv_heads: Num | None) -> Attention:
    heads = c.int("num_attention_heads")
    names = ("", "", "", "c_proj")
    return gqa(
        c, heads=heads, kv_heads=kv_heads or heads, bias=True, o_bias=True, fused="c_attn", names=names, prefix="attn.", rotary=False
    )


def _cross_attention(c: Config) -> Attention:
    """Cross-attention: queries apart, keys and values in one tensor; every head has its own."""
    hidden, prefix = c.int("hidden_size"), "crossattention."
    weights = (
        *linear(f"{prefix}q_attn", hidden, hidden, Role.ATTENTION, bias=True),
        *linear(f"{prefix}c_attn", hidden, hidden * 2, Role.ATTENTION, bias=True),
        *linear(f"{prefix}c_proj", hidden, hidden, Role.ATTENTION, bias=True),
    )
    return replace(mha(c, cross=True, causal=False, rotary=False), weights=weights)


def _turned(weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """The same matrices stored [inputs, outputs]."""
    return tuple(replace(weight, shape=weight.shape[::-1]) for weight in weights)


def _with_turned(attention: Attention) -> Attention:
    return replace(attention, weights=_turned(attention.weights))


def _with_choice_head(c: Config, model: Model) -> Model:
    """The model with the second head, where its class is the two-headed one."""
    if c.architecture is None or not c.architecture.endswith("DoubleHeadsModel"):
        return model
    return replace(model, parts=tuple(replace(part, weights=(*part.weights, *_choice_head(c))) for part in model.parts))


def _choice_head(c: Config) -> tuple[Weight, ...]:
    """The second head of the two-headed class: a score for each choice, or a summary as wide as the model."""
    if not c.flag("summary_use_proj"):
        return ()
    width = num.const(1, "score") if c.flag("summary_proj_to_labels") else c.int("hidden_size")
    return linear("multiple_choice_head.summary", c.int("hidden_size"), width, Role.HEAD, bias=True)
