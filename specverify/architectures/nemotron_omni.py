"""Nemotron 3 Nano Omni: Nemotron-H that sees through C-RADIO and hears through Parakeet."""

from __future__ import annotations

from dataclasses import replace

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm, prefixed
from specverify.architectures.keys import Config
from specverify.architectures.llava import language_model
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.tower_radio import radio
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight


@family("nemotron_h_omni", source="transformers NemotronH_Omni_Reasoning_V3; https://huggingface.co/nvidia/Nemotron-3-Nano-Omni-30B-A3B-Reasoning-BF16")
def nemotron_h_omni(c: Config) -> Model:
    """Nemotron Omni: squares of patches through a norm and two matrices; a last norm of the tower where the text model predicts ahead.

    Released configs say `llm_config`, `sound_config` and `vit_hidden_size` for what the class calls otherwise.
    """
    text = c.sub(stated(c, "text_config", "llm_config"), model_type="nemotron_h", text=True)
    vision, width = c.sub("vision_config"), c.int("vision_hidden_size", also=("vit_hidden_size",))
    side = num.floor(Num(1) / (c.number("downsample_ratio") or num.unknown("`downsample_ratio` is null")))
    outputs, steps = text.int("hidden_size"), text.optional("num_nextn_predict_layers", least=0)
    last = norm("vision_final_layernorm", width, bias=True) if steps is not None and steps.value != 0 else ()
    images = (
        *norm("mlp1.0", width * side * side),
        *linear("mlp1.1", width * side * side, c.int("projector_hidden_size"), Role.PROJECTOR),
        *linear("mlp1.3", c.int("projector_hidden_size"), outputs, Role.PROJECTOR),
    )
    model = language_model(text, tied=False)
    parts = (
        *model.parts,
        radio(vision, "vision_model.radio_model."),
        Part("projector", "projector", Modality.VISION, (*last, *images)),
    )
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


def stated(c: Config, key: str, older: str) -> str:
    """Which of two names of a sub-config the file uses."""
    return older if c.raw.get(key) is None and c.raw.get(older) is not None else key
