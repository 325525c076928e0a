"""ChatGLM as published with its own code: a prefix LM at first, a causal decoder from ChatGLM2 to GLM-4-9B."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa, mha
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.glm import LINEAGE
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, label_count, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Modality, Part, Role, Weight

NAMES = ("", "", "", "dense")
UP_DOWN = ("dense_h_to_4h", "dense_4h_to_h")


@family(
    "chatglm", source="modeling_chatglm.py of zai-org/chatglm-6b, chatglm2-6b, chatglm3-6b and glm-4-9b; https://arxiv.org/abs/2406.12793"
)
def chatglm(c: Config) -> Model:
    """Every ChatGLM has this type; the first has two-dimensional positions. Configs name ChatGLMModel and mean it with its head."""
    return first(c) if "position_encoding_2d" in c.raw or "inner_hidden_size" in c.raw else later(c)


def first(c: Config) -> Model:
    """ChatGLM-6B: the prompt is seen both ways; biases throughout, LayerNorms that the residual passes too (DeepNorm), a tied head."""
    c.mark("position_encoding_2d")
    hidden, vocabulary, heads = c.int("hidden_size"), c.int("vocab_size"), c.int("num_attention_heads")
    rotated = hidden // (heads * 2)
    groups = layer_groups(
        c,
        depth(c),
        mixer=lambda c, kind: mha(c, bias=True, o_bias=True, fused="query_key_value", names=NAMES, prefix="attention."),
        feed_forward=lambda c, kind: plain(c, intermediate=c.int("intermediate_size", also=("inner_hidden_size",)), names=UP_DOWN),
        norms=lambda c, kind: (
            *layer_norms("input_layernorm", "post_attention_layernorm", bias=True)(c, kind),
            frequencies("attention.rotary_emb.inv_freq", rotated),
        ),
    )
    tied = c.flag("tie_word_embeddings", True)
    table = Weight("transformer.word_embeddings.weight", (vocabulary, hidden), Role.EMBEDDING)
    weights = (
        table,
        *norm("transformer.final_layernorm", hidden, bias=True),
        Weight("lm_head.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None),
    )
    part = Part("decoder", "decoder", Modality.TEXT, weights, groups, layer_prefix="transformer.layers.{layer}.")
    recipe = Recipe(norm="layer", norm_placement="post", objective="autoregressive blank infilling")
    return Model((part,), c, recipe, mask="prefix", tied=tied)


def later(c: Config) -> Model:
    """ChatGLM2, ChatGLM3 and GLM-4-9B: GQA with `multi_query_group_num` KV heads, gate and up in one tensor, half of each head rotated."""
    hidden, heads = c.int("hidden_size"), c.int("num_attention_heads")
    dim = c.int("head_dim", also=("kv_channels",))
    grouped = c.flag("multi_query_attention")
    kv_heads = c.int("num_key_value_heads", also=("multi_query_group_num",)) if grouped else heads
    biased, rms = c.flag("add_bias_linear"), c.flag("rmsnorm", True)

    def feed_forward(c: Config, kind: str) -> FeedForward:
        width = c.int("intermediate_size", also=("ffn_hidden_size",))
        return replace(glu(c, intermediate=width, fused=UP_DOWN[0], names=("", "", UP_DOWN[1]), bias=biased), activation="silu")

    groups = layer_groups(
        c,
        depth(c),
        mixer=lambda c, kind: gqa(
            c,
            heads=heads,
            kv_heads=kv_heads,
            dim=dim,
            bias=biased or c.flag("add_qkv_bias"),
            o_bias=biased,
            fused="query_key_value",
            names=NAMES,
            prefix="self_attention.",
        ),
        feed_forward=feed_forward,
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=not rms),
    )
    c.mark("vocab_size")
    prefix, tied = "transformer.", c.flag("tie_word_embeddings")
    table = Weight(f"{prefix}embedding.word_embeddings.weight", (c.int("padded_vocab_size"), hidden), Role.EMBEDDING)
    weights = (
        table,
        *(norm(f"{prefix}encoder.final_layernorm", hidden, bias=not rms) if c.flag("post_layer_norm", True) else ()),
        Weight(f"{prefix}output_layer.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None),
        frequencies(f"{prefix}rotary_pos_emb.inv_freq", dim // 2),
    )
    if (c.architecture or "").endswith("ForSequenceClassification"):
        weights += linear("classifier_head", hidden, label_count(c), Role.HEAD, bias=True)
    part = Part("decoder", "decoder", Modality.TEXT, weights, groups, layer_prefix=f"{prefix}encoder.layers.{{layer}}.")
    return Model((part,), c, Recipe(norm="rms" if rms else "layer"), tied=tied, lineage=LINEAGE)


def depth(c: Config) -> Num:
    """The layer count, which these configs call `num_layers`."""
    c.int("num_hidden_layers", least=0, also=("num_layers",))
    return c.layers()


def frequencies(name: str, rotated: Num) -> Weight:
    """The rotary frequencies, one for each pair of the rotated part, which these checkpoints store."""
    return Weight(name, (rotated // 2,), Role.POSITION, buffer=True)
