"""What a check says: a finding with its evidence, a pass, a skip with its reason, or a crash; and the report of them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from specverify.facts import Fact, Source
from specverify.frozen import Struct, frozen
from specverify.spec import Figure, ModelSpec, Tensor

SCHEMA_VERSION = "1.2"


class Severity(StrEnum):
    """How bad it is. `error`: cannot load, or certainly wrong; `warning`: will surprise; `info`: worth knowing."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for info, 2 for error."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """How sure it is, whatever the severity."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@frozen
class Evidence(Struct):
    """The line that proves it. `pointer` is a JSON pointer in `file`; `line` and `quote` are filled in from the text."""

    source: Source
    file: str
    pointer: str | None = None
    line: int | None = None
    quote: str | None = None
    value: Any = None
    note: str | None = None


@frozen
class Finding(Struct):
    """A rule found its defect."""

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    evidence: tuple[Evidence, ...]
    fix: str | None = None


@frozen
class Passed(Struct):
    """A rule had all it needed and found nothing."""

    code: str
    name: str


@frozen
class Skipped(Struct):
    """A rule could not look, for `reason`. Never a pass."""

    code: str
    name: str
    reason: str


@frozen
class Broken(Struct):
    """A rule crashed. The run went on; `error` is the exception."""

    code: str
    name: str
    error: str


class Acceptance(StrEnum):
    """How a finding came to be accepted."""

    IGNORED = "ignored"
    """settings ignore it, and say why"""
    KNOWN = "known"
    """a baseline has it already"""


@frozen
class Accepted(Struct):
    """A finding that fails nothing any more: `how`, the `reason` for it, and the file and line that say so."""

    finding: Finding
    how: Acceptance
    reason: str
    by: str

    @property
    def code(self) -> str:
        """The code of the rule."""
        return self.finding.code

    @property
    def name(self) -> str:
        """The name of the rule."""
        return self.finding.name


class Agreement(StrEnum):
    """What comes of comparing a claim. `opt-in`: true only with an override the card itself states."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    OPT_IN = "opt-in"
    UNVERIFIABLE = "unverifiable"


@frozen
class Compared(Struct):
    """One thing a claim was held against: its name (`parameters.total`, `parameters.total + mtp`), its value and its proof.

    `matches` says whether the claim can stand for that value as it is printed.
    """

    name: str
    value: Any
    matches: bool
    evidence: tuple[Evidence, ...] = ()


@frozen
class Verdict(Struct):
    """A claim of a card or report, and what came of comparing it.

    `accepted` are the values it can stand for, numbers or terms; `stated` is the line that makes it, with `columns` from 1.
    `emitter`, `role`, `section`, `subject`, `relation` and `confidence` are as `specverify.card.claims.Claim` says.
    `reason` says under which convention it agrees, how far it is off and which reading is stronger, or why it cannot be
    told. `remark` marks what is less than a contradiction: `below` (the card states less than there is), `loose` (cut or
    rounded beyond the digits printed), `padded` (rows of an embedding that no token uses), `unbounded` (a longer context than
    the config's, of positions that have no end).
    """

    kind: str
    raw: str
    accepted: tuple[int | float | str, ...]
    unit: str
    stated: Evidence
    columns: tuple[int, int]
    emitter: str
    role: str
    section: tuple[str, ...]
    subject: str | None
    relation: str
    confidence: Confidence
    agreement: Agreement
    reason: str
    compared: tuple[Compared, ...] = ()
    remark: str | None = None
    conditions: tuple[str, ...] = ()


@frozen
class Refused(Struct):
    """A number of a card that looks like a claim of `kind` and is none, with the reason."""

    kind: str
    raw: str
    file: str
    line: int
    reason: str


Outcome = Finding | Accepted | Passed | Skipped | Broken


@frozen
class Scored(Struct):
    """A score that a card or a results file reports of its own model, as printed, with the `settings` said to cover it.

    `surely`: its table or sentence names the model; else it may be another's.
    """

    benchmark: str
    group: str
    raw: str
    settings: tuple[str, ...]
    file: str
    line: int
    surely: bool = True


@frozen
class Kept(Struct):
    """What only some reports, a comparison or a lock need of a model: every path known to exist, the bytes of those read, tensors, scores.

    `gated` is what the Hub says of its access (`auto`, `manual`, False); None where nobody says. `metadata` is what the
    card's front matter states in words, alone or in lists: license, datasets, base_model, ... `uses` and `limits` are the
    paragraphs under the card's headings of that kind.
    """

    listing: tuple[str, ...] = ()
    contents: Mapping[str, bytes] = field(default_factory=dict)
    gated: str | bool | None = None
    scores: tuple[Scored, ...] = ()
    tensors: tuple[Tensor, ...] = ()
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


@frozen
class Report(Struct):
    """Everything said about one model. `error` is set, and the rest empty, where the model could not be read at all."""

    ref: str
    name: str
    spec: ModelSpec | None = None
    figures: Mapping[str, Figure] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    origin: str | None = None
    revision: str | None = None
    sha: str | None = None
    error: str | None = None
    error_kind: str | None = None
    target: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    """what became of each file of the model that was looked for: `read`, or why not"""
    notes: tuple[str, ...] = ()
    claims: tuple[Verdict, ...] = ()
    refused: tuple[Refused, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """the JSON files as read, for finding the lines of pointers; no part of the report's form"""
    kept: Kept | None = field(default=None, repr=False, compare=False)
    """what some formats, a comparison or a lock need beside, where that was asked for; no part of the report's form"""
    growth: Callable[[], Mapping[str, Figure]] = field(default=dict, repr=False, compare=False)
    """makes the figures of other contexts and batches, `growth.<context>.<column>`: only who asks for them pays for them"""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings, worst first, then surest, then by code."""
        return tuple(sorted((outcome for outcome in self.outcomes if isinstance(outcome, Finding)), key=_worst_first))

    @property
    def accepted(self) -> tuple[Accepted, ...]:
        """What settings or a baseline accept, in the order of findings."""
        found = (outcome for outcome in self.outcomes if isinstance(outcome, Accepted))
        return tuple(sorted(found, key=lambda accepted: _worst_first(accepted.finding)))

    def to_dict(self) -> dict[str, Any]:
        """The versioned JSON form (schemas/report.schema.json): same inputs, same bytes."""
        from specverify.report.shape import report_dict

        return report_dict(self)


def _worst_first(finding: Finding) -> tuple[int, int, str]:
    return -finding.severity.rank, -list(Confidence).index(finding.confidence), finding.code


def evidence_of(fact: Fact) -> tuple[Evidence, ...]:
    """Every reading of a fact as evidence, strongest first."""
    return tuple(Evidence(r.source, r.where.file, r.where.pointer, r.where.line, r.quote, r.value, r.note) for r in fact.readings)
