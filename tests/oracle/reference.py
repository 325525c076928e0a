"""The second opinion: a class of transformers on torch's meta device, as names and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch
import transformers
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

LANGUAGE = ("CAUSAL_LM", "MASKED_LM", "SEQ_TO_SEQ_CAUSAL_LM", "SPEECH_SEQ_2_SEQ", "IMAGE_TEXT_TO_TEXT", "MULTIMODAL_LM")
OTHER = (
    "PRETRAINING",
    "TEXT_ENCODING",
    "SEQUENCE_CLASSIFICATION",
    "TOKEN_CLASSIFICATION",
    "QUESTION_ANSWERING",
    "MULTIPLE_CHOICE",
    "NEXT_SENTENCE_PREDICTION",
    "AUDIO_CLASSIFICATION",
    "TEXT_TO_WAVEFORM",
    "TEXT_TO_SPECTROGRAM",
)


@dataclass(frozen=True, slots=True)
class Built:
    """A model as its class builds it: parameters by name, tied ones under one key, and the buffers that are saved."""

    parameters: dict[str, tuple[int, ...]]
    """every name, tied ones each"""
    same_as: dict[str, str]
    """name to the first name of the same tensor"""
    buffers: dict[str, tuple[int, ...]]

    def unique(self) -> dict[str, tuple[int, ...]]:
        """Parameters under the first of their names."""
        return {name: shape for name, shape in self.parameters.items() if self.same_as[name] == name}


def build(config: Mapping[str, Any]) -> Built:
    """What the class named first in `architectures` builds from a config.json; raises what transformers raises."""
    loaded = CONFIG_MAPPING[config["model_type"]].from_dict(deepcopy(dict(config)))
    with torch.device("meta"):
        model = getattr(transformers, config["architectures"][0])(loaded)
    first: dict[int, str] = {}
    parameters, same_as = {}, {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        parameters[name] = tuple(parameter.shape)
        same_as[name] = first.setdefault(id(parameter), name)
    buffers = {name: tuple(value.shape) for name, value in model.state_dict().items() if name not in parameters}
    return Built(parameters, same_as, buffers)


def classes(model_type: str) -> tuple[str, ...]:
    """The model classes of a type, language models first; not those that are built from a part of its config only."""
    found: dict[str, None] = {}
    tables = [getattr(modeling_auto, f"MODEL_FOR_{task}_MAPPING_NAMES") for task in LANGUAGE]
    tables += [modeling_auto.MODEL_MAPPING_NAMES]
    tables += [getattr(modeling_auto, f"MODEL_FOR_{task}_MAPPING_NAMES") for task in OTHER]
    for table in tables:
        names = table.get(model_type, ())
        for name in (names,) if isinstance(names, str) else names:
            if getattr(getattr(transformers, name, None), "config_class", None) is CONFIG_MAPPING[model_type]:
                found[name] = None
    return tuple(found)


def class_config(model_type: str) -> dict[str, Any]:
    """What a config of this type holds when it states nothing."""
    config: dict[str, Any] = CONFIG_MAPPING[model_type]().to_dict()
    return config


NEEDS = {"fast_vlm": "timm", "gemma3n": "timm"}
"""Types of which a part is built by a package that transformers does not require."""


def is_known(model_type: str) -> bool:
    """Whether this release of transformers has the type, and what it needs is installed."""
    return model_type in CONFIG_MAPPING and find_spec(NEEDS.get(model_type, "transformers")) is not None
