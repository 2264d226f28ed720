"""A project that is moved while its session waits: nothing is made again at the old place, all goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from durable_core.session.state import Writer
from durable_core.spec import yaml_reader
from durable_core.spec.plain_words import meaning
from durable_shell.operations import resume as resume_operation
from durable_shell.operations import start as start_operation
from tests.support.folders import document, only_session
from tests.support.home import Home
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


LAMP = """\
version: 0
name: lamp
runtime: {provider: echo}
agents: {a: {$ref: a.yaml}}
pattern:
  type: chain
  config:
    steps:
      - {agent: a, input: "echo: one"}
      - {type: hitl, prompt: "Go on?"}
      - {agent: a, input: "echo: light={{ light }}", vars: {light: on}}
"""
EDITED = LAMP.replace("echo: one", "echo: the one").replace("Go on?", "Shall we go on?")


@pytest.mark.parametrize("texts", [(LAMP,), (LAMP, EDITED)], ids=["first", "edited"])
@pytest.mark.parametrize("is_left", [False, True], ids=["moved", "copied"])
@pytest.mark.parametrize("version", ["this", "earlier"])
def test_an_unchanged_text_at_another_place_is_the_workflow_that_the_session_keeps(
    version: str, is_left: bool, texts: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also as an earlier version understood it, which took ``on`` for true."""
    user, old, new = Home(tmp_path), tmp_path / "old", tmp_path / "new"
    old.mkdir()
    (old / "a.yaml").write_text("prompt: You help.\n")
    with monkeypatch.context() as then:
        if version == "earlier":
            then.setattr(yaml_reader, "meaning", lambda word: True if word == "on" else meaning(word))
            for operation in (start_operation, resume_operation):
                then.setattr(operation, "this_program", lambda: Writer(program="0.0.1"))
        for text, command in zip(texts, (("run", "old/w.yaml"), ("resume", "@latest")), strict=False):
            (old / "w.yaml").write_text(text)
            assert user.strands(*command, "--no-input") == 19, user.err
    (shutil.copytree if is_left else shutil.move)(old, new)
    [session] = user.ids()
    resume = ("resume", session, "--no-input", "--spec", "new/w.yaml")
    assert user.strands(*resume) == 19, user.err
    assert f"The workflow was {old}/w.yaml and is {new}/w.yaml now" in user.err
    assert "Spec file has changed" not in user.err
    assert "question at" not in user.err
    assert user.strands("sessions", "verify", session) == 0, user.out
    assert user.strands(*resume) == 19, user.err
    assert "⚠" not in user.err
    assert user.strands("resume", session, "--no-input", "--hitl-response", "yes") == 0, user.err
    assert user.out == f"light={'on' if version == 'this' else 'True'}\n"
    assert user.strands("sessions", "verify", session) == 0, user.out
