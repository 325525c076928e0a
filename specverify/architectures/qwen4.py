"""Qwen4-Exp: Qwen3.5's hybrid on gated residual streams, with an indexer in attention and hashed n-grams in some layers."""

from __future__ import annotations

from typing import Any

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.recurrent import depthwise_conv
from specverify.architectures.blocks.tensors import linear, norm, prefixed, sharded
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, kinds
from specverify.architectures.qwen import BALANCED, FULL, mixture
from specverify.architectures.qwen_next import LINEAR, delta_net
from specverify.architectures.qwen_vl import with_tower
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, Mixer, Recurrent, Role, Rows, State, Weight

INDEXED = "indexed_attention"
NGRAMS = " with n-grams "
MOST_ROWS = 10**9
MOST_HEADS = 1000
"""Larger tables and more heads do not exist; their primes would only cost time."""


@family("qwen4_exp", source="transformers Qwen4ExpForConditionalGeneration")
def qwen4_exp(c: Config) -> Model:
    """Qwen4-Exp behind Qwen3.5's vision tower."""
    return with_tower(c, qwen4_exp_text)


@family("qwen4_exp_text", source="transformers Qwen4ExpForCausalLM")
def qwen4_exp_text(c: Config, **placement: Any) -> Model:
    """The text model: three gated delta nets to one attention layer, a mixture in each, no norms but those of the streams.

    The checkpoint cuts a table of n-grams into `split_ngram_parts` tensors, which are listed as the one they make.
    """

    def mixer(c: Config, kind: str) -> tuple[Mixer, ...]:
        kind, _, place = kind.partition(NGRAMS)
        own = delta_net(c, split=True) if kind == LINEAR else attention(c)
        return (own, ngrams(c, int(place))) if place else (own,)

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: mixture(c),
        mixer_kinds=layer_kinds(c),
        norms=lambda c, kind: (*gated_residual(c, "attn_hyper_connection."), *gated_residual(c, "mlp_hyper_connection.")),
        final_norm=None,
        extra=gated_residual(c, "hyper_connection_mixer.", writes=False),
        recipe=Recipe(qk_norm="per-head", balancing=BALANCED),
        **placement,
    )


def layer_kinds(c: Config) -> Kinds:
    """Layers by `layer_types`; those that `ple_layer_ids` counts from one have n-grams, with tables of a size of their own each."""
    mixers, chosen = kinds(c, c.layers(), allowed=(LINEAR, INDEXED, FULL)), sorted(set(c.list("ple_layer_ids", of=int) or ()))
    found = (f"{kind}{NGRAMS}{chosen.index(i)}" if kind and i in chosen else kind for i, kind in enumerate(mixers.kinds, 1))
    return Kinds(tuple(found), mixers.rests_on)


def attention(c: Config) -> Attention:
    """Gated attention to the blocks of tokens that an indexer scores best, whose keys are kept whole."""
    bias = c.flag("attention_bias")
    own = gqa(c, bias=bias, o_bias=bias, qk_norm="per-head", gate=True)
    heads, kv_heads, dim = c.int("indexer_n_heads"), c.int("indexer_kv_heads"), c.int("indexer_head_dim")
    indexer = (
        *linear("index_qk_proj", c.int("hidden_size"), (heads + kv_heads) * dim, Role.ATTENTION),
        *norm("q_layernorm", dim),
        *norm("k_layernorm", dim),
    )
    weights = (*own.weights, *sharded("replicated", prefixed("self_attn.indexer.", indexer)))
    return replace(own, weights=weights, rows=(Rows(kv_heads * dim),))


def gated_residual(c: Config, prefix: str, *, writes: bool = True) -> tuple[Weight, ...]:
    """How the `hc_count` residual streams are read through a low rank, and written to."""
    streams, rank = c.int("hc_count"), c.int("hc_lowrank")
    wide = streams * c.int("hidden_size")
    weights = (
        *norm("hc_norm", wide),
        *linear("input_mix_weight_down", wide, rank, Role.PROJECTOR),
        *linear("input_mix_weight_up", rank, wide, Role.PROJECTOR),
    )
    if writes:
        weights += linear("block_inject_weight", wide, streams, Role.PROJECTOR)
    return prefixed(prefix, weights)


def ngrams(c: Config, place: int) -> Recurrent:
    """Embeddings of hashed n-grams into every stream, and a dilated convolution over them.

    It keeps the columns the convolution reaches back to, and the tokens before the next n-gram, eight bytes each.
    """
    hidden, streams, width = c.int("hidden_size"), c.int("hc_count"), c.int("ple_embed_dim")
    longest, kernel = c.int("ngram_size", least=2), c.int("ple_conv_kernel_size")
    heads, wide = (longest - 1) * c.int("heads_per_ngram"), streams * hidden
    weights = (
        Weight("ple_embedding.ngram_embedding.weight", (table_rows(c, heads, place), width // heads), Role.EMBEDDING),
        Weight("ple_embedding.layer_multipliers", (longest,), Role.EMBEDDING, buffer=True, dtype="I64"),
        Weight("ple_embedding.ngram_heads_vocab_sizes", (heads,), Role.EMBEDDING, buffer=True, dtype="I64"),
        Weight("ple_embedding.ngram_heads_offsets", (heads,), Role.EMBEDDING, buffer=True, dtype="I64"),
        *linear("key_proj", width, wide, Role.PROJECTOR),
        *linear("value_proj", width, hidden, Role.PROJECTOR),
        *(weight for name in ("norm_key", "norm_query", "norm_conv") for weight in norm(name, wide)),
        *depthwise_conv("conv1d", wide, kernel, bias=False),
    )
    states = (State("convolution", (wide, (kernel - 1) * longest)), State("tokens", (longest - 1,), dtype="float64"))
    return Recurrent("n-grams", states, prefixed("ple.", weights))


def table_rows(c: Config, heads: Num, place: int) -> Num:
    """Rows of the table of the `place`-th layer with n-grams: a prime for each head, the next ones from `ngram_vocab_size_base` on."""
    base, divisor = c.int("ngram_vocab_size_base"), c.int("make_ngram_vocab_size_divisible_by")
    count = int(heads.value or 0)
    if base.value is None or heads.value is None or base.value > MOST_ROWS or count * (place + 1) > MOST_HEADS:
        return num.unknown("`ngram_vocab_size_base` and `heads_per_ngram` do not give a plausible table")
    sizes = primes_from(int(base.value), count * (place + 1))[count * place :]
    return num.ceil_div(num.counted(sum(sizes), "primes of the n-gram heads", base, heads), divisor) * divisor


def primes_from(start: int, count: int) -> list[int]:
    """The first `count` primes that are not below `start`."""
    found: list[int] = []
    candidate = max(start, 2)
    while len(found) < count:
        if all(candidate % divisor for divisor in range(2, int(candidate**0.5) + 1)):
            found.append(candidate)
        candidate += 1
    return found
