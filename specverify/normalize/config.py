"""Raw bytes of config.json to a ModelSpec: no judgement, nothing lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from specverify.architectures.defaults import architecture_class, class_defaults, release
from specverify.architectures.generic import generic, text_config
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import Family, find
from specverify.errors import SpecverifyError
from specverify.facts import Fact, Reading, Source, Where, derived, unknown
from specverify.normalize.document import Document, parse_object
from specverify.normalize.mask import mask_of, not_a_language_model
from specverify.normalize.quantization import quantization
from specverify.normalize.recipe import recipe_facts
from specverify.normalize.rope import rope
from specverify.normalize.sizes import standard_sizes
from specverify.spec import Keys, ModelSpec, Problem

CONTEXT_KEYS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "seq_length",
    "model_max_length",
    "max_target_positions",
    "max_sequence_length",
    "max_seq_length",
    "seq_len",
    "max_source_positions",
    "context_length",
    "n_ctx",
    "max_length",
    "original_max_position_embeddings",
)
"""Keys from which one engine or another takes the context window (specverify.derive.context)."""

CRASHED = "crashed"
"""The kind of problem that a plug-in's family has with a config; the model is then read by the sizes it states."""

TOKEN_IDS = frozenset({"bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "decoder_start_token_id"})
"""Keys of every config before transformers 5 moved them to the generation config."""


def normalize_bytes(data: bytes, file: str = "config.json") -> ModelSpec:
    """The spec a config file declares. Raises Unreadable where the bytes are no JSON object."""
    return normalize_document(parse_object(data, file))


def normalize_document(document: Document, sidecars: Sequence[Document] = (), *, crashed: Problem | None = None) -> ModelSpec:
    """The spec of a parsed config. `sidecars` are the quantization files beside it (`quantization.SIDECARS`).

    `crashed` is what came of a plug-in's family that was tried before: the model is read without it.
    """
    c = root_config(document)
    family = find(c.model_type)
    model: Model | None = None
    if family is not None and family.plugin is not None:
        model, problem = (None, crashed) if crashed is not None else _built_by_plugin(family, c)
        if problem is not None:
            family, c = None, root_config(document)
            c.problems.append(problem)
    refusal = None if family is not None else not_a_language_model(c)
    if refusal is None and model is None:
        model = family.build(c) if family is not None else generic(c, mask_of(c) or mask_of(text_config(c)))
        if model is None:
            refusal = "it states no layers, or no vocabulary"
    text = model.text if model is not None else c
    source = _source_of(family, c)
    facts = c.facts
    facts.update(_identity(c, document.file))
    scaling = rope(text) if model is not None else None
    _context_keys(c, text)
    facts["dtype"] = _dtype(c, text)
    if model is not None:
        facts.update(recipe_facts(c, model, scaling, exact=family is not None, source=source))
        for fact in standard_sizes(model):
            facts.setdefault(fact.name, fact)
    else:
        facts["prototype"] = unknown("prototype", f"not a language model: {refusal}")
        facts["attention"] = unknown("attention", f"not a language model: {refusal}")
    stored = quantization(c, text, [(sidecar.file, sidecar.root) for sidecar in sidecars])
    return ModelSpec(
        family=family.name if family is not None else "none" if model is None else "generic",
        exactness="exact" if family is not None else "none" if model is None else "generic",
        facts=dict(sorted(facts.items())),
        parts=() if model is None else model.parts,
        rope=scaling,
        quantization=stored,
        problems=(*document.problems, *c.problems),
        keys=_leftover(c),
        source=source,
    )


def _built_by_plugin(family: Family, c: Config) -> tuple[Model | None, Problem | None]:
    """The model as a plug-in's family lays it out, or how it crashed: others' code must not take the run with it."""
    try:
        model = family.build(c)
        if not isinstance(model, Model):
            raise TypeError(f"it returns {type(model).__name__}, not Model")
    except SpecverifyError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is said, and the model is read without it
        return None, _crash(family, c.model_type, error)
    return model, None


def crash_of_plugin(document: Document, error: BaseException) -> Problem | None:
    """An error that came of a spec, as one of the plug-in whose family laid the model out; None where none did."""
    model_type = root_config(document).model_type
    family = find(model_type)
    return None if family is None or family.plugin is None else _crash(family, model_type, error)


def is_of_plugin(document: Document) -> bool:
    """Whether a plug-in's family lays the model out."""
    family = find(root_config(document).model_type)
    return family is not None and family.plugin is not None


def _crash(family: Family, model_type: str | None, error: BaseException) -> Problem:
    said = f"plug-in {family.plugin}: family {family.name}: {type(error).__name__}: {error}"
    return Problem(CRASHED, "/model_type", said, model_type)


def root_config(document: Document) -> Config:
    """The root object as its model class reads it; a missing or unknown `model_type` is made up for by the class named."""
    root: Mapping[str, Any] = document.root
    stated = root.get("model_type")
    listed = root.get("architectures")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    architecture = names[0] if names else None
    by_class = architecture_class(architecture) if architecture else None
    model_type = stated if isinstance(stated, str) else by_class[0] if by_class else None
    problems: list[Problem] = []
    if stated is not None and not isinstance(stated, str):
        problems.append(Problem("type", "/model_type", "`model_type` should be a string", stated))
    if listed is not None and not isinstance(listed, list):
        problems.append(Problem("type", "/architectures", "`architectures` should be a list of class names", listed))
    known = model_type is not None and class_defaults(model_type) is not None
    c = Config(
        root,
        file=document.file,
        model_type=model_type,
        architecture=architecture,
        defaults=None if known or by_class is None else class_defaults(by_class[0]),
    )
    c.problems.extend(problems)
    c.read.update(("/model_type", "/architectures"))
    return c


def _source_of(family: Family | None, c: Config) -> str | None:
    if family is not None:
        return family.source if family.plugin is None else f"{family.source} (plug-in {family.plugin})"
    return None if c.defaults is None else f"transformers {c.defaults.config_class}"


def _identity(c: Config, file: str) -> dict[str, Fact]:
    facts = {}
    for key in ("model_type", "architectures", "transformers_version", "auto_map"):
        if key in c.raw:
            c.read.add(c.at(key))
            facts[key] = Fact(key, (Reading(c.raw[key], Source.DECLARED, Where(file, f"/{key}")),))
        else:
            facts[key] = unknown(key, f"{file} states no `{key}`")
    by_class = architecture_class(c.architecture) if c.architecture else None
    facts["config_class"] = _config_class("config_class", "model type", facts["model_type"], c.raw.get("model_type"))
    facts["architecture_config_class"] = _config_class(
        "architecture_config_class", "model class", facts["architectures"], by_class[0] if by_class else None, c.architecture
    )
    return facts


def _config_class(name: str, what: str, rests_on: Fact, model_type: Any, stated: str | None = None) -> Fact:
    """The config class the release has for a model type; unknown where it has none, or none is stated."""
    if rests_on.value is None:
        return unknown(name, rests_on.reason or f"the {what} is null")
    defaults = class_defaults(model_type) if isinstance(model_type, str) else None
    said = stated if stated is not None else model_type
    if defaults is None:
        return unknown(name, f"{release()} has no {what} {str(said)[:80]!r}")
    return derived(name, defaults.config_class, f"the {what} {str(said)[:80]!r} in {release()}", rests_on)


def _context_keys(c: Config, text: Config) -> None:
    text.optional("max_position_embeddings")
    text.optional("pad_token_id", least=-(2**31))
    for config in dict.fromkeys((text, c)):
        for key in CONTEXT_KEYS:
            if key in config.raw:
                config.optional(key, least=-1)


def _dtype(c: Config, text: Config) -> Fact:
    """The dtype the config gives, in torch's name without its module; the text model's own where the root has none."""
    readings = []
    for config in dict.fromkeys((c, text)):
        for key in ("dtype", "torch_dtype"):
            value = config.raw.get(key)
            config.mark(key)
            if isinstance(value, str):
                readings.append(Reading(value.removeprefix("torch."), Source.DECLARED, Where(config.file, config.at(key))))
            elif value is not None:
                config.problem("type", key, f"`{key}` should be a string", value)
    return Fact("dtype", tuple(readings), None if readings else "neither `dtype` nor `torch_dtype` is stated")


def _leftover(c: Config) -> Keys:
    """Keys that nothing read: those the class does not know, and those it knows but this branch does not use."""
    unread: dict[str, None] = {}
    unused: dict[str, None] = {}
    for config in c.objects:
        for key in config.raw:
            pointer = config.at(str(key))
            if pointer in c.read or str(key).startswith("_"):
                continue
            known = key in TOKEN_IDS or (config.defaults is not None and config.defaults.knows(str(key)))
            (unused if known else unread)[pointer] = None
    return Keys(tuple(pointer for pointer in unread if pointer not in unused), tuple(unused))
