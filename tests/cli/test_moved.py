"""A project that is moved while its session waits: nothing is made again at the old place, all goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.folders import document, only_session
from tests.support.program import Ran, run

SPEC = """\
version: 0
name: moved
runtime: {provider: echo}
tools: {python: ["./tools.py:note"]}
agents: {a: {prompt: You help., tools: [note]}}
pattern:
  type: chain
  config:
    steps:
      - {agent: a, input: "echo: one"}
      - {type: hitl, prompt: "Go on?"}
      - {agent: a, input: "echo: two"}
outputs: {artifacts: [{path: report.md, from: "{{ last_response }}"}]}
"""
TOOLS = 'def note(text: str) -> str:\n    """Note it."""\n    return text\n'
ANSWER = ("--no-input", "--hitl-response", "go")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A home beside the project ``new``, whose session was begun while it was called ``old``."""
    old = tmp_path / "old"
    old.mkdir()
    (old / "w.yaml").write_text(SPEC)
    (old / "tools.py").write_text(TOOLS)
    assert strands(tmp_path, "old", "run", "w.yaml", "--no-input").returncode == 19
    old.rename(tmp_path / "new")
    return tmp_path


def strands(place: Path, folder: str, *argv: str) -> Ran:
    return run(*argv, home=place / "home", cwd=place / folder)


@pytest.mark.parametrize("session", ["@latest", "@here"])
def test_from_the_new_place_it_goes_on_there_and_says_the_whole_paths(session: str, place: Path) -> None:
    ran = strands(place, "new", "resume", session, *ANSWER)
    assert ran.returncode == 0, ran.stderr
    assert f"The workflow was {place}/old/w.yaml and is {place}/new/w.yaml now" in ran.stderr
    assert (place / "new" / "artifacts" / "report.md").read_text() == "two"
    assert not (place / "old").exists()
    metadata = document(only_session(place / "home"), "session.json")["metadata"]
    assert (metadata["spec_path"], metadata["folder"]) == (f"{place}/new/w.yaml", f"{place}/new")


def test_auto_resume_finds_it_from_the_new_place(place: Path) -> None:
    ran = strands(place, "new", "run", "w.yaml", "--auto-resume", "--no-input")
    assert (ran.returncode, "Resuming session:" in ran.stderr) == (19, True)
    assert only_session(place / "home")


def test_from_elsewhere_the_option_for_the_new_place_is_named_and_does_it(place: Path) -> None:
    for source in ("file", "snapshot"):
        ran = strands(place, ".", "resume", "@latest", *ANSWER, "--spec-from", source)
        assert ran.returncode == 12
        assert f"The folder {place}/old, where the session was started, is gone" in ran.stderr
        assert "--spec PATH" in ran.stderr
    assert not (place / "old").exists()
    ran = strands(place, ".", "resume", "@latest", *ANSWER, "--spec", "new/w.yaml")
    assert ran.returncode == 0, ran.stderr
    assert "Artifact written: report.md" in ran.stderr
    assert (place / "new" / "artifacts" / "report.md").exists()


def test_artifacts_that_go_outside_of_the_current_folder_are_told_by_their_whole_paths(place: Path) -> None:
    ran = strands(place, "home", "resume", "@latest", *ANSWER, "--spec", "../new/w.yaml")
    assert f"Artifact written: {place}/new/artifacts/report.md" in ran.stderr


def test_tools_that_are_not_found_any_more_are_told_with_the_way_out(place: Path) -> None:
    ran = strands(place, ".", "resume", "@latest", *ANSWER, "--out", "out")
    assert ran.returncode == 3
    assert "there is no file" in ran.stderr
    assert ran.stderr.splitlines()[-1].endswith("--spec PATH")


def test_a_spec_that_is_not_there_is_named_and_nothing_has_happened(place: Path) -> None:
    ran = strands(place, "new", "resume", "@latest", *ANSWER, "--spec", "other.yaml")
    assert ran.returncode == 2
    assert "Can't read other.yaml" in ran.stderr


def test_a_copy_of_the_project_is_another_project(place: Path) -> None:
    (place / "old").mkdir()
    (place / "old" / "w.yaml").write_text(SPEC)
    (place / "old" / "tools.py").write_text(TOOLS)
    ran = strands(place, "new", "resume", "@here", *ANSWER)
    assert ran.returncode == 2
    ran = strands(place, "new", "resume", "@latest", *ANSWER)
    assert ran.returncode == 0, ran.stderr
    assert f"Artifact written: {place}/old/artifacts/report.md" in ran.stderr
