"""SmolLM3: Llama whose every fourth layer has no positions."""

from __future__ import annotations

from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, decoder, depth_of
from specverify.architectures.qwen import FULL, SLIDING
from specverify.architectures.registry import family
from specverify.spec import Mixer

UNPLACED = " without positions"


@family("smollm3", source="transformers SmolLM3ForCausalLM; Hugging Face, SmolLM3")
def smollm3(c: Config) -> Model:
    """SmolLM3: a tied head; in `no_rope_layers`, 1 is a layer with rotary positions and 0 one without."""
    bias = c.flag("attention_bias")
    window = sliding_window(c) if c.flag("use_sliding_window") else None

    def mixer(c: Config, kind: str) -> Mixer:
        seen = window if kind.startswith(SLIDING) else None
        return gqa(c, bias=bias, o_bias=bias, window=seen, rotary=not kind.endswith(UNPLACED))

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: glu(c, bias=c.flag("mlp_bias")),
        mixer_kinds=layer_kinds(c, slides=window is not None),
    )


def layer_kinds(c: Config, *, slides: bool) -> Kinds:
    """What each layer sees by `layer_types`, else a window where it has no positions and `slides`; and whether it has them."""
    count, placed = c.layers(), c.list("no_rope_layers", of=int) or []
    depth = depth_of(count)
    stated = c.list("layer_types", of=str) if c.raw.get("layer_types") is not None else None
    c.mark("layer_types")
    found = []
    for index in range(depth):
        has_positions = index >= len(placed) or placed[index] != 0
        kind = stated[index] if stated is not None and index < len(stated) else SLIDING if slides and not has_positions else FULL
        if kind not in (FULL, SLIDING):
            c.problem("kind", "layer_types", f"entry {index} of `layer_types` is `{kind}`, which its class does not have", kind)
        found.append(kind if has_positions else kind + UNPLACED)
    return Kinds(tuple(found), (count, *c.rests_on("no_rope_layers")))
