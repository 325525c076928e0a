"""Rotary positions: the scaling table, its numbers, and the base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specverify.facts import Fact, Source
from specverify.rules.engine import Found, Skip, brief, declared, listed, number, rule, shown, stated, text_object
from specverify.spec import Attention, Latent, ModelSpec, Rope

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "linear": ("factor",),
    "dynamic": ("factor",),
    "yarn": ("factor",),
    "llama3": ("factor", "low_freq_factor", "high_freq_factor"),
    "longrope": ("short_factor", "long_factor"),
    "mrope": ("mrope_section",),
}
"""Keys without which transformers raises KeyError; an absent `original_max_position_embeddings` it fills in."""
TAKES_LENGTH = ("llama3", "yarn")
TAKES_FACTOR = ("linear", "dynamic", "yarn", "llama3", "longrope")
FACTOR_MAY_BE_NULL = ("yarn", "longrope")
"""Types that take the ratio of the lengths where the factor is null."""
PLAIN_BASE = 10_000
LONG = 32_768
BASE_WORDS = ("theta", "rope_base", "rotary_emb_base", "rotary_embedding_base", "rope_ratio")
WHOLE = ("rotary_dim", "rotary_ndims")
"""Keys that state the rotated dimensions themselves; the others of `ROTATED` are fractions of a head."""
ROTATED = (*WHOLE, "rotary_pct", "partial_rotary_factor")
ROPE_UTILS = "https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/modeling_rope_utils.py"


@rule("POS001", severity="error", source=ROPE_UTILS)
def rope_keys_missing(spec: ModelSpec) -> Iterator[Found]:
    """The rotary scaling type needs a key that its table does not have.

    ## Why
    transformers raises KeyError on loading. Without `original_max_position_embeddings` a llama3 or YaRN table loads, and
    the length trained before scaling is taken to be the whole context: the stretch starts from the wrong place.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0,
     "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 8192}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0,
     "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                      "original_max_position_embeddings": 8192}}
    ```

    ## Fix
    Copy the table from the model this one was made from; every number in it belongs to the weights.
    """
    rope = _rope(spec)
    kind, table = rope.type.value, dict(rope.parameters)
    if declared(rope.type) is None or kind not in REQUIRED:
        return
    # Phi-3's first configs said yarn where the table is a longrope one; HunYuan's dynamic type goes by alpha.
    if (kind == "yarn" and "short_factor" in table) or (kind == "dynamic" and "alpha" in table):
        return
    missing = [key for key in REQUIRED[kind] if key not in table]
    if missing:
        yield Found(
            f"The rotary scaling type `{kind}` needs {listed(missing)}, and the table does not state it.",
            shown(rope.type),
            f"State {listed(missing)} as the model this one was made from does.",
        )
    elif kind in TAKES_LENGTH and rope.original_max_position_embeddings is None:
        yield Found(
            f"The rotary scaling type `{kind}` stands without `original_max_position_embeddings`, so the whole context is taken for it.",
            shown(rope.type, rope.factor),
            "State the length the model was trained at before scaling.",
            severity="warning",
        )


@rule("POS002", severity="error", source="vLLM `patch_rope_parameters` (ValueError)")
def rope_type_conflict(spec: ModelSpec) -> Iterator[Found]:
    """`type` and `rope_type` of one rotary table say different things.

    ## Why
    `type` is the old spelling of `rope_type`. vLLM refuses the model; transformers takes `rope_type` and says nothing. The
    pairs `su` and `longrope`, `mrope` and `default` mean the same.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "rope_scaling": {"type": "mrope", "rope_type": "llama3",
     "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 1024}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "rope_scaling": {"type": "llama3", "rope_type": "llama3",
     "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 1024}}
    ```

    ## Fix
    Keep `rope_type` alone.
    """
    tables: dict[str, list[Any]] = {}
    readings = _rope(spec).type.readings
    for reading in readings:
        if reading.source is Source.DECLARED and isinstance(reading.value, str):
            tables.setdefault((reading.where.pointer or "").rpartition("/")[0], []).append(reading)
    for table, found in tables.items():
        kinds = {reading.value for reading in found}
        if len(kinds) > 1 and kinds != {"mrope", "default"}:
            first, second = (f"`{r.where.pointer.rpartition('/')[2]}` says {r.value}" for r in found[:2])
            evidence = tuple(stated(r.where.pointer, r.value, r.where.file) for r in found)
            where = table.strip("/").replace("/", ".")
            yield Found(f"In `{where}` {first} and {second}.", evidence, "Keep `rope_type`, with the right value, and drop `type`.")


@rule("POS003", severity="warning", source=ROPE_UTILS)
def rope_tables_mixed_with_values(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """A rotary table holds tables by layer type beside values of its own.

    ## Why
    Some releases of transformers refuse such a table and others read one half of it: 5.23 ignores the plain values where
    the class has layer types, and the tables where it has none. vLLM strips the plain values, of Gemma 4 for one.

    ```json bad
    {"model_type": "gemma3_text", "architectures": ["Gemma3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 2,
     "head_dim": 16, "sliding_window": 512, "max_position_embeddings": 32768, "rope_parameters": {"factor": 8.0,
     "full_attention": {"rope_type": "default", "rope_theta": 1000000.0},
     "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}}
    ```

    ```json good
    {"model_type": "gemma3_text", "architectures": ["Gemma3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 6, "num_attention_heads": 4, "num_key_value_heads": 2,
     "head_dim": 16, "sliding_window": 512, "max_position_embeddings": 32768, "rope_parameters": {
     "full_attention": {"rope_type": "default", "rope_theta": 1000000.0},
     "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}}
    ```

    ## Fix
    Move each value into the tables of the layer types it is for.
    """
    for problem in spec.problems:
        if problem.kind != "rope-mixed":
            continue
        table = config
        for key in problem.pointer.strip("/").split("/"):
            table = table[key]
        nested = [name for name, value in table.items() if isinstance(value, Mapping)]
        plain = [name for name, value in table.items() if not isinstance(value, Mapping)]
        repeats = all(any(table[name].get(key) == table[key] for name in nested) for key in plain)
        name = problem.pointer.rpartition("/")[2]
        yield Found(
            f"`{name}` has tables for {listed(nested)} beside {listed(plain)}, which loaders ignore or refuse.",
            tuple(stated(f"{problem.pointer}/{key}", table[key]) for key in plain),
            f"Move {listed(plain)} into the tables of the layer types meant.",
            severity="info" if repeats else None,
        )


@rule("POS004", severity="error", source=ROPE_UTILS)
def longrope_factors_of_wrong_length(spec: ModelSpec) -> Iterator[Found]:
    """A longrope table has not one factor for each pair of rotated dimensions.

    ## Why
    `short_factor` and `long_factor` scale each rotary frequency, and there are half as many frequencies as rotated
    dimensions of a head. transformers refuses any other length. Phi-4-mini rotates three quarters of 128 dimensions: 48.

    ```json bad
    {"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000, "hidden_size": 32,
     "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, "sliding_window": null,
     "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "rope_theta": 10000.0,
     "max_position_embeddings": 4096, "original_max_position_embeddings": 4096,
     "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.0, 1.0, 1.0], "long_factor": [1.0, 2.0, 4.0]}}
    ```

    ```json good
    {"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000, "hidden_size": 32,
     "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, "sliding_window": null,
     "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "rope_theta": 10000.0,
     "max_position_embeddings": 4096, "original_max_position_embeddings": 4096,
     "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.0, 1.0, 1.0], "long_factor": [1.0, 2.0, 4.0, 8.0]}}
    ```

    ## Fix
    Copy both lists from the model this one was made from; a changed `head_dim` needs new ones.
    """
    rope = _rope(spec)
    table = dict(rope.parameters)
    if rope.type.value != "longrope":
        return
    for key in ("short_factor", "long_factor"):
        fact = table.get(key)
        if fact is not None and isinstance(fact.value, list):
            rotated = _rotated(spec, rope, 2 * len(fact.value))
            if len(fact.value) != rotated.dim // 2:
                yield Found(
                    f"`{key}` has {len(fact.value)} factors, and the {rotated.dim} rotated dimensions of a head need {rotated.dim // 2}.",
                    shown(fact, *rotated.facts),
                    f"Give `{key}` {rotated.dim // 2} factors.",
                )


@rule("POS005", severity="error", source="vLLM `MRotaryEmbedding` (assertion)")
def mrope_sections_do_not_add_up(spec: ModelSpec) -> Iterator[Found]:
    """The sections of a multimodal rotary embedding do not add up to half the rotated dimensions.

    ## Why
    `mrope_section` shares the rotary frequencies out between time, height and width. Engines assert that it shares out all
    of them: Qwen2-VL has 16 + 24 + 24 = 64 for heads of 128. A conversion to text only must drop it.

    ```json bad
    {"model_type": "qwen2_vl", "architectures": ["Qwen2VLForConditionalGeneration"], "torch_dtype": "bfloat16",
     "vocab_size": 1000, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 1000000.0, "use_sliding_window": false,
     "rope_scaling": {"type": "mrope", "mrope_section": [4, 4, 4]}}
    ```

    ```json good
    {"model_type": "qwen2_vl", "architectures": ["Qwen2VLForConditionalGeneration"], "torch_dtype": "bfloat16",
     "vocab_size": 1000, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 1000000.0, "use_sliding_window": false,
     "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]}}
    ```

    ## Fix
    Take the sections of the model this one was made from, or share them out anew for the head dimension it has.
    """
    rope = _rope(spec)
    fact = dict(rope.parameters).get("mrope_section")
    if fact is None:
        return
    if not isinstance(fact.value, list) or not all(isinstance(n, int) for n in fact.value):
        raise Skip("`mrope_section` is no list of integers")
    rotated = _rotated(spec, rope, 2 * sum(fact.value))
    if 2 * sum(fact.value) != rotated.dim:
        yield Found(
            f"`mrope_section` adds up to {sum(fact.value)}, and half the {rotated.dim} rotated dimensions of a head is {rotated.dim // 2}.",
            shown(fact, *rotated.facts),
            f"Make the sections add up to {rotated.dim // 2}, or drop them from a text model.",
        )


@rule("POS006", severity="error", source=ROPE_UTILS)
def rope_factor_out_of_range(spec: ModelSpec) -> Iterator[Found]:
    """A rotary scaling factor is null, no number, or less than 1.

    ## Why
    A factor below 1 squeezes positions together, which no model was trained for: transformers warns and goes on. With null
    or a string it fails on the first token (YaRN and longrope alone make do with null), while vLLM reads null as 1.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 10000.0, "rope_scaling": {"type": "linear", "factor": null}}
    ```
    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", "factor": 0.125,
     "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 1024}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 10000.0, "rope_scaling": {"type": "linear", "factor": 1.0}}
    ```

    ## Fix
    State how many times the trained length is stretched, at least 1; without scaling, set `rope_scaling` to null.
    """
    rope = _rope(spec)
    if rope.factor is None or declared(rope.factor) is None or rope.type.value not in TAKES_FACTOR:
        return
    value, factor = rope.factor.value, number(rope.factor)
    if value is None and rope.type.value in FACTOR_MAY_BE_NULL:
        return
    if factor is None or factor < 1:
        said = "null" if value is None else repr(value)
        why = "which squeezes positions together" if factor is not None else "which transformers cannot scale positions by"
        yield Found(
            f"The factor of the rotary scaling `{rope.type.value}` is {said}, {why}.",
            shown(rope.factor, rope.type),
            "State a number of at least 1, or set the whole table to null.",
            severity="warning" if factor is not None else None,
        )


@rule("POS007", severity="warning", source=ROPE_UTILS)
def yarn_factor_is_not_the_ratio(spec: ModelSpec) -> Iterator[Found]:
    """YaRN's factor is not the ratio of the context to the length before scaling.

    ## Why
    The factor bends the frequencies, the lengths say how far: where they disagree one of them is wrong, and transformers
    warns of it. Equal lengths are no mistake: Qwen's opt-in table leaves `max_position_embeddings` as it was.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 1000000.0,
     "rope_scaling": {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 32768}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 32768, "rope_theta": 1000000.0,
     "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}}
    ```

    ## Fix
    Set `max_position_embeddings` to `original_max_position_embeddings` times the factor, or correct the factor.
    """
    rope = _rope(spec)
    length = spec.fact("max_position_embeddings")
    if rope.type.value != "yarn" or rope.factor is None or rope.original_max_position_embeddings is None:
        return
    factor, before, after = number(rope.factor), number(rope.original_max_position_embeddings), number(length)
    if not factor or not before or not after:
        raise Skip("the factor or one of the two lengths is no number")
    ratio = after / before
    if ratio != 1 and abs(ratio - factor) > 1e-6 * factor:
        yield Found(
            f"YaRN's factor is {factor:g}, and the context of {after:,} is {ratio:g} times the {before:,} before scaling.",
            shown(rope.factor, length, rope.original_max_position_embeddings),
            f"Make it {before:,} x {factor:g} = {before * factor:,.0f}, or correct the factor.",
        )


@rule("POS008", severity="warning", confidence="medium", source="https://github.com/deepspeedai/DeepSpeed/pull/8345")
def rope_base_missing(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """A long context stands without a rotary base, so the class's own of 10,000 is used.

    ## Why
    Models of more than 32,768 tokens are trained with bases of 500,000 and more, or state how they scale. A config re-saved
    between transformers 4 and 5 can lose the base, and nothing fails: text just degrades. An excerpt proves nothing. Exaone-4
    without it is 10,000 to one reader and 1,000,000 to another (deepspeedai/DeepSpeed PR 8345).

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0}
    ```

    ## Fix
    State `rope_theta` as the model this one was made from does.
    """
    rope, length = _rope(spec), spec.fact("max_position_embeddings")
    filled_in = bool(rope.theta.readings) and rope.theta.readings[0].source is Source.DEFAULTED
    if not filled_in or rope.theta.value != PLAIN_BASE or rope.type.value != "default":
        return
    _, text = text_object(spec, config)
    if declared(length) is None or (number(length) or 0) <= LONG or any(word in str(key) for key in text for word in BASE_WORDS):
        return
    yield Found(
        f"No rotary base is stated for a context of {length.value:,} tokens, so the class's own of {PLAIN_BASE:,} is used.",
        shown(rope.theta, length),
        "State `rope_theta` as the model this one was made from does.",
    )


@rule("POS009", severity="warning", source=ROPE_UTILS)
def rope_base_stated_twice(spec: ModelSpec) -> Iterator[Found]:
    """The rotary base beside the rotary table is not the one in it.

    ## Why
    transformers 5 keeps the base in the table and lets that one win; engines and converters that read the old key beside it
    take the other, and the text they give is different. GLM-4.6V has 500,000 in its table, and its class 10,000 beside it.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 10000.0, "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}}
    ```

    ## Fix
    Keep the base in one place: in `rope_parameters` for transformers 5, beside `rope_scaling` for older readers.
    """
    theta = _rope(spec).theta
    own = [reading for reading in theta.readings if reading.source is Source.DECLARED]
    if any(reading.value != own[0].value for reading in own[1:]):
        said = " and ".join(f"{brief(reading.value)} at `{reading.where.pointer}`" for reading in own)
        yield Found(f"The rotary base is {said}.", shown(theta), "Keep the one the weights were trained with, in one place.")


class _Rotated:
    """How many dimensions of a head rotary positions turn, and the facts that say so."""

    __slots__ = ("dim", "facts")

    def __init__(self, dim: int, *facts: Fact | None) -> None:
        self.dim = dim
        self.facts = tuple(fact for fact in facts if fact is not None)


def _rotated(spec: ModelSpec, rope: Rope, stated: int) -> _Rotated:
    """The rotated dimensions of a head. Raises Skip where the class may rotate fewer than `stated` leaves to prove."""
    part = spec.decoder() or spec.encoder()
    mixers = [mixer for group in (part.layers if part else ()) for mixer in group.mixers]
    for mixer in mixers:
        if isinstance(mixer, Latent) and isinstance(mixer.qk_rope_head_dim.value, int):
            return _Rotated(mixer.qk_rope_head_dim.value, mixer.qk_rope_head_dim.fact)
        if not isinstance(mixer, Attention) or not isinstance(mixer.head_dim.value, int):
            continue
        whole, share = mixer.head_dim.value, dict(rope.parameters).get("partial_rotary_factor")
        facts = mixer.head_dim.rests_on()
        if mixer.rotary_dim is not None and isinstance(mixer.rotary_dim.value, int):
            return _Rotated(mixer.rotary_dim.value, *mixer.rotary_dim.rests_on())
        if share is not None and (part_of := number(share)) is not None:
            return _Rotated(int(whole * part_of), *facts, share)
        if spec.exactness != "exact" and stated < whole:
            raise Skip("which part of a head this class rotates is not known")
        return _Rotated(whole, *facts)
    raise Skip("the head dimension is not known")


@rule("POS020", severity="warning", source=ROPE_UTILS)
def bands_out_of_order(spec: ModelSpec) -> Iterator[Found]:
    """`high_freq_factor` of a llama3 table is less than `low_freq_factor`.

    ## Why
    Wavelengths between the two are blended from scaled to plain. With the two swapped the blend runs backwards, and transformers only
    warns. Equal ones leave nothing to blend and are fine: Llama-4 states 1.0 twice.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 4.0, "high_freq_factor": 1.0,
                      "original_max_position_embeddings": 1024}}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0,
     "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                      "original_max_position_embeddings": 1024}}
    ```

    ## Fix
    Copy the table from the model this one was made from.
    """
    table = dict(_rope(spec).parameters)
    low, high = (table.get(f"{end}_freq_factor") for end in ("low", "high"))
    if low is None or high is None:
        raise Skip("the rotary table has no bands")
    smallest, largest = number(low), number(high)
    if smallest is not None and largest is not None and largest < smallest:
        yield Found(
            f"`high_freq_factor` is {largest:g} and `low_freq_factor` {smallest:g}.",
            shown(low, high),
            "Copy the table from the model this one was made from.",
        )


@rule(
    "POS021",
    severity="warning",
    source="transformers `_compute_default_rope_parameters` (partial_rotary_factor); vLLM `get_rope` (rotary_dim)",
)
def rotated_part_in_two_sizes(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """Two keys say how much of a head is rotated, and say different sizes.

    ## Why
    One loader reads `rotary_dim`, another a fraction of the head, and they turn different dimensions: nothing fails, and the
    answers of one of them are noise. MiniMax-M1 states `rotary_dim` 64 of a head of 128, which every reader must agree on.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "head_dim": 16, "rotary_dim": 8, "partial_rotary_factor": 1.0}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "head_dim": 16, "rotary_dim": 16, "partial_rotary_factor": 1.0}
    ```

    ## Fix
    State one of the keys, the one that the weights were trained with.
    """
    pointer, text = text_object(spec, config)
    head = next((size for size in (_whole(spec, "head_dim"), _quotient(spec)) if size), None)
    if head is None:
        raise Skip("the head size is not known")
    stated_table = text.get("rope_parameters")
    table: Mapping[str, Any] = stated_table if isinstance(stated_table, Mapping) else {}
    places = [(f"{pointer}/{key}", key, text[key]) for key in ROTATED if key in text]
    places += [(f"{pointer}/rope_parameters/{key}", key, table[key]) for key in ROTATED if key in table]
    sizes = [(where, key, value, value if key in WHOLE else int(head * value)) for where, key, value in places if _is_number(value)]
    if len({size for *_, size in sizes}) > 1:
        said = " and ".join(f"`{key}` {value:g} is {size:g}" for _, key, value, size in sizes)
        yield Found(
            f"Of a head of {head}, {said} dimensions.",
            tuple(stated(where, value) for where, _, value, _ in sizes),
            "State one of the keys, the one that the weights were trained with.",
        )


def _whole(spec: ModelSpec, name: str) -> int | None:
    value = number(spec.fact(name))
    return value if isinstance(value, int) else None


def _quotient(spec: ModelSpec) -> int | None:
    width, heads = _whole(spec, "hidden_size"), _whole(spec, "num_attention_heads")
    return width // heads if width and heads else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _rope(spec: ModelSpec) -> Rope:
    if spec.rope is None:
        raise Skip("the model has no rotary positions")
    return spec.rope
