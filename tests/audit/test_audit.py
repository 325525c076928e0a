"""An audit as a user runs it: the real command in a process of its own, against a Hub on loopback where much goes wrong."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.audit.population import STATUS, Member, population
from tests.fixture_files import FIXTURES
from tests.hub.server import HubServer

PROGRAM = (sys.executable, "-c", "from specverify.cli import main; main()", "audit")


@dataclass(frozen=True)
class Audit:
    """A Hub with its models, and a home of its own for every audit of it."""

    hub: HubServer
    members: tuple[Member, ...]
    home: Path

    @property
    def refs(self) -> list[str]:
        return [member.ref for member in self.members]

    def start(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "HF_HOME": str(self.home / "hf"),
            "SPECVERIFY_CACHE": str(self.home / "specverify"),
            "HF_ENDPOINT": self.hub.url,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        return subprocess.Popen(
            [*PROGRAM, *arguments], env=environment, cwd=self.home, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
        """Exit status, standard output and standard error."""
        with self.start(*arguments, stdin=subprocess.PIPE) as process:
            out, err = process.communicate(stdin, timeout=60)
        return process.returncode, out, err

    def rows(self, results: str = "specverify-audit.jsonl") -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.home / results).read_text().splitlines()]

    def listed(self, members: tuple[Member, ...] | None = None) -> str:
        """The path of a shortlist."""
        path = self.home / "shortlist.txt"
        path.write_text("".join(f"{member.ref}\n" for member in members or self.members))
        return str(path)


def hub_of(hub: HubServer, members: tuple[Member, ...], home: Path) -> Audit:
    for member in members:
        if member.repo is not None:
            hub.add(member.repo)
        if member.fault is not None:
            hub.fail(member.fault.match, member.fault.kind, member.fault.value, member.fault.times)
    return Audit(hub, members, home)


def sound(count: int, home: Path, hub: HubServer) -> Audit:
    return hub_of(hub, tuple(population(count, count + 1)), home)


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audit]:
    """Sixty models, every fourth with a trouble, each trouble at least once; audited once."""
    with HubServer() as server:
        audit = hub_of(server, tuple(population(60, 4)), tmp_path_factory.mktemp("audit"))
        status, out, err = audit.run(audit.listed(), "--format", "csv", "--workers", "32")
        (audit.home / "first.csv").write_text(out)
        (audit.home / "first.txt").write_text(f"{status}\n{err}")
        yield audit


def test_every_model_is_one_row_with_its_status(troubled: Audit) -> None:
    assert {member.status for member in troubled.members} == set(STATUS.values())
    told = {row["ref"]: row["status"] for row in troubled.rows()}
    assert len(troubled.rows()) == 60
    assert told == {member.ref: member.status for member in troubled.members}


def test_row_is_keyed_by_repo_and_commit_and_says_why_it_failed(troubled: Audit) -> None:
    by_ref = {row["ref"]: row for row in troubled.rows()}
    for member in troubled.members:
        row = by_ref[member.ref]
        if member.status in ("ok", "error"):
            assert member.repo is not None
            assert row["sha"] == member.repo.sha
            assert row["parameters.total"] > 0
        else:
            assert len(row["error"]) > 20


def test_table_is_in_the_order_of_the_shortlist_and_standard_output_is_the_table(troubled: Audit) -> None:
    lines = list(csv.DictReader((troubled.home / "first.csv").read_text().splitlines()))
    assert [line["ref"] for line in lines] == troubled.refs
    assert [line["status"] for line in lines] == [member.status for member in troubled.members]


def test_finding_wins_the_exit_status_and_progress_is_on_standard_error(troubled: Audit) -> None:
    status, _, err = (troubled.home / "first.txt").read_text().partition("\n")
    assert status == "1"
    assert err.strip().endswith("/s")
    assert "60/60 models" in err


def test_second_run_asks_for_the_branches_of_what_it_has_and_says_the_same(troubled: Audit) -> None:
    first = troubled.rows()
    troubled.hub.log.clear()
    quick = tuple(member for member in troubled.members if member.status != "Unreachable")
    status, out, _ = troubled.run(troubled.listed(quick), "--results", "second.jsonl", "--format", "json")
    assert status == 1
    assert troubled.rows("second.jsonl") != []
    expected = {row["ref"]: row for row in first}
    assert json.loads(out) == [expected[member.ref] for member in quick]
    had = {member.repo.name for member in quick if member.repo is not None and member.status in ("ok", "error")}
    asked = [request.path for request in troubled.hub.log if any(f"/{name}/" in request.path for name in had)]
    assert sorted(asked) == sorted(f"/api/models/{name}/revision/main" for name in had)
    assert troubled.hub.asked("cdn/") == []


def test_killed_anywhere_and_resumed_equals_an_undisturbed_run(troubled: Audit, tmp_path: Path) -> None:
    quick = tuple(member for member in troubled.members if member.status != "Unreachable")
    audit, chance, kills = replace(troubled, home=tmp_path), random.Random(5), 0
    shortlist, results = audit.listed(quick), tmp_path / "specverify-audit.jsonl"
    for _ in range(3):
        done = len(audit.rows()) if results.exists() else 0
        until = chance.randint(done, len(quick) - 5) if done < len(quick) - 5 else len(quick)
        with audit.start(shortlist, "--resume", "--workers", "4") as process:
            while process.poll() is None and (results.read_bytes().count(b"\n") if results.exists() else 0) <= until:
                time.sleep(0.002)
            process.kill()
        kills += process.returncode == -signal.SIGKILL
    assert kills
    assert audit.run(shortlist, "--resume")[0] == 1
    expected = [row for row in troubled.rows() if row["status"] != "Unreachable"]
    assert sorted(audit.rows(), key=lambda row: str(row["ref"])) == sorted(expected, key=lambda row: str(row["ref"]))


def test_resume_asks_nothing_of_what_is_done(hub: HubServer, tmp_path: Path) -> None:
    audit = sound(8, tmp_path, hub)
    assert audit.run(audit.listed(audit.members[:5]))[0] == 0
    hub.log.clear()
    status, out, err = audit.run(audit.listed(), "--resume", "--format", "csv")
    assert status == 0
    assert [line["ref"] for line in csv.DictReader(out.splitlines())] == audit.refs
    assert {request.path.split("/")[4] for request in hub.asked("hub/api/models/")} == {ref.partition("/")[2] for ref in audit.refs[5:]}
    assert "8/8 models" in err
    hub.log.clear()
    assert audit.run(audit.listed(), "--resume", "--format", "csv")[1] == out
    assert hub.log == []


def test_resume_with_other_options_is_refused(hub: HubServer, tmp_path: Path) -> None:
    audit = sound(2, tmp_path, hub)
    assert audit.run(audit.listed(), "--gpu", "h100-sxm-80gb")[0] == 0
    before = audit.rows()
    status, _, err = audit.run(audit.listed(), "--resume", "--gpu", "a100-sxm-80gb")
    assert status == 3
    assert "other options" in err
    assert audit.rows() == before


def test_interrupted_says_how_to_go_on(hub: HubServer, tmp_path: Path) -> None:
    audit = sound(12, tmp_path, hub)
    hub.fail(f"{audit.refs[11]}/revision", "hang", 3.0)
    # A shell has what it runs in the background ignore SIGINT, and a process hands that on to those it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with audit.start(audit.listed(), "--workers", "2") as process:
        results, deadline = tmp_path / "specverify-audit.jsonl", time.monotonic() + 20
        while (not results.exists() or results.read_bytes().count(b"\n") < 11) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "--resume" in err
    assert "Traceback" not in err
    hub.faults.clear()
    assert audit.run(audit.listed(), "--resume")[0] == 0
    assert sorted(row["ref"] for row in audit.rows()) == audit.refs


def test_organization_and_tags_of_the_hub_s_list(hub: HubServer, tmp_path: Path) -> None:
    tagged = [
        replace(member.repo, about={"tags": ["small", "even"[: 4 * (n % 2 == 0)]]})
        for n, member in enumerate(population(4, 9))
        if member.repo
    ]
    other = next(population(1, 9, owner="other")).repo
    assert other is not None
    for repo in (*tagged, replace(other, about={"tags": ["even"]})):
        hub.add(repo)
    audit = Audit(hub, (), tmp_path)
    for arguments, refs in (
        (("--org", "acme"), [repo.name for repo in tagged]),
        (("--org", "acme", "--limit", "3"), [repo.name for repo in tagged[:3]]),
        (("--org", "acme", "--filter", "even"), [tagged[0].name, tagged[2].name]),
        (("--filter", "even", "--filter", "small"), [tagged[0].name, tagged[2].name]),
        (("--filter", "even"), [tagged[0].name, tagged[2].name, other.name]),
        (("--org", "nobody"), []),
    ):
        status, out, err = audit.run(*arguments, "--format", "json")
        assert (status, [row["ref"] for row in json.loads(out)]) == (0, refs), err


def test_list_that_cannot_be_had(hub: HubServer, tmp_path: Path) -> None:
    hub.fail("hub/api/models", "body", b"{}")
    status, out, err = Audit(hub, (), tmp_path).run("--org", "acme")
    assert (status, out) == (3, "")
    assert "/api/models" in err


def test_models_that_cannot_be_had_are_status_three_and_others_are_unharmed(hub: HubServer, tmp_path: Path) -> None:
    audit = sound(2, tmp_path, hub)
    status, out, _ = audit.run("-", "--format", "markdown", stdin=f"{audit.refs[0]}\nacme/none # not there\n{audit.refs[1]}\n")
    assert status == 3
    assert [line.split(" | ")[1] for line in out.splitlines()[2:]] == ["ok", "NotFound", "ok"]


def test_folders_need_no_hub(hub: HubServer, tmp_path: Path) -> None:
    refs = [str(FIXTURES / name) for name in ("gpt2", "bert-base", "llama-3.1-8b")]
    status, out, _ = Audit(hub, (), tmp_path).run("-", "--offline", stdin="\n".join(refs))
    assert status == 0
    assert [line.rpartition("  ")[2] for line in out.splitlines()[1:4]] == refs
    assert out.endswith("3 ok; 3 models\n")
    assert hub.log == []


def test_table_to_a_file(hub: HubServer, tmp_path: Path) -> None:
    audit = Audit(hub, (), tmp_path)
    status, out, _ = audit.run("-", "--offline", "--format", "json", "-o", "table.json", stdin=str(FIXTURES / "gpt2"))
    assert (status, out) == (0, "")
    assert json.loads((tmp_path / "table.json").read_text()) == audit.rows()


@pytest.mark.parametrize("arguments", [(), ("list", "--org", "acme"), ("list", "--filter", "x")])
def test_one_source_of_models(hub: HubServer, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert Audit(hub, (), tmp_path).run(*arguments)[0] == 2
