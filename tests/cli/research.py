"""The three-step workflow of the manual, answered from a script, so that its numbers are the manual's."""

from __future__ import annotations

from pathlib import Path

from tests.support.folders import document, only_session
from tests.support.program import Ran, run, start, wait_until

SPEC = """\
version: 0
name: research-chain
runtime: {provider: scripted, model_id: script.yaml, failure_policy: {retries: 0}}
inputs:
  required: {topic: string}
  optional: {tone: {type: string, enum: [dry, warm], default: dry}}
agents:
  researcher: {prompt: "You find facts."}
  analyst: {prompt: "You look for patterns."}
  writer: {prompt: "You write reports."}
pattern:
  type: chain
  config:
    steps:
      - {agent: researcher, input: "Facts about {{ topic }}"}
      - {agent: analyst, input: "Patterns in {{ last_response }}"}
      - {agent: writer, input: "A {{ tone }} report on {{ last_response }}"}
"""

SCRIPT = """\
rules:
  - {match: {agent: researcher}, answer: "the facts", usage: {input: 1500, output: 500}}
  - {match: {agent: analyst}, answer: "the patterns", usage: {input: 2000, output: 1000}}
  - {match: {agent: writer}, answer: "the report", usage: {input: 2500, output: 500}%s}
"""

CALLED_AGAIN = """\
rules:
  - {match: {agent: writer}, answer: "the report", usage: {input: 2500, output: 500}}
  - {fault: refused}
"""
"""Answers the last step alone: a completed step that was called again would fail."""


def work_folder(home: Path, *, writer: str = "") -> Path:
    """``home/work`` with the workflow; ``writer`` is more for the rule of the last step."""
    work = home / "work"
    work.mkdir(exist_ok=True)
    (work / "research.yaml").write_text(SPEC)
    (work / "script.yaml").write_text(SCRIPT % writer)
    return work


def run_it(home: Path, *more: str) -> Ran:
    """Run the workflow to its end."""
    return run("run", "research.yaml", "--var", "topic=tides", *more, home=home, cwd=work_folder(home))


def kill_it_in_the_last_step(home: Path, *more: str) -> Path:
    """Run the workflow and kill it while the writer thinks; the folder of its session."""
    work = work_folder(home, writer=", delay: 600")
    process = start("run", "research.yaml", "--var", "topic=tides", *more, home=home, cwd=work)
    folder = only_session(home, process)
    wait_until((folder / "session.json").exists, "the views are there, it being the last", process=process)
    wait_until(lambda: document(folder, "pattern_state.json")["current_step"] == 2, "two steps are done")
    process.kill()
    process.communicate()
    (work / "script.yaml").write_text(CALLED_AGAIN)
    return folder
