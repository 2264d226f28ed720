"""Loading a session from its journal."""

from __future__ import annotations

from returns.result import Failure, Result, Success

from durable_core.journal.verification import Inconsistency, NewerLine, recount
from durable_core.session import Event, Session
from durable_shell.store.files.disk import JOURNAL
from durable_shell.store.port import Corrupt, Store, StoreError, WrittenByNewer


def load_session(store: Store, session_id: str) -> Result[tuple[tuple[Event, ...], Session], StoreError]:
    """The events of a session and what they add up to. Changes nothing and needs no lease."""
    match store.read(session_id):
        case Success(entries):
            return recount((entry.event for entry in entries), session_id).alt(
                lambda problem: _store_error(session_id, problem)
            )
        case Failure(error):
            return Failure(error)
    raise AssertionError(session_id)


def _store_error(session_id: str, problem: Inconsistency | NewerLine) -> StoreError:
    match problem:
        case Inconsistency(line, reason):
            return Corrupt(session_id, JOURNAL, line, reason)
        case NewerLine(line, form, program):
            return WrittenByNewer(session_id, JOURNAL, line, form, program)
