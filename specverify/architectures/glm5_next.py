"""GLM-5.3-Flash: Kimi's delta attention, and latent attention to what an indexer picks, on several residual streams."""

from __future__ import annotations

from specverify.architectures.blocks.feed_forward import GATE_UP_DOWN, glu, glu_weights
from specverify.architectures.blocks.tensors import as_role, extended, linear, norm, prefixed, sharded
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.deepseek import BALANCED, indexed, stated_sparse
from specverify.architectures.deepseek_kin import balanced
from specverify.architectures.deepseek_v4 import streams_mixed
from specverify.architectures.glm import LINEAGE, SHARED, indexers
from specverify.architectures.keys import Config
from specverify.architectures.kimi import FULL, LINEAR, delta_attention, linear_size
from specverify.architectures.model import PRE_NORM, Kinds, Model, Recipe, decoder, kinds
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Latent, Mixer, Modality, Part, Role, Rows, Weight

INDEXED = "indexed_attention"


@family("glm5_next", source="transformers Glm5NextForConditionalGeneration; https://huggingface.co/zai-org/GLM-5.3-Flash")
def glm5_next(c: Config) -> Model:
    """GLM-5.3-Flash: three layers of delta attention to one of latents, behind a tower of images and video; the root ties the head."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    hidden, streams = text.int("hidden_size"), text.int("hc_mult")
    heads, dim = linear_size(text, "num_heads", "linear_num_heads"), linear_size(text, "head_dim", "linear_head_dim")
    kernel = linear_size(text, "short_conv_kernel_size", "linear_conv_kernel_dim")

    def mixer(c: Config, kind: str) -> Mixer:
        if kind == LINEAR:
            return delta_attention(hidden, heads, dim, kernel, decays=(heads,))
        return pooled(c) if kind != SHARED else indexed(c, scores=False)

    model = decoder(
        text,
        mixer=mixer,
        feed_forward=lambda c, kind: balanced(c) if kind == "sparse" else glu(c),
        mixer_kinds=layer_kinds(text),
        feed_forward_kinds=stated_sparse(text),
        norms=lambda c, kind: (
            *PRE_NORM(c, kind),
            *streams_mixed("hc_attn_", hidden, streams),
            *streams_mixed("hc_ffn_", hidden, streams),
        ),
        prefix="model.language_model.",
        tied=c.flag("tie_word_embeddings"),
        root=c,
        recipe=Recipe(balancing=BALANCED),
        lineage=LINEAGE,
    )
    prefix = "visual." if (c.architecture or "").endswith("Model") else "model.visual."
    parts = (*model.parts, tower(vision, prefix), merger(vision, prefix))
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


def layer_kinds(c: Config) -> Kinds:
    """`linear_attention` by `layer_types`; the others by whether they have an indexer."""
    mixers, choosers = kinds(c, c.layers(), allowed=(LINEAR, INDEXED, FULL)), indexers(c)
    found = (kind if kind in ("", LINEAR) else chooser for kind, chooser in zip(mixers.kinds, choosers.kinds, strict=True))
    return Kinds(tuple(found), (*mixers.rests_on, *choosers.rests_on))


def pooled(c: Config) -> Latent:
    """Latent attention whose indexer picks pools of `index_kpool` tokens.

    It caches the key and the gate of each token, and transformers a channel that tells padding.
    """
    own = indexed(c)
    hidden, dim = c.int("hidden_size"), c.int("index_head_dim")
    pool = (
        Weight("self_attn.indexer.index_kpool_compress_ape", (c.int("index_kpool"), dim), Role.ATTENTION),
        Weight("self_attn.indexer.index_kpool_compress_gate", (dim, hidden), Role.ATTENTION),
    )
    return replace(extended(own, *sharded("replicated", pool)), index_head_dim=None, rows=(Rows(dim * 2 + 1),))


def tower(c: Config, prefix: str) -> Part:
    """Patches of `temporal_patch_size` frames with rotary positions, norms over query and key heads, gated feed-forwards."""
    hidden, heads, patch, bias = c.int("hidden_size"), c.int("num_heads"), c.int("patch_size"), c.flag("attention_bias")
    return vision_tower(
        c,
        heads=heads,
        count=c.layers("depth"),
        prefix=prefix,
        layers="blocks.{layer}.",
        outside=(
            *patch_convolution("patch_embed.proj", hidden, c.int("in_channels"), c.int("temporal_patch_size"), patch, patch),
            *norm("post_layernorm", hidden),
        ),
        attention="attn.",
        projections=("q", "k", "v", "proj"),
        fused="qkv",
        bias=bias,
        feed_forward=GATE_UP_DOWN,
        feed_forward_bias=bias,
        norms=("norm1", "norm2"),
        norm_bias=False,
        more=(*norm("attn.q_norm", hidden // heads), *norm("attn.k_norm", hidden // heads)),
    )


def merger(c: Config, prefix: str) -> Part:
    """A convolution over each square of `spatial_merge_size` patches, a norm and a gated feed-forward."""
    hidden, outputs, side = c.int("hidden_size"), c.int("out_hidden_size"), c.int("spatial_merge_size")
    weights = (
        *as_role(Role.PROJECTOR, patch_convolution("downsample", outputs, hidden, side, side)),
        *linear("merger.proj", outputs, outputs, Role.PROJECTOR),
        *norm("merger.post_projection_norm", outputs, bias=True),
        *prefixed("merger.", glu_weights(outputs, c.int("projection_intermediate_size"), Role.PROJECTOR, prefix="")),
    )
    return Part("projector", "projector", Modality.VISION, weights, prefix=prefix)
