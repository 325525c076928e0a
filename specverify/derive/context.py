"""The context window as the config declares it, as the model was made before scaling, and as each engine computes it.

Rules read from vLLM 0.32 (`get_and_verify_max_len`), SGLang 0.5.23 (`get_context_length`), transformers 5.23 (the config
attribute generation warns by) and llama.cpp (`conversion/`, `n_ctx_train`).
"""

from __future__ import annotations

from collections.abc import Iterable

from specverify import num
from specverify.facts import Fact
from specverify.num import Num
from specverify.spec import ModelSpec, Rope

VLLM_KEYS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "seq_length",
    "model_max_length",
    "max_target_positions",
    "max_sequence_length",
    "max_seq_length",
    "seq_len",
)
SGLANG_KEYS = ("max_sequence_length", "seq_length", "max_seq_len", "model_max_length", "max_position_embeddings")
TRANSFORMERS_KEYS = ("max_position_embeddings", "n_positions", "max_target_positions", "max_seq_len", "seq_length")
LLAMACPP_KEYS = ("max_position_embeddings", "n_ctx", "n_positions", "max_length", "max_sequence_length", "model_max_length")
DECLARED_KEYS = (*VLLM_KEYS, "context_length", "n_ctx")
VLLM_NEVER_MULTIPLIES = ("default", "mrope", "longrope", "llama3", "yarn", "deepseek_yarn", "deepseek_llama_scaling", "proportional")
STRETCHING = ("linear", "dynamic", "yarn")
"""Types whose `original_max_position_embeddings` is the length trained before scaling; llama3 and longrope were trained at length."""
NESTED_EXEMPT = ("gemma3", "gemma3_text")
"""Their rotary table is by layer type, so neither engine sees a factor to multiply by."""
FALLBACK = 2048
OFFSET_POSITIONS = ("roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "roberta-prelayernorm", "data2vec-text")
"""Their positions start behind the padding id, so the table is `pad_token_id + 1` rows longer than any input."""
LLAMACPP_FIXED = {
    "falcon": 2048,
    "falcon_mamba": 2**20,
    "granitemoehybrid": 2**20,
    "hunyuan_v1_moe": 2**18,
    "mamba": 2**20,
    "mamba2": 2**20,
    "plamo": 4096,
    "rwkv": 2**20,
}
"""Lengths its converter writes whatever the config says."""
LLAMACPP_OWN_KEYS = {"bloom": ("seq_length",), "chatglm": ("seq_length",), "llada": ("max_sequence_length",)}
"""Types whose converter looks at a key of their own."""


def contexts(spec: ModelSpec) -> dict[str, Num]:
    """`context.declared`, `context.native` and `context.effective.<engine>` in tokens; unknown with the reason where unstated."""
    declared = _declared(spec)
    return {
        "context.declared": declared,
        "context.native": _native(spec, declared),
        "context.effective.vllm": _vllm(spec),
        "context.effective.sglang": _sglang(spec),
        "context.effective.transformers": _transformers(spec),
        "context.effective.llamacpp": _llamacpp(spec),
    }


def _stated(spec: ModelSpec, keys: Iterable[str], *, least: int = 1) -> list[Num]:
    """The lengths stated under these keys; 0 and -1 stand for none."""
    found = []
    for key in keys:
        fact = spec.facts.get(key)
        if fact is not None and isinstance(fact.value, int) and not isinstance(fact.value, bool) and fact.value >= least:
            found.append(num.of(fact))
    return found


def _first(spec: ModelSpec, keys: Iterable[str]) -> Num | None:
    return next(iter(_stated(spec, keys)), None)


def _declared(spec: ModelSpec) -> Num:
    """The config's own figure; where a linear or dynamic scaling is not yet in it, with the factor."""
    if _position_free(spec):
        return num.unknown("it has no positions, so nothing in the config bounds the context")
    base = _preferred(spec)
    if base is None:
        return num.unknown("the config states no context length, and its class has no default")
    factor = _factor(spec)
    if spec.rope is not None and factor is not None and spec.rope.type.value in ("linear", "dynamic") and not _nested(spec):
        return num.floor(base * factor)
    return base


def _preferred(spec: ModelSpec) -> Num | None:
    """`max_position_embeddings` unless the config states a longer `model_max_length` (Command-R keeps the table at 8,192)."""
    base = _first(spec, DECLARED_KEYS)
    longer = _first(spec, ("model_max_length",))
    if base is not None and longer is not None and (longer.value or 0) > (base.value or 0):
        return longer
    return base


def _native(spec: ModelSpec, declared: Num) -> Num:
    rope = spec.rope
    if rope is None or rope.type.value not in STRETCHING:
        return declared
    if rope.original_max_position_embeddings is not None:
        return num.of(rope.original_max_position_embeddings)
    return _preferred(spec) or declared


def _usable(spec: ModelSpec, base: Num) -> Num:
    """Positions an input can take of a table of `base`."""
    padding = next(iter(_stated(spec, ("pad_token_id",), least=0)), None)
    return base - padding - 1 if spec.value("model_type") in OFFSET_POSITIONS and padding is not None else base


def _transformers(spec: ModelSpec) -> Num:
    base = _first(spec, TRANSFORMERS_KEYS)
    return num.unknown("no key transformers warns by is stated") if base is None else _usable(spec, base)


def _vllm(spec: ModelSpec) -> Num:
    if _position_free(spec):
        return num.unknown("vLLM takes the length asked for: the model has no positions")
    rope = spec.rope
    if rope is not None and rope.type.value == "longrope" and rope.original_max_position_embeddings is not None:
        return num.of(rope.original_max_position_embeddings)
    stated = _stated(spec, VLLM_KEYS)
    override = _first(spec, ("model_max_length",))
    if override is not None and override.value:
        base = override
    elif stated:
        base = stated[0]
        for other in stated[1:]:
            base = num.minimum(base, other)
    else:
        base = num.const(FALLBACK, "vLLM's fallback")
    factor = _factor(spec)
    if rope is None or factor is None or rope.type.value in VLLM_NEVER_MULTIPLIES or _nested(spec):
        return _usable(spec, base)
    return num.floor(base * factor)


def _sglang(spec: ModelSpec) -> Num:
    if _position_free(spec):
        return num.unknown("SGLang takes the length asked for: the model has no positions")
    base = _first(spec, SGLANG_KEYS) or num.const(FALLBACK, "SGLang's fallback")
    rope, factor = spec.rope, _factor(spec)
    if rope is None or factor is None or _nested(spec):
        return base
    if rope.original_max_position_embeddings is not None or rope.type.value in ("llama3", "default", "mrope"):
        return base
    return num.floor(base * factor)


def _llamacpp(spec: ModelSpec) -> Num:
    if spec.value("prototype") == "encoder-decoder" and spec.value("position_scheme") != "relative":
        return num.unknown("llama.cpp does not run this architecture")
    fixed = LLAMACPP_FIXED.get(str(spec.value("model_type")))
    if fixed is not None:
        return num.const(fixed, "written by llama.cpp's converter")
    base = _first(spec, LLAMACPP_OWN_KEYS.get(str(spec.value("model_type")), LLAMACPP_KEYS))
    longer = _first(spec, ("model_max_length",))
    if base is not None and longer is not None and spec.value("model_type") == "cohere":
        return longer
    return num.unknown("no key llama.cpp reads a context length from is stated") if base is None else _usable(spec, base)


def _factor(spec: ModelSpec) -> Num | None:
    """The scaling factor, where one is stated as a number."""
    fact: Fact | None = spec.rope.factor if isinstance(spec.rope, Rope) else None
    if fact is None or isinstance(fact.value, bool) or not isinstance(fact.value, int | float):
        return None
    return num.of(fact)


def _nested(spec: ModelSpec) -> bool:
    return spec.value("model_type") in NESTED_EXEMPT


def _position_free(spec: ModelSpec) -> bool:
    return spec.value("position_scheme") == "none" and _first(spec, DECLARED_KEYS) is None
