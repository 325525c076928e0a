"""What a card says of its model, each statement with the line that makes it; and what only looks like one, with why not.

Three readers, surest first: labels (lists and `label: value` lines), tables, and prose where the wording leaves no doubt;
rope snippets state their own. A number about another model, a component, a training run or a comparison is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from specverify.card.document import CardDocument
from specverify.card.kinds import UNITS
from specverify.card.names import Subject, nouns
from specverify.card.numbers import Reading
from specverify.frozen import Struct, frozen

MOST_CLAIMS = 300
MOST_REFUSALS = 300
"""Of one card; the fullest of 700 real ones has a fifth of the claims and an eighth of the refusals."""


@frozen
class Claim(Struct):
    """One statement of a card about a model: a number, or something in words.

    `accepted` are the numbers it can stand for (128K: 131,072 and 128,000) and `quanta` the worth of the last printed
    digit under each. A statement in words has `terms` instead: canonical words of its kind (`gqa`, `moe`, `apache-2.0`,
    `org/name`), in lower case but for names. `columns` are the first and the one behind the last, on `line`. `emitter` is
    `label`, `table`, `prose`, `snippet`, `metadata` or `file` (of claims); `role` of a context is `native`, `extended`,
    `original` (before an extension that is in the model), `trained`, `evaluated`, `recommended` or `stated`. `relation` says
    whose it is: `self`, `variant`, `family`, `sibling`, `base`, `component`, `other` or `unknown`; `subject` the name the card uses.
    `conditions` are what the statement is bound to, in the card's words (batch, hardware, lengths, the recipe). `source` is
    the report that makes it, where that is not the file it stands in.
    """

    kind: str
    raw: str
    accepted: tuple[int | float, ...]
    quanta: tuple[int | float, ...]
    unit: str
    file: str
    line: int
    columns: tuple[int, int]
    quote: str
    emitter: str
    role: str
    section: tuple[str, ...]
    subject: str | None
    relation: str
    confidence: str
    terms: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    source: str | None = None


class Refusal(NamedTuple):
    """A number that looks like a claim and is none, with the reason."""

    kind: str
    raw: str
    line: int
    reason: str


@frozen
class Claims(Struct):
    """Everything read from one card."""

    claims: tuple[Claim, ...]
    refusals: tuple[Refusal, ...]


class Notebook:
    """Collects claims and refusals of one card; the first reader to see a number has it.

    Claims beyond the bound are refused, and refusals beyond theirs not noted.
    """

    def __init__(self, document: CardDocument, subject: Subject) -> None:
        self.document = document
        self.subject = subject
        self._claims: dict[tuple[str, int, object], Claim] = {}
        self._refusals: dict[tuple[str, int, str], Refusal] = {}

    def claim(
        self,
        kind: str,
        reading: Reading | None,
        span: tuple[int, int],
        *,
        emitter: str,
        section: tuple[str, ...],
        role: str = "stated",
        subject: str | None = None,
        relation: str = "self",
        confidence: str = "high",
        terms: tuple[str, ...] = (),
        conditions: tuple[str, ...] = (),
    ) -> None:
        """Note a number, or `terms`, at a span of the card; one that cannot be read is no claim."""
        if reading is None and not terms:
            return
        span = self.document.origin(*span)
        line = self.document.line_at(span[0])
        key = (kind, line, reading.values[-1] if reading is not None else terms)
        if key not in self._claims and len(self._claims) >= MOST_CLAIMS:
            self.refuse(kind, span, f"the card makes more than {MOST_CLAIMS} claims")
        elif key not in self._claims:
            self._claims[key] = Claim(
                kind,
                " ".join(self.document.text[span[0] : span[1]].split()),
                reading.values if reading is not None else (),
                reading.quanta if reading is not None else (),
                UNITS.get(kind, ""),
                self.document.file,
                line,
                self.document.columns(*span),
                self.document.quote(line),
                emitter,
                role,
                section,
                subject,
                relation,
                confidence,
                terms,
                conditions,
            )

    @property
    def full(self) -> bool:
        """Whether neither a claim nor a refusal would be noted any more."""
        return len(self._claims) >= MOST_CLAIMS and len(self._refusals) >= MOST_REFUSALS

    def refuse(self, kind: str, span: tuple[int, int], reason: str) -> None:
        """Note a number that is no claim."""
        span = self.document.origin(*span)
        line = self.document.line_at(span[0])
        raw = self.document.text[span[0] : span[1]]
        if len(self._refusals) < MOST_REFUSALS:
            self._refusals.setdefault((kind, line, raw), Refusal(kind, raw, line, reason))

    def result(self) -> Claims:
        """What was noted, in order of place."""
        return Claims(
            tuple(sorted(self._claims.values(), key=lambda c: (c.line, c.columns, c.kind))),
            tuple(sorted(self._refusals.values(), key=lambda r: (r.line, r.kind, r.raw))),
        )


def subject_of(document: CardDocument, name: str | None) -> Subject:
    """The names the card's model goes by: `name` (the repo's), the metadata's, the title's."""
    values = document.front_matter.values
    index = values.get("model-index")
    stated: Iterable[object] = (
        name,
        values.get("model_name"),
        index[0].get("name") if isinstance(index, list) and index and isinstance(index[0], dict) else None,
        document.title,
    )
    return Subject(nouns([value if isinstance(value, str) and len(value) < 100 else None for value in stated]))


def extract(document: CardDocument, name: str | None = None) -> Claims:
    """Every claim and refusal of a card; `name` is the repo's, where it is known. Raises nothing on any card."""
    from specverify.card.labels import read_labels
    from specverify.card.prose import read_prose
    from specverify.card.recipe import read_snippets
    from specverify.card.tabular import read_tables
    from specverify.card.words.read import read_words

    notebook = Notebook(document, subject_of(document, name))
    handled = read_labels(notebook)
    read_tables(notebook)
    read_prose(notebook, handled)
    read_snippets(notebook)
    read_words(notebook)
    return notebook.result()
