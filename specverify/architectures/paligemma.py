"""PaliGemma: SigLIP and a matrix before Gemma, which reads image and prompt both ways; and pi-0, which acts on what it reads."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear
from specverify.architectures.keys import Config
from specverify.architectures.llava import inside, language_model, with_images
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight

PAIR = "model.paligemma_with_expert."


@family("paligemma", source="transformers PaliGemmaForConditionalGeneration; https://arxiv.org/abs/2407.07726")
def paligemma(c: Config) -> Model:
    """PaliGemma 1 and 2: the root says whether the head is tied; what comes before the answer is a prefix that sees itself both ways."""
    return replace(with_images(c, one_matrix, tied=c.flag("tie_word_embeddings")), mask="prefix")


def one_matrix(c: Config, inputs: Num, outputs: Num) -> tuple[Weight, ...]:
    """Into `projection_dim`, the root's, which is to be the width of the text model."""
    return linear("linear", inputs, c.int("projection_dim"), Role.PROJECTOR, bias=True)


@family("pi0", source="transformers PI0ForConditionalGeneration; https://arxiv.org/abs/2410.24164")
def pi0(c: Config) -> Model:
    """pi-0: a second, narrower Gemma denoises actions and attends to what PaliGemma has read, layer by layer.

    Neither has a head; checkpoints call the embeddings by the heads they once were tied to. The expert's is as long as the reader's.
    """
    reader, expert = c.sub("vlm_config"), c.sub("dit_config")
    model = with_images(reader, one_matrix, tied=False, nested=True)
    inner = f"{PAIR}paligemma.{'' if inside(c) else 'model.'}"
    text, *others = (replace(part, prefix=inner + part.prefix, layer_prefix=inner + part.layer_prefix) for part in model.parts)
    text = headless(text, f"{PAIR}paligemma.lm_head.weight")
    actor = language_model(expert, tied=False, named=lambda name: f"{PAIR}gemma_expert.model.{name.removeprefix('model.')}").parts[0]
    expert.mark("vocab_size")
    actor = headless(actor, f"{PAIR}gemma_expert.lm_head.weight", rows=text.weights[0].shape[0])
    actor = replace(actor, name="action expert", role="tower")
    parts = (text, *others, actor, *(actions(c, expert.int("hidden_size")) if inside(c) else ()))
    return replace(model, parts=parts, mask="prefix", recipe=replace(model.recipe, objective="flow matching"))


def headless(part: Part, table: str, *, rows: Num | None = None) -> Part:
    """A text model without its head, its embedding under the name `table` and, where `rows` are given, that long."""
    weights = []
    for weight in part.weights:
        if weight.role is Role.EMBEDDING:
            weights.append(replace(weight, name=table, shape=(rows or weight.shape[0], *weight.shape[1:])))
        elif weight.role is not Role.HEAD:
            weights.append(replace(weight, name=part.prefix + weight.name))
    return replace(part, weights=tuple(weights), prefix="")


def actions(c: Config, hidden: Num) -> tuple[Part, ...]:
    """The state and the noisy actions with their time into the expert, and its output back into actions."""
    moves = c.int("max_action_dim")
    weights = (
        *linear("state_proj", c.int("max_state_dim"), hidden, Role.PROJECTOR, bias=True),
        *linear("action_in_proj", moves, hidden, Role.PROJECTOR, bias=True),
        *linear("action_time_mlp_in", hidden * 2, hidden, Role.PROJECTOR, bias=True),
        *linear("action_time_mlp_out", hidden, hidden, Role.PROJECTOR, bias=True),
        *linear("action_out_proj", hidden, moves, Role.PROJECTOR, bias=True),
    )
    return (Part("actions", "projector", Modality.TEXT, weights, prefix="model."),)
