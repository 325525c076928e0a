"""Janus: SigLIP to read images, a VQGAN to write them, and one text model for both."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.composite import projector, root_of, with_text
from specverify.architectures.computed import truncated_product
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, depth_of
from specverify.architectures.registry import family
from specverify.architectures.vqgan import Stack, Weights, codebook, decoder, encoder, image_tokenizer, last_level, to_codes_and_back
from specverify.num import Num
from specverify.spec import Part, Role, Weight


@family("janus", source="transformers JanusForConditionalGeneration; https://arxiv.org/abs/2410.13848")
def janus(c: Config) -> Model:
    """Janus and Janus-Pro: codes have an embedding, a projector and a head of their own; the root says whether that of words is tied."""
    vision, codes, root = c.sub("vision_config"), c.sub("vq_config"), root_of(c)
    seen, written = vision.int("projection_dim"), codes.int("projection_dim")
    count, width = codes.int("num_embeddings"), codes.int("embed_dim")
    weights = (
        *prefixed("aligner.", projection(vision.int("hidden_size"), seen, vision.int("depth"))),
        Weight("generation_embeddings.weight", (count, width), Role.PROJECTOR),
        *prefixed("generation_aligner.", projection(width, written, codes.int("num_hidden_layers"))),
        *linear("generation_head.proj_out", codes.int("image_token_embed_dim"), written, Role.HEAD, bias=True),
        *linear("generation_head.vision_head", written, count, Role.HEAD, bias=True),
    )
    parts = (tower(vision, f"{root}vision_model."), tokenizer(codes, f"{root}vqmodel."), projector(root, weights))
    return with_text(c, f"{root}language_model.", *parts, tied=c.flag("tie_word_embeddings"), vision=vision)


def projection(inputs: Num, outputs: Num, layers: Num) -> tuple[Weight, ...]:
    """As many matrices as `layers`."""
    hidden = range(depth_of(layers) - 1)
    return (
        *linear("fc1", inputs, outputs, Role.PROJECTOR, bias=True),
        *(weight for index in hidden for weight in linear(f"hidden_layers.{index}", outputs, outputs, Role.PROJECTOR, bias=True)),
    )


def tower(c: Config, prefix: str) -> Part:
    """SigLIP without its pooling head; norms over all query and all key heads by `use_qk_norm`."""
    hidden, patch, side = c.int("hidden_size"), c.int("patch_size"), c.int("image_size") // c.int("patch_size")
    outside = (
        *patch_convolution("embeddings.patch_embedding", hidden, c.int("num_channels"), patch, patch),
        Weight("embeddings.position_embedding.weight", (side * side, hidden), Role.POSITION),
        *norm("post_layernorm", hidden, bias=True),
    )
    normed = ("self_attn.q_norm", "self_attn.k_norm") if c.flag("use_qk_norm") else ()
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=prefix,
        layers="encoder.layers.{layer}.",
        outside=outside,
        intermediate=num.call("int", truncated_product, hidden, c.number("mlp_ratio") or num.unknown("`mlp_ratio` is not stated")),
        projections=("q_proj", "k_proj", "v_proj", "projection_layer"),
        bias=c.flag("attention_bias"),
        output_bias=True,
        more=tuple(weight for name in normed for weight in norm(name, hidden, bias=True)),
    )


def tokenizer(c: Config, prefix: str) -> Part:
    """A VQGAN that attends at the smallest side; its decoder lists that level first."""

    def weights() -> Weights:
        last = last_level(c)
        down, up = Stack("down.", "mid.", (last,)), Stack("up.", "mid.", (last,))
        return (
            *prefixed("encoder.", encoder(c, down)),
            *prefixed("decoder.", decoder(c, up, lambda index: last - index)),
            *codebook(c, "num_embeddings"),
            *to_codes_and_back(c),
        )

    return image_tokenizer(c, prefix, weights)
