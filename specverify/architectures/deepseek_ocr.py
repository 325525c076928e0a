"""DeepSeek-OCR 2 and Unlimited-OCR: pages compressed by SAM and a second encoder, before a small mixture with plain attention."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa
from specverify.architectures.blocks.feed_forward import GATE_UP_DOWN, glu
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import vision_tower
from specverify.architectures.composite import projector, root_of
from specverify.architectures.deepseek import experts, stated_sparse
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, decoder
from specverify.architectures.registry import family
from specverify.architectures.tower_sam import ORIGINAL, halving, sam
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Part, Role, Weight

QUERIES = {"query_768": num.const(144, "12 x 12 latents"), "query_1024": num.const(256, "16 x 16 latents")}
"""The learned latents for a page of either size, which no key states."""


@family("deepseek_ocr2", source="transformers DeepseekOcr2ForConditionalGeneration; https://arxiv.org/abs/2601.20552")
def deepseek_ocr2(c: Config) -> Model:
    """DeepSeek-OCR 2: Qwen2's layers as the second encoder, latents behind the patches put them in reading order."""
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    encoder = vision.sub("encoder_config")
    return behind(c, text, qwen2_encoder(encoder, f"{root_of(c)}qwen2_model."), encoder.int("hidden_size"))


@family("unlimited_ocr", source="transformers UnlimitedOcrForConditionalGeneration; Baidu, Unlimited-OCR")
def unlimited_ocr(c: Config) -> Model:
    """Unlimited-OCR: CLIP over SAM's features beside them; the text's keys may stand in `language_config`.

    What the model writes sees `sliding_window` tokens of its own and the whole prompt, all of which is kept.
    """
    named = c.raw.get("text_config") is not None or c.raw.get("language_config") is None
    text = c.sub("text_config", text=True) if named else c.sub("language_config", text=True, model_type="unlimited_ocr_text")
    vision = c.sub("vision_config")
    encoder = vision.sub("encoder_config")
    inputs = features(vision)[-1] + encoder.int("hidden_size")
    model = behind(c, text, clip_over_features(encoder, f"{root_of(c)}vision_model."), inputs)
    newline = projector(root_of(c), (Weight("image_newline", (text.int("hidden_size"),), Role.PROJECTOR),))
    return replace(model, parts=(*model.parts, replace(newline, name="image newline")))


def behind(c: Config, text: Config, encoder: Part, inputs: Num) -> Model:
    """DeepSeek's mixtures with plain attention behind SAM and the `encoder`; the root says whether the head is tied."""
    vision, hidden, bias = c.sub("vision_config"), text.int("hidden_size"), text.flag("attention_bias")

    def feed_forward(c: Config, kind: str) -> FeedForward:
        mlp_bias = c.flag("mlp_bias")
        return experts(c, shared_bias=mlp_bias) if kind == "sparse" else glu(c, bias=mlp_bias)

    model = decoder(
        text,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias),
        feed_forward=feed_forward,
        feed_forward_kinds=stated_sparse(text),
        tied=c.flag("tie_word_embeddings"),
        root=c,
        vision=vision,
        interface="encoder + projector",
    )
    weights = (
        *linear("projector.layers", inputs, hidden, Role.PROJECTOR, bias=True),
        Weight("view_seperator", (hidden,), Role.PROJECTOR),
    )
    detail = sam(vision.sub("sam_config"), f"{root_of(c)}sam_model.", ORIGINAL, more=halving(("net_2", "net_3"), *features(vision)))
    return replace(model, parts=(*model.parts, detail, encoder, projector(root_of(c), weights)))


def features(c: Config) -> tuple[Num, Num, Num]:
    """The channels of SAM's features, and what they become when the side is halved, and halved again."""
    detail = c.sub("sam_config")
    stated = detail.counts("downsample_channels")
    once, twice = stated if len(stated) == 2 else (num.unknown("`downsample_channels` does not state two counts"),) * 2
    return detail.int("output_channels"), once, twice


def qwen2_encoder(c: Config, prefix: str) -> Part:
    """Qwen2's layers over patches and latents."""
    hidden = c.int("hidden_size")
    outside = (
        *norm("model.model.norm", hidden),
        *(Weight(f"{name}.weight", (count, hidden), Role.POSITION) for name, count in QUERIES.items()),
    )
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        kv_heads=c.int("num_key_value_heads"),
        count=c.layers(),
        prefix=prefix,
        layers="model.model.layers.{layer}.",
        outside=outside,
        projections=("q_proj", "k_proj", "v_proj", "o_proj"),
        output_bias=False,
        feed_forward=GATE_UP_DOWN,
        feed_forward_bias=False,
        norms=("input_layernorm", "post_attention_layernorm"),
        norm_bias=False,
    )


def clip_over_features(c: Config, prefix: str) -> Part:
    """CLIP's layers without patches of their own, and without its last norm."""
    hidden, side = c.int("hidden_size"), c.int("image_size") // c.int("patch_size")
    outside = (
        Weight("embeddings.class_embedding", (hidden,), Role.TOWER),
        Weight("embeddings.position_embedding.weight", (side * side + 1, hidden), Role.POSITION),
        *norm("pre_layrnorm", hidden, bias=True),
    )
    return vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=prefix,
        layers="transformer.layers.{layer}.",
        outside=outside,
        projections=("", "", "", "out_proj"),
        fused="qkv_proj",
    )
