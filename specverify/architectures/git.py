"""GIT: a BERT that generates, in front of whose tokens stand those of a CLIP tower."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.composite import projector
from specverify.architectures.encoders import LanguageHead, Tasks, attention, bert_embeddings, bert_layers, encoder, task_of
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, depth_of
from specverify.architectures.registry import family
from specverify.architectures.towers import clip
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Role, Weight

TASKS = Tasks("git.", LanguageHead(None, "", "output", ("output.bias",)), pooled=())


@family("git", source="transformers GitForCausalLM; https://arxiv.org/abs/2205.14100")
def git(c: Config) -> Model:
    """GIT: tokens of an image see each other both ways; frames of a video have learned places, as many as `num_image_with_embedding`."""
    hidden, vision = c.int("hidden_size"), c.sub("vision_config")
    layers = bert_layers(c, mixer=lambda c, kind: attention(c, causal=True, cached=True))
    model = encoder(c, TASKS, inside=bert_embeddings(c, types=False), groups=layers, causal=True)
    root, width = TASKS.prefix(task_of(c)), vision.int("hidden_size")
    frames = depth_of(c.optional("num_image_with_embedding") or Num(0))
    projection = (
        *linear("visual_projection.visual_projection.0", width, hidden, Role.PROJECTOR, bias=True),
        *norm("visual_projection.visual_projection.1", hidden, bias=True),
        *(Weight(f"img_temporal_embedding.{frame}", (Num(1), Num(1), width), Role.POSITION) for frame in range(frames)),
    )
    parts = (*model.parts, clip(vision, f"{root}image_encoder.vision_model."), projector(root, projection))
    return replace(model, parts=parts, vision=vision, interface="encoder + projector", image_mask=True)
