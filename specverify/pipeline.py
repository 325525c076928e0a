"""fetch -> normalize -> derive -> check -> Report, on one screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from specverify.card.card import read_card
from specverify.card.document import text_of
from specverify.card.evaluation.evaluations import read_evaluations
from specverify.card.evaluation.structured import is_results_file
from specverify.card.metadata import texts
from specverify.derive.figures import figures
from specverify.errors import SpecverifyError, Unreadable
from specverify.fetch import fetch
from specverify.fetch.bounded_json import load_object
from specverify.fetch.claims import ORIGIN as CLAIMS
from specverify.fetch.claims import fetch_claims
from specverify.fetch.files import WANTED, ModelFiles
from specverify.fetch.shards import INDEX
from specverify.frozen import replace
from specverify.normalize.config import CRASHED, crash_of_plugin, is_of_plugin, normalize_document
from specverify.normalize.document import Document, parse_object
from specverify.normalize.locate import offsets, place_of
from specverify.normalize.quantization import SIDECARS
from specverify.normalize.tensors import with_measured
from specverify.outcome import Broken, Evidence, Finding, Kept, Outcome, Refused, Report, Scored, Skipped, Verdict
from specverify.policy import Ignore, Policy, Uses
from specverify.rules.engine import Rule, rules, run, selected
from specverify.spec import Modality, Problem
from specverify.target import Target
from specverify.verdicts.judge import Evidences, judge
from specverify.verdicts.readings import with_claims

if TYPE_CHECKING:
    from specverify.card.card import Card
    from specverify.card.claims_file import ClaimsFile
    from specverify.card.evaluation.evaluations import Evaluations
    from specverify.card.evaluation.scores import Score
    from specverify.derive.checkpoint import Checkpoint
    from specverify.derive.late import Figures
    from specverify.spec import Figure, ModelSpec

CONFIG = "config.json"
CARD = "README.md"
SIDE_FILES = {
    "generation": "generation_config.json",
    "tokenizer": "tokenizer_config.json",
    "sentence_bert": "sentence_bert_config.json",
    "sidecar": "hf_quant_config.json",
    "gptq": "quantize_config.json",
    "awq": "quant_config.json",
    "preprocessor": "preprocessor_config.json",
    "processor": "processor_config.json",
    "video_preprocessor": "video_preprocessor_config.json",
}
"""Rule input to the JSON file it is."""
PROCESSORS = tuple(SIDE_FILES[name] for name in ("preprocessor", "processor", "video_preprocessor"))
"""The files that say how pictures, sound and video are read."""
SIBLINGS = ("bias.md", "explainability.md", "privacy.md", "safety.md", "LICENSE", "LICENSE.txt", "LICENSE.md")
"""Texts that stand beside the card, where publishers put sections of it. Rules see those that are there as `siblings`."""
NO_POLICY = {
    "allowed_licenses": "no settings say which licences are allowed",
    "allowed_organizations": "no settings say which organizations are allowed",
    "expired_ignores": "no settings ignore anything",
    "unused_ignores": "no settings ignore anything that all models of the run could tell",
}
"""Why a rule about settings could not look."""
OTHER_MODELS = {
    "adapter_config.json": "an adapter, which has the layers of the model it was trained on: name that one",
    "model_index.json": "a diffusers pipeline, which is no language model",
}
"""What a folder is that has this file in place of a config.json."""


def verify(
    ref: str,
    *,
    revision: str | None = None,
    target: Target | None = None,
    offline: bool = False,
    tensors: bool = True,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    claims: str | None = None,
    policy: Policy | None = None,
    preview: bool = False,
) -> Report:
    """Everything said about one model. Raises SpecverifyError, naming file and place, where it cannot be read at all.

    `ref` may name a claims file, of a closed model; `claims` names one that adds to an open model's card. `select` stands in
    place of what the policy selects. Rules in preview run only with `preview`.
    """
    more = None if claims is None else more_claims(claims)
    files = fetch(ref, revision=revision, offline=offline, tensors=tensors)
    return assess(files, target, select=select, ignore=ignore, claims=more, policy=policy, preview=preview)


def verify_many(
    refs: Iterable[str],
    *,
    revision: str | None = None,
    target: Target | None = None,
    offline: bool = False,
    tensors: bool = True,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    workers: int = 16,
    ordered: bool = True,
    claims: ClaimsFile | None = None,
    keep: bool = False,
    policy: Policy | None = None,
    preview: bool = False,
) -> Iterator[Report]:
    """A report for each ref in order, with the options of `verify`, fetched by `workers` at once; memory is flat in their number.

    With `keep` each holds the files that were read, for a comparison.

    With `ordered` off the reports come as the models do, and none waits for a slow one. A model that cannot be had yields
    a report that says why. Raises nothing.
    """
    for ref, found in fetched(refs, workers=workers, ordered=ordered, revision=revision, offline=offline, tensors=tensors):
        if isinstance(found, SpecverifyError):
            yield failed(ref, found)
            continue
        try:
            yield assess(found, target, select=select, ignore=ignore, claims=claims, keep=keep, policy=policy, preview=preview)
        except SpecverifyError as error:
            yield failed(ref, error)
        except Exception as error:  # noqa: BLE001 - a defect of this program in one model must not cost the others
            yield Report(ref, ref, error=f"specverify crashed on it: {type(error).__name__}: {error}", error_kind="Crashed")


def fetched(refs: Iterable[str], *, workers: int, ordered: bool, **options: Any) -> Iterator[tuple[str, ModelFiles | SpecverifyError]]:
    """Each ref with what `fetch` gives for it; one alone is fetched here, without threads."""
    given = list(islice(refs := iter(refs), 2))
    if len(given) < 2:
        for ref in given:
            try:
                yield ref, fetch(ref, **options)
            except SpecverifyError as error:
                yield ref, error
        return
    from specverify.fetch.many import fetch_many

    for found in fetch_many(chain(given, refs), workers=workers, ordered=ordered, **options):
        yield str(found.ref), found


def concluded(reports: Sequence[Report], policy: Policy) -> list[Report]:
    """The reports of a whole run: with what only all of them tell, in the report of the last model it is about."""
    uses = Uses(policy)
    for report in reports:
        uses.saw(report)
    found = uses.unused()
    return [_with(report, unused(rules(), found[report.ref], policy, report.name)) if report.ref in found else report for report in reports]


def unused(chosen: Sequence[Rule], ignores: Sequence[Ignore], policy: Policy, model: str = "") -> tuple[Outcome, ...]:
    """What those of the rules say that look at ignores which a whole run had no use for, in the report of a model or apart."""
    chosen = [rule for rule in chosen if "unused_ignores" in rule.inputs]
    return policy.applied(run(chosen, {"unused_ignores": ignores}, {}), model)


def _with(report: Report, more: Sequence[Outcome]) -> Report:
    """The report with other outcomes in place of those it has of the same rules; none of a rule that was not run."""
    ran, told = {outcome.code for outcome in report.outcomes}, {outcome.code for outcome in more}
    kept = (outcome for outcome in report.outcomes if outcome.code not in told)
    return replace(report, outcomes=(*kept, *(outcome for outcome in more if outcome.code in ran)))


def listed(author: str | None, tags: Sequence[str], limit: int | None) -> list[str]:
    """The names of what the Hub lists for an author, or with all of the tags. Raises as `fetch` does."""
    from specverify.fetch.listing import list_models

    return list(dict.fromkeys(model.name for model in list_models(author=author, filter=tags, limit=limit)))


def waits() -> Mapping[str, float]:
    """For how many seconds each limit of the server that is waited for is still shut."""
    from specverify.fetch.limiter import SHARED

    return SHARED.waits()


def failed(ref: str, error: SpecverifyError) -> Report:
    """The report of a model that could not be had."""
    return Report(ref, ref, error=str(error), error_kind=type(error).__name__)


def more_claims(path: str) -> ClaimsFile:
    """The claims file at a path, of an open model. Raises NotFound or Unreadable."""
    claims = _claims_of(fetch_claims(path))
    if claims.status == "closed":
        raise Unreadable("its model is closed: name this file itself as the model", file=claims.file)
    return claims


def _claims_of(files: ModelFiles) -> ClaimsFile:
    from specverify.card.claims_file import read_claims_file

    return read_claims_file(files.contents[files.name], files.name)


def assess(
    files: ModelFiles,
    target: Target | None = None,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    claims: ClaimsFile | None = None,
    keep: bool = False,
    policy: Policy | None = None,
    preview: bool = False,
) -> Report:
    """The report of a model already fetched. Raises Unreadable where its config.json is missing or no JSON object."""
    target, policy = target or Target(), policy or Policy()
    select = select or policy.select
    if files.origin == CLAIMS:
        if claims is not None:
            raise Unreadable("a claims file itself, which no other adds to", file=files.ref)
        return _closed(files, target, selected(rules(), select, ignore, preview=preview), keep=keep)
    if claims is not None and claims.repo is not None and _is_another(files, claims.repo):
        raise Unreadable(f"about {claims.repo}, and the model is {files.name}", file=claims.file)
    if CONFIG not in files.contents:
        instead = next((f"; {file} is: {what}" for file, what in OTHER_MODELS.items() if file in files.listing), "")
        raise Unreadable(files.absent.get(CONFIG, "not there") + instead, file=CONFIG)
    documents, unreadable = _documents(files)
    spec, derived = _specified(files, documents, target)
    if any(part.modality is not Modality.TEXT for part in spec.parts) or not documents.keys().isdisjoint(PROCESSORS):
        from specverify.derive.media import media

        roots = {file: document.root for file, document in documents.items()}
        derived = derived | {figure.name: figure for figure in media(spec, target, derived, roots)}
    card = read_card(files.contents[CARD], files.name, CARD) if CARD in files.contents else None
    made = (*(card.claims.claims if card is not None else ()), *(claims.claims if claims is not None else ()))
    recipes = card.recipes if card is not None else ()
    verdicts = judge(made, Evidences(spec, derived, files.tensors, recipes))
    index = _index(files)
    has_scores = card is not None or any(map(is_results_file, files.contents))
    evaluations = read_evaluations(card, files.contents, files.name) if has_scores else None
    inputs = {
        "spec": spec,
        "figures": derived,
        "target": target,
        "config": documents[CONFIG].root,
        "files": files.listing,
        "unreadable": unreadable,
        "tensors": files.tensors,
        "faults": files.faults,
        "index": index,
        "checkpoint": _checkpoint(spec, files, index),
        "origin": {"name": files.name, "origin": files.origin, "revision": files.revision, "sha": files.sha},
        "card": card,
        "verdicts": verdicts if card is not None or claims is not None else None,
        "evaluations": evaluations,
        "siblings": {file: text_of(files.contents[file]) for file in SIBLINGS if file in files.contents},
        "about": files.about,
        "metadata": card.metadata if card is not None else {},
        "cards": (card,) if card is not None else () if CARD not in files.listing and files.origin != "cache" else None,
        "allowed_licenses": policy.licenses,
        "allowed_organizations": policy.organizations,
        "expired_ignores": tuple(one for one in policy.ignores if one.expired and one.is_of(files.name)) if policy.ignores else None,
        **{name: documents[file].root for name, file in SIDE_FILES.items() if file in documents},
    }
    missing = {name: unreadable.get(file) or f"{file}: {files.absent.get(file, 'not there')}" for name, file in SIDE_FILES.items()}
    missing |= NO_POLICY
    missing["card"] = missing["cards"] = missing["verdicts"] = f"{CARD}: {files.absent.get(CARD, 'not there')}"
    missing["evaluations"] = f"{missing['card']}, and no file of evaluation results"
    missing["index"] = f"{INDEX}: {files.absent.get(INDEX, 'not there')}"
    missing["checkpoint"] = missing["tensors"] = files.tensors_reason or "no tensor headers were read"
    chosen = selected(rules(), select, ignore, preview=preview)
    outcomes = chain(_crashed(spec), run(chosen, inputs, missing))
    fill = _filler(documents)
    return Report(
        files.ref,
        files.name,
        with_claims(spec, verdicts),
        derived,
        policy.applied(quoted(outcomes, fill), files.name),
        origin=files.origin,
        revision=files.revision,
        sha=files.sha,
        target=target.to_dict(),
        files={**dict.fromkeys(files.contents, "read"), **files.absent, **({} if claims is None else {claims.file: "read"})},
        notes=(*files.notes, *_brought(chosen)),
        claims=cited(verdicts, fill),
        refused=() if card is None else tuple(Refused(r.kind, r.raw, CARD, r.line, r.reason) for r in card.claims.refusals),
        texts={file: document.text for file, document in documents.items()},
        kept=_kept(files, evaluations, card) if keep else None,
        growth=partial(_growth, spec, target, derived),
    )


def _specified(files: ModelFiles, documents: Mapping[str, Document], target: Target) -> tuple[ModelSpec, Figures]:
    """The spec and its figures; without a plug-in's family where they cannot be made of what it laid out."""

    def made(crashed: Problem | None = None) -> tuple[ModelSpec, Figures]:
        sidecars = [documents[file] for file in SIDECARS if file in documents]
        spec = normalize_document(documents[CONFIG], sidecars, crashed=crashed)
        if files.tensors:
            spec = with_measured(spec, files.tensors)
        found = figures(spec, target, listing=files.listing)
        if is_of_plugin(documents[CONFIG]):
            len(found)  # all of them now: what breaks at a plug-in's layout is told as its own
        return spec, found

    try:
        return made()
    except SpecverifyError:
        raise
    except Exception as error:
        crashed = crash_of_plugin(documents[CONFIG], error)
        if crashed is None:
            raise
        return made(crashed)


def _crashed(spec: ModelSpec) -> Iterator[Outcome]:
    """What plug-ins' families broke at, as what broke."""
    for problem in spec.problems:
        if problem.kind == CRASHED:
            yield Broken("FAMILY", "family-of-a-plug-in", f"{problem.message}; the model is read by the sizes it states")


def _brought(chosen: Sequence[Rule]) -> Iterator[str]:
    """That plug-ins' rules were run: with others installed or named the report would be another."""
    names = dict.fromkeys(rule.plugin for rule in chosen if rule.plugin is not None)
    if names:
        yield f"with rules of plug-ins: {', '.join(names)}"


def _kept(files: ModelFiles, evaluations: Evaluations | None = None, card: Card | None = None) -> Kept:
    """What some reports need of the files."""
    from specverify.card.considerations import Considerations, considerations

    values = {} if card is None else card.metadata
    uses, limits = Considerations() if card is None else considerations(card.document)
    return Kept(
        files.listing,
        files.contents,
        files.about.get("gated"),
        () if evaluations is None else tuple(map(_scored, evaluations.own)),
        files.tensors or (),
        {key: stated for key in values if (stated := texts(values, key))},
        uses,
        limits,
    )


def _scored(score: Score) -> Scored:
    settings = tuple(dict.fromkeys(setting.text for setting in score.settings))
    whose = score.relation != "unknown"
    return Scored(score.benchmark.name, score.benchmark.group, score.value.raw, settings, score.file, score.line, whose)


def _growth(spec: ModelSpec, target: Target, derived: Mapping[str, Figure]) -> Mapping[str, Figure]:
    from specverify.derive.growth import growth

    return growth(spec, target, derived)


def _is_another(files: ModelFiles, repo: str) -> bool:
    """Whether a model is surely not of this repo; what a folder holds cannot be told by its name."""
    return "/" in files.name and files.name.casefold() != repo.casefold()


def _closed(files: ModelFiles, target: Target, chosen: Sequence[Rule], *, keep: bool) -> Report:
    """The report of a closed model: claims, and what would follow from them; every check is skipped."""
    from specverify.closed import CLOSED, closed_figures, closed_spec, closed_verdicts

    claims = _claims_of(files)
    if claims.status == "open":
        raise Unreadable("its model is open: name the model, with `--claims` before this file", file=files.name)
    spec = closed_spec(claims)
    return Report(
        files.ref,
        claims.model,
        spec,
        closed_figures(spec, target),
        tuple(Skipped(rule.code, rule.name, CLOSED) for rule in chosen),
        origin=files.origin,
        target=target.to_dict(),
        files={files.name: "read"},
        claims=closed_verdicts(claims),
        notes=tuple(f"{kind}: not stated; {why}" for kind, why in claims.not_stated.items()),
        kept=_kept(files) if keep else None,
    )


def _documents(files: ModelFiles) -> tuple[dict[str, Document], Mapping[str, str]]:
    """The JSON files parsed, and what is wrong with those that are none; a config.json that is none raises."""
    documents = {CONFIG: parse_object(files.contents[CONFIG], CONFIG)}
    unreadable: dict[str, str] = {}
    for file in SIDE_FILES.values():
        if file in files.contents:
            try:
                documents[file] = parse_object(files.contents[file], file, WANTED[file])
            except Unreadable as error:
                unreadable[file] = str(error)
    return documents, unreadable


def _index(files: ModelFiles) -> Mapping[str, Any] | None:
    """The index of the tensor files, where there is one that is a JSON object."""
    try:
        return load_object(files.contents[INDEX], INDEX) if INDEX in files.contents else None
    except Unreadable:
        return None


def _checkpoint(spec: ModelSpec, files: ModelFiles, index: Mapping[str, Any] | None) -> Checkpoint | None:
    """The tensors against those expected: by their headers, else by the names of the index; None where there is neither."""
    if not files.tensors and index is None:
        return None
    from specverify.derive.checkpoint import compare, compare_names

    if files.tensors:
        return compare(spec, files.tensors)
    named = None if index is None else index.get("weight_map")
    return compare_names(spec, {str(name): str(file) for name, file in named.items()}) if isinstance(named, Mapping) else None


def quoted(outcomes: Iterable[Outcome], fill: Callable[[Evidence], Evidence]) -> tuple[Outcome, ...]:
    """The same outcomes, the evidence of findings as `fill` gives it."""
    return tuple(
        replace(outcome, evidence=tuple(map(fill, outcome.evidence))) if isinstance(outcome, Finding) else outcome for outcome in outcomes
    )


def cited(verdicts: Iterable[Verdict], fill: Callable[[Evidence], Evidence]) -> tuple[Verdict, ...]:
    """The same verdicts, the evidence of what they were compared with as `fill` gives it."""
    return tuple(
        replace(verdict, compared=tuple(replace(one, evidence=tuple(map(fill, one.evidence))) for one in verdict.compared))
        for verdict in verdicts
    )


def _filler(documents: Mapping[str, Document]) -> Callable[[Evidence], Evidence]:
    """Adds to evidence the line and text that its JSON pointer stands at; a document's pointers are looked up once."""
    places: dict[str, dict[str, int]] = {}

    def fill(evidence: Evidence) -> Evidence:
        document = documents.get(evidence.file)
        if document is None or evidence.pointer is None or evidence.line is not None:
            return evidence
        if evidence.file not in places:
            places[evidence.file] = offsets(document.text)
        place = place_of(document.text, places[evidence.file].get(evidence.pointer))
        return evidence if place is None else replace(evidence, line=place.line, quote=place.quote)

    return fill
