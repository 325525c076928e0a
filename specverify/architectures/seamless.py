"""SeamlessM4T: encoders of text and of speech, a text decoder, and what makes units and then speech of the text."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mha
from specverify.architectures.blocks.audio import convolution
from specverify.architectures.blocks.feed_forward import plain
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, Recipe, layer_groups, layer_norms
from specverify.architectures.registry import family
from specverify.architectures.tower_conformer import speech_encoder
from specverify.architectures.tower_hifigan import hifigan
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Mixer, Modality, Part, Role, Weight

RECIPE = Recipe(norm="layer", position="sinusoidal", objective="sequence-to-sequence")
UNITS = "t2u_model."


@family("seamless_m4t", source="transformers SeamlessM4TModel; https://arxiv.org/abs/2308.11596")
def seamless_m4t(c: Config) -> Model:
    """SeamlessM4T: the class says which encoders there are and whether it speaks; units come from an encoder and a decoder of their own.

    That decoder's cache is not the text's, and not counted.
    """
    return _model(c, second=False)


@family("seamless_m4t_v2", source="transformers SeamlessM4Tv2Model; https://arxiv.org/abs/2312.05187")
def seamless_m4t_v2(c: Config) -> Model:
    """SeamlessM4T v2: units are made at once, of characters as long as they are predicted to sound."""
    return _model(c, second=True)


def _model(c: Config, *, second: bool) -> Model:
    name, tied = c.architecture or "Model", c.flag("tie_word_embeddings")
    whole = name.endswith("Model")
    shared = Weight("shared.weight", (c.int("vocab_size"), c.int("hidden_size")), Role.EMBEDDING)
    parts = [_text(c, "text_encoder.", "encoder", "", shared, tied=tied)] if whole or "ForTextTo" in name else []
    if whole or "ForSpeechTo" in name:
        parts.append(speech_encoder(c, "speech_encoder.", second=second))
    head = Weight("lm_head.weight", shared.shape, Role.HEAD, tied_to=shared.name if tied else None)
    parts.append(_text(c, "text_decoder.", "decoder", "", shared, (shared, head), tied=tied))
    if whole or name.endswith("ToSpeech"):
        units = (_unit_decoder if second else _unit_stack)(c, tied=tied)
        parts += [_text(c, f"{UNITS}model.encoder.", "encoder", "t2u_", None, tied=tied), units, _vocoder(c)]
    return Model(tuple(parts), c, RECIPE, tied=tied, interface="cross-attention")


def _text(c: Config, prefix: str, stack: str, keys: str, shared: Weight | None, more: tuple[Weight, ...] = (), *, tied: bool) -> Part:
    """A stack of text, or of units where `keys` begin with `t2u_`: those of an encoder have no table."""
    hidden, heads, decodes = c.int("hidden_size"), c.int(f"{keys}{stack}_attention_heads"), stack == "decoder"
    table: tuple[Weight, ...] = ()
    if shared is not None:
        table = (Weight(f"{prefix}embed_tokens.weight", shared.shape, Role.EMBEDDING, tied_to=shared.name if tied else None),)

    def mixers(c: Config, kind: str) -> tuple[Mixer, ...]:
        own = _attention(c, heads, "self_attn.", causal=decodes, cached=decodes)
        return (own, _attention(c, heads, "cross_attention.", cross=True)) if decodes else (own,)

    groups = layer_groups(
        c,
        c.layers(f"{keys}{stack}_layers"),
        mixer=mixers,
        feed_forward=lambda c, kind: plain(c, intermediate=c.int(f"{keys}{stack}_ffn_dim"), prefix="ffn."),
        norms=layer_norms("self_attn_layer_norm", *(("cross_attention_layer_norm",) if decodes else ()), "ffn_layer_norm", bias=True),
    )
    weights = (*table, *norm(f"{prefix}layer_norm", hidden, bias=True), *more)
    role, modality = ("tower", Modality.AUDIO) if keys else (stack, Modality.TEXT)
    return Part(f"unit {stack}" if keys else stack, role, modality, weights, groups, layer_prefix=f"{prefix}layers.{{layer}}.")


def _attention(c: Config, heads: Num, prefix: str, *, causal: bool = False, cross: bool = False, cached: bool = True) -> Attention:
    return mha(
        c,
        heads=heads,
        dim=c.int("hidden_size") // heads,
        bias=True,
        o_bias=True,
        names=("q_proj", "k_proj", "v_proj", "out_proj"),
        prefix=prefix,
        causal=causal,
        cross=cross,
        cached=cached,
        rotary=False,
    )


def _unit_table(c: Config, *, tied: bool) -> tuple[Weight, Weight]:
    """The table of units and the head, which is the same where heads are tied."""
    table = Weight(f"{UNITS}model.decoder.embed_tokens.weight", (c.int("t2u_vocab_size"), c.int("hidden_size")), Role.EMBEDDING)
    return table, Weight(f"{UNITS}lm_head.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None)


def _unit_stack(c: Config, *, tied: bool) -> Part:
    return _text(c, f"{UNITS}model.decoder.", "decoder", "t2u_", None, _unit_table(c, tied=tied), tied=tied)


def _unit_decoder(c: Config, *, tied: bool) -> Part:
    """Layers of attention and two convolutions; it reads nothing but the encoder's output drawn out to the length of the speech."""
    hidden, heads, prefix = c.int("hidden_size"), c.int("t2u_decoder_attention_heads"), f"{UNITS}model.decoder."
    sizes = (c.int("t2u_variance_predictor_embed_dim"), c.int("t2u_variance_predictor_hidden_dim"))
    weights = (
        Weight(f"{prefix}embed_char.weight", (c.int("char_vocab_size"), hidden), Role.EMBEDDING),
        Weight(f"{prefix}pos_emb_alpha_char", (Num(1),), Role.POSITION),
        Weight(f"{prefix}pos_emb_alpha", (Num(1),), Role.POSITION),
        *prefixed(f"{prefix}duration_predictor.", _variance(*sizes, c.int("t2u_variance_predictor_kernel_size"))),
        *norm(f"{prefix}layer_norm", hidden, bias=True),
        *_unit_table(c, tied=tied),
    )

    def feed_forward(c: Config, kind: str) -> FeedForward:
        convolutions = (convolution(name, hidden, hidden, 7, role=Role.FEED_FORWARD) for name in ("conv1", "conv2"))
        own = tuple(weight for layer in convolutions for weight in layer)
        return FeedForward(own, hidden, gated=False, activation=c.text("activation_function"))

    c.mark("t2u_decoder_ffn_dim")
    groups = layer_groups(
        c,
        c.layers("t2u_decoder_layers"),
        mixer=lambda c, kind: _attention(c, heads, "self_attn.", cached=False),
        feed_forward=feed_forward,
        norms=layer_norms("self_attn_layer_norm", "conv_layer_norm", bias=True),
    )
    return Part("unit decoder", "tower", Modality.AUDIO, weights, groups, layer_prefix=f"{prefix}layers.{{layer}}.")


def _variance(inputs: Num, hidden: Num, kernel: Num) -> tuple[Weight, ...]:
    """How long each unit sounds: two convolutions."""
    return (
        *convolution("conv1", inputs, hidden, kernel),
        *norm("ln1", hidden, bias=True),
        *convolution("conv2", hidden, hidden, kernel),
        *norm("ln2", hidden, bias=True),
        *linear("proj", hidden, Num(1), Role.TOWER, bias=True),
    )


def _vocoder(c: Config) -> Part:
    """A HiFi-GAN over units, each beside the language and the speaker."""
    unit, speaker, language = c.int("unit_embed_dim"), c.int("spkr_embed_dim"), c.int("lang_embed_dim")
    weights = (
        *prefixed("dur_predictor.", _variance(unit, unit, c.int("variance_predictor_kernel_size"))),
        Weight("unit_embedding.weight", (c.int("unit_hifi_gan_vocab_size"), unit), Role.EMBEDDING),
        Weight("speaker_embedding.weight", (c.int("vocoder_num_spkrs"), speaker), Role.EMBEDDING),
        Weight("language_embedding.weight", (c.int("vocoder_num_langs"), language), Role.EMBEDDING),
        *prefixed("hifi_gan.", hifigan(c, unit + language + speaker)),
    )
    return Part("vocoder", "tower", Modality.AUDIO, weights, prefix="vocoder.")
