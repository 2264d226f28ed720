"""Sessions of every format that ever landed: shown, verified, mended and resumed by the program of today."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.golden import WITH_VIEWS, journals, wires
from tests.support.home import Home

ALL = journals()
SESSIONS = sorted(folder.name for folder in WITH_VIEWS.iterdir())
BEHIND = {"killed"}
"""Their driver was killed before the views followed."""

GOES_ON = {
    "workflow-paused": (("yes",), 0, "notes on the plan, agreed\n"),
    "parallel-paused": (("one",), 0, "one\n"),
    "graph-paused": (("yes",), 0, "published draft with a map\n"),
    "graph-asked": (("a map", "yes"), 0, "published draft with a map\n"),
    "orchestrator-paused": (("approved", "mind the piano", "well"), 0, "well\n"),
}
"""The answers that end a session that waits for a person, the exit code, and the result."""

UNFINISHED = [name for name in ALL if name.partition("/")[2] in GOES_ON]


@pytest.fixture
def user(tmp_path: Path) -> Home:
    return Home(tmp_path)


def put(user: Home, journal: Path) -> tuple[str, Path]:
    """Put a session with this journal, and the views beside it, into the home; its id and folder."""
    session_id = wires(journal)[0]["session_id"]
    folder = user.path / ".strands" / "sessions" / f"session_{session_id}"
    if journal.name == "journal.jsonl":
        shutil.copytree(journal.parent, folder)
    else:
        folder.mkdir(parents=True)
        shutil.copy(journal, folder / "journal.jsonl")
    return session_id, folder


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a session but its lock, by its path in the folder."""
    found = (file for file in folder.rglob("*") if file.is_file() and file.name != ".lease")
    return {str(file.relative_to(folder)): file.read_bytes() for file in found}


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_that_came_with_its_views_is_whole_and_verifying_changes_nothing(
    name: str, user: Home
) -> None:
    session_id, folder = put(user, WITH_VIEWS / name / "journal.jsonl")
    assert user.strands("sessions", "verify", session_id) == 0, user.out
    assert user.out.endswith(f"{session_id}: whole ({len(wires(folder / 'journal.jsonl'))} events)\n")
    assert files(folder) == files(WITH_VIEWS / name)


@pytest.mark.parametrize("name", [name for name in SESSIONS if name not in BEHIND])
def test_views_that_were_lost_are_made_again_byte_for_byte_as_they_were(name: str, user: Home) -> None:
    session_id, folder = put(user, WITH_VIEWS / name / "journal.jsonl")
    for file in files(folder).keys() - {"journal.jsonl"}:
        (folder / file).unlink()
    assert user.strands("sessions", "repair", session_id) == 0, user.err
    assert files(folder) == files(WITH_VIEWS / name)


@pytest.mark.parametrize("name", ALL)
def test_a_journal_of_any_format_is_shown_and_its_views_can_be_made(name: str, user: Home) -> None:
    session_id, folder = put(user, ALL[name])
    assert user.strands("sessions", "show", session_id, "--json") == 0
    shown = json.loads(user.out)
    assert shown["as_of"] == len(wires(ALL[name]))
    user.strands("sessions", "repair", session_id)
    assert user.strands("sessions", "verify", session_id) == 0, user.out
    assert (folder / "journal.jsonl").read_bytes() == ALL[name].read_bytes()


@pytest.mark.parametrize("name", UNFINISHED)
def test_a_session_of_any_format_that_waits_for_a_person_is_resumed_to_its_end(name: str, user: Home) -> None:
    answers, code, result = GOES_ON[name.partition("/")[2]]
    session_id, folder = put(user, ALL[name])
    for answer in answers:
        user.strands("resume", session_id, "--trust", "--no-input", "--hitl-response", answer)
    assert (user.code, user.out) == (code, result), user.err
    assert user.strands("sessions", "verify", session_id) == 0, user.out
    assert (folder / "journal.jsonl").read_bytes().startswith(ALL[name].read_bytes())


@pytest.mark.parametrize("name", [name for name in ALL if name.endswith("tools-in-doubt")])
def test_a_tool_call_in_doubt_of_any_format_can_be_settled(name: str, user: Home) -> None:
    session_id, _ = put(user, ALL[name])
    assert user.strands("sessions", "settle", session_id, "steps/0", "--done", "reserved: lamp") == 0, (
        user.err
    )
    user.strands("sessions", "show", session_id, "--json")
    assert json.loads(user.out)["pattern_state"]["in_doubt"] == []


def test_a_driver_killed_in_a_call_is_resumed_with_that_call(user: Home) -> None:
    session_id, _ = put(user, WITH_VIEWS / "killed" / "journal.jsonl")
    assert user.strands("resume", session_id, "--trust", "--no-input") == 0, user.err
    assert user.out == "late\n"
