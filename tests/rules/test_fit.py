"""Architecture fit: nothing is said of healthy pairs of model and task, and what does not fit is named with what proves it."""

from __future__ import annotations

from typing import Any

import pytest

from specverify import Report, Target, verify
from specverify.outcome import Finding, Severity, Skipped
from specverify.target import InvalidTarget
from specverify.task import TASKS
from tests.fixture_files import FIXTURES
from tests.rules.assessed import LLAMA
from tests.rules.assessed import report as assessed

Json = dict[str, Any]
HEALTHY = {
    "bert-base": ("embed", "retrieve", "rerank", "classify", "extract"),
    "modernbert-base": ("embed", "retrieve", "classify"),
    "distilbert-base": ("embed", "classify", "extract"),
    "llama-3-8b-instruct": ("chat", "summarize", "translate", "extract", "agent"),
    "llama-3.1-70b": ("chat", "summarize"),
    "qwen2.5-7b-instruct": ("chat", "summarize"),
    "deepseek-coder-6.7b": ("code",),
    "starcoder2-15b": ("code",),
    "deepseek-v3": ("chat",),
    "mixtral-8x7b": ("chat",),
    "gemma-3-4b": ("chat",),
    "whisper-large-v3": ("voice",),
    "t5-base": ("translate", "summarize", "extract"),
    "bart-large-cnn": ("summarize",),
    "marian-two-depths": ("translate",),
}
MISFITS = [
    ("llama-3-8b-instruct", "rerank", "FIT001"),
    ("llama-3-8b-instruct", "classify", "FIT001"),
    ("bert-base", "chat", "FIT003"),
    ("bert-base", "code", "FIT003"),
    ("modernbert-base", "long-document-qa", "FIT003"),
    ("t5-base", "chat", "FIT004"),
    ("bart-large-cnn", "agent", "FIT004"),
    ("whisper-large-v3", "chat", "FIT004"),
    ("llama-3-8b-instruct", "voice", "FIT007"),
    ("gemma-3-4b", "voice", "FIT007"),
    ("qwen2.5-7b-instruct", "document-understanding", "FIT007"),
    ("llama-3.1-8b", "long-document-qa", "FIT008"),
    ("gemma-3-4b", "document-understanding", "FIT009"),
    ("llama-3-8b-instruct", "code", "FIT011"),
    ("gpt2", "translate", "FIT013"),
]


def of(name: str, **target: Any) -> Report:
    return verify(str(FIXTURES / name), offline=True, target=Target(**target))


def fit(report: Report) -> dict[str, Finding]:
    return {finding.code: finding for finding in report.findings if finding.code.startswith("FIT")}


def skipped(report: Report, code: str) -> str | None:
    return next((o.reason for o in report.outcomes if o.code == code and isinstance(o, Skipped)), None)


def made(config: Json, *paths: str, card: str | None = None, tokenizer: Json | None = None, **target: Any) -> Report:
    files: Json = {"config.json": config}
    if card is not None:
        files["README.md"] = card
    if tokenizer is not None:
        files["tokenizer_config.json"] = tokenizer
    return assessed(files, *paths, target=target)


@pytest.mark.parametrize(("name", "task"), [(name, task) for name, tasks in HEALTHY.items() for task in tasks])
def test_healthy_pairs_are_silent(name: str, task: str) -> None:
    assert fit(of(name, task=task)) == {}


@pytest.mark.parametrize(("name", "task", "code"), MISFITS)
def test_misfits_are_named_with_what_they_rest_on(name: str, task: str, code: str) -> None:
    finding = fit(of(name, task=task))[code]
    assert finding.evidence
    assert all(one.file for one in finding.evidence)


def test_without_a_task_nothing_is_said_and_nothing_passes() -> None:
    report = of("llama-3-8b-instruct")
    assert not fit(report)
    assert all(isinstance(o, Skipped) for o in report.outcomes if o.code.startswith("FIT"))
    assert skipped(report, "FIT001") == "no task was named"


def test_a_label_by_a_decoder_is_advice_and_a_score_by_one_a_warning() -> None:
    assert fit(of("llama-3-8b-instruct", task="classify"))["FIT001"].severity is Severity.INFO
    assert fit(of("llama-3-8b-instruct", task="rerank"))["FIT001"].severity is Severity.WARNING


@pytest.mark.parametrize("front", ["pipeline_tag: text-ranking", "tags:\n- reranker", "tags: [cross-encoder]"])
def test_a_decoder_that_says_it_ranks_is_believed(front: str) -> None:
    card = f"---\nlicense: mit\n{front}\n---\nA model.\n"
    assert "FIT001" not in fit(made(LLAMA, card=card, task="rerank"))


@pytest.mark.parametrize("path", ["modules.json", "1_Pooling/config.json", "config_sentence_transformers.json"])
def test_a_decoder_that_says_how_it_pools_is_believed(path: str) -> None:
    assert "FIT002" in fit(made(LLAMA, "model.safetensors", task="embed"))
    assert "FIT002" not in fit(made(LLAMA, "model.safetensors", path, task="embed"))


def test_files_that_are_not_known_may_pool_or_hold_a_template() -> None:
    assert "may say how it pools" in (skipped(made(LLAMA, task="embed"), "FIT002") or "")
    assert "chat template" in (skipped(made(LLAMA, tokenizer={"tokenizer_class": "LlamaTokenizer"}, task="chat"), "FIT010") or "")


@pytest.mark.parametrize("path", ["chat_template.jinja", "additional_chat_templates/tool_use.jinja", "tekken.json", "encoding/dsv32.py"])
def test_a_template_may_stand_in_a_file_of_its_own(path: str) -> None:
    tokenizer = {"tokenizer_class": "LlamaTokenizer"}
    assert "FIT010" in fit(made(LLAMA, "model.safetensors", tokenizer=tokenizer, task="chat"))
    assert "FIT010" not in fit(made(LLAMA, "model.safetensors", path, tokenizer=tokenizer, task="chat"))


@pytest.mark.parametrize(("task", "fires"), [("long-document-qa", False), ("chat", True)])
def test_an_answer_may_be_a_span_of_the_document(task: str, fires: bool) -> None:
    bert = {**LLAMA, "model_type": "bert", "architectures": ["BertForQuestionAnswering"]}
    assert ("FIT003" in fit(made(bert, task=task))) is fires


def test_a_reward_model_does_not_chat() -> None:
    reward = {**LLAMA, "architectures": ["LlamaForSequenceClassification"]}
    assert "scores for a text" in fit(made(reward, task="chat"))["FIT003"].message


@pytest.mark.parametrize(("model_type", "name"), [("bert", "BertModel"), ("t5", "T5ForConditionalGeneration")])
def test_only_decoders_are_doubted_as_rerankers(model_type: str, name: str) -> None:
    other = {**LLAMA, "model_type": model_type, "architectures": [name]}
    assert "FIT001" not in fit(made(other, task="rerank"))
    assert "hidden states" in fit(made({**LLAMA, "architectures": ["LlamaModel"]}, task="rerank"))["FIT001"].message


@pytest.mark.parametrize(("per_token", "fires"), [(2, True), (8, False)])
def test_experts_that_are_all_chosen_are_routed_evenly(per_token: int, fires: bool) -> None:
    mixture = {**LLAMA, "model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "sliding_window": None}
    config = {**mixture, "num_local_experts": 8, "num_experts_per_tok": per_token}
    assert ("FIT005" in fit(made(config, p99_ms=900))) is fires


def test_a_mixture_is_named_only_under_a_budget_for_the_tail() -> None:
    assert "FIT005" not in fit(of("mixtral-8x7b", task="chat"))
    finding = fit(of("mixtral-8x7b", task="chat", p99_ms=900))["FIT005"]
    assert "2 of 8 experts" in finding.message
    assert {evidence.pointer for evidence in finding.evidence} == {"/num_local_experts", "/num_experts_per_tok"}
    assert "FIT005" not in fit(of("llama-3.1-8b", task="chat", p99_ms=900))


@pytest.mark.parametrize(("figure", "context", "concurrency"), [("prefill.floor_seconds", 32768, 1), ("decode.floor_seconds", 128, 400)])
def test_a_budget_is_held_against_each_floor(figure: str, context: int, concurrency: int) -> None:
    asked = {"gpu": "h100-sxm-80gb", "context": context, "concurrency": concurrency}
    seconds = of("qwen2.5-7b-instruct", **asked).figures[figure].value
    assert seconds is not None
    below, above = int(seconds * 1000), int(seconds * 1000) + 1
    assert figure in fit(of("qwen2.5-7b-instruct", p99_ms=below, **asked))["FIT006"].message
    assert "FIT006" not in fit(of("qwen2.5-7b-instruct", p99_ms=above, **asked))


@pytest.mark.parametrize(
    ("said", "fires"), [("A needle in a haystack is found.", False), ("On RULER it does well.", False), ("Fast.", True)]
)
def test_any_test_on_long_text_is_evidence(said: str, fires: bool) -> None:
    long = {**LLAMA, "max_position_embeddings": 131072}
    card = f"---\nlicense: mit\n---\n{said}\n"
    assert ("FIT008" in fit(made(long, card=card, task="long-document-qa"))) is fires
    assert "FIT008" not in fit(made(LLAMA, card=card, task="long-document-qa"))


def test_sight_that_is_not_read_exactly_is_not_judged() -> None:
    unknown = {**LLAMA, "model_type": "example", "architectures": ["ExampleForCausalLM"], "vision_config": {}}
    assert "may read more" in (skipped(made(unknown, task="document-understanding"), "FIT007") or "")


def test_a_task_is_one_of_those_known() -> None:
    with pytest.raises(InvalidTarget, match="task is 'sing', not one of chat, rerank"):
        Target(task="sing")
    with pytest.raises(InvalidTarget, match="p99_ms is 0"):
        Target(p99_ms=0)
    assert all(task.prototypes and task.bound and task.context for task in TASKS.values())
