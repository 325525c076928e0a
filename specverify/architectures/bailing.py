"""Ling 3: Kimi's delta attention with a gated latent attention layer at the end of every group, and balanced mixtures."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mla
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import extended, linear, norm
from specverify.architectures.deepseek import BALANCED, stated_sparse
from specverify.architectures.keys import Config
from specverify.architectures.kimi import FULL, LINEAR, delta_attention
from specverify.architectures.model import PRE_NORM, Model, Recipe, decoder, kinds, layer_groups
from specverify.architectures.moe_kin import routed
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import FeedForward, Latent, Mixer, Modality, Part, Role, Weight

ATTENTION = "attention."


@family("bailing_hybrid", source="transformers BailingHybridForCausalLM; https://huggingface.co/inclusionAI/Ling-3.0-Flash")
def bailing_hybrid(c: Config) -> Model:
    """Ling 3: as many delta heads as heads, each as wide as `head_dim` before the class replaces it; the head is never tied."""
    heads, kernel = c.int("linear_num_heads"), c.int("linear_conv_kernel_dim")
    dim = c.int("linear_head_dim") if "linear_head_dim" in c else c.as_given("head_dim")

    def mixer(c: Config, kind: str) -> Mixer:
        if kind != LINEAR:
            return gated_latent(c)
        return delta_attention(c.int("hidden_size"), heads, dim, kernel, low_rank=False, decays=(heads,), prefix=ATTENTION)

    model = decoder(
        c,
        mixer=mixer,
        feed_forward=lambda c, kind: mixture(c) if kind == "sparse" else glu(c),
        mixer_kinds=kinds(c, c.layers(), allowed=(FULL, LINEAR)),
        feed_forward_kinds=stated_sparse(c),
        embedding="word_embeddings",
        tied=False,
        recipe=Recipe(balancing=BALANCED),
    )
    return replace(model, parts=(*model.parts, *next_token_prediction(c)))


def gated_latent(c: Config) -> Latent:
    """Latent attention with one gate a head."""
    own = mla(c, bias=c.flag("attention_bias"), output="dense", prefix=ATTENTION)
    return extended(own, *linear(ATTENTION + "g_proj", c.int("hidden_size"), own.num_attention_heads, Role.ATTENTION))


def mixture(c: Config) -> FeedForward:
    """Experts behind a sigmoid router that picks groups first."""
    return routed(c, correction_bias="gate.expert_bias", groups=c.optional("n_group"), groups_per_token=c.optional("topk_group"))


def next_token_prediction(c: Config) -> tuple[Part, ...]:
    """The `num_nextn_predict_layers` layers of latent attention and a mixture behind the last, each joined and normed by itself.

    Read from the checkpoint's own modeling_bailing_moe_v3.py. Embedding and head are the model's.
    """
    count = c.optional("num_nextn_predict_layers", least=0)
    if count is None or count.value == 0:
        return ()
    hidden = c.int("hidden_size")

    def joints(c: Config, kind: str) -> tuple[Weight, ...]:
        ends = (weight for name in ("enorm", "hnorm", "final_layernorm") for weight in norm(name, hidden))
        return (*PRE_NORM(c, kind), *ends, *linear("eh_proj", hidden * 2, hidden, Role.PROJECTOR))

    groups = layer_groups(
        c,
        count,
        mixer=lambda c, kind: gated_latent(c),
        feed_forward=lambda c, kind: mixture(c),
        norms=joints,
        first=int(c.layers().value or 0),
    )
    return (Part("next-token prediction", "next-token-prediction", Modality.TEXT, layers=groups, layer_prefix="model.layers.{layer}."),)
