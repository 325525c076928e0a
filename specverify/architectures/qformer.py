"""The Q-Former (BLIP-2, arXiv:2301.12597): learned queries in a BERT, some layers of which also attend to the patches."""

from __future__ import annotations

from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import norm
from specverify.architectures.blocks.vision import of_tower, towered
from specverify.architectures.encoders import Layer, attention
from specverify.architectures.keys import Config
from specverify.architectures.model import every, layer_groups
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight

LAYER = Layer(projections=("attention.query", "attention.key", "attention.value", "output.dense"))
CROSS, OWN = "cross-attention", "self-attention"


def qformer(c: Config, prefix: str, source: Num, outside: tuple[Weight, ...], *, reads_text: bool) -> Part:
    """A stack that attends to features `source` wide in every `cross_attention_frequency`-th layer, behind the tensors `outside`.

    One that `reads_text` has in each layer a feed-forward for words beside that for queries.
    """
    hidden, step = c.int("hidden_size"), c.int("cross_attention_frequency")
    period = step.value or 1

    def mixer(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = towered(attention(c, LAYER))
        return (own, towered(attention(c, LAYER, "crossattention.", cross=True, source=source))) if kind == CROSS else (own,)

    def feed_forward(c: Config, kind: str) -> FeedForward:
        return towered(plain(c, prefix="", names=("intermediate_query.dense", "output_query.dense")))

    def norms(c: Config, kind: str) -> tuple[Weight, ...]:
        queries = norm("output_query.LayerNorm", hidden, bias=True)
        if not reads_text:
            return queries
        words = plain(c, prefix="", names=("intermediate.dense", "output.dense"))
        return (*queries, *of_tower(words.weights), *norm("output.LayerNorm", hidden, bias=True))

    kinds = every(c, c.layers(), lambda index: index % period == 0, step, names=(OWN, CROSS))
    groups = layer_groups(c, c.layers(), mixer=mixer, feed_forward=feed_forward, mixer_kinds=kinds, norms=norms)
    return Part("Q-Former", "projector", Modality.VISION, outside, groups, prefix=prefix, layer_prefix=f"{prefix}encoder.layer.{{layer}}.")


def queries_alone(c: Config) -> tuple[Weight, ...]:
    """The norm the queries pass."""
    return norm("layernorm", c.int("hidden_size"), bias=True)


def beside_words(c: Config) -> tuple[Weight, ...]:
    """Words and their positions, and the norm they pass with the queries."""
    hidden = c.int("hidden_size")
    return (
        Weight("embeddings.word_embeddings.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING),
        Weight("embeddings.position_embeddings.weight", (c.int("max_position_embeddings"), hidden), Role.POSITION),
        *norm("embeddings.layernorm", hidden, bias=True),
    )
