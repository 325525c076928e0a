"""InternLM: Llama with biases (1), with queries and their keys and values side by side in one tensor (2), and plain again (3)."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.attention import gqa, mha
from specverify.architectures.blocks.feed_forward import glu
from specverify.architectures.blocks.tensors import linear
from specverify.architectures.keys import Config
from specverify.architectures.llama import llama
from specverify.architectures.model import Model, decoder, layer_norms
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.spec import Role


@family("internlm", source="modeling_internlm.py of internlm/internlm-7b; https://github.com/InternLM/InternLM")
def internlm(c: Config) -> Model:
    """InternLM 1: multi-head attention, `bias` on all four projections."""
    bias = c.flag("bias", True)
    return decoder(c, mixer=lambda c, kind: mha(c, bias=bias, o_bias=bias), feed_forward=lambda c, kind: glu(c))


@family("internlm2", source="modeling_internlm2.py of internlm/internlm2-7b; https://arxiv.org/abs/2403.17297")
def internlm2(c: Config) -> Model:
    """InternLM2: GQA with `wqkv` grouped by KV head; a reward model has one output."""
    bias = c.flag("bias", True)
    model = decoder(
        c,
        mixer=lambda c, kind: gqa(c, bias=bias, o_bias=bias, fused="wqkv", names=("", "", "", "wo"), prefix="attention."),
        feed_forward=lambda c, kind: glu(c, prefix="feed_forward.", names=("w1", "w3", "w2")),
        norms=layer_norms("attention_norm", "ffn_norm"),
        embedding="tok_embeddings",
        head="output",
    )
    if not (c.architecture or "").endswith("ForRewardModel"):
        return model
    reward = linear("v_head", c.int("hidden_size"), num.const(1, "reward"), Role.HEAD)
    body = model.parts[0]
    kept = tuple(weight for weight in body.weights if weight.role is not Role.HEAD)
    return replace(model, parts=(replace(body, weights=(*kept, *reward)), *model.parts[1:]))


@family("internlm3", source="transformers InternLM3ForCausalLM; https://huggingface.co/internlm/internlm3-8b-instruct")
def internlm3(c: Config) -> Model:
    """InternLM3: Llama under other names for its biases (`qkv_bias`, `bias`)."""
    return llama(c)
