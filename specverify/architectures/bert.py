"""BERT, RoBERTa, and the kin that differ from them by names, norms or an embedding."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.encoders import (
    BERT_HEAD,
    GENERATOR_HEAD,
    LEARNED_POST_NORM,
    MOST_DIFFERENT,
    ROBERTA_HEAD,
    START_AND_END,
    LanguageHead,
    Layer,
    Tasks,
    bert_embeddings,
    bert_layers,
    embeddings,
    encoder,
    feed_forward,
    is_causal,
    mixers,
    task_of,
    widened,
)
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Role, Weight

RELATIVE = ("relative_key", "relative_key_query")
"""`position_embedding_type` of checkpoints with a table of distances in every layer; transformers 5 no longer builds it."""

POOLED = ("Model", "ForPreTraining", "ForNextSentencePrediction", "ForMultipleChoice", "ForSequenceClassification")
"""The tasks whose classes pool the first token in BERT; in RoBERTa sequences are classified without."""

EVERY = (*POOLED, "ForMaskedLM", "ForCausalLM", "ForTokenClassification", "ForQuestionAnswering")
"""Every task, for the kin that always pool."""

BERT = Tasks("bert.", BERT_HEAD, pooled=POOLED)
ROBERTA = Tasks("roberta.", ROBERTA_HEAD, dense_classifier=True)


@family("bert", source="transformers BertForMaskedLM; https://arxiv.org/abs/1810.04805")
def bert(c: Config) -> Model:
    """BERT: word, position and segment embeddings, post-norm layers, and the head of the class. Owns no cache.

    With `is_decoder` it is causal and keeps keys and values; with `add_cross_attention` it reads an encoder too.
    """
    return _kin(c, BERT)


@family("ernie", source="transformers ErnieForMaskedLM; https://arxiv.org/abs/1907.12412")
def ernie(c: Config) -> Model:
    """ERNIE: BERT with a table of pretraining tasks where `use_task_id` is set."""
    hidden = c.int("hidden_size")
    tasks: tuple[Weight, ...] = ()
    if c.flag("use_task_id"):
        tasks = (Weight("embeddings.task_type_embeddings.weight", (c.int("task_type_vocab_size"), hidden), Role.POSITION),)
    return _kin(c, replace(BERT, body="ernie."), more=tasks)


@family("layoutlm", source="transformers LayoutLMForMaskedLM; https://arxiv.org/abs/1912.13318")
def layoutlm(c: Config) -> Model:
    """LayoutLM: BERT with tables for where on the page a word stands, and how large it is."""
    shape = (c.int("max_2d_position_embeddings"), c.int("hidden_size"))
    boxes = tuple(Weight(f"embeddings.{axis}_position_embeddings.weight", shape, Role.POSITION) for axis in "xyhw")
    return _kin(c, replace(BERT, body="layoutlm.", pooled=EVERY), more=boxes)


@family("tapas", source="transformers TapasForMaskedLM; https://arxiv.org/abs/2004.02349")
def tapas(c: Config) -> Model:
    """TAPAS: BERT with a table of segments for each thing the token of a cell is told: row, column, rank, ..."""
    hidden = c.int("hidden_size")
    types = tuple(
        Weight(f"embeddings.token_type_embeddings_{index}.weight", (size, hidden), Role.POSITION)
        for index, size in enumerate(c.counts("type_vocab_sizes"))
    )
    tasks = replace(BERT, body="tapas.")
    heads = None
    if task_of(c) == "ForQuestionAnswering":
        aggregations = c.int("num_aggregation_labels", least=0)
        heads = (
            Weight("output_weights", (hidden,), Role.HEAD),
            Weight("column_output_weights", (hidden,), Role.HEAD),
            Weight("output_bias", (), Role.HEAD),
            Weight("column_output_bias", (), Role.HEAD),
            *(() if aggregations.value == 0 else linear("aggregation_classifier", hidden, aggregations, Role.HEAD, bias=True)),
        )
    return encoder(c, tasks, inside=(*bert_embeddings(c, types=False), *types), groups=bert_layers(c), heads=heads)


@family("roc_bert", source="transformers RoCBertForMaskedLM; https://aclanthology.org/2022.acl-long.65")
def roc_bert(c: Config) -> Model:
    """RoCBert: BERT that is also told how a character sounds and looks, joined to its embedding with `concat_input`."""
    hidden = c.int("hidden_size")
    seen = {kind: c.int(f"{kind}_embed_dim") for kind in ("pronunciation", "shape")}
    more = tuple(
        Weight(f"embeddings.{kind}_embed.weight", (c.int(f"{kind}_vocab_size"), width), Role.EMBEDDING) for kind, width in seen.items()
    )
    if c.flag("concat_input"):
        joined = hidden
        for kind, width in seen.items():
            joined = joined + width if c.flag(f"enable_{kind}") else joined
        more = (*more, *linear("embeddings.map_inputs_layer", joined, hidden, Role.EMBEDDING, bias=True))
    return _kin(c, replace(BERT, body="roc_bert.", next_sentence=False), more=more)


@family("big_bird", source="transformers BigBirdForMaskedLM; https://arxiv.org/abs/2007.14062")
def big_bird(c: Config) -> Model:
    """BigBird: BERT whose tokens attend to a window, some random blocks and a few global tokens, which own no weight."""
    hidden, bias = c.int("hidden_size"), c.flag("use_bias", True)
    tasks = replace(BERT, pooler="pooler", pooled=tuple(task for task in EVERY if task != "ForQuestionAnswering"), dense_classifier=True)
    heads = None
    if task_of(c) == "ForQuestionAnswering":
        heads = prefixed(
            "qa_classifier.",
            (
                *linear("intermediate.dense", hidden, c.int("intermediate_size"), Role.HEAD, bias=True),
                *linear("output.dense", c.int("intermediate_size"), hidden, Role.HEAD, bias=True),
                *norm("output.LayerNorm", hidden, bias=True),
                *linear("qa_outputs", hidden, START_AND_END, Role.HEAD, bias=True),
            ),
        )
    groups = bert_layers(c, mixer=mixers(c, bias=bias))
    return encoder(c, tasks, inside=bert_embeddings(c), groups=groups, causal=is_causal(c), heads=heads)


@family("bert-generation", source="transformers BertGenerationDecoder; https://arxiv.org/abs/1907.12461")
def bert_generation(c: Config) -> Model:
    """BertGeneration: BERT without segments as half of a sequence-to-sequence model, and a head that is a decoder only."""
    head = LanguageHead(None, "", "lm_head.decoder", ("lm_head.bias", "lm_head.decoder.bias"))
    return _kin(c, Tasks("bert.", head, pooled=()), types=False)


@family("megatron-bert", source="transformers MegatronBertForMaskedLM; https://arxiv.org/abs/1909.08053")
def megatron_bert(c: Config) -> Model:
    """Megatron-BERT: BERT with its norms in front of attention and feed-forward and at the end, and none over the embedding."""
    return _pre_norm(c, BERT, Layer(attention_norm="ln", end_norm="ln"), "encoder.ln")


@family("roberta", "xlm-roberta", "camembert", source="transformers RobertaForMaskedLM; https://arxiv.org/abs/1907.11692")
def roberta(c: Config) -> Model:
    """RoBERTa: BERT trained longer; positions start behind the padding id, and the heads are laid out differently."""
    return _kin(c, ROBERTA)


@family("data2vec-text", source="transformers Data2VecTextForMaskedLM; https://arxiv.org/abs/2202.03555")
def data2vec_text(c: Config) -> Model:
    """data2vec: RoBERTa trained to predict its own representations."""
    return _kin(c, replace(ROBERTA, body="data2vec_text."))


@family("roberta-prelayernorm", source="transformers RobertaPreLayerNormForMaskedLM; https://arxiv.org/abs/1904.01038")
def roberta_prelayernorm(c: Config) -> Model:
    """RoBERTa with its norms in front of attention and feed-forward, over the embedding, and at the end."""
    layer = Layer(attention_norm="LayerNorm", end_norm="intermediate.LayerNorm")
    return _pre_norm(c, replace(ROBERTA, body="roberta_prelayernorm."), layer, "LayerNorm", norms_embedding=True)


@family("xlm-roberta-xl", source="transformers XLMRobertaXLForMaskedLM; https://arxiv.org/abs/2105.00572")
def xlm_roberta_xl(c: Config) -> Model:
    """XLM-RoBERTa XL: RoBERTa with its norms in front of attention and feed-forward and at the end."""
    return _pre_norm(c, ROBERTA, Layer(attention_norm="self_attn_layer_norm", end_norm="LayerNorm"), "encoder.LayerNorm")


@family("xmod", source="transformers XmodForMaskedLM; https://arxiv.org/abs/2205.06266")
def xmod(c: Config) -> Model:
    """X-MOD: RoBERTa with a small adapter in each layer for each of its languages; a sentence uses its own."""
    languages, hidden = c.list("languages", of=str), c.int("hidden_size")
    narrow = hidden // c.int("adapter_reduction_factor")

    def forward(c: Config, kind: str) -> FeedForward:
        found = feed_forward(c)
        return replace(found, weights=(*found.weights, *adapters))

    adapters: list[Weight] = []
    if c.flag("adapter_layer_norm"):
        adapters += norm("output.adapter_layer_norm", hidden, bias=True)
    if languages is None or len(languages) > MOST_DIFFERENT:
        adapters.append(Weight("{unknown}", (num.unknown("`languages` is not a plausible list of names"),), Role.FEED_FORWARD))
    for language in dict.fromkeys((languages or ())[:MOST_DIFFERENT]):
        adapter = f"output.adapter_modules.{language}."
        adapters += linear(f"{adapter}dense1", hidden, narrow, Role.FEED_FORWARD, bias=True)
        adapters += linear(f"{adapter}dense2", narrow, hidden, Role.FEED_FORWARD, bias=True)
    pre_norm = c.flag("pre_norm")
    inside = (*bert_embeddings(c), *(norm("encoder.LayerNorm", hidden, bias=True) if pre_norm else ()))
    recipe = replace(LEARNED_POST_NORM, norm_placement="pre") if pre_norm else LEARNED_POST_NORM
    return encoder(c, ROBERTA, inside=inside, groups=bert_layers(c, forward=forward), recipe=recipe, causal=is_causal(c))


@family("electra", source="transformers ElectraForMaskedLM; https://arxiv.org/abs/2003.10555")
def electra(c: Config) -> Model:
    """ELECTRA: BERT over a narrower embedding; a generator that predicts tokens, or the discriminator that finds replaced ones."""
    hidden, width = c.int("hidden_size"), c.int("embedding_size")
    tasks = Tasks("electra.", GENERATOR_HEAD, pooled=(), dense_classifier=True, summarizes=True)
    heads = discriminator(hidden) if task_of(c) == "ForPreTraining" else None
    inside = (*bert_embeddings(c, width=width), *widened("embeddings_project", width, hidden))
    return encoder(c, tasks, inside=inside, groups=bert_layers(c), causal=is_causal(c), heads=heads)


def discriminator(hidden: Num) -> tuple[Weight, ...]:
    """ELECTRA's head: whether a token was replaced."""
    return (
        *linear("discriminator_predictions.dense", hidden, hidden, Role.HEAD, bias=True),
        *linear("discriminator_predictions.dense_prediction", hidden, num.const(1, "replaced"), Role.HEAD, bias=True),
    )


@family("rembert", source="transformers RemBertForMaskedLM; https://arxiv.org/abs/2010.12821")
def rembert(c: Config) -> Model:
    """RemBERT: BERT with a narrow embedding of its input and a wide one of its output, never tied."""
    hidden, width, out = c.int("hidden_size"), c.int("input_embedding_size"), c.int("output_embedding_size")
    head = LanguageHead("cls.predictions.dense", "cls.predictions.LayerNorm", "cls.predictions.decoder", ("cls.predictions.decoder.bias",))
    projection = linear("encoder.embedding_hidden_mapping_in", width, hidden, Role.PROJECTOR, bias=True)
    table = Weight("cls.predictions.decoder.weight", (c.int("vocab_size"), out), Role.EMBEDDING)
    return encoder(
        c,
        Tasks("rembert.", head, pooled=POOLED),
        inside=(*bert_embeddings(c, width=width), *projection),
        groups=bert_layers(c),
        causal=is_causal(c),
        tied=False,
        table=table,
    )


@family("roformer", source="transformers RoFormerForMaskedLM; https://arxiv.org/abs/2104.09864")
def roformer(c: Config) -> Model:
    """RoFormer: BERT with rotary positions, whose sines the class keeps as a table."""
    hidden, width = c.int("hidden_size"), c.int("embedding_size")
    sines = (c.int("max_position_embeddings"), hidden // c.int("num_attention_heads"))
    return encoder(
        c,
        Tasks("roformer.", BERT_HEAD, pooled=(), dense_classifier=True, summarizes=True, two_answers=True),
        inside=(
            *embeddings(c, width=width, norm_width=width),
            *widened("embeddings_project", width, hidden),
            Weight("encoder.embed_positions.weight", sines, Role.POSITION),
        ),
        groups=bert_layers(c, mixer=mixers(c, rotary=True)),
        recipe=replace(LEARNED_POST_NORM, position="rope"),
        causal=is_causal(c),
    )


def _kin(c: Config, tasks: Tasks, *, types: bool = True, more: tuple[Weight, ...] = ()) -> Model:
    """BERT under the names of `tasks`, with what `more` a kin has outside its layers."""
    distances: tuple[Weight, ...] = ()
    relative = c.text("position_embedding_type") in RELATIVE
    if relative:
        shape = (c.int("max_position_embeddings") * 2 - 1, c.int("hidden_size") // c.int("num_attention_heads"))
        distances = (Weight("self.distance_embedding.weight", shape, Role.POSITION),)
    recipe = replace(LEARNED_POST_NORM, position="relative") if relative else LEARNED_POST_NORM
    groups = bert_layers(c, mixer=mixers(c, more=distances))
    return encoder(c, tasks, inside=(*bert_embeddings(c, types=types), *more), groups=groups, recipe=recipe, causal=is_causal(c))


def _pre_norm(c: Config, tasks: Tasks, layer: Layer, end: str, *, norms_embedding: bool = False) -> Model:
    """BERT with pre-norm layers and a norm at the `end`."""
    hidden = c.int("hidden_size")
    tables = embeddings(c, positions=c.int("max_position_embeddings"), norm_width=hidden if norms_embedding else None)
    return encoder(
        c,
        tasks,
        inside=(*tables, *norm(end, hidden, bias=True)),
        groups=bert_layers(c, layer=layer),
        recipe=replace(LEARNED_POST_NORM, norm_placement="pre"),
        causal=is_causal(c),
    )
