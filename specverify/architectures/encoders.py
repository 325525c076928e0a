"""The frame that BERT's kin share: embeddings, post-norm layers under BERT's names, and the small head of each task."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import FeedForwardOf, MixerOf, Model, Recipe, label_count, layer_groups
from specverify.frozen import Struct, frozen, replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, LayerGroup, Mixer, Modality, Part, Role, Weight

LANGUAGE = ("ForMaskedLM", "ForCausalLM", "LMHeadModel", "ForPreTraining", "WithLMHead")
"""The tasks whose classes predict tokens."""

ENDINGS = {
    "LMHeadModel": "LMHeadModel",
    "WithLMHead": "WithLMHead",
    "Model": "Model",
    "Encoder": "Model",
    "Decoder": "ForCausalLM",
    "QuestionAnsweringSimple": "ForQuestionAnswering",
}
"""How the class names end that do not say `For...`, and the task they stand for."""


MOST_DIFFERENT = 256
"""Layers, or modules of a layer, that differ from each other: more do not exist, and would only cost time."""

START_AND_END = num.const(2, "start and end")


@frozen
class LanguageHead(Struct):
    """The names in a head that predicts tokens: a dense layer and a norm (None: neither), and a decoder of the embedding's shape.

    `biases` are the names that the one bias of the vocabulary is kept under.
    """

    dense: str | None
    norm: str
    decoder: str
    biases: tuple[str, ...]

    def weights(self, c: Config, table: Weight, *, tied: bool) -> tuple[Weight, ...]:
        """The head over a model of `hidden_size`, as wide inside as the embedding `table`."""
        vocabulary, width = table.shape
        transform: tuple[Weight, ...] = ()
        if self.dense is not None:
            transform = (
                *linear(self.dense, c.int("hidden_size"), width, Role.HEAD, bias=True),
                *norm(self.norm, width, bias=True),
            )
        return (
            *transform,
            Weight(f"{self.decoder}.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None),
            Weight(self.biases[0], (vocabulary,), Role.HEAD),
            *(Weight(name, (vocabulary,), Role.HEAD, tied_to=self.biases[0] if tied else None) for name in self.biases[1:]),
        )


BERT_HEAD = LanguageHead(
    "cls.predictions.transform.dense",
    "cls.predictions.transform.LayerNorm",
    "cls.predictions.decoder",
    ("cls.predictions.bias", "cls.predictions.decoder.bias"),
)
ROBERTA_HEAD = LanguageHead("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", ("lm_head.bias", "lm_head.decoder.bias"))
GENERATOR_HEAD = LanguageHead(
    "generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head", ("generator_lm_head.bias",)
)


@frozen
class Tasks(Struct):
    """Where the task classes of a family keep what they add to its bare model.

    `body` is the bare model's name in them. The classes whose tasks are in `pooled` have a dense layer `pooler` over the
    first token, inside the body unless `pooler_outside`, as wide as the key `pooler_size` says. `next_sentence`:
    pretraining tells whether a sentence follows. `two_answers`: an answer has a start and an end, however many labels
    the config has. A `dense_classifier` of sequences has two layers. `choice` is the dense layer before the score of a
    choice; one that `summarizes` is there on demand.
    """

    body: str
    language: LanguageHead
    pooled: tuple[str, ...] = ("Model", "ForMultipleChoice")
    pooler: str = "pooler.dense"
    pooler_outside: bool = False
    pooler_size: str = "hidden_size"
    dense_classifier: bool = False
    next_sentence: bool = True
    two_answers: bool = False
    choice: str | None = None
    summarizes: bool = False

    def prefix(self, task: str) -> str:
        """What stands before the names of the bare model's tensors in the class of a task."""
        return "" if task == "Model" else self.body

    def weights(self, c: Config, task: str, table: Weight, *, tied: bool) -> tuple[Weight, ...]:
        """What the class of a task adds; one tensor of unknown shape for a task nobody described."""
        hidden = c.int("hidden_size")
        pooler = self._pooler(c, task)
        match task:
            case "Model":
                return pooler
            case "ForPreTraining":
                return (*pooler, *self.language.weights(c, table, tied=tied), *(_next_sentence(hidden) if self.next_sentence else ()))
            case "ForNextSentencePrediction":
                return (*pooler, *_next_sentence(hidden))
            case "ForMultipleChoice":
                return (*pooler, *self._choice(c, hidden))
            case "ForQuestionAnswering":
                return (*pooler, *linear("qa_outputs", hidden, START_AND_END if self.two_answers else label_count(c), Role.HEAD, bias=True))
            case "ForSequenceClassification" if self.dense_classifier:
                dense = linear("classifier.dense", hidden, hidden, Role.HEAD, bias=True)
                return (*pooler, *dense, *linear("classifier.out_proj", hidden, label_count(c), Role.HEAD, bias=True))
            case "ForSequenceClassification" | "ForTokenClassification":
                return (*pooler, *linear("classifier", hidden, label_count(c), Role.HEAD, bias=True))
        return (*pooler, *self.language.weights(c, table, tied=tied)) if task in LANGUAGE else unknown_head(c)

    def _pooler(self, c: Config, task: str) -> tuple[Weight, ...]:
        if task not in self.pooled:
            return ()
        width = c.int(self.pooler_size if self.pooler_size in c else "hidden_size")
        prefix = "" if self.pooler_outside else self.prefix(task)
        return linear(prefix + self.pooler, width, width, Role.HEAD, bias=True)

    def _choice(self, c: Config, hidden: Num) -> tuple[Weight, ...]:
        score = linear("classifier", hidden, num.const(1, "score"), Role.HEAD, bias=True)
        if self.summarizes:
            return (*sequence_summary(c, hidden), *score)
        return score if self.choice is None else (*linear(self.choice, hidden, hidden, Role.HEAD, bias=True), *score)


def task_of(c: Config) -> str:
    """The task of the class: `ForMaskedLM`, `Model` for the bare one, ...; a config that names no class is taken for a masked LM."""
    name = c.architecture
    if name is None:
        return "ForMaskedLM"
    found = next((task for ending, task in ENDINGS.items() if name.endswith(ending)), None)
    return found or name[max(name.rfind("For"), 0) :]


def unknown_head(c: Config) -> tuple[Weight, ...]:
    """What stands for the head of a class that nobody described."""
    return (Weight("{unknown}", (num.unknown(f"the head of {c.architecture} is not known"),), Role.HEAD),)


def _next_sentence(hidden: Num) -> tuple[Weight, ...]:
    return linear("cls.seq_relationship", hidden, num.const(2, "is next, is not"), Role.HEAD, bias=True)


def sequence_summary(c: Config, hidden: Num) -> tuple[Weight, ...]:
    """The projection of one token that stands for the sequence, where `summary_use_proj` asks for it.

    As wide as the labels with `summary_proj_to_labels`, else as the model.
    """
    if not c.flag("summary_use_proj"):
        return ()
    width = label_count(c) if c.flag("summary_proj_to_labels") else hidden
    return linear("sequence_summary.summary", hidden, width, Role.HEAD, bias=True)


def embeddings(
    c: Config,
    *,
    width: Num | None = None,
    positions: Num | None = None,
    types: bool = True,
    norm_width: Num | None = None,
    prefix: str = "embeddings.",
) -> tuple[Weight, ...]:
    """Word, position (unless `positions` is None) and segment embeddings, and the norm (none: `norm_width` None) over their sum.

    The first is the table of words.
    """
    width = width or c.int("hidden_size")
    weights = [Weight(f"{prefix}word_embeddings.weight", (c.int("vocab_size"), width), Role.EMBEDDING)]
    if positions is not None:
        weights.append(Weight(f"{prefix}position_embeddings.weight", (positions, width), Role.POSITION))
    if types:
        weights.append(Weight(f"{prefix}token_type_embeddings.weight", (c.int("type_vocab_size", least=0), width), Role.POSITION))
    return (*weights, *(norm(f"{prefix}LayerNorm", norm_width, bias=True) if norm_width is not None else ()))


def bert_embeddings(c: Config, *, width: Num | None = None, extra_positions: int = 0, types: bool = True) -> tuple[Weight, ...]:
    """BERT's three tables and the norm over their sum; some have rows for positions in front of the first."""
    positions = c.int("max_position_embeddings")
    positions = positions + extra_positions if extra_positions else positions
    return embeddings(c, width=width, positions=positions, types=types, norm_width=width or c.int("hidden_size"))


def widened(name: str, width: Num, hidden: Num) -> tuple[Weight, ...]:
    """The layer between an embedding and a model of another width (ALBERT, arXiv:1909.11942); none where they are equal."""
    return () if width.value == hidden.value else linear(name, width, hidden, Role.PROJECTOR, bias=True)


@frozen
class Layer(Struct):
    """The names in a layer: its projections, the norm of attention and the one of the feed-forward."""

    projections: tuple[str, str, str, str] = ("self.query", "self.key", "self.value", "output.dense")
    attention_norm: str = "output.LayerNorm"
    end_norm: str = "output.LayerNorm"
    path: str = "encoder.layer.{layer}."


POST_NORM = Layer()


def attention(
    c: Config,
    layer: Layer = POST_NORM,
    prefix: str = "attention.",
    *,
    bias: bool = True,
    causal: bool = False,
    cross: bool = False,
    cached: bool = False,
    window: Num | None = None,
    rotary: bool = False,
    source: Num | None = None,
    more: tuple[Weight, ...] = (),
) -> Attention:
    """BERT's attention with its norm, and what a kin has `more`, by names under `prefix`.

    `source` is the width of what it attends to, where not its own.
    """
    found = mha(
        c,
        bias=bias,
        o_bias=True,
        names=layer.projections,
        prefix=prefix,
        causal=causal,
        cross=cross,
        cached=cached,
        window=window,
        rotary=rotary,
        source=source,
    )
    own = (*norm(layer.attention_norm, c.int("hidden_size"), bias=True), *more)
    return replace(found, weights=(*found.weights, *prefixed(prefix, own)))


def is_causal(c: Config) -> bool:
    """Whether the class is built as a decoder, with a causal mask and a cache."""
    return c.flag("is_decoder")


def mixers(c: Config, layer: Layer = POST_NORM, *, bias: bool = True, rotary: bool = False, more: tuple[Weight, ...] = ()) -> MixerOf:
    """Self-attention, causal and cached with `is_decoder`, and with `add_cross_attention` attention to an encoder behind it."""
    causal = is_causal(c)

    def build(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = attention(c, layer, bias=bias, causal=causal, cached=causal, rotary=rotary, more=more)
        if not (causal and c.flag("add_cross_attention")):
            return (own,)
        return (own, attention(c, layer, "crossattention.", bias=bias, cross=True, cached=True))

    return build


def feed_forward(c: Config, kind: str = "") -> FeedForward:
    """BERT's feed-forward, under its names."""
    return plain(c, prefix="", names=("intermediate.dense", "output.dense"))


def bert_layers(
    c: Config, *, layer: Layer = POST_NORM, mixer: MixerOf | None = None, forward: FeedForwardOf = feed_forward
) -> tuple[LayerGroup, ...]:
    """Equal layers as BERT has them."""
    return layer_groups(
        c,
        c.layers(),
        mixer=mixer or mixers(c, layer),
        feed_forward=forward,
        norms=lambda c, kind: norm(layer.end_norm, c.int("hidden_size"), bias=True),
    )


LEARNED_POST_NORM = Recipe(norm="layer", norm_placement="post", position="learned", objective="masked")


def encoder(
    c: Config,
    tasks: Tasks,
    *,
    inside: tuple[Weight, ...],
    groups: tuple[LayerGroup, ...],
    layers: str = POST_NORM.path,
    recipe: Recipe = LEARNED_POST_NORM,
    causal: bool = False,
    tied: bool | None = None,
    heads: tuple[Weight, ...] | None = None,
    also: tuple[Weight, ...] = (),
    table: Weight | None = None,
) -> Model:
    """A stack with the head of its class. `inside` are the bare model's tensors outside the layers, the word table first.

    `heads` replaces what `tasks` say the class adds; `also` is added to it. `table` is the word table of the head, under
    its full name, where it is not the first tensor.
    """
    task = task_of(c)
    prefix = tasks.prefix(task)
    tied = c.flag("tie_word_embeddings") if tied is None else tied
    body = prefixed(prefix, inside)
    if heads is None:
        heads = tasks.weights(c, task, table or body[0], tied=tied)
    role = "decoder" if causal else "encoder"
    part = Part(role, role, Modality.TEXT, (*body, *heads, *also), groups, layer_prefix=prefix + layers)
    mask = "causal" if causal else "bidirectional"
    return Model((part,), c, replace(recipe, objective="causal") if causal else recipe, mask=mask, tied=tied)
