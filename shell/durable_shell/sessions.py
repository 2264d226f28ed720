"""Loading a session from its journal."""

from __future__ import annotations

from returns.result import Failure, Result, Success

from durable_core.integrity import recount, shortfall
from durable_core.session import Event, Session
from durable_shell.store.listing import is_intact
from durable_shell.store.port import Corrupt, Store, StoreError


def load_session(store: Store, session_id: str) -> Result[tuple[tuple[Event, ...], Session], StoreError]:
    """The events of a session and what they add up to. Changes nothing and needs no lease."""
    # before the journal: whoever drives the session meanwhile writes the journal first
    view = store.session_view(session_id).value_or(None)
    match store.read(session_id):
        case Success(entries):
            counted = recount((entry.event for entry in entries), session_id)
            short = shortfall(view, len(entries)) if view is not None and is_intact(view) else None
            checked = counted if short is None else counted.bind(lambda _: Failure(short))
            return checked.alt(
                lambda misfit: Corrupt(session_id, "journal.jsonl", misfit.line, misfit.reason)
            )
        case Failure(error):
            return Failure(error)
    raise AssertionError(session_id)
