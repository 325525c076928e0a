"""Files with rules and families of others: what is kept of them, what is refused, and that a refused one leaves nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from specverify import verify
from specverify.architectures import registry
from specverify.outcome import Broken, Finding, Outcome
from specverify.plugins import GROUPS, InvalidPlugin, load_file, load_installed, loaded
from specverify.rules.engine import registered, rules
from tests.cli.running import write_model
from tests.plugged import rule_text, unplugged, write_plugin

__all__ = ["unplugged"]
pytestmark = pytest.mark.usefixtures("unplugged")

SMALL = '\nfrom specverify.architectures.llama import llama\nfamily("small_talk", source="ours")(llama)\n'


@pytest.fixture
def model(tmp_path: Path) -> Path:
    write_model(tmp_path / "model")
    return tmp_path / "model"


def outcome(model: Path, code: str = "HOUSE001") -> Outcome:
    (one,) = [one for one in verify(str(model)).outcomes if one.code == code]
    return one


def refused(path: Path, *said: str) -> None:
    """A file that is not loaded, for these reasons, and of which nothing is kept."""
    before = registered(), registry.registered()
    with pytest.raises(InvalidPlugin) as error:
        load_file(str(path))
    for words in (str(path), *said):
        assert words in str(error.value)
    assert registered() == before[0]
    assert {kind for kind in registry.registered() if kind not in before[1]} <= registry.index().keys()
    assert all(one.plugin is None and one.source != "ours" for one in registry.registered().values())
    assert not loaded()


def test_rules_and_families_are_kept_and_marked(tmp_path: Path) -> None:
    path = write_plugin(tmp_path / "house.py", rule_text(), SMALL)
    assert load_file(str(path)) == ("house.py", ("HOUSE001",), ("small_talk",))
    assert load_file(str(path)) is load_file(str(tmp_path / "." / "house.py"))
    (brought,) = [rule for rule in rules() if rule.plugin is not None]
    assert (brought.code, brought.plugin, brought.area, brought.summary) == ("HOUSE001", "house.py", "house", "It is there.")
    family = registry.find("small_talk")
    assert family is not None
    assert family.plugin == "house.py"
    llama = registry.find("llama")
    assert llama is not None
    assert llama.plugin is None


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    first, second = (write_plugin(tmp_path / name / "house.py", rule_text(f"HOUSE00{name}", f"rule_{name}")) for name in "12")
    assert [load_file(str(path)).name for path in (first, second)] == ["house.py", str(second)]


def test_its_findings_are_findings_and_the_report_says_whose(tmp_path: Path, model: Path) -> None:
    load_file(str(write_plugin(tmp_path / "house.py")))
    found = outcome(model)
    assert isinstance(found, Finding)
    assert (found.message, str(found.severity), found.name) == ("Seen.", "warning", "it-is-seen")
    assert "with rules of plug-ins: house.py" in verify(str(model)).notes
    assert not any("plug-ins" in note for note in verify(str(model), ignore=["HOUSE"]).notes)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise KeyError('rope')", "KeyError: 'rope'"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("yield 'seen'", 'TypeError: it yields "seen", not Found'),
        ("yield Found('Seen.', ['there'])", "not Found"),
        ("yield Found(3, ())", "not Found"),
        ("yield Found('Seen.', (), None, 'dreadful')", "ValueError: 'dreadful'"),
        ("return 7", "TypeError"),
    ],
)
def test_a_rule_that_crashes_is_broken_by_the_name_of_its_plugin(tmp_path: Path, model: Path, body: str, said: str) -> None:
    load_file(str(write_plugin(tmp_path / "house.py", rule_text(body=body))))
    broken = outcome(model)
    assert isinstance(broken, Broken)
    assert broken.error.startswith("plug-in house.py: ")
    assert said in broken.error
    assert sum(isinstance(one, Broken) for one in verify(str(model)).outcomes) == 1


PARTS = (
    "from specverify.architectures.llama import llama\nfrom specverify.frozen import replace\nfrom specverify.spec import Role, Weight\n"
)
UNCOUNTED = "m = llama(c); return replace(m, parts=tuple(replace(p, weights=(Weight('x', (4, 4), Role.HEAD),)) for p in m.parts))"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return c.raw['no such key']", "KeyError"),
        ("return None", "it returns NoneType, not Model"),
        ("raise SystemExit(0)", "SystemExit"),
        (UNCOUNTED, "AttributeError"),
    ],
)
def test_a_family_that_crashes_is_broken_and_the_model_is_read_without_it(tmp_path: Path, body: str, said: str) -> None:
    write_model(tmp_path / "model", model_type="small_talk", architectures=["SmallTalkForCausalLM"])
    bare = verify(str(tmp_path / "model")).spec
    load_file(str(write_plugin(tmp_path / "house.py", PARTS, f'\n@family("small_talk", source="ours")\ndef small_talk(c):\n    {body}\n')))
    broken = outcome(tmp_path / "model", "FAMILY")
    assert isinstance(broken, Broken)
    assert broken.error.startswith("plug-in house.py: family small_talk: ")
    assert said in broken.error
    spec = verify(str(tmp_path / "model")).spec
    assert spec is not None
    assert bare is not None
    assert (spec.exactness, spec.facts) == ("generic", bare.facts)


def test_a_family_reads_a_type_exactly_and_says_whose_it_is(tmp_path: Path) -> None:
    write_model(tmp_path / "model", model_type="small_talk", architectures=["SmallTalkForCausalLM"], tie_word_embeddings=False)
    write_model(tmp_path / "llama", tie_word_embeddings=False)
    load_file(str(write_plugin(tmp_path / "house.py", SMALL)))
    report, llama = verify(str(tmp_path / "model")), verify(str(tmp_path / "llama"))
    assert report.spec is not None
    assert (report.spec.exactness, report.spec.source) == ("exact", "ours (plug-in house.py)")
    assert report.figures["parameters.total"].value == llama.figures["parameters.total"].value is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rule_text("ATT003"), ("ATT003 of it-is-seen", "key-value-heads-do-not-divide-heads")),
        (rule_text(name="key_value_heads_do_not_divide_heads"), ("HOUSE001", "ATT003")),
        (rule_text("ATT999"), ("ATT999 it-is-seen", "specverify's own ATT001")),
        (rule_text("ATTN001"), ("ATTN001 it-is-seen", "specverify's own ATT001")),
        (rule_text("AT001"), ("AT001 it-is-seen", "specverify's own ATT001")),
        (rule_text("house001"), ("'house001'", "two to ten capital letters")),
        (rule_text("HOUSE1"), ("'HOUSE1'",)),
        (rule_text("HOUSE"), ("'HOUSE'",)),
        (rule_text(given="confug"), ("asks for 'confug'", "config")),
        (rule_text().replace('"""It is there.\n    """', "pass"), ("no docstring",)),
        (rule_text() + rule_text("HOUSE002"), ("HOUSE002 has the name of HOUSE001",)),
        ('\nfamily("llama", source="ours")(lambda c: None)\n', ("llama",)),
        ('\nimport specverify.architectures.llama\nfamily("llama", source="ours")(lambda c: None)\n', ("llama",)),
        ('\nfrom specverify.architectures.qwen import qwen3\nfamily("llama", source="ours")(qwen3)\n', ("llama of family qwen3",)),
        ("\nx = 1\n", ("no rule and no family",)),
        (rule_text() + "\n1 / 0\n", ("line 10: ZeroDivisionError",)),
        (rule_text() + "\nraise SystemExit('bye')\n", ("SystemExit: bye",)),
        (rule_text() + "\nif\n", ("SyntaxError",)),
    ],
)
def test_what_cannot_stand_beside_the_others_is_refused_whole(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    refused(write_plugin(tmp_path / "house.py", text), *said)


def test_a_code_that_another_plugin_has_is_refused(tmp_path: Path, model: Path) -> None:
    load_file(str(write_plugin(tmp_path / "house.py")))
    with pytest.raises(InvalidPlugin, match="HOUSE001 of another is taken by it-is-seen"):
        load_file(str(write_plugin(tmp_path / "other.py", rule_text(name="another"))))
    assert isinstance(outcome(model), Finding)
    assert load_file(str(write_plugin(tmp_path / "third.py", rule_text("HOUSE002", "another")))).rules == ("HOUSE002",)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere.py", "no such file")
    refused(tmp_path, "no such file")
    (tmp_path / "large.py").write_bytes(b"#" * (2**20 + 1))
    refused(tmp_path / "large.py", "1,048,576 bytes")


# code of a model


@pytest.mark.parametrize("where", ["house.py", "tools/house.py", "tools/deep/house.py"])
def test_a_file_in_the_folder_of_a_model_is_never_run(tmp_path: Path, model: Path, where: str) -> None:
    mark = tmp_path / "mark"
    path = write_plugin(model / where, f"\nopen({str(mark)!r}, 'w').close()\n", rule_text())
    refused(path, "stands in the folder of a model", "config.json")
    (tmp_path / "link.py").symlink_to(path)
    refused(tmp_path / "link.py", "stands in the folder of a model")
    (tmp_path / "folder").symlink_to(path.parent)
    refused(tmp_path / "folder" / "house.py", "stands in the folder of a model")
    assert not mark.exists()
    (model / "config.json").unlink()
    load_file(str(path))
    assert mark.exists()


def test_a_link_in_the_folder_of_a_model_is_no_way_in_either(tmp_path: Path, model: Path) -> None:
    (model / "house.py").symlink_to(write_plugin(tmp_path / "own" / "house.py"))
    refused(model / "house.py", "stands in the folder of a model")


def test_a_model_elsewhere_in_the_repository_bars_nothing(tmp_path: Path, model: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    write_model(tmp_path / "repository" / "model")
    assert load_file(str(write_plugin(tmp_path / "repository" / "tools" / "house.py"))).rules == ("HOUSE001",)


def test_nothing_is_written_beside_it_and_nothing_there_is_imported(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    write_plugin(folder / "neighbour_of_house.py")
    refused(write_plugin(folder / "house.py", "\nimport neighbour_of_house\n"), "ModuleNotFoundError")
    load_file(str(write_plugin(folder / "third.py")))
    assert sorted(path.name for path in folder.iterdir()) == ["house.py", "neighbour_of_house.py", "third.py"]
    assert str(folder) not in sys.path


# installed packages


def install(folder: Path, name: str = "house-rules", text: str | None = None, points: str | None = None) -> None:
    """A package as pip leaves one."""
    module = name.replace("-", "_")
    write_plugin(folder / f"{module}.py", *(() if text is None else (text,)))
    told = folder / f"{module}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    both = "\n".join(f"[{group}]\nhouse = {module}\n" for group in GROUPS)
    (told / "entry_points.txt").write_text(points or both)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    monkeypatch.syspath_prepend(folder)
    for name in ("house_rules", "yard_rules"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return folder


def test_an_installed_package_brings_what_its_entry_points_name(site: Path, model: Path) -> None:
    install(site, text=rule_text() + SMALL)
    install(site, "yard-rules", rule_text("YARD001", "yard"))
    install(site, "others", points="[console_scripts]\nspecverify = others\n")
    assert load_installed() == (("house-rules", ("HOUSE001",), ("small_talk",)), ("yard-rules", ("YARD001",), ()))
    assert load_installed() == loaded()
    assert isinstance(outcome(model, "YARD001"), Finding)
    assert "with rules of plug-ins: house-rules, yard-rules" in verify(str(model)).notes


def test_where_there_are_none_nothing_is_imported_for_them(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, "others", points="[console_scripts]\nspecverify = others\n")
    monkeypatch.setitem(sys.modules, "importlib.metadata", None)
    assert load_installed() == ()


def test_a_package_that_cannot_be_loaded_is_named(site: Path) -> None:
    install(site, text="\n1 / 0\n")
    with pytest.raises(InvalidPlugin, match="package house-rules: this plug-in cannot be loaded: ZeroDivisionError"):
        load_installed()
    assert not loaded()


def test_a_folder_that_is_merely_imported_from_installs_nothing(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -c` and PYTHONPATH put folders there that may be a model's."""
    install(model)
    monkeypatch.syspath_prepend(model)
    monkeypatch.chdir(model)
    monkeypatch.syspath_prepend("")
    assert load_installed() == ()
