"""A review that people have filled in, read back: their answers, notes, conditions and signatures.

What people may write stands after `Answer:`, `By:` and `Note:`, on the line `Reviewer:` and in the two tables of the last section. All else
is written anew each time, so a line that is none of either is an error with its number: nothing of a person's is lost silently. The
file may come from anybody, so it is bounded and nothing of it is trusted but for its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from itertools import pairwise

from specverify.errors import SpecverifyError
from specverify.frozen import Struct, frozen, replace
from specverify.report.checklist.catalogue import ITEMS, SECTIONS
from specverify.report.checklist.lines import LONGEST, plain
from specverify.report.checklist.review import DIGEST
from specverify.report.sanitize import clean

MOST_BYTES = 2**20
MOST_LINES = 10_000
LONGEST_LINE = 8_000
MOST_ROWS = 100
MOST_ESCAPED = 10
"""Characters that one which cannot be seen is spelled out in, at most."""
LONGEST_NOTE = 2_000
LONGEST_NAME = 200
GENERATED = ("Look at", "Hold against", "Yes if", "Found")
HEAD = ("Model", "Target", "Task", "Files read", "Date", "Reviewer")
CONDITIONS, SIGNATURES = ("Condition", "Owner", "Expires"), ("Name", "Role", "Date")
"""The heads of the two tables."""
CHANGED = "the evidence was {digest} when this was answered; look again, then delete this line"
_TITLE = re.compile(r"# Pre-adoption review: .*")
_SECTION = re.compile(r"## ([A-Z])\. .*")
_HEAD = re.compile(r"- ([A-Z][a-z ]{1,20}):(?: (.*))?")
_NAME = re.compile(r"`(.*)` at `[^`]*` \([^`]*\)")
_WRITTEN = (re.compile(r"> .*"), re.compile(r"\d+ PASS, .*"), re.compile(r"- \*\*[A-H]\d+ FAIL\*\* .*"))
"""Lines before the first section that hold nothing of a person's."""
_ITEM = re.compile(r"- \[[ xX]\] \*\*([A-H]\d{1,2})\*\* .*")
_EVIDENCE = re.compile(rf"<!-- evidence:([0-9a-f]{{{DIGEST}}}) -->")
_FIELD = re.compile(r"  - ([A-Z][a-z ]{1,20}):(?: (.*))?")
_CHANGED = re.compile(re.escape(CHANGED).replace(re.escape("{digest}"), rf"([0-9a-f]{{{DIGEST}}})"))
_CELL = re.compile(r"(?<!\\)(?:\\\\)*\|")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class InvalidReview(SpecverifyError):
    """A file that is no review, or one that somebody changed beyond what is theirs to fill in."""


@frozen
class Reply(Struct):
    """What people wrote to one item; `by` never stands without a `day`.

    `digest` is of the evidence they had, `changed` that of an earlier answer which nobody confirmed since.
    """

    digest: str = ""
    answer: str = ""
    by: str = ""
    day: str = ""
    note: str = ""
    changed: str = ""

    @property
    def is_given(self) -> bool:
        """Whether a person wrote anything."""
        return bool(self.answer or self.by or self.day or self.note)


@frozen
class Row(Struct):
    """A row of a table: of a condition its text, owner and day of expiry; of a signature the name, role and day."""

    first: str
    second: str
    day: str

    @property
    def is_begun(self) -> bool:
        """Whether more is filled in than a role, which is there from the start."""
        return bool(self.first or self.day)

    @property
    def is_whole(self) -> bool:
        """Whether every cell is filled in."""
        return bool(self.first and self.second and self.day)


@frozen
class Filled(Struct):
    """A filled-in review: the model it is about, its day and reviewer, replies by item, conditions and signatures."""

    model: str
    day: str = ""
    reviewer: str = ""
    replies: Mapping[str, Reply] = field(default_factory=dict)
    conditions: tuple[Row, ...] = ()
    signatures: tuple[Row, ...] = ()

    def reply(self, name: str) -> Reply:
        """What people wrote to an item; nothing where they did not."""
        return self.replies.get(name, Reply())

    def held_against(self, digests: Mapping[str, str]) -> Filled:
        """The same with every reply marked whose evidence is another now, and the mark taken off where it is what it was again."""
        return replace(self, replies={name: _held(reply, digests.get(name, "")) for name, reply in self.replies.items()})


def _held(reply: Reply, digest: str) -> Reply:
    had = reply.changed or reply.digest
    return replace(reply, digest=digest, changed="" if had == digest or not had else had)


def read(data: bytes, file: str) -> Filled:
    """A filled-in review. Raises InvalidReview, naming file and line."""
    if len(data) > MOST_BYTES:
        raise InvalidReview(f"larger than {MOST_BYTES:,} bytes", file=file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidReview(f"byte {error.start} is not UTF-8", file=file) from None
    return _Reader(file, text.replace("\r\n", "\n").split("\n")).read()


class _Reader:
    """The state of reading one file, line by line."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file = file
        self.lines = lines
        self.number = 0
        self.head: dict[str, str] = {}
        self.section = ""
        self.item: str | None = None
        self.replies: dict[str, Reply] = {}
        self.written: set[str] = set()
        self.table: tuple[str, ...] | None = None
        self.rows: dict[tuple[str, ...], list[Row]] = {}

    def read(self) -> Filled:
        if len(self.lines) > MOST_LINES:
            raise self.wrong(f"more than {MOST_LINES:,} lines")
        lines = self.numbered()
        if not _TITLE.fullmatch(next(lines, "")):
            raise self.wrong("not a review: one starts with `# Pre-adoption review: `")
        for line in lines:
            if line and self.section:
                self.in_section(line)
            elif line:
                self.in_head(line)
        if "Model" not in self.head:
            raise self.wrong("not a review: it names no model on a line `- Model: `")
        conditions, signatures = (tuple(self.rows.get(table, ())) for table in (CONDITIONS, SIGNATURES))
        return Filled(self.head["Model"], self.head.get("Date", ""), self.head.get("Reviewer", ""), self.replies, conditions, signatures)

    def numbered(self) -> Iterator[str]:
        for number, line in enumerate(self.lines, 1):
            self.number = number
            if len(line) > LONGEST_LINE:
                raise self.wrong(f"longer than {LONGEST_LINE:,} characters")
            yield line.rstrip()

    def in_head(self, line: str) -> None:
        section = _SECTION.fullmatch(line)
        found = _HEAD.fullmatch(line)
        if section is not None:
            self.enter(section.group(1))
        elif found is not None and found.group(1) in HEAD:
            name, value = found.group(1), found.group(2) or ""
            if name in self.head:
                raise self.wrong(f"`{name}:` stands twice")
            if name == "Model":
                called = _NAME.fullmatch(value)
                if called is None:
                    raise self.wrong("`Model:` is not as it was written")
                value = called.group(1)
            elif name == "Reviewer" and len(_seen(value)) > LONGEST_NAME:
                raise self.wrong(f"`Reviewer:` is longer than {LONGEST_NAME} characters")
            elif name == "Date" and value:
                self.day(value)
            self.head[name] = _seen(value)
        elif not any(form.fullmatch(line) for form in _WRITTEN):
            raise self.wrong("not a line of a review: what you have to say goes behind `Note:`")

    def in_section(self, line: str) -> None:
        section, item = _SECTION.fullmatch(line), _ITEM.fullmatch(line)
        if section is not None:
            self.enter(section.group(1))
        elif item is not None:
            self.begin(item.group(1), line)
        elif line.startswith("### "):
            self.table, self.item = None, None
        elif line.startswith("|"):
            self.row(line)
        elif self.item is not None and (found := _FIELD.fullmatch(line)) is not None:
            self.field(self.item, found.group(1), found.group(2) or "")
        else:
            raise self.wrong("not a line of a review: what you have to say goes behind `Note:`")

    def enter(self, letter: str) -> None:
        if letter not in {section.letter for section in SECTIONS}:
            raise self.wrong(f"there is no section {letter}")
        self.section, self.item, self.table = letter, None, None

    def begin(self, name: str, line: str) -> None:
        if name not in ITEMS:
            raise self.wrong(f"there is no item {name}")
        if name in self.replies:
            raise self.wrong(f"{name} stands twice")
        if not name.startswith(self.section):
            raise self.wrong(f"{name} stands in section {self.section}")
        digests = _EVIDENCE.findall(line)
        if len(digests) != 1 or not line.endswith(f"<!-- evidence:{digests[0]} -->"):
            raise self.wrong(f"{name} has lost the digest of its evidence: `<!-- evidence:... -->` at the end of the line")
        self.item, self.written, self.table = name, set(), None
        self.replies[name] = Reply(digests[0])

    def field(self, item: str, name: str, value: str) -> None:
        if name in GENERATED:
            return
        if name in self.written:
            raise self.wrong(f"`{name}:` of {item} stands twice")
        self.written.add(name)
        choices = ITEMS[item].choices
        reply = self.replies[item]
        value = _seen(value)
        if name == "Answer" and choices:
            if value and value.lower() not in choices:
                raise self.wrong(f"the answer to {item} is {value[:40]!r}, not one of {', '.join(choices)}")
            reply = replace(reply, answer=value.lower())
        elif name == "By" and choices:
            who, _, day = value.rpartition(",") if "," in value else (value, "", "")
            if len(who) > LONGEST_NAME:
                raise self.wrong(f"the name is longer than {LONGEST_NAME} characters")
            reply = replace(reply, by=who.strip(), day=self.day(day.strip()) if value else "")
        elif name == "Note":
            if len(value) > LONGEST_NOTE:
                raise self.wrong(f"the note is longer than {LONGEST_NOTE:,} characters")
            reply = replace(reply, note=value)
        elif name == "Changed" and (found := _CHANGED.fullmatch(value)) is not None:
            reply = replace(reply, changed=found.group(1))
        else:
            raise self.wrong(f"`{name}:` is no line of {item} to fill in")
        self.replies[item] = reply

    def day(self, text: str) -> str:
        """A day as it was written. Raises InvalidReview for what is none."""
        try:
            if not _DAY.fullmatch(text):
                raise ValueError
            date.fromisoformat(text)
        except ValueError:
            raise self.wrong(f"{text[:40]!r} is no day: write it as YYYY-MM-DD, behind a name and a comma") from None
        return text

    def row(self, line: str) -> None:
        cells = _cells(line)
        if cells is None or len(cells) != len(CONDITIONS):
            raise self.wrong("a row of this table has three cells, with `|` around each")
        if self.section != "H":
            raise self.wrong(f"there is no table in section {self.section}")
        if self.table is None:
            if cells not in (CONDITIONS, SIGNATURES) or cells in self.rows:
                raise self.wrong(f"no table of a review: one is headed {' | '.join(CONDITIONS)}, the other {' | '.join(SIGNATURES)}")
            self.table = cells
            self.rows[cells] = []
        elif any(set(cell) - set("-: ") for cell in cells):
            self.fill(self.table, cells)

    def fill(self, table: tuple[str, ...], cells: tuple[str, ...]) -> None:
        if len(self.rows[table]) == MOST_ROWS:
            raise self.wrong(f"more than {MOST_ROWS} rows")
        first, second, day = map(_seen, cells)
        if max(len(first), len(second)) > LONGEST:
            raise self.wrong(f"a cell is longer than {LONGEST} characters")
        self.rows[table].append(Row(first, second, self.day(day) if day else ""))

    def wrong(self, message: str) -> InvalidReview:
        return InvalidReview(message, file=self.file, place=str(max(self.number, 1)))


def _seen(value: str) -> str:
    """What a reader of the page sees: without markup's backslashes, and with what cannot be seen spelled out, so that it stays as long."""
    return clean(plain(value.strip()), LONGEST_LINE * MOST_ESCAPED)


def _cells(line: str) -> tuple[str, ...] | None:
    """The cells of a row, markup and all; None where it is no row. A bar behind a backslash is text."""
    bars = [found.end() - 1 for found in _CELL.finditer(line)]
    if len(bars) < 2 or bars[0] != 0 or bars[-1] != len(line) - 1:
        return None
    return tuple(line[left + 1 : right].strip() for left, right in pairwise(bars))
