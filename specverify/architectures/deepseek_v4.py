"""DeepSeek-V4: one key for all heads that is the value too, compressed rows behind a window, several residual streams."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.feed_forward import moe
from specverify.architectures.blocks.tensors import extended, linear, norm, prefixed, sharded
from specverify.architectures.deepseek import BALANCED
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, depth_of, every, kinds, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Role, Rows, Weight

SLIDING, SPARSE, HEAVY = "sliding_attention", "compressed_sparse_attention", "heavily_compressed_attention"
RATIO = {SLIDING: 0, SPARSE: 4, HEAVY: 128}
"""What stands for a kind of layer in `compress_ratios`: the tokens of one of its rows, unless `compress_rates` says otherwise."""
OLD_RATE = {SPARSE: "compress_rate_csa", HEAVY: "compress_rate_hca"}
HASHED, ROUTED = "hash_moe", "moe"
W1_W3_W2 = ("w1", "w3", "w2")


@family("deepseek_v4", source="transformers DeepseekV4ForCausalLM; https://huggingface.co/deepseek-ai/DeepSeek-V4-Pro")
def deepseek_v4(c: Config) -> Model:
    """DeepSeek-V4: every layer slides; most also see a row for each block of tokens, all of them or those an indexer picks.

    The first mixtures choose experts by a table over token ids. The checkpoint's `mtp` tensors, which the class passes
    over, are not listed.
    """
    hidden, streams = c.int("hidden_size"), c.int("hc_mult")
    norms = layer_norms("attn_norm", "ffn_norm")
    return decoder(
        c,
        mixer=attention,
        feed_forward=mixture,
        mixer_kinds=attention_kinds(c),
        feed_forward_kinds=router_kinds(c),
        norms=lambda c, kind: (*norms(c, kind), *streams_mixed("hc_attn_", hidden, streams), *streams_mixed("hc_ffn_", hidden, streams)),
        prefix="",
        embedding="embed",
        head="head",
        extra=streams_joined("hc_head_", hidden, streams),
        recipe=Recipe(balancing=BALANCED),
    )


def attention_kinds(c: Config) -> Kinds:
    """Layers by `layer_types`, else by `compress_ratios`, which lists the next-token-prediction layers too."""
    count = c.layers()
    ratios = c.list("compress_ratios", of=int) if c.raw.get("layer_types") is None else None
    if ratios is None:
        return kinds(c, count, allowed=tuple(RATIO))
    depth = depth_of(count)
    if len(ratios) < depth:
        c.problem("length", "compress_ratios", f"`compress_ratios` has {len(ratios)} entries for {depth} layers", len(ratios))
    by_ratio = {ratio: kind for kind, ratio in RATIO.items()}
    listed = [by_ratio.get(ratio, "") for ratio in ratios]
    if "" in listed[:depth]:
        c.problem("kind", "compress_ratios", "`compress_ratios` has an entry that its class does not have", ratios[listed.index("")])
    return Kinds((*listed, *("",) * depth)[:depth], (count,))


def router_kinds(c: Config) -> Kinds:
    """Mixtures by `mlp_layer_types`, else hashed for the first `num_hash_layers`."""
    if c.raw.get("mlp_layer_types") is not None:
        return kinds(c, c.layers(), "mlp_layer_types", allowed=(HASHED, ROUTED))
    hashed = c.int("num_hash_layers", least=0)
    return every(c, c.layers(), lambda index: index >= int(hashed.value or 0), hashed, names=(HASHED, ROUTED))


def attention(c: Config, kind: str) -> Attention:
    """Queries and outputs through a low rank, the output's in `o_groups` groups of heads; a sink for each head."""
    hidden, heads, dim = c.int("hidden_size"), c.int("num_attention_heads"), c.int("head_dim")
    rank, out_rank, groups = c.int("q_lora_rank"), c.int("o_lora_rank"), c.int("o_groups")
    c.mark("num_key_value_heads")
    weights = (
        *sharded("replicated", linear("wq_a", hidden, rank, Role.ATTENTION)),
        *norm("q_norm", rank),
        *linear("wq_b", rank, heads * dim, Role.ATTENTION),
        *sharded("replicated", linear("wkv", hidden, dim, Role.ATTENTION)),
        *norm("kv_norm", dim),
        *linear("wo_a", heads * dim // groups, groups * out_rank, Role.ATTENTION),
        *linear("wo_b", groups * out_rank, hidden, Role.ATTENTION),
        Weight("attn_sink", (heads,), Role.ATTENTION),
    )
    rows: tuple[Rows, ...] = ()
    if kind in OLD_RATE:
        block, series = rate(c, kind), 2 if kind == SPARSE else 1
        weights += compressor("compressor.", hidden, dim, block, series)
        rows = (compressed(dim, block, series),)
    if kind == SPARSE:
        index_dim, index_heads = c.int("index_head_dim"), c.int("index_n_heads")
        indexer = (
            *linear("wq_b", rank, index_heads * index_dim, Role.ATTENTION),
            *linear("weights_proj", hidden, index_heads, Role.ATTENTION),
            *compressor("compressor.", hidden, index_dim, block, series),
        )
        weights += sharded("replicated", prefixed("indexer.", indexer))
        rows += (compressed(index_dim, block, series),)
    return Attention(
        heads,
        num.const(1, "the one key of a token, its value too"),
        dim,
        dim,
        prefixed("attn.", weights),
        window=c.int("sliding_window"),
        window_kind="sliding",
        kept=dim,
        kept_twice=kind == SLIDING,
        rows=rows,
    )


def rate(c: Config, kind: str) -> Num:
    """How many tokens one row stands for."""
    stated = c.sub("compress_rates").int(kind) if "compress_rates" in c else num.const(RATIO[kind], f"tokens of a {kind} row")
    return c.optional(OLD_RATE[kind]) or stated


def compressor(prefix: str, hidden: Num, dim: Num, block: Num, series: int) -> tuple[Weight, ...]:
    """A row from the tokens of a block by a softmax over them; with two `series`, from those of the block before too."""
    width = dim * series
    weights = (
        Weight("ape", (block, width), Role.ATTENTION),
        *linear("wkv", hidden, width, Role.ATTENTION),
        *linear("wgate", hidden, width, Role.ATTENTION),
        *norm("norm", dim),
    )
    return sharded("replicated", prefixed(prefix, weights))


def compressed(dim: Num, block: Num, series: int) -> Rows:
    """A row for each block; values and gates of tokens whose block is not full, and of the last block where the next row reads it."""
    both = dim * 2
    return Rows(dim, block, pending=both * series, last=both if series > 1 else None)


def mixture(c: Config, kind: str) -> FeedForward:
    """Routed experts beside one of their width, whatever `n_shared_experts` says; chosen by a balanced router or by token id."""
    c.mark("n_shared_experts")
    width = c.int("moe_intermediate_size")
    experts, per_token = c.int("n_routed_experts"), c.int("num_experts_per_tok")
    own = moe(
        c,
        experts=experts,
        per_token=per_token,
        intermediate=width,
        shared=width,
        shared_names=W1_W3_W2,
        shared_bias=c.flag("mlp_bias"),
        prefix="ffn.",
        router_kind=c.text("scoring_func") or "softmax",
        correction_bias=None if kind == HASHED else "gate.bias",
        names=W1_W3_W2,
    )
    if kind != HASHED:
        return own
    table = Weight("ffn.gate.tid2eid", (c.int("vocab_size"), per_token), Role.ROUTER, buffer=True, dtype="I64")
    return extended(own, table)


def streams_mixed(prefix: str, hidden: Num, streams: Num) -> tuple[Weight, ...]:
    """How a block reads the residual streams, writes to them and mixes them (arXiv:2512.24880), from all of them together."""
    mixed = (streams + 2) * streams
    return (
        Weight(prefix + "fn", (mixed, streams * hidden), Role.PROJECTOR),
        Weight(prefix + "base", (mixed,), Role.PROJECTOR),
        Weight(prefix + "scale", (num.const(3, "read, write and mix"),), Role.PROJECTOR),
    )


def streams_joined(prefix: str, hidden: Num, streams: Num) -> tuple[Weight, ...]:
    """How the streams become one before the last norm."""
    return (
        Weight(prefix + "fn", (streams, streams * hidden), Role.PROJECTOR),
        Weight(prefix + "base", (streams,), Role.PROJECTOR),
        Weight(prefix + "scale", (Num(1),), Role.PROJECTOR),
    )
