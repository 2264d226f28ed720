"""Loading a session from its journal."""

from __future__ import annotations

from returns.result import Failure, Result, Success

from durable_core import wire
from durable_core.session import Event, Session, replay
from durable_shell.store.port import Corrupt, Store, StoreError


def load_session(store: Store, session_id: str) -> Result[tuple[tuple[Event, ...], Session], StoreError]:
    """The events of a session and what they add up to. Changes nothing and needs no lease."""
    match store.read(session_id):
        case Success(entries):
            decoded = wire.decode_all([entry.event for entry in entries])
            loaded = decoded.bind(lambda events: replay(events).map(lambda session: (events, session)))
            return loaded.alt(lambda problem: Corrupt(session_id, "journal.jsonl", 0, problem))
        case Failure(error):
            return Failure(error)
    raise AssertionError(session_id)
