"""The model another was made from, and how."""

from __future__ import annotations

import pytest

from specverify.card.kinds import BASE_MODEL
from tests.card.said import OWN, claims, refused, said


def bases(text: str, name: str | None = OWN) -> list[tuple[str, str]]:
    return [(claim.terms[0], claim.role) for claim in claims(BASE_MODEL, text, name)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- **Base model:** someone/Other-9B", [("someone/Other-9B", "stated")]),
        ("- Finetuned from model: Mistral-7B-v0.1", [("Mistral-7B-v0.1", "finetune")]),
        ("- Continue-pretrained from model: Llama-2-70B", [("Llama-2-70B", "continued-pretraining")]),
        ("- Distilled from: someone/Big-70B", [("someone/Big-70B", "distilled")]),
        ("| Property | Value |\n|---|---|\n| Base Model | Qwen2.5-7B |", [("Qwen2.5-7B", "stated")]),
        ("This is a fine-tuned version of someone/Other-9B on dialogues.", [("someone/Other-9B", "finetune")]),
        ("Example-7B is fine-tuned on Llama-2 13B and speaks Welsh.", [("Llama-2 13B", "finetune")]),
        ("An instruct fine tune of Mistral-7B-v0.1 with care.", [("Mistral-7B-v0.1", "finetune")]),
        ("A fine tune of Llama-2-7B, not of another.", [("Llama-2-7B", "finetune")]),
        ("A merge of a/Left-7B, b/Mid-7B, and c/Right-7B.", [("a/Left-7B", "merge"), ("b/Mid-7B", "merge"), ("c/Right-7B", "merge")]),
        ("It was distilled from Qwen2.5-72B with long answers.", [("Qwen2.5-72B", "distilled")]),
        ("This repo is a GPTQ quantized version of someone/Other-9B.", [("someone/Other-9B", "quantized")]),
        ("A LoRA adapter for Llama-3-8B.", [("Llama-3-8B", "adapter")]),
        ("The model was further pre-trained from Llama-2-7B.", [("Llama-2-7B", "continued-pretraining")]),
        ("Example-7B is post-trained on top of Qwen3-8B.", [("Qwen3-8B", "post-trained")]),
        ("This model is based on Mixtral-8x7b.", [("Mixtral-8x7b", "stated")]),
        ("Trained from Llama 3.1 70B Instruct, it reflects.", [("Llama 3.1 70B Instruct", "stated")]),
        ("A merge of someone/Left-7B and someone/Right-7B.", [("someone/Left-7B", "merge"), ("someone/Right-7B", "merge")]),
        (
            "This is a merge of the following models:\n\n* someone/Left-7B\n* someone/Right-7B\n\nEnjoy.",
            [("someone/Left-7B", "merge"), ("someone/Right-7B", "merge")],
        ),
    ],
)
def test_bases_are_read(text: str, expected: list[tuple[str, str]]) -> None:
    assert bases(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("It is based on the Llama-2 architecture.", "no model but data, software or an architecture"),
        ("It was fine-tuned on MegaTalk-200B conversations.", "no model but data, software or an architecture"),
        ("You can fine-tune a version based on Llama-3-8B.", "the sentence does not say that the model was made from it"),
        ("Our app is built on Example-7B.", "the model itself, as another was made from it"),
        ("Download a quantized version of Llama-3-8B.", "a quantized version of the model, which is another repo"),
        ("It does better than models based on Llama-3-8B.", "the sentence does not say that the model was made from it"),
        ("Vicuna-13B is fine-tuned from Llama-13B.", "about Vicuna-13B"),
        ("It is based on Yi, and free.", "a family and no model"),
    ],
)
def test_bases_are_refused(text: str, reason: str) -> None:
    assert bases(text) == []
    assert reason in refused(BASE_MODEL, text)


@pytest.mark.parametrize(
    "text",
    [
        "The answers were distilled from experience.",
        "Full fine-tuning on Llama-3-8B and Llama-3-70B differs.",
        "A merge of different Llama2-70b models.",
        "It is built on SigLIP-400M.",
        "Trained on 2T tokens of text.",
        "Merging is an art.",
        "- Base model: to be told",
    ],
)
def test_what_names_no_model_says_nothing(text: str) -> None:
    assert bases(text) == []


def test_a_link_gives_the_repo_where_the_name_is_none() -> None:
    card = "A finetune of [Other 9B](https://huggingface.co/someone/Other-9B-v2) by me."
    assert bases(card.replace("Other 9B", "Llama 9B")) == [("someone/Other-9B-v2", "finetune")]
    own = "Finetuned from: [someone/Other-9B](https://huggingface.co/someone/Else-9B)"
    assert bases(own) == [("someone/Other-9B", "finetune")]


def test_a_table_of_siblings_gives_each_its_base() -> None:
    card = "| Model | Base Model |\n|---|---|\n| Example-7B | Qwen2.5-7B |\n| Example-70B | Llama-3.3-70B |\n| Vicuna | Llama-2 |\n"
    assert said(BASE_MODEL, card) == [(("Qwen2.5-7B",), "self"), (("Llama-3.3-70B",), "sibling")]


def test_a_list_of_base_and_chat_repos_by_size_names_no_base() -> None:
    assert bases("| | Base Model | Chat |\n|---|---|---|\n| 7B | example/Example-7B-Base | example/Example-7B |\n") == []


def test_the_model_behind_its_base_is_the_one_meant() -> None:
    text = "Built on the Qwen3-8B model, the Example-70B model thinks longer."
    assert said(BASE_MODEL, text) == [(("Qwen3-8B",), "sibling")]


def test_the_front_matter_is_read_with_its_lines() -> None:
    card = "---\nlicense: mit\nbase_model:\n- someone/Left-7B\n- someone/Right-7B\n---\n# Example-7B\n"
    found = claims(BASE_MODEL, card)
    assert [(c.terms, c.line, c.columns, c.emitter, c.role) for c in found] == [
        (("someone/Left-7B",), 4, (3, 18), "metadata", "merge"),
        (("someone/Right-7B",), 5, (3, 19), "metadata", "merge"),
    ]


@pytest.mark.parametrize(("stated", "role"), [("quantized", "quantized"), ("adapter", "adapter"), ("zzz", "stated"), ("[]", "stated")])
def test_the_relation_of_the_front_matter_is_the_role(stated: str, role: str) -> None:
    (claim,) = claims(BASE_MODEL, f"---\nbase_model: someone/Other-9B\nbase_model_relation: {stated}\n---\n# Example-7B\n")
    assert claim.role == role
