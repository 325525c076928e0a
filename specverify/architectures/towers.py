"""Vision towers that models of several lineages put before their text model, by the type of the vision config."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.feed_forward import GATE_UP_DOWN
from specverify.architectures.blocks.tensors import norm
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.gemma import siglip
from specverify.architectures.keys import Config
from specverify.architectures.tower_fastvit import fastvit
from specverify.architectures.tower_internvit import CONVERTED, internvit
from specverify.architectures.tower_lfm3 import lfm3_tower
from specverify.architectures.tower_siglip2 import siglip2
from specverify.spec import Modality, Part, Role, Weight


def image_tower(c: Config, prefix: str) -> Part:
    """The tower of that type under `prefix`; a part of unknown size for a tower of none that is known here."""
    kind = stated_type(c)
    if kind == "clip_vision_model":
        return clip(c, f"{prefix}vision_model.")
    if kind == "siglip_vision_model":
        return siglip(c, f"{prefix}vision_model.")
    if kind == "pixtral":
        return pixtral(c, prefix)
    if kind == "idefics3_vision":
        return siglip(c, prefix, pooled=False)
    if kind == "internvl_vision":
        return internvit(c, prefix, CONVERTED)
    if kind == "video_llama_3_vision":
        return siglip(c, prefix, positions=False, pooled=False)
    if kind == "siglip2_vision_model":
        return siglip2(c, f"{prefix}vision_model.")
    if kind == "lfm3_vl_vision":
        return lfm3_tower(c, prefix)
    if kind == "timm_wrapper":
        return fastvit(c, f"{prefix}timm_model.")
    unstated = num.unknown(f"the tensors of a {kind} tower are not known to specverify")
    return Part("vision tower", "tower", Modality.VISION, (Weight("{unknown}", (unstated,), Role.TOWER),), prefix=prefix)


def stated_type(c: Config) -> str | None:
    """The type a sub-config states, known or not; the one its composite has by default where it states none."""
    stated = c.raw.get("model_type")
    return stated if isinstance(stated, str) else c.model_type


def clip(c: Config, prefix: str) -> Part:
    """CLIP's ViT (arXiv:2103.00020): a class token, learned positions, a norm before the layers and one over the class token."""
    hidden, patch, side = c.int("hidden_size"), c.int("patch_size"), c.int("image_size") // c.int("patch_size")
    outside = (
        Weight("embeddings.class_embedding", (hidden,), Role.TOWER),
        *patch_convolution("embeddings.patch_embedding", hidden, c.int("num_channels"), patch, patch, bias=False),
        Weight("embeddings.position_embedding.weight", (side * side + 1, hidden), Role.POSITION),
        *norm("pre_layrnorm", hidden, bias=True),
        *norm("post_layernorm", hidden, bias=True),
    )
    heads, layers = c.int("num_attention_heads"), "encoder.layers.{layer}."
    return vision_tower(c, heads=heads, count=c.layers(), prefix=prefix, layers=layers, outside=outside)


def pixtral(
    c: Config,
    prefix: str,
    *,
    projections: tuple[str, str, str, str] = ("q_proj", "k_proj", "v_proj", "o_proj"),
    feed_forward: tuple[str, str, str] = GATE_UP_DOWN,
) -> Part:
    """Pixtral's ViT (arXiv:2410.07073): images of any shape, rotary positions in two dimensions, RMSNorms and SwiGLU, no biases."""
    hidden, patch = c.int("hidden_size"), c.int("patch_size")
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=prefix,
        layers="transformer.layers.{layer}.",
        outside=(*patch_convolution("patch_conv", hidden, c.int("num_channels"), patch, patch, bias=False), *norm("ln_pre", hidden)),
        attention="attention.",
        projections=projections,
        bias=False,
        feed_forward=feed_forward,
        feed_forward_prefix="feed_forward.",
        feed_forward_bias=False,
        norms=("attention_norm", "ffn_norm"),
        norm_bias=False,
    )
