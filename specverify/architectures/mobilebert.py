"""MobileBERT: a deep and narrow BERT between bottlenecks."""

from __future__ import annotations

from specverify import num
from specverify.architectures.bert import POOLED
from specverify.architectures.blocks.feed_forward import activation, plain_weights
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.encoders import BERT_HEAD, LEARNED_POST_NORM, MOST_DIFFERENT, LanguageHead, Tasks, encoder
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, layer_groups
from specverify.architectures.registry import family
from specverify.frozen import frozen
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Role, Weight


@frozen
class WideHead(LanguageHead):
    """A decoder whose first columns are the narrow embedding; the rest of the model's width has columns of its own."""

    def weights(self, c: Config, table: Weight, *, tied: bool) -> tuple[Weight, ...]:
        """BERT's head at the width of the model."""
        hidden, (vocabulary, width) = c.int("hidden_size"), table.shape
        transform = (*linear("cls.predictions.transform.dense", hidden, hidden, Role.HEAD, bias=True), *norm(self.norm, hidden, bias=True))
        own = LanguageHead(None, "", self.decoder, self.biases).weights(c, table, tied=tied)
        return (*transform, Weight("cls.predictions.dense.weight", (hidden - width, vocabulary), Role.HEAD), *own)


HEAD = WideHead(BERT_HEAD.dense, BERT_HEAD.norm, BERT_HEAD.decoder, BERT_HEAD.biases)


@family("mobilebert", source="transformers MobileBertForMaskedLM; https://arxiv.org/abs/2004.02984")
def mobilebert(c: Config) -> Model:
    """MobileBERT: layers that narrow their input, attend, run several feed-forwards and widen again; norms without statistics."""
    hidden, width, positions = c.int("hidden_size"), c.int("embedding_size"), c.int("max_position_embeddings")
    joined = width * 3 if c.flag("trigram_input") else width
    inside = (
        Weight("embeddings.word_embeddings.weight", (c.int("vocab_size"), width), Role.EMBEDDING),
        Weight("embeddings.position_embeddings.weight", (positions, hidden), Role.POSITION),
        Weight("embeddings.token_type_embeddings.weight", (c.int("type_vocab_size", least=0), hidden), Role.POSITION),
        *linear("embeddings.embedding_transformation", joined, hidden, Role.PROJECTOR, bias=True),
        *norm("embeddings.LayerNorm", hidden, bias=True),
    )
    groups = layer_groups(
        c,
        c.layers(),
        mixer=lambda c, kind: _attention(c, _narrow(c)),
        feed_forward=lambda c, kind: _feed_forwards(c, _narrow(c)),
        norms=lambda c, kind: _bottlenecks(c),
    )
    tasks = Tasks("mobilebert.", HEAD, pooled=POOLED if c.flag("classifier_activation") else ())
    return encoder(c, tasks, inside=inside, groups=groups, recipe=LEARNED_POST_NORM)


def _narrow(c: Config) -> Num:
    """The width inside a layer."""
    c.mark("true_hidden_size")
    return c.int("intra_bottleneck_size") if c.flag("use_bottleneck") else c.int("hidden_size")


def _attention(c: Config, narrow: Num) -> Attention:
    """Queries and keys of the narrowed input, values of the whole one unless `use_bottleneck_attention`."""
    heads = c.int("num_attention_heads")
    dim = narrow // heads
    source = narrow if c.flag("use_bottleneck_attention") else c.int("hidden_size")
    weights = (
        *linear("attention.self.query", narrow, heads * dim, Role.ATTENTION, bias=True),
        *linear("attention.self.key", narrow, heads * dim, Role.ATTENTION, bias=True),
        *linear("attention.self.value", source, heads * dim, Role.ATTENTION, bias=True),
        *linear("attention.output.dense", narrow, narrow, Role.ATTENTION, bias=True),
        *norm("attention.output.LayerNorm", narrow, bias=True),
    )
    return Attention(heads, heads, dim, dim, weights, causal=False, cached=False, rotary=False)


def _feed_forwards(c: Config, narrow: Num) -> FeedForward:
    """`num_feedforward_networks` of them, one behind the other; the last has the names of BERT's only one."""
    intermediate, count = c.int("intermediate_size"), c.layers("num_feedforward_networks")
    if count.value is not None and count.value > MOST_DIFFERENT:
        count = num.unknown("`num_feedforward_networks` is not plausible")
    weights: list[Weight] = []
    for prefix in (*(f"ffn.{index}." for index in range(int(count.value or 1) - 1)), ""):
        weights += plain_weights(narrow, intermediate, prefix=prefix, names=("intermediate.dense", "output.dense"), bias=True)
        weights += norm(f"{prefix}output.LayerNorm", narrow, bias=True)
    if count.value is None:
        weights.append(Weight("{unknown}", (count,), Role.FEED_FORWARD))
    return FeedForward(tuple(weights), intermediate, gated=False, activation=activation(c))


def _bottlenecks(c: Config) -> tuple[Weight, ...]:
    """The layers that narrow the input of a layer and of its attention, and the one that widens the output."""
    if not c.flag("use_bottleneck"):
        return ()
    hidden, narrow = c.int("hidden_size"), _narrow(c)
    narrowing = ("input", "attention") if c.flag("key_query_shared_bottleneck") else ("input",)
    weights = [*linear("output.bottleneck.dense", narrow, hidden, Role.FEED_FORWARD, bias=True)]
    weights += norm("output.bottleneck.LayerNorm", hidden, bias=True)
    for name in narrowing:
        weights += linear(f"bottleneck.{name}.dense", hidden, narrow, Role.FEED_FORWARD, bias=True)
        weights += norm(f"bottleneck.{name}.LayerNorm", narrow, bias=True)
    return tuple(weights)
