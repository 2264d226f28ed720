"""Warnings of what can be run and is hardly what was meant: on standard error, and nothing stops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.program import Ran, run

LETTER = """\
version: 0
name: letter
runtime: {provider: echo}
inputs:
  required: {town: string}
  optional: {audience: {type: string, default: children}}
agents: {scribe: {prompt: "You write in {{ tone }}."}}
pattern:
  type: chain
  config:
    steps:
      - {agent: scribe, input: "echo: {{ town }} for {{ audience }}"}
      - {type: hitl, prompt: "Send it?"}
"""
PROMPT = "⚠ Warning: letter.yaml, line 7, column 19: agents.scribe.prompt uses 'tone', which nothing gives"
UNUSED = "⚠ Warning: No template uses the variable '{}', and no input declares it. Did you mean '{}'?"
TYPO = UNUSED.format("audence", "audience")
GIVEN = ("--var", "town=Ulm", "--var", "audence=engineers")


def strands(home: Path, *argv: str) -> Ran:
    (home / "letter.yaml").write_text(LETTER)
    return run(*argv, home=home, cwd=home)


def warnings(ran: Ran) -> list[str]:
    return [line for line in ran.stderr.splitlines() if line.startswith("⚠")]


@pytest.mark.parametrize("more", [(), ("--json",)])
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_validate_and_plan_warn(command: str, more: tuple[str, ...], tmp_path: Path) -> None:
    ran = strands(tmp_path, command, "letter.yaml", *GIVEN, *more)
    assert ran.returncode == 0
    prompt, typo = warnings(ran)
    assert prompt.startswith(PROMPT)
    assert typo == TYPO
    assert "⚠" not in ran.stdout
    if more:
        json.loads(ran.stdout)


@pytest.mark.parametrize("more", [(), ("--quiet",), ("--json",), ("--no-save-session",)])
def test_run_warns_and_goes_on(more: tuple[str, ...], tmp_path: Path) -> None:
    ran = strands(tmp_path, "run", "letter.yaml", *GIVEN, *more)
    assert ran.returncode == 19
    prompt, typo = warnings(ran)[:2]
    assert prompt.startswith(PROMPT)
    assert typo == TYPO
    if more == ("--json",):
        json.loads(ran.stdout)


def test_who_gives_what_is_used_is_not_warned(tmp_path: Path) -> None:
    ran = strands(tmp_path, "run", "letter.yaml", "--var", "town=Ulm", "--var", "tone=verse")
    assert (ran.returncode, warnings(ran)) == (19, [])


def test_a_resume_warns_of_its_own_variables_alone(tmp_path: Path) -> None:
    strands(tmp_path, "run", "letter.yaml", *GIVEN)
    ran = strands(tmp_path, "resume", "@latest", "--hitl-response", "yes", "--var", "twon=Rom")
    assert ran.returncode == 0
    assert warnings(ran) == [UNUSED.format("twon", "town")]


def test_a_run_that_takes_up_an_earlier_one_warns_once(tmp_path: Path) -> None:
    for _ in range(2):
        ran = strands(tmp_path, "run", "letter.yaml", *GIVEN, "--auto-resume")
        assert warnings(ran).count(TYPO) == 1


def test_a_file_for_several_workflows_is_told_of_its_mistyped_names_alone(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_text("town: Ulm\ntone: verse\ncrew: 3\naudence: x\ntowns: 2\n")
    for command in ("validate", "plan", "run"):
        ran = strands(tmp_path, command, "letter.yaml", "--var-file", "some.yaml")
        assert warnings(ran) == [TYPO], command
