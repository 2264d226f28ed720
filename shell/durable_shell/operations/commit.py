"""One command on a session that nobody drives: decided, committed, shown in the views, and nothing run."""

from __future__ import annotations

from collections.abc import Callable

from returns.result import Failure, Result, Success

from durable_core.journal import codec
from durable_core.patterns.base import Unusable
from durable_core.session import Event, Session, commands, decide, evolve_all
from durable_core.session.resume import edited_variables
from durable_shell.operations.history import load_session
from durable_shell.runtime.view_publisher import Publisher
from durable_shell.store.port import Lease, Store, StoreError

Acted = tuple[Session, tuple[Event, ...]]
"""The session afterwards, and the events that the command led to."""


def act(
    store: Store, session_id: str, now: float, command: Callable[[Session], commands.Command]
) -> Result[Acted, StoreError | Unusable]:
    """Commit what ``command`` leads to under a lease of its own.

    Fails with Unusable when the core refuses the command and with the store's error when the session can't
    be leased, read or written; nothing is committed then.
    """
    match store.lease(session_id, now=now):
        case Success(lease):
            try:
                return _under_lease(store, lease, now, command)
            finally:
                store.release(lease)
        case Failure(error):
            return Failure(error)
    raise AssertionError(session_id)


def _under_lease(
    store: Store, lease: Lease, now: float, command: Callable[[Session], commands.Command]
) -> Result[Acted, StoreError | Unusable]:
    match load_session(store, lease.session_id):
        case Failure(error):
            return Failure(error)
        case Success((history, session)):
            pass
    # a person's edits of session.json are taken over first: publishing would write over them
    match store.session_view(session.id):
        case Failure(error):
            return Failure(error)
        case Success(view):
            edits = edited_variables(history, view)
    edit = commands.EditVariables(at=now, variables={**session.variables, **edits})
    taken = decide(session, edit).value_or(())
    edited = evolve_all(session, taken)
    match decide(edited, command(edited)):
        case Failure(refusal):
            return Failure(refusal)
        case Success(()):
            return Success((session, ()))
        case Success(decided):
            after = evolve_all(edited, decided)
    wires = [codec.encode(event) for event in (*taken, *decided)]
    match store.append(lease, session.seq, now, wires):
        case Failure(error):
            return Failure(error)
        case _:
            Publisher(store).publish(after)  # views may lag; the next publisher brings them up to date
            return Success((after, decided))
