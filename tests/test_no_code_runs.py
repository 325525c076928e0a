"""No code of a model ever runs: a folder full of traps, each of which would leave a mark, under an audit hook that sees all."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hub.repo import Repo
from tests.hub.server import HubServer

SPECVERIFY = Path(sysconfig.get_path("scripts")) / "specverify"
HOOK = """
import os, sys
log = os.open(os.environ["AUDIT_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def hook(event, arguments):
    if event == "exec":
        said = getattr(arguments[0], "co_filename", "")
    elif event in ("compile", "open", "import"):
        said = arguments[1] if event == "compile" else arguments[0]
    elif event in ("pickle.find_class", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.dlopen"):
        said = arguments[0] if arguments else ""
    else:
        return
    said = os.fsdecode(said) if isinstance(said, bytes | str | os.PathLike) else said
    os.write(log, f"{event}\\t{said}\\n".encode("utf-8", "backslashreplace"))
sys.addaudithook(hook)
"""
SCRIPTS = (
    "modeling_example.py",
    "configuration_example.py",
    "tokenization_example.py",
    "tokenizer.py",
    "handler.py",
    "setup.py",
    "conftest.py",
    "sitecustomize.py",
    "usercustomize.py",
    "__init__.py",
    "__main__.py",
    "yaml.py",
    "click.py",
    "rich.py",
    "httpx.py",
    "huggingface_hub.py",
    "torch.py",
    "transformers.py",
    "specverify.py",
)
PICKLES = ("pytorch_model.bin", "training_args.bin", "tokenizer.pkl")
CONFIG = {
    "architectures": ["ExampleForCausalLM"],
    "model_type": "example",
    "auto_map": {
        "AutoConfig": "configuration_example.ExampleConfig",
        "AutoModelForCausalLM": "modeling_example.ExampleForCausalLM",
    },
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 100,
    "max_position_embeddings": 512,
    "torch_dtype": "bfloat16",
}


class Trap:
    """Unpickles into a shell command."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (self.command,)


def trapped(marker: Path) -> dict[str, bytes]:
    """The files of a model that leaves the marker as soon as anything of it runs."""
    command = f"touch {marker}"
    tokenizer = {
        "tokenizer_class": "ExampleTokenizer",
        "auto_map": {"AutoTokenizer": ["tokenization_example.ExampleTokenizer", None]},
        "chat_template": "{{ cycler.__init__.__globals__.os.system('" + command + "') }}",
    }
    card = f'---\nlicense: mit\nextra: !!python/object/apply:os.system ["{command}"]\n---\n# Example\n\n- Number of Layers: 2\n'
    script = f"import pathlib\npathlib.Path({str(marker)!r}).touch()\n"
    return {
        "config.json": json.dumps(CONFIG, indent=1).encode(),
        "tokenizer_config.json": json.dumps(tokenizer).encode(),
        "README.md": card.encode(),
        "evil.pth": f"import os; os.system({command!r})\n".encode(),
        **{name: script.encode() for name in SCRIPTS},
        **{name: pickle.dumps(Trap(command)) for name in PICKLES},
    }


@dataclass
class Lab:
    """The model in a folder and on a Hub, and what a command did there."""

    folder: Path
    marker: Path
    work: Path
    hub: HubServer
    program: tuple[str, ...] = (str(SPECVERIFY),)

    def run(self, *arguments: str) -> tuple[str, list[tuple[str, str]]]:
        """The command in the model's folder: standard output, and the events seen, each with what it was about."""
        log = self.work / "events"
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGING", "PYTHON", "XDG_", "SPECVERIFY"))}
        env = kept | {
            "PYTHONPATH": str(self.work / "hook"),
            "AUDIT_LOG": str(log),
            "HF_ENDPOINT": self.hub.url,
            "HF_HOME": str(self.work / "hf"),
            "SPECVERIFY_CACHE": str(self.work / "cache"),
        }
        done = subprocess.run(
            [*self.program, *arguments], cwd=self.folder, env=env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode in (0, 1), done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, [(event, said) for event, _, said in (line.partition("\t") for line in log.read_text().splitlines())]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    folder, marker = tmp_path / "model", tmp_path / "marker"
    files = trapped(marker)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(HOOK)
    with HubServer() as hub:
        hub.add(Repo("acme/example", files))
        yield Lab(folder, marker, tmp_path, hub)


def nothing_ran(lab: Lab, events: list[tuple[str, str]]) -> None:
    """No mark, no module of the model, no pickle, no process; of its files only those read as text were opened."""
    assert not lab.marker.exists()
    assert "exec" in {event for event, _ in events}, "the hook sees what runs"
    ran = [said for event, said in events if event in ("exec", "compile") and _of(lab, said)]
    assert not ran
    modules = {Path(name).stem for name in SCRIPTS if "_example" in name} | {
        "handler",
        "conftest",
        "usercustomize",
        "torch",
        "transformers",
    }
    assert not [said for event, said in events if event == "import" and said.partition(".")[0] in modules]
    assert not [said for event, said in events if event == "open" and said.endswith((".py", ".pth", ".bin", ".pkl")) and _of(lab, said)]
    assert not [
        (event, said) for event, said in events if event in ("pickle.find_class", "os.system", "os.exec", "os.posix_spawn", "os.fork")
    ]
    assert not [said for event, said in events if event == "subprocess.Popen"]
    asked = [request.path for request in lab.hub.log]
    assert not [path for path in asked if path.endswith((".py", ".pth", ".bin", ".pkl"))]


def _of(lab: Lab, said: str) -> bool:
    """Whether a path is one of the model's files, wherever a copy of it lies."""
    path = Path(said)
    return lab.folder in path.parents or (not path.is_absolute() and (lab.folder / path).is_file())


REFS = pytest.mark.parametrize("ref", [".", "acme/example"], ids=["folder", "hub"])


@REFS
def test_verify_runs_nothing_and_says_that_code_would_have_to(ref: str, lab: Lab) -> None:
    out, events = lab.run(ref, "--format", "json")
    nothing_ran(lab, events)
    found = {outcome["code"]: outcome for outcome in json.loads(out)["outcomes"] if outcome["kind"] == "finding"}
    assert found.keys() >= {"IDN003", "SEC001", "SEC003"}
    assert found["IDN003"]["severity"] == "warning"
    assert "it is needed" in found["IDN003"]["message"]
    assert "pytorch_model.bin" in {evidence["file"] for evidence in found["SEC001"]["evidence"]}


@REFS
def test_checklist_runs_nothing_and_asks_for_a_review_of_the_code(ref: str, lab: Lab) -> None:
    out, events = lab.run("checklist", ref)
    nothing_ran(lab, events)
    answer = next(line for line in out.splitlines() if "E7" in line)
    assert "FAIL" in answer
    assert "IDN003" in out


@REFS
def test_audit_runs_nothing(ref: str, lab: Lab) -> None:
    shortlist, results = lab.work / "shortlist.txt", lab.work / "results.jsonl"
    shortlist.write_text(f"{ref}\n")
    _, events = lab.run("audit", str(shortlist), "--results", str(results), "--format", "json")
    nothing_ran(lab, events)
    assert "IDN003" in results.read_text()


def test_the_hook_sees_a_module_of_the_model(lab: Lab) -> None:
    lab.program = (sys.executable, "-c", "import handler")
    _, events = lab.run()
    assert lab.marker.exists()
    lab.marker.unlink()
    with pytest.raises(AssertionError, match="handler"):
        nothing_ran(lab, events)


def test_the_traps_are_real(tmp_path: Path) -> None:
    """Each would leave the mark if it were run: else the tests above show nothing."""
    marker = tmp_path / "marker"
    for name, content in trapped(marker).items():
        if name.endswith(".py"):
            subprocess.run([sys.executable, "-c", content], check=True, timeout=60)
        elif name in PICKLES:
            subprocess.run([sys.executable, "-c", "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"], input=content, check=True)
        else:
            continue
        assert marker.exists(), name
        marker.unlink()
