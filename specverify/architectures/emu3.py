"""Emu3: one decoder over words and the codes of images and films."""

from __future__ import annotations

from specverify.architectures import vqgan
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.blocks.vision import patch_convolution
from specverify.architectures.keys import Config
from specverify.architectures.llava import placed, within
from specverify.architectures.model import Model, decoder, depth_of
from specverify.architectures.registry import family
from specverify.architectures.vqgan import ONE, THREE, NormOf, Stack, Weights, codebook, conv, group_norm, image_tokenizer
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Part, Role, Weight

FOUR = Num(4)


@family("emu3", "emu3_text_model", source="transformers Emu3ForConditionalGeneration; https://arxiv.org/abs/2409.18869")
def emu3(c: Config) -> Model:
    """Emu3: Llama over words and codes, which the VQGAN reads and writes; the class `ForCausalLM` is the text model alone."""
    if c.model_type == "emu3_text_model":
        return text_model(c)
    text = c.sub("text_config", text=True)
    if (c.architecture or "").endswith("ForCausalLM"):
        return text_model(text)
    model, tied = text_model(text), c.flag("tie_word_embeddings")
    parts = (*(placed(part, tied, within("text_model.")) for part in model.parts), tokenizer(c.sub("vq_config"), "vqmodel."))
    return replace(model, parts=parts, tied=tied, interface="unified")


def text_model(c: Config) -> Model:
    """Llama."""
    bias, mlp_bias = c.flag("attention_bias"), c.flag("mlp_bias")
    return decoder(c, mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias), feed_forward=lambda c, kind: glu(c, bias=mlp_bias))


def tokenizer(c: Config, prefix: str) -> Part:
    """A VQGAN with convolutions over time behind its encoder and before its decoder, whose norms are shifted and scaled by the codes."""
    codes = c.int("embed_dim")

    def attention(name: str, beside: str, channels: Num, normed: NormOf) -> Weights:
        width = c.int("hidden_size")
        projections = ("q_proj", "k_proj", "v_proj", "out_proj")
        linears = (weight for part in projections for weight in linear(f"{name}.{part}", width, width, Role.TOWER, bias=True))
        return (*linears, *normed(beside, channels))

    def by_codes(name: str, channels: Num) -> Weights:
        factors = (weight for part in ("conv_y", "conv_b") for weight in conv(f"{name}.{part}", codes, channels, ONE))
        return (*group_norm(f"{name}.norm_layer", channels), *factors)

    def weights() -> Weights:
        levels, latents = tuple(c.list("attn_resolutions", of=int) or ()), c.int("latent_channels")
        down = Stack("down_block.down.", "middle_block.", levels, attention=attention)
        up = Stack("up_block.up.", "middle_block.", levels, normed=by_codes, attention=attention)
        seen = latents * 2 if c.flag("double_latent") else latents
        return (
            *prefixed("encoder.", (*vqgan.encoder(c, down), *over_time(c, seen, FOUR))),
            *prefixed("decoder.", (*vqgan.decoder(c, up, lambda index: index), *over_time(c, latents, THREE))),
            *codebook(c, "codebook_size"),
            *film("quant_conv", latents, codes, ONE),
            *film("post_quant_conv", codes, latents, ONE),
        )

    return image_tokenizer(c, prefix, weights)


def film(name: str, inputs: Num, outputs: Num, side: Num = THREE, frames: Num = THREE) -> Weights:
    """A convolution over `frames` and a square of each."""
    return patch_convolution(f"{name}.conv", outputs, inputs, frames, side, side)


def over_time(c: Config, channels: Num, frames: Num) -> Weights:
    """A convolution for each halving of time, and residual blocks."""
    factor, blocks = c.int("temporal_downsample_factor").value or 1, depth_of(c.int("num_res_blocks"))
    halvings = range(int(factor).bit_length() - 1)
    return (
        *(weight for index in halvings for weight in film(f"time_conv.{index}.conv", channels, channels, frames=frames)),
        *(
            weight
            for index in range(blocks)
            for place in ("1", "2")
            for weight in (
                *batch_norm(f"time_res_stack.{index}.norm{place}", channels),
                *film(f"time_res_stack.{index}.conv{place}", channels, channels),
            )
        ),
    )


def batch_norm(name: str, channels: Num) -> Weights:
    """A norm that keeps the mean and variance it saw."""
    kept = (("running_mean", (channels,), None), ("running_var", (channels,), None), ("num_batches_tracked", (), "I64"))
    buffers = (Weight(f"{name}.{part}", shape, Role.NORM, buffer=True, dtype=dtype) for part, shape, dtype in kept)
    return (*norm(name, channels, bias=True), *buffers)
