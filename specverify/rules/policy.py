"""What settings demand of a model, and what they say in vain: licences, organizations, ignores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specverify.card.card import Card
from specverify.card.metadata import entries
from specverify.outcome import Evidence
from specverify.policy import Allowed, Ignore
from specverify.rules.engine import Found, Skip, at_key, brief, listed, rule

LICENSES = "https://huggingface.co/docs/hub/repositories-licenses"
ORGANIZATIONS = "https://huggingface.co/docs/hub/organizations"
SETTINGS = "docs/settings.md"
MOST = 8
"""Licences of one card that are looked up."""
NAMED = ("other", "unknown")
"""Ids that leave it to `license_name` to say which licence it is."""


@rule("POL001", severity="error", source=LICENSES)
def license_not_allowed(allowed_licenses: Allowed, cards: Sequence[Card]) -> Iterator[Found]:
    """The licence of the model is none that the settings allow, or the model states none.

    ## Why
    Which licences a team may ship is decided once, by whoever answers for it. `other` is looked up by its `license_name`; of
    several licences every one must be allowed, since a list does not say whether one may choose.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```markdown bad README.md
    ---
    license: gpl-3.0
    ---
    A model.
    ```
    ```toml bad settings
    [allowed]
    licenses = ["apache-2.0", "mit"]
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
    ```toml good settings
    [allowed]
    licenses = ["apache-2.0", "mit"]
    ```

    ## Fix
    Take another model, or have the licence added to `allowed.licenses`; for one model, ignore this rule with the reason and a day.
    """
    stated = list(_licenses(cards[0])) if cards else []
    limits = f"the settings allow {listed(allowed_licenses.names)}"
    fix = "Take another model, or have the licence allowed by whoever decides it."
    if not stated:
        none = "The card states no licence" if cards else "There is no card that states a licence"
        evidence = tuple(at_key(card, "license") for card in cards)
        yield Found(f"{none}, and {limits}.", (*evidence, allowed_licenses.place.evidence(list(allowed_licenses.names))), fix)
    for text, proof in stated:
        if not (isinstance(text, str) and allowed_licenses.has(text)):
            evidence = (proof, allowed_licenses.place.evidence(list(allowed_licenses.names)))
            yield Found(f"The licence is {brief(text)}, and {limits}.", evidence, fix)


def _licenses(card: Card) -> Iterator[tuple[Any, Evidence]]:
    """The licences of a card with their lines; by name where the id says no more than that there is one."""
    values = card.document.front_matter.values
    name = values.get("license_name")
    for path, value in list(entries(values, "license"))[:MOST]:
        yield (name, at_key(card, "license_name")) if value in NAMED and name is not None else (value, at_key(card, path))


@rule("POL002", severity="error", source=ORGANIZATIONS)
def organization_not_allowed(allowed_organizations: Allowed, origin: Mapping[str, Any]) -> Iterator[Found]:
    """The model is of an organization that the settings do not allow.

    ## Why
    A copy under another name has the same config and any weights. Whose uploads are trusted is decided once.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```toml bad origin
    origin = "hub"
    name = "another-lab/model"
    revision = "0123456789abcdef0123456789abcdef01234567"
    sha = "0123456789abcdef0123456789abcdef01234567"
    ```
    ```toml bad settings
    [allowed]
    organizations = ["example-lab"]
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```toml good origin
    origin = "hub"
    name = "example-lab/model"
    revision = "0123456789abcdef0123456789abcdef01234567"
    sha = "0123456789abcdef0123456789abcdef01234567"
    ```
    ```toml good settings
    [allowed]
    organizations = ["example-lab"]
    ```

    ## Fix
    Take the model of an organization in `allowed.organizations`, or have this one added.
    """
    organization, slash, _ = str(origin["name"]).partition("/")
    if not slash:
        raise Skip("a folder says nothing of the organization it is from")
    if not allowed_organizations.has(organization):
        yield Found(
            f"The organization is `{organization}`, and the settings allow {listed(allowed_organizations.names)}.",
            (allowed_organizations.place.evidence(list(allowed_organizations.names)),),
            "Take the model of one that is allowed, or have this one allowed by whoever decides it.",
        )


@rule("POL003", severity="warning", source=SETTINGS)
def expired_ignore(expired_ignores: Sequence[Ignore]) -> Iterator[Found]:
    """An ignore of the settings has expired: it ignores nothing any more.

    ## Why
    A day was set so that somebody looks again. The findings it let pass are back, and this says that they are not new.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```toml bad settings
    [[ignore]]
    rule = "ATT003"
    reason = "The loader pads the heads."
    expires = 2020-12-31
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 3, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```toml good settings
    [[ignore]]
    rule = "ATT003"
    reason = "The loader pads the heads."
    expires = 2999-12-31
    ```

    ## Fix
    Look at what it ignored: fix that, or set a later day with a reason that still holds.
    """
    for ignore in expired_ignores:
        yield Found(
            f"The ignore of `{ignore.rule}` expired with {ignore.expires}.",
            (ignore.place.evidence(str(ignore.expires)),),
            "Look at what it ignored, then take it out or set a later day.",
        )


@rule("POL004", severity="warning", source=SETTINGS)
def unused_ignore(unused_ignores: Sequence[Ignore]) -> Iterator[Found]:
    """An ignore of the settings ignored nothing in all the models of this run, though its rules looked at each.

    ## Why
    What is ignored and no longer found would hide the next one of its kind. One that names a single model is a warning; one for
    many is a remark, since the models of one run may not be all it is for.

    ```json bad
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 2, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```toml bad settings
    [[ignore]]
    rule = "ATT003"
    reason = "The loader pads the heads."
    ```

    ```json good
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "vocab_size": 1000,
     "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
     "num_key_value_heads": 3, "max_position_embeddings": 4096, "rope_theta": 500000.0, "hidden_act": "silu",
     "tie_word_embeddings": false}
    ```
    ```toml good settings
    [[ignore]]
    rule = "ATT003"
    reason = "The loader pads the heads."
    ```

    ## Fix
    Take it out.
    """
    for ignore in unused_ignores:
        yield Found(
            f"The ignore of `{ignore.rule}` ignored nothing.",
            (ignore.place.evidence(ignore.reason),),
            "Take it out of the settings.",
            severity=None if ignore.is_of_one else "info",
        )
