"""Journals and the files beside them."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Final

from durable_core.journal.leases import holder_from_json
from durable_core.journal.verification import recount
from durable_shell.store.digest import chain_digest
from durable_shell.store.files.journal import FIRST_HASH, encode_line, scan
from durable_shell.store.port import Entry
from tests.fuzz.door import Door
from tests.fuzz.forms import JSON, JSON_LINES
from tests.fuzz.person import person
from tests.support.golden import journals


def _enter_journal(raw: bytes) -> None:
    scan(raw)


def _hashed(raw: bytes) -> tuple[bytes, list[Any]]:
    """Events that anybody changed, in lines that verify: whoever can write a journal can count hashes."""
    events = []
    for line in raw.split(b"\n"):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            events.append(event)
    try:
        return encode_line([Entry(n, 1.0, 1, event) for n, event in enumerate(events, 1)], FIRST_HASH)[
            0
        ], events
    except (ValueError, RecursionError):
        return b"", []  # no line of a journal can hold that


def _enter_events(raw: bytes) -> None:
    data, events = _hashed(raw)
    found = scan(data)
    wires = [entry.event for entry in getattr(found, "entries", ())]
    recount(wires, str(events[0].get("session_id", "")) if events else "", chain_digest)


def _enter_session(raw: bytes) -> None:
    """A session that came from elsewhere, looked at and mended."""
    data, events = _hashed(raw)
    session_id = str(events[0].get("session_id", "")) if events else ""
    _look_at(data, session_id if re.fullmatch(r"[0-9a-f-]{36}", session_id) else _AN_ID)


def _enter_damaged(raw: bytes) -> None:
    _look_at(raw, _AN_ID)


_AN_ID: Final = "ab3158ae-9439-4a29-ba11-4822420dbacb"


def _look_at(journal: bytes, session_id: str) -> None:
    with person() as somebody:
        folder = somebody.home.folder(session_id)
        folder.mkdir(parents=True)
        (folder / "journal.jsonl").write_bytes(journal)
        somebody.asks("sessions", "show", session_id)
        somebody.asks("sessions", "show", session_id, "--json")
        somebody.asks("sessions", "show", session_id, "--graph", "odd.svg")
        somebody.asks("sessions", "verify")
        somebody.asks("sessions", "tick")
        somebody.asks("resume", session_id, "--hitl-response", "yes", "--no-input", "--trust")
        somebody.asks("sessions", "repair", session_id, "--force")
        somebody.asks("sessions", "list")


def _enter_holder(raw: bytes) -> None:
    holder_from_json(raw)
    with person() as somebody:
        folder = somebody.home.folder(_AN_ID)
        folder.mkdir(parents=True)
        (folder / "journal.jsonl").write_bytes(_journal_texts()[0])
        (folder / ".lease").write_bytes(raw)
        somebody.asks("sessions", "list")
        somebody.asks("sessions", "show", _AN_ID)
        somebody.asks("sessions", "tick")
        somebody.asks("sessions", "delete", _AN_ID, "--force")


HOLDERS: Final = (
    b'{"pid": 12, "host": "h", "boot": "b", "process_start": 3, "command": "strands run x", "token": 2, '
    b'"since": 1.5, "until": 9.5}',
)


def _journal_texts() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in journals().values())


@cache
def event_texts() -> tuple[bytes, ...]:
    """The events of every journal that is kept, a line each."""
    texts = []
    for data in _journal_texts():
        lines = [json.loads(line) for line in data.splitlines()]
        texts.append(b"\n".join(json.dumps(line["event"]).encode() for line in lines))
    return tuple(texts)


DOORS: Final = (
    Door("a journal", _enter_journal, cache(_journal_texts)),
    Door("the events of a journal", _enter_events, event_texts, JSON_LINES),
    Door("a damaged session", _enter_damaged, cache(_journal_texts)),
    Door("a session from elsewhere", _enter_session, event_texts, JSON_LINES),
    Door("who holds a session", _enter_holder, lambda: HOLDERS, JSON),
)
