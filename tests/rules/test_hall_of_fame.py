"""Real models that naive checks take for broken. None may raise a warning or an error, each for the reason its name gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from specverify.outcome import Severity
from tests.rules.assessed import report

Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A model. `known` are true findings that have nothing to do with the entry's own point."""

    name: str
    config: Json
    generation: Json | None = None
    tokenizer: Json | None = None
    known: frozenset[str] = field(default_factory=frozenset)


def model(architecture: str, model_type: str, layers: int, hidden: int, heads: int, kv: int, **more: Any) -> Json:
    return {
        "architectures": [architecture],
        "model_type": model_type,
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_key_value_heads": kv,
        "torch_dtype": "bfloat16",
        **more,
    }


def llama3(**more: Any) -> Json:
    base = model("LlamaForCausalLM", "llama", 32, 4096, 32, 8, intermediate_size=14336, vocab_size=128256, rope_theta=500000.0)
    return {**base, "bos_token_id": 128000, "eos_token_id": 128001, "max_position_embeddings": 131072, **more}


def llama3_rope(factor: float) -> Json:
    bands = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
    return {"rope_type": "llama3", "factor": factor, **bands}


def qwen(**more: Any) -> Json:
    base = model("Qwen2ForCausalLM", "qwen2", 28, 3584, 28, 4, intermediate_size=18944, vocab_size=152064, rope_theta=1000000.0)
    window = {"sliding_window": 131072, "use_sliding_window": False, "max_window_layers": 28}
    return {**base, **window, "bos_token_id": 151643, "eos_token_id": 151643, "max_position_embeddings": 32768, **more}


def deepseek_v3(**more: Any) -> Json:
    return {
        **model("DeepseekV3ForCausalLM", "deepseek_v3", 61, 7168, 128, 128, intermediate_size=18432, vocab_size=129280),
        "kv_lora_rank": 512,
        "q_lora_rank": 1536,
        "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64,
        "v_head_dim": 128,
        "n_routed_experts": 256,
        "num_experts_per_tok": 8,
        "n_shared_experts": 1,
        "n_group": 8,
        "topk_group": 4,
        "first_k_dense_replace": 3,
        "moe_layer_freq": 1,
        "moe_intermediate_size": 2048,
        "num_nextn_predict_layers": 1,
        "rope_theta": 10000,
        "max_position_embeddings": 163840,
        "rope_scaling": {
            "type": "yarn",
            "factor": 40,
            "original_max_position_embeddings": 4096,
            "beta_fast": 32,
            "beta_slow": 1,
            "mscale": 1.0,
            "mscale_all_dim": 1.0,
        },
        "bos_token_id": 0,
        "eos_token_id": 1,
        **more,
    }


def v2_lite(**more: Any) -> Json:
    sizes = {"intermediate_size": 10944, "vocab_size": 102400, "moe_intermediate_size": 1408, "num_hidden_layers": 27, "hidden_size": 2048}
    experts = {
        "n_routed_experts": 64,
        "n_shared_experts": 2,
        "num_experts_per_tok": 6,
        "n_group": 1,
        "topk_group": 1,
        "first_k_dense_replace": 1,
    }
    heads = {"num_attention_heads": 16, "num_key_value_heads": 16, "q_lora_rank": None, "bos_token_id": 100000, "eos_token_id": 100001}
    base = deepseek_v3(architectures=["DeepseekV2ForCausalLM"], model_type="deepseek_v2", **sizes, **experts, **heads, **more)
    base["rope_scaling"] = {**base["rope_scaling"], "mscale": 0.707, "mscale_all_dim": 0.707}
    del base["num_nextn_predict_layers"]
    return base


def longcat() -> Json:
    return {
        **model("LongcatFlashForCausalLM", "longcat_flash", 56, 6144, 64, 64, vocab_size=131072, num_layers=28, ffn_hidden_size=12288),
        "expert_ffn_hidden_size": 2048,
        "kv_lora_rank": 512,
        "q_lora_rank": 1536,
        "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64,
        "v_head_dim": 128,
        "n_routed_experts": 512,
        "zero_expert_num": 256,
        "zero_expert_type": "identity",
        "moe_topk": 12,
        "rope_theta": 10000000.0,
        "max_position_embeddings": 131072,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }


def gpt_oss() -> Json:
    base = model("GptOssForCausalLM", "gpt_oss", 24, 2880, 64, 8, head_dim=64, intermediate_size=2880, vocab_size=201088)
    del base["torch_dtype"]
    return {
        **base,
        "num_local_experts": 32,
        "num_experts_per_tok": 4,
        "experts_per_token": 4,
        "sliding_window": 128,
        "layer_types": ["sliding_attention", "full_attention"] * 12,
        "max_position_embeddings": 131072,
        "initial_context_length": 4096,
        "rope_theta": 150000,
        "rope_scaling": {
            "rope_type": "yarn",
            "factor": 32.0,
            "original_max_position_embeddings": 4096,
            "beta_fast": 32.0,
            "beta_slow": 1.0,
            "truncate": False,
        },
        "eos_token_id": 200002,
        "pad_token_id": 199999,
    }


def llama4_scout() -> Json:
    text = model("", "llama4_text", 48, 5120, 40, 8, head_dim=128, intermediate_size=8192, intermediate_size_mlp=16384, vocab_size=202048)
    del text["architectures"]
    text |= {
        "num_local_experts": 16,
        "num_experts_per_tok": 1,
        "interleave_moe_layer_step": 1,
        "no_rope_layers": [],
        "attention_chunk_size": 8192,
    }
    text |= {"max_position_embeddings": 10485760, "rope_theta": 500000.0, "bos_token_id": 200000, "eos_token_id": [200001, 200007, 200008]}
    text["rope_scaling"] = {**llama3_rope(16.0), "high_freq_factor": 1.0}
    return {
        "architectures": ["Llama4ForConditionalGeneration"],
        "model_type": "llama4",
        "torch_dtype": "bfloat16",
        "tie_word_embeddings": False,
        "text_config": text,
        "vision_config": {"model_type": "llama4_vision_model", "hidden_size": 1408, "num_hidden_layers": 34, "num_attention_heads": 16},
    }


def whisper() -> Json:
    sides = ("encoder", "decoder")
    return {
        "architectures": ["WhisperForConditionalGeneration"],
        "model_type": "whisper",
        "is_encoder_decoder": True,
        "d_model": 1280,
        "num_hidden_layers": 32,
        **{f"{side}_layers": 32 for side in sides},
        **{f"{side}_attention_heads": 20 for side in sides},
        **{f"{side}_ffn_dim": 5120 for side in sides},
        "num_mel_bins": 128,
        "max_source_positions": 1500,
        "max_target_positions": 448,
        "max_length": 448,
        "vocab_size": 51866,
        "bos_token_id": 50257,
        "eos_token_id": 50257,
        "pad_token_id": 50256,
        "torch_dtype": "float16",
    }


def nemotron_h() -> Json:
    base = model("NemotronHForCausalLM", "nemotron_h", 52, 2688, 32, 2, head_dim=128, vocab_size=131072, intermediate_size=1856)
    return {
        **base,
        "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
        "mamba_num_heads": 64,
        "mamba_head_dim": 64,
        "expand": 2,
        "ssm_state_size": 128,
        "n_groups": 8,
        "conv_kernel": 4,
        "n_routed_experts": 128,
        "n_shared_experts": 1,
        "num_experts_per_tok": 6,
        "moe_intermediate_size": 1856,
        "moe_shared_expert_intermediate_size": 3712,
        "max_position_embeddings": 262144,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }


def gemma2() -> Json:
    base = model("Gemma2ForCausalLM", "gemma2", 42, 3584, 16, 8, head_dim=256, intermediate_size=14336, vocab_size=256000)
    window = {"sliding_window": 4096, "sliding_window_size": 4096}
    activation = {"hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh"}
    ids = {"bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0}
    return {**base, **window, **activation, **ids, "max_position_embeddings": 8192, "rope_theta": 10000.0}


def phi3() -> Json:
    base = model("Phi3ForCausalLM", "phi3", 32, 3072, 32, 32, intermediate_size=8192, vocab_size=32064, sliding_window=262144)
    scaling = {"type": "longrope", "short_factor": [1.05] * 48, "long_factor": [1.05] * 48}
    context = {"max_position_embeddings": 131072, "original_max_position_embeddings": 4096, "rope_theta": 10000.0}
    return {**base, **context, "rope_scaling": scaling, "bos_token_id": 1, "eos_token_id": 32000, "pad_token_id": 32000}


def step3p5() -> Json:
    kinds = (["full_attention"] + ["sliding_attention"] * 3) * 12
    return {
        **model("Step3p5ForCausalLM", "step3p5", 45, 4096, 64, 8, vocab_size=128896, intermediate_size=11264),
        "layer_types": kinds,
        "num_nextn_predict_layers": 3,
        "sliding_window": 512,
        "rope_theta": 5000000.0,
        "max_position_embeddings": 262144,
        "bos_token_id": 0,
        "eos_token_id": [1, 2, 128007],
    }


def mistral4() -> Json:
    base = model("Mistral4ForCausalLM", "mistral4", 36, 4096, 32, 32, vocab_size=131072, intermediate_size=12288)
    mla = {"kv_lora_rank": 256, "q_lora_rank": 1024, "qk_nope_head_dim": 64, "qk_rope_head_dim": 64, "v_head_dim": 128}
    return {**base, **mla, "max_position_embeddings": 1048576, "bos_token_id": 1, "eos_token_id": 2}


def jamba() -> Json:
    base = model("JambaForCausalLM", "jamba", 32, 4096, 32, 8, intermediate_size=14336, vocab_size=65536)
    mamba = {"mamba_d_conv": 4, "mamba_d_state": 16, "mamba_dt_rank": "auto", "mamba_expand": 2}
    experts = {"num_experts": 16, "num_experts_per_tok": 2, "expert_layer_offset": 1, "expert_layer_period": 2}
    places = {"attn_layer_offset": 4, "attn_layer_period": 8}
    ids = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    return {**base, **mamba, **experts, **places, **ids, "max_position_embeddings": 262144}


def falcon() -> Json:
    return {
        "architectures": ["FalconForCausalLM"],
        "model_type": "falcon",
        "hidden_size": 4544,
        "num_hidden_layers": 32,
        "num_attention_heads": 71,
        "num_kv_heads": 71,
        "multi_query": True,
        "new_decoder_architecture": False,
        "parallel_attn": True,
        "alibi": False,
        "vocab_size": 65024,
        "bos_token_id": 11,
        "eos_token_id": 11,
        "torch_dtype": "bfloat16",
    }


def t5_11b() -> Json:
    sizes = {"d_model": 1024, "num_heads": 128, "d_kv": 128, "d_ff": 65536, "num_layers": 24, "n_positions": 512, "vocab_size": 32128}
    ids = {"decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0}
    return {"architectures": ["T5ForConditionalGeneration"], "model_type": "t5", "is_encoder_decoder": True, **sizes, **ids}


def opt() -> Json:
    sizes = {"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "ffn_dim": 16384, "word_embed_proj_dim": 4096}
    ids = {"bos_token_id": 2, "eos_token_id": 2, "pad_token_id": 1}
    more = {"vocab_size": 50272, "max_position_embeddings": 2048, "activation_function": "relu", "torch_dtype": "float16"}
    return {"architectures": ["OPTForCausalLM"], "model_type": "opt", **sizes, **ids, **more}


def bge_m3() -> Json:
    sizes = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096, "vocab_size": 250002}
    ids = {"bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1}
    positions = {"max_position_embeddings": 8194, "type_vocab_size": 1, "position_embedding_type": "absolute"}
    return {"architectures": ["XLMRobertaModel"], "model_type": "xlm-roberta", "torch_dtype": "float32", **sizes, **ids, **positions}


def gpt2() -> Json:
    sizes = {"n_embd": 768, "n_layer": 12, "n_head": 12, "n_ctx": 1024, "n_positions": 1024, "vocab_size": 50257}
    return {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", **sizes, "bos_token_id": 50256, "eos_token_id": 50256}


QWEN3 = model("Qwen3ForCausalLM", "qwen3", 64, 5120, 64, 8, head_dim=128, intermediate_size=25600, vocab_size=151936, rope_theta=1000000)
QWEN3 |= {
    "max_position_embeddings": 40960,
    "bos_token_id": 151643,
    "eos_token_id": 151645,
    "use_sliding_window": False,
    "sliding_window": None,
}
MIXTRAL = model("MixtralForCausalLM", "mixtral", 32, 4096, 32, 8, intermediate_size=14336, vocab_size=32000, rope_theta=1000000.0)
MIXTRAL |= {"num_local_experts": 8, "num_experts_per_tok": 2, "sliding_window": None, "max_position_embeddings": 32768}
MIXTRAL |= {"bos_token_id": 1, "eos_token_id": 2}
KIMI = model("KimiLinearForCausalLM", "kimi_linear", 27, 2304, 32, 32, head_dim=72, vocab_size=163840, model_max_length=1048576)
KIMI |= {"kv_lora_rank": 512, "q_lora_rank": None, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128}
KIMI |= {"num_experts": 256, "num_experts_per_token": 8, "intermediate_size": 9216, "bos_token_id": 163584, "eos_token_id": 163586}
HUNYUAN = model("HunYuanMoEV1ForCausalLM", "hunyuan_v1_moe", 32, 4096, 32, 8, head_dim=128, intermediate_size=3072, vocab_size=128167)
HUNYUAN |= {"num_experts": 64, "moe_topk": [8] * 32, "num_shared_expert": [1] * 32, "moe_intermediate_size": [3072] * 32}
HUNYUAN |= {"max_position_embeddings": 32768, "rope_theta": 10000.0, "rope_scaling": {"type": "dynamic", "factor": 1.0, "alpha": 1000.0}}
HUNYUAN |= {"bos_token_id": 1, "eos_token_id": 127960, "pad_token_id": 127961}
ERNIE_VL = model("Ernie4_5_VLMoeForConditionalGeneration", "ernie4_5_moe_vl", 28, 2560, 20, 4, intermediate_size=12288, vocab_size=103424)
ERNIE_VL |= {"moe_num_experts": [64, 64], "moe_intermediate_size": [1536, 512], "moe_k": 6, "moe_layer_start_index": [1, 1]}
ERNIE_VL |= {"max_position_embeddings": 131072, "rope_theta": 500000, "bos_token_id": 1, "eos_token_id": 2}
MINIMAX = model("MiniMaxForCausalLM", "minimax", 80, 6144, 64, 8, head_dim=128, intermediate_size=9216, vocab_size=200064)
MINIMAX |= {"num_local_experts": 32, "num_experts_per_tok": 2, "attn_type_list": ([0] * 7 + [1]) * 10, "rope_theta": 10000000}
MINIMAX |= {"rotary_dim": 64, "max_position_embeddings": 10240000, "eos_token_id": None}
EOS = {"bos_token_id": 128000, "eos_token_id": [128001, 128008, 128009]}

CASES = (
    Case("Qwen3-32B: heads x head_dim is not the hidden size", QWEN3),
    Case("MiniMax-01: heads x head_dim is not the hidden size", MINIMAX),
    Case("Llama-3.1: factor x original is not the maximum", llama3(rope_scaling=llama3_rope(8.0))),
    Case("Llama-3.2: factor x original is not the maximum", llama3(rope_scaling=llama3_rope(32.0))),
    Case("Llama-4-Scout: low and high frequency factor are equal", llama4_scout()),
    Case("DeepSeek-V3: yarn, and the maximum is scaled already; KV heads mean nothing under MLA; MTP beside the total", deepseek_v3()),
    Case("DeepSeek-V2-Lite: q_lora_rank null", v2_lite()),
    Case("Kimi-K2 names DeepSeek's class", deepseek_v3(model_type="kimi_k2")),
    Case("Qwen2.5: a window that use_sliding_window turns off", qwen()),
    Case("Qwen2.5: a padded vocabulary", qwen(), tokenizer={"model_max_length": 131072, "eos_token": "<|endoftext|>"}),
    Case("a tokenizer without a limit", MIXTRAL, tokenizer={"model_max_length": 1000000000000000019884624838656}),
    Case("Mixtral-8x7B", MIXTRAL),
    Case("Phi-3: the original length stands at the root", phi3(), known=frozenset({"POS010"})),
    Case("Falcon-7B: multi_query beside 71 KV heads", falcon()),
    Case("LongCat: 28 layers of two sub-layers; experts that have no weights count for top-k", longcat()),
    Case("Kimi-Linear: model_max_length alone", KIMI, known=frozenset({"POS010"})),
    Case("T5-11B: heads x d_kv is not d_model", t5_11b()),
    Case("Whisper: 448 and 1,500 positions", whisper()),
    Case("Gemma-2: keys in two spellings", gemma2()),
    Case("Llama-3.1: more end tokens in generation_config.json", llama3(rope_scaling=llama3_rope(8.0)), generation=EOS),
    Case("gpt-oss: no dtype", gpt_oss()),
    Case("Hunyuan-A13B: a list of top-k", HUNYUAN, known=frozenset({"POS010"})),
    Case("Ernie-4.5-VL: a list of expert counts", ERNIE_VL),
    Case("Step-3.5: layer_types goes on for the next-token-prediction layers", step3p5()),
    Case("Mistral-4: both parts of a query are 64 wide", mistral4()),
    Case("Nemotron-H: heads x head_dim is not expand x hidden", nemotron_h()),
    Case("OPT: 50,272 rows for 50,265 tokens", opt()),
    Case("bge-m3: 8,194 positions", bge_m3()),
    Case("Jamba: mamba_dt_rank auto", jamba()),
    Case("GPT-2: a class that GPT-SW3 shares", gpt2()),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.split(":")[0].replace(" ", "-"))
def test_it_must_not_fire(case: Case) -> None:
    files = {"config.json": case.config, "generation_config.json": case.generation, "tokenizer_config.json": case.tokenizer}
    findings = report({name: content for name, content in files.items() if content is not None}).findings
    fired = [f"{f.code} {f.message}" for f in findings if f.severity is not Severity.INFO and f.code not in case.known]
    assert not fired
