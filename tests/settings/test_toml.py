"""Text that is no TOML, or none that settings may be."""

from __future__ import annotations

import time

import pytest

from specverify.errors import SpecverifyError
from specverify.settings.files import MOST_BYTES
from specverify.settings.settings import settings_of
from specverify.settings.toml import InvalidSettings, parse


def refusal(data: bytes | str) -> str:
    """What is said of a file that is refused."""
    with pytest.raises(InvalidSettings) as caught:
        settings_of(parse(data if isinstance(data, bytes) else data.encode(), "specverify.toml"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("[target\n", "specverify.toml:1: not TOML: Expected ']'"),
        ("[target]\n\ngpus = \n", "specverify.toml:3: not TOML: Invalid value (column 8)"),
        ("[target]\ngpus = 1\ngpus = 2\n", "specverify.toml:3: not TOML: Cannot overwrite a value"),
        ("[target]\ngpus = 1\n[target]\n", "specverify.toml:3: not TOML: Cannot declare"),
        ('a = "x\n', "specverify.toml:1: not TOML"),
        ('[target]\nx = """\nabc\n\n', "specverify.toml:3: not TOML: Unterminated string (end of the file)"),
        (b"[target]\ngpus = 1\0\n", "specverify.toml:2: not TOML"),
        (b"[target]\ngpus = '\x1b[31m'\n", r"specverify.toml:2: not TOML: Found invalid character '\x1b'"),
        (b"\n\n# \xff\n", "specverify.toml:3: not UTF-8 (invalid start byte)"),
        (b"\x80", "specverify.toml:1: not UTF-8"),
        ("[target]\ngpus = " + "9" * 5000, "specverify.toml: not TOML: Exceeds the limit"),
        ("\nselect = [" + '"A",' * 501 + "]", "specverify.toml:2: select has 501 entries, more than 500"),
        ("\n# " + "." * 201, "specverify.toml:2: more dots than a line of settings has"),
        ("[target]\ngpus = 0x" + "f" * 3000, "specverify.toml:2: target.gpus is a number of more than 64 bits"),
        ("[target]\nmemory_fraction = nan", "specverify.toml:2: target.memory_fraction is nan, not a number"),
        ("[target]\nmemory_fraction = inf", "specverify.toml:2: target.memory_fraction is inf, not a number"),
        ("\n[" + ".".join("a" * 200) + "]\nb = 1", "specverify.toml:2: a table nested deeper than any setting"),
        ("\n" + ".".join("a" * 20) + " = 1", "specverify.toml:2: a is nested deeper than any setting"),
        ("\n[x]\na = " + "[" * 100 + "]" * 100, "specverify.toml:2: x is nested deeper than any setting"),
        ("x = " + "[" * 1900 + "]" * 1900, "nested deeper than any setting"),
        ("x = [\n" + "[\n" * 100_000 + "]\n" * 100_000 + "]", "nested deeper than any setting"),
        ("x = " + "{ x = " * 600 + "1" + "}" * 600, "nested deeper than any setting"),
    ],
)
def test_what_is_refused_and_where(data: bytes | str, message: str) -> None:
    assert message in refusal(data)


def test_a_mark_before_the_text_and_other_ends_of_lines() -> None:
    settings = settings_of(parse(b"\xef\xbb\xbf[target]\r\nconcurrency = 5\r\n", "specverify.toml"))
    assert settings.target().concurrency == 5
    assert refusal(b"\xef\xbb\xbf[target]\r\n\r\nconcurrency = 0\r\n").startswith("specverify.toml:3: ")


HOSTILE = {
    "deep header, many keys": "[" + ".".join("a" * 190) + "]\n" + "".join(f"b{index} = 1\n" for index in range(23_000)),
    "deep header in quotes": "[" + ".".join(['","'] * 190) + "]\n" + "".join(f"b{index} = 1\n" for index in range(23_000)),
    "long dotted keys": "".join(f"k{index}." + ".".join("a" * 190) + " = 1\n" for index in range(600)),
    "many keys": "".join(f"key{index} = {index}\n" for index in range(14_000)),
    "many targets": "".join(f"[targets.t{index}]\ngpus = 1\n" for index in range(9_000)),
    "many accelerators": "".join(f"[gpus.g{index}]\nfp8_tflops=1\n" for index in range(8_000)),
    "many ignores": "[[ignore]]\n" * 23_000,
    "a wide array": "select = [" + '"A",\n' * 50_000 + "]",
    "brackets in a string": 'x = """' + "[{(\n" * 60_000 + '"""',
    "quotes": "x = '''" + '"""\n' * 60_000 + "'''",
    "escapes": 'x = """' + "\\\\\n" * 80_000 + '"""',
    "open brackets": "[\n" * 130_000,
    "one table, many errors": "[target]\n" + "".join(f"gpu{index} = 1\n" for index in range(17_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_settings_are_refused_soon_and_shortly(name: str) -> None:
    data = HOSTILE[name].encode()
    assert len(data) <= MOST_BYTES
    started = time.process_time()
    with pytest.raises(SpecverifyError) as caught:
        settings_of(parse(data, "specverify.toml"))
    assert time.process_time() - started < 10
    assert len(str(caught.value)) < 2500


def test_hostile_names_are_shown_as_escapes() -> None:
    said = refusal('[target]\n"\\u001b[31m\\u202e" = 1\n"a\\nb" = 2\n')
    assert said.isprintable() or all(line.isprintable() for line in said.split("\n"))
    assert r"\x1b[31m\u202e" in said
