"""The pre-adoption review as Markdown: what the files answer is answered with evidence, the rest is left to people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from specverify.facts import Fact, Source, Struct
from specverify.outcome import Accepted, Evidence, Finding, Passed, Report, Severity, Skipped, evidence_of
from specverify.report.amounts import exact, rounded
from specverify.report.sanitize import clean, clean_value

MOST_EVIDENCE = 3


class State(StrEnum):
    """How an item is answered. HUMAN never passes by itself."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNVERIFIABLE = "UNVERIFIABLE"
    HUMAN = "HUMAN"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Answer(Struct):
    """The state of an item, why, and the lines that show it."""

    state: State
    why: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Item(Struct):
    """A line of the checklist: a stable id, what is asked, and how the files answer it (None: only people can).

    `shows` are the facts and figures a person needs to answer it.
    """

    id: str
    asks: str
    answer: Callable[[Report], Answer] | None = None
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Section(Struct):
    """A lettered part of the checklist."""

    letter: str
    title: str
    items: tuple[Item, ...]


def by_rules(*codes: str, shows: Sequence[str] = ()) -> Callable[[Report], Answer]:
    """An item that rules answer: FAIL on a warning or error, PASS where one looked and found nothing, else UNVERIFIABLE.

    `shows` are the facts and figures printed beside it.
    """

    def answer(report: Report) -> Answer:
        outcomes = [outcome for outcome in report.outcomes if outcome.code in codes]
        bad = [o for o in outcomes if isinstance(o, Finding) and o.severity is not Severity.INFO]
        told = tuple(shown(report, shows))
        if bad:
            proof = tuple(place(evidence) for finding in bad for evidence in finding.evidence[:MOST_EVIDENCE])
            return Answer(State.FAIL, " ".join(f"{finding.code}: {finding.message}" for finding in bad), told + proof)
        if any(isinstance(o, Passed | Finding | Accepted) for o in outcomes):
            noted = [f"{o.code}: {o.message}" for o in outcomes if isinstance(o, Finding)]
            noted += [f"{o.code}: {o.finding.message} ({o.how}: {o.reason}, {o.by})" for o in outcomes if isinstance(o, Accepted)]
            return Answer(State.PASS, " ".join(noted), told)
        reasons = dict.fromkeys(o.reason for o in outcomes if isinstance(o, Skipped))
        return Answer(State.UNVERIFIABLE, "; ".join(reasons) or "no rule looks at this", told)

    return answer


def by_figures(*names: str, needs_gpu: bool = False) -> Callable[[Report], Answer]:
    """An item that is answered by figures: PASS where all are known, else UNVERIFIABLE with the reasons."""

    def answer(report: Report) -> Answer:
        if needs_gpu and not report.target.get("gpu"):
            return Answer(State.UNVERIFIABLE, "no target GPU was named")
        figures = [report.figures[name] for name in names if name in report.figures]
        unknown = [reason for figure in figures if figure.value is None for reason in figure.number.reasons()]
        told = tuple(shown(report, names))
        if unknown or not figures:
            return Answer(State.UNVERIFIABLE, "; ".join(dict.fromkeys(unknown)) or "the figures could not be had", told)
        return Answer(State.PASS, "", told)

    return answer


def fits(report: Report) -> Answer:
    """Whether the target's sequences fit on its GPUs."""
    figure = report.figures.get("capacity.fits")
    told = tuple(
        shown(
            report, ("capacity.needed_bytes_per_gpu", "capacity.budget_bytes_per_gpu", "capacity.max_concurrency", "capacity.max_context")
        )
    )
    if figure is None:
        return Answer(State.UNVERIFIABLE, "no target GPU was named")
    if figure.value is None:
        return Answer(State.UNVERIFIABLE, "; ".join(figure.number.reasons()))
    return Answer(State.PASS if figure.value else State.FAIL, figure.note or "", told)


def by_fact(name: str, what: str) -> Callable[[Report], Answer]:
    """An item that is answered by a fact being known."""

    def answer(report: Report) -> Answer:
        fact = report.spec.fact(name) if report.spec is not None else Fact(name, (), "there is no spec")
        if fact.value is None:
            return Answer(State.UNVERIFIABLE, f"{what}: {(fact.reason or 'not stated').removeprefix(f'{name}: ')}")
        return Answer(State.PASS, "", tuple(place(evidence) for evidence in evidence_of(fact)[:MOST_EVIDENCE]))

    return answer


def cannot_be_read(why: str) -> Callable[[Report], Answer]:
    """An item that no file of a model answers."""
    return lambda report: Answer(State.UNVERIFIABLE, why)


def licence(report: Report) -> Answer:
    """Whether the card states a licence in full, and the files beside it say the same."""
    told = by_rules("CRD009", "MET001", "MET002", "MET003", "MET004")(report)
    return Answer(State.UNVERIFIABLE, told.why, told.evidence) if told.state is State.PASS and told.why else told


def never_passed(code: str, why: str, found: State) -> Callable[[Report], Answer]:
    """An item of which files can show the bad case only: `found` where the rule fires, else UNVERIFIABLE with `why`."""

    def answer(report: Report) -> Answer:
        finding = next((finding for finding in report.findings if finding.code == code), None)
        if finding is None:
            return Answer(State.UNVERIFIABLE, why)
        return Answer(found, f"{code}: {finding.message}", tuple(place(evidence) for evidence in finding.evidence[:MOST_EVIDENCE]))

    return answer


def noted(*codes: str) -> Callable[[Report], Answer]:
    """An item for people, with what rules found to help them."""

    def answer(report: Report) -> Answer:
        found = [finding for finding in report.findings if finding.code in codes]
        proof = tuple(place(evidence) for finding in found for evidence in finding.evidence[:1])
        return Answer(State.HUMAN, " ".join(f"{finding.code}: {finding.message}" for finding in found), proof)

    return answer


def pinned(report: Report) -> Answer:
    """Whether the review is of one commit."""
    if _is_closed(report):
        return Answer(State.UNVERIFIABLE, "nothing is public of which a revision could be pinned")
    if report.sha is None:
        return Answer(State.UNVERIFIABLE, f"a {report.origin or 'folder'} has no commit: pin a revision before adoption")
    return Answer(State.PASS, "", (f"commit {report.sha}",))


def quantized(report: Report) -> Answer:
    """Whether the bytes of the weights follow from what the files say of their precision."""
    told = by_rules("QNT002", "QNT004", "QNT005")(report)
    return told if told.state is State.FAIL else by_figures("weights.bytes")(report)


SECTIONS = (
    Section(
        "A",
        "Task fit",
        (
            Item("A1", "What must come out: a vector, score or label; a text mapped from a text; open text?"),
            Item("A2", "Is this architecture made for that output?", shows=("spec.prototype", "spec.training_objective")),
            Item(
                "A3",
                "What bounds the service: compute, memory for the cache, the latency tail, routing?",
                shows=("parameters.total", "parameters.activated", "cache.sequence_bytes", "spec.router"),
            ),
            Item(
                "A4",
                "How many tokens go in and come out, at the median and at the 99th percentile?",
                shows=("context.declared", "context.native", "context.effective.vllm", "capacity.max_context"),
            ),
            Item("A5", "Which inputs other than text are needed, and does the interface take them?", shows=("spec.modality_interface",)),
        ),
    ),
    Section(
        "B",
        "Spec: card, config and tensors",
        (
            Item("B1", "Total parameters as claimed", by_rules("CRD002", "CRD012", shows=("parameters.total", "parameters.mtp"))),
            Item(
                "B2",
                "Activated parameters as claimed",
                by_rules("CRD003", shows=("parameters.activated", "parameters.activated_no_embeddings")),
            ),
            Item(
                "B3",
                "Layers, heads, vocabulary and experts consistent",
                by_rules(
                    "ATT001",
                    "ATT002",
                    "ATT003",
                    "ATT004",
                    "ATT005",
                    "IDN005",
                    "IDN007",
                    "IDN008",
                    "VOC001",
                    "VOC002",
                    "MOE001",
                    "MOE002",
                    "MOE003",
                    "CRD004",
                    "CRD005",
                    "CRD006",
                    "CRD013",
                    "CRD014",
                    "CRD015",
                    shows=("spec.num_hidden_layers", "spec.num_attention_heads", "spec.num_key_value_heads", "spec.vocab_size"),
                ),
            ),
            Item(
                "B4", "Native context the same to every engine", by_rules("POS010", "POS012", shows=("context.declared", "context.native"))
            ),
            Item(
                "B5",
                "Context beyond it: scaled how, and by what recipe",
                by_rules(
                    "CRD001",
                    "CRD011",
                    "POS001",
                    "POS002",
                    "POS003",
                    "POS004",
                    "POS006",
                    "POS007",
                    shows=("spec.rope_type", "context.effective.vllm"),
                ),
            ),
            Item("B6", "Attention mechanism known", by_fact("attention", "attention")),
            Item("B7", "Precision and quantization understood", quantized),
            Item("B8", "Tokenizer ids inside the embedding", by_rules("VOC001", "VOC002", shows=("spec.vocab_size",))),
            Item(
                "B9",
                "Class and type agree with the base model's",
                by_rules("IDN001", "IDN002", "CRD021", "MET023", "MET024", shows=("spec.model_type",)),
            ),
            Item("B10", "Everything needed is stated", by_figures("parameters.total", "cache.sequence_bytes", "weights.bytes")),
        ),
    ),
    Section(
        "C",
        "Capacity and cost",
        (
            Item("C1", "Memory for the weights", by_figures("weights.bytes", "weights.bytes_per_gpu")),
            Item(
                "C2",
                "Cache for the context and concurrency needed",
                by_figures("cache.bytes_per_token", "cache.sequence_bytes", "cache.total_bytes"),
            ),
            Item("C3", "Fits the target GPUs", fits),
            Item("C4", "Compute a token costs, beside a dense model of that size", by_figures("parameters.activated", "parameters.total")),
            Item(
                "C5", "Latency tail of the mixture", cannot_be_read("measure P50, P95 and P99 under the traffic and batching of production")
            ),
            Item(
                "C6",
                "Efficiency figures with hardware, batch and lengths",
                by_rules("EVL017"),
            ),
            Item("C7", "Splits over the target's GPUs", by_rules("CAP001", "CAP002", "CAP005", "CAP006", "QNT003")),
        ),
    ),
    Section(
        "D",
        "Evaluation evidence",
        (
            Item("D1", "Which benchmark groups are reported, and how many with their settings?", noted("EVL022")),
            Item(
                "D2",
                "Which open questions on shots, decoding and scoring remain?",
                noted("EVL002", "EVL003", "EVL004", "EVL005", "EVL006", "EVL007", "EVL008"),
            ),
            Item("D3", "Are the scores those of this very checkpoint?", noted("EVL010")),
            Item("D4", "Can they be compared: prompts, decoding, scoring?", noted("EVL004", "EVL009", "EVL019")),
            Item("D5", "What is said of contamination?", noted("EVL018")),
            Item("D6", "Was our own task set run, with our own settings?"),
            Item("D7", "Is there evidence at the length of A4, beyond a needle test?", noted("EVL011", "EVL012", "EVL013")),
            Item("D8", "Is there evidence on documents, images or audio like ours?", noted("EVL014")),
        ),
    ),
    Section(
        "E",
        "Provenance and licence",
        (
            Item("E1", "Licence stated", licence),
            Item(
                "E2", "Terms of the base model kept", never_passed("MET005", "the base model's terms are not among the files", State.FAIL)
            ),
            Item("E3", "Access terms", never_passed("MET006", "nothing says that terms must be accepted first", State.HUMAN)),
            Item("E4", "Training data named", cannot_be_read("whether what is named is all there was cannot be read from files")),
            Item("E5", "Newest version known", never_passed("MET027", "no file says what came later", State.HUMAN)),
            Item("E6", "Revision pinned", pinned),
            Item("E7", "No code of the repo has to run", by_rules("IDN003", "IDN004", "SEC001", "SEC003")),
        ),
    ),
    Section(
        "F",
        "Use and risk",
        (
            Item("F1", "Is our use an intended one?"),
            Item("F2", "Is our use named as out of scope?"),
            Item("F3", "Are limitations and biases stated, and acceptable?"),
            Item("F4", "Was it red-teamed, by whom?", noted("EVL015")),
            Item("F5", "Is its knowledge recent enough?"),
            Item("F6", "Does it cover our languages?"),
            Item("F7", "Who answers for it?"),
        ),
    ),
    Section(
        "G",
        "Failure drills",
        (
            Item("G1", "A chat model as reranker: would an encoder score as well for less?"),
            Item("G2", "A mixture whose averages please and whose 99th percentile does not: measured?"),
            Item("G3", "A long window that dies in production: quality and memory tested at that length and load?"),
            Item("G4", "A leaderboard winner that fails real tickets: own cases run?"),
            Item("G5", "A multimodal demo that fails on documents: layout and fields tested?"),
            Item("G6", "Was a cheaper, simpler candidate tried first?"),
        ),
    ),
    Section(
        "H",
        "Decision",
        (
            Item("H1", "Adopt, adopt with conditions, or reject?"),
            Item("H2", "Conditions, each with an owner and a date it expires"),
            Item("H3", "Signatures"),
        ),
    ),
)


def answers(report: Report) -> Iterator[tuple[Section, Item, Answer]]:
    """Every item with its answer."""
    for section in SECTIONS:
        for item in section.items:
            by_people = Answer(State.HUMAN, evidence=tuple(shown(report, item.shows)))
            yield section, item, by_people if item.answer is None else _held(item.answer(report), report)


def _held(answer: Answer, report: Report) -> Answer:
    """The answer; of a closed model what is known is claimed, and a claim alone answers nothing."""
    if not _is_closed(report) or answer.state is State.UNVERIFIABLE:
        return answer
    return Answer(State.UNVERIFIABLE, "rests on claims alone", answer.evidence)


def _is_closed(report: Report) -> bool:
    return report.spec is not None and report.spec.exactness == "claimed"


def to_markdown(report: Report, as_of: str | None = None) -> str:
    """The checklist of a report: a summary, failures first, then every section. `as_of` is the date line's day."""
    given = list(answers(report))
    lines = [f"# Pre-adoption review: {text(report.name)}", "", *_head(report, as_of), "", *_summary(given), ""]
    for section in SECTIONS:
        lines += [f"## {section.letter}. {section.title}", ""]
        for owner, item, answer in given:
            if owner is section:
                lines += _item(item, answer)
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def summary(report: Report) -> str:
    """The first lines of a checklist: the count of each answer, and what failed."""
    return "\n".join([f"Pre-adoption review: {text(report.name)}", *_summary(list(answers(report)))]) + "\n"


def _summary(given: Sequence[tuple[Section, Item, Answer]]) -> Iterator[str]:
    counts = {state: sum(answer.state is state for _, _, answer in given) for state in State}
    yield ", ".join(f"{count} {state}" for state, count in counts.items())
    failures = [(item, answer) for _, item, answer in given if answer.state is State.FAIL]
    if failures:
        yield ""
        yield from (f"- **{item.id} FAIL** {item.asks}: {text(answer.why)}" for item, answer in failures)


def _head(report: Report, as_of: str | None) -> Iterator[str]:
    target = report.target
    gpus = f"{target.get('gpus')} x {target.get('gpu')}" if target.get("gpu") else "no GPU named"
    yield f"- Model: `{text(report.name)}` at `{text(report.sha or report.revision or 'no revision')}` ({text(report.origin or '')})"
    yield f"- Target: {gpus}, {target.get('concurrency')} sequence(s), context {_context(report)}"
    yield f"- Files read: {', '.join(text(name) for name, what in report.files.items() if what == 'read') or 'none'}"
    yield f"- Date: {as_of or ''}"
    yield "- Reviewer:"


def _context(report: Report) -> str:
    asked = report.target.get("context")
    declared = report.figures.get("context.declared")
    value = asked or (declared.value if declared is not None else None)
    return exact(value, "tokens")


def _item(item: Item, answer: Answer) -> Iterator[str]:
    box = "x" if answer.state is State.PASS else " "
    why = f": {text(answer.why)}" if answer.why else ""
    yield f"- [{box}] **{item.id}** {item.asks} - **{answer.state}**{why}"
    yield from (f"  - {text(line)}" for line in answer.evidence)


def shown(report: Report, names: Sequence[str]) -> Iterator[str]:
    """Figures and facts by name, each on a line with its worked line or its place; of a closed model they say that they are claimed."""
    label = ", claimed" if _is_closed(report) else ""
    for name in names:
        if name.startswith("spec."):
            fact = report.spec.fact(name.removeprefix("spec.")) if report.spec is not None else None
            if fact is not None and fact.value is not None:
                yield f"{name} = {clean_value(fact.value)} ({fact.readings[0].where})"
        elif name in report.figures:
            figure = report.figures[name]
            if figure.value is not None:
                short = rounded(figure.value, figure.unit)
                long = exact(figure.value, figure.unit)
                yield f"{name} = {long}" + (f" ({short})" if short != long else "") + label


def place(evidence: Evidence) -> str:
    """Where something stands, and what it says there."""
    if evidence.source is Source.DECLARED and evidence.line is not None:
        where = f"{evidence.file}:{evidence.line}"
    else:
        where = evidence.file + (f"#{evidence.pointer}" if evidence.pointer else f":{evidence.line}" if evidence.line is not None else "")
    said = evidence.quote if evidence.quote is not None else f"{evidence.value!r}" if evidence.value is not None else ""
    return f"{where} {said}".strip()


def text(value: str) -> str:
    """A string that Markdown shows as it is."""
    cleaned = clean(value, 600).replace("\n", " ")
    for character in "\\`*[]<>|":
        cleaned = cleaned.replace(character, "\\" + character)
    return cleaned
