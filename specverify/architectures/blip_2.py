"""BLIP-2 and InstructBLIP: a frozen ViT, a Q-Former, and a text model of any family, decoder-only or not."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear
from specverify.architectures.composite import BARE, projector
from specverify.architectures.encoders import unknown_head
from specverify.architectures.keys import Config
from specverify.architectures.llava import language_model
from specverify.architectures.model import Model, head_kind
from specverify.architectures.qformer import beside_words, qformer, queries_alone
from specverify.architectures.registry import family
from specverify.architectures.tower_blip import blip_tower
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Role, Weight

WHOLE = "ForConditionalGeneration"
"""The text model with its head."""


@family("blip-2", source="transformers Blip2ForConditionalGeneration; https://arxiv.org/abs/2301.12597")
def blip_2(c: Config) -> Model:
    """BLIP-2: the Q-Former reads the image alone; the class called `Model` has the text model's head too."""
    reader = reader_of(c)
    return behind(c, WHOLE, queries_alone(reader), reads_text=reader.flag("use_qformer_text_input"))


@family("instructblip", "instructblipvideo", source="transformers InstructBlipForConditionalGeneration; https://arxiv.org/abs/2305.06500")
def instructblip(c: Config) -> Model:
    """InstructBLIP, of images or of frames: the Q-Former reads the question too."""
    text_class = BARE if head_kind(c.architecture) == "none" else WHOLE
    return behind(c, text_class, beside_words(reader_of(c)), reads_text=True)


def reader_of(c: Config) -> Config:
    """The config of the Q-Former."""
    return c.sub("qformer_config")


def behind(c: Config, text_class: str, entry: tuple[Weight, ...], *, reads_text: bool) -> Model:
    """The text model, tied as its own config says, behind `num_query_tokens` queries that the Q-Former makes of the image."""
    text, vision, reader = c.sub("text_config", text=True, architecture=text_class), c.sub("vision_config"), reader_of(c)
    width = reader.int("hidden_size")
    weights = (
        Weight("query_tokens", (Num(1), c.int("num_query_tokens"), width), Role.PROJECTOR),
        *linear("language_projection", width, text.int("hidden_size"), Role.PROJECTOR, bias=True),
    )
    described = c.architecture is None or c.architecture.endswith((WHOLE, BARE))
    weights += () if described else unknown_head(c)
    model = language_model(text, tied=text.flag("tie_word_embeddings"))
    tower = blip_tower(vision, bias=vision.flag("qkv_bias"))
    queries = qformer(reader, "qformer.", vision.int("hidden_size"), entry, reads_text=reads_text)
    parts = (*model.parts, tower, queries, projector("", weights))
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")
