"""A journal whose chain is right and whose events contradict each other opens no session.

Every command says what ``sessions verify`` says, with what to do about it, and leaves every file as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.home import Home
from tests.support.journal_kit import chained, entries

SPEC = """\
version: 0
name: gate
runtime: {provider: echo}
agents: {a: {prompt: You help.}}
pattern:
  type: chain
  config:
    steps:
      - {agent: a, input: "echo: one"}
      - {agent: a, input: "echo: two"}
      - {type: hitl, prompt: "Go on?"}
      - {agent: a, input: "echo: three"}
"""

Events = list[dict[str, Any]]


def of_kind(events: Events, kind: str) -> list[int]:
    """The places of the events of one kind."""
    return [place for place, event in enumerate(events) if event["type"].startswith(kind)]


def without(kind: str) -> Callable[[Events], Events]:
    """One event less, and another at the end: as many lines as session.json shows."""

    def lie(events: Events) -> Events:
        place = of_kind(events, kind)[-1]
        renamed = {"type": "session_renamed/1", "at": events[-1]["at"], "name": "tides"}
        return [*events[:place], *events[place + 1 :], renamed]

    return lie


def twice(kind: str) -> Callable[[Events], Events]:
    return lambda events: [*events, events[of_kind(events, kind)[-1]]]


def changed(kind: str, **fields: Any) -> Callable[[Events], Events]:
    def lie(events: Events) -> Events:
        place = of_kind(events, kind)[-1]
        return [*events[:place], {**events[place], **fields}, *events[place + 1 :]]

    return lie


def marked(count: int) -> Callable[[Events], Events]:
    def lie(events: Events) -> Events:
        mark = events[of_kind(events, "unit_completed")[-1]]["mark"]
        return changed("unit_completed", mark={**mark, "count": count})(events)

    return lie


LIES = {
    "a unit that completed and never started": without("unit_started"),
    "a unit that completed twice": twice("unit_completed"),
    "an answer to a question that was never asked": changed(
        "gate_opened", type="gate_answered/1", response="yes", answered_by="person", decided=[]
    ),
    "a message in the conversation of nobody": changed("message_added", conversation="nobody"),
    "a message that was never there": without("message_added"),
    "a message that was said twice": twice("message_added"),
    "a message that is none": changed("message_added", message={"role": "assistant"}),
    "a message that was another": changed(
        "message_added", message={"role": "assistant", "content": [{"text": "three"}]}
    ),
    "a mark that counts too many messages": marked(9),
    "a mark that counts too few messages": marked(1),
    "a session that begins twice": twice("session_started"),
}

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("run", "--resume", "ID", "--no-input"),
    ("resume", "ID", "--hitl-response", "yes", "--no-input"),
    ("resume", "ID", "--spec-from", "snapshot", "--no-input"),
    ("sessions", "answer", "ID", "yes"),
    ("sessions", "settle", "ID", "steps/0", "--retry"),
    ("sessions", "tick", "ID"),
    ("sessions", "show", "ID"),
    ("sessions", "show", "ID", "--json"),
    ("sessions", "show", "ID", "--graph", "drawn.svg"),
)


@pytest.fixture(scope="module")
def paused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one session, which waits for an answer."""
    user = Home(tmp_path_factory.mktemp("paused"))
    (user.path / "gate.yaml").write_text(SPEC)
    assert user.strands("run", "gate.yaml", "--no-input") == 19, user.err
    return user.path


def files(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder, but for those that say who holds a session."""
    found = (file for file in folder.rglob("*") if file.is_file() and file.name != ".lease")
    return {file.relative_to(folder): file.read_bytes() for file in found}


def lying(paused: Path, home: Path, what: str) -> tuple[Home, str]:
    """A copy of the home, whose session has this lie in its journal, and that session's id."""
    shutil.copytree(paused, home, dirs_exist_ok=True)
    user = Home(home)
    [session_id] = user.ids()
    journal = user.folder(session_id) / "journal.jsonl"
    written = entries(journal)
    forged = LIES[what]([line["event"] for line in written])
    journal.write_bytes(chained([{**written[0], "event": event} for event in forged]))
    return user, session_id


@pytest.mark.parametrize("what", LIES)
def test_a_journal_that_contradicts_itself_opens_no_session_and_is_left_as_it_is(
    what: str, paused: Path, tmp_path: Path
) -> None:
    user, session_id = lying(paused, tmp_path, what)
    before = files(tmp_path)
    assert user.strands("sessions", "verify", session_id, "--json") == 17
    assert user.strands("sessions", "verify", session_id) == 17
    [found] = user.out.splitlines()
    reason = found.split(": ", 2)[2].partition(". ")[0]
    for command in COMMANDS:
        assert user.strands(*(session_id if word == "ID" else word for word in command)) == 17, command
        assert f" is damaged: {reason} (" in user.err, command
        assert f"strands sessions verify {session_id}" in user.err
        assert f"strands sessions repair {session_id}" in user.err
        assert user.out == ""
    assert files(tmp_path) == before


@pytest.mark.parametrize("what", ["a mark that counts too many messages", "a message that is none"])
def test_a_repair_cuts_the_contradiction_off_and_the_session_goes_on(
    what: str, paused: Path, tmp_path: Path
) -> None:
    user, session_id = lying(paused, tmp_path, what)
    assert user.strands("sessions", "repair", session_id, "--force") == 0, user.err
    assert user.strands("resume", session_id, "--no-input") == 19, user.err
    assert user.strands("resume", session_id, "--hitl-response", "yes", "--no-input") == 0, user.err
    assert user.out == "three\n"
