"""Fuyu: Persimmon that reads patches of pixels as they are, without a tower."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear
from specverify.architectures.composite import projector
from specverify.architectures.keys import Config
from specverify.architectures.llava import language_model, placed
from specverify.architectures.model import Model
from specverify.architectures.persimmon import persimmon
from specverify.architectures.qwen_vl import at_root
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Role


@family("fuyu", source="transformers FuyuForCausalLM; Adept 2023, Fuyu-8B")
def fuyu(c: Config) -> Model:
    """Fuyu-8B: one matrix from a patch's pixels to the text; the text's keys stand in `text_config` or, where there is none, at the root.

    The root says whether the head is tied.
    """
    tied = c.flag("tie_word_embeddings")
    if c.raw.get("text_config") is not None:
        model = language_model(c.sub("text_config", text=True), tied=tied)
    else:
        whole = persimmon(at_root(c, "persimmon"))
        model = replace(whole, parts=tuple(placed(part, tied) for part in whole.parts), tied=tied)
    patch = c.int("patch_size")
    pixels = linear("vision_embed_tokens", patch * patch * c.int("num_channels"), model.text.int("hidden_size"), Role.PROJECTOR, bias=True)
    return replace(model, parts=(*model.parts, projector("", pixels)), interface="early fusion")
