"""A session that a later version wrote on in: told apart from damage by every command, and never changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.home import Home
from tests.support.journal_kit import chained, entries, with_event

SPEC = """
version: 0
name: tale
runtime: {provider: echo}
agents: {ann: {prompt: Be short.}}
pattern:
  type: chain
  config:
    steps: [{agent: ann, input: one}, {type: hitl, prompt: "Go on?"}, {agent: ann, input: two}]
"""
NOTE = {"type": "note_added/1", "text": "x"}
UPGRADE = "To use it, upgrade: pip install --upgrade strands-durable\n"


@pytest.fixture
def user(tmp_path: Path) -> Home:
    return Home(tmp_path)


def paused(user: Home) -> tuple[str, Path]:
    """A session that waits for a person, and its journal."""
    session_id = user.run(SPEC, expect=19)
    return session_id, user.path / ".strands" / "sessions" / f"session_{session_id}" / "journal.jsonl"


def commands(session_id: str) -> list[tuple[str, ...]]:
    return [
        ("resume", session_id, "--no-input", "--hitl-response", "yes"),
        ("sessions", "show", session_id),
        ("sessions", "show", session_id, "--json"),
        ("sessions", "answer", session_id, "yes"),
        ("sessions", "tick", session_id),
        ("sessions", "settle", session_id, "steps/0", "--retry"),
        ("sessions", "verify", session_id),
        ("sessions", "verify", session_id, "--json"),
        ("sessions", "repair", session_id),
        ("sessions", "repair", session_id, "--force"),
    ]


def in_the_first_line(lines: list[dict[str, Any]], change: dict[str, Any]) -> list[dict[str, Any]]:
    first = lines[0]
    return [{**first, "event": {**first["event"], **change}}, *lines[1:]]


def in_a_pattern_event(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    changed = []
    for line in lines:
        event = dict(line["event"])
        if event.get("decided"):
            event["decided"] = [{**event["decided"][0], "type": "chain.step_completed/7", "mood": "good"}]
        changed.append({**line, "event": event})
    return changed


LATER = {
    "an unknown event at the end": (lambda lines: with_event(lines, len(lines), NOTE), "note_added/1"),
    "an unknown event in the middle": (lambda lines: with_event(lines, 3, NOTE), "note_added/1"),
    "a later version of a known event": (
        lambda lines: with_event(lines, 3, {"type": "unit_started/2", "mood": "good"}),
        "unit_started/2",
    ),
    "a later first event": (
        lambda lines: in_the_first_line(lines, {"type": "session_started/9"}),
        "session_started/9",
    ),
    "a later pattern event": (in_a_pattern_event, "chain.step_completed/7"),
    "a later stored spec": (
        lambda lines: in_the_first_line(lines, {"spec": {"type": "spec/2", "flows": []}}),
        "spec/2",
    ),
    "a later number of the journal's format": (
        lambda lines: in_the_first_line(lines, {"writer": {"program": "9.1", "journal": 99}}),
        "journal format 99",
    ),
}


@pytest.mark.parametrize("kind", LATER)
def test_what_a_later_version_wrote_is_named_by_every_command_and_stays_byte_for_byte(
    kind: str, user: Home
) -> None:
    session_id, journal = paused(user)
    change, form = LATER[kind]
    journal.write_bytes(chained(change(entries(journal))))
    before = {
        file: file.read_bytes()
        for file in journal.parent.rglob("*")
        if file.is_file() and file.name != ".lease"
    }
    for argv in commands(session_id):
        assert user.strands(*argv) == 17, argv
        told = user.out + user.err
        assert "written by a newer version of strands" in told, argv
        assert form in told, argv
        assert "To repair it" not in told, argv
        assert "is damaged:" not in told, argv
    after = {
        file: file.read_bytes()
        for file in journal.parent.rglob("*")
        if file.is_file() and file.name != ".lease"
    }
    assert after == before
    assert user.strands("sessions", "list") == 0


def test_the_message_says_what_happened_what_is_kept_and_what_to_do(user: Home) -> None:
    session_id, journal = paused(user)
    lines = in_the_first_line(entries(journal), {"writer": {"program": "9.1", "journal": 99}})
    journal.write_bytes(chained(lines))
    user.strands("sessions", "show", session_id)
    assert user.err == (
        f"Error: Session {session_id[:8]}... was written by a newer version of strands (9.1): "
        "this one does not know journal format 99 (journal.jsonl, line 1)\n"
        f"Nothing is damaged, and nothing was changed.\n{UPGRADE}"
    )
    user.strands("sessions", "verify", session_id)
    assert user.out == (
        f"{session_id}: {journal}, line 1: it was written by a newer version of strands (9.1) "
        "and is not damaged; this one does not know journal format 99. "
        "Nothing is changed before you upgrade: pip install --upgrade strands-durable\n"
    )
    user.strands("sessions", "verify", session_id, "--json")
    (document,) = json.loads(user.out)
    assert (document["whole"], document["events"]) == (False, 0)
    assert [one["remedy"] for one in document["findings"]] == ["upgrade"]


def test_a_line_of_a_later_version_behind_damage_is_never_cut(user: Home) -> None:
    session_id, journal = paused(user)
    data = chained(with_event(entries(journal), 5, NOTE))
    lines = data.split(b"\n")
    lines[3] = lines[3].replace(b'"role"', b'"rope"', 1)
    journal.write_bytes(b"\n".join(lines))
    damaged = journal.read_bytes()
    assert damaged != data
    assert user.strands("sessions", "repair", session_id, "--force") == 17
    assert "line 6: it was written by a newer version of strands and is not damaged" in user.err
    assert "line 4: the line does not match its hash" in user.err
    assert journal.read_bytes() == damaged


@pytest.mark.parametrize("kind", ["an event", "a version", "the writer"])
def test_a_line_that_fails_its_hash_is_damage_whatever_it_seems_to_say(kind: str, user: Home) -> None:
    session_id, journal = paused(user)
    number, old, new = {
        "an event": (1, b'"unit_started/1"', b'"unit_starved/1"'),
        "a version": (1, b'"unit_started/1"', b'"unit_started/9"'),
        "the writer": (0, b'"journal":3', b'"journal":9'),
    }[kind]
    lines = journal.read_bytes().split(b"\n")
    assert old in lines[number]
    lines[number] = lines[number].replace(old, new)
    journal.write_bytes(b"\n".join(lines))
    for argv in (("resume", session_id, "--no-input"), ("sessions", "show", session_id)):
        assert user.strands(*argv) == 17
        assert "is damaged: the line does not match its hash" in user.err
    user.strands("sessions", "verify", session_id)
    assert "newer" not in user.out


def test_a_field_too_many_in_a_version_that_is_known_is_damage(user: Home) -> None:
    session_id, journal = paused(user)
    lines = entries(journal)
    lines[1] = {**lines[1], "event": {**lines[1]["event"], "mood": "good"}}
    journal.write_bytes(chained(lines))
    assert user.strands("sessions", "show", session_id) == 17
    assert "is damaged: the event is not one that this version knows" in user.err


def test_the_first_event_tells_which_version_began_and_each_resume_which_went_on(user: Home) -> None:
    from importlib.metadata import version

    session_id, journal = paused(user)
    user.strands("resume", session_id, "--no-input")
    writers = [line["event"]["writer"] for line in entries(journal) if "writer" in line["event"]]
    assert writers == [{"program": version("strands-durable"), "journal": 3}] * 2
