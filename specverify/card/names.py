"""Whose number it is: the model of the card, a sibling, the whole family, or somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from specverify.card.remembered import remembered
from specverify.pattern import Pattern

_WORD = re.compile(
    r"\d+x\d+(?:\.\d+)?b(?![a-z])|(?<![a-z])[ae]\d+(?:\.\d+)?b(?![a-z])|(?<!\d)\d+(?:\.\d+)?[bm](?![a-z])|[a-z]+|\d+(?:\.\d+)*"
)
_VERSION = re.compile(r"(?<![a-z])v(?=\d)")
_PARENTHESES = re.compile(r"\([^()]*\)")
_SIZE = re.compile(r"e?(\d{1,9}(?:\.\d{1,9})?)([bm])")
_ACTIVE = Pattern(r"a\d+(?:\.\d+)?b")
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


@remembered
def words(name: str) -> tuple[str, ...]:
    """The words of a model name, owner and remarks in parentheses left out: `org/Llama-2-7B (SFT)` is llama, 2, 7b."""
    short = _VERSION.sub("", _PARENTHESES.sub(" ", name).strip().replace("__", "/").rsplit("/", 1)[-1].lower())
    found = _WORD.findall(short)
    return tuple(found[1:] if len(found) > 1 and found[0] in VENDORS else found)


def core(name: str) -> tuple[str, ...]:
    """The words of a name that tell its architecture apart."""
    return tuple(word for word in words(name) if word not in VARIANT_WORDS)


def size_in(name: str) -> int | None:
    """The parameters a name hints at, where it holds one size: `7b` is 7e9. A hint, never a claim."""
    sizes = set(sizes_in(name))
    return int(sizes.pop()) if len(sizes) == 1 else None


def sizes_in(text: str) -> tuple[float, ...]:
    """The sizes among the words of a stretch, in parameters."""
    return tuple(float(number) * (10**9 if unit == "b" else 10**6) for number, unit in map(_split, words(text)) if number)


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
    def judged(self) -> dict[str, bool]:
        """Words met in the card, and whether each is the name of a model: sentences side by side look at the same ones."""
        return {}

    @cached_property
    def size(self) -> int | None:
        """The size the repo's own name hints at."""
        return next((size for size in map(size_in, self.names) if size is not None), None)

    def relation(self, name: str) -> str:
        """`self`, `variant` (another stage of it), `family` (no size said), `sibling`, `other`, or `unknown` for no name."""
        found = core(name)
        if not found or not self.cores:
            return "unknown"
        if all(word in _GRADES for word in found):
            return "family" if any(all(word in own for word in found) for own in self.cores) else "sibling"
        if found[0] not in self.roots and (sizes := _sizes_alone(found)):
            return "unknown" if self.size is None else "sibling" if self.size not in sizes else "self" if len(found) == 1 else "variant"
        if found in self.cores:
            same = any(words(name) == words(own) for own in self.names)
            return "self" if same else "variant"
        if any(own[: len(found)] == found for own in self.cores):
            return "family"
        if any(found[: len(own)] == own and all(map(_SIZE.fullmatch, found[len(own) :])) for own in self.cores):
            return "family"
        bare = without_sizes(found)
        if bare == found and any(without_sizes(own)[: len(bare)] == bare for own in self.cores):
            return "family"
        if found[0] in self.roots or any("".join(found).startswith("".join(own)) for own in self.cores):
            return "sibling"
        return "other"

    def extended_by(self, name: str) -> bool:
        """Whether a name goes on from one of the model's own, sizes apart: `Swan-Plus 13B` from `Swan-7B`."""
        bare = without_sizes(core(name))
        return any((own := without_sizes(found)) != () and bare[: len(own)] == own for found in self.cores)

    def same_series(self, name: str) -> bool:
        """Whether a name differs from one of the model's own in nothing but its size."""
        found = core(name)
        bare = without_sizes(found)
        return bool(_sizes_alone(found)) or (bare != found and any(bare == without_sizes(own) for own in self.cores))


def without_sizes(found: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name that state no size."""
    return tuple(word for word in found if not _SIZE.fullmatch(word))


def _sizes_alone(found: tuple[str, ...]) -> frozenset[float]:
    """The sizes of a name that is nothing else: `2B Dense`; none of any other name."""
    sizes = [word for word in found if _SIZE.fullmatch(word)]
    if not all(word in sizes or word in _BESIDE_SIZES or _ACTIVE.fullmatch(word) for word in found):
        return frozenset()
    return frozenset(float(number) * (10**9 if unit == "b" else 10**6) for number, unit in map(_split, sizes))


def names_in(text: str, subject: Subject) -> Iterator[str]:
    """The model names in a stretch of text: words of the subject's own root, of a known model, or joined with hyphens and a size."""
    return (match.group() for match in _NAME.finditer(text) if _is_name(match.group(), subject))


def _is_name(name: str, subject: Subject) -> bool:
    judged = subject.judged.get(name)
    if judged is None:
        first = (core(name) or ("",))[0]
        sized = "-" in name and size_in(name) is not None
        known = first in KNOWN and name[0].isupper() and not any(first in own for own in subject.cores)
        judged = (sized or known or first in subject.roots) and not _PLAIN_WORD.fullmatch(name)
        subject.judged[name] = judged
    return judged


def nearest_name(text: str, subject: Subject) -> str | None:
    """The last model name in a stretch of text."""
    spelled = [match.group() for match in _NAME.finditer(text)]
    return next((name for name in reversed(spelled) if _is_name(name, subject)), None)


def nouns(values: Sequence[str | None]) -> tuple[str, ...]:
    """The names that are there, each once."""
    return tuple(dict.fromkeys(value.strip() for value in values if value and value.strip()))


_NAME = re.compile(
    r"(?<![A-Za-z0-9_.-])[A-Za-z][A-Za-z]*\d*(?:\.\d+)?[A-Za-z]*(?:-[A-Za-z0-9.]*[A-Za-z0-9])*"
    r"(?: \d{1,2}\.\d{1,2}(?![\w.%]| ?(?i:[bmkt]\b|[bmt]r?illion)))?"
)
_GRADES = frozenset(("tiny", "mini", "micro", "nano", "small", "medium", "large", "xl", "xxl", "xlarge", "huge", "turbo"))
_BESIDE_SIZES = frozenset(("dense", "moe", "params", "parameters", "size", "model", "models", "series"))
_PLAIN_WORD = re.compile(r"\d+[bBmM]?|[a-z]{1,3}|(?:an?|the|is)")
