"""Whose number it is: the model of the card, a sibling, the whole family, or somebody else's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

_WORD = re.compile(r"(?<!\d)\d+(?:\.\d+)?[bm](?![a-z])|[a-z]+|\d+(?:\.\d+)*")
_PARENTHESES = re.compile(r"\([^()]*\)")
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([bm])")
LONGEST_KEPT = 64
"""Characters of a name whose words are kept: a card repeats its names."""
VENDORS = frozenset(("meta", "nvidia", "ibm", "google", "microsoft", "openai"))
KNOWN = frozenset(
    (
        "llama",
        "codellama",
        "llama2",
        "gpt",
        "chatgpt",
        "mistral",
        "mixtral",
        "qwen",
        "qwq",
        "gemma",
        "falcon",
        "mpt",
        "yi",
        "claude",
        "gemini",
        "phi",
        "deepseek",
        "chatglm",
        "glm",
        "bloom",
        "opt",
        "palm",
        "vicuna",
        "alpaca",
        "baichuan",
        "internlm",
        "kimi",
        "minimax",
        "mimo",
        "grok",
        "dbrx",
        "command",
        "starcoder",
        "wizardlm",
        "wizardcoder",
        "zephyr",
        "solar",
        "tinyllama",
        "pythia",
        "exaone",
        "granite",
        "nemotron",
        "hunyuan",
        "ernie",
        "olmo",
        "bert",
        "roberta",
        "t5",
        "clip",
        "siglip",
        "whisper",
        "nous",
        "orca",
        "redpajama",
        "openllama",
        "jamba",
        "mamba",
    )
)
"""First words of names that are somebody's model wherever they stand."""
VARIANT_WORDS = frozenset(
    (
        "chat",
        "instruct",
        "instruction",
        "it",
        "base",
        "hf",
        "fp",
        "bf",
        "awq",
        "gptq",
        "gguf",
        "int",
        "sft",
        "rl",
        "dpo",
        "text",
        "only",
        "model",
        "preview",
        "pt",
        "pretrain",
        "pretrained",
        "official",
    )
)
"""Words that name another training stage or format of the same architecture."""


def words(name: str) -> tuple[str, ...]:
    """The words of a model name, owner and remarks in parentheses left out: `org/Llama-2-7B (SFT)` is llama, 2, 7b."""
    return _short_words(name) if len(name) <= LONGEST_KEPT else _words(name)


def _words(name: str) -> tuple[str, ...]:
    short = _PARENTHESES.sub(" ", name).strip().replace("__", "/").rsplit("/", 1)[-1].lower()
    found = _WORD.findall(short)
    return tuple(found[1:] if len(found) > 1 and found[0] in VENDORS else found)


_short_words = lru_cache(maxsize=2048)(_words)


def core(name: str) -> tuple[str, ...]:
    """The words of a name that tell its architecture apart."""
    return tuple(word for word in words(name) if word not in VARIANT_WORDS)


def size_in(name: str) -> int | None:
    """The parameters a name hints at, where it holds one size: `7b` is 7e9. A hint, never a claim."""
    sizes = {float(number) * (10**9 if unit == "b" else 10**6) for number, unit in map(_split, words(name)) if number}
    return int(sizes.pop()) if len(sizes) == 1 else None


def _split(word: str) -> tuple[str, str]:
    found = _SIZE.fullmatch(word)
    return (found.group(1), found.group(2)) if found else ("", "")


@dataclass(frozen=True)
class Subject:
    """The model a card is about, by the names it goes by: the repo's, the title, the metadata's."""

    names: tuple[str, ...]

    @cached_property
    def cores(self) -> tuple[tuple[str, ...], ...]:
        """The words of each name."""
        return tuple(found for found in map(core, self.names) if found)

    @cached_property
    def roots(self) -> frozenset[str]:
        """The first word of each name: what siblings share."""
        return frozenset(found[0] for found in self.cores)

    @cached_property
    def size(self) -> int | None:
        """The size the repo's own name hints at."""
        return next((size for size in map(size_in, self.names) if size is not None), None)

    def relation(self, name: str) -> str:
        """`self`, `variant` (another stage of it), `family` (no size said), `sibling`, `other`, or `unknown` for no name."""
        found = core(name)
        if not found or not self.cores:
            return "unknown"
        if found in self.cores:
            same = any(words(name) == words(own) for own in self.names)
            return "self" if same else "variant"
        if any(own[: len(found)] == found for own in self.cores):
            return "family"
        if any(found[: len(own)] == own and all(map(_SIZE.fullmatch, found[len(own) :])) for own in self.cores):
            return "family"
        if found[0] in self.roots or any("".join(found).startswith("".join(own)) for own in self.cores):
            return "sibling"
        return "other"


def nearest_name(text: str, subject: Subject) -> str | None:
    """The last model name in a stretch of text: a word of the subject's own root, or one joined with hyphens and digits."""
    found = None
    for match in _NAME.finditer(text):
        name = match.group()
        first = (core(name) or ("",))[0]
        sized = "-" in name and size_in(name) is not None
        if (
            sized or first in subject.roots or (first in KNOWN and name[0].isupper() and not any(first in own for own in subject.cores))
        ) and not _PLAIN_WORD.fullmatch(name):
            found = name
    return found


def nouns(values: Sequence[str | None]) -> tuple[str, ...]:
    """The names that are there, each once."""
    return tuple(dict.fromkeys(value.strip() for value in values if value and value.strip()))


_NAME = re.compile(r"(?<![\w/.-])[A-Za-z][A-Za-z]*\d*(?:\.\d+)?[A-Za-z]*(?:-[A-Za-z0-9.]*[A-Za-z0-9])*")
_PLAIN_WORD = re.compile(r"\d+[bBmM]?|[a-z]{1,3}|(?:an?|the|is)")
