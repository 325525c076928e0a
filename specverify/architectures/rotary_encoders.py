"""Encoders of the years after RoPE: BERT's tasks on rotary positions, gated feed-forwards, or a decoder's layers."""

from __future__ import annotations

from specverify import num
from specverify.architectures.bert import BERT, ROBERTA
from specverify.architectures.blocks.attention import gqa, mha
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.encoders import LEARNED_POST_NORM, LanguageHead, Tasks, embeddings, encoder, task_of
from specverify.architectures.keys import Config
from specverify.architectures.model import FeedForwardOf, Kinds, Model, Recipe, depth_of, kinds, label_count, layer_groups, layer_norms
from specverify.architectures.qwen import FULL, SLIDING
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Role, Weight

LONG = "long sliding_attention"
"""The kind of NeoMME's sliding layers with the longer window, where the class alternates them."""

POST_NORM = replace(LEARNED_POST_NORM, position="rope")
PRE_NORM = Recipe(norm="rms", objective="masked")

NOMIC_HEAD = LanguageHead(
    "cls.predictions.transform.dense",
    "cls.predictions.transform.layer_norm",
    "cls.predictions.decoder",
    ("cls.predictions.bias", "cls.predictions.decoder.bias"),
)
GTE_HEAD = LanguageHead("lm_head.dense", "lm_head.norm", "lm_head.decoder", ("lm_head.decoder.bias",))
ESMC_HEAD = LanguageHead("lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", ("lm_head.decoder.bias",))


@family("nomic_bert", source="transformers NomicBertForMaskedLM; https://arxiv.org/abs/2402.01613")
def nomic_bert(c: Config) -> Model:
    """Nomic Embed: post-norm layers with a gated feed-forward, without biases; q, k and v are one tensor."""
    return _post_norm(
        c,
        replace(BERT, body="nomic_bert.", language=NOMIC_HEAD, pooled=("ForSequenceClassification",)),
        bias=False,
        attention=("attn.", "Wqkv", "out_proj"),
        feed_forward=lambda c, kind: glu(c, names=("fc12", "fc11", "fc2")),
        norms=("norm1", "norm2"),
        tied=c.flag("tie_word_embeddings", True),
    )


@family("jina_embeddings_v3", source="transformers JinaEmbeddingsV3ForMaskedLM; https://arxiv.org/abs/2409.10173")
def jina_embeddings_v3(c: Config) -> Model:
    """Jina Embeddings v3: XLM-RoBERTa with rotary positions; q, k and v are one tensor. The adapters of its tasks are not listed."""
    return _post_norm(
        c,
        replace(ROBERTA, pooled=("Model",)),
        bias=True,
        attention=("mixer.", "Wqkv", "out_proj"),
        feed_forward=lambda c, kind: plain(c),
        norms=("norm1", "norm2"),
        tied=c.flag("tie_word_embeddings"),
    )


@family("gte", source="transformers GteForMaskedLM; https://arxiv.org/abs/2407.19669")
def gte(c: Config) -> Model:
    """GTE: post-norm layers with a gated feed-forward, biases save on its gate; segments only where the config counts some."""
    segments = c.int("type_vocab_size", least=0)
    return _post_norm(
        c,
        Tasks("new.", GTE_HEAD, pooled=("ForSequenceClassification",)),
        bias=True,
        attention=("attention.", "qkv_proj", "o_proj"),
        feed_forward=lambda c, kind: _bias_at_the_end(glu(c, fused="up_gate_proj"), c.int("hidden_size")),
        norms=("attn_ln", "mlp_ln"),
        embedding_norm="embeddings.LayerNorm",
        layers="encoder.layer.{layer}.",
        types=segments.value != 0,
        tied=c.flag("tie_word_embeddings"),
    )


def _bias_at_the_end(block: FeedForward, hidden: Num) -> FeedForward:
    return replace(block, weights=(*block.weights, Weight("mlp.down_proj.bias", (hidden,), Role.FEED_FORWARD)))


def _post_norm(
    c: Config,
    tasks: Tasks,
    *,
    bias: bool,
    attention: tuple[str, str, str],
    feed_forward: FeedForwardOf,
    norms: tuple[str, str],
    tied: bool,
    embedding_norm: str = "emb_ln",
    layers: str = "encoder.layers.{layer}.",
    types: bool = True,
) -> Model:
    """BERT with rotary positions. `attention` names its module, the tensor of q, k and v, and the output."""
    prefix, fused, output = attention

    def mixer(c: Config, kind: str) -> Mixer:
        names = ("", "", "", output)
        return mha(c, bias=bias, o_bias=bias, fused=fused, names=names, prefix=prefix, causal=False, cached=False)

    groups = layer_groups(c, c.layers(), mixer=mixer, feed_forward=feed_forward, norms=layer_norms(*norms, bias=True))
    inside = (*embeddings(c, types=types), *norm(embedding_norm, c.int("hidden_size"), bias=True))
    return encoder(c, tasks, inside=inside, groups=groups, layers=layers, recipe=POST_NORM, tied=tied)


@family("eurobert", source="transformers EuroBertForMaskedLM; https://arxiv.org/abs/2503.05500")
def eurobert(c: Config) -> Model:
    """EuroBERT: Llama's layers seen both ways, and a bare head, tied where the config says so."""
    hidden, task = c.int("hidden_size"), task_of(c)
    heads: tuple[Weight, ...] | None = None
    if task == "ForMaskedLM":
        tied = "model.embed_tokens.weight" if c.flag("tie_word_embeddings") else None
        heads = linear("lm_head", hidden, c.int("vocab_size"), Role.HEAD, bias=c.flag("mlp_bias"))
        heads = (replace(heads[0], tied_to=tied), *heads[1:])
    elif task == "ForSequenceClassification":
        heads = (*linear("dense", hidden, hidden, Role.HEAD, bias=True), *_classifier(c))
    return _pre_norm(c, Tasks("model.", GTE_HEAD, pooled=()), heads=heads)


@family("ultrabert", source="transformers UltrabertForMaskedLM")
def ultrabert(c: Config) -> Model:
    """UltraBERT: Llama's layers seen both ways, two of three through a window to either side, and a head with a waist."""
    hidden, count = c.int("hidden_size"), c.layers()
    found, window = kinds(c, count, allowed=(FULL, SLIDING)), c.int("sliding_window")
    if "attention_windows" in c.raw:
        # Existing checkpoints state a radius for each layer, 0 or null for all.
        radii = (c.list("attention_windows") or [])[: depth_of(count)]
        window = next((num.counted(r, "attention_windows") for r in radii if isinstance(r, int) and r > 0), window)
        if c.raw.get("layer_types") is None:
            seen = [SLIDING if radius else FULL for radius in radii]
            found = Kinds((*seen, *("",) * (depth_of(count) - len(seen))), (count,))
    heads: tuple[Weight, ...] | None = None
    if task_of(c) == "ForMaskedLM":
        waist, table = c.int("prediction_head_size"), (c.int("vocab_size"), hidden)
        tied = "ultrabert.embed_tokens.weight" if c.flag("tie_word_embeddings") else None
        heads = (
            *linear("head.linear1", hidden, waist, Role.HEAD),
            *linear("head.linear2", waist, hidden, Role.HEAD),
            Weight("cls.weight", table, Role.HEAD, tied_to=tied),
        )
    return _pre_norm(c, Tasks("ultrabert.", GTE_HEAD, pooled=(), two_answers=True), heads=heads, mixer_kinds=found, window=window * 2 + 1)


@family("esmc", source="transformers EsmcForMaskedLM; ESM Cambrian")
def esmc(c: Config) -> Model:
    """ESM Cambrian: a protein model of Llama's layers seen both ways, with LayerNorms and norms over all queries and keys."""
    hidden = c.int("hidden_size")
    qk = (*norm("self_attn.q_norm", hidden), *norm("self_attn.k_norm", hidden))
    heads = linear("score", hidden, label_count(c), Role.HEAD, bias=True) if task_of(c) == "ForTokenClassification" else None
    tasks = Tasks("esmc.", ESMC_HEAD, pooled=(), dense_classifier=True)
    recipe = replace(PRE_NORM, norm="layer", qk_norm="full")
    return _pre_norm(c, tasks, heads=heads, more=qk, norm_bias=True, tied=False, recipe=recipe)


def _classifier(c: Config) -> tuple[Weight, ...]:
    return linear("classifier", c.int("hidden_size"), label_count(c), Role.HEAD, bias=True)


def _pre_norm(
    c: Config,
    tasks: Tasks,
    *,
    heads: tuple[Weight, ...] | None,
    mixer_kinds: Kinds | None = None,
    window: Num | None = None,
    more: tuple[Weight, ...] = (),
    norm_bias: bool = False,
    tied: bool | None = None,
    recipe: Recipe = PRE_NORM,
) -> Model:
    """Llama's layers seen both ways: an embedding, pre-norm layers, a norm at the end."""
    hidden, bias = c.int("hidden_size"), c.flag("attention_bias")

    def mixer(c: Config, kind: str) -> Mixer:
        own = gqa(c, bias=bias, o_bias=bias, window=window if kind == SLIDING else None, causal=False, cached=False)
        return replace(own, weights=(*own.weights, *more))

    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c, bias=c.flag("mlp_bias")),
        mixer_kinds=mixer_kinds,
        norms=layer_norms("input_layernorm", "post_attention_layernorm", bias=norm_bias),
    )
    inside = (Weight("embed_tokens.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING), *norm("norm", hidden))
    return encoder(c, tasks, inside=inside, groups=groups, layers="layers.{layer}.", recipe=recipe, tied=tied, heads=heads)


@family("neomme", source="transformers NeoMMEForMaskedLM")
def neomme(c: Config) -> Model:
    """NeoMME: words through a narrow table, images through patches, norms without weights, and values from a table of words.

    Attention has a gate before its output and takes a share of its own value out (`alpha`); each layer mixes in the
    embedding (`lambdas`).
    """
    hidden, rank, heads = c.int("hidden_size"), c.int("embedding_rank"), c.int("num_attention_heads")
    vocabulary, dim, bias = c.int("vocab_size"), c.int("head_dim"), c.flag("attention_bias")
    patch = c.int("patch_size")
    patch = patch * patch * 3
    long_window = num.const(1024, "longer window")
    projected = Weight("embed_tokens.embedding_projection.weight", (hidden, rank), Role.PROJECTOR)
    inside = (
        Weight("embed_tokens.word_embeddings.weight", (vocabulary, rank), Role.EMBEDDING),
        projected,
        Weight("value_embeddings.weight", (vocabulary, c.int("num_key_value_heads") * dim), Role.EMBEDDING),
        *norm("patch_embeddings.norm", patch, bias=True),
        *linear("patch_embeddings.up_proj", patch, hidden * 2, Role.PROJECTOR),
        *linear("patch_embeddings.down_proj", hidden * 2, hidden, Role.PROJECTOR, bias=True),
    )

    def mixer(c: Config, kind: str) -> Mixer:
        names = ("q_proj", "k_proj", "v_proj", "output_projection.o_proj")
        window = long_window if kind == LONG else c.optional("sliding_window") if kind == SLIDING else None
        own = gqa(c, bias=bias, o_bias=bias, names=names, window=None if window is None else window * 2 + 1, causal=False, cached=False)
        gate = linear("self_attn.output_projection.gate_proj", hidden, heads * dim, Role.ATTENTION)
        return replace(own, weights=(*own.weights, *gate, Weight("self_attn.exclusive_self_attention.alpha", (heads,), Role.ATTENTION)))

    groups = layer_groups(
        c,
        c.layers(),
        mixer=mixer,
        feed_forward=lambda c, kind: plain(c, names=("up_proj", "down_proj"), bias=c.flag("mlp_bias")),
        mixer_kinds=_alternating(c),
        norms=lambda c, kind: (Weight("lambdas", (num.const(2, "layer and embedding"),), Role.NORM),),
    )
    head: tuple[Weight, ...] | None = None
    tied = c.flag("tie_word_embeddings")
    if task_of(c) == "ForMaskedLM":
        head = (
            Weight("unembedding_projection.weight", (hidden, rank), Role.HEAD, tied_to=f"model.{projected.name}" if tied else None),
            Weight("lm_head.weight", (vocabulary, rank), Role.HEAD, tied_to=f"model.{inside[0].name}" if tied else None),
        )
    elif task_of(c) == "ForRetrieval":
        head = linear("multi_vector_head.proj", hidden, c.int("embedding_dim"), Role.HEAD)
    tasks = Tasks("model.", GTE_HEAD, pooled=())
    model = encoder(c, tasks, inside=inside, groups=groups, layers="layers.{layer}.", recipe=PRE_NORM, heads=head)
    return replace(model, interface="projector")


def _alternating(c: Config) -> Kinds:
    """Every other sliding layer of NeoMME has a longer window, unless the config overrides its layers itself."""
    found = kinds(c, c.layers(), allowed=(FULL, SLIDING))
    if "per_layer_config" in c.raw:
        return found
    sliding = [index for index, kind in enumerate(found.kinds) if kind == SLIDING]
    longer = set(sliding[1::2])
    return Kinds(tuple(LONG if index in longer else kind for index, kind in enumerate(found.kinds)), found.rests_on)
