"""Mixtures of experts: the router's counts and which layers have one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from specverify.facts import Fact, Source
from specverify.rules.engine import Found, Skip, number, rule, shown, stated, text_object
from specverify.spec import ModelSpec

COUNTS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
CHOSEN = ("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_top_k", "moe_k", "top_k_experts")
DEEPSEEK = "https://arxiv.org/abs/2412.19437"


@rule("MOE001", severity="error", source="torch.topk (selected index k out of range)")
def more_experts_chosen_than_there_are(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """The router is to choose more experts for a token than there are.

    ## Why
    The first token fails. LongCat's router also chooses among experts that do nothing (`zero_expert_num`): those count.

    ```json bad
    {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 1000000.0, "sliding_window": null,
     "num_local_experts": 4, "num_experts_per_tok": 8}
    ```

    ```json good
    {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 1000000.0, "sliding_window": null,
     "num_local_experts": 8, "num_experts_per_tok": 8}
    ```

    ## Fix
    Correct the count that was changed; the router's weight has one row for each expert.
    """
    routing = _routing(spec)
    _, text = text_object(spec, config)
    idle = text.get("zero_expert_num")
    total = routing.total + (idle if isinstance(idle, int) else 0)
    if 0 < total < routing.per_token:
        yield Found(
            f"The router is to choose {routing.per_token} experts of {total}.",
            shown(*routing.facts),
            f"Choose {total} at most, or state the experts there are.",
            severity="warning" if any(fact.readings[0].source is Source.DEFAULTED for fact in routing.facts) else None,
        )


@rule("MOE002", severity="error", source=DEEPSEEK)
def expert_groups_do_not_fit(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """The groups a router limits itself to do not fit the experts.

    ## Why
    Group-limited routing lays the scores out as groups of equal size, picks `topk_group` of them and the experts inside:
    256 experts in 8 groups of which 4 are open, for DeepSeek-V3. Counts that do not divide fail on the first token; more
    experts than the open groups have are chosen among closed ones, silently.

    ```json bad
    {"model_type": "deepseek_v3", "architectures": ["DeepseekV3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "moe_intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 4, "kv_lora_rank": 32, "q_lora_rank": null, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8,
     "v_head_dim": 16, "first_k_dense_replace": 1, "n_routed_experts": 16, "n_shared_experts": 1, "num_experts_per_tok": 2,
     "n_group": 3, "topk_group": 1, "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```

    ```json good
    {"model_type": "deepseek_v3", "architectures": ["DeepseekV3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "moe_intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 4, "kv_lora_rank": 32, "q_lora_rank": null, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8,
     "v_head_dim": 16, "first_k_dense_replace": 1, "n_routed_experts": 16, "n_shared_experts": 1, "num_experts_per_tok": 2,
     "n_group": 4, "topk_group": 2, "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```

    ## Fix
    Take `n_group` and `topk_group` from the model this one was made from; pruned experts need groups of equal size again.
    """
    routing = _routing(spec)
    pointer, text = text_object(spec, config)
    groups, open_groups = _count(text.get("n_group")), _count(text.get("topk_group"))
    if not groups or groups == 1 or text.get("topk_method") == "greedy":
        return
    evidence = (*shown(*routing.facts), *(stated(f"{pointer}/{key}", text[key]) for key in ("n_group", "topk_group") if key in text))
    fix = "Take `n_group` and `topk_group` from the model this one was made from."
    if routing.total % groups:
        yield Found(f"{routing.total} experts do not divide into {groups} groups of equal size.", evidence, fix)
    elif open_groups is not None and open_groups > groups:
        yield Found(f"The router is to open {open_groups} groups of {groups}.", evidence, fix)
    elif open_groups is not None and routing.per_token > open_groups * (routing.total // groups):
        within = f"{open_groups} open groups of {routing.total // groups} experts"
        yield Found(f"The router is to choose {routing.per_token} experts within {within}.", evidence, fix, severity="warning")


@rule("MOE003", severity="warning", source=DEEPSEEK)
def every_layer_is_dense(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """`first_k_dense_replace` covers every layer, so the experts the config states are in none.

    ## Why
    The model that is built has no mixture at all, and the experts' weights of the checkpoint are left over. It happens when
    layers are cut off a mixture and the count of its dense ones stays.

    ```json bad
    {"model_type": "deepseek_v3", "architectures": ["DeepseekV3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "moe_intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 4, "kv_lora_rank": 32, "q_lora_rank": null, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8,
     "v_head_dim": 16, "first_k_dense_replace": 3, "n_routed_experts": 16, "n_shared_experts": 1, "num_experts_per_tok": 2,
     "n_group": 1, "topk_group": 1, "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```

    ```json good
    {"model_type": "deepseek_v3", "architectures": ["DeepseekV3ForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "moe_intermediate_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4,
     "num_key_value_heads": 4, "kv_lora_rank": 32, "q_lora_rank": null, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8,
     "v_head_dim": 16, "first_k_dense_replace": 3, "n_routed_experts": 16, "n_shared_experts": 1, "num_experts_per_tok": 2,
     "n_group": 1, "topk_group": 1, "max_position_embeddings": 4096, "rope_theta": 10000.0}
    ```

    ## Fix
    State fewer dense layers, or set the expert counts to null for a dense model.
    """
    pointer, text = text_object(spec, config)
    dense, layers = _count(text.get("first_k_dense_replace")), number(spec.fact("num_hidden_layers"))
    experts = next((key for key in COUNTS if _count(text.get(key))), None)
    if dense is None or experts is None:
        return
    if layers is None:
        raise Skip("the layer count is not known")
    if dense >= layers:
        proof = (stated(f"{pointer}/{key}", text[key]) for key in ("first_k_dense_replace", experts))
        yield Found(
            f"The first {dense} layers are dense and there are {layers}, so none has the {text[experts]} experts.",
            (*proof, *shown(spec.fact("num_hidden_layers"))),
            "State fewer dense layers, or set the expert counts to null.",
        )


@rule("MOE004", severity="warning", confidence="medium", source="transformers `LlamaConfig` (keys of other classes are kept and not read)")
def experts_in_no_layer(spec: ModelSpec, config: dict[str, Any]) -> Iterator[Found]:
    """The config states experts, and the class it names has none.

    ## Why
    The class builds a dense model and reads the keys as if they were not there, so the experts' weights of the checkpoint are left
    over. It happens when a mixture is given the class of what it was made from.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "num_local_experts": 8, "num_experts_per_tok": 2}
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 8192, "rope_theta": 500000.0, "num_local_experts": 0, "num_experts_per_tok": 0}
    ```

    ## Fix
    Name the class of the mixture, or take the keys out of a dense model's config.
    """
    pointer, text = text_object(spec, config)
    key = next((key for key in COUNTS if (_count(text.get(key)) or 0) > 1), None)
    if key is None:
        return
    groups = [group for part in spec.parts for group in part.layers]
    if spec.exactness != "exact" or not groups or "auto_map" in config:
        raise Skip("whether the class has experts is not surely known")
    layers = number(spec.fact("num_hidden_layers"))
    dense = _count(text.get("first_k_dense_replace"))
    if dense is not None and isinstance(layers, int) and dense >= layers:
        raise Skip("every layer is said to be dense")
    if all(group.feed_forward is None or group.feed_forward.experts is None for group in groups):
        yield Found(
            f"`{key}` is {text[key]}, and no layer that {spec.value('model_type')} builds has experts.",
            (stated(f"{pointer}/{key}", text[key]), *shown(spec.fact("model_type"))),
            "Name the class of the mixture, or take the keys out.",
        )


class _Routing(NamedTuple):
    """Experts of a mixture, and how many a token goes to."""

    total: int
    per_token: int
    facts: tuple[Fact, ...]


def _routing(spec: ModelSpec) -> _Routing:
    """The routing of the mixture. Raises Skip for a dense model, or one whose counts are no plain numbers."""
    found = []
    for names in (COUNTS, CHOSEN):
        fact = next((fact for name in names if (fact := spec.facts.get(name)) is not None and fact.readings), None)
        if fact is None:
            raise Skip("the config states no experts")
        if _count(fact.value) is None:
            raise Skip(f"`{fact.name}` is no plain count")
        found.append(fact)
    return _Routing(found[0].value, found[1].value, tuple(found))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
