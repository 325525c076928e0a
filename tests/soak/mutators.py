"""Ways to break a card. Each takes the random source, the card and the most characters it may come to, and gives another card."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.soak.fragments import fragment
from tests.soak.seeds import seed_card

Mutator = Callable[[Random, str, int], str]
SEPARATORS = ("", " ", ", ", "\n", "\n\n", "|", "\t", " and ", "/", "（")
STUCK = (
    "context of ", "parameters ", "1,000,", "1,", "（", "亿", "7B, ", "- a: ", "**", "`", "[", "](", "<td ", "<!--", "| 7B ", "from 4K to ",
    "&#", "((", "：", "\\", "~", "=", "0" * 50, "K ", "x ", "not ", "layers ", "model ", "-Chat", "GPT-", "a a ", "one ", "- ", "<wbr>",
)  # fmt: skip
MARKS = ("-", "(", ")", "()", ",", ".", "/", " ", "_", "9", "a", "A", "a ", "9 ", "a-", "A.", ":", "|", "=", "+", "*", "，", "的")
HIDDEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u202d\u2066\u2069\u200f\u180e\u3164\ufe0f\U000e0041\U000e007f\x08\x1b\x85\u2028"
PILED = "\u0301\u0489\u20dd\u0e49"
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def _at(rng: Random, text: str) -> int:
    return rng.randint(0, len(text))


def _inserted(rng: Random, text: str, extra: str) -> str:
    at = text.rfind("\n", 0, _at(rng, text)) + 1 if rng.random() < 0.7 else _at(rng, text)
    return text[:at] + extra + text[at:]


def _times(rng: Random, unit: str, most: int) -> int:
    """How often to repeat: few or very many, never beyond the most characters."""
    return max(1, min(int(10 ** rng.uniform(0.3, 6)), most // max(1, len(unit))))


def _span(rng: Random, text: str, longest: int) -> str:
    start = _at(rng, text)
    return text[start : start + rng.randint(1, longest)]


def truncate(rng: Random, text: str, most: int) -> str:
    return text[: _at(rng, text)] if rng.random() < 0.7 else text[_at(rng, text) :]


def shuffle_lines(rng: Random, text: str, most: int) -> str:
    lines = text.split("\n")
    start = rng.randrange(len(lines))
    part = lines[start : start + rng.randint(2, 60)]
    rng.shuffle(part)
    return "\n".join([*lines[:start], *part, *lines[start + len(part) :]])


def repeat_block(rng: Random, text: str, most: int) -> str:
    block = _span(rng, text, rng.choice((3, 20, 200, 5000))) or "a"
    return _inserted(rng, text, block * _times(rng, block, most))


def repeat_lines(rng: Random, text: str, most: int) -> str:
    lines = text.split("\n")
    start = rng.randrange(len(lines))
    block = "\n".join(lines[start : start + rng.randint(1, 12)]) + "\n"
    return _inserted(rng, text, block * _times(rng, block, most))


def splice(rng: Random, text: str, most: int) -> str:
    other = seed_card(rng)
    return text[: _at(rng, text)] + other[_at(rng, other) :]


def widen_table(rng: Random, text: str, most: int) -> str:
    cell = rng.choice((" 7B |", "|", " a |", " :-: |", " MMLU 5-shot |", "\\|"))
    count = _times(rng, cell, most // 6)
    row = "|" + cell * count + "\n"
    return _inserted(rng, text, f"\n\n{row}|{'-|' * count}\n" + row * rng.randint(1, 4))


def lengthen_table(rng: Random, text: str, most: int) -> str:
    row = rng.choice(("| a | 7B | 32 |\n", "|\n", "| Example-7B\n", "| Total Parameters | 7B | 8B |\n", "| MMLU | 70.1 | 0.7 |\n"))
    return _inserted(rng, text, "\n\n| Model | Params | Layers |\n|---|---|---|\n" + row * _times(rng, row, most))


def span_table(rng: Random, text: str, most: int) -> str:
    cells = "".join(
        rng.choice(("<tr>", "</tr>", "<table>", "</table>", "<th>"))
        + f"<td rowspan={rng.randint(0, 999)} colspan='{rng.randint(0, 999)}'>7B"
        for _ in range(rng.randint(1, 40))
    )
    return _inserted(rng, text, "\n\n<table>" + cells * _times(rng, cells, most // 2) + rng.choice(("</table>", "")))


def nest(rng: Random, text: str, most: int) -> str:
    opening = rng.choice(("> ", "- ", "1. ", "  * ", "<div>", "<details>", "<td><table><tr>", "[", "(", "> - ", "*", "`"))
    if rng.random() < 0.5:
        return _inserted(rng, text, opening * _times(rng, opening, most))
    depth = rng.randint(1, 200)
    return _inserted(rng, text, "".join("  " * level + opening + "7B parameters\n" for level in range(depth))[:most])


def unclosed(rng: Random, text: str, most: int) -> str:
    return _inserted(
        rng, text, rng.choice(("\n```\n", "\n~~~~json\n", "<!--", "<!-- ", "-->", "<table>", "</table>", "\n---\n", "<pre>", "$$"))
    )


def giant(rng: Random, text: str, most: int) -> str:
    unit = rng.choice(("9", "a", "1,000,", ",", "0.", "层", "参数", " ", "\t", "K", "/", "#", "-", "_", "7B", "context ", "a.b-", "é"))
    lead = rng.choice(("", "Total Parameters: ", "- Context Length: ", "| ", "# ", "with "))
    return _inserted(rng, text, lead + unit * _times(rng, unit, most))


def hide(rng: Random, text: str, most: int) -> str:
    characters = [rng.choice(HIDDEN + PILED) for _ in range(4)]
    if rng.random() < 0.3:
        character = characters[0]
        return _inserted(rng, text, character * _times(rng, character, most))
    for _ in range(rng.randint(1, 60)):
        at = _at(rng, text)
        text = text[:at] + rng.choice(characters) + text[at:]
    return text


def sprinkle(rng: Random, text: str, most: int) -> str:
    return re.sub(r"(?<=\w)(?=\w)", lambda _: rng.choice(HIDDEN) if rng.random() < 0.1 else "", text[: most // 2])


def widen_letters(rng: Random, text: str, most: int) -> str:
    start = _at(rng, text)
    end = start + rng.randint(1, 2000)
    return text[:start] + text[start:end].translate(WIDE) + text[end:]


def odd_characters(rng: Random, text: str, most: int) -> str:
    drawn = "".join(
        chr(rng.choice((rng.randrange(0x20), rng.randrange(0x3000), rng.randrange(0x11000), 0xD800, 0x1F600))) for _ in range(30)
    )
    return _inserted(rng, text, drawn)


def line_ends(rng: Random, text: str, most: int) -> str:
    ends = rng.choice((("\r\n",), ("\r",), ("\n", "\r\n", "\r", "\n\r"), ("\x0b", "\n", "\x0c"), ("\u2028", "\n")))
    return "".join(line + rng.choice(ends) for line in text.split("\n"))


def change_numbers(rng: Random, text: str, most: int) -> str:
    others = ("0", "-1", "1e999", "9" * 400, "1,2,3", "１２８", "0.0", "NaN", "4096", "131072", "10^9", "٣٢", "²", "½")
    return re.sub(r"\d+", lambda match: rng.choice(others) if rng.random() < 0.1 else match.group(), text)


def drop_characters(rng: Random, text: str, most: int) -> str:
    dropped = rng.choice((" ", "\n", "|", "-", "*", ".", ":", "#"))
    return "".join(c for c in text if c != dropped or rng.random() < 0.5)


def stuck(rng: Random, text: str, most: int) -> str:
    units = [rng.choice(STUCK) if rng.random() < 0.3 else fragment(rng) for _ in range(rng.randint(1, 3))]
    units = [unit[: rng.randint(1, len(unit))] if unit and rng.random() < 0.4 else unit for unit in units]
    block = rng.choice(SEPARATORS).join(units) + rng.choice(SEPARATORS) or "a"
    return _inserted(rng, text, fragment(rng) + block * _times(rng, block, most) + fragment(rng))


def jam(rng: Random, text: str, most: int) -> str:
    """What a pattern looks for, and behind it one or two marks over and over: where two parts of a pattern may share them."""
    found = fragment(rng)
    marks = "".join(rng.choice(MARKS) for _ in range(rng.choice((1, 1, 2)))) * rng.choice((40, 150, 1400))
    return _inserted(
        rng, text, f"\nA sentence {found[: rng.randint(0, len(found))]} {found}{marks}{fragment(rng)} of 7B parameters.\n"[:most]
    )


def many_fragments(rng: Random, text: str, most: int) -> str:
    return _inserted(rng, text, rng.choice(SEPARATORS).join(fragment(rng) for _ in range(rng.randint(1, 80))))


def front_matter(rng: Random, text: str, most: int) -> str:
    """Metadata that a reader of YAML may choke on, in place of the card's own or before it."""
    n = _times(rng, "abcd", most // 8)
    bomb = "a0: &a0 [x, x]\n" + "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))
    body = rng.choice(
        (
            bomb,
            "a: " + "[" * n,
            "".join(" " * level + "a:\n" for level in range(min(n, 300))),
            "license: mit\n" * n,
            "".join(f"k{i}: {i}\n" for i in range(n)),
            "a: &a\n  b: *a",
            "<<: *x\n? [a, b]\n: c",
            "x: !!python/object/apply:os.system [true]\ny: !!binary AAA=\nz: !foo bar",
            "\tlicense: mit",
            "-license: mit\n-tags: [a]",
            "license:mit",
            "license: mit\n---\n---\nlicense: other",
            "a: |\n" + "  line\n" * n,
            'a: "' + "\\x41\\u0042" * n + '"',
            "a: " + "9" * n,
            "? " * min(n, 2000),
            "- " * min(n, 2000),
            "a: 0x" + "f" * n,
            "%YAML 1.1\n---\na: b",
            "null: 1\n~: 2\ntrue: 3\n1.5: x\n",
            "model-index: [null, 1, {name: [], results: {a: 1}}]\nlicense: [[]]\nbase_model: {a: b}\ntags: 7\nlanguage: {}\ndatasets: null",
            f"license: {fragment(rng)}\nbase_model: {fragment(rng)}\ntags: [{fragment(rng)}]",
        )
    )
    rest = re.sub(r"\A---\n[\s\S]*?\n---\n", "", text) if rng.random() < 0.7 else text
    return rng.choice(("", "\n", "\ufeff", " ")) + "---\n" + body[:most] + "\n" + rng.choice(("---", "--- ", "...", "----")) + "\n" + rest


def flip_bytes(rng: Random, data: bytes) -> bytes:
    """Some bytes replaced, dropped or doubled; the only mutator that leaves UTF-8."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 5, 50))):
        if changed:
            at = rng.randrange(len(changed))
            changed[at : at + 1] = rng.choice((bytes([rng.randrange(256)]), b"", changed[at : at + 1] * 2, b"\xff\xfe", b"\0"))
    return bytes(changed)


MUTATORS: tuple[Mutator, ...] = (
    truncate, shuffle_lines, repeat_block, repeat_lines, splice, widen_table, lengthen_table, span_table, nest, unclosed, giant, hide,
    jam, jam, sprinkle, widen_letters, odd_characters, line_ends, change_numbers, drop_characters, stuck, stuck, stuck,
    many_fragments, front_matter,
)  # fmt: skip
