"""Head counts and head sizes that fit together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from specverify.facts import Fact
from specverify.num import Num
from specverify.rules.engine import Found, declared, rule, shown, stated
from specverify.spec import Attention, Latent, ModelSpec

FLAG_WITH_OTHER_COUNT = ("falcon", "RefinedWeb", "RefinedWebModel")
"""Types that state `multi_query` beside a head count the class ignores (Falcon-7B: `num_kv_heads` 71)."""
SMALLEST_ODD = 4
"""transformers lets odd head sizes up to here pass, for test models."""


@rule("ATT001", severity="error", source="transformers `LlamaConfig.validate_architecture`")
def hidden_size_not_divisible_by_heads(spec: ModelSpec) -> Iterable[Found]:
    """`head_dim` is not stated, and `num_attention_heads` does not divide `hidden_size`.

    ## Why
    Without `head_dim` its size is the quotient. Where that does not come out even, transformers raises "The hidden size
    (520) is not a multiple of the number of attention heads", or rounds down and the projections do not fit the weights.
    With an explicit `head_dim` the product need not be the hidden size at all: Qwen3, Gemma, Mistral-Nemo, gpt-oss and
    GLM-4.5 all differ, and none of them is reported.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 520, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 12, "num_key_value_heads": 4, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 520, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 12, "num_key_value_heads": 4, "head_dim": 64, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    State `head_dim` as the weights have it, or put the head count right: `q_proj` has heads x head_dim rows.
    """
    seen: set[tuple[str, ...]] = set()
    for attention in _attentions(spec):
        division = _uneven(attention.head_dim)
        if division is None:
            continue
        facts = division.rests_on()
        names = tuple(fact.name for fact in facts)
        if names not in seen:
            seen.add(names)
            width, heads = division.args
            yield Found(
                f"The width {width.value} is not a multiple of the {heads.value} attention heads, and no `head_dim` is stated.",
                shown(*facts),
                "State `head_dim`, or put the head count right.",
                _milder(spec, *facts),
            )


@rule("ATT002", severity="error", source="https://arxiv.org/abs/2305.13245")
def more_key_value_heads_than_heads(spec: ModelSpec) -> Iterable[Found]:
    """There are more key-value heads than query heads.

    ## Why
    In grouped-query attention several query heads share one key-value head; the other way round there is no such thing,
    and repeating keys by heads // kv_heads = 0 gives empty tensors. Usually one of the two was edited, or the key is
    absent and the class default (32 for Qwen2) is larger than a small model's head count. MLA has no key-value heads and is not looked at.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 32, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    Put in the counts of the weights: `k_proj` has kv_heads x head_dim rows.
    """
    for heads, kv_heads in _counts(spec):
        if _value(kv_heads) > _value(heads):
            facts = (*heads.rests_on(), *kv_heads.rests_on())
            yield Found(
                f"There are {kv_heads.value} key-value heads for {heads.value} query heads.",
                shown(*facts),
                "Put in the counts of the weights: `k_proj` has kv_heads x head_dim rows.",
                _milder(spec, *facts),
            )


@rule("ATT003", severity="error", source="https://arxiv.org/abs/2305.13245")
def key_value_heads_do_not_divide_heads(spec: ModelSpec) -> Iterable[Found]:
    """The number of key-value heads does not divide the number of query heads.

    ## Why
    Each key-value head serves heads // kv_heads query heads. Where that leaves a rest, transformers repeats the keys to
    fewer heads than there are queries and stops at the product; vLLM asserts. MLA has no key-value heads and is not looked at.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 3, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 2, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    Put in the counts of the weights: `k_proj` has kv_heads x head_dim rows.
    """
    for heads, kv_heads in _counts(spec):
        if 0 < _value(kv_heads) <= _value(heads) and _value(heads) % _value(kv_heads):
            facts = (*heads.rests_on(), *kv_heads.rests_on())
            yield Found(
                f"{kv_heads.value} key-value heads do not divide {heads.value} query heads.",
                shown(*facts),
                "Put in the counts of the weights: `k_proj` has kv_heads x head_dim rows.",
                _milder(spec, *facts),
            )


@rule("ATT004", severity="error", source="transformers `RotaryEmbeddingConfigMixin.validate_rope`")
def odd_rotary_size(spec: ModelSpec) -> Iterable[Found]:
    """Rotary positions turn pairs of numbers, and the head they turn has an odd size.

    ## Why
    transformers 5 raises "RoPE requires an even rotary dimension". A part of the head that comes out odd
    (`partial_rotary_factor`) is rounded up and fits, so only whole heads are looked at; of MLA, the rotary part alone.

    ```json bad
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 63, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```
    ```json good
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1376,
     "num_hidden_layers": 8, "num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 32000,
     "max_position_embeddings": 2048, "rope_theta": 10000.0}
    ```

    ## Fix
    Put in the head size of the weights.
    """
    if spec.value("position_scheme") != "rope" or spec.value("partial_rotary_factor") not in (None, 1, 1.0):
        return
    seen: set[int] = set()
    for mixer in _mixers(spec):
        size = mixer.qk_rope_head_dim if isinstance(mixer, Latent) else mixer.rotary_dim or mixer.head_dim
        rotary = isinstance(mixer, Latent) or (mixer.rotary and not mixer.cross)
        if not rotary or _value(size) % 2 == 0 or _value(size) <= SMALLEST_ODD or _uneven(size) is not None or _value(size) in seen:
            continue
        seen.add(_value(size))
        facts = size.rests_on()
        yield Found(
            f"Rotary positions need pairs, and the head they turn has {size.value} numbers.",
            shown(*facts),
            "Put in the head size of the weights.",
            _milder(spec, *facts),
        )


@rule("ATT005", severity="warning", source="https://arxiv.org/abs/1911.02150")
def multi_query_with_more_key_value_heads(spec: ModelSpec, config: Mapping[str, Any]) -> Iterable[Found]:
    """`multi_query` is true, and more than one key-value head is stated.

    ## Why
    Multi-query attention has one key-value head for all queries. Readers that go by the flag keep a cache many times
    smaller than those that go by the count, and one of them is wrong. Falcon is not meant: its class ignores one of the
    two by `new_decoder_architecture`, and Falcon-7B states 71 beside the flag.

    ```json bad
    {"architectures": ["GPTBigCodeForCausalLM"], "model_type": "gpt_bigcode", "n_embd": 512, "n_layer": 8, "n_head": 8,
     "multi_query": true, "num_key_value_heads": 8, "n_positions": 2048, "vocab_size": 49152, "bos_token_id": 0,
     "eos_token_id": 0}
    ```
    ```json good
    {"architectures": ["GPTBigCodeForCausalLM"], "model_type": "gpt_bigcode", "n_embd": 512, "n_layer": 8, "n_head": 8,
     "multi_query": true, "num_key_value_heads": 1, "n_positions": 2048, "vocab_size": 49152, "bos_token_id": 0,
     "eos_token_id": 0}
    ```

    ## Fix
    Leave out the one that the weights do not have: the key projection has kv_heads x head_dim rows.
    """
    if config.get("multi_query") is not True or config.get("model_type") in FLAG_WITH_OTHER_COUNT:
        return
    for key in ("num_key_value_heads", "n_head_kv", "num_kv_heads"):
        count = config.get(key)
        if isinstance(count, int) and not isinstance(count, bool) and count > 1:
            yield Found(
                f"`multi_query` is true, which is one key-value head, and `{key}` is {count}.",
                (stated("/multi_query", True), stated(f"/{key}", count)),
                "Leave out the one that the weights do not have.",
            )


def _mixers(spec: ModelSpec) -> Iterator[Attention | Latent]:
    for part in spec.parts:
        for group in part.layers:
            for mixer in group.mixers:
                if isinstance(mixer, Attention | Latent):
                    yield mixer


@rule("ATT006", severity="info", source="https://github.com/vllm-project/vllm/issues/4549")
def key_value_heads_vary(spec: ModelSpec) -> Iterator[Found]:
    """Layers of one model have different numbers of key-value heads.

    ## Why
    A cache computed from one number is wrong for every other layer, and engines that allocate all layers alike do not take such a
    model: OpenELM has 3 to 5 of them (vllm-project/vllm issue 4549), and Nemotron-NAS varies them by block.

    ```json bad
    {"model_type": "mimo_v2_flash", "architectures": ["MiMoV2FlashForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "moe_intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "head_dim": 16, "v_head_dim": 16, "layer_types": ["full_attention", "sliding_attention"],
     "sliding_window": 128, "n_routed_experts": 4, "num_experts_per_tok": 2, "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```

    ## Fix
    Size the cache layer by layer, as the figures here are, and check that the engine takes such a model.
    """
    counts: dict[int, Num] = {}
    for part in (spec.decoder(), spec.encoder()):
        for mixer in (mixer for group in (part.layers if part is not None else ()) for mixer in group.mixers):
            if isinstance(mixer, Attention) and mixer.cached and not mixer.cross and isinstance(mixer.num_key_value_heads.value, int):
                counts.setdefault(mixer.num_key_value_heads.value, mixer.num_key_value_heads)
    if len(counts) > 1:
        *fewer, most = sorted(counts)
        yield Found(
            f"Layers have {', '.join(map(str, fewer))} or {most} key-value heads.",
            shown(*(fact for count in counts.values() for fact in count.rests_on())) or shown(spec.fact("num_key_value_heads")),
            "Size the cache layer by layer, and check that the engine takes such a model.",
        )


@rule("ATT007", severity="info", source="https://github.com/sgl-project/sglang/pull/26049")
def values_of_another_size(spec: ModelSpec) -> Iterator[Found]:
    """The values of an attention head are of another size than its keys.

    ## Why
    Twice the head size is not the cache of such a model, and a kernel with one size for both does not run it. MiMo-V2-Flash has
    keys of 192 and values of 128; a draft of GLM-4.7-Flash inherited a value size that its heads do not have, and did not load.

    ```json bad
    {"model_type": "mimo_v2_flash", "architectures": ["MiMoV2FlashForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "moe_intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "head_dim": 16, "v_head_dim": 8, "layer_types": ["full_attention", "full_attention"],
     "sliding_window": 128, "n_routed_experts": 4, "num_experts_per_tok": 2, "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0}
    ```

    ## Fix
    Count keys and values apart, as the figures here do.
    """
    seen = set()
    for mixer in (mixer for mixer in _attentions(spec) if mixer.cached):
        sizes = (mixer.head_dim.value, mixer.v_head_dim.value)
        if None not in sizes and sizes[0] != sizes[1] and sizes not in seen:
            seen.add(sizes)
            yield Found(
                f"Keys are {sizes[0]} wide and values {sizes[1]}.",
                shown(*mixer.head_dim.rests_on(), *mixer.v_head_dim.rests_on()),
                "Count keys and values apart.",
            )


def _attentions(spec: ModelSpec) -> Iterator[Attention]:
    return (mixer for mixer in _mixers(spec) if isinstance(mixer, Attention))


def _counts(spec: ModelSpec) -> Iterator[tuple[Num, Num]]:
    """Query and key-value head counts that are known, each pair once."""
    seen: set[tuple[int, int]] = set()
    for attention in _attentions(spec):
        pair = (_value(attention.num_attention_heads), _value(attention.num_key_value_heads))
        if all(pair) and pair not in seen:
            seen.add(pair)
            yield attention.num_attention_heads, attention.num_key_value_heads


def _value(number: Num) -> int:
    return number.value if isinstance(number.value, int) else 0


def _uneven(number: Num) -> Num | None:
    """The division that a size is the quotient of, where it leaves a rest."""
    if number.op in ("fact", "named") and number.args:
        return _uneven(number.args[0])
    if number.op != "//" or len(number.args) != 2:
        return None
    width, heads = (_value(part) for part in number.args)
    return number if width > 0 and heads > 0 and width % heads else None


def _milder(spec: ModelSpec, *facts: Fact) -> str | None:
    """One level below an error where the config does not state the key, or the class is not known: an excerpt proves nothing."""
    return None if spec.source is not None and all(declared(fact) is not None for fact in facts) else "warning"
