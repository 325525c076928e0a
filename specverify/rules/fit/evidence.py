"""Whether the repo shows that the model does the task: evaluations, a chat template, languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specverify.card.card import Card
from specverify.card.evaluation.benchmarks import AGENT, CODE, LONG
from specverify.card.evaluation.evaluations import LONG_CONTEXT, Evaluations
from specverify.card.metadata import texts
from specverify.facts import Source
from specverify.outcome import Evidence
from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, at_key, at_line, is_whole, rule, shown
from specverify.rules.fit.asked import asked, class_of, prototype_of, purposes
from specverify.spec import Figure, Modality, ModelSpec
from specverify.target import Target

TOKENIZER = "tokenizer_config.json"
TEMPLATES = ("chat_template.jinja", "chat_template.json", "tekken.json")
"""Files beside the tokenizer's that say how a conversation is written; mistral-common has it in its tekken files."""
TEMPLATE_FOLDERS = ("additional_chat_templates/", "encoding/")
WRITERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
DOCUMENTS = ("DocVQA", "InfoVQA", "ChartQA", "OCRBench", "CC-OCR")
RULER = "https://arxiv.org/abs/2404.06654"
_DOCUMENTS = Pattern(
    r"omni-?doc-?bench|olm-?ocr|doc-?vqa|info(?:graphic)?-?vqa|chart-?qa|ocr-?bench|mmlongbench|slide-?vqa|mp-?doc|"
    r"\blayouts?\b|document[- ](?:pars|understand|ai\b|conver|extract|intelligen|question)|pub(?:lay|tab)net|doc-?lay",
)
_CODE = Pattern(r"\bcod(?:e|er|ing)\b|code-|coder|starcoder")
_TOOLS = Pattern(r"tool|function")
_TOOL_WORDS = Pattern(r"tool[- _](?:call|us)|function[- _]call|agentic|\bagents?\b|browser|terminal")
_TEMPLATE_WORDS = 200_000
"""Characters of a chat template that are looked at."""


@rule("FIT008", severity="warning", confidence="medium", source=RULER)
def long_window_without_evidence(
    spec: ModelSpec, figures: Mapping[str, Figure], target: Target, evaluations: Evaluations
) -> Iterator[Found]:
    """Long documents are to be read, and the card shows nothing of how well the model reads them.

    ## Why
    A window says what a model takes, not what it finds there: of models that take 32K and more, half hold their quality at 32K
    (RULER, arXiv:2404.06654). Looked for is any benchmark on long text, by name, a needle test included.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    A model.
    ```
    ```toml bad target
    task = "long-document-qa"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 131072, "rope_theta": 500000.0}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    A model. On RULER at 131,072 tokens it scores 81.2 on average over 13 tasks, each tested at that length (greedy, 0-shot).
    ```
    ```toml good target
    task = "long-document-qa"
    ```

    ## Fix
    Test on documents of your own at 25, 50 and 100 % of the length you need, with the answer at the start, the middle and the end.
    """
    asked(target, "long-document-qa")
    declared = figures.get("context.declared")
    length = target.context or (declared.value if declared is not None else None)
    if length is None:
        raise Skip("the context is not known")
    if length < LONG_CONTEXT or any(benchmark.group == LONG for benchmark in evaluations.notes.named):
        return
    yield Found(
        f"The task reads up to {int(length):,} tokens, and the card names no benchmark on long text.",
        shown(*(declared.number.rests_on() if declared is not None else ())) or shown(spec.fact("architectures")),
        "Test on documents of your own, at the length you need.",
    )


@rule("FIT009", severity="warning", confidence="medium", source="https://arxiv.org/abs/2007.00398")
def pages_without_evidence(spec: ModelSpec, target: Target, card: Card, evaluations: Evaluations) -> Iterator[Found]:
    """Pages are to be read, and the card shows nothing of how well the model reads pages.

    ## Why
    A model that describes photographs well may not follow columns, tables and reading order: what it sees of a page depends on its
    resolution and its projector (DocVQA, arXiv:2007.00398). Looked for are benchmarks on documents by name, and any word on
    layout or on parsing documents.

    ```json bad
    {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "torch_dtype": "bfloat16",
     "image_token_index": 999, "projector_hidden_act": "gelu", "vision_feature_layer": -2, "vision_feature_select_strategy": "default",
     "text_config": {"model_type": "llama", "vocab_size": 1000, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
      "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
      "num_attention_heads": 4, "image_size": 28, "patch_size": 14, "projection_dim": 64, "vocab_size": 1000}}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    A model.
    ```
    ```toml bad target
    task = "document-understanding"
    ```

    ```json good
    {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "torch_dtype": "bfloat16",
     "image_token_index": 999, "projector_hidden_act": "gelu", "vision_feature_layer": -2, "vision_feature_select_strategy": "default",
     "text_config": {"model_type": "llama", "vocab_size": 1000, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
      "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
      "num_attention_heads": 4, "image_size": 28, "patch_size": 14, "projection_dim": 64, "vocab_size": 1000}}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    A model for document parsing: tables, columns and reading order.
    ```
    ```toml good target
    task = "document-understanding"
    ```

    ## Fix
    Test on pages of your own: single fields, tables, reading order, and questions whose answer is on no page.
    """
    asked(target, "document-understanding")
    if not any(part.modality is Modality.VISION for part in spec.parts):
        raise Skip("the model has no part that sees")
    if any(benchmark.name in DOCUMENTS for benchmark in evaluations.notes.named) or _DOCUMENTS.search(card.document.plain.lower()):
        return
    yield Found(
        "The task reads pages, and the card names no benchmark on documents and says nothing of layout.",
        (*shown(spec.fact("modality_interface")), at_line(card, 1)),
        "Test on pages of your own: single fields, tables, reading order.",
    )


@rule("FIT010", severity="warning", confidence="medium", source="https://huggingface.co/docs/transformers/chat_templating")
def no_chat_template(
    spec: ModelSpec, target: Target, tokenizer: Mapping[str, Any], files: Sequence[str], origin: Mapping[str, Any]
) -> Iterator[Found]:
    """A conversation is to be had, and no file says how one is written for this model.

    ## Why
    A model tuned for conversations was tuned on one way of marking turns, which its chat template states; a base model has none, and
    continues the conversation as if it were any text, the user's part included. Engines refuse the chat endpoint without one.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```json bad tokenizer_config.json
    {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 4096}
    ```
    ```toml bad target
    task = "chat"
    ```
    ```text bad files
    model.safetensors
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```json good tokenizer_config.json
    {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 4096,
     "chat_template": "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"}
    ```
    ```toml good target
    task = "chat"
    ```
    ```text good files
    model.safetensors
    ```

    ## Fix
    Take the repo that was tuned for conversations, or state the template this one was tuned with.
    """
    task = asked(target, "chat", "agent")
    name = class_of(spec)
    if prototype_of(spec) == "encoder-decoder" or not name.endswith(WRITERS):
        raise Skip(f"{name} is not the class of a model that continues a conversation")
    if tokenizer.get("chat_template") or any(path in TEMPLATES or path.startswith(TEMPLATE_FOLDERS) for path in files):
        return
    if not is_whole(origin, files):
        raise Skip("not all files of the model are known, and one may hold its chat template")
    yield Found(
        f"The task is {task.name}, and no file of the model holds a chat template.",
        (*shown(spec.fact("architectures")), Evidence(Source.DECLARED, TOKENIZER, "", note="no `chat_template`")),
        "Take the repo that was tuned for conversations, or state the template this one was tuned with.",
    )


@rule("FIT011", severity="info", confidence="medium", source="https://arxiv.org/abs/2107.03374")
def code_without_evidence(
    spec: ModelSpec,
    target: Target,
    card: Card,
    evaluations: Evaluations,
    metadata: Mapping[str, Any],
    about: Mapping[str, Any],
    origin: Mapping[str, Any],
) -> Iterator[Found]:
    """Code is to be written, and neither a benchmark nor a tag of the card speaks of code.

    ## Why
    Code runs or does not, so evidence is cheap to have (HumanEval, arXiv:2107.03374) and its absence says something. Looked for are
    benchmarks of code by name, and the word in the repo's name, tags and languages.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    A model.
    ```
    ```toml bad target
    task = "code"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```markdown good README.md
    ---
    license: mit
    tags:
    - code
    ---
    A model.
    ```
    ```toml good target
    task = "code"
    ```

    ## Fix
    Run your own repositories' tests on what it writes, beside a model that was made for code.
    """
    asked(target, "code")
    if any(benchmark.group == CODE for benchmark in evaluations.notes.named):
        return
    if _CODE.search("\n".join([purposes(metadata, about, origin), *texts(metadata, "language")]).lower()):
        return
    yield Found(
        "The task is code, and the card names no benchmark of code and has no tag for it.",
        (*shown(spec.fact("architectures")), at_line(card, 1)),
        "Run your own tests on what it writes, beside a model that was made for code.",
    )


@rule("FIT012", severity="info", confidence="medium", source="https://huggingface.co/docs/transformers/chat_extras")
def agent_without_tools(
    spec: ModelSpec, target: Target, tokenizer: Mapping[str, Any], card: Card, evaluations: Evaluations
) -> Iterator[Found]:
    """Tools are to be called, and neither the chat template nor the card has a word on tools.

    ## Why
    An engine writes the tools into the prompt by the template; one without a place for them drops them silently, and the model has seen
    no call in training that it could copy. Looked for are `tool` and `function` in the template, and calls, agents and their
    benchmarks in the card.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```json bad tokenizer_config.json
    {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 4096,
     "chat_template": "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    A model.
    ```
    ```toml bad target
    task = "agent"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```json good tokenizer_config.json
    {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 4096,
     "chat_template": "{{ tools }}{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    A model.
    ```
    ```toml good target
    task = "agent"
    ```

    ## Fix
    Take a model whose template has a place for tools, and test calls on your own tools: names, arguments, and when to call none.
    """
    asked(target, "agent")
    template = tokenizer.get("chat_template")
    if not template:
        raise Skip("tokenizer_config.json holds no chat template")
    if _TOOLS.search(str(template)[:_TEMPLATE_WORDS].lower()):
        return
    if any(benchmark.group == AGENT for benchmark in evaluations.notes.named) or _TOOL_WORDS.search(card.document.plain.lower()):
        return
    yield Found(
        "The task is agent, and neither the chat template nor the card has a word on tools.",
        (*shown(spec.fact("architectures")), Evidence(Source.DECLARED, TOKENIZER, "/chat_template")),
        "Take a model whose template has a place for tools, and test calls of your own.",
    )


@rule("FIT013", severity="info", confidence="medium", source="https://huggingface.co/docs/hub/model-cards")
def translation_of_one_language(target: Target, card: Card) -> Iterator[Found]:
    """Text is to be translated, and the card names one language.

    ## Why
    A language that a model saw little of is read better than it is written. The metadata name the languages a publisher stands for;
    what it does beyond them nobody has promised.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```markdown bad README.md
    ---
    license: mit
    language: en
    ---
    A model.
    ```
    ```toml bad target
    task = "translate"
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0}
    ```
    ```markdown good README.md
    ---
    license: mit
    language:
    - en
    - de
    ---
    A model.
    ```
    ```toml good target
    task = "translate"
    ```

    ## Fix
    Take a model whose card names both languages, or have people who speak both judge a sample of your own texts.
    """
    asked(target, "translate")
    named = [language for language in texts(card.metadata, "language") if language != "code"]
    if not named:
        raise Skip("the card names no language")
    if len(named) == 1 and named[0] not in ("multilingual", "mul"):
        yield Found(
            f"The task is translate, and the card names one language: `{named[0][:20]}`.",
            (at_key(card, "language"),),
            "Take a model whose card names both languages, or have a sample judged by people who speak both.",
        )
