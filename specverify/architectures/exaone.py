"""EXAONE 4: norms on what each block adds, a norm over each query and key head, and windows in the larger model."""

from __future__ import annotations

from specverify.architectures.blocks.attention import sliding_window
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder
from specverify.architectures.olmo import BEHIND
from specverify.architectures.qwen import listed_windows, windowed
from specverify.architectures.registry import family


@family("exaone4", source="transformers Exaone4ForCausalLM; https://arxiv.org/abs/2507.11407")
def exaone4(c: Config) -> Model:
    """EXAONE 4.0: with a `sliding_window` (32B), the layers that see everything have no positions; without one all have them."""
    return decoder(
        c,
        mixer=windowed(c, qk_norm="per-head", full_rotary=sliding_window(c) is None),
        feed_forward=lambda c, kind: glu(c),
        mixer_kinds=listed_windows(c),
        norms=BEHIND,
        recipe=Recipe(norm_placement="post", qk_norm="per-head"),
    )
