"""T5's kin: an encoder for long texts, experts, music, and documents with their layout."""

from __future__ import annotations

from typing import Any

from specverify import num
from specverify.architectures.blocks.feed_forward import moe, plain, plain_weights
from specverify.architectures.blocks.tensors import norm
from specverify.architectures.blocks.vision import patch_convolution
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, every
from specverify.architectures.registry import family
from specverify.architectures.t5 import ENCODER_ONLY, Style, bias_table, feed_forward, model
from specverify.architectures.tower_vit import pair
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Role, Weight


@family("longt5", source="transformers LongT5ForConditionalGeneration; https://arxiv.org/abs/2112.07916")
def longt5(c: Config) -> Model:
    """LongT5: T5 whose encoder sees `local_radius` tokens to either side, and with `transient-global` a summary of every block.

    The head is the table, although published configs say `tie_word_embeddings: false`: their checkpoints store no other
    (huggingface/transformers#47620).
    """
    style = Style(encoder_attention="LocalSelfAttention", encoder_window=c.int("local_radius") * 2 + 1)
    if c.text("encoder_attention_type") == "transient-global":
        style = replace(
            style,
            encoder_attention="TransientGlobalSelfAttention",
            encoder_more=norm("global_input_layer_norm", c.int("hidden_size")),
            encoder_first=(bias_table(c, "global_relative_attention_bias"),),
        )
    return model(c, style, tied=True)


@family("switch_transformers", source="transformers SwitchTransformersForConditionalGeneration; https://arxiv.org/abs/2101.03961")
def switch_transformers(c: Config) -> Model:
    """Switch Transformers: T5 with one of many experts in every second layer, or what the numbers of sparse layers come to."""
    style = Style(feed_forward=_dense_or_sparse, sparse=_sparse_layers, own_tables=True)
    return model(c, style, tied=c.flag("tie_word_embeddings"))


def _sparse_layers(c: Config, role: str, count: Num) -> Kinds:
    """The second of every `encoder_sparse_step` or `decoder_sparse_step` layers; a step of all layers where none are to be sparse."""
    key = f"{role}_sparse_step"
    step = count if key not in c and c.int(f"num_sparse_{role}_layers", least=0).value == 0 else c.int(key, least=0)
    return every(c, count, lambda index: step.value == 1 or (bool(step.value) and index % (step.value or 1) == 1), step)


def _dense_or_sparse(c: Config, block: str, kind: str) -> FeedForward:
    hidden, width, prefix, names = c.int("hidden_size"), c.int("d_ff"), f"{block}mlp.", ("wi", "wo")
    if kind == "sparse":
        found = moe(
            c,
            experts=c.int("num_experts"),
            per_token=num.const(1, "expert per token"),
            intermediate=width,
            prefix=prefix,
            router="router.classifier",
            router_bias=c.flag("router_bias"),
            expert_weights=plain_weights(hidden, width, Role.ROUTED_EXPERT, prefix=f"{prefix}experts.expert_{{expert}}.", names=names),
        )
    else:
        found = plain(c, intermediate=width, prefix=prefix, names=names, bias=False)
    return replace(found, activation=c.text("dense_act_fn"))


@family("pop2piano", source="transformers Pop2PianoForConditionalGeneration; https://arxiv.org/abs/2211.00895")
def pop2piano(c: Config) -> Model:
    """Pop2Piano: T5 from a spectrogram to notes, in the style of a composer from a small table; its head is never tied."""
    composers = Weight("mel_conditioner.embedding.weight", (c.int("composer_vocab_size"), c.int("hidden_size")), Role.EMBEDDING)

    def forward(c: Config, block: str, kind: str) -> FeedForward:
        return replace(feed_forward(c, f"{block}DenseReluDense."), activation=c.text("dense_act_fn"))

    return model(c, Style(beside=(composers,), feed_forward=forward), tied=False)


@family("udop", source="transformers UdopForConditionalGeneration; https://arxiv.org/abs/2212.02623")
def udop(c: Config) -> Model:
    """UDOP: T5 over the words, places and image patches of a page, with bias tables for three kinds of distance; all is tied.

    The decoder has a patch embedding that it never uses. The first of the further tables is the encoder's first block's
    own, save in the bare class.
    """
    patches = _patches(c, "patch_embed.proj")
    bare = (c.architecture or "").endswith("Model") and not (c.architecture or "").endswith(ENCODER_ONLY)
    first = None if bare else "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"

    def inside(c: Config, role: str) -> tuple[Weight, ...]:
        biases = [_bias(c, index, stated) for index, stated in enumerate(_stated_biases(c))]
        if biases and first is not None:
            biases[0] = replace(bias_table(c, biases[0].name.removesuffix(".weight")), tied_to=first)
        own = _patches(c, "embed_patches.proj")
        if role == "decoder":
            return (*own, *biases)
        tied = (replace(copy, tied_to=weight.name) for copy, weight in zip(own, patches, strict=True))
        places = (c.int("max_2d_position_embeddings"), c.int("hidden_size"))
        cells = (Weight(f"cell_2d_embedding.{axis}_position_embeddings.weight", places, Role.POSITION) for axis in "xy")
        return (*tied, *cells, *biases)

    return model(c, Style(beside=patches, inside=inside), tied=True)


def _patches(c: Config, name: str) -> tuple[Weight, ...]:
    return patch_convolution(name, c.int("hidden_size"), c.int("num_channels"), *pair(c, "patch_size"))


def _stated_biases(c: Config) -> list[dict[str, Any]]:
    return c.list("relative_bias_args", of=dict) or [{"type": "1d"}, {"type": "horizontal"}, {"type": "vertical"}]


def _bias(c: Config, index: int, stated: dict[str, Any]) -> Weight:
    """The table of one kind of distance: of 32 buckets unless it says otherwise, and two for a prefix."""
    buckets = stated.get("relative_attention_num_buckets", 32)
    rows = num.const(buckets, "buckets of distances") if type(buckets) is int else num.unknown("the buckets are no number")
    prefix = num.const(2, "buckets of the prefix") if stated.get("prefix_bucket") and not stated.get("expand") else num.const(0)
    name = f"relative_bias.biases.{index}.relative_attention_bias.weight"
    return Weight(name, (rows + prefix, c.int("num_attention_heads")), Role.POSITION)
