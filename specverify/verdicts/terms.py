"""Claims in words: the attention mechanism, the class of architecture, the activation, and how the weights are stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from specverify.card import kinds
from specverify.card.claims import Claim
from specverify.facts import Fact
from specverify.outcome import Agreement, Compared, Evidence
from specverify.spec import Attention, Latent, ModelSpec
from specverify.verdicts.candidates import Parts, attentions, mixtures, proof, recurrences, stated

WIDTHS = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}
HEAD_SHARING = ("mha", "gqa", "mqa", "mla")
WINDOWED = ("swa", "local-global")
RECURRENT = ("linear", "mamba")
ACTIVATION_FACTS = ("hidden_act", "hidden_activation", "activation_function")
CLASSES = ("encoder-only", "decoder-only", "encoder-decoder", "prefix-lm")
ACTIVATIONS: Mapping[tuple[bool, str], str] = {
    (True, "silu"): "swiglu",
    (True, "swish"): "swiglu",
    (True, "gelu"): "geglu",
    (True, "relu"): "reglu",
    (False, "silu"): "silu",
    (False, "swish"): "silu",
    (False, "gelu"): "gelu",
    (False, "relu"): "relu",
    (False, "relu2"): "relu2",
}
"""What gate and function are called together."""


def _attention(claim: Claim, spec: ModelSpec) -> Parts:
    """Head sharing, windows and recurrence, each against the plan of layers."""
    there = set(_mechanisms(spec))
    if not there:
        return Agreement.UNVERIFIABLE, "the plan of layers is not known", (), None
    checked = [term for term in claim.terms if term in (*HEAD_SHARING, *WINDOWED, *RECURRENT)]
    if not checked:
        return Agreement.UNVERIFIABLE, "nothing of the config tells this mechanism", (), None
    if checked == ["mqa"] and "gqa" in there and "mqa" not in there:
        # ChatGLM2 and Falcon-40B call two and eight shared heads multi-query.
        return Agreement.AGREES, "loosely: keys and values are shared by groups of heads, not by all", (), "loose"
    return _all_there(checked, there, "attention", _named(spec, "attention", "num_key_value_heads", "sliding_window", "kv_lora_rank"))


def _mechanisms(spec: ModelSpec) -> Iterator[str]:
    for mixer in attentions(spec):
        if isinstance(mixer, Latent):
            yield "mla"
            continue
        if isinstance(mixer, Attention):
            if mixer.window is not None:
                yield from WINDOWED
            queries, keys = mixer.num_attention_heads.value, mixer.num_key_value_heads.value
            if queries is not None and keys is not None:
                yield "mha" if queries == keys else "mqa" if keys == 1 else "gqa"
    for recurrent in recurrences(spec):
        yield "mamba" if recurrent.kind.startswith("mamba") else "linear"


def _architecture(claim: Claim, spec: ModelSpec) -> Parts:
    """Dense or mixture against the experts of the plan, the class against the prototype."""
    there: set[str] = set()
    checked: list[str] = []
    if spec.parts and spec.exactness == "exact":
        there.add("moe" if any(True for _ in mixtures(spec)) else "dense")
        checked += [term for term in claim.terms if term in ("moe", "dense")]
    prototype = spec.value("prototype")
    if prototype is not None:
        there.add(str(prototype))
        checked += [term for term in claim.terms if term in CLASSES]
    if not checked:
        return Agreement.UNVERIFIABLE, "nothing of the config tells it", (), None
    return _all_there(checked, there, "architecture", _named(spec, "prototype", "architectures", "model_type"))


def _activation(claim: Claim, spec: ModelSpec) -> Parts:
    """The gate and the function of the feed-forward blocks."""
    blocks = [group.feed_forward for part in spec.parts if part.role in ("decoder", "encoder") for group in part.layers]
    known = {
        ACTIVATIONS.get((block.gated, _function(block.activation)))
        for block in blocks
        if block is not None and block.activation is not None
    }
    there = {name for name in known if name is not None}
    if not there or None in known or not any(stated(spec.fact(name)) for name in ACTIVATION_FACTS):
        return Agreement.UNVERIFIABLE, "the config states no activation that is known by a name of its own", (), None
    checked = [term for term in claim.terms if term in ACTIVATIONS.values()]
    if not checked:
        return Agreement.UNVERIFIABLE, "nothing of the config tells it", (), None
    return _all_there(checked, there, "activation", _named(spec, *ACTIVATION_FACTS))


def _function(activation: str) -> str:
    """The function that a variant of it approximates: `gelu_pytorch_tanh` is GELU."""
    return "gelu" if activation.startswith("gelu") else activation


def _precision(claim: Claim, spec: ModelSpec) -> Parts:
    """The dtype the config declares, where nothing is quantized."""
    fact = spec.fact("dtype")
    if not stated(fact) or spec.quantization is not None:
        return Agreement.UNVERIFIABLE, "the config declares no single dtype of the weights", (), None
    checked = [WIDTHS[term] for term in claim.terms if term in WIDTHS]
    if not checked:
        return Agreement.UNVERIFIABLE, "nothing of the config tells it", (), None
    return _all_there(checked, {str(fact.value)}, "dtype", proof(fact))


def _quantization(claim: Claim, spec: ModelSpec) -> Parts:
    """The method of the quantization config, and the names its schemes go by."""
    if spec.quantization is None:
        return Agreement.UNVERIFIABLE, "the config quantizes nothing, and a claim may be of how it is served", (), None
    method = str(spec.quantization.method.value or "").lower()
    named = [term for term in claim.terms if term in ("gptq", "awq", "bitsandbytes", "fp8", "mxfp4")]
    if not named or not method:
        return Agreement.UNVERIFIABLE, "nothing of the config tells it", (), None
    return _all_there(named, {method, *_formats(spec)}, "quant_method", proof(spec.quantization.method))


def _formats(spec: ModelSpec) -> Iterator[str]:
    """Other names of how the weights are stored: the schemes', in the card's words."""
    if spec.quantization is not None:
        for scheme in spec.quantization.schemes:
            yield scheme.name.lower()
            if scheme.name.lower().startswith(("fp8", "float8", "e4m3")):
                yield "fp8"
        if spec.quantization.format is not None:
            yield str(spec.quantization.format.value).lower()


def _all_there(checked: Collection[str], there: Collection[str], name: str, evidence: tuple[Evidence, ...]) -> Parts:
    compared = tuple(Compared(name, found, found in checked, evidence) for found in sorted(there))
    absent = [term for term in checked if term not in there]
    if not absent:
        return Agreement.AGREES, f"{name} is {', '.join(sorted(set(checked) & set(there)))}", compared, None
    return Agreement.DISAGREES, f"not {', '.join(absent)}: by the config {name} is {', '.join(sorted(there))}", compared, None


def _named(spec: ModelSpec, *names: str) -> tuple[Evidence, ...]:
    facts: list[Fact] = [fact for name in names if (fact := spec.fact(name)).readings]
    return proof(*facts)


TERMS: Mapping[str, Callable[[Claim, ModelSpec], Parts]] = {
    kinds.ATTENTION: _attention,
    kinds.ARCHITECTURE: _architecture,
    kinds.ACTIVATION: _activation,
    kinds.PRECISION: _precision,
    kinds.QUANTIZATION: _quantization,
}
