"""MiniMax-M3: MiniMax-M2's mixture with a shared expert, and attention to the blocks of tokens an indexer picks."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.blocks.tensors import linear, norm, prefixed, sharded
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.deepseek import BALANCED
from specverify.architectures.keys import Config
from specverify.architectures.llava import language_model
from specverify.architectures.model import Kinds, Model, Recipe, decoder, depth_of, kinds
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Modality, Part, Role, Rows, Weight

FULL, SPARSE = "full_attention", "minimax_m3_sparse"
NESTED = "sparse_attention_config"
SOURCE = "transformers MiniMaxM3SparseForConditionalGeneration; https://huggingface.co/MiniMaxAI/MiniMax-M3"


@family("minimax_m3_vl_text", source=SOURCE)
def minimax_m3_vl_text(c: Config) -> Model:
    """The text model: layers with an indexer by `layer_types` or `sparse_attention_config`, mixtures by list too."""
    return decoder(
        c,
        mixer=attention,
        feed_forward=lambda c, kind: mixture(c) if kind == "sparse" else glu(c, intermediate=c.int("dense_intermediate_size")),
        mixer_kinds=flagged(c, "layer_types", c.sub(NESTED) if NESTED in c else c, "sparse_attention_freq", (FULL, SPARSE)),
        feed_forward_kinds=flagged(c, "mlp_layer_types", c, "moe_layer_freq", ("dense", "sparse")),
        recipe=Recipe(qk_norm="per-head", balancing=BALANCED),
    )


@family("minimax_m3_vl", source=SOURCE)
def minimax_m3_vl(c: Config) -> Model:
    """MiniMax-M3: each patch is projected to the text's width, then each square of them; root or text config ties the head."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    tied = c.flag("tie_word_embeddings") or text.flag("tie_word_embeddings")
    model = language_model(text, tied=tied)
    width, between, side = text.int("hidden_size"), c.int("projector_hidden_size"), vision.int("spatial_merge_size")
    weights = (
        *prefixed("multi_modal_projector.", two_matrices(vision.int("hidden_size"), between, width)),
        *prefixed("patch_merge_mlp.", two_matrices(width * (side * side), between, width)),
    )
    projector = Part("projector", "projector", Modality.VISION, weights)
    return replace(model, parts=(*model.parts, tower(vision), projector), vision=vision, interface="encoder + projector")


def flagged(c: Config, key: str, stating: Config, flags: str, names: tuple[str, str]) -> Kinds:
    """The kinds that `key` lists, else those that the `flags` of a published config stand for."""
    listed = stating.list(flags) if c.raw.get(key) is None else None
    if listed is None:
        return kinds(c, c.layers(), key, allowed=names)
    count = c.layers()
    depth = depth_of(count)
    if len(listed) != depth and count.value is not None:
        stating.problem("length", flags, f"`{flags}` has {len(listed)} entries for {depth} layers", len(listed))
    found = tuple(names[bool(flag)] for flag in listed)
    return Kinds((*found, *("",) * depth)[:depth], (count,))


def attention(c: Config, kind: str) -> Attention:
    """Attention with norms over heads; a sparse layer scores all tokens by keys of their own, which it caches, and sees the best blocks."""
    own = gqa(c, qk_norm="per-head")
    if kind != SPARSE:
        return own
    hidden = c.int("hidden_size")
    heads, dim = index_size(c, "sparse_num_index_heads", "index_n_heads"), index_size(c, "sparse_index_dim", "index_head_dim")
    indexer = (
        *linear("index_q_proj", hidden, heads * dim, Role.ATTENTION),
        *linear("index_k_proj", hidden, dim, Role.ATTENTION),
        *norm("index_q_norm", dim),
        *norm("index_k_norm", dim),
    )
    return replace(own, weights=(*own.weights, *sharded("replicated", prefixed("self_attn.", indexer))), rows=(Rows(dim),))


def index_size(c: Config, nested: str, flat: str) -> Num:
    """A size of the indexer, from `sparse_attention_config` where the file has it there."""
    return (c.sub(NESTED).optional(nested) if NESTED in c else None) or c.int(flat)


def mixture(c: Config) -> FeedForward:
    """Experts named as in Mixtral behind a sigmoid router, beside a shared one."""
    return moe(
        c,
        experts=c.int("num_local_experts"),
        per_token=c.int("num_experts_per_tok"),
        intermediate=c.int("intermediate_size"),
        shared=c.int("shared_intermediate_size"),
        prefix="block_sparse_moe.",
        names=("w1", "w3", "w2"),
        router_kind="sigmoid",
        correction_bias="e_score_correction_bias",
    )


def tower(c: Config) -> Part:
    """CLIP's layers over patches of `temporal_patch_size` frames, with rotary positions and no norm behind them."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    kernel = (c.int("num_channels"), c.int("temporal_patch_size"), patch, patch)
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix="vision_tower.vision_model.",
        layers="encoder.layers.{layer}.",
        outside=(
            *patch_convolution("embeddings.patch_embedding", hidden, *kernel, bias=False),
            *norm("pre_layrnorm", hidden, bias=True),
        ),
    )


def two_matrices(inputs: Num, between: Num, outputs: Num) -> tuple[Weight, ...]:
    """The two matrices of a projector."""
    first = linear("linear_1", inputs, between, Role.PROJECTOR, bias=True)
    return first + linear("linear_2", between, outputs, Role.PROJECTOR, bias=True)
