"""Idefics: Llama with gated layers of cross-attention to a CLIP tower between its own, as in Flamingo."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.composite import root_of
from specverify.architectures.keys import Config
from specverify.architectures.model import PRE_NORM, Model, decoder, head_kind, layer_groups
from specverify.architectures.registry import family
from specverify.architectures.resampler import idefics_resampler
from specverify.architectures.towers import clip
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, LayerGroup, Role, Weight


@family("idefics", source="transformers IdeficsForVisionText2Text; https://arxiv.org/abs/2306.16527")
def idefics(c: Config) -> Model:
    """Idefics 9B and 80B: every `cross_layer_interval`-th layer behind one that reads the image, and keeps nothing of it.

    Tokens beyond `vocab_size` have tables of their own. A resampler stands between tower and text with `use_resampler`.
    """
    vision, root = c.sub("vision_config"), root_of(c)
    model = decoder(c, mixer=lambda c, kind: attention(c), feed_forward=lambda c, kind: glu(c), vision=vision, interface="cross-attention")
    body = model.parts[0]
    body = replace(body, weights=(*body.weights, *additional(c, tied=model.tied)), layers=(*body.layers, *crossing(c, vision)))
    tower, width = clip(vision, f"{root}vision_model."), vision.int("embed_dim")
    resampler = (idefics_resampler(c.sub("perceiver_config"), width, f"{root}perceiver_resampler."),) if c.flag("use_resampler") else ()
    return replace(model, parts=(body, tower, *resampler))


def attention(c: Config, prefix: str = "self_attn.", source: Num | None = None) -> Attention:
    """The text's own attention, or one to the patches; norms over query and key heads by `qk_layer_norms`."""
    crosses = source is not None
    return mha(
        c,
        dim=c.int("hidden_size") // c.int("num_attention_heads"),
        source=source,
        qk_norm="per-head" if crosses and c.flag("qk_layer_norms") else None,
        qk_norm_names=("q_layer_norm", "k_layer_norm"),
        prefix=prefix,
        cross=crosses,
        causal=not crosses,
        cached=not crosses,
        rotary=not crosses,
    )


def crossing(c: Config, vision: Config) -> tuple[LayerGroup, ...]:
    """The layers that read the image: attention and feed-forward, each with a gate of one number or, by `alpha_type`, one a channel."""
    hidden = c.int("hidden_size")
    gate = (Num(1), Num(1), hidden) if c.text("alpha_type") == "vector" else (Num(1),)
    gates = tuple(Weight(name, gate, Role.ATTENTION) for name in ("alpha_cross_attn", "alpha_dense"))
    groups = layer_groups(
        c,
        c.layers() // c.int("cross_layer_interval"),
        mixer=lambda c, kind: attention(c, "cross_attn.", vision.int("embed_dim")),
        feed_forward=lambda c, kind: glu(c),
        norms=lambda c, kind: (*PRE_NORM(c, kind), *gates),
    )
    return tuple(replace(group, prefix=f"{root_of(c)}gated_cross_attn_layers.{{layer}}.") for group in groups)


def additional(c: Config, *, tied: bool) -> tuple[Weight, ...]:
    """Rows for tokens added to the vocabulary: of the embedding and, but for the bare class, of the head."""
    count = c.int("additional_vocab_size", least=0)
    if count.value == 0:
        return ()
    shape = (count, c.int("hidden_size"))
    table = Weight(f"{root_of(c)}embed_tokens.additional_embedding.weight", shape, Role.EMBEDDING)
    head = Weight("lm_head.additional_fc.weight", shape, Role.HEAD, tied_to=table.name if tied else None)
    return (table,) if head_kind(c.architecture) == "none" else (table, head)
