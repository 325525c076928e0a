"""GPT-Neo: GPT-2 whose layers see everything or a window, by turns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, depth_of, layer_norms
from specverify.architectures.registry import family
from specverify.spec import Mixer, Role, Weight

GLOBAL, LOCAL = "global", "local"


@family("gpt_neo", source="transformers GPTNeoForCausalLM; https://doi.org/10.5281/zenodo.5297715")
def gpt_neo(c: Config) -> Model:
    """GPT-Neo: `local` layers of `attention_types` see `window_size` tokens, and cache all; a bias on o alone; the head tied."""
    hidden, window = c.int("hidden_size"), c.int("window_size")

    def mixer(c: Config, kind: str) -> Mixer:
        return mha(
            c,
            o_bias=True,
            window=window if kind == LOCAL else None,
            window_kind="masked",
            names=("q_proj", "k_proj", "v_proj", "out_proj"),
            prefix="attn.attention.",
            rotary=False,
        )

    return decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: plain(c, names=("c_fc", "c_proj")),
        mixer_kinds=attention_kinds(c),
        norms=layer_norms("ln_1", "ln_2", bias=True),
        prefix="transformer.",
        layers="h.{layer}.",
        embedding="wte",
        final_norm="ln_f",
        final_norm_bias=True,
        token_head="classifier",
        extra=(Weight("wpe.weight", (c.int("max_position_embeddings"), hidden), Role.POSITION),),
        recipe=Recipe(norm="layer", position="learned"),
    )


def attention_kinds(c: Config) -> Kinds:
    """The kinds of `attention_types`, each entry kinds and how often they come; the class refuses any other number of layers."""
    count = c.layers()
    depth = depth_of(count)
    c.mark("attention_layers")
    found = tuple(islice(_spelled(c.list("attention_types")), depth + 1))
    if len(found) != depth or not {GLOBAL, LOCAL}.issuperset(found):
        c.problem("length", "attention_types", f"`attention_types` does not come to {depth} layers, each `{GLOBAL}` or `{LOCAL}`")
        found = ("",) * depth
    return Kinds(found, (count, num.of(c.fact("attention_types"))))


def _spelled(entries: list[Any] | None) -> Iterator[str]:
    for entry in entries or ():
        match entry:
            case [[*names], int(times)] if all(isinstance(name, str) for name in names):
                yield from (name for _ in range(times if names else 0) for name in names)
            case _:
                yield ""
