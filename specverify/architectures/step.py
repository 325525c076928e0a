"""Step 3.7: sliding layers with query heads of their own number, stacked experts, and a tower in open_clip's style."""

from __future__ import annotations

from collections.abc import Callable

from specverify import num
from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.blocks.vision import patch_convolution, vision_tower
from specverify.architectures.deepseek import BALANCED
from specverify.architectures.keys import Config
from specverify.architectures.model import Kinds, Model, Recipe, decoder, every, kinds
from specverify.architectures.moe_kin import output_gated
from specverify.architectures.qwen import FULL, SLIDING
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Attention, FeedForward, Mixer, Modality, Part, Role, Weight

VISION = "vision_model."


@family("step3p7", source="transformers Step3p7ForConditionalGeneration; StepFun, Step 3.7")
def step3p7(c: Config) -> Model:
    """Step 3.7: norms over heads, a gate on the output of attention, and a shared expert beside the routed ones.

    Lists may go on to next-token-prediction layers, which the class passes over; their tensors are not listed.
    """
    text, vision = c.sub("text_config", text=True), c.sub("vision_config")
    beyond = text.optional("num_nextn_predict_layers", least=0)
    model = decoder(
        text,
        mixer=attention_of(text),
        feed_forward=feed_forward,
        mixer_kinds=kinds(text, text.layers(), allowed=(FULL, SLIDING), beyond=beyond),
        feed_forward_kinds=sparse_layers(text, beyond),
        recipe=Recipe(qk_norm="per-head", balancing=BALANCED),
        tied=c.flag("tie_word_embeddings"),
        root=c,
        vision=vision,
        interface="encoder + projector",
    )
    features = vision.int("hidden_size") * 4
    projector = linear("vit_large_projector", features, text.int("hidden_size"), Role.PROJECTOR, bias=c.flag("projector_bias"))
    return replace(model, parts=(*model.parts, tower(vision), Part("projector", "projector", Modality.VISION, projector)))


def attention_of(c: Config) -> Callable[[Config, str], Attention]:
    """Attention; a `per_layer_config` of the file says how many query heads a layer has, else sliding ones have a number of theirs."""
    window, bias, listed = sliding_window(c), c.flag("attention_bias"), "per_layer_config" in c.raw
    apart = None if listed else sliding_heads(c)

    def mixer(c: Config, kind: str) -> Attention:
        slides = kind == SLIDING
        heads = apart if slides else None
        return output_gated(c, gqa(c, heads=heads, bias=bias, o_bias=bias, qk_norm="per-head", window=window if slides else None))

    return mixer


def sliding_heads(c: Config) -> Num:
    """`num_sliding_attention_heads`, or what older files put into `attention_other_setting`."""
    if c.raw.get("num_sliding_attention_heads") is None and c.raw.get("attention_other_setting"):
        c.mark("num_sliding_attention_heads")
        return c.sub("attention_other_setting").optional("num_attention_heads") or c.int("num_attention_heads")
    return c.int("num_sliding_attention_heads")


def sparse_layers(c: Config, beyond: Num | None) -> Kinds:
    """Mixtures by `mlp_layer_types`, else at the indices that `moe_layers_enum` lists, else from the fourth layer on."""
    listed = c.raw.get("moe_layers_enum") if c.raw.get("mlp_layer_types") is None else None
    if listed is None:
        return kinds(c, c.layers(), "mlp_layer_types", allowed=("dense", "sparse"), beyond=beyond)
    c.mark("mlp_layer_types")
    named = c.choice("moe_layers_enum")
    entries = named.split(",") if isinstance(named, str) else named if isinstance(named, list) else None
    if entries is None or not all(str(entry).strip().isdecimal() for entry in entries if str(entry).strip()):
        c.problem("type", "moe_layers_enum", "`moe_layers_enum` should be indices of layers", named)
        return every(c, c.layers(), lambda index: False, num.unknown("`moe_layers_enum` is no list of layers"))
    sparse = {str(int(entry)) for entry in entries if str(entry).strip() and len(str(entry)) < 10}
    return every(c, c.layers(), lambda index: str(index) in sparse)


def feed_forward(c: Config, kind: str) -> FeedForward:
    """A dense block, or experts stored together beside a shared one."""
    bias = c.flag("mlp_bias")
    if kind != "sparse":
        return glu(c, bias=bias)
    hidden, width = c.int("hidden_size"), c.int("moe_intermediate_size")
    opening = (Weight(f"moe.{name}.weight", (width, hidden), Role.ROUTED_EXPERT) for name in ("gate_proj", "up_proj"))
    return moe(
        c,
        experts=c.int("n_routed_experts"),
        per_token=c.int("num_experts_per_tok"),
        intermediate=width,
        shared=c.int("share_expert_dim", least=0),
        shared_prefix="share_expert.",
        shared_bias=bias,
        prefix="",
        router="moe.gate",
        router_kind="sigmoid",
        correction_bias="moe.router_bias",
        expert_weights=(*opening, Weight("moe.down_proj.weight", (hidden, width), Role.ROUTED_EXPERT)),
    )


def tower(c: Config) -> Part:
    """A ViT with learned positions and a scale on what each block adds, and two convolutions that halve the sides and double the width."""
    hidden, patch, side = c.int("hidden_size"), c.int("patch_size"), c.int("image_size") // c.int("patch_size")
    outside = (
        *patch_convolution("conv1", hidden, c.int("num_channels"), patch, patch, bias=False),
        Weight("positional_embedding", (side * side, hidden), Role.POSITION),
        *norm("ln_pre", hidden, bias=True),
        *downsampler("vit_downsampler1", hidden),
        *downsampler("vit_downsampler2", hidden * 2),
    )
    part = vision_tower(
        c,
        heads=c.int("num_attention_heads"),
        count=c.layers(),
        prefix=VISION,
        layers="transformer.resblocks.{layer}.",
        outside=outside,
        attention="attn.",
        projections=("", "", "", "out_proj"),
        fused="in_proj",
        feed_forward=("c_fc", "c_proj"),
        norms=("ln_1", "ln_2"),
        more=tuple(Weight(f"{name}.gamma", (hidden,), Role.TOWER) for name in ("ls_1", "ls_2")),
    )
    return replace(part, layers=tuple(replace(g, mixers=tuple(torch_named(m) for m in g.mixers)) for g in part.layers))


def torch_named(mixer: Mixer) -> Mixer:
    """Attention as torch's own module names it: `in_proj_weight` and `in_proj_bias`."""
    return replace(mixer, weights=tuple(replace(w, name=w.name.replace("in_proj.", "in_proj_")) for w in mixer.weights))


def downsampler(name: str, inputs: Num) -> tuple[Weight, ...]:
    """A convolution of three by three that doubles the width."""
    side = num.const(3, "kernel")
    return patch_convolution(name, inputs * 2, inputs, side, side)
