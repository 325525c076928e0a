"""Where the parts of a multimodal model meet: the layer that is read of the tower, the token that stands for an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specverify.rules.engine import Found, Skip, brief, rule, stated

TOKENIZER = "tokenizer_config.json"
IMAGE_IDS = ("image_token_id", "image_token_index")


@rule("MMD001", severity="error", source="transformers `LlavaModel.get_image_features`")
def feature_layer_beyond_the_tower(config: dict[str, Any]) -> Iterator[Found]:
    """`vision_feature_layer` names a layer that the vision tower does not have.

    ## Why
    The class indexes the tower's hidden states with it, of which there is one more than layers: the first image raises
    IndexError. It happens when a tower is swapped for a shallower one and the index stays.

    ```json bad
    {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "torch_dtype": "bfloat16",
     "image_token_index": 900, "vision_feature_layer": -6, "vision_feature_select_strategy": "default",
     "text_config": {"model_type": "llama", "vocab_size": 1024, "hidden_size": 64, "intermediate_size": 128,
      "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 8, "max_position_embeddings": 4096,
      "rope_theta": 10000.0},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 4,
      "num_attention_heads": 4, "image_size": 56, "patch_size": 14}}
    ```

    ```json good
    {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "torch_dtype": "bfloat16",
     "image_token_index": 900, "vision_feature_layer": -2, "vision_feature_select_strategy": "default",
     "text_config": {"model_type": "llama", "vocab_size": 1024, "hidden_size": 64, "intermediate_size": 128,
      "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 8, "max_position_embeddings": 4096,
      "rope_theta": 10000.0},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 4,
      "num_attention_heads": 4, "image_size": 56, "patch_size": 14}}
    ```

    ## Fix
    Name a layer that the tower has; -2 is the last but one.
    """
    tower = config.get("vision_config")
    layers = tower.get("num_hidden_layers") if isinstance(tower, Mapping) else None
    chosen = config.get("vision_feature_layer")
    if chosen is None:
        raise Skip("config.json chooses no layer of a tower")
    if not isinstance(layers, int) or isinstance(layers, bool):
        raise Skip("config.json does not say how deep the tower is")
    named = [
        index for index in (chosen if isinstance(chosen, list) else [chosen]) if isinstance(index, int) and not isinstance(index, bool)
    ]
    beyond = next((index for index in named if not -layers - 1 <= index <= layers), None)
    if beyond is not None:
        yield Found(
            f"`vision_feature_layer` is {beyond}, and a tower of {layers} layers has the hidden states 0 to {layers}.",
            (stated("/vision_feature_layer", chosen), stated("/vision_config/num_hidden_layers", layers)),
            "Name a layer that the tower has.",
        )


@rule("MMD002", severity="error", source="https://github.com/huggingface/transformers/issues/29836")
def image_token_is_another(config: dict[str, Any], tokenizer: dict[str, Any]) -> Iterator[Found]:
    """The id that stands for an image in config.json is another token in the tokenizer.

    ## Why
    The model looks for the id to put the image in its place, and the prompt holds another: no image is found in the text, or a word is
    overwritten by one. LLaVA-1.6-34B said 64000 where a tokenizer gave 64003 (vllm-project/vllm issue 6224).

    ```json bad
    {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "torch_dtype": "bfloat16",
     "image_token_index": 900, "vision_feature_layer": -2, "vision_feature_select_strategy": "default",
     "text_config": {"model_type": "llama", "vocab_size": 1024, "hidden_size": 64, "intermediate_size": 128,
      "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 8, "max_position_embeddings": 4096,
      "rope_theta": 10000.0},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 4,
      "num_attention_heads": 4, "image_size": 56, "patch_size": 14}}
    ```
    ```json bad tokenizer_config.json
    {"tokenizer_class": "LlamaTokenizer", "image_token": "<image>", "added_tokens_decoder": {"901": {"content": "<image>"}}}
    ```

    ```json good
    {"model_type": "llava", "architectures": ["LlavaForConditionalGeneration"], "torch_dtype": "bfloat16",
     "image_token_index": 900, "vision_feature_layer": -2, "vision_feature_select_strategy": "default",
     "text_config": {"model_type": "llama", "vocab_size": 1024, "hidden_size": 64, "intermediate_size": 128,
      "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 8, "max_position_embeddings": 4096,
      "rope_theta": 10000.0},
     "vision_config": {"model_type": "clip_vision_model", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 4,
      "num_attention_heads": 4, "image_size": 56, "patch_size": 14}}
    ```
    ```json good tokenizer_config.json
    {"tokenizer_class": "LlamaTokenizer", "image_token": "<image>", "added_tokens_decoder": {"900": {"content": "<image>"}}}
    ```

    ## Fix
    State the id that the tokenizer gives the token.
    """
    key = next((key for key in IMAGE_IDS if isinstance(config.get(key), int) and not isinstance(config[key], bool)), None)
    if key is None:
        raise Skip("config.json names no token for an image")
    added = tokenizer.get("added_tokens_decoder")
    contents = (
        {place: entry.get("content") for place, entry in added.items() if isinstance(entry, Mapping)} if isinstance(added, Mapping) else {}
    )
    token = tokenizer.get("image_token")
    token = token.get("content") if isinstance(token, Mapping) else token
    if not isinstance(token, str) or not contents:
        raise Skip("the tokenizer does not say which token stands for an image, or which id it has")
    ids = [place for place, content in contents.items() if content == token]
    if ids and str(config[key]) not in ids:
        yield Found(
            f"`{key}` is {config[key]}, and {brief(token)} is {ids[0]} in the tokenizer.",
            (stated(f"/{key}", config[key]), stated(f"/added_tokens_decoder/{ids[0]}/content", token, TOKENIZER)),
            f"State {ids[0]}.",
        )
