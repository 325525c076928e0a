"""The memory and the accelerators a card says its model needs to run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specverify.card.kinds import HARDWARE
from specverify.card.quantities import memory
from specverify.card.words.conditions import conditions
from specverify.card.words.found import Found
from specverify.card.words.gpus import Gpus, gpus
from specverify.pattern import Pattern

_I = re.IGNORECASE
HINTS = ("gb", "gib", "vram", "gpu", "显存", "h100", "a100", "h200", "h800", "4090")


def _amount(tag: str = "") -> str:
    """An amount of memory as a pattern; `tag` tells the groups of several in one pattern apart."""
    return rf"(?<![\w.,-])(?P<amount{tag}>\d{{1,4}}(?:\.\d{{1,2}})?) ?-?(?P<unit{tag}>gib|gb|g)\b"


_COUNT = r"(?P<count>single|one|an?|two|four|eight|\d{1,2})"
_COUNTED = Pattern(rf"{_amount()}(?: ?[*x] ?(?P<count>\d{{1,3}})\b(?: gpus?)?| (?P<count2>\d{{1,3}}) gpus?\b)", _I)
_ON_GPU = Pattern(
    rf"\b{_COUNT}(?: ?x)?(?: [a-z-]{{2,12}}){{0,2}} {_amount()}(?: (?:of )?(?:v?ram|memory))?[ -](?:\w+ ){{0,2}}?"
    r"(?:gpus?|cards?|graphics cards?|devices?)\b",
    _I,
)
_GPU_WITH = Pattern(rf"\b{_COUNT} (?:\w+ ){{0,2}}(?:gpus?|cards?) (?:with|of|having) (?:\w+ ){{0,3}}?{_amount()}", _I)
_VRAM = Pattern(
    rf"{_amount()}\+? (?:of )?(?:(?:gpu|video|graphics|cuda) )?(?:v-?ram|gpu memory|video memory|ram|memory)\b|"
    rf"{_amount('2')} ?(?:的)?(?:gpu ?)?显存|显存(?:占用)?(?:约)?(?:为|需要|需|约|约为)? ?{_amount('3')}",
    _I,
)
_RUNS = Pattern(
    r"\b(?:fits?|fitting|runs?|running|ran|load(?:ed|s|ing)?|deploy\w{0,4}|serv(?:e|ed|es|ing)|infer\w{0,6}|requir\w{1,6}|needs?|"
    r"needed|at least|minimum|"
    r"takes?|only|uses?|consum\w{1,3}|tested on|host(?:ed)?|within|usable|execut\w{1,3})\b|需要|仅需|只需|最低|运行|推理|部署|占用",
    _I,
)
_TRAINING = Pattern(
    r"\btrain(?:ed|ing|s)?\b|\bpre-?train\w{0,4}|fine-?tun\w{0,4}|\bq?lora\b|\bepochs?\b|gradient|deepspeed|\bhours?\b|\bsft\b|"
    r"\bdpo\b|cluster|sponsor|thanks|node|tutorial|assum\w{1,3}|\bdays\b|"
    r"optimi[sz]er|download|disk|storage|file size|embarrass|微调|训练|save|saving|reduc\w{1,4}",
    _I,
)
_TRAINING_HEAD = Pattern(r"train|fine-?tun|lora|infrastructure|acknowledg|carbon|environment|compute|微调|训练|changelog|news|updates", _I)
_GB = Pattern(r"\d ?g(?:i?b)?\b", _I)
_COUNTS = {"single": 1, "one": 1, "a": 1, "an": 1, "two": 2, "four": 4, "eight": 8}


def refused_heading(section: tuple[str, ...]) -> str | None:
    """Why hardware under this heading is none that serving needs."""
    return "the hardware of training" if _TRAINING_HEAD.search(" / ".join(section[-2:])) else None


def sentence(text: str) -> Iterator[Found]:
    """The hardware a sentence says is enough, or needed, to run the model."""
    taken: list[tuple[int, int]] = []
    for found in (*_amounts(text), *_named(text)):
        if any(found.start < end and start < found.end for start, end in taken):
            continue
        taken.append((found.start, found.end))
        around = text[max(0, found.start - 140) : found.end + 70]
        if _TRAINING.search(around):
            yield Found(HARDWARE, found.start, found.end, refused="the hardware of training, or not of running the model")
        elif not _RUNS.search(around):
            yield Found(HARDWARE, found.start, found.end, refused="the sentence does not say that the model runs on it")
        else:
            yield found


def _amounts(text: str) -> Iterator[Found]:
    if not _GB.search(text):
        return
    for pattern in (_COUNTED, _ON_GPU, _GPU_WITH, _VRAM):
        for match in pattern.finditer(text):
            groups = {name.rstrip("23"): text_of for name, text_of in match.groupdict().items() if text_of is not None}
            amount, unit, said = groups["amount"], groups["unit"], groups.get("count")
            count = 1 if said is None else _COUNTS.get(said.lower()) or int(said)
            quantity = memory(amount, unit, count)
            if quantity is not None and 1 <= count <= 512:
                yield Found(HARDWARE, match.start(), match.end(), quantity=quantity, conditions=_bound(text, match.start(), match.end()))


def _named(text: str) -> Iterator[Found]:
    """Accelerators by their name, where the number of them is said."""
    for each in gpus(text):
        if each.count is not None and each.memory is not None:
            yield _of(each, _bound(text, each.start, each.end))


_CUT = Pattern(r"[,;](?!\d)|, ?and\b|\band\b|[，；]|\bbut\b")


def _bound(text: str, start: int, end: int) -> tuple[str, ...]:
    """The conditions of an amount: those of its parenthesis, or of the sentence; of its clause where others have amounts too."""
    opened, closed = text.rfind("(", 0, start), text.find(")", end)
    inside = opened >= 0 and closed >= 0 and ")" not in text[opened:start]
    low, high = (opened + 1, closed) if inside else (max(0, start - 300), min(len(text), end + 200))
    piece = text[low:high]
    if not inside:
        piece = re.sub(r"\([^()]{0,200}\)", lambda found: " " * len(found.group()) if _GB.search(found.group()) else found.group(), piece)
    if len(_GB.compiled.findall(piece)) > 1:
        before = [low, *(low + cut.end() for cut in _CUT.finditer(piece, 0, start - low))]
        after = _CUT.search(piece, end - low)
        piece = text[before[-1] : low + after.start() if after is not None else high]
    return conditions(piece)


def _of(each: Gpus, bound: tuple[str, ...]) -> Found:
    return Found(HARDWARE, each.start, each.end, quantity=each.memory, conditions=bound)


def value(text: str, *, unit: str = "") -> Iterator[Found]:
    """The hardware of a cell or the value of a label: `H100 x 8`, `24 GB`; `unit` is the header's where the cell has none."""
    if len(text) > 160 or re.search(r"train|fine-?tun|per node|nodes|lora|微调|训练", text, _I):
        return
    amounts = list(_amounts(text))
    if amounts:
        yield amounts[0]
        return
    named = [each for each in gpus(text) if each.memory is not None]
    if named:
        for each in named:
            if each.count is not None:
                yield _of(each, conditions(text))
        return
    found = re.match(rf"\W*(?:(?:about|around|at least|minimum(?: of)?|over|approx\.?|~) ?)?{_amount()}", text, _I) or (
        re.match(r"\W{0,3}(?P<amount>\d{1,4}(?:\.\d{1,3})?)\W{0,2}$", text) if unit else None
    )
    if found is not None:
        quantity = memory(found.group("amount"), found.groupdict().get("unit") or unit)
        if quantity is not None:
            yield Found(HARDWARE, found.start("amount"), found.end(), quantity=quantity, conditions=conditions(text))
