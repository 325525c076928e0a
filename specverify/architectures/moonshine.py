"""Moonshine: raw audio through strided convolutions into an encoder, and a decoder with a gated feed-forward that reads it."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.audio import convolution
from specverify.architectures.blocks.feed_forward import glu, plain
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, depth_of, head_kind, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, LayerGroup, Mixer, Modality, Part, Role, Weight

RECIPE = Recipe(norm="layer", objective="sequence-to-sequence")


@family("moonshine", source="transformers MoonshineForConditionalGeneration; https://arxiv.org/abs/2410.15608")
def moonshine(c: Config) -> Model:
    """Moonshine: three convolutions that make a token of 384 samples, both stacks of one width.

    As it builds, the class writes the encoder's heads over those of the decoder.
    """
    hidden, heads = c.int("hidden_size"), c.int("encoder_num_attention_heads")
    for key in ("decoder_num_attention_heads", "decoder_num_key_value_heads"):
        c.mark(key)
    dim = c.int("head_dim") if "head_dim" in c else hidden // heads
    sizes = {"heads": heads, "kv_heads": c.int("encoder_num_key_value_heads"), "dim": dim, "bias": c.flag("attention_bias")}
    outside = (
        *convolution("conv1", num.const(1), hidden, 127, bias=False),
        *convolution("conv2", hidden, hidden * 2, 7),
        *convolution("conv3", hidden * 2, hidden, 3),
        *norm("groupnorm", hidden, bias=True),
        *norm("layer_norm", hidden),
    )
    groups = layer_groups(
        c,
        c.layers("encoder_num_hidden_layers"),
        mixer=lambda c, kind: gqa(c, **sizes, causal=False, cached=False),  # type: ignore[arg-type]
        feed_forward=lambda c, kind: replace(plain(c, prefix="mlp."), activation=c.text("encoder_hidden_act")),
        norms=layer_norms("input_layernorm", "post_attention_layernorm"),
    )
    return _model(c, c.layers("decoder_num_hidden_layers"), sizes, outside, groups)


@family("moonshine_streaming", source="transformers MoonshineStreamingForConditionalGeneration; https://huggingface.co/UsefulSensors")
def moonshine_streaming(c: Config) -> Model:
    """Streaming Moonshine: an encoder of its own config and width, whose layers see a few tokens to either side and no positions.

    What it puts out gets learned positions in the decoder and, where the widths differ, a projection.
    """
    encoder = c.sub("encoder_config")
    width, hidden = encoder.int("hidden_size"), c.int("hidden_size")
    length = encoder.number("frame_ms") or num.unknown("`frame_ms` is not stated")
    frame = num.call("round", _rounded, encoder.int("sample_rate") * length / 1000)
    outside = (
        Weight("embedder.comp.log_k", (), Role.EMBEDDING),
        *convolution("embedder.conv1", width, width * 2, 5, role=Role.EMBEDDING),
        *convolution("embedder.conv2", width * 2, width, 5, role=Role.EMBEDDING),
        *linear("embedder.linear", frame, width, Role.EMBEDDING),
        *_gamma("final_norm", width),
    )
    bias, dim = encoder.flag("attention_bias"), encoder.int("head_dim")
    kinds, window_of = _windows(encoder)
    groups = layer_groups(
        encoder,
        encoder.layers(),
        mixer=lambda c, kind: gqa(c, dim=dim, bias=bias, o_bias=bias, window=window_of(kind), causal=False, cached=False, rotary=False),
        feed_forward=lambda c, kind: plain(c, prefix="mlp."),
        mixer_kinds=kinds,
        norms=lambda c, kind: (*_gamma("input_layernorm", width), *_gamma("post_attention_layernorm", width)),
    )
    more: tuple[Weight, ...] = (Weight("pos_emb.weight", (c.int("max_position_embeddings"), width), Role.POSITION),)
    if width.value != hidden.value:
        more += linear("proj", width, hidden, Role.PROJECTOR)
    sizes = {"kv_heads": c.int("num_key_value_heads"), "dim": c.int("head_dim"), "bias": c.flag("attention_bias")}
    return _model(c, c.layers(), sizes, outside, groups, more)


def _rounded(value: float) -> int | None:
    return round(value) if isfinite(value) else None


def _windows(c: Config) -> tuple[Kinds, Callable[[str], Num | None]]:
    """Layers by the tokens they see: `sliding_windows` lists a pair a layer, the token itself counting in both of its numbers."""
    count = c.layers()
    pairs = c.list("sliding_windows", of=list) or []
    seen = {str(pair): sum(pair) - 1 if pair[-1] else sum(pair) for pair in pairs if pair and all(isinstance(n, int) for n in pair)}
    told = num.of(c.fact("sliding_windows"))
    names = [str(pair) if str(pair) in seen else "" for pair in pairs[: depth_of(count)]]
    names += [""] * (depth_of(count) - len(names))
    return Kinds(tuple(names), (count,)), lambda kind: num.counted(seen[kind], f"window {kind}", told) if kind in seen else None


def _gamma(name: str, size: Num) -> tuple[Weight, ...]:
    """A norm that keeps how far its scale is from one, as `gamma`."""
    return (Weight(f"{name}.gamma", (size,), Role.NORM),)


def _model(
    c: Config,
    count: Num,
    sizes: dict[str, object],
    outside: tuple[Weight, ...],
    encoder: tuple[LayerGroup, ...],
    more: tuple[Weight, ...] = (),
) -> Model:
    """Both stacks and the head; `sizes` are those of the decoder's attention, `more` its tensors beside the usual ones."""
    bare = head_kind(c.architecture) == "none"
    prefix, hidden, tied = "" if bare else "model.", c.int("hidden_size"), c.flag("tie_word_embeddings")
    table = Weight(f"{prefix}decoder.embed_tokens.weight", (c.int("vocab_size"), hidden), Role.EMBEDDING)
    inside = (replace(weight, name=f"{prefix}decoder.{weight.name}") for weight in (*norm("norm", hidden), *more))
    head = () if bare else (Weight("proj_out.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None),)

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        return gqa(c, **sizes), gqa(c, **sizes, prefix="encoder_attn.", cross=True, rotary=False)  # type: ignore[arg-type]

    def feed_forward(c: Config, kind: str) -> FeedForward:
        own = glu(c, fused="fc1", names=("", "", "fc2"), bias=True)
        return replace(own, activation=c.text("hidden_act") or own.activation)

    groups = layer_groups(
        c,
        count,
        mixer=mixers,
        feed_forward=feed_forward,
        norms=layer_norms("input_layernorm", "post_attention_layernorm", "final_layernorm"),
    )
    layers = "layers.{layer}."
    parts = (
        Part("encoder", "encoder", Modality.AUDIO, outside, encoder, f"{prefix}encoder.", f"{prefix}encoder.{layers}"),
        Part("decoder", "decoder", Modality.TEXT, (table, *inside, *head), groups, layer_prefix=f"{prefix}decoder.{layers}"),
    )
    return Model(parts, c, RECIPE, tied=tied, interface="cross-attention")
