"""Florence-2: DaViT before the encoder of BART."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.composite import projector, root_of, with_text
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.tower_davit import davit, stage_widths
from specverify.spec import Role, Weight


@family("florence2", source="transformers Florence2ForConditionalGeneration; https://arxiv.org/abs/2311.06242")
def florence2(c: Config) -> Model:
    """Florence-2: image features with learned places enter BART's encoder beside the text; the root says whether the head is tied.

    Names are those of checkpoints for the class; Microsoft's own, for its remote code, have others.
    """
    root, vision = root_of(c), c.sub("vision_config")
    tower, between = davit(vision, f"{root}vision_tower."), projector(f"{root}multi_modal_projector.", _between(vision))
    return with_text(c, f"{root}language_model.", tower, between, tied=c.flag("tie_word_embeddings"), vision=vision)


def _between(c: Config) -> tuple[Weight, ...]:
    """Half of each place is its row and half its column; the place in a film is computed, stored and no parameter."""
    width, outputs, places = stage_widths(c)[-1], c.int("projection_dim"), c.int("max_position_embeddings")
    films = (c.int("max_temporal_embeddings"), width)
    return (
        *linear("image_projection", width, outputs, Role.PROJECTOR),
        *norm("image_proj_norm", outputs, bias=True),
        Weight("image_position_embed.row_embeddings.weight", (places, width // 2), Role.POSITION),
        Weight("image_position_embed.column_embeddings.weight", (places, width - width // 2), Role.POSITION),
        Weight("visual_temporal_embed.pos_idx_to_embed", films, Role.POSITION, buffer=True, shard="replicated"),
    )
