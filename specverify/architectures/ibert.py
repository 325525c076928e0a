"""I-BERT: RoBERTa in integers, whose checkpoints keep the integers beside the weights."""

from __future__ import annotations

from specverify import num
from specverify.architectures.bert import ROBERTA
from specverify.architectures.encoders import attention, bert_embeddings, bert_layers, encoder, feed_forward
from specverify.architectures.keys import Config
from specverify.architectures.model import Model
from specverify.architectures.registry import family
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import FeedForward, Mixer, Role, Weight

RANGES = ("x_min", "x_max", "act_scaling_factor")
"""What is kept of each activation that is quantized."""

OUTSIDE = ("embeddings_act1", "embeddings_act2", "LayerNorm.activation", "output_activation")
IN_ATTENTION = (
    "self.query_activation",
    "self.key_activation",
    "self.value_activation",
    "self.output_activation",
    "self.softmax.act",
    "output.ln_input_act",
    "output.LayerNorm.activation",
    "output.output_activation",
)
IN_FEED_FORWARD = (
    "intermediate.output_activation",
    "output.ln_input_act",
    "output.LayerNorm.activation",
    "output.output_activation",
    "pre_intermediate_act",
    "pre_output_act",
)


@family("ibert", source="transformers IBertForMaskedLM; https://arxiv.org/abs/2101.01321")
def ibert(c: Config) -> Model:
    """I-BERT: RoBERTa; each linear layer, embedding, norm and activation keeps what its integers need, which are no parameters."""

    def mixer(c: Config, kind: str) -> Mixer:
        own = attention(c)
        return replace(own, weights=(*own.weights, *_integers(own.weights), *_ranges("attention.", IN_ATTENTION)))

    def forward(c: Config, kind: str) -> FeedForward:
        own = feed_forward(c)
        shift = _scalar("output.LayerNorm.shift", Role.NORM)
        return replace(own, weights=(*own.weights, *_integers(own.weights), shift, *_ranges("", IN_FEED_FORWARD)))

    tables = bert_embeddings(c)
    inside = (*tables, *_integers(tables), *_ranges("embeddings.", OUTSIDE))
    return encoder(c, replace(ROBERTA, body="ibert."), inside=inside, groups=bert_layers(c, mixer=mixer, forward=forward))


def _scalar(name: str, role: Role) -> Weight:
    return Weight(name, (num.const(1),), role, buffer=True)


def _ranges(prefix: str, activations: tuple[str, ...]) -> tuple[Weight, ...]:
    return tuple(_scalar(f"{prefix}{name}.{kept}", Role.NORM) for name in activations for kept in RANGES)


def _integers(weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """What the integers of these tensors need: a copy and scales for a matrix, a copy for a bias, a shift for a norm."""
    found: list[Weight] = []
    for weight in weights:
        module, _, tensor = weight.name.rpartition(".")
        if weight.role is Role.NORM:
            found += [_scalar(f"{module}.shift", weight.role)] if tensor == "weight" else ()
            continue
        found.append(replace(weight, name=f"{module}.{tensor}_integer", buffer=True))
        if tensor == "weight":
            is_table = weight.role in (Role.EMBEDDING, Role.POSITION)
            scales: tuple[str, Num] = ("weight_scaling_factor", num.const(1)) if is_table else ("fc_scaling_factor", weight.shape[0])
            found.append(Weight(f"{module}.{scales[0]}", (scales[1],), weight.role, buffer=True))
    return tuple(found)
