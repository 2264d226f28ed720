"""What a person at a terminal sees and types: questions, panels, tables, Ctrl-C."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.research import kill_it_in_the_last_step, run_it, work_folder
from tests.support.folders import completed_units, id_of, only_session, sessions
from tests.support.program import run
from tests.support.terminal import CTRL_C, CTRL_D, Terminal
from tests.support.workflows import ASK

PROMPT = "Type the answer; e opens an editor, l leaves it for later.\n> "
BOXES = "─━│┃┏┓╭╮"


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    """A home with a workflow that asks after its first step."""
    (tmp_path / "ask.yaml").write_text(ASK % 'default: "later", validation: {pattern: "yes|no|later"}')
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a completed session named "tides" and one that was killed."""
    home = tmp_path_factory.mktemp("made")
    kill_it_in_the_last_step(home)
    work_folder(home)
    assert run_it(home, "--name", "tides").returncode == 0
    return home


# --- questions -----------------------------------------------------------------------------------------


def test_a_question_is_asked_at_once_and_its_answer_goes_on(asking: Path) -> None:
    with Terminal("run", "ask.yaml", home=asking) as person:
        person.read_until(PROMPT)
        assert "Question at steps/1:\n  Send the draft?\n" in person.text
        person.type("yes\r")
        assert person.wait() == 0
    assert "they said yes\n" in person.text
    assert "✓ Workflow complete" in person.text


def test_an_answer_that_does_not_fit_is_asked_for_again(asking: Path) -> None:
    with Terminal("run", "ask.yaml", home=asking) as person:
        person.read_until(PROMPT)
        person.type("maybe\r")
        person.read_until("does not match the pattern yes|no|later")
        person.read_until(PROMPT, times=2)
        person.type("no\r")
        assert person.wait() == 0
    assert "they said no\n" in person.text


def test_an_empty_line_takes_the_default(asking: Path) -> None:
    with Terminal("run", "ask.yaml", home=asking) as person:
        person.read_until(PROMPT)
        assert "Default: later\n" in person.text
        person.type("\r")
        assert person.wait() == 0
    assert "they said later\n" in person.text


@pytest.mark.parametrize("keys", ["l\r", CTRL_C, CTRL_D], ids=["l", "Ctrl-C", "Ctrl-D"])
def test_a_question_can_be_left_for_later(keys: str, asking: Path) -> None:
    with Terminal("run", "ask.yaml", home=asking) as person:
        person.read_until(PROMPT)
        person.type(keys)
        assert person.wait() == 19
    assert f"strands run --resume {id_of(only_session(asking))} --gate steps/1 --hitl-response" in person.text
    assert "Traceback" not in person.text
    assert completed_units(only_session(asking)) == ["steps/0"]
    with Terminal("resume", "@latest", home=asking) as person:
        person.read_until(PROMPT)
        person.type("yes\r")
        assert person.wait() == 0
    assert "they said yes\n" in person.text


def test_an_answer_can_be_written_in_an_editor(asking: Path) -> None:
    editor = asking / "editor"
    editor.write_text('#!/bin/sh\nprintf "no" > "$1"\n')
    editor.chmod(0o755)
    with Terminal("run", "ask.yaml", home=asking, env={"EDITOR": str(editor)}) as person:
        person.read_until(PROMPT)
        person.type("e\r")
        assert person.wait() == 0
    assert "they said no\n" in person.text


@pytest.mark.parametrize("how", ["--no-input", "CI"])
def test_nothing_is_asked_where_nobody_wants_to_be_asked(how: str, asking: Path) -> None:
    argv = ["run", "ask.yaml", *(["--no-input"] if how == "--no-input" else [])]
    with Terminal(*argv, home=asking, env={"CI": "1"} if how == "CI" else {}) as person:
        assert person.wait() == 19
    assert PROMPT not in person.text


def test_a_missing_input_is_asked_for_with_ask(asking: Path) -> None:
    work = work_folder(asking)
    with Terminal("run", "research.yaml", "--ask", home=asking, cwd=work) as person:
        person.read_until("topic (string) > ")
        person.type("tides\r")
        assert person.wait() == 0
    assert "the report\n" in person.text


def test_ctrl_c_while_a_step_runs_lets_it_finish(tmp_path: Path) -> None:
    work = work_folder(tmp_path, writer=", delay: 6")
    with Terminal("run", "research.yaml", "--var", "topic=x", home=tmp_path, cwd=work) as person:
        person.read_until("Step 2/3: analyst - COMPLETE")
        person.read_until("Step 3/3: writer  ")
        person.type(CTRL_C)
        person.read_until(
            "Interrupted: finishing what runs, starting nothing new. Press Ctrl-C again to stop now."
        )
        code = person.wait()
    assert "Step 3/3: writer - COMPLETE (3000 tokens)" in person.text
    assert completed_units(only_session(tmp_path)) == ["steps/0", "steps/1", "steps/2"]
    assert code == 0  # that step was the last one


# --- deleting ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "kept"), [("y\r", 0), ("\r", 1), ("n\r", 1), (CTRL_D, 1), (CTRL_C, 1)])
def test_a_deletion_asks_first(answer: str, kept: int, made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    shown = json.loads(run("sessions", "show", "tides", "--json", home=tmp_path).stdout)
    session = shown["metadata"]["session_id"]
    with Terminal("sessions", "delete", session, home=tmp_path) as person:
        person.read_until(f"Delete session {session[:8]}...? [y/N]: ")
        person.type(answer)
        code = person.wait()
    assert code == (130 if answer == CTRL_C else 0)
    assert "Traceback" not in person.text
    assert [id_of(folder) for folder in sessions(tmp_path)].count(session) == kept
    assert len(sessions(tmp_path)) == 1 + kept


# --- tables and panels ---------------------------------------------------------------------------------


def test_a_list_is_drawn_as_a_table_with_short_ids(made: Path) -> None:
    with Terminal("sessions", "list", home=made) as person:
        assert person.wait() == 0
    for heading in ("Session ID", "Workflow", "Pattern", "Status", "Updated"):
        assert heading in person.text
    for folder in sessions(made):
        assert f"{id_of(folder)[:8]}..." in person.text
        assert id_of(folder) not in person.text
    assert any(sign in person.text for sign in BOXES)


def test_a_session_is_drawn_as_a_panel(made: Path) -> None:
    with Terminal("sessions", "show", "tides", home=made) as person:
        assert person.wait() == 0
    assert "Session " in person.text
    for label in (
        "Session ID:",
        "Workflow:",
        "Status:",
        "Created:",
        "Variables:",
        "Token Usage:",
        "Pattern State:",
    ):
        assert label in person.text
    assert "Total: 8000" in person.text
    assert any(sign in person.text for sign in BOXES)


def test_without_colours_there_are_none(made: Path) -> None:
    with Terminal("sessions", "list", home=made, env={"NO_COLOR": "1"}) as person:
        assert person.wait() == 0
    assert "\x1b[3" not in person.raw.replace("\x1b[3m", "")


def test_into_a_pipe_nothing_is_drawn(made: Path) -> None:
    for argv in (["sessions", "list"], ["sessions", "show", "tides"]):
        plain = run(*argv, home=made).stdout
        assert not any(sign in plain for sign in BOXES)
        assert "\x1b" not in plain


def test_a_run_moves_on_a_terminal_and_ends_with_the_same_words(tmp_path: Path) -> None:
    work = work_folder(tmp_path, writer=", delay: 0.3")
    with Terminal("run", "research.yaml", "--var", "topic=x", home=tmp_path, cwd=work) as person:
        assert person.wait() == 0
    for line in (
        "Running workflow: research-chain\n",
        "Step 1/3: researcher - COMPLETE (2000 tokens)\n",
        "Step 3/3: writer - COMPLETE (3000 tokens)\n",
        "✓ Workflow complete\n",
        "Total tokens: 8000\n",
        "the report\n",
    ):
        assert line in person.text
    assert "\x1b[" in person.raw
