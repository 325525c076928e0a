"""Defects that people met, each with the thread that tells of it: found, proved by the line, and nothing else is blamed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from specverify import Target, verify
from specverify.cli import main
from specverify.outcome import Broken, Finding, Severity
from tests.fixture_files import FIXTURES
from tests.hub.models import framed

ABSENT = object()
"""The value of a key to take out of a config."""
BLOCKS = {"quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic", "weight_block_size": [128, 128]}
LLAVA_LLAMA_3 = {
    "architectures": ["LlavaNextForConditionalGeneration"],
    "model_type": "llava_next",
    "torch_dtype": "float16",
    "image_token_index": 128256,
    "projector_hidden_act": "gelu",
    "text_config": {
        "model_type": "llama",
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "max_position_embeddings": 8192,
        "rope_theta": 500000.0,
        "vocab_size": 128256,
    },
    "vision_config": {
        "model_type": "clip_vision_model",
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "image_size": 336,
        "patch_size": 14,
        "projection_dim": 768,
        "vocab_size": 32000,
    },
}
MINISTRAL_3 = {
    "architectures": ["Mistral3ForConditionalGeneration"],
    "model_type": "mistral3",
    "torch_dtype": "bfloat16",
    "image_token_index": 10,
    "spatial_merge_size": 2,
    "tie_word_embeddings": False,
    "text_config": {
        "model_type": "mistral",
        "hidden_size": 3072,
        "intermediate_size": 9216,
        "num_hidden_layers": 26,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "max_position_embeddings": 32768,
        "rope_theta": 1000000.0,
        "sliding_window": None,
        "tie_word_embeddings": True,
        "vocab_size": 131072,
    },
    "vision_config": {
        "model_type": "pixtral",
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "head_dim": 64,
        "image_size": 1540,
        "patch_size": 14,
        "rope_theta": 10000.0,
    },
}


@dataclass(frozen=True)
class Case:
    """A fixture with changes, and what must be said of it.

    `finds` are code, severity, file, and a part of the line that proves it, one for each finding that is no mere info (or,
    where the case is one of info, for that one).
    """

    name: str
    thread: str
    fixture: str
    finds: tuple[tuple[str, str, str, str], ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    target: Mapping[str, Any] = field(default_factory=dict)


CASES = (
    Case(
        "Qwen2.5-7B-Instruct: 131,072 by opt-in, and the card says how",
        "https://github.com/vllm-project/vllm/issues/16757",
        "qwen2.5-7b-instruct",
        (("CRD001", "info", "README.md", "131,072 tokens with YaRN"),),
    ),
    Case(
        "the same model with a card that names the length alone",
        "https://github.com/vllm-project/vllm/issues/16757",
        "qwen2.5-7b-without-recipe",
        (("CRD001", "warning", "README.md", "| Context length | 131,072 tokens |"),),
    ),
    Case(
        "Llama-2, first revision: 2,048 in the config, 4,096 on the card",
        "https://github.com/huggingface/transformers/issues/24986",
        "llama-2-7b-first-revision",
        (("CRD001", "warning", "README.md", "4,096 tokens"),),
    ),
    Case(
        "Command-R: 8,192 positions beside model_max_length 131,072",
        "https://github.com/vllm-project/vllm/issues/3676",
        "command-r-v01",
        (("POS010", "warning", "config.json", '"model_max_length": 131072'),),
    ),
    Case(
        "Phi-3-mini-128k: vLLM serves what there was before longrope",
        "https://github.com/vllm-project/vllm/pull/27431",
        "phi-3-mini-128k",
        (("POS010", "warning", "config.json", '"original_max_position_embeddings": 4096'),),
    ),
    Case(
        "Mistral saved without its null window: the class fills in 4,096",
        "https://github.com/mistralai/mistral-inference/issues/102",
        "mistral-7b-v0.3",
        (("POS012", "warning", "config.json", '"max_position_embeddings": 32768'),),
        changes={"sliding_window": ABSENT},
    ),
    Case(
        "DeepSeek-Coder: a length after scaling that engines scale again",
        "https://github.com/deepseek-ai/DeepSeek-Coder/issues/10",
        "deepseek-coder-6.7b",
        (("POS010", "warning", "config.json", '"max_position_embeddings": 16384'),),
    ),
    Case(
        "Yi-34B-Chat under the 200K of its family's name",
        "https://github.com/vllm-project/vllm/issues/2565",
        "yi-34b-chat",
        (("CRD001", "warning", "README.md", "200K"),),
        files={"README.md": "---\nlicense: apache-2.0\n---\n# Yi 34B Chat\n\n- Context Length: 200K\n"},
    ),
    Case(
        "Med42: the fine-tune that inherited 2,048 positions",
        "https://github.com/m42-health/med42/issues/3",
        "llama-2-7b",
        (("CRD001", "warning", "README.md", "4,096 tokens"),),
        changes={"max_position_embeddings": 2048},
    ),
    Case(
        "Kimi-K2: two files end an answer with two tokens",
        "https://github.com/vllm-project/vllm/issues/4180",
        "kimi-k2",
        (("VOC003", "warning", "config.json", '"eos_token_id": 163585'),),
    ),
    Case(
        "Qwen3-30B-A3B-FP8 on four GPUs: experts of 768 in blocks of 128",
        "https://github.com/vllm-project/vllm/issues/25292",
        "qwen3-30b-a3b",
        (("QNT003", "error", "config.json", '"moe_intermediate_size": 768'),),
        changes={"quantization_config": BLOCKS},
        target={"gpus": 4},
    ),
    Case(
        "Qwen3-235B-A22B-FP8 on eight GPUs: 192 columns each, and 4 KV heads kept twice",
        "https://github.com/vllm-project/vllm/issues/25292",
        "qwen3-235b-a22b-fp8",
        (
            ("QNT003", "error", "config.json", '"moe_intermediate_size": 1536'),
            ("CAP002", "warning", "config.json", '"num_key_value_heads": 4'),
        ),
        target={"gpus": 8},
    ),
    Case(
        "Falcon-7B has 71 heads, which is a prime",
        "https://github.com/vllm-project/vllm/issues/772",
        "falcon-7b",
        (("CAP001", "error", "config.json", '"num_attention_heads": 71'),),
        target={"gpus": 2},
    ),
    Case(
        "28 heads on eight GPUs",
        "https://github.com/vllm-project/vllm/issues/11797",
        "qwen2.5-7b-instruct",
        (("CAP001", "error", "config.json", '"num_attention_heads": 28'),),
        target={"gpus": 8},
    ),
    Case(
        "LLaVA-NeXT on Llama-3: the image token is one past the last row",
        "https://github.com/huggingface/transformers/issues/29836",
        "llama-3-8b-instruct",
        (("VOC001", "warning", "config.json", '"image_token_index": 128256'),),
        files={"config.json": json.dumps(LLAVA_LLAMA_3, indent=1)},
    ),
    Case(
        "Ministral-3: the root unties what the text config ties",
        "https://github.com/huggingface/transformers/pull/43429",
        "mistral-7b-v0.3",
        (("IDN009", "warning", "config.json", '"tie_word_embeddings": false'),),
        files={"config.json": json.dumps(MINISTRAL_3, indent=1)},
    ),
    Case(
        "a Llama-2 fine-tune with a padding token and no row for it (WizardLM's 32,001)",
        "https://github.com/huggingface/transformers/issues/33819",
        "llama-2-7b",
        (("VOC002", "error", "tokenizer_config.json", '"32000": {'),),
        files={"tokenizer_config.json": '{\n "added_tokens_decoder": {\n  "32000": {\n   "content": "[PAD]"\n  }\n }\n}\n'},
    ),
    Case(
        "Marian: six encoder layers by one key, two by the other",
        "https://huggingface.co/sshleifer/tiny-marian-en-de/blob/main/config.json",
        "marian-two-depths",
        (("IDN008", "warning", "config.json", '"num_hidden_layers": 6'),),
    ),
    Case(
        "a chunk size that no layer uses (MiMo-V2-Flash)",
        "https://github.com/vllm-project/vllm/blob/main/vllm/transformers_utils/model_arch_config_convertor.py",
        "llama-3.1-8b",
        (("POS016", "warning", "config.json", '"attention_chunk_size": 128'),),
        changes={"attention_chunk_size": 128},
    ),
    Case(
        "a config saved without rope_theta: 10,000 in place of 500,000",
        "https://github.com/sgl-project/sglang/pull/14745",
        "llama-3-8b-instruct",
        (("POS008", "warning", "config.json", '"max_position_embeddings": 131072'),),
        changes={"rope_theta": ABSENT, "max_position_embeddings": 131072},
    ),
)


def folder(case: Case, root: Path) -> Path:
    """The case as files."""
    path = root / case.fixture
    shutil.copytree(FIXTURES / case.fixture, path)
    config = json.loads((path / "config.json").read_text(encoding="utf-8")) | case.changes
    kept = {key: value for key, value in config.items() if value is not ABSENT}
    (path / "config.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    for name, text in case.files.items():
        (path / name).write_text(text, encoding="utf-8")
        if name == "config.json":
            (path / "generation_config.json").unlink(missing_ok=True)
            (path / "tokenizer_config.json").unlink(missing_ok=True)
            (path / "README.md").unlink()
    return path


def proof(finding: Finding, file: str, text: str) -> bool:
    """Whether a line of that file with that text in it is among the evidence."""
    return any(one.file == file and one.line and text in (one.quote or "") for one in finding.evidence)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_defect_is_found_with_its_proof_and_nothing_else_is(case: Case, tmp_path: Path) -> None:
    report = verify(str(folder(case, tmp_path)), offline=True, target=Target(**case.target))
    assert not [outcome for outcome in report.outcomes if isinstance(outcome, Broken)]
    codes = {code for code, *_ in case.finds}
    told = [finding for finding in report.findings if finding.severity is not Severity.INFO or finding.code in codes]
    assert [(f.code, str(f.severity)) for f in told] == [(code, severity) for code, severity, *_ in case.finds]
    for finding, (*_, file, text) in zip(told, case.finds, strict=True):
        assert proof(finding, file, text), finding.evidence


def test_there_are_ten_cases_beside_those_named_by_the_plan() -> None:
    assert len(CASES) >= 16
    assert len({case.name for case in CASES}) == len(CASES)


SMALL = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "torch_dtype": "bfloat16",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 100,
    "max_position_embeddings": 4096,
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
}
LAYER = "model.layers.0."
TENSORS = {
    "model.embed_tokens.weight": (100, 64),
    "model.norm.weight": (64,),
    "lm_head.weight": (100, 64),
    f"{LAYER}input_layernorm.weight": (64,),
    f"{LAYER}post_attention_layernorm.weight": (64,),
    f"{LAYER}self_attn.q_proj.weight": (64, 64),
    f"{LAYER}self_attn.k_proj.weight": (32, 64),
    f"{LAYER}self_attn.v_proj.weight": (32, 64),
    f"{LAYER}self_attn.o_proj.weight": (64, 64),
    f"{LAYER}mlp.gate_proj.weight": (128, 64),
    f"{LAYER}mlp.up_proj.weight": (128, 64),
    f"{LAYER}mlp.down_proj.weight": (64, 128),
}


def write_safetensors(path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> None:
    """A real file of zeros; a dtype by the name of safetensors."""
    bytes_of = {"BF16": 2, "F8_E4M3": 1, "F32": 4}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, (dtype, shape) in tensors.items():
        size = bytes_of[dtype]
        for dimension in shape:
            size *= dimension
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    path.write_bytes(framed(json.dumps(header).encode(), bytes(end)))


def small_model(path: Path, config: Mapping[str, Any], tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> list[Finding]:
    """What is said of a whole model in a folder, beside mere infos."""
    (path / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    write_safetensors(path / "model.safetensors", tensors)
    return [finding for finding in verify(str(path), offline=True).findings if finding.severity is not Severity.INFO]


def test_bf16_copy_of_an_fp8_model_that_kept_its_table(tmp_path: Path) -> None:
    """https://github.com/huggingface/transformers/issues/34847, https://github.com/sgl-project/sglang/pull/23841"""
    tensors = {name: ("BF16", shape) for name, shape in TENSORS.items()}
    (found,) = small_model(tmp_path, SMALL | {"quantization_config": BLOCKS}, tensors)
    assert (found.code, found.severity) == ("QNT004", Severity.ERROR)
    assert proof(found, "config.json", '"quant_method": "fp8"')
    assert any(one.file == "model.safetensors" and one.value == "BF16" for one in found.evidence)
    assert not small_model(tmp_path, SMALL, tensors)


def test_fp8_model_with_its_scales_is_left_alone_until_its_table_is_lost(tmp_path: Path) -> None:
    tensors: dict[str, tuple[str, tuple[int, ...]]] = {}
    for name, shape in TENSORS.items():
        quantized = "proj" in name
        tensors[name] = ("F8_E4M3" if quantized else "BF16", shape)
        if quantized:
            tensors[f"{name}_scale_inv"] = ("F32", (-(-shape[0] // 128), -(-shape[1] // 128)))
    assert not small_model(tmp_path, SMALL | {"quantization_config": BLOCKS}, tensors)
    (found,) = small_model(tmp_path, SMALL, tensors)
    assert (found.code, found.severity) == ("QNT005", Severity.ERROR)
    assert found.evidence[0].value == "F8_E4M3"


@pytest.mark.parametrize(
    ("fixture", "changes", "thread"),
    [
        ("gemma-3-4b", {}, "https://github.com/google/gemma_pytorch/pull/95"),
        ("llama-3-8b-instruct", {}, "https://github.com/vllm-project/vllm/issues/4180 (more end tokens in one file)"),
        ("qwen3-8b", {}, "https://github.com/vllm-project/vllm/pull/22471 (a padded vocabulary)"),
        ("qwen2.5-7b-instruct", {}, "https://github.com/huggingface/transformers/issues/35896 (max_window_layers as deep as the model)"),
        ("mixtral-8x22b", {}, "the name is no arithmetic"),
        ("deepseek-v3", {}, "https://github.com/vllm-project/vllm/pull/56446 (a length already scaled)"),
        ("yi-34b-chat", {}, "a card that names a longer sibling"),
        (
            "mixtral-8x7b",
            {"hidden_size": 6144, "num_attention_heads": 64, "head_dim": 128},
            "https://github.com/MiniMax-AI/MiniMax-01/issues/29 (64 heads of 128 in 6,144)",
        ),
    ],
)
def test_what_people_took_for_a_defect_and_is_none(fixture: str, changes: dict[str, Any], thread: str, tmp_path: Path) -> None:
    path = folder(Case(thread, thread, fixture, (), changes), tmp_path)
    if changes:
        (path / "README.md").unlink()
    assert not [finding for finding in verify(str(path), offline=True).findings if finding.severity is not Severity.INFO]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("adapter_config.json", {"peft_type": "LORA", "base_model_name_or_path": "meta-llama/Llama-2-7b-hf"}, "an adapter"),
        ("model_index.json", {"_class_name": "StableDiffusionPipeline"}, "a diffusers pipeline"),
    ],
)
def test_a_folder_without_a_model_of_its_own_says_what_it_is(
    file: str, content: dict[str, Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / file).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path), "--offline", "--format", "json"])
    assert stopped.value.code == 3
    out = capsys.readouterr().out
    assert file in out
    assert said in out
