"""Questions that an edit of the workflow took away, moved or reworded: whoever answers them is told so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.home import Home

FACTS: dict[str, Any] = {"agent": "a", "input": "echo: facts"}
ASK: dict[str, Any] = {"type": "hitl", "prompt": "Go on?"}
REPORT: dict[str, Any] = {"agent": "a", "input": "echo: report"}
STEPS = [FACTS, ASK, REPORT]

GONE = "the question at steps/1 is no longer there in the changed spec file"
EDITS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "taken out": ([FACTS, REPORT], GONE),
    "taken out at the end": ([FACTS], GONE),
    "moved": ([FACTS, REPORT, ASK, REPORT], f"{GONE} (it is at steps/2 now)"),
    "another in its place": ([FACTS, {**ASK, "prompt": "Sure?"}, ASK], f"{GONE} (it is at steps/2 now)"),
    "reworded": (
        [FACTS, {**ASK, "prompt": "Really?"}, REPORT],
        "the question at steps/1 was changed in the spec file and is asked anew",
    ),
    "another pattern for the answer": (
        [FACTS, {**ASK, "validation": {"pattern": "yes|no"}}, REPORT],
        "the question at steps/1 was changed in the spec file and is asked anew",
    ),
}
SNAPSHOT = "; to answer it as it was asked: --spec-from snapshot"


BROKEN = {"prompt": "You fail.", "provider": "scripted", "model_id": "script.json"}


def spec(steps: list[dict[str, Any]]) -> str:
    return json.dumps(
        {
            "version": 0,
            "name": "edit",
            "runtime": {"provider": "echo"},
            "agents": {"a": {"prompt": "You help."}, "b": {"prompt": "You plan."}, "c": BROKEN},
            "pattern": {"type": "chain", "config": {"steps": steps}},
        }
    )


@pytest.fixture
def user(tmp_path: Path) -> Home:
    (tmp_path / "w.yaml").write_text(spec(STEPS))
    (tmp_path / "script.json").write_text('{"rules": [{"fault": "refused"}]}')
    home = Home(tmp_path)
    assert home.strands("run", "w.yaml", "--no-input") == 19
    return home


def edit(user: Home, steps: list[dict[str, Any]]) -> None:
    (user.path / "w.yaml").write_text(spec(steps))


@pytest.mark.parametrize("gate", [(), ("--gate", "steps/1")], ids=["", "named"])
@pytest.mark.parametrize("how", EDITS)
def test_an_answer_in_the_resume_that_takes_an_edit_over_is_refused_and_says_what_became_of_the_question(
    how: str, gate: tuple[str, ...], user: Home
) -> None:
    steps, said = EDITS[how]
    [session] = user.ids()
    before = user.lines(session)
    edit(user, steps)
    assert user.strands("resume", "@latest", "--no-input", "--hitl-response", "yes", *gate) == 2
    assert user.err == f"Error: {said}{SNAPSHOT}\n"
    assert user.lines(session) == before
    snapshot = ("--spec-from", "snapshot", "--hitl-response", "yes", *gate)
    assert user.strands("resume", "@latest", "--no-input", *snapshot) == 0


FAILS: dict[str, Any] = {"agent": "c", "input": "Try."}
"""A step that fails, so that the session stays where it is."""


@pytest.mark.parametrize("named", [(), ("steps/1",)], ids=["", "named"])
@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([FACTS, FAILS], GONE),
        ([FACTS, FAILS, ASK, REPORT], f"{GONE} (it is at steps/2 now)"),
        ([FACTS, FAILS, {**ASK, "prompt": "Sure?"}], GONE),
    ],
    ids=["taken out", "moved", "moved and reworded"],
)
def test_after_the_edit_was_taken_over_an_answer_is_told_the_same(
    steps: list[dict[str, Any]], said: str, named: tuple[str, ...], user: Home
) -> None:
    [session] = user.ids()
    edit(user, steps)
    assert user.strands("resume", session, "--no-input") == 10
    before = user.lines(session)
    assert user.strands("sessions", "answer", session, *named, "yes") == 2
    assert user.err == f"Error: {said}\n"
    gate = ("--gate", *named) if named else ()
    assert user.strands("resume", session, "--no-input", "--hitl-response", "yes", *gate) == 2
    assert user.err == f"Error: {said}\n"
    assert user.lines(session) == before


def test_a_question_that_was_put_back_is_asked_anew_and_then_answered(user: Home) -> None:
    [session] = user.ids()
    edit(user, [FACTS, FAILS])
    assert user.strands("resume", session, "--no-input") == 10
    edit(user, STEPS)
    assert user.strands("resume", session, "--no-input", "--hitl-response", "yes") == 2
    assert user.err == "Error: the question at steps/1 was changed in the spec file and is asked anew\n"
    assert user.strands("resume", session, "--no-input") == 19
    assert user.strands("sessions", "answer", session, "yes") == 0
    assert user.strands("resume", session, "--no-input") == 0


def test_an_edit_that_is_refused_says_what_would_become_of_the_question(user: Home) -> None:
    edit(user, [{"agent": "b", "input": "echo: plan"}, *STEPS])
    for answer in ((), ("--hitl-response", "yes")):
        assert user.strands("resume", "@latest", "--no-input", *answer) == 3
        assert user.err.splitlines()[0] == (
            "Error: The session can't be resumed with the changed spec: "
            f"step 0 is completed, but the changed spec has it as step 1; {GONE} (it is at steps/2 now)"
        )


@pytest.mark.parametrize("how", EDITS)
def test_a_resume_without_an_answer_tells_what_became_of_the_question(how: str, user: Home) -> None:
    steps, said = EDITS[how]
    edit(user, steps)
    assert user.strands("resume", "@latest", "--no-input") in (0, 19)
    assert f"⚠ Warning: T{said[1:]}.\n" in user.err


def test_an_answer_that_was_for_one_of_two_questions_is_not_taken_for_the_one_that_is_left(
    tmp_path: Path,
) -> None:
    user = Home(tmp_path)
    branches = [{"id": name, "steps": [{**ASK, "prompt": f"{name}?"}, FACTS]} for name in "xy"]
    document = json.loads(spec([]))
    del document["agents"]["c"]
    document["pattern"] = {"type": "parallel", "config": {"branches": branches}}
    (tmp_path / "w.yaml").write_text(json.dumps(document))
    assert user.strands("run", "w.yaml", "--no-input") == 19
    branches[0]["steps"] = [FACTS]
    (tmp_path / "w.yaml").write_text(json.dumps(document))
    assert user.strands("resume", "@latest", "--no-input", "--hitl-response", "yes") == 2
    assert user.err == (
        "Error: the question at branches/x/0 is no longer there in the changed spec file "
        f"(open: branches/y/0){SNAPSHOT}\n"
    )
    named = ("--hitl-response", "yes", "--gate", "branches/y/0")
    assert user.strands("resume", "@latest", "--no-input", *named) == 0
