"""The keys that say how pictures and sound become tokens, each as a fact with its place, or with the class that fills it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from specverify import num
from specverify.facts import Fact, Reading, Source, Where
from specverify.num import Num
from specverify.spec import ModelSpec

RELEASE = "transformers 5.23.0"
"""The release whose processors are read: what they count, and what they take for keys that a file leaves out."""
CONFIG = "config.json"
PREPROCESSOR, PROCESSOR, VIDEO = "preprocessor_config.json", "processor_config.json", "video_preprocessor_config.json"
FILES = (PREPROCESSOR, PROCESSOR, VIDEO)
NO_FILE = f"none of {', '.join(FILES)} is there to say how they are read"
PLACES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "processor": ((PROCESSOR, ""), (PREPROCESSOR, "")),
    "image": ((PROCESSOR, "image_processor"), (PREPROCESSOR, "")),
    "audio": ((PROCESSOR, "feature_extractor"), (PROCESSOR, "audio_processor"), (PREPROCESSOR, "")),
    "video": ((PROCESSOR, "video_processor"), (VIDEO, ""), (PREPROCESSOR, "")),
    "config": ((CONFIG, ""), (CONFIG, "thinker_config")),
}
"""Where the keys of each kind of processor stand: the file, and the key in it that holds them (none: its root). The first has it."""
LARGEST = 2**31
"""No size, count or budget of pixels is more than this."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The parsed files of a model by name, config.json among them, and its spec."""

    spec: ModelSpec
    files: Mapping[str, Mapping[str, Any]]

    def any_processor(self) -> bool:
        """Whether there is a file that says how media are read."""
        return any(file in self.files for file in FILES)

    def find(self, kind: str, *path: str) -> Fact | None:
        """The value at a path of keys among the keys of a kind; null is none."""
        for file, key in PLACES[kind]:
            node: Any = self.files.get(file)
            keys = (key, *path) if key else path
            for name in keys:
                node = node.get(name) if isinstance(node, Mapping) else None
            if node is not None:
                pointer = "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in keys)
                return Fact(".".join(path), (Reading(node, Source.DECLARED, Where(file, pointer)),))
        return None

    def text(self, kind: str, *path: str) -> str | None:
        """The text at a path; None where there is none."""
        fact = self.find(kind, *path)
        return fact.value if fact is not None and isinstance(fact.value, str) else None

    def count(self, kind: str, *path: str, default: tuple[float, str] | None = None) -> Num:
        """The whole number at a path, else what the class of `default` fills in; unknown with the reason where there is neither."""
        fact = self.find(kind, *path)
        if fact is not None:
            return _counted(fact)
        name = ".".join(path)
        if default is None:
            return num.unknown(f"{name} is not stated")
        value, filled_by = default
        return num.of(Fact(name, (Reading(value, Source.DEFAULTED, Where(f"{RELEASE} {filled_by}")),)))

    def ratio(self, kind: str, *path: str, default: tuple[float, str] | None = None) -> Num:
        """As `count`, of any positive number."""
        fact = self.find(kind, *path)
        if fact is None or isinstance(fact.value, int):
            return self.count(kind, *path, default=default)
        if isinstance(fact.value, float) and 0 < fact.value <= LARGEST:
            return num.of(fact)
        return num.unknown(f"{fact.readings[0].where}: {fact.name} is no number above 0")

    def is_on(self, kind: str, key: str, *, default: bool) -> bool:
        """Whether a switch is on: as stated, else as the class has it."""
        fact = self.find(kind, key)
        return default if fact is None else fact.value is True

    def vision(self, key: str) -> Num:
        """A size of the vision tower: a fact of the spec, with its default, else as the config states it."""
        fact = self.spec.facts.get(f"vision_config.{key}")
        return _counted(fact) if fact is not None and fact.value is not None else self.count("config", "vision_config", key)


def _counted(fact: Fact) -> Num:
    value = fact.value
    if isinstance(value, list) and value and value.count(value[0]) == len(value):
        value = value[0]
        fact = Fact(fact.name, tuple(Reading(value, r.source, r.where, r.quote, r.note) for r in fact.readings))
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST:
        return num.unknown(f"{fact.readings[0].where}: {fact.name} is no number of things")
    return num.of(fact)
