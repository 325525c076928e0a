"""The licence that a card's front matter states: a known id, and the same as the text, the prose and the base say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from specverify.card.card import Card
from specverify.card.kinds import LICENSE
from specverify.card.license_text import license_of
from specverify.card.licenses import UNLIMITED, UNSTATED, is_one_of, terms_of_base
from specverify.card.metadata import bare, entries, nearest, texts
from specverify.card.words.licenses import license_id
from specverify.data import hub_enumerations
from specverify.facts import Source
from specverify.outcome import Evidence
from specverify.pattern import Pattern
from specverify.rules.engine import Found, Skip, at_key, at_line, brief, is_whole, listed, metadata_of, rule

LICENSES = "https://huggingface.co/docs/hub/repositories-licenses"
MOST = 8
"""Licences of one card that are looked up."""
LICENSE_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md")
ASKED = ("extra_gated_prompt", "extra_gated_fields", "extra_gated_heading", "extra_gated_description", "extra_gated_button_content")
LONGEST_ID = 100
_NOUN = Pattern(r"\b(?:licen[sc]e|version)\b", 2)
_BADGE = Pattern(r"/badge/(?:model[_ -])?licen[sc]e-([^-()\s]{2,40}(?:--[^-()\s]{1,20}){0,4})-", 2)
"""The label and the message of a shields.io badge about the licence; `--` stands for a hyphen."""
_ALTERED = Pattern(r"modified|dual|\bnot\b|base|code|data", 2)
"""Words of a statement that is not plainly about the licence of these weights."""


@rule("MET001", severity="warning", source=LICENSES)
def license_id_unknown(card: Card) -> Iterator[Found]:
    """The licence is no id of the Hub's list, or `other` although the list has it.

    ## Why
    Filters, policies and bills of materials decide by the id. One that is on no list decides nothing, and the Hub refuses it
    when the card is pushed; a licence that the list does not have is `other` with its name and link.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: apache2
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: apache-2.0
    ---
    A model.
    ```

    ## Fix
    State the id of the Hub's list; for a licence it does not have, `other` with `license_name` and `license_link`.
    """
    known = hub_enumerations()["licenses"]
    values = metadata_of(card)
    for path, value in islice(entries(values, "license"), MOST):
        if isinstance(value, str) and (value in known or not value):
            continue
        close = nearest(_NOUN.sub("", value[:LONGEST_ID]), known) if isinstance(value, str) else None
        meant = f"; `{close}` is" if close else ""
        same = close is not None and isinstance(value, str) and bare(close) == bare(value)
        yield Found(
            f"{brief(value)} is no licence id of the Hub{meant}.",
            (at_key(card, path),),
            f"State `license: {close}`." if close else "State `license: other` with `license_name` and `license_link`.",
            severity="info" if same else None,
        )
    name = values.get("license_name")
    listed_id = next((one for one in known if isinstance(name, str) and bare(one) == bare(name)), None)
    if values.get("license") in ("other", ["other"]) and listed_id is not None and listed_id not in UNSTATED:
        yield Found(
            f"The licence is `other` by the name of {brief(name)}, which the Hub's list has as `{listed_id}`.",
            (at_key(card, "license"), at_key(card, "license_name")),
            f"State `license: {listed_id}`.",
            severity="info",
        )


@rule("MET002", severity="warning", source=LICENSES)
def license_link_to_nothing(card: Card, files: Sequence[str], origin: Mapping[str, Any]) -> Iterator[Found]:
    """`license_link` names a file that the model does not have.

    ## Why
    With `license: other` the linked text is the licence. A link to a file nobody uploaded leaves the weights without terms.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: other
    license_name: example-license
    license_link: LICENSE.pdf
    pipeline_tag: text-generation
    library_name: transformers
    ---
    A model.
    ```
    ```text bad files
    model.safetensors
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: other
    license_name: example-license
    license_link: LICENSE.pdf
    pipeline_tag: text-generation
    library_name: transformers
    ---
    A model.
    ```
    ```text good files
    model.safetensors
    LICENSE.pdf
    ```

    ## Fix
    Add the licence's text, or link to where it stands.
    """
    link = metadata_of(card).get("license_link")
    if not isinstance(link, str) or not link.strip() or ":" in link:
        raise Skip("the card links to no file of its own")
    if not is_whole(origin, files):
        raise Skip("not all files of the model are known")
    name = link.strip().split("#")[0].removeprefix("./").lstrip("/")
    if name and name not in files:
        yield Found(
            f"The licence is said to be in {brief(name)}, and the model has no such file.",
            (at_key(card, "license_link"),),
            "Add the file, or link to where the licence's text stands.",
            severity=None if origin.get("origin") == "hub" else "info",
        )


@rule("MET003", severity="warning", source="https://github.com/XiaomiMiMo/MiMo-V2-Flash/issues/2")
def license_differs_from_file(card: Card, siblings: Mapping[str, str]) -> Iterator[Found]:
    """The front matter states one licence and the LICENSE file is the text of another.

    ## Why
    The text is what was granted and the id is what tools read. MiMo-V2-Flash was published as MIT in one place and Apache-2.0
    in the other, UNO (https://github.com/bytedance/UNO/issues/70) with and without leave to make derivatives.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: apache-2.0
    ---
    A model.
    ```
    ```text bad LICENSE
    MIT License

    Copyright (c) 2026 the authors

    Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
    documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
    rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
    persons to whom the Software is furnished to do so, subject to the following conditions:

    The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
    Software.

    THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    A model.
    ```
    ```text good LICENSE
    MIT License

    Copyright (c) 2026 the authors

    Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
    documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
    rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
    persons to whom the Software is furnished to do so, subject to the following conditions:

    The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
    Software.

    THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
    ```

    ## Fix
    Ask the publisher which of the two is meant; until then, comply with both.
    """
    stated = _ids(card)
    if not stated:
        raise Skip("the card states no licence of the Hub's list")
    texts_found = [(file, found) for file in LICENSE_FILES if file in siblings and (found := license_of(siblings[file])) is not None]
    if not texts_found:
        raise Skip("no LICENSE file is there whose text is recognized")
    if any(is_one_of(one, found.id) for one in stated for _, found in texts_found):
        return
    file, found = texts_found[0]
    yield Found(
        f"The card's licence is {listed(stated)}; the text in {file} is that of `{found.id}`.",
        (at_key(card, "license"), Evidence(Source.DECLARED, file, line=found.line, quote=found.quote, value=found.id)),
        "Ask the publisher which of the two is meant; until then, comply with both.",
    )


@rule("MET004", severity="warning", confidence="medium", source="https://huggingface.co/argilla/notux-8x7b-v1")
def license_differs_in_card(card: Card) -> Iterator[Found]:
    """The front matter states one licence, and a label or badge of the same card another.

    ## Why
    People read the text and tools the front matter. Where a card says both `apache-2.0` and "License: MIT" nobody knows what was
    granted. argilla/notux-8x7b-v1 says both.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: apache-2.0
    ---
    - **License:** MIT
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: apache-2.0
    ---
    - **License:** Apache 2.0
    ```

    ## Fix
    Ask the publisher which of the two is meant, and correct the other.
    """
    stated = _ids(card)
    if not stated:
        raise Skip("the card states no licence of the Hub's list")
    said = [
        (claim.terms[0], claim.line)
        for claim in card.claims.claims
        if claim.kind == LICENSE and claim.emitter in ("label", "table") and claim.relation == "self" and len(claim.terms) == 1
    ] + list(_badges(card))
    known = hub_enumerations()["licenses"]
    said = [(term, line) for term, line in said if term in known and not _ALTERED.search(card.document.quote(line)[:400])]
    if not said:
        raise Skip("the card's text states no licence that is recognized")
    if any(is_one_of(one, term) or is_one_of(term, one) for one in stated for term, _ in said):
        return
    term, line = said[0]
    yield Found(
        f"The card's front matter states the licence {listed(stated)}, its text `{term}`.",
        (at_key(card, "license"), at_line(card, line)),
        "Ask the publisher which of the two is meant, and correct the other.",
    )


@rule("MET005", severity="warning", confidence="medium", source="https://huggingface.co/deepseek-ai/DeepSeek-R1-Distill-Llama-70B")
def license_wider_than_base(card: Card) -> Iterator[Found]:
    """The card grants any use, and the base model it names was published under terms that limit use.

    ## Why
    Terms such as the Llama and Gemma licences go with every derivative, whoever trained it further: a tag of `apache-2.0` or
    `mit` does not lift them, and can only be about what was added. DeepSeek-R1-Distill-Llama-70B is tagged `mit` and says in its
    text that its base is under the Llama 3.3 licence.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: apache-2.0
    base_model: meta-llama/Llama-3.1-8B
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: llama3.1
    base_model: meta-llama/Llama-3.1-8B
    ---
    A model.
    ```

    ## Fix
    Comply with the base model's terms too, and ask the publisher to state them.
    """
    values = metadata_of(card)
    stated = texts(values, "license")
    if not stated:
        raise Skip("the card states no licence")
    bases = [(path, base) for path, base in entries(values, "base_model") if isinstance(base, str)]
    if not bases:
        raise Skip("the card's metadata names no base model")
    if not all(one in UNLIMITED for one in stated):
        return
    for path, base in bases:
        terms = terms_of_base(base)
        if terms is not None:
            yield Found(
                f"The card's licence is {listed(stated)}; its base model {brief(base)} was published under `{terms}`, whose limits on use "
                "go with derivatives.",
                (at_key(card, "license"), at_key(card, path)),
                "Comply with the base model's terms too, and ask the publisher to state them.",
            )
            return


@rule("MET006", severity="info", source="https://huggingface.co/docs/hub/models-gated")
def terms_to_accept(card: Card, about: Mapping[str, Any]) -> Iterator[Found]:
    """Somebody must accept terms before the files can be had.

    ## Why
    An engine or a build that downloads the model needs the token of an account that accepted, in the name of somebody who may.
    Llama-2-7b and gemma-2b-it have such terms.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: mit
    extra_gated_prompt: You agree to use the model for research only.
    ---
    A model.
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown good README.md
    ---
    license: mit
    ---
    A model.
    ```

    ## Fix
    Let somebody who may bind your organisation read and accept the terms, and keep the record of it.
    """
    gated = about.get("gated")
    key = next((key for key in ASKED if key in card.metadata), None)
    if gated:
        how = " and wait for the publisher's leave" if gated == "manual" else ""
        message = f"The files are gated: somebody must accept the publisher's terms{how} before they can be downloaded."
    elif gated is None and key is not None:
        message = f"The card sets terms to accept (`{key}`): where its repository is gated, nobody downloads the files before."
    else:
        return
    yield Found(
        message,
        (at_key(card, key or "license"),),
        "Let somebody who may bind your organisation read and accept the terms, and keep the record of it.",
    )


def _ids(card: Card) -> tuple[str, ...]:
    """The licence ids stated that are on the Hub's list and say something."""
    known = hub_enumerations()["licenses"]
    return tuple(one for one in texts(metadata_of(card), "license") if one in known and one not in UNSTATED)


def _badges(card: Card) -> Iterator[tuple[str, int]]:
    """The licences that badges of the card state, each with its line."""
    document = card.document
    if "/badge/" not in document.text:
        return
    for run in document.runs:
        for found in _BADGE.finditer(document.text, run.start, run.end):
            message = found.group(1).replace("--", "-").replace("%20", " ").replace("_", " ")
            named = license_id(message)
            if named is not None and not named.startswith("other:") and not _ALTERED.search(message):
                yield named, document.line_at(found.start())
