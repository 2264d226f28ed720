"""A journal that lost its end, and session.json with it: what was paid for is only in the conversations then.

No command takes them away unasked, whatever it is for.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from durable_core.journal import codec
from durable_core.session import replay
from durable_shell.runtime.view_publisher import all_views
from durable_shell.store.view_files import agent_folder, pretty
from tests.support.golden import WITH_VIEWS, wires
from tests.support.home import Home
from tests.support.night import NIGHTLY
from tests.support.workflows import WAITING

SESSIONS = sorted(folder.name for folder in WITH_VIEWS.iterdir())
COMMANDS = {
    "resume": ("resume", "{}", "--trust", "--no-input", "--spec-from", "snapshot"),
    "answer in a resume": ("resume", "{}", "--trust", "--hitl-response", "yes"),
    "answer": ("sessions", "answer", "{}", "yes"),
    "settle": ("sessions", "settle", "{}", "steps/0", "--retry"),
    "tick": ("sessions", "tick", "{}"),
    "rename": ("run", "waiting.yaml", "--var", "topic=x", "--name", "lost", "--replace"),
}
EVERY = 1 if NIGHTLY else 7
"""Cuts are tried after each line, or after one of so many."""


@pytest.fixture
def user(tmp_path: Path) -> Home:
    (tmp_path / "waiting.yaml").write_text(WAITING)
    return Home(tmp_path)


def messages(folder: Path) -> Iterator[str]:
    """What is said in a session's folder, by conversation, under whatever name it is kept."""
    for path in sorted(folder.glob("agents/*/messages/*")):
        yield path.parts[-3] + json.dumps(json.loads(path.read_text())["message"], sort_keys=True)


def in_journal(folder: Path) -> Iterator[str]:
    for event in wires(folder / "journal.jsonl"):
        if event["type"].startswith("message_added/"):
            yield agent_folder(event["conversation"]) + json.dumps(event["message"], sort_keys=True)


def cut(folder: Path, kept: int, view: str) -> None:
    """Leave the first lines of the journal, and of session.json what it was then, or nothing."""
    journal = folder / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)[:kept]
    journal.write_bytes(b"".join(lines))
    if view == "gone":
        (folder / "session.json").unlink()
    else:
        events = codec.decode_all(wires(journal)).unwrap()
        (folder / "session.json").write_bytes(pretty(all_views(replay(events).unwrap()).session))


@pytest.mark.parametrize("view", ["gone", "older"])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", SESSIONS)
def test_no_command_takes_away_what_only_the_conversations_hold(
    name: str, command: str, view: str, user: Home
) -> None:
    session_id = wires(WITH_VIEWS / name / "journal.jsonl")[0]["session_id"]
    length = len(wires(WITH_VIEWS / name / "journal.jsonl"))
    for kept in range(1, length, EVERY):
        folder = user.folder(session_id)
        shutil.copytree(WITH_VIEWS / name, folder)
        cut(folder, kept, view)
        before = set(messages(folder))
        only_there = before - set(in_journal(folder))
        code = user.strands(*(word.format(session_id) for word in COMMANDS[command]))
        assert only_there <= set(messages(folder)), f"cut after line {kept}"
        if only_there and command != "rename":
            assert code == 17, user.err
            assert f"strands sessions repair {session_id}" in user.err
        shutil.rmtree(user.path / ".strands")


def test_what_only_the_conversations_hold_is_named_asked_about_and_kept_aside(user: Home) -> None:
    session_id = user.run(
        WAITING.replace("steps: [", 'steps: [{agent: ann, input: "On {{ topic }}."}, '), expect=19
    )
    folder = user.folder(session_id)
    cut(folder, 2, "gone")
    assert user.strands("resume", session_id) == 17
    assert user.err == (
        f"Error: Session {session_id[:8]}... is damaged: 2 messages are kept that the journal does not have, "
        "and may be answers that it lost (agents/ann/messages/message_0.json)\n"
        f"Nothing was changed. To see all: strands sessions verify {session_id}\n"
        f"To repair it: strands sessions repair {session_id}\n"
    )
    assert user.strands("sessions", "repair", session_id) == 2
    assert "2 messages beside the journal may be answers that it does not hold" in user.err
    assert user.strands("sessions", "repair", session_id, "--force") == 0
    assert user.strands("resume", session_id) == 19
    assert sum(".damaged-" in path.name for path in folder.glob("agents/ann/messages/*")) == 2
