"""Accelerators that cards name, and the memory of each in gigabytes: every size the name is sold with (vendors' data sheets)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.numbers import Reading
from specverify.card.quantities import memory
from specverify.frozen import Struct, frozen
from specverify.pattern import Pattern

_I = re.IGNORECASE
MEMORY: dict[str, tuple[int, ...]] = {
    "A10": (24,),
    "A30": (24,),
    "A40": (48,),
    "A100": (40, 80),
    "A800": (40, 80),
    "B200": (180, 192),
    "B300": (288,),
    "H20": (96, 141),
    "H100": (80, 94),
    "H200": (141,),
    "H800": (80,),
    "L4": (24,),
    "L40": (48,),
    "L40S": (48,),
    "T4": (16,),
    "V100": (16, 32),
    "P100": (12, 16),
    "RTX 2080 TI": (11,),
    "RTX 3060": (8, 12),
    "RTX 3080": (10, 12),
    "RTX 3090": (24,),
    "RTX 4060": (8,),
    "RTX 4070": (12,),
    "RTX 4080": (16,),
    "RTX 4090": (24,),
    "RTX 5090": (32,),
    "RTX 6000": (24, 48, 96),
    "RTX A6000": (48,),
    "MI250": (128,),
    "MI300X": (192,),
    "MI325X": (256,),
    "MI355X": (288,),
    "GB200": (186, 192),
}
_MODEL = (
    r"(?:(?:nvidia|tesla|geforce|amd|instinct) ){0,2}(?P<model>(?:geforce )?rtx[- ]?(?:pro )?a?\d{4}(?: ?ti)?|[34][0-9]90(?: ti)?|"
    r"gb200|[abhvlt]\d{1,3}s?|p100|mi\d{3}x?)(?!\w|\.\d)(?!-(?!\d{1,3} ?gi?b)[a-z0-9]{0,20}[a-z][a-z])"
)
_SIZE = r"(?P<size>\d{1,3}) ?(?P<unit>gb?|gib)\b"
_GPU = Pattern(
    rf"(?:(?<![\w.])(?P<count>\d{{1,3}}|single|one|two|four|eight|an?) ?(?:[x*] ?|"
    rf"-)?(?:{_SIZE.replace('size', 'size0').replace('unit', 'unit0')} ?)?)?"
    rf"(?<![\w-]){_MODEL}"
    rf"(?:[ -]?\(?{_SIZE}(?: \w+)?\)?)?(?: ?(?:\w+ )?(?:gpus? ?)?[x*] ?(?P<times>\d{{1,3}})(?![\w.]))?",
    _I,
)
_MAYBE = Pattern(r"[ABHLVTPabhlvtp]\d|[RrMm][TtIi][Xx\d]|\d0[6-9]0")
_WORDS = {"a": 1, "an": 1, "single": 1, "one": 1, "two": 2, "four": 4, "eight": 8}


@frozen
class Gpus(Struct):
    """Accelerators named at `text[start:end]`: the model as written, how many (None where that is not said), their memory in bytes."""

    model: str
    count: int | None
    memory: Reading | None
    start: int
    end: int


def gpus(text: str) -> Iterator[Gpus]:
    """The accelerators a text names."""
    if not _MAYBE.search(text):
        return
    for match in _GPU.finditer(text):
        model = re.sub(r"^(?:GEFORCE )?RTX[- ]?(?=\d|A)", "RTX ", match.group("model").upper().replace("-", " "))
        model = f"RTX {model}" if re.fullmatch(r"[34]0[6-9]0(?: TI)?", model) else model
        sizes = MEMORY.get(model)
        if sizes is None:
            continue
        said = match.group("times") or match.group("count")
        count = None if said is None else _WORDS.get(said.lower()) or int(said)
        size = match.group("size") or match.group("size0")
        amounts = [memory(size, "G", count or 1)] if size else [memory(str(each), "G", count or 1) for each in sizes]
        values = [value for amount in amounts if amount for value in amount.values]
        quanta = [step for amount in amounts if amount for step in amount.quanta]
        start = match.start("count") if match.group("count") is not None else match.start("model")
        yield Gpus(model, count, Reading(tuple(values), tuple(quanta)) if values else None, start, match.end())
