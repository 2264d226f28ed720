"""Sessions are for their owner alone: modes, links that nobody follows, words that never become a path."""

from __future__ import annotations

import io
import os
import shutil
import stat
from pathlib import Path

import pytest

from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.main import main

SPEC = """
version: 0
name: tale
runtime: {provider: echo}
agents: {ann: {$ref: ann.yaml}}
pattern: {type: chain, config: {steps: [{agent: ann, input: "Begin."}, {type: hitl, prompt: "Go on?"}]}}
"""

COMMANDS = [
    "sessions list",
    "sessions show ID",
    "sessions verify ID",
    "sessions repair ID --force",
    "sessions answer ID yes",
    "sessions tick ID",
    "sessions cleanup --older-than 0s --status paused --force",
    "resume ID --hitl-response yes --spec-from snapshot",
    "sessions delete ID --force",
]

HALF = "\ud800"
"""A byte of the command line that is no UTF-8 comes as half a character."""

HALF_REFUSED = "Error: '\ufffd' is not UTF-8 text."

ODD_IDS = ["../../x", "..", "/etc", ".", "session_", "%2e%2e", "a/../b", HALF, "x" * 10_000, "@latest/.."]


def strands(home: Path, line: list[str]) -> tuple[int, str]:
    """Run a command in this process; its exit code and all that it printed."""
    streams = io.StringIO(), io.StringIO(), io.StringIO()
    code = main(line, App(Environment(*streams, home=home / ".strands", cwd=home, env={})))
    assert code != 70, streams[2].getvalue()
    return code, streams[1].getvalue() + streams[2].getvalue()


def waiting(home: Path) -> Path:
    """The folder of a new session that waits for a person."""
    (home / "tale.yaml").write_text(SPEC)
    (home / "ann.yaml").write_text("prompt: Be short.\n")
    code, said = strands(home, ["run", "tale.yaml"])
    assert code == 19, said
    [folder] = (home / ".strands" / "sessions").iterdir()
    return folder


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_all_that_a_session_ever_makes_is_for_its_owner_alone(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        folder = waiting(tmp_path)
        data = (folder / "journal.jsonl").read_bytes()
        (folder / "journal.jsonl").write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        (folder / "pattern_state.json").unlink()
        session_id = folder.name.removeprefix("session_")
        assert strands(tmp_path, ["sessions", "repair", session_id, "--force"])[0] == 0
    finally:
        os.umask(before)
    found = {path: stat.S_IMODE(path.lstat().st_mode) for path in (tmp_path / ".strands").rglob("*")}
    assert {mode for path, mode in found.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in found.items() if path.is_file()} == {0o600}
    names = {path.name.partition("-")[0] for path in found}
    assert {"journal.jsonl", "journal.jsonl.damaged", ".lease", "ann.yaml", "message_0.json"} <= names


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "name",
    ["", "journal.jsonl", "session.json", "pattern_state.json", "agents", "agents/ann", ".lease", "refs"],
)
def test_no_command_follows_a_link_in_a_session(tmp_path: Path, command: str, name: str) -> None:
    """What the link points to is what would be there: only following it could tell, or change, anything."""
    folder = waiting(tmp_path)
    session_id = folder.name.removeprefix("session_")
    place, outside = folder / name, tmp_path / "outside"
    shutil.move(place, outside)
    place.symlink_to(outside)
    everything = [outside, *outside.rglob("*")] if outside.is_dir() else [outside]
    before = {path: path.read_bytes() for path in everything if path.is_file()}
    code, said = strands(tmp_path, [session_id if word == "ID" else word for word in command.split()])
    assert {path: path.read_bytes() for path in before} == before
    assert "Traceback" not in said
    if name in ("", "journal.jsonl", ".lease") and command.startswith(("sessions verify", "resume")):
        assert code in (12, 17)
        assert "link" in said


@pytest.mark.parametrize("odd", ODD_IDS)
@pytest.mark.parametrize("command", [command for command in COMMANDS if "ID" in command])
def test_a_word_that_is_no_id_names_no_session_and_touches_nothing(
    tmp_path: Path, command: str, odd: str
) -> None:
    folder = waiting(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    code, said = strands(tmp_path, [odd if word == "ID" else word for word in command.split()])
    assert code == 2
    assert said.startswith(HALF_REFUSED if odd == HALF else "Error: Session not found: ")
    assert len(said) < 200
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    assert folder.exists()


def test_who_holds_a_session_is_named_without_its_variables(tmp_path: Path) -> None:
    folder = waiting(tmp_path)
    assert b"strands run tale.yaml" in (folder / ".lease").read_bytes()
    (tmp_path / "other.yaml").write_text(SPEC)
    assert strands(tmp_path, ["run", "other.yaml", "--var", "key=sesame"])[0] == 19
    leases = [path.read_text() for path in (tmp_path / ".strands" / "sessions").glob("*/.lease")]
    assert len(leases) == 2
    assert not any("sesame" in lease for lease in leases)
