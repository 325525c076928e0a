"""Mixers with a state of fixed size: selective state spaces and gated linear attention."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm
from specverify.architectures.keys import Config
from specverify.num import Num
from specverify.spec import Recurrent, Role, State, Weight

STATE = Role.STATE_SPACE
STATE_DTYPES = ("float32", "bfloat16", "float16")


def kept_dtype(c: Config, key: str, otherwise: str) -> str:
    """The dtype a state is kept in: the one the config declares under `key`, else `otherwise`, the class's own."""
    declared = c.text(key) or otherwise
    if declared in STATE_DTYPES:
        return declared
    c.problem("value", key, f"`{key}` is none of {', '.join(STATE_DTYPES)}", declared)
    return otherwise


def mamba(
    hidden: Num,
    inner: Num,
    state_size: Num,
    kernel: Num,
    dt_rank: Num,
    *,
    conv_bias: bool,
    proj_bias: bool,
    inner_norms: tuple[str, str, str] | None = None,
    state_dtype: str | None = "float32",
    prefix: str = "mamba.",
) -> Recurrent:
    """Mamba (arXiv:2312.00752): a convolution over `inner` channels and a state of `inner` x `state_size`.

    `inner_norms` names the norms over dt, B and C where the class has them (Jamba).
    """
    weights = (
        *linear(prefix + "in_proj", hidden, inner * 2, STATE, bias=proj_bias),
        *depthwise_conv(prefix + "conv1d", inner, kernel, bias=conv_bias),
        *linear(prefix + "x_proj", inner, dt_rank + state_size * 2, STATE),
        *linear(prefix + "dt_proj", dt_rank, inner, STATE, bias=True),
        Weight(prefix + "A_log", (inner, state_size), STATE),
        Weight(prefix + "D", (inner,), STATE),
        *linear(prefix + "out_proj", inner, hidden, STATE, bias=proj_bias),
    )
    for name, size in zip(inner_norms or (), (dt_rank, state_size, state_size), strict=False):
        weights += norm(prefix + name, size)
    states = (State("convolution", (inner,), kernel=kernel), State("ssm", (inner, state_size), dtype=state_dtype))
    return Recurrent("mamba", states, weights)


def mamba2(
    hidden: Num,
    heads: Num,
    head_dim: Num,
    groups: Num,
    state_size: Num,
    kernel: Num,
    *,
    conv_bias: bool,
    proj_bias: bool,
    out_bias: bool | None = None,
    gated_norm: bool = True,
    state_dtype: str | None = "float32",
    prefix: str = "mixer.",
) -> Recurrent:
    """Mamba-2 (arXiv:2405.21060): `heads` states of `head_dim` x `state_size`; B and C shared by `groups`.

    `out_bias` is the output's where it is not `proj_bias`.
    """
    inner = heads * head_dim
    channels = inner + groups * state_size * 2
    weights = (
        *linear(prefix + "in_proj", hidden, inner + channels + heads, STATE, bias=proj_bias),
        *depthwise_conv(prefix + "conv1d", channels, kernel, bias=conv_bias),
        Weight(prefix + "A_log", (heads,), STATE),
        Weight(prefix + "D", (heads,), STATE),
        Weight(prefix + "dt_bias", (heads,), STATE),
        *(norm(prefix + "norm", inner) if gated_norm else ()),
        *linear(prefix + "out_proj", inner, hidden, STATE, bias=proj_bias if out_bias is None else out_bias),
    )
    states = (
        State("convolution", (channels,), kernel=kernel),
        State("ssm", (heads, head_dim, state_size), dtype=state_dtype),
    )
    return Recurrent("mamba2", states, weights)


def gated_delta(
    hidden: Num,
    key_heads: Num,
    value_heads: Num,
    key_dim: Num,
    value_dim: Num,
    kernel: Num,
    *,
    split: bool = False,
    state_dtype: str | None = "float32",
    prefix: str = "linear_attn.",
) -> Recurrent:
    """Gated DeltaNet (arXiv:2412.06464) as in Qwen3-Next: `value_heads` states of `key_dim` x `value_dim`.

    `split` is the layout of Qwen3.5, with one projection each for qkv, z, b and a.
    """
    keys, values = key_heads * key_dim, value_heads * value_dim
    if split:
        opening = (
            *linear(prefix + "in_proj_qkv", hidden, keys * 2 + values, STATE),
            *linear(prefix + "in_proj_z", hidden, values, STATE),
            *linear(prefix + "in_proj_b", hidden, value_heads, STATE),
            *linear(prefix + "in_proj_a", hidden, value_heads, STATE),
        )
    else:
        opening = (
            *linear(prefix + "in_proj_qkvz", hidden, keys * 2 + values * 2, STATE),
            *linear(prefix + "in_proj_ba", hidden, value_heads * 2, STATE),
        )
    weights = (
        *opening,
        *depthwise_conv(prefix + "conv1d", keys * 2 + values, kernel, bias=False),
        Weight(prefix + "dt_bias", (value_heads,), STATE),
        Weight(prefix + "A_log", (value_heads,), STATE),
        *norm(prefix + "norm", value_dim),
        *linear(prefix + "out_proj", values, hidden, STATE),
    )
    states = (
        State("convolution", (keys * 2 + values,), kernel=kernel),
        State("delta", (value_heads, key_dim, value_dim), dtype=state_dtype),
    )
    return Recurrent("gated-delta", states, weights)


def depthwise_conv(name: str, channels: Num, kernel: Num, *, bias: bool) -> tuple[Weight, ...]:
    """A convolution over time, one filter a channel: `weight` [channels, 1, kernel]."""
    weight = Weight(f"{name}.weight", (channels, Num(1), kernel), STATE)
    return (weight, Weight(f"{name}.bias", (channels,), STATE)) if bias else (weight,)
