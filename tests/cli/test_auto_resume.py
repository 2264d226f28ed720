"""Going on without naming a session: --auto-resume by spec and variables, --continue by folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.folders import only_session
from tests.support.program import run

SPEC = """\
version: 0
name: approval
runtime: {provider: echo}
inputs: {required: {topic: string}}
agents: {writer: {prompt: You write.}}
pattern:
  type: chain
  config:
    steps:
      - {agent: writer, input: "Write on {{ topic }}"}
      - {type: hitl, prompt: "Good?"}
      - {agent: writer}
outputs: {artifacts: [{path: text.md, from: "{{ last_response }}"}]}
"""
PAUSED, DONE, USAGE = 19, 0, 2


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "approval.yaml").write_text(SPEC)
    return tmp_path


def strands(place: Path, *argv: str, folder: str = "work") -> tuple[int, str]:
    ended = run(*argv, home=place / "home", cwd=place / folder)
    return ended.returncode, ended.stderr


def test_auto_resume_goes_on_with_the_session_of_the_same_variables_and_else_starts(place: Path) -> None:
    begin = ("run", "approval.yaml", "--auto-resume", "--var")
    code, said = strands(place, *begin, "topic=tides")
    assert (code, "Session ID:" in said) == (PAUSED, True)
    code, said = strands(place, *begin, "topic=tides")
    assert (code, "Resuming session:" in said) == (PAUSED, True)
    assert only_session(place / "home")
    code, said = strands(place, *begin, "topic=winds")
    assert (code, "Session ID:" in said) == (PAUSED, True)
    assert len(list((place / "home" / ".strands" / "sessions").iterdir())) == 2


def test_continue_resumes_the_newest_session_of_this_folder_only(place: Path) -> None:
    (place / "elsewhere").mkdir()
    assert strands(place, "run", "approval.yaml", "--var", "topic=tides")[0] == PAUSED
    code, said = strands(place, "run", "-c", folder="elsewhere")
    assert code == USAGE
    assert said.startswith("Error: No session that was started in this folder can be resumed.\n")
    code, said = strands(place, "run", "--continue", "--hitl-response", "yes")
    assert (code, "Skipping completed step 0: writer" in said) == (DONE, True)
    assert strands(place, "run", "-c")[0] == USAGE


def test_after_a_completed_session_auto_resume_starts_anew(place: Path) -> None:
    begin = ("run", "approval.yaml", "--auto-resume", "--var", "topic=tides", "--force")
    assert strands(place, *begin)[0] == PAUSED
    assert strands(place, "run", "-c", "--hitl-response", "yes")[0] == DONE
    code, said = strands(place, *begin)
    assert (code, "Session ID:" in said) == (PAUSED, True)
