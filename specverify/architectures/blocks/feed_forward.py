"""Feed-forward blocks: gated, plain, and mixtures of experts."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear
from specverify.architectures.keys import Config
from specverify.frozen import replace
from specverify.num import Num
from specverify.spec import Experts, FeedForward, Role, Weight

GATE_UP_DOWN = ("gate_proj", "up_proj", "down_proj")


def activation(c: Config) -> str | None:
    """The activation's name, under whichever key the class keeps it."""
    for key in ("hidden_activation", "hidden_act", "activation_function", "activation", "mlp_hidden_act"):
        if key in c or (c.defaults is not None and c.defaults.literal.get(key) is not None):
            name = c.text(key)
            if name is not None:
                return name
    return None


def glu_weights(
    hidden: Num,
    intermediate: Num,
    role: Role = Role.FEED_FORWARD,
    *,
    prefix: str = "mlp.",
    names: tuple[str, str, str] = GATE_UP_DOWN,
    fused: str | None = None,
    bias: bool = False,
    outputs: Num | None = None,
) -> tuple[Weight, ...]:
    """The three matrices of a gated linear unit; `fused` names the one tensor that holds gate and up. `outputs` where not `hidden`."""
    if fused:
        opening = linear(prefix + fused, hidden, intermediate * 2, role, bias=bias)
    else:
        opening = linear(prefix + names[0], hidden, intermediate, role, bias=bias)
        opening += linear(prefix + names[1], hidden, intermediate, role, bias=bias)
    return opening + linear(prefix + names[2], intermediate, outputs or hidden, role, bias=bias)


def glu(
    c: Config,
    *,
    hidden: Num | None = None,
    intermediate: Num | None = None,
    prefix: str = "mlp.",
    names: tuple[str, str, str] = GATE_UP_DOWN,
    fused: str | None = None,
    bias: bool = False,
) -> FeedForward:
    """A gated feed-forward (arXiv:2002.05202)."""
    hidden = hidden or c.int("hidden_size")
    intermediate = intermediate or c.int("intermediate_size")
    weights = glu_weights(hidden, intermediate, prefix=prefix, names=names, fused=fused, bias=bias)
    return FeedForward(weights, intermediate, activation=activation(c))


def plain(
    c: Config,
    *,
    hidden: Num | None = None,
    intermediate: Num | None = None,
    prefix: str = "mlp.",
    names: tuple[str, str] = ("fc1", "fc2"),
    bias: bool = True,
) -> FeedForward:
    """The two-matrix feed-forward of the original transformer."""
    hidden = hidden or c.int("hidden_size")
    intermediate = intermediate or c.int("intermediate_size")
    weights = plain_weights(hidden, intermediate, prefix=prefix, names=names, bias=bias)
    return FeedForward(weights, intermediate, gated=False, activation=activation(c))


def plain_weights(
    hidden: Num,
    intermediate: Num,
    role: Role = Role.FEED_FORWARD,
    *,
    prefix: str = "mlp.",
    names: tuple[str, str] = ("up_proj", "down_proj"),
    bias: bool = False,
) -> tuple[Weight, ...]:
    """The two matrices of a plain feed-forward."""
    opening = linear(prefix + names[0], hidden, intermediate, role, bias=bias)
    return opening + linear(prefix + names[1], intermediate, hidden, role, bias=bias)


def stacked_experts(hidden: Num, intermediate: Num, prefix: str, *, bias: bool = False, outputs_first: bool = False) -> tuple[Weight, ...]:
    """One gated expert of those that share a tensor, for `moe`: `gate_up_proj` [experts, inputs, outputs] and `down_proj`.

    `outputs_first`: [experts, outputs, inputs], as linear layers have it.
    """
    role = Role.ROUTED_EXPERT
    gate_up = Weight(prefix + "gate_up_proj", (hidden, intermediate * 2), role)
    down = Weight(prefix + "down_proj", (intermediate, hidden), role)
    if outputs_first:
        gate_up, down = (replace(weight, shape=weight.shape[::-1]) for weight in (gate_up, down))
    if not bias:
        return gate_up, down
    return (
        gate_up,
        Weight(prefix + "gate_up_proj_bias", (intermediate * 2,), role),
        down,
        Weight(prefix + "down_proj_bias", (hidden,), role),
    )


def moe(
    c: Config,
    *,
    experts: Num,
    per_token: Num,
    intermediate: Num,
    shared: Num | None = None,
    shared_prefix: str = "shared_experts.",
    shared_names: tuple[str, str, str] = GATE_UP_DOWN,
    shared_gate: str | None = None,
    shared_bias: bool = False,
    prefix: str = "mlp.",
    router: str = "gate",
    router_bias: bool = False,
    router_kind: str = "softmax",
    correction_bias: str | None = None,
    correction_is_parameter: bool = False,
    names: tuple[str, str, str] = GATE_UP_DOWN,
    groups: Num | None = None,
    groups_per_token: Num | None = None,
    expert_weights: tuple[Weight, ...] | None = None,
) -> FeedForward:
    """A mixture of gated experts, each `intermediate` wide, `per_token` of `experts` used.

    `shared` is the width of the always-on expert. `correction_bias` names the balancing bias of aux-loss-free routing
    (arXiv:2408.15664), a persistent buffer in most classes. `expert_weights` gives the tensors of one expert
    where they are not a GLU's, or all experts' where they are stored together.
    """
    hidden = c.int("hidden_size")
    weights = linear(prefix + router, hidden, experts, Role.ROUTER, bias=router_bias)
    if correction_bias:
        weights += (Weight(prefix + correction_bias, (experts,), Role.ROUTER, buffer=not correction_is_parameter, dtype="F32"),)
    if expert_weights is None:
        expert_weights = glu_weights(hidden, intermediate, Role.ROUTED_EXPERT, prefix=prefix + "experts.{expert}.", names=names)
    weights += tuple(replace(weight, copies=experts, active=per_token) for weight in expert_weights)
    if shared is not None:
        weights += glu_weights(hidden, shared, Role.SHARED_EXPERT, prefix=prefix + shared_prefix, names=shared_names, bias=shared_bias)
        if shared_gate:
            weights += (Weight(f"{prefix}{shared_gate}.weight", (Num(1), hidden), Role.SHARED_EXPERT),)
    mixture = Experts(experts, per_token, intermediate, shared, router_kind, groups, groups_per_token)
    return FeedForward(weights, intermediate, activation=activation(c), experts=mixture)
