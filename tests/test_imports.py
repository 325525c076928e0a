"""What a plain import and a plain run may load: heavy libraries wait until they are used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HEAVY = ("torch", "transformers", "rich", "jinja2", "jsonschema", "huggingface_hub", "httpx2", "yaml", "click", "markdown_it")
NETWORK = ("huggingface_hub", "httpx2", "ssl")
CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 256, "max_position_embeddings": 512, "torch_dtype": "bfloat16",
}  # fmt: skip
GENEROUS_SECONDS = 30


def modules_after(code: str, *argv: str) -> set[str]:
    """The modules loaded once `code` has run in a fresh interpreter."""
    program = f"import sys\nsys.argv = ['specverify', *sys.argv[1:]]\n{code}\nprint('\\n' + '\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, text=True, timeout=GENEROUS_SECONDS, check=True)
    return set(done.stderr.split())


def loaded(names: tuple[str, ...], modules: set[str]) -> list[str]:
    return [name for name in names if name in modules]


def test_import_loads_nothing_heavy() -> None:
    modules = modules_after("import specverify")
    assert "specverify" in modules
    assert loaded(HEAVY, modules) == []


def test_help_loads_click_and_nothing_else_heavy() -> None:
    modules = modules_after("from specverify.cli import main\ntry: main()\nexcept SystemExit as stop: assert not stop.code", "--help")
    assert loaded(tuple(name for name in HEAVY if name != "click"), modules) == []


def test_a_local_run_loads_no_network_library_and_no_model_library(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    modules = modules_after("from specverify.cli import main\ntry: main()\nexcept SystemExit as stop: assert not stop.code", str(tmp_path))
    assert "specverify.pipeline" in modules
    assert loaded((*NETWORK, "torch", "transformers", "jsonschema", "jinja2"), modules) == []
