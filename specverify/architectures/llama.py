"""The plain modern decoder: RoPE, RMSNorm, SwiGLU, GQA; and families that differ from it by a flag."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa, sliding_window
from specverify.architectures.blocks.feed_forward import glu, moe
from specverify.architectures.keys import Config
from specverify.architectures.model import Model, decoder
from specverify.architectures.registry import family


@family("llama", source="transformers LlamaForCausalLM; https://arxiv.org/abs/2302.13971")
def llama(c: Config) -> Model:
    """Llama 1 to 3.x: GQA, SwiGLU, two RMSNorms a layer; biases only where `attention_bias` or `mlp_bias` ask for them."""
    bias = c.flag("attention_bias")
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias),
        feed_forward=lambda c, kind: glu(c, bias=c.flag("mlp_bias")),
    )


@family("iquestcoder", source="transformers IQuestCoderConfig, which LlamaForCausalLM reads")
def iquestcoder(c: Config) -> Model:
    """IQuest-Coder-V1: Llama under a type of its own, which refuses `use_sliding_window`."""
    bias = c.flag("attention_bias")
    window = num.unknown("the class refuses `use_sliding_window`") if c.flag("use_sliding_window") else None
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias, window=window),
        feed_forward=lambda c, kind: glu(c, bias=c.flag("mlp_bias")),
    )


@family("mistral", source="transformers MistralForCausalLM; https://arxiv.org/abs/2310.06825")
def mistral(c: Config) -> Model:
    """Mistral 7B: Llama with a sliding window on every layer where `sliding_window` is a number."""
    window = sliding_window(c)
    return decoder(c, mixer=lambda c, kind: gqa(c, window=window), feed_forward=lambda c, kind: glu(c))


@family("mixtral", source="transformers MixtralForCausalLM; https://arxiv.org/abs/2401.04088")
def mixtral(c: Config) -> Model:
    """Mixtral: Mistral with every feed-forward a mixture; each expert is `intermediate_size` wide."""
    window = sliding_window(c)
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, window=window),
        feed_forward=lambda c, kind: moe(
            c,
            experts=c.int("num_local_experts"),
            per_token=c.int("num_experts_per_tok"),
            intermediate=c.int("intermediate_size"),
            prefix="block_sparse_moe.",
            names=("w1", "w3", "w2"),
        ),
    )


@family("phi3", source="transformers Phi3ForCausalLM; https://arxiv.org/abs/2404.14219")
def phi3(c: Config) -> Model:
    """Phi-3: Llama with q, k, v in one tensor and gate, up in another."""
    window = sliding_window(c)
    return decoder(
        c,
        mixer=lambda c, kind: gqa(c, window=window, fused="qkv_proj"),
        feed_forward=lambda c, kind: glu(c, fused="gate_up_proj"),
    )
