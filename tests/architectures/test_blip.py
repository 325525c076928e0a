"""BLIP, BLIP-2, InstructBLIP, GIT, Kosmos-2 and 2.5 against their transformers classes."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.spec import ModelSpec
from tests.architectures.plans import SMALL, check_against_corpus, check_cache_against_corpus, check_published, spec_of
from tests.architectures.reading import kept, tensors, under

VISION: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 16,
    "patch_size": 4,
}
READER: dict[str, Any] = {
    "vocab_size": 41,
    "hidden_size": 12,
    "intermediate_size": 20,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "max_position_embeddings": 9,
    "cross_attention_frequency": 2,
}
BLIP_2: dict[str, Any] = {
    "model_type": "blip-2",
    "vision_config": VISION,
    "qformer_config": READER,
    "text_config": {**SMALL, "model_type": "llama"},
    "num_query_tokens": 5,
}
INSTRUCT: dict[str, Any] = {**BLIP_2, "model_type": "instructblip"}
BLIP: dict[str, Any] = {"model_type": "blip", "vision_config": VISION, "text_config": {**SMALL, "model_type": "blip_text_model"}}
GIT: dict[str, Any] = {"model_type": "git", **SMALL, "vision_config": VISION}
KOSMOS_TEXT = {"vocab_size": 97, "embed_dim": 32, "layers": 3, "attention_heads": 4, "ffn_dim": 48, "max_position_embeddings": 64}


def unknown_in(spec: ModelSpec) -> bool:
    """Whether a tensor of it is not known."""
    return any(weight.name.endswith("{unknown}") for part in spec.parts for weight in part.weights)


def test_the_queries_read_the_patches_in_every_other_layer() -> None:
    """Keys as wide as the tower in the first and third layer; a feed-forward for queries, one for words only where they are read."""
    reader = under(spec_of(BLIP_2), "qformer.")
    assert reader["encoder.layer.0.crossattention.attention.key.weight"] == (12, 16)
    assert "encoder.layer.1.crossattention.attention.key.weight" not in reader
    assert reader["encoder.layer.2.crossattention.attention.query.weight"] == (12, 12)
    assert reader["encoder.layer.1.output_query.dense.weight"] == (12, 20)
    assert reader["layernorm.weight"] == (12,)
    assert "encoder.layer.1.output.dense.weight" not in reader
    both = under(spec_of({**BLIP_2, "qformer_config": {**READER, "use_qformer_text_input": True}}), "qformer.")
    assert both["encoder.layer.1.output.dense.weight"] == (12, 20)
    instructed = under(spec_of(INSTRUCT), "qformer.")
    assert instructed["embeddings.word_embeddings.weight"] == (41, 12)
    assert "layernorm.weight" not in instructed


def test_blip_2_has_any_text_model() -> None:
    """Decoder-only or not, with the head that its own config says; InstructBLIP's bare class has the bare one."""
    names = tensors(spec_of(BLIP_2))
    assert names["query_tokens"] == (1, 5, 12)
    assert names["language_projection.weight"] == (32, 12)
    assert names["language_model.lm_head.weight"] == (97, 32)
    assert names["vision_model.encoder.layers.1.self_attn.qkv.bias"] == (48,)
    t5 = {"model_type": "t5", "vocab_size": 97, "d_model": 32, "d_ff": 48, "d_kv": 8, "num_layers": 2, "num_heads": 4}
    spec = spec_of({**BLIP_2, "text_config": {**t5, "tie_word_embeddings": False}})
    assert under(spec, "language_model.")["lm_head.weight"] == (97, 32)
    assert spec.encoder() is not None
    assert "language_model.lm_head.weight" in tensors(spec_of({**BLIP_2, "architectures": ["Blip2Model"]}))
    bare = under(spec_of({**INSTRUCT, "architectures": ["InstructBlipModel"]}), "language_model.")
    assert "lm_head.weight" not in bare
    assert bare["layers.3.mlp.down_proj.weight"] == (32, 48)


@pytest.mark.parametrize(
    ("architecture", "there", "not_there"),
    [
        ("BlipForConditionalGeneration", {"text_decoder.cls.predictions.bias"}, "text_encoder."),
        ("BlipForQuestionAnswering", {"text_decoder.cls.predictions.bias", "text_encoder.embeddings.word_embeddings.weight"}, "itm_head"),
        ("BlipForImageTextRetrieval", {"text_encoder.embeddings.word_embeddings.weight", "itm_head.bias"}, "text_decoder."),
        ("BlipModel", {"text_model.pooler.dense.weight", "logit_scale", "visual_projection.weight"}, "text_decoder."),
    ],
)
def test_the_classes_of_blip(architecture: str, there: set[str], not_there: str) -> None:
    """A decoder, a decoder behind an encoder, an encoder, or two towers to compare."""
    names = tensors(spec_of({**BLIP, "architectures": [architecture]}))
    assert there <= set(names)
    assert not [name for name in names if name.startswith(not_there)]


def test_blip_attends_to_the_image() -> None:
    """Keys as wide as the tower, of seventeen tokens; the head is tied where either config says so."""
    spec = spec_of(BLIP)
    assert tensors(spec)["text_decoder.bert.encoder.layer.3.crossattention.self.key.weight"] == (32, 16)
    assert spec.value("encoder_tokens") == 17
    assert kept(spec, 10, 17) == (4 * 10 * 64 * 2, 4 * 17 * 64 * 2)
    assert "text_decoder.cls.predictions.decoder.weight" not in tensors(spec_of({**BLIP, "tie_word_embeddings": False}))
    apart = {**BLIP, "tie_word_embeddings": False, "text_config": {**BLIP["text_config"], "tie_word_embeddings": False}}
    assert tensors(spec_of(apart))["text_decoder.cls.predictions.decoder.bias"] == (97,)
    encoding = {**BLIP, "text_config": {**BLIP["text_config"], "is_decoder": False}}
    assert not [name for name in tensors(spec_of(encoding)) if "crossattention" in name]


def test_classes_nobody_described() -> None:
    """Their heads are unknown."""
    assert unknown_in(spec_of({**BLIP, "architectures": ["BlipForTokenClassification"]}))
    assert unknown_in(spec_of({**BLIP_2, "architectures": ["Blip2ForImageTextRetrieval"]}))


def test_git_stands_frames_beside_each_other() -> None:
    """A BERT that keeps keys and values, a projection with a norm, and a place for each of the frames."""
    spec = spec_of({**GIT, "num_image_with_embedding": 3})
    names = tensors(spec)
    assert names["git.img_temporal_embedding.2"] == (1, 1, 16)
    assert names["git.visual_projection.visual_projection.0.weight"] == (32, 16)
    assert names["output.bias"] == (97,)
    assert kept(spec, 10) == (4 * 10 * 64 * 2, 0)
    assert not [name for name in tensors(spec_of(GIT)) if "img_temporal_embedding" in name]
    assert "output.weight" not in tensors(spec_of({**GIT, "architectures": ["GitModel"]}))


def test_kosmos_2() -> None:
    """Norms inside attention and feed-forward, and latents that read the image; attention to an encoder on demand."""
    config = {"model_type": "kosmos-2", "text_config": KOSMOS_TEXT, "vision_config": VISION, "latent_query_num": 5}
    names = tensors(spec_of(config))
    assert names["text_model.model.layers.2.self_attn.inner_attn_ln.weight"] == (32,)
    assert names["text_model.model.layers.2.ffn.ffn_layernorm.bias"] == (48,)
    assert names["image_to_text_projection.latent_query"] == (5, 32)
    assert names["image_to_text_projection.dense.weight"] == (32, 16)
    assert "text_model.lm_head.weight" not in names
    crossing = tensors(spec_of({**config, "text_config": {**KOSMOS_TEXT, "add_cross_attention": True}}))
    assert crossing["text_model.model.layers.0.encoder_attn_layer_norm.bias"] == (32,)
    bare = tensors(spec_of({**config, "architectures": ["Kosmos2Model"]}))
    assert set(bare) == set(names)


def test_kosmos_2_5() -> None:
    """Pix2Struct's rows and columns, a mark for what is image, and no norm inside attention; the text config ties the head."""
    vision = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "head_dim": 4}
    config = {"model_type": "kosmos-2.5", "text_config": KOSMOS_TEXT, "vision_config": {**vision, "max_num_patches": 7}}
    names = tensors(spec_of(config))
    assert names["vision_model.embeddings.row_embedder.weight"] == (7, 16)
    assert names["vision_model.encoder.layer.1.attention.query.weight"] == (8, 16)
    assert names["text_model.model.segment_emb.weight"] == (2, 32)
    assert not [name for name in names if "inner_attn_ln" in name]
    untied = {**config, "text_config": {**KOSMOS_TEXT, "tie_word_embeddings": False}}
    assert tensors(spec_of(untied))["text_model.lm_head.weight"] == (97, 32)
    assert "text_model.lm_head.weight" not in tensors(spec_of({**config, "tie_word_embeddings": False}))


def test_corpus() -> None:
    """Every class the corpus has of these types."""
    check_against_corpus("blip", "blip-2", "git", "instructblip", "instructblipvideo", "kosmos-2", "kosmos-2.5")


def test_cache_of_the_corpus() -> None:
    """Every cache the corpus has of these types."""
    check_cache_against_corpus("git", "kosmos-2.5")


def test_published() -> None:
    """BLIP's captioner."""
    check_published("blip")
