"""The figures of media: which a model has, bytes of the cache, and files that a stranger wrote."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from specverify import Report, verify
from specverify.derive.figures import figures
from specverify.derive.media import FRAME, media
from specverify.derive.media.sound import ENCODERS, minute
from specverify.derive.media.sources import Sources
from specverify.derive.media.video import footage
from specverify.report.explain import explain
from specverify.report.validate import problems
from specverify.spec import Figure
from specverify.target import Target
from tests.architectures.plans import spec_of
from tests.architectures.test_mllama import MLLAMA
from tests.derive.media import processors
from tests.derive.served import published
from tests.fixture_files import FIXTURES

HEARD = {
    "sampling_rate": 16_000,
    "hop_length": 160,
    "chunk_length": 30,
    "audio_seq_length": 188,
    "frame_length": 320,
    "win_length": 400,
    "projector_window_size": 15,
    "projector_downsample_rate": 5,
    "audio_compression_rate": 8,
    "melspec_kwargs": {"hop_length": 160},
}
SEEN = {"fps": 2, "min_frames": 4, "max_frames": 768, "temporal_patch_size": 2}
HOSTILE: tuple[Any, ...] = (-1, 0, 1, 2**31, 2**80, 1e300, float("nan"), 0.5, True, "14", [], [14, 14], [[1, 1]], [[0, -1]], {})


@cache
def config_of(name: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((FIXTURES / name / "config.json").read_text(encoding="utf-8"))
    return config


@cache
def figures_of(name: str, target: Target) -> dict[str, Figure]:
    return dict(figures(published(name), target))


def of(name: str, files: dict[str, dict[str, Any]], **target: Any) -> dict[str, Figure]:
    wanted = Target(**target)
    found = media(published(name), wanted, figures_of(name, wanted), {"config.json": config_of(name), **files})
    return {figure.name: figure for figure in found}


def reported(folder: Path, name: str, processor: str) -> Report:
    shutil.copytree(FIXTURES / name, folder / name)
    (folder / name / "preprocessor_config.json").write_text(processor, encoding="utf-8")
    return verify(str(folder / name), offline=True)


def test_a_picture_costs_what_its_tokens_add_to_the_cache() -> None:
    found = of("gemma-3-27b", {"preprocessor_config.json": processors.GEMMA3})
    rate = figures(published("gemma-3-27b"), Target())["cache.bytes_per_token"].value
    assert found["media.cache_bytes_per_image"].value == 256 * (rate or 0) == 20_971_520
    assert found["media.cache_bytes_per_page"].value == 20_971_520
    for name in ("media.tokens_per_page", "media.cache_bytes_per_page"):
        assert (found[name].note or "").startswith("A4 at 150 dots an inch, 1,240 x 1,754 pixels; ")
    assert "media.tokens_per_minute_of_audio" not in found


def test_the_dtype_of_the_cache_counts() -> None:
    halved = of("gemma-3-27b", {"preprocessor_config.json": processors.GEMMA3}, kv_dtype="fp8")
    assert halved["media.cache_bytes_per_image"].value == 10_485_760


def test_sound_that_is_crossed_is_kept_beside_the_prompt() -> None:
    found = of("whisper-large-v3", {"preprocessor_config.json": HEARD})
    assert found["media.cache_bytes_per_minute_of_audio"].value == 2 * 1500 * 32 * 2 * 1280 * 2


def test_a_picture_that_is_crossed_is_kept_by_the_layers_that_cross_alone() -> None:
    spec = spec_of(MLLAMA)
    processor = {**processors.MLLAMA, "size": {"height": 16}}
    found = {figure.name: figure for figure in media(spec, Target(), figures(spec, Target()), {"preprocessor_config.json": processor})}
    # 16 / 4 patches along a tile, and the class token; the most tiles. 2 of 5 layers cross, with 2 heads of 8 in two bytes.
    assert found["media.tokens_per_image"].value == 4 * (4 * 4 + 1)
    assert found["media.cache_bytes_per_image"].value == 4 * 17 * 2 * 2 * 2 * 8 * 2


def test_text_alone_has_none_and_a_processor_without_a_tower_says_what_is_not_known() -> None:
    assert of("gpt2", {}) == {}
    found = of("gpt2", {"preprocessor_config.json": {"image_processor_type": "Phi3VImageProcessor"}})
    assert found["media.tokens_per_image"].number.reasons() == (
        "how Phi3VImageProcessor turns a picture into tokens is not known to specverify",
    )


def test_a_report_shows_them_with_the_line_they_rest_on(tmp_path: Path) -> None:
    report = reported(tmp_path, "gemma-3-4b", json.dumps(processors.GEMMA3))
    assert report.figures["media.tokens_per_image"].value == 256
    assert "mm_tokens_per_image = 256 (declared)" in explain(report, "media.cache_bytes_per_page")
    assert list(problems(report)) == []


def test_a_processor_file_that_is_no_json_is_none(tmp_path: Path) -> None:
    report = reported(tmp_path, "llama-4-scout", "[" * 5000)
    assert report.figures["media.tokens_per_image"].value is None


def changed(processor: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The file with each of its values in turn made one that nobody expects, those in an object too."""
    for key, old in processor.items():
        for value in HOSTILE:
            yield {**processor, key: value}
            if isinstance(old, dict):
                yield from ({**processor, key: {**old, inner: value}} for inner in old)


@pytest.mark.parametrize("name", processors.PICTURES)
def test_no_file_that_a_stranger_wrote_stops_a_report(name: str) -> None:
    for file in changed({**SEEN, **processors.PICTURES[name]}):
        found = of("llama-4-scout", {"preprocessor_config.json": file})
        assert all(figure.value is None or figure.value >= 0 for figure in found.values()), file
        assert footage(Sources(published("gpt2"), {"preprocessor_config.json": file}), FRAME).tokens.value != 0


@pytest.mark.parametrize("encoder", [*ENCODERS, None, 5])
def test_no_sound_does(encoder: Any) -> None:
    config: dict[str, Any] = {
        "model_type": "whisper",
        "audio_config": {"model_type": encoder, "intermediate_size": 5120, "hidden_size": 1280},
    }
    for file in changed(HEARD):
        for nested in ({"preprocessor_config.json": file}, {"processor_config.json": {**file, "feature_extractor": file}}):
            tokens = minute(Sources(published("whisper-large-v3"), {"config.json": config, **nested})).tokens
            assert tokens.value is None or tokens.value >= 0, file
    for audio in changed(config["audio_config"]):
        tokens = minute(
            Sources(published("whisper-large-v3"), {"config.json": {"audio_config": audio}, "preprocessor_config.json": HEARD})
        ).tokens
        assert tokens.value is None or tokens.value >= 0, audio
