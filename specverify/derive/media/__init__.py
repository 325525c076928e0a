"""What an image, a page, a minute of sound and a minute of video come to in tokens, and in bytes of the cache."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from specverify.derive import cache
from specverify.derive.figures import setting_of
from specverify.derive.media.counting import Counter, Picture
from specverify.derive.media.images import counter
from specverify.derive.media.sound import minute
from specverify.derive.media.sources import RELEASE, Sources
from specverify.derive.media.video import footage
from specverify.derive.noted import noted
from specverify.num import Num
from specverify.spec import Figure, Modality, ModelSpec
from specverify.target import Target

IMAGE = Picture("1,024 x 1,024 pixels", 1024, 1024)
PAGE = Picture("A4 at 150 dots an inch, 1,240 x 1,754 pixels", 1754, 1240)
FRAME = Picture("frames of 1,280 x 720 pixels", 720, 1280)
IN_PROMPT = f"as {RELEASE} puts them into the prompt"
VIDEO_TOKENS = ("video_token_id", "video_token_index")
"""Keys of a config whose model takes video."""


class _Medium(NamedTuple):
    """Tokens of one thing, by the end of its figures' names: `what` it is exactly, and `how` it is counted."""

    name: str
    tokens: Num
    what: str
    how: str
    crossed: bool = False


def media(spec: ModelSpec, target: Target, figures: Mapping[str, Figure], files: Mapping[str, Mapping[str, Any]]) -> Iterator[Figure]:
    """`media.tokens_per_*` and `media.cache_bytes_per_*` of what the model takes beside text; none for one that takes text alone.

    `figures` are those of this spec and target; `files` the parsed JSON files by name, config.json and the processor's.
    """
    sources = Sources(spec, files)
    taken = {part.modality for part in spec.parts if part.role in ("tower", "encoder")} - {Modality.TEXT}
    if sources.text("image", "image_processor_type") is not None:
        taken.add(Modality.VISION)
    if not taken or spec.decoder() is None or "cache.bytes_per_token" not in figures:
        return
    for medium in _media(sources, taken):
        known = medium.tokens.value is not None
        yield Figure(f"media.tokens_per_{medium.name}", medium.tokens, "tokens", noted(medium.what, medium.how, IN_PROMPT if known else ""))
        if medium.name == "image":
            yield from _range(counter(sources))
        yield Figure(f"media.cache_bytes_per_{medium.name}", _kept(spec, target, figures, medium), "bytes", _bytes_note(medium))


def _media(sources: Sources, taken: set[Modality]) -> Iterator[_Medium]:
    if Modality.VISION in taken:
        pictures = counter(sources)
        for name, picture in (("image", IMAGE), ("page", PAGE)):
            yield _Medium(name, pictures.tokens(picture), picture.what, pictures.how, pictures.crossed)
        if any(sources.find("config", key) is not None for key in VIDEO_TOKENS):
            shown = footage(sources, FRAME)
            yield _Medium("minute_of_video", shown.tokens, FRAME.what, shown.note)
    if Modality.AUDIO in taken:
        heard = minute(sources)
        yield _Medium("minute_of_audio", heard.tokens, "", heard.how, heard.crossed)


def _range(pictures: Counter) -> Iterator[Figure]:
    """The least and the most tokens of an image, where they depend on its size."""
    if pictures.least is pictures.most:
        return
    yield Figure("media.least_tokens_per_image", pictures.least, "tokens", "of any size")
    yield Figure("media.most_tokens_per_image", pictures.most, "tokens", "of any size")


def _kept(spec: ModelSpec, target: Target, figures: Mapping[str, Figure], medium: _Medium) -> Num:
    tokens = medium.tokens.named(f"media.tokens_per_{medium.name}")
    if not medium.crossed:
        return tokens * figures["cache.bytes_per_token"].number.named("cache.bytes_per_token", "B")
    setting = setting_of(spec, target, {name: figure.number for name, figure in figures.items() if name.startswith("context.")})
    return cache.cross_attention_bytes(setting.entries, tokens, setting.kv_bytes)


def _bytes_note(medium: _Medium) -> str | None:
    kept = "keys and values of cross-attention" if medium.crossed else "what its tokens add once every window is full"
    return noted(medium.what, kept)
