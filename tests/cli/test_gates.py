"""A question to a person, without a terminal: the run pauses, says the command that answers, and goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.folders import document, everything_below, id_of, only_session
from tests.support.program import Ran, run
from tests.support.workflows import ASK


def paused(home: Path, gate: str = 'default: "later"') -> Ran:
    """Run to the question; ``gate`` is more of its definition."""
    (home / "ask.yaml").write_text(ASK % gate)
    return run("run", "ask.yaml", home=home)


def test_a_run_pauses_at_a_question_and_says_how_to_answer(tmp_path: Path) -> None:
    ran = paused(tmp_path)
    session = id_of(only_session(tmp_path))
    assert (ran.returncode, ran.stdout) == (19, "")
    assert ran.stderr.splitlines()[-3:] == [
        "Waiting for an answer at steps/1:",
        "  Send the draft?",
        f'To answer: strands run --resume {session} --gate steps/1 --hitl-response "..."',
    ]
    assert "  paused  " in run("sessions", "list", home=tmp_path).stdout
    (gate,) = document(only_session(tmp_path), "pattern_state.json")["gates"]
    assert (gate["unit"], gate["prompt"], gate["default"]) == ("steps/1", "Send the draft?", "later")
    answered = run("run", "--resume", session, "--gate", "steps/1", "--hitl-response", "yes", home=tmp_path)
    assert (answered.returncode, answered.stdout) == (0, "they said yes\n"), answered.stderr
    assert "Skipping completed step 0: drafter" in answered.stderr


REVIEWS = {
    "rounds/1/decomposition_review": """
  type: orchestrator_workers
  config:
    orchestrator: {agent: drafter}
    worker_template: {agent: finisher}
    decomposition_review: {type: hitl, prompt: "The plan: {{ last_response }}"}""",
    "reduce_review": """
  type: orchestrator_workers
  config:
    orchestrator: {agent: drafter}
    worker_template: {agent: finisher}
    reduce_review: {type: hitl, prompt: "The last answer: {{ last_response }}"}""",
    "review_router": """
  type: routing
  config:
    router:
      agent: drafter
      review_router: {type: hitl, prompt: "The router: {{ last_response }}"}
    routes: {one: {then: [{agent: finisher}]}}""",
}


@pytest.mark.parametrize("gate", list(REVIEWS))
def test_a_review_may_show_what_an_agent_said_last(gate: str, tmp_path: Path) -> None:
    before, _, _ = ASK.partition("\n  type: chain")
    (tmp_path / "review.yaml").write_text(before + REVIEWS[gate] + "\n")
    assert run("validate", "review.yaml", home=tmp_path).returncode == 0
    ran = run("run", "review.yaml", home=tmp_path)
    assert ran.returncode == 19, ran.stderr
    (asked,) = document(only_session(tmp_path), "pattern_state.json")["gates"]
    answers = {"reduce_review": "The last answer: Echo", "review_router": 'The router: {"route"'}
    assert asked["unit"] == gate
    assert asked["prompt"].startswith(answers.get(gate, 'The plan: [{"task"'))


def test_the_gate_need_not_be_named_when_one_is_open(tmp_path: Path) -> None:
    paused(tmp_path)
    ran = run("resume", "@latest", "--hitl-response", "no thanks", home=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "they said no thanks\n"), ran.stderr


def test_an_empty_answer_takes_the_default(tmp_path: Path) -> None:
    paused(tmp_path)
    ran = run("resume", "@latest", "--hitl-response", "", home=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "they said later\n"), ran.stderr


def test_a_resume_without_an_answer_waits_on(tmp_path: Path) -> None:
    paused(tmp_path)
    ran = run("resume", "@latest", home=tmp_path)
    assert (ran.returncode, ran.stdout) == (19, "")
    assert "Waiting for an answer at steps/1:" in ran.stderr


REFUSED = {
    "an empty answer and no default": ("timeout_seconds: 3600", [""], "gate steps/1 has no default"),
    "an answer that the pattern refuses": (
        'validation: {pattern: "yes|no"}',
        ["maybe"],
        "does not match the pattern yes|no",
    ),
    "a gate that is not open": (
        'default: "x"',
        ["yes", "--gate", "steps/2"],
        "no question is open at steps/2",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_answer_that_does_not_fit_changes_nothing(case: str, tmp_path: Path) -> None:
    gate, answer, told = REFUSED[case]
    paused(tmp_path, gate)
    lease = only_session(tmp_path) / ".lease"
    lease.unlink()
    before = everything_below(tmp_path)
    ran = run("resume", "@latest", "--hitl-response", *answer, home=tmp_path)
    lease.unlink()  # the one file that a refused driver writes: it names the last holder
    assert (ran.returncode, ran.stdout) == (2, "")
    assert told in ran.stderr
    assert everything_below(tmp_path) == before


def test_an_answer_that_the_pattern_accepts_goes_on(tmp_path: Path) -> None:
    paused(tmp_path, 'validation: {pattern: "yes|no"}')
    ran = run("resume", "@latest", "--hitl-response", "no", home=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "they said no\n"), ran.stderr


def test_json_has_the_open_question(tmp_path: Path) -> None:
    (tmp_path / "ask.yaml").write_text(ASK % 'default: "later", context_display: "Look: {{ last_response }}"')
    ran = run("run", "ask.yaml", "--json", home=tmp_path)
    printed = json.loads(ran.stdout)
    assert (printed["status"], printed["exit_code"]) == ("paused", 19)
    assert printed["gates"] == [
        {"unit": "steps/1", "prompt": "Send the draft?", "display": "Look: the draft", "default": "later"}
    ]


def test_an_answer_from_another_shell_keeps_the_variables_that_a_person_edited(tmp_path: Path) -> None:
    paused(tmp_path)
    view = only_session(tmp_path) / "session.json"
    shown = json.loads(view.read_text())
    shown["variables"]["tone"] = "solemn"
    view.write_text(json.dumps(shown))
    assert run("sessions", "answer", "@latest", "now", home=tmp_path).returncode == 0
    assert document(only_session(tmp_path), "session.json")["variables"]["tone"] == "solemn"
