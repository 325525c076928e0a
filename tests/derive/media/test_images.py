"""Tokens of pictures, by hand from what published processors state."""

from __future__ import annotations

from typing import Any

import pytest

from specverify.derive.media import IMAGE, PAGE
from specverify.derive.media.counting import Counter
from specverify.derive.media.images import counter
from specverify.derive.media.sources import Sources
from tests.derive.media import processors
from tests.derive.served import published


def counted(processor: dict[str, Any], config: dict[str, Any] | None = None) -> Counter:
    files = {"preprocessor_config.json": processor, "config.json": config or processors.TOWER}
    return counter(Sources(published("gpt2"), files))


# 1,024 / 28 is 36.6; a page is 62.6 x 44.3 of those. Of tiles, 1,024 is 2.3 of 448, 3.05 of 336, 1.8 of 560, enlarged to 4 of 512.
@pytest.mark.parametrize(
    ("name", "image", "page"),
    [
        ("QWEN2_VL", 37 * 37, 63 * 44),
        ("QWEN3_VL", 32 * 32, 55 * 39),
        ("GLM4V", 37 * 37, 63 * 44),
        ("KIMI", 37 * 37, 63 * 45),
        ("PIXTRAL", 64 * (64 + 1), 64 * (46 + 1)),
        ("MISTRAL3", 37 * (37 + 1), 55 * (39 + 1)),
        ("LLAVA", 576, 576),
        ("LLAVA_NEXT", 576 + 48 * 48 + 48, 576 + 48 * 34 + 48),
        ("INTERNVL", (9 + 1) * 256 + 2, (6 + 1) * 256 + 2),
        ("LLAMA4", 144 + 3 + 16 * 145, 144 + 3 + 15 * 145),
        ("MLLAMA", 4 * 1601, 4 * 1601),
        ("IDEFICS3", 64 + 3 + 4 * (4 * 66 + 1), 64 + 3 + 4 * (3 * 66 + 1)),
        ("PHI4", 256 + 17 + 48 * (48 + 1), 256 + 17 + 64 * (46 + 1)),
        ("GEMMA3", 256, 256),
        ("GEMMA4", 16 * 16, 19 * 14),
        ("DEEPSEEK", 576, 576),
        ("PALIGEMMA", 256, 256),
    ],
)
def test_an_image_and_a_page(name: str, image: int, page: int) -> None:
    found = counted(processors.PICTURES[name])
    assert (found.tokens(IMAGE).value, found.tokens(PAGE).value) == (image, page)


def test_every_processor_here_is_tried() -> None:
    assert all(counted(processor).tokens(IMAGE).value for processor in processors.PICTURES.values())


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("QWEN2_VL", 4, 16_384),
        ("GLM4V", 8, 6144),
        ("PIXTRAL", 2, 64 * 65),
        ("INTERNVL", 258, 13 * 256 + 2),
        ("LLAMA4", 147, 147 + 16 * 145),
        ("MLLAMA", 1601, 4 * 1601),
        ("GEMMA3", 256, 5 * 256),
        ("GEMMA4", 1, 280),
        ("IDEFICS3", 67 + 4 * 66 + 1, 67 + 4 * (4 * 66 + 1)),
        ("PHI4", None, 273 + 36 * 16 * 17),
    ],
)
def test_the_least_and_the_most_of_any_size(name: str, least: int | None, most: int) -> None:
    found = counted(processors.PICTURES[name])
    assert (found.least.value, found.most.value) == (least, most)


def test_the_most_is_not_passed() -> None:
    for name, processor in processors.PICTURES.items():
        found = counted(processor)
        most, tokens = found.most.value, found.tokens(PAGE).value
        assert most is None or (tokens or 0) <= most, name


def test_a_smaller_budget_shrinks_a_picture() -> None:
    assert counted({**processors.QWEN2_VL, "max_pixels": 1_003_520}).tokens(IMAGE).value == 35 * 35
    assert counted({**processors.QWEN2_VL, "max_pixels": None, "size": {"longest_edge": 1_003_520}}).tokens(IMAGE).value == 35 * 35


def test_keys_left_out_are_what_the_class_fills_in() -> None:
    tokens = counted({"processor_class": "Qwen2VLProcessor"}).tokens(IMAGE)
    assert tokens.value == 35 * 35
    places = {str(fact.readings[0].where) for fact in tokens.rests_on()}
    assert places == {"transformers 5.23.0 Qwen2VLImageProcessor"}


def test_the_kind_of_image_processor_tells_where_no_class_does() -> None:
    found = counted({**processors.QWEN2_VL, "processor_class": None, "image_processor_type": "Qwen2VLImageProcessorFast"})
    assert found.tokens(IMAGE).value == 37 * 37


def test_the_config_tells_where_no_processor_does() -> None:
    files: dict[str, Any] = {"config.json": {"mm_tokens_per_image": 256}}
    assert counter(Sources(published("gpt2"), files)).tokens(IMAGE).value == 256
    # Gemma 3n pools every picture to so many, Gemma 4 to no more than so many: the key alone tells neither.
    assert counter(Sources(published("gpt2"), {"config.json": {"vision_soft_tokens_per_image": 280}})).tokens(IMAGE).value is None
    own = {"max_dynamic_patch": 12, "use_thumbnail": True, "force_image_size": 448, "downsample_ratio": 0.5, **processors.TOWER}
    assert counter(Sources(published("gpt2"), {"config.json": own})).tokens(IMAGE).value == (9 + 1) * 256 + 2


def test_a_tower_with_a_class_token_is_told_from_one_without() -> None:
    tower, square = processors.TOWER["vision_config"], {"processor_class": "LlavaProcessor"}
    for kind, strategy, tokens in (
        ("clip_vision_model", "default", 576),
        ("clip_vision_model", "full", 577),
        ("siglip_vision_model", "full", 576),
        ("another", "full", None),
    ):
        config = {"vision_config": {**tower, "model_type": kind}, "vision_feature_select_strategy": strategy}
        assert counted(square, config).tokens(IMAGE).value == tokens


def test_what_is_missing_is_named() -> None:
    unread = counter(Sources(published("gpt2"), {"config.json": {}})).tokens(IMAGE)
    assert unread.reasons() == (
        "none of preprocessor_config.json, processor_config.json, video_preprocessor_config.json is there to say how they are read",
    )
    assert counted({"processor_class": "Phi3VProcessor"}).tokens(IMAGE).reasons() == (
        "how Phi3VProcessor turns a picture into tokens is not known to specverify",
    )
    assert counted({**processors.QWEN2_VL, "patch_size": "14"}).tokens(IMAGE).reasons() == (
        "preprocessor_config.json#/patch_size: patch_size is no number of things",
    )
