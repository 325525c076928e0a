"""A text model of any family inside a composite whose class has a head of its own: the bare model under a prefix, the head beside it."""

from __future__ import annotations

from collections.abc import Callable

from specverify.architectures.keys import Config
from specverify.architectures.llava import of_own_family, placed, within
from specverify.architectures.model import Model, head_kind
from specverify.facts import derived
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Modality, Part, Role, Weight

HeadOf = Callable[..., tuple[Weight, ...]]
"""The head of a composite's config, for the embedding of its text model."""
BARE = "Model"
"""How the name of a class without a head ends."""


def root_of(c: Config) -> str:
    """What stands before the modules of the bare composite: `model.`, or nothing in the bare class itself."""
    return "" if head_kind(c.architecture) == "none" else "model."


def text_of(c: Config) -> Config:
    """The text model's config, read as that of its bare class."""
    return c.sub("text_config", text=True, architecture=BARE)


def language_head(c: Config, table: Weight, *, tied: bool) -> tuple[Weight, ...]:
    """A matrix of the embedding's shape at the root."""
    return (Weight("lm_head.weight", table.shape, Role.HEAD, tied_to=table.name if tied else None),)


def with_text(c: Config, prefix: str, *others: Part, tied: bool, vision: Config | None = None, head: HeadOf = language_head) -> Model:
    """The bare text model under `prefix`, the `head` that the class of `c` has beside it, and the `others` that read the images."""
    model = of_own_family(text_of(c))
    parts = tuple(placed(part, tied, within(prefix)) for part in model.parts)
    table = next((weight for part in parts for weight in part.weights if weight.role is Role.EMBEDDING), None)
    if table is not None and head_kind(c.architecture) != "none":
        generating = next((part for part in parts if part.role == "decoder"), parts[0])
        body = replace(generating, weights=(*generating.weights, *head(c, table, tied=tied)))
        parts = tuple(body if part is generating else part for part in parts)
    return replace(model, parts=(*parts, *others), tied=tied, vision=vision, interface="encoder + projector")


def projector(prefix: str, weights: tuple[Weight, ...]) -> Part:
    """The tensors between tower and text model."""
    return Part("projector", "projector", Modality.VISION, weights, prefix=prefix)


def attended(c: Config, tokens: Num) -> None:
    """Say how many tokens of one image the text model attends to beside its own."""
    worked = f"one image: {tokens.formula()} = {tokens.worked()}"
    c.facts["encoder_tokens"] = derived("encoder_tokens", tokens.value, worked, *tokens.rests_on())
