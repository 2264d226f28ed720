"""What a user sees of sessions, word for word: running, resuming, listing, showing, deleting."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.research import SPEC, kill_it_in_the_last_step, run_it, work_folder
from tests.support.folders import document, everything_below, id_of, only_session, sessions
from tests.support.program import put_on_path, run, surroundings

LOOP = (
    "for id in $(strands sessions list --status completed | tail -n +3 | awk '{print $1}');"
    " do strands sessions delete $id --force; done"
)
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with four sessions: completed (named "old tides"), failed, interrupted, completed."""
    home = tmp_path_factory.mktemp("made")
    kill_it_in_the_last_step(home)
    assert run_it(home, "--name", "old tides").returncode == 0
    (work_folder(home) / "script.yaml").write_text("rules: [{fault: refused}]")
    assert run("run", "research.yaml", "--var", "topic=x", home=home, cwd=home / "work").returncode == 10
    assert run_it(home).returncode == 0
    return home


@pytest.fixture
def four(made: Path, tmp_path: Path) -> Path:
    """The same in a copy that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "home"))


def with_status(home: Path, status: str) -> list[str]:
    """The ids of the sessions whose view has this status, the newest first."""
    metadata = [document(folder, "session.json")["metadata"] for folder in sessions(home)]
    metadata.sort(key=lambda one: str(one["updated_at"]), reverse=True)
    return [str(one["session_id"]) for one in metadata if one["status"] == status]


# --- running and resuming ------------------------------------------------------------------------------


def test_a_run_says_its_id_its_name_its_steps_and_its_tokens(tmp_path: Path) -> None:
    ran = run_it(tmp_path)
    assert ran.returncode == 0
    assert ran.stdout == "the report\n"
    assert ran.stderr.splitlines() == [
        f"Session ID: {id_of(only_session(tmp_path))}",
        "Running workflow: research-chain",
        "Step 1/3: researcher - COMPLETE (2000 tokens)",
        "Step 2/3: analyst - COMPLETE (3000 tokens)",
        "Step 3/3: writer - COMPLETE (3000 tokens)",
        "✓ Workflow complete",
        "Total tokens: 8000",
    ]


@pytest.mark.parametrize(
    "way", ["run --resume ID", "resume ID", "resume PREFIX", "resume NAME", "resume @latest"]
)
def test_a_killed_run_is_resumed_by_any_of_its_names(way: str, tmp_path: Path) -> None:
    folder = kill_it_in_the_last_step(tmp_path, "--name", "my tides")
    words = {"ID": id_of(folder), "PREFIX": id_of(folder)[:4], "NAME": "my tides"}
    ran = run(*(words.get(word, word) for word in way.split()), home=tmp_path)
    assert ran.returncode == 0
    assert ran.stdout == "the report\n"
    assert ran.stderr.splitlines() == [
        f"Resuming session: {id_of(folder)[:8]}...",
        "Skipping completed step 0: researcher",
        "Skipping completed step 1: analyst",
        "Step 3/3: writer - COMPLETE (3000 tokens)",
        "✓ Workflow complete",
        "Total tokens: 8000 (5000 from resumed session + 3000 new)",
    ]


@pytest.mark.parametrize("way", ["run --resume", "resume"])
def test_a_completed_session_is_not_resumed(way: str, four: Path) -> None:
    completed = with_status(four, "completed")[0]
    before = (four / ".strands" / "sessions" / f"session_{completed}" / "journal.jsonl").read_bytes()
    ran = run(*way.split(), completed, home=four)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines() == [
        f"Error: Session already completed: {completed}",
        f"Nothing has run; what it did is kept. To see it: strands sessions show {completed}",
    ]
    assert (four / ".strands" / "sessions" / f"session_{completed}" / "journal.jsonl").read_bytes() == before


def test_a_completed_session_is_completed_whatever_became_of_its_spec(four: Path) -> None:
    (four / "work" / "research.yaml").write_text("no: [workflow")
    ran = run("resume", with_status(four, "completed")[0], home=four)
    assert ran.returncode == 2
    assert ran.stderr.startswith("Error: Session already completed: ")


@pytest.mark.parametrize("way", ["run --resume", "resume", "sessions show", "sessions delete --force"])
def test_a_session_that_is_not_there_is_not_found(way: str, four: Path) -> None:
    before = everything_below(four)
    ran = run(*way.split(), "invalid-id", home=four)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("Error: Session not found: invalid-id\n")
    assert everything_below(four) == before


@pytest.mark.parametrize("way", ["resume", "sessions show", "sessions delete --force"])
def test_a_prefix_of_two_sessions_lists_them_both(way: str, four: Path) -> None:
    kept = four / ".strands" / "sessions"
    taken = with_status(four, "completed")[0]
    twin = taken[:9] + "ffff" + taken[13:]
    shutil.copytree(kept / f"session_{taken}", kept / f"session_{twin}")
    ran = run(*way.split(), taken[:8], home=four)
    assert (ran.returncode, ran.stdout) == (2, "")
    first, *candidates, last = ran.stderr.splitlines()
    assert first == f"Error: More than one session fits {taken[:8]}:"
    assert sorted(line.split()[0] for line in candidates) == sorted([taken, twin])
    assert last == "Nothing was changed. Give more of the id of the one that you mean."
    assert (kept / f"session_{twin}").exists()


# --- listing -------------------------------------------------------------------------------------------


def test_a_plain_list_is_a_header_a_rule_and_lines_that_begin_with_full_ids(made: Path) -> None:
    ran = run("sessions", "list", home=made)
    assert ran.returncode == 0
    assert ran.stderr == ""
    header, rule, *rows = ran.stdout.splitlines()
    assert re.split(r"  +", header) == ["Session ID", "Workflow", "Pattern", "Status", "Updated", "Name"]
    assert set(rule) == {"-", " "}
    assert [row.split()[3] for row in rows] == ["completed", "failed", "completed", "interrupted"]
    for row in rows:
        assert re.fullmatch(rf"[0-9a-f-]{{36}}  research-chain  chain    \w+ +{TIME}  (-|old tides)", row)
    assert {row.split()[0] for row in rows} == {id_of(folder) for folder in sessions(made)}


@pytest.mark.parametrize(
    ("status", "count"),
    [("completed", 2), ("failed", 1), ("interrupted", 1), ("paused", 0), ("running", 0), ("damaged", 0)],
)
def test_a_list_can_be_narrowed_to_one_status(status: str, count: int, made: Path) -> None:
    ran = run("sessions", "list", "--status", status, home=made)
    rows = ran.stdout.splitlines()[2:]
    assert [row.split()[3] for row in rows] == [status] * count
    assert len(json.loads(run("sessions", "list", "--status", status, "--json", home=made).stdout)) == count


def test_a_list_as_json_has_full_ids_names_and_paths(made: Path) -> None:
    listed = json.loads(run("sessions", "list", "--json", home=made).stdout)
    assert [one["status"] for one in listed] == ["completed", "failed", "completed", "interrupted"]
    assert [one["name"] for one in listed] == [None, None, "old tides", None]
    assert {one["session_id"] for one in listed} == {id_of(folder) for folder in sessions(made)}
    assert {one["spec_path"] for one in listed} == {str(made / "work" / "research.yaml")}


def test_a_list_of_nothing_still_has_its_header(tmp_path: Path) -> None:
    ran = run("sessions", "list", home=tmp_path)
    assert ran.returncode == 0
    assert len(ran.stdout.splitlines()) == 2
    assert ran.stderr == "No sessions. Start one with: strands run SPEC\n"
    assert everything_below(tmp_path) == {}


# --- showing -------------------------------------------------------------------------------------------


def test_a_session_is_shown_with_its_variables_tokens_and_steps(made: Path) -> None:
    interrupted = with_status(made, "running")[0]
    ran = run("sessions", "show", interrupted, home=made)
    assert ran.returncode == 0
    lines = ran.stdout.splitlines()
    assert lines[0] == f"Session ID: {interrupted}"
    assert lines[1:4] == ["Workflow: research-chain", "Pattern: chain", "Status: interrupted"]
    assert re.fullmatch(f"Created: {TIME}", lines[4])
    assert re.fullmatch(f"Updated: {TIME}", lines[5])
    variables, usage, state = (
        lines.index(f"{name}:") for name in ("Variables", "Token Usage", "Pattern State")
    )
    assert json.loads("".join(lines[variables + 1 : usage])) == {"topic": "tides", "tone": "dry"}
    assert lines[usage + 1 : state] == [
        "  Total: 5000",
        "  Input: 3500",
        "  Output: 1500",
        "  By agent:",
        "    analyst: 3000 (input 2000, output 1000)",
        "    researcher: 2000 (input 1500, output 500)",
    ]
    shown = json.loads("".join(lines[state + 1 :]))
    assert shown["current_step"] == 2
    assert [step["response"] for step in shown["step_history"]] == ["the facts", "the patterns"]


def test_a_session_is_shown_as_json(made: Path) -> None:
    shown = json.loads(run("sessions", "show", "old tides", "--json", home=made).stdout)
    assert shown["metadata"]["name"] == "old tides"
    assert shown["metadata"]["status"] == "completed"
    assert shown["token_usage"]["total_input_tokens"] == 6000
    assert shown["pattern_state"]["current_step"] == 3


def test_a_view_that_trails_does_not_mislead(four: Path) -> None:
    folder = four / ".strands" / "sessions" / f"session_{with_status(four, 'completed')[0]}"
    (folder / "pattern_state.json").write_text('{"current_step": 0, "step_history": []}')
    shown = json.loads(run("sessions", "show", id_of(folder), "--json", home=four).stdout)
    assert shown["pattern_state"]["current_step"] == 3


# --- deleting ------------------------------------------------------------------------------------------


def test_sessions_are_deleted_with_force(four: Path) -> None:
    completed = with_status(four, "completed")
    ran = run("sessions", "delete", *completed, "--force", home=four)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.splitlines() == [f"Deleted session: {one}" for one in completed]
    assert with_status(four, "completed") == []
    assert len(sessions(four)) == 2


def test_without_a_terminal_and_without_force_nothing_is_deleted(four: Path) -> None:
    before = everything_below(four)
    ran = run("sessions", "delete", "@latest", home=four, input="y\n")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        "Error: Nobody to ask. Nothing was deleted. To delete: "
        f"strands sessions delete {with_status(four, 'completed')[0]} --force\n"
    )
    assert everything_below(four) == before


def test_one_unknown_id_among_several_deletes_none(four: Path) -> None:
    before = everything_below(four)
    ran = run("sessions", "delete", "@latest", "nonsense", "--force", home=four)
    assert ran.returncode == 2
    assert ran.stderr.startswith("Error: Session not found: nonsense\n")
    assert everything_below(four) == before


def test_the_loop_of_the_manual_deletes_the_completed_sessions(four: Path) -> None:
    path = f"{put_on_path(four / 'bin')}:{os.environ['PATH']}"
    env = {**surroundings(four), "PATH": path}
    for left in (2, 2):  # the second time there is nothing to delete
        ran = subprocess.run(
            ["bash", "-c", LOOP], env=env, cwd=four, capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stdout) == (0, "")
        assert len(sessions(four)) == left
    assert with_status(four, "completed") == []


def test_the_workflow_of_these_tests_is_valid(tmp_path: Path) -> None:
    (tmp_path / "research.yaml").write_text(SPEC)
    assert run("validate", "research.yaml", home=tmp_path).returncode == 0
