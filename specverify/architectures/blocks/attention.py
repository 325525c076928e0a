"""Attention with keys and values, and multi-head latent attention."""

from __future__ import annotations

from specverify.architectures.blocks.tensors import linear, norm, sharded
from specverify.architectures.keys import Config
from specverify.num import Num
from specverify.spec import Attention, Latent, Role, Weight


def head_dim(c: Config) -> Num:
    """`head_dim` where the config or its class states one, else `hidden_size // num_attention_heads`."""
    return c.optional("head_dim") or c.int("hidden_size") // c.int("num_attention_heads")


def sliding_window(c: Config) -> Num | None:
    """Tokens a sliding layer sees; None where `sliding_window` is null or 0, which turn it off."""
    window = c.optional("sliding_window", least=0)
    return None if window is None or window.value == 0 else window


def gqa(
    c: Config,
    *,
    hidden: Num | None = None,
    heads: Num | None = None,
    kv_heads: Num | None = None,
    dim: Num | None = None,
    v_dim: Num | None = None,
    bias: bool = False,
    k_bias: bool | None = None,
    o_bias: bool | None = None,
    qk_norm: str | None = None,
    qk_norm_names: tuple[str, str] = ("q_norm", "k_norm"),
    qk_norm_bias: bool = False,
    window: Num | None = None,
    window_kind: str = "sliding",
    sinks: str | None = None,
    gate: bool = False,
    fused: str | None = None,
    names: tuple[str, str, str, str] = ("q_proj", "k_proj", "v_proj", "o_proj"),
    prefix: str = "self_attn.",
    source: Num | None = None,
    outputs: Num | None = None,
    causal: bool = True,
    cross: bool = False,
    cached: bool = True,
    rotary: bool = True,
    spread: bool = False,
) -> Attention:
    """Grouped-query attention (arXiv:2305.13245); MHA and MQA are its two ends.

    `bias` is on q, k and v; `k_bias` and `o_bias` (default: no bias on o) say otherwise. `qk_norm` is `per-head` (one
    vector of `head_dim` for all heads) or `full` (one of the projection's width). `gate` doubles `q_proj` for an
    output gate. `fused` names the one tensor that holds q, k and v, `sinks` that of
    one learned score a head. `source` is the width keys and values are read
    from and `outputs` the width written to, where they are not `hidden`.
    """
    hidden = hidden or c.int("hidden_size")
    heads = heads or c.int("num_attention_heads")
    kv_heads = kv_heads or c.int("num_key_value_heads")
    dim = dim or head_dim(c)
    v_dim = v_dim or dim
    source = source or hidden
    q_width, k_width, v_width = heads * dim, kv_heads * dim, kv_heads * v_dim
    if fused:
        weights = sharded("fused", linear(prefix + fused, hidden, q_width + k_width + v_width, Role.ATTENTION, bias=bias))
    else:
        weights = (
            *linear(prefix + names[0], hidden, q_width * 2 if gate else q_width, Role.ATTENTION, bias=bias),
            *sharded("key-value", linear(prefix + names[1], source, k_width, Role.ATTENTION, bias=bias if k_bias is None else k_bias)),
            *sharded("key-value", linear(prefix + names[2], source, v_width, Role.ATTENTION, bias=bias)),
        )
    weights += linear(prefix + names[3], heads * v_dim, outputs or hidden, Role.ATTENTION, bias=bool(o_bias))
    if qk_norm is not None:
        per_head = qk_norm == "per-head"
        weights += norm(prefix + qk_norm_names[0], dim if per_head else q_width, bias=qk_norm_bias)
        weights += norm(prefix + qk_norm_names[1], dim if per_head else k_width, bias=qk_norm_bias)
    if sinks:
        weights += (Weight(prefix + sinks, (heads,), Role.ATTENTION),)
    return Attention(
        heads,
        kv_heads,
        dim,
        v_dim,
        weights,
        window=window,
        window_kind=window_kind if window is not None else None,
        causal=causal,
        cross=cross,
        cached=cached,
        rotary=rotary,
        spread=spread,
    )


def mha(c: Config, **options: object) -> Attention:
    """Multi-head attention: every query head has its own keys and values."""
    heads = options.pop("heads", None) or c.int("num_attention_heads")
    return gqa(c, heads=heads, kv_heads=heads, **options)  # type: ignore[arg-type]


def mla(
    c: Config,
    *,
    heads: Num | None = None,
    q_rank: Num | None = None,
    kv_rank: Num | None = None,
    nope: Num | None = None,
    rope: Num | None = None,
    v_dim: Num | None = None,
    bias: bool = False,
    query_dim: Num | None = None,
    output: str = "o_proj",
    prefix: str = "self_attn.",
) -> Latent:
    """Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434); queries go uncompressed where `q_lora_rank` is null.

    `query_dim` is the width of a query head where a key of its own states it, not its two parts.
    """
    hidden, heads = c.int("hidden_size"), heads or c.int("num_attention_heads")
    q_rank, kv_rank = q_rank or c.optional("q_lora_rank"), kv_rank or c.int("kv_lora_rank")
    nope, rope, v_dim = nope or c.int("qk_nope_head_dim"), rope or c.int("qk_rope_head_dim", least=0), v_dim or c.int("v_head_dim")
    q_width = heads * (query_dim or nope + rope)
    if q_rank is None:
        weights = linear(prefix + "q_proj", hidden, q_width, Role.ATTENTION)
    else:
        weights = (
            *sharded("replicated", linear(prefix + "q_a_proj", hidden, q_rank, Role.ATTENTION, bias=bias)),
            *norm(prefix + "q_a_layernorm", q_rank),
            *linear(prefix + "q_b_proj", q_rank, q_width, Role.ATTENTION),
        )
    weights += (
        *sharded("replicated", linear(prefix + "kv_a_proj_with_mqa", hidden, kv_rank + rope, Role.ATTENTION, bias=bias)),
        *norm(prefix + "kv_a_layernorm", kv_rank),
        *linear(prefix + "kv_b_proj", kv_rank, heads * (nope + v_dim), Role.ATTENTION),
        *linear(prefix + output, heads * v_dim, hidden, Role.ATTENTION, bias=bias),
    )
    return Latent(heads, kv_rank, nope, rope, v_dim, q_rank, weights)
