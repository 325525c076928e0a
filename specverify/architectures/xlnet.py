"""XLNet and Funnel: attention of Transformer-XL, by content and by distance, with tensors for each head."""

from __future__ import annotations

from specverify import num
from specverify.architectures.bert import discriminator
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.encoders import MOST_DIFFERENT, LanguageHead, Tasks, encoder, sequence_summary, task_of
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, label_count, layer_groups
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, LayerGroup, Mixer, Modality, Part, Role, Weight

RELATIVE = Recipe(norm="layer", norm_placement="post", position="relative", objective="masked")


@family("xlnet", source="transformers XLNetLMHeadModel; https://arxiv.org/abs/1906.08237")
def xlnet(c: Config) -> Model:
    """XLNet: a decoder over a permutation of its input, which keeps the inputs of its layers (`mems`) instead of keys and values."""
    hidden, heads, dim = c.int("d_model"), c.int("n_head"), c.int("d_head")
    remembers, memory = c.flag("use_mems_eval", True), c.optional("mem_len", least=0)
    memory = None if memory is not None and memory.value == 0 else memory
    c.optional("max_position_embeddings", least=-1)

    def mixer(c: Config, kind: str) -> Mixer:
        weights = (
            *(Weight(f"rel_attn.{name}", (hidden, heads, dim), Role.ATTENTION) for name in "qkvor"),
            *_distance("rel_attn.", heads, dim),
            *norm("rel_attn.layer_norm", hidden, bias=True),
        )
        return Attention(heads, heads, dim, dim, weights, cached=remembers, rotary=False, kept=_remembered(c, hidden), kept_tokens=memory)

    groups = layer_groups(
        c,
        c.layers("n_layer"),
        mixer=mixer,
        feed_forward=lambda c, kind: plain(c, hidden=hidden, intermediate=c.int("d_inner"), prefix="ff.", names=("layer_1", "layer_2")),
        norms=lambda c, kind: norm("ff.layer_norm", hidden, bias=True),
    )
    inside = (
        Weight("word_embedding.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING),
        Weight("mask_emb", (num.const(1), num.const(1), hidden), Role.EMBEDDING),
    )
    heads_of_class: tuple[Weight, ...] | None = None
    task = task_of(c)
    if task in ("ForSequenceClassification", "ForMultipleChoice"):
        outputs = num.const(1, "score") if task == "ForMultipleChoice" else label_count(c)
        heads_of_class = (*sequence_summary(c, hidden), *linear("logits_proj", hidden, outputs, Role.HEAD, bias=True))
    elif task == "ForQuestionAnswering" and not (c.architecture or "").endswith("Simple"):
        heads_of_class = (Weight("{unknown}", (num.unknown(f"the beam search head of {c.architecture} is not described"),), Role.HEAD),)
    tasks = Tasks("transformer.", LanguageHead(None, "", "lm_loss", ("lm_loss.bias",)), pooled=())
    model = encoder(c, tasks, inside=inside, groups=groups, layers="layer.{layer}.", recipe=RELATIVE, causal=True, heads=heads_of_class)
    return replace(model, recipe=replace(model.recipe, objective="permutation"))


def _remembered(c: Config, hidden: Num) -> Num:
    """Elements kept of a token; the class cuts them in ways that are not worked out here where `reuse_len` is stated."""
    if c.optional("reuse_len", least=0) is not None:
        return num.unknown("how many tokens a class with `reuse_len` remembers is not worked out here")
    return hidden


def _distance(prefix: str, heads: Num, dim: Num) -> tuple[Weight, ...]:
    """The biases of content, distance and segment, and the embedding of same and other segment."""
    return (
        *(Weight(f"{prefix}{name}", (heads, dim), Role.ATTENTION) for name in ("r_w_bias", "r_r_bias", "r_s_bias")),
        Weight(f"{prefix}seg_embed", (num.const(2, "same, other"), heads, dim), Role.POSITION),
    )


@family("funnel", source="transformers FunnelForMaskedLM; https://arxiv.org/abs/2006.03236")
def funnel(c: Config) -> Model:
    """Funnel: blocks of layers of which each halves the sequence, and a short stack that brings it back to full length.

    Layers that `block_repeats` runs more than once are stored once. Sequences are classified without the second stack.
    """
    hidden, task = c.int("d_model"), task_of(c)
    base = (c.architecture or "").endswith("BaseModel") or task in ("ForSequenceClassification", "ForMultipleChoice")
    heads: tuple[Weight, ...] | None = None
    if task == "ForPreTraining":
        heads = discriminator(hidden)
    elif task in ("ForSequenceClassification", "ForMultipleChoice"):
        outputs = num.const(1, "score") if task == "ForMultipleChoice" else label_count(c)
        dense = linear("classifier.linear_hidden", hidden, hidden, Role.HEAD, bias=True)
        heads = (*dense, *linear("classifier.linear_out", hidden, outputs, Role.HEAD, bias=True))
    inside = (
        Weight("embeddings.word_embeddings.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING),
        *norm("embeddings.layer_norm", hidden, bias=True),
    )
    tasks = Tasks("funnel.", LanguageHead(None, "", "lm_head", ("lm_head.bias",)), pooled=())
    model = encoder(c, tasks, inside=inside, groups=_blocks(c), layers="encoder.blocks.{layer}.", recipe=RELATIVE, heads=heads)
    if base:
        return model
    again = layer_groups(
        c,
        c.layers("num_decoder_layers"),
        mixer=lambda c, kind: _funnel_attention(c, ""),
        feed_forward=lambda c, kind: _funnel_feed_forward(c, ""),
        norms=lambda c, kind: _funnel_norms(c, ""),
    )
    upwards = Part("second stack", "encoder", Modality.TEXT, (), again, layer_prefix=f"{tasks.prefix(task)}decoder.layers.{{layer}}.")
    return replace(model, parts=(*model.parts, upwards))


def _blocks(c: Config) -> tuple[LayerGroup, ...]:
    """The layers of the blocks by their place in it: those that stand in the same places of as many blocks are alike."""
    sizes, repeats = c.counts("block_sizes"), c.list("block_repeats", of=int)
    longest = max((int(size.value or 0) for size in sizes), default=0)
    unknown = next((size for size in sizes if size.value is None), None)
    if unknown is not None or longest * len(sizes) > MOST_DIFFERENT:
        return (_place(c, unknown or num.unknown("`block_sizes` are not plausible"), (), "0.", None),)
    groups = []
    for place in range(longest):
        by_runs: dict[int, list[int]] = {}
        for index, size in enumerate(sizes):
            if place < (size.value or 0):
                by_runs.setdefault(repeats[index] if repeats is not None and index < len(repeats) else 1, []).append(index)
        for runs, blocks in by_runs.items():
            count = num.counted(len(blocks), f"blocks with a layer {place}", *sizes)
            groups.append(_place(c, count, tuple(blocks), f"{place}.", None if runs == 1 else num.counted(runs, "block_repeats")))
    return tuple(groups)


def _place(c: Config, count: Num, blocks: tuple[int, ...], prefix: str, runs: Num | None) -> LayerGroup:
    return LayerGroup(count, blocks, (_funnel_attention(c, prefix),), _funnel_feed_forward(c, prefix), _funnel_norms(c, prefix), runs)


def _funnel_attention(c: Config, prefix: str) -> Attention:
    hidden, heads, dim = c.int("d_model"), c.int("n_head"), c.int("d_head")
    module = f"{prefix}attention."
    weights = (
        *linear(f"{module}q_head", hidden, heads * dim, Role.ATTENTION),
        *linear(f"{module}k_head", hidden, heads * dim, Role.ATTENTION, bias=True),
        *linear(f"{module}v_head", hidden, heads * dim, Role.ATTENTION, bias=True),
        *linear(f"{module}post_proj", heads * dim, hidden, Role.ATTENTION, bias=True),
        Weight(f"{module}r_kernel", (hidden, heads, dim), Role.ATTENTION),
        *_distance(module, heads, dim),
    )
    return Attention(heads, heads, dim, dim, weights, causal=False, cached=False, rotary=False)


def _funnel_feed_forward(c: Config, prefix: str) -> FeedForward:
    hidden, names = c.int("d_model"), ("linear_1", "linear_2")
    return plain(c, hidden=hidden, intermediate=c.int("d_inner"), prefix=f"{prefix}ffn.", names=names)


def _funnel_norms(c: Config, prefix: str) -> tuple[Weight, ...]:
    modules = (f"{prefix}attention.layer_norm", f"{prefix}ffn.layer_norm")
    return tuple(weight for name in modules for weight in norm(name, c.int("d_model"), bias=True))
