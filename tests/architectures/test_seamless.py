"""SeamlessM4T: which stacks a class has, what its decoders of units are made of, and the conformer."""

from __future__ import annotations

import pytest

from tests.architectures.plans import check_against_corpus, reserved_of, rows
from tests.architectures.reading import kept, read, tensors, under

ATTENTION = "speech_encoder.encoder.layers.0.self_attn."


@pytest.mark.parametrize(
    ("ending", "stacks"),
    [
        ("ForTextToText", {"text_encoder"}),
        ("ForSpeechToText", {"speech_encoder"}),
        ("ForTextToSpeech", {"text_encoder", "t2u_model", "vocoder"}),
        ("ForSpeechToSpeech", {"speech_encoder", "t2u_model", "vocoder"}),
        ("Model", {"text_encoder", "speech_encoder", "t2u_model", "vocoder"}),
    ],
)
def test_the_class_says_what_there_is(ending: str, stacks: set[str]) -> None:
    found = {name.partition(".")[0] for name in tensors(read("seamless_m4t", f"SeamlessM4T{ending}"))}
    assert found == {"shared", "text_decoder", *stacks}


def test_untied_every_stack_has_a_table() -> None:
    shapes = tensors(read("seamless_m4t", "SeamlessM4TForTextToText", tie_word_embeddings=False))
    assert {"shared.weight", "text_encoder.embed_tokens.weight", "text_decoder.embed_tokens.weight", "lm_head.weight"} <= shapes.keys()


def test_units_are_decoded_one_by_one_or_at_once() -> None:
    one = under(read("seamless_m4t"), "t2u_model.model.decoder.")
    assert "layers.0.cross_attention.q_proj.weight" in one
    at_once = under(read("seamless_m4t_v2"), "t2u_model.model.decoder.")
    assert at_once["layers.5.conv2.weight"] == (1_024, 1_024, 7)
    assert at_once["duration_predictor.conv1.weight"] == (256, 1_024, 3)
    assert "layers.0.cross_attention.q_proj.weight" not in at_once


def test_positions_of_the_speech_encoder() -> None:
    assert tensors(read("seamless_m4t"))[ATTENTION + "pos_bias_u"] == (16, 64)
    assert ATTENTION + "linear_pos.weight" not in tensors(read("seamless_m4t", position_embeddings_type="rotary"))
    assert tensors(read("seamless_m4t_v2"))[ATTENTION + "distance_embedding.weight"] == (64 + 8 + 1, 64)


def test_the_adapter_can_be_left_out() -> None:
    adapter = "speech_encoder.adapter.layers.0.self_attn_conv.weight"
    assert tensors(read("seamless_m4t"))[adapter] == (2_048, 1_024, 8)
    assert adapter not in tensors(read("seamless_m4t", add_adapter=False))


def test_only_the_text_decoder_is_counted() -> None:
    assert kept(read("seamless_m4t"), 10, 20) == (24 * 2 * 1_024 * 10 * 2, 24 * 2 * 1_024 * 20 * 2)


def test_corpus() -> None:
    check_against_corpus("seamless_m4t", "seamless_m4t_v2")


def test_the_cache_of_the_corpus() -> None:
    for row in rows("seamless_m4t", "seamless_m4t_v2", table="cache.jsonl"):
        measured = row["bf16"]
        held = reserved_of(
            {**row["config"], "architectures": [row["architecture"]]}, measured["n"], measured.get("enc_len") or row["enc_len"]
        )
        assert held == measured["bytes"], row["id"]
