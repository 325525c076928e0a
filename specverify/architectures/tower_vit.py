"""ViT and DeiT (arXiv:2010.11929, arXiv:2012.12877) as their own checkpoints name them."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.keys import Config
from specverify.num import Num
from specverify.spec import Part, Role, Weight

ONE = Num(1)
BERT_NAMES = ("attention.query", "attention.key", "attention.value", "output.dense")


def vit(c: Config, prefix: str) -> Part:
    """The bare model under `prefix`: a class token, in DeiT one for distillation too, learned positions, and a pooler."""
    hidden = c.int("hidden_size")
    outside = (
        Weight("embeddings.cls_token", (ONE, ONE, hidden), Role.TOWER),
        *((Weight("embeddings.distillation_token", (ONE, ONE, hidden), Role.TOWER),) if c.model_type == "deit" else ()),
        Weight("embeddings.position_embeddings", (ONE, vit_tokens(c), hidden), Role.POSITION),
        *patch_convolution("embeddings.patch_embeddings.projection", hidden, c.int("num_channels"), *pair(c, "patch_size")),
        *norm("layernorm", hidden, bias=True),
        *linear("pooler.dense", hidden, c.int("pooler_output_size"), Role.TOWER, bias=True),
    )
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=prefix,
        layers="encoder.layer.{layer}.",
        outside=outside,
        attention="attention.",
        projections=BERT_NAMES,
        bias=c.flag("qkv_bias"),
        output_bias=True,
        feed_forward=("intermediate.dense", "output.dense"),
        feed_forward_prefix="",
        norms=("layernorm_before", "layernorm_after"),
        rotary=False,
    )


def vit_tokens(c: Config) -> Num:
    """Patches of an image, and the tokens beside them."""
    (height, width), (rows, columns) = pair(c, "image_size"), pair(c, "patch_size")
    return (height // rows) * (width // columns) + (2 if c.model_type == "deit" else 1)


def pair(c: Config, key: str) -> tuple[Num, Num]:
    """Height and width, where one number stands for both."""
    if not isinstance(c.choice(key), list):
        return c.int(key), c.int(key)
    stated = c.counts(key)
    if len(stated) == 2:
        return stated[0], stated[1]
    c.problem("length", key, f"`{key}` has {len(stated)} entries, not a height and a width", len(stated))
    return num.unknown(f"`{key}` does not tell"), num.unknown(f"`{key}` does not tell")
