"""Small models, typed here, and reports of them as the pipeline would make them."""

from __future__ import annotations

import json
from typing import Any

from specverify.derive.figures import figures
from specverify.facts import Source
from specverify.normalize.config import normalize_bytes
from specverify.outcome import Broken, Confidence, Evidence, Finding, Outcome, Passed, Report, Severity, Skipped
from specverify.spec import ModelSpec
from specverify.target import Target

LLAMA = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 3,
    "num_attention_heads": 8, "num_key_value_heads": 2, "vocab_size": 1000, "max_position_embeddings": 4096, "torch_dtype": "bfloat16",
    "rope_scaling": {"rope_type": "linear", "factor": 2.0}, "rope_theta": 10000.0, "made_up": 1, "use_cache": True,
}  # fmt: skip
DEEPSEEK = {
    "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "hidden_size": 64, "intermediate_size": 160,
    "moe_intermediate_size": 32, "num_hidden_layers": 4, "first_k_dense_replace": 1, "num_attention_heads": 4, "num_key_value_heads": 4,
    "n_routed_experts": 8, "n_shared_experts": 1, "num_experts_per_tok": 2, "n_group": 2, "topk_group": 1, "kv_lora_rank": 16,
    "q_lora_rank": 24, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8, "v_head_dim": 16, "vocab_size": 1000,
    "num_nextn_predict_layers": 1, "max_position_embeddings": 4096, "torch_dtype": "bfloat16",
    "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128], "activation_scheme": "dynamic"},
}  # fmt: skip
MIXTRAL = {
    "architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "hidden_size": 64, "intermediate_size": 160,
    "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 2, "num_local_experts": 4, "num_experts_per_tok": 2,
    "vocab_size": 1000, "max_position_embeddings": 4096, "sliding_window": 512, "torch_dtype": "bfloat16",
}  # fmt: skip
UNKNOWN = {
    "architectures": ["InventedForCausalLM"], "model_type": "invented", "hidden_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 8, "num_key_value_heads": 2, "vocab_size": 1000, "max_position_embeddings": 4096,
}  # fmt: skip
IMAGES = {"_class_name": "AutoencoderKL", "block_out_channels": [128, 256], "latent_channels": 4}
BY_NAME = {"llama": LLAMA, "deepseek": DEEPSEEK, "mixtral": MIXTRAL, "unknown": UNKNOWN, "images": IMAGES}

TARGET = Target(gpu="h100-sxm-80gb", gpus=2, context=2048, concurrency=4)


def finding(code: str, severity: str, message: str = "it is wrong", quote: str | None = '"num_key_value_heads": 3') -> Finding:
    """A finding with one piece of evidence, line 7 of config.json."""
    evidence = Evidence(Source.DECLARED, "config.json", "/num_key_value_heads", 7, quote, 3)
    return Finding(code, "made-up-rule", Severity(severity), Confidence.HIGH, message, (evidence,), "write another")


OUTCOMES: tuple[Outcome, ...] = (
    Passed("AAA002", "fine"),
    finding("AAA001", "info"),
    Skipped("AAA004", "not-looked-at", "README.md is not there"),
    finding("AAA003", "error", "heads do not divide"),
    Broken("AAA005", "crashed", "ZeroDivisionError: division by zero"),
)


def spec_of(config: dict[str, Any]) -> ModelSpec:
    """The spec of a config."""
    return normalize_bytes(json.dumps(config).encode())


def report_of(config: dict[str, Any], outcomes: tuple[Outcome, ...] = OUTCOMES, target: Target = TARGET) -> Report:
    """The report of a config on a target."""
    spec = spec_of(config)
    return Report(
        "models/small",
        "small",
        spec,
        figures(spec, target),
        outcomes,
        origin="folder",
        target=target.to_dict(),
        files={"config.json": "read", "README.md": "not there"},
        notes=("a note",),
    )
