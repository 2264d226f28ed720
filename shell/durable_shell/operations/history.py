"""Loading a session from its journal."""

from __future__ import annotations

from returns.result import Failure, Result, Success

from durable_core.journal.verification import recount
from durable_core.session import Event, Session
from durable_shell.store.port import Corrupt, Store, StoreError


def load_session(store: Store, session_id: str) -> Result[tuple[tuple[Event, ...], Session], StoreError]:
    """The events of a session and what they add up to. Changes nothing and needs no lease."""
    match store.read(session_id):
        case Success(entries):
            counted = recount((entry.event for entry in entries), session_id)
            return counted.alt(
                lambda misfit: Corrupt(session_id, "journal.jsonl", misfit.line, misfit.reason)
            )
        case Failure(error):
            return Failure(error)
    raise AssertionError(session_id)
