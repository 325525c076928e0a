"""Granite 4 Vision: windows of patches read by small Q-Formers, each of which feeds a layer of Granite."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import as_role, extended, linear, norm, prefixed
from specverify.architectures.blocks.vision import with_vision
from specverify.architectures.granite import granite
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside, nested_in, placed
from specverify.architectures.model import Model, every, layer_groups
from specverify.architectures.registry import family
from specverify.architectures.towers import image_tower
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Modality, Part, Role, Weight

CROSS, OWN = "cross-attention", "self-attention"
CORNERS = 4
"""Projectors of the layer that `spatial_vision_layer` names: one for each corner of a square of patches."""
NAMES = ("attention.query", "attention.key", "attention.value", "output.dense")


@family("granite4_vision", source="transformers Granite4VisionForConditionalGeneration; https://huggingface.co/ibm-granite")
def granite4_vision(c: Config) -> Model:
    """Granite 4 Vision: a projector for every pair of `deepstack_layer_map`, and one for each corner; the root says what is tied."""
    text, vision, body, tied = c.sub("text_config", text=True), c.sub("vision_config"), inside(c), c.flag("tie_word_embeddings")
    model = granite(text)
    model = replace(model, parts=tuple(placed(part, tied, nested_in(body)) for part in model.parts), tied=tied)
    newline = Weight("image_newline", (text.int("hidden_size"),), Role.PROJECTOR)
    parts = [image_tower(vision, f"{body}vision_tower."), Part("image newline", "projector", Modality.VISION, (newline,), prefix=body)]
    listed = c.list("deepstack_layer_map", of=list)
    if listed is None:
        unstated = num.unknown("`deepstack_layer_map` does not tell how many projectors there are")
        parts.append(Part("projector", "projector", Modality.VISION, (Weight("{unknown}", (unstated,), Role.PROJECTOR),)))
    places = [f"layerwise_projectors.{index}." for index in range(len(listed or ()))]
    places += [f"spatial_projectors.{corner}." for corner in range(CORNERS)]
    parts += [downsampler(c, body + place) for place in places]
    return with_vision(model, vision, *parts)


def downsampler(c: Config, prefix: str) -> Part:
    """Learned queries over a window of patches: a Q-Former (BLIP-2, arXiv:2301.12597) as wide as the tower, with heads of 64."""
    own, hidden = c.sub("qformer_config"), c.sub("vision_config").int("hidden_size")
    heads, step = hidden // 64, own.int("cross_attention_frequency")
    queries, window = sides(c)
    outside = (
        Weight("query", (Num(1), queries * queries, hidden), Role.PROJECTOR),
        Weight("image_positions", (Num(1), window * window, hidden), Role.PROJECTOR),
        *norm("norm", hidden, bias=True),
        *linear("out_linear", hidden, c.sub("text_config", text=True).int("hidden_size"), Role.PROJECTOR, bias=True),
        *norm("qformer.layernorm", hidden, bias=True),
    )

    def attention(c: Config, place: str, *, cross: bool = False) -> Mixer:
        found = mha(
            c,
            hidden=hidden,
            heads=heads,
            dim=hidden // heads,
            bias=True,
            o_bias=True,
            names=NAMES,
            prefix=place,
            causal=False,
            cross=cross,
            cached=False,
            rotary=False,
        )
        own = extended(found, *norm(f"{place}output.LayerNorm", hidden, bias=True))
        return replace(own, weights=as_role(Role.PROJECTOR, own.weights))

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = attention(c, "attention.")
        return (own, attention(c, "crossattention.", cross=True)) if kind == CROSS else (own,)

    period = int(step.value or 1)
    groups = layer_groups(
        own,
        own.layers(),
        mixer=mixers,
        feed_forward=lambda c, kind: feed_forward(c, hidden),
        mixer_kinds=every(own, own.layers(), lambda index: index % period == 0, step, names=(OWN, CROSS)),
        norms=lambda c, kind: (),
    )
    layers = f"{prefix}qformer.encoder.layer.{{layer}}."
    return Part("projector", "projector", Modality.VISION, outside, groups, prefix=prefix, layer_prefix=layers)


def feed_forward(c: Config, hidden: Num) -> FeedForward:
    """The block of the queries, and one for words where `use_qformer_text_input` is set."""

    def block(suffix: str) -> tuple[Weight, ...]:
        dense = plain(c, hidden=hidden, prefix="", names=(f"intermediate{suffix}.dense", f"output{suffix}.dense")).weights
        return (*dense, *prefixed(f"output{suffix}.", norm("LayerNorm", hidden, bias=True)))

    own = block("_query") + (block("") if c.flag("use_qformer_text_input") else ())
    return FeedForward(as_role(Role.PROJECTOR, own), c.int("intermediate_size"), gated=False, activation=c.text("hidden_act"))


def sides(c: Config) -> tuple[Num, Num]:
    """The sides of the queries and of their window: `downsample_rate` is their ratio, such as `4/8`."""
    first, _, last = (c.text("downsample_rate") or "").partition("/")
    if not all(side.isdecimal() and len(side) < 6 and int(side) for side in (first, last)):
        return (num.unknown("`downsample_rate` is no ratio of two sides"),) * 2
    told = num.of(c.fact("downsample_rate"))
    return num.counted(int(first), "queries a side", told), num.counted(int(last), "patches a side", told)
