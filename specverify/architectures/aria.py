"""Aria: a mixture of experts behind a tower whose patches are read by learned queries."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import moe
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.llava import with_images
from specverify.architectures.model import Model, decoder
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import FeedForward, Role, Weight


@family("aria_text", source="transformers AriaTextForCausalLM; https://arxiv.org/abs/2410.05993")
def aria_text(c: Config) -> Model:
    """Aria's text model: Llama with a mixture in every layer, its shared experts one block as wide as all of them."""
    bias = c.flag("attention_bias")
    return decoder(c, mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias), feed_forward=lambda c, kind: mixture(c))


def mixture(c: Config) -> FeedForward:
    """Experts stored together, inputs first."""
    hidden, width = c.int("hidden_size"), c.int("intermediate_size")
    return moe(
        c,
        experts=c.int("moe_num_experts"),
        per_token=c.int("moe_topk"),
        intermediate=width,
        shared=width * c.int("moe_num_shared_experts"),
        shared_bias=c.flag("mlp_bias"),
        router="router",
        expert_weights=(
            Weight("mlp.experts.fc1.weight", (hidden, width * 2), Role.ROUTED_EXPERT),
            Weight("mlp.experts.fc2.weight", (width, hidden), Role.ROUTED_EXPERT),
        ),
    )


@family("aria", source="transformers AriaForConditionalGeneration; https://arxiv.org/abs/2410.05993")
def aria(c: Config) -> Model:
    """Aria: the root says whether the head is tied."""
    return with_images(c, queries, tied=c.flag("tie_word_embeddings"))


def queries(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """As many queries as an image may have tokens, projected before torch's own attention projects them, and two matrices."""
    attention = (
        *(weight for name in ("q_proj", "k_proj", "v_proj") for weight in linear(f"cross_attn.{name}", inputs, inputs, Role.PROJECTOR)),
        Weight("cross_attn.multihead_attn.in_proj_weight", (inputs * 3, inputs), Role.PROJECTOR),
        Weight("cross_attn.multihead_attn.in_proj_bias", (inputs * 3,), Role.PROJECTOR),
        *linear("cross_attn.multihead_attn.out_proj", inputs, inputs, Role.PROJECTOR, bias=True),
        *linear("cross_attn.linear", inputs, inputs, Role.PROJECTOR, bias=True),
        *norm("cross_attn.layer_norm", inputs, bias=True),
        *norm("cross_attn.layer_norm_kv", inputs, bias=True),
    )
    return (
        Weight("query", (most_queries(c), inputs), Role.PROJECTOR),
        *attention,
        *norm("layer_norm", inputs, bias=True),
        *linear("feed_forward.linear_in", inputs, outputs, Role.PROJECTOR),
        *linear("feed_forward.linear_out", outputs, outputs, Role.PROJECTOR),
    )


def most_queries(c: Config) -> Num:
    """The largest number of queries that `projector_patch_to_query_dict` has for any number of patches."""
    key = "projector_patch_to_query_dict"
    stated = c.choice(key)
    counts = list(stated.values()) if isinstance(stated, dict) else []
    if not counts or any(not isinstance(count, int) or isinstance(count, bool) or count < 1 for count in counts):
        c.problem("type", key, f"`{key}` should map numbers of patches to numbers of queries", stated)
        return num.unknown(f"`{key}` does not tell")
    return num.counted(max(counts), key)
