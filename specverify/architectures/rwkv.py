"""RWKV-4: a recurrence over exponentially decayed keys and values, and nothing that looks back."""

from __future__ import annotations

from specverify.architectures.blocks.recurrent import STATE
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.num import Num
from specverify.spec import FeedForward, Recurrent, Role, State, Weight


@family("rwkv", source="transformers RwkvForCausalLM; https://arxiv.org/abs/2305.13048")
def rwkv(c: Config) -> Model:
    """RWKV-4: both blocks mix a token with the one before it; the first layer also norms the embedding."""
    return decoder(
        c,
        mixer=lambda c, kind: time_mixing(c),
        feed_forward=lambda c, kind: channel_mixing(c),
        norms=layer_norms("ln1", "ln2", bias=True),
        prefix="rwkv.",
        layers="blocks.{layer}.",
        embedding="embeddings",
        final_norm="ln_out",
        final_norm_bias=True,
        head="head",
        extra=norm("blocks.0.pre_ln", c.int("hidden_size"), bias=True),
        recipe=Recipe(norm="layer", position="none"),
    )


def time_mixing(c: Config) -> Recurrent:
    """Numerator, denominator and largest exponent of every channel in float32, beside the last token of either block."""
    hidden, width = c.int("hidden_size"), c.int("attention_hidden_size")
    weights = (
        Weight("time_decay", (width,), STATE),
        Weight("time_first", (width,), STATE),
        *mixed_in(hidden, STATE, "key", "value", "receptance"),
        *(weight for name in ("key", "value", "receptance") for weight in linear(name, hidden, width, STATE)),
        *linear("output", width, hidden, STATE),
    )
    shifts = tuple(State(f"last token of the {block}", (hidden,)) for block in ("feed-forward", "attention"))
    sums = tuple(State(name, (width,), dtype="float32") for name in ("numerator", "denominator", "largest exponent"))
    return Recurrent("rwkv", (*shifts, *sums), prefixed("attention.", weights))


def channel_mixing(c: Config) -> FeedForward:
    """A feed-forward of squared ReLU whose output is gated by what is received."""
    hidden, width, role = c.int("hidden_size"), c.int("intermediate_size"), Role.FEED_FORWARD
    weights = (
        *mixed_in(hidden, role, "key", "receptance"),
        *linear("key", hidden, width, role),
        *linear("receptance", hidden, hidden, role),
        *linear("value", width, hidden, role),
    )
    return FeedForward(prefixed("feed_forward.", weights), width, activation="relu2")


def mixed_in(hidden: Num, role: Role, *names: str) -> tuple[Weight, ...]:
    """How much of the token before goes into each of the inputs named."""
    return tuple(Weight(f"time_mix_{name}", (Num(1), Num(1), hidden), role) for name in names)
