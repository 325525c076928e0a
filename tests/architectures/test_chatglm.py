"""ChatGLM and Qwen 1, whose code transformers does not have: by the sizes of their published checkpoints."""

from __future__ import annotations

from typing import Any

import pytest

from specverify import num
from specverify.derive import cache
from specverify.derive.manifest import manifest
from specverify.derive.parameters import counts
from specverify.spec import Role
from tests.architectures.plans import check_published, spec_of, total_of
from tests.architectures.reading import tensors

CHATGLM: dict[str, Any] = {
    "model_type": "chatglm",
    "architectures": ["ChatGLMModel"],
    "hidden_size": 4096,
    "inner_hidden_size": 16_384,
    "num_attention_heads": 32,
    "num_layers": 28,
    "position_encoding_2d": True,
    "vocab_size": 130_528,
}
CHATGLM2: dict[str, Any] = {
    "model_type": "chatglm",
    "architectures": ["ChatGLMModel"],
    "add_bias_linear": False,
    "add_qkv_bias": True,
    "ffn_hidden_size": 13_696,
    "hidden_size": 4096,
    "kv_channels": 128,
    "multi_query_attention": True,
    "multi_query_group_num": 2,
    "num_attention_heads": 32,
    "num_layers": 28,
    "padded_vocab_size": 65_024,
    "post_layer_norm": True,
    "rmsnorm": True,
    "tie_word_embeddings": False,
}
QWEN: dict[str, Any] = {
    "model_type": "qwen",
    "architectures": ["QWenLMHeadModel"],
    "hidden_size": 4096,
    "intermediate_size": 22_016,
    "kv_channels": 128,
    "no_bias": True,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "tie_word_embeddings": False,
    "vocab_size": 151_936,
}


@pytest.mark.parametrize(
    ("config", "total"),
    [
        (CHATGLM, 6_173_286_400),
        ({**CHATGLM, "tie_word_embeddings": False}, 6_707_929_088),
        (CHATGLM2, 6_243_584_000),
        ({**CHATGLM2, "num_layers": 40, "padded_vocab_size": 151_552}, 9_399_951_360),
        (QWEN, 7_721_324_544),
    ],
)
def test_published_sizes(config: dict[str, Any], total: int) -> None:
    """ChatGLM-6B, ChatGLM2-6B, GLM-4-9B and Qwen-7B."""
    assert total_of(config) == total


def test_bytes_of_the_published_checkpoints() -> None:
    """`total_size` of their index files: ChatGLM2 with its rotary frequencies, Qwen-7B, both at two bytes an element."""
    for config, size in ((CHATGLM2, 12_487_168_064), (QWEN, 15_442_649_088)):
        elements = sum(_size(shape) for shape in tensors(spec_of(config)).values())
        assert 2 * elements == size


def test_bytes_of_the_first_checkpoint() -> None:
    """`total_size` of ChatGLM-6B's first index file: a vocabulary of 150,528, the head stored too, norms at four bytes."""
    stored = manifest(spec_of({**CHATGLM, "vocab_size": 150_528}))
    assert sum(_size(shape) * (4 if weight.role is Role.NORM else 2) for _, shape, weight in stored) == 13_744_473_856


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def test_which_one_is_a_prefix_lm() -> None:
    """The first sees its prompt both ways; later ones kept the type and mask causally, and say so."""
    assert spec_of(CHATGLM).value("prototype") == "prefix-lm"
    later = spec_of(CHATGLM2).fact("prototype")
    assert later.value == "decoder-only"
    assert "PrefixLM lineage" in (later.readings[0].note or "")


@pytest.mark.parametrize(
    ("config", "facts"),
    [
        (CHATGLM, ("mha", "layer", "plain", 28, 4096)),
        (CHATGLM2, ("gqa", "rms", "gated", 28, 4096)),
        ({**CHATGLM2, "multi_query_attention": False}, ("mha", "rms", "gated", 28, 4096)),
        ({**CHATGLM2, "rmsnorm": False}, ("gqa", "layer", "gated", 28, 4096)),
        (QWEN, ("mha", "rms", "gated", 32, 4096)),
    ],
)
def test_recipe(config: dict[str, Any], facts: tuple[Any, ...]) -> None:
    """What the switches of these configs come to, under the standard names."""
    names = ("attention", "norm", "feed_forward", "num_hidden_layers", "hidden_size")
    assert tuple(spec_of(config).value(name) for name in names) == facts


def test_names() -> None:
    """The published layout of each."""
    assert tensors(spec_of(CHATGLM))["transformer.layers.27.attention.query_key_value.weight"] == (12_288, 4096)
    later = tensors(spec_of(CHATGLM2))
    assert later["transformer.encoder.layers.27.self_attention.query_key_value.bias"] == (4608,)
    assert later["transformer.encoder.layers.27.mlp.dense_h_to_4h.weight"] == (27_392, 4096)
    assert "transformer.encoder.layers.0.mlp.dense_h_to_4h.bias" in tensors(spec_of({**CHATGLM2, "add_bias_linear": True}))
    assert "transformer.encoder.final_layernorm.weight" not in tensors(spec_of({**CHATGLM2, "post_layer_norm": False}))
    plain = tensors(spec_of({**CHATGLM2, "add_qkv_bias": False}))
    assert "transformer.encoder.layers.0.self_attention.query_key_value.bias" not in plain
    everywhere = tensors(spec_of({**CHATGLM2, "add_qkv_bias": False, "add_bias_linear": True}))
    assert "transformer.encoder.layers.0.self_attention.query_key_value.bias" in everywhere
    classifier = tensors(spec_of({**CHATGLM2, "architectures": ["ChatGLMForSequenceClassification"]}))
    assert (classifier["classifier_head.weight"], classifier["classifier_head.bias"]) == ((2, 4096), (2,))
    qwen = tensors(spec_of(QWEN))
    assert qwen["transformer.h.31.mlp.w1.weight"] == (11_008, 4096)
    assert qwen["transformer.h.31.attn.c_attn.bias"] == (12_288,)
    assert "transformer.h.31.attn.c_proj.bias" in tensors(spec_of({**QWEN, "no_bias": False}))


def test_cache() -> None:
    """ChatGLM2 keeps 2 heads of 128 a layer, the first and Qwen 32."""
    for config, per_token in ((CHATGLM, 28 * 2 * 4096), (CHATGLM2, 28 * 2 * 256), (QWEN, 32 * 2 * 4096)):
        assert cache.attention_bytes(cache.plan(spec_of(config)), num.const(10), num.const(2)).value == per_token * 10 * 2


def test_sizes_that_are_not_stated_are_unknown() -> None:
    """There is no class to take a default from."""
    for config, key in ((CHATGLM2, "multi_query_group_num"), (CHATGLM2, "ffn_hidden_size"), (QWEN, "kv_channels")):
        found = counts(spec_of({name: value for name, value in config.items() if name != key}))
        assert found is not None
        assert found.total.value is None


def test_published() -> None:
    """Every published config the corpus has of these types."""
    check_published("chatglm", "qwen")
