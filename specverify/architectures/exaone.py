"""EXAONE 4: norms on what each block adds, a norm over each query and key head, and windows in the larger model."""

from __future__ import annotations

from specverify.architectures.blocks.attention import sliding_window
from specverify.architectures.blocks.feed_forward import GATE_UP_DOWN, glu
from specverify.architectures.blocks.vision import with_vision
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside, language_model, nested_in
from specverify.architectures.model import Model, Recipe, decoder
from specverify.architectures.olmo import BEHIND
from specverify.architectures.qwen import listed_windows, windowed
from specverify.architectures.qwen_vl import patch_tower, square_merger
from specverify.architectures.registry import family


@family("exaone4", "exaone4_5_text", source="transformers Exaone4ForCausalLM; https://arxiv.org/abs/2507.11407")
def exaone4(c: Config) -> Model:
    """EXAONE 4.0: with a `sliding_window` (32B), the layers that see everything have no positions; without one all have them.

    `exaone4_5_text` is what the first release of EXAONE 4.5 called it.
    """
    return decoder(
        c,
        mixer=windowed(c, qk_norm="per-head", full_rotary=sliding_window(c) is None),
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=listed_windows(c),
        norms=BEHIND,
        recipe=Recipe(norm_placement="post", qk_norm="per-head"),
    )


@family("exaone4_5", source="transformers Exaone4_5_ForConditionalGeneration; https://huggingface.co/LGAI-EXAONE/EXAONE-4.5-33B")
def exaone4_5(c: Config) -> Model:
    """EXAONE 4.5: EXAONE 4 behind Qwen2.5-VL's tower with grouped queries; the root says whether the head is tied.

    The checkpoint's `mtp` tensors, which the class passes over, are not listed.
    """
    text, vision, body = c.sub("text_config", text=True), c.sub("vision_config"), inside(c)
    hidden, prefix = vision.int("hidden_size"), f"{body}visual."
    model = language_model(text, tied=c.flag("tie_word_embeddings"), named=nested_in(body))
    tower = patch_tower(
        vision,
        hidden=hidden,
        feed_forward=GATE_UP_DOWN,
        norm_bias=False,
        kv_heads=vision.int("num_key_value_heads"),
        prefix=prefix,
    )
    merger = square_merger(vision, hidden, vision.int("out_hidden_size"), bias=False, prefix=prefix)
    return with_vision(model, vision, tower, merger)
