"""PP-FormulaNet: SAM's encoder of an image before a decoder in mBART's manner that reads it."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.tensors import as_role, linear
from specverify.architectures.composite import attended
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.seq2seq import Style, prefix_of, stack
from specverify.architectures.tower_sam import grid, halving, sam
from specverify.frozen import replace
from specverify.spec import Role, Weight

STYLE = Style(offset=2, norms_embedding=True, norms_end=True)


@family("pp_formulanet", source="transformers PPFormulaNetForConditionalGeneration; https://arxiv.org/abs/2503.18382")
def pp_formulanet(c: Config) -> Model:
    """PP-FormulaNet: two convolutions and two matrices behind SAM's neck; a side of the image has four times fewer tokens than patches.

    The head is never tied.
    """
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    prefix = prefix_of(c.architecture or "ForConditionalGeneration", STYLE)
    table = Weight(f"{prefix}decoder.embed_tokens.weight", (text.int("vocab_size"), text.int("d_model")), Role.EMBEDDING)
    head = (replace(table, name="lm_head.weight", role=Role.HEAD),) if prefix else ()
    decoder = stack(text, STYLE, "decoder", prefix, table)
    channels = (vision.int(f"post_conv_{place}_channels") for place in ("in", "mid", "out"))
    width = vision.int("post_conv_out_channels")
    behind = (
        *halving(("multi_modal_projector.conv1", "multi_modal_projector.conv2"), *channels),
        *linear("multi_modal_projector.linear_1", width, width, Role.PROJECTOR, bias=True),
        *linear("multi_modal_projector.linear_2", width, vision.int("decoder_hidden_size"), Role.PROJECTOR, bias=True),
    )
    encoder = replace(sam(vision, f"{prefix}encoder.", more=as_role(Role.PROJECTOR, behind)), role="encoder")
    side = num.ceil_div(grid(vision), 4)
    attended(c, side * side)
    parts = (encoder, replace(decoder, weights=(*decoder.weights, *head)))
    return Model(parts, text, STYLE.recipe, vision=vision, interface="cross-attention")
