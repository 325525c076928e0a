"""The card as a document: its front matter, its encoding, its licence line, and what nobody sees in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from specverify.card.bounded_yaml import CardProblem
from specverify.card.card import Card
from specverify.card.hidden import MOST, Hidden, hidden, spelled
from specverify.frozen import replace
from specverify.outcome import Evidence
from specverify.rules.engine import Found, at_key, at_line, metadata_of, rule

MODEL_CARDS = "https://huggingface.co/docs/hub/model-cards"
LICENSES = "https://huggingface.co/docs/hub/repositories-licenses"
IN_PART = {
    "misplaced": "Put the block at the top of the card, between two lines `---`.",
    "second-block": "Join the two blocks.",
    "hyphen-key": "Take the hyphen away.",
}
"""Problems of metadata that leave the rest of it to be read, and what mends them."""
MOST_LINES = 5
MOST_NAMES = 4
LONGEST_SPELLED = 80


@rule("CRD007", severity="warning", source=MODEL_CARDS)
def card_unreadable(card: Card) -> Iterator[Found]:
    """The card's front matter is no YAML of key-value pairs, or the card is not UTF-8 text of readable length.

    ## Why
    Licence, base model and task are stated in the front matter; the Hub refuses or ignores what it cannot read, and so do
    the tools that decide by it. What could not be read was not checked: silence about it is no pass.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    tags: [text-generation
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    tags: [text-generation]
    ---
    A model.
    ```

    ## Fix
    Correct the YAML at the line shown; save the card as UTF-8.
    """
    for problem in card.document.problems:
        said = f"Not all of the card was read: {problem.message}."
        yield Found(said, _place(card, problem), "Save it as UTF-8, or read the rest yourself.", severity="info")
    for problem in card.document.front_matter.problems:
        if problem.kind in IN_PART:
            yield Found(f"Some of the card's metadata is not read: {problem.message}.", _place(card, problem), IN_PART[problem.kind])
        elif problem.kind != "duplicate-key":
            yield Found(f"The card's metadata was not read: {problem.message}.", _place(card, problem), "Correct the YAML there.")


@rule("CRD008", severity="warning", source="https://yaml.org/spec/1.2.2/#3213-node-comparison")
def front_matter_key_twice(card: Card) -> Iterator[Found]:
    """A key of the card's front matter is given twice.

    ## Why
    YAML forbids it; readers keep the last or the first without a word, so two readers of one card may see two licences.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    license: apache-2.0
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: apache-2.0
    ---
    A model.
    ```

    ## Fix
    Keep one of them.
    """
    for problem in card.document.front_matter.problems:
        if problem.kind == "duplicate-key":
            yield Found(f"In the card's metadata {problem.message}.", _place(card, problem), "Keep one of them.")


@rule("CRD009", severity="info", source=LICENSES)
def license_not_stated(card: Card) -> Iterator[Found]:
    """The card's metadata states no licence, or `other` without saying which.

    ## Why
    Without a licence nobody has leave to use the weights; `other` needs `license_name` and `license_link` to mean anything. The
    cards of Qwen-7B and chatglm2-6b state none, and stable-code-3b states `other` by no name.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: other
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: other
    license_name: example-research-license
    license_link: https://example.org/license
    ---
    A model.
    ```

    ## Fix
    State `license`, and for `other` the `license_name` and `license_link` too.
    """
    values = metadata_of(card)
    license_ids = values.get("license")
    if not license_ids:
        message = "The card's metadata states no licence."
    elif license_ids in ("other", ["other"]) and not values.get("license_name"):
        message = "The card's licence is `other`, and no `license_name` says which."
    else:
        return
    evidence = replace(at_key(card, "license"), value=license_ids)
    yield Found(message, (evidence,), "State `license`, and for `other` the `license_name` and `license_link` too.")


@rule("CRD010", severity="warning", source="https://trojansource.codes/trojan-source.pdf")
def hidden_characters(card: Card) -> Iterator[Found]:
    """The card holds characters that nobody sees, or that show its text in another order than it is read in.

    ## Why
    A person and a program then read two cards. Overrides of direction turn words and numbers around (Trojan Source,
    CVE-2021-42574); tag characters spell out a text for whatever reads the bytes and show nothing. Zero-width characters
    and soft hyphens come along with pasted text: harmless, but a search for the word they stand in does not find it.
    specverify reads words and numbers as they are shown, without them. Those that a script or an emoji needs are no finding.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    ---
    Three tags follow: \U000e0041\U000e0042\U000e0043
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
     "max_position_embeddings": 4096, "rope_theta": 500000.0, "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    Joiners that are needed: \U0001f469\u200d\U0001f4bb and \u0645\u06cc\u200c\u0634\u0648\u062f.
    ```

    ## Fix
    Type the line anew, or delete what is not seen: the columns shown say where.
    """
    found = list(hidden(card.document.text[: len(card.document.plain)]))
    fix = "Type the line anew, or delete what is not seen."
    tags = [one for one in found if one.act == "spells"]
    if tags:
        text = spelled("".join(one.character for one in tags))
        yield Found(f"Tag characters that nobody sees spell `{text[:LONGEST_SPELLED]}` in the card.", _hidden_at(card, tags), fix)
    turned = [one for one in found if one.act == "reorders"]
    if turned:
        yield Found("Text of the card is shown in another order than it is read in.", _hidden_at(card, turned), fix)
    unseen = [one for one in found if one.act == "hides"]
    if unseen:
        more = "at least " if len(found) == MOST else ""
        said = f"The card holds {more}{len(unseen):,} character{'s' if len(unseen) > 1 else ''} that nobody sees: {_counted(unseen)}."
        yield Found(said, _hidden_at(card, unseen), fix, severity="info")


def _place(card: Card, problem: CardProblem) -> tuple[Evidence, ...]:
    return (replace(at_line(card, problem.line), note=problem.kind),)


def _counted(characters: Sequence[Hidden]) -> str:
    """Their names, the commonest first, with how many there are."""
    by_name = Counter(one.name for one in characters).most_common()
    named = [f"{name} ({count:,})" if count > 1 or len(by_name) > 1 else name for name, count in by_name[:MOST_NAMES]]
    rest = len(by_name) - len(named)
    return ", ".join(named) + (f" and {rest} more kinds" if rest else "")


def _hidden_at(card: Card, characters: Sequence[Hidden]) -> tuple[Evidence, ...]:
    """The first lines they stand on, and what stands there."""
    document = card.document
    lines: dict[int, list[Hidden]] = {}
    for one in characters:
        lines.setdefault(document.line_at(one.offset), []).append(one)
    return tuple(
        replace(at_line(card, line), note=f"{_counted(there)} from column {document.columns(there[0].offset, there[0].offset)[0]}")
        for line, there in islice(lines.items(), MOST_LINES)
    )
