"""Nemotron 3 Nano Omni: Nemotron-H that sees through C-RADIO and hears through Parakeet."""

from __future__ import annotations

from specverify import num
from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.architectures.llava import language_model
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.architectures.tower_parakeet import parakeet
from specverify.architectures.tower_radio import radio
from specverify.facts import derived
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Modality, Part, Role


@family(
    "nemotron_h_omni",
    source="transformers NemotronH_Omni_Reasoning_V3; https://huggingface.co/nvidia/Nemotron-3-Nano-Omni-30B-A3B-Reasoning-BF16",
)
def nemotron_h_omni(c: Config) -> Model:
    """Nemotron Omni: what is seen goes through a norm and two matrices into the text model, and so does what is heard, if anything is.

    Released configs say `llm_config`, `sound_config` and `vit_hidden_size` for what the class calls otherwise.
    """
    text = c.sub(stated(c, "text_config", "llm_config"), model_type="nemotron_h", text=True)
    vision, hearing = c.sub("vision_config"), stated(c, "audio_config", "sound_config")
    model = language_model(text, tied=False)
    parts = (*model.parts, radio(vision, "vision_model.radio_model."), seen(c, text))
    c.facts["head_within"] = derived("head_within", True, "the composite holds a text model with its head, and has no head itself")
    if c.raw.get(hearing) is not None:
        parts += heard(c.sub(hearing, model_type="parakeet_encoder"), text.int("hidden_size"))
    return replace(model, parts=parts, vision=vision, interface="encoder + projector")


def stated(c: Config, key: str, older: str) -> str:
    """Which of two names of a sub-config the file uses."""
    return older if c.raw.get(key) is None and c.raw.get(older) is not None else key


def seen(c: Config, text: Config) -> Part:
    """Squares of patches made one; where the text model predicts tokens ahead, the tower's features have a norm of their own first."""
    hidden, width = c.int("vision_hidden_size", also=("vit_hidden_size",)), c.int("projector_hidden_size")
    side = num.floor(Num(1) / (c.number("downsample_ratio") or num.unknown("`downsample_ratio` is null")))
    steps = text.optional("num_nextn_predict_layers", least=0)
    weights = (
        *(norm("vision_final_layernorm", hidden, bias=True) if steps is not None and steps.value != 0 else ()),
        *norm("mlp1.0", hidden * side * side),
        *linear("mlp1.1", hidden * side * side, width, Role.PROJECTOR),
        *linear("mlp1.3", width, text.int("hidden_size"), Role.PROJECTOR),
    )
    return Part("projector", "projector", Modality.VISION, weights)


def heard(c: Config, outputs: Num) -> tuple[Part, Part]:
    """Parakeet, here without biases unless its config asks for them, and its projector."""
    hidden, width, bias = c.int("hidden_size"), c.int("projection_hidden_size"), c.flag("projection_bias")
    tower = parakeet(c, "sound_encoder.encoder.", bias="attention_bias" in c and c.flag("attention_bias"))
    weights = (
        *norm("norm", hidden),
        *linear("linear1", hidden, width, Role.PROJECTOR, bias=bias),
        *linear("linear2", width, outputs, Role.PROJECTOR, bias=bias),
    )
    projector = Part("audio projector", "projector", Modality.AUDIO, weights, prefix="sound_projection.")
    return replace(tower, name="audio tower", role="tower"), projector
