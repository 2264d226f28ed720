"""Every journal that any version wrote is read by this one, and adds up to the session that it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from durable_core.journal import codec
from durable_core.journal.forms import known_forms
from durable_core.journal.upcasters import UPCASTERS
from durable_core.journal.verification import recount
from durable_core.session import replay, status
from durable_core.views.documents import (
    agent_document,
    message_document,
    pattern_document,
    session_document,
)
from durable_shell.store.digest import chain_digest
from tests.support.golden import JOURNALS, WITH_VIEWS, forms, journals, wires

ALL = journals()
SESSIONS = sorted(folder.name for folder in WITH_VIEWS.iterdir())
FORMATS = (
    "1-chain",
    "2-seven-patterns",
    "3-spec-as-written",
    "4-tool-calls",
    "5-folder",
    "6-numbered-questions",
    "7-way-alone",
    "8-writer",
    "9-names",
)


def test_a_journal_of_every_format_is_kept() -> None:
    assert {folder.name for folder in JOURNALS.iterdir() if folder.is_dir()} == set(FORMATS)
    assert {name.partition("/")[0] for name in ALL} == set(FORMATS)


def test_a_journal_of_every_form_that_is_written_or_ever_was_is_kept() -> None:
    kept = set[str]().union(*map(forms, ALL.values()))
    assert kept == {*known_forms(), *UPCASTERS}


@pytest.mark.parametrize("name", ALL)
def test_a_journal_of_any_format_adds_up_and_its_conversations_agree(name: str) -> None:
    events = wires(ALL[name])
    read, session = recount(events, events[0]["session_id"], chain_digest).unwrap()
    assert len(read) == len(events) == session.seq
    unfinished = name.endswith(("-paused", "graph-asked", "-in-doubt", "/timeout"))
    expected = {"faults": "failed", "lost": "failed", "killed": "running"}.get(
        name.partition("/")[2], "paused" if unfinished else "completed"
    )
    assert status(session) == expected


@pytest.mark.parametrize("name", ALL)
def test_what_is_read_of_any_format_can_be_written_and_read_again(name: str) -> None:
    for event in wires(ALL[name]):
        read = codec.decode(event).unwrap()
        assert codec.decode(json.loads(json.dumps(codec.encode(read)))).unwrap() == read


@pytest.mark.parametrize("name", [name for name in ALL if name.startswith(FORMATS[-1])])
def test_a_journal_of_todays_format_is_written_just_as_it_is(name: str) -> None:
    for event in wires(ALL[name]):
        assert json.dumps(codec.encode(codec.decode(event).unwrap())) == json.dumps(event)


@pytest.mark.parametrize("name", SESSIONS)
def test_the_views_of_the_journals_that_came_with_theirs_are_the_same(name: str) -> None:
    folder = WITH_VIEWS / name
    shown = _json(folder / "session.json")
    events = codec.decode_all(wires(folder / "journal.jsonl")[: shown["as_of"]]).unwrap()
    session = replay(events).unwrap()
    assert session_document(session) == {key: value for key, value in shown.items() if key != "crc32"}
    assert pattern_document(session) == _json(folder / "pattern_state.json")
    for agent in folder.glob("agents/*"):
        conversation = session.conversation(_json(agent / "agent.json")["agent_id"])
        assert agent_document(_json(agent / "agent.json")["agent_id"], conversation) == _json(
            agent / "agent.json"
        )
        messages = [message_document(index, said) for index, said in enumerate(conversation.messages)]
        kept = sorted(
            (agent / "messages").iterdir(), key=lambda file: int(file.stem.removeprefix("message_"))
        )
        assert messages == [_json(file) for file in kept]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
