"""Decoders of other labs on DeepSeek's latent attention."""

from __future__ import annotations

from specverify.architectures.blocks.attention import mla
from specverify.architectures.blocks.feed_forward import glu, stacked_experts
from specverify.architectures.deepseek import experts, first_dense
from specverify.architectures.keys import Config
from specverify.architectures.llama_kin import gated
from specverify.architectures.model import Model, decoder
from specverify.architectures.registry import family
from specverify.spec import FeedForward, Mixer


def latent(c: Config, kind: str) -> Mixer:
    """Latent attention with `attention_bias` as in DeepSeek."""
    return mla(c, bias=c.flag("attention_bias"))


@family("youtu", source="transformers YoutuForCausalLM; https://huggingface.co/tencent/Youtu-LLM-2B")
def youtu(c: Config) -> Model:
    """Youtu-LLM: a dense decoder on latent attention."""
    return decoder(c, mixer=latent, feed_forward=lambda c, kind: glu(c))


@family("minicpm3", source="transformers MiniCPM3ForCausalLM; https://arxiv.org/abs/2404.06395")
def minicpm3(c: Config) -> Model:
    """MiniCPM3: a dense decoder on latent attention, with scaled embeddings, residuals and logits that own no weight."""
    return decoder(c, mixer=latent, feed_forward=gated)


@family("mistral4", source="transformers Mistral4ForCausalLM; Mistral AI, Mistral Small 4")
def mistral4(c: Config) -> Model:
    """Mistral 4: latent attention and DeepSeek's mixture, with a softmax router that no bias balances."""

    def mixture(c: Config, kind: str) -> FeedForward:
        if kind != "sparse":
            return glu(c)
        tensors = stacked_experts(c.int("hidden_size"), c.int("moe_intermediate_size"), "mlp.experts.", outputs_first=True)
        return experts(c, expert_weights=tensors)

    return decoder(c, mixer=latent, feed_forward=mixture, feed_forward_kinds=first_dense(c))
