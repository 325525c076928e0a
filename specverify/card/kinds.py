"""The kinds of claim a card can make, and the unit of each. Numbers first, then what is said in words."""

from __future__ import annotations

TOTAL = "total_params"
ACTIVE = "active_params"
NON_EMBEDDING = "non_embedding_params"
CONTEXT = "context_length"
OUTPUT = "output_length"
"""The longest answer, which is no context."""
LAYERS = "num_layers"
Q_HEADS = "num_q_heads"
KV_HEADS = "num_kv_heads"
LINEAR_QK_HEADS = "num_linear_qk_heads"
LINEAR_V_HEADS = "num_linear_v_heads"
"""Heads of linear attention, which are no key-value heads."""
HEAD_DIM = "head_dim"
HIDDEN = "hidden_size"
INTERMEDIATE = "intermediate_size"
VOCABULARY = "vocab_size"
EXPERTS = "num_experts"
TOP_K = "top_k"
SHARED_EXPERTS = "shared_experts"
TRAINING_TOKENS = "training_tokens"

ATTENTION = "attention"
ARCHITECTURE = "architecture"
ACTIVATION = "activation"
PRECISION = "precision"
QUANTIZATION = "quantization"
CUTOFF = "knowledge_cutoff"
HARDWARE = "hardware"
THROUGHPUT = "throughput"
TTFT = "time_to_first_token"
LATENCY = "latency"
LICENSE = "license"
CODE_LICENSE = "code_license"
BASE_MODEL = "base_model"

UNITS = {
    TOTAL: "parameters",
    ACTIVE: "parameters",
    NON_EMBEDDING: "parameters",
    CONTEXT: "tokens",
    OUTPUT: "tokens",
    LAYERS: "layers",
    Q_HEADS: "heads",
    KV_HEADS: "heads",
    LINEAR_QK_HEADS: "heads",
    LINEAR_V_HEADS: "heads",
    HEAD_DIM: "dimensions",
    HIDDEN: "dimensions",
    INTERMEDIATE: "dimensions",
    VOCABULARY: "tokens",
    EXPERTS: "experts",
    TOP_K: "experts",
    SHARED_EXPERTS: "experts",
    TRAINING_TOKENS: "tokens",
    HARDWARE: "bytes",
    THROUGHPUT: "tokens/s",
    TTFT: "s",
    LATENCY: "s",
}
"""The unit of the numbers of a kind; a kind that is not here is said in words."""
