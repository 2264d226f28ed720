"""What a person orders of a session that nobody drives: decided and committed, and nothing run."""

from __future__ import annotations

from collections.abc import Callable

from returns.result import Failure

from durable_core.journal import codec
from durable_core.session import Event, Session, commands
from durable_core.session.resume import edited_variables, order
from durable_core.types import UnitId
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError, done
from durable_shell.operations.history import load_to_publish
from durable_shell.runtime.view_publisher import Publisher
from durable_shell.store.port import Lease, Store
from durable_shell.terminal.messages import errors as error_messages


def answer_gate(app: App, store: Store, session_id: str, text: str, *, gate: UnitId | None = None) -> Session:
    """Answer the ``gate``, or the only one that is open; the next resume acts on it.

    Raises OperationError when there is no such gate, or it takes no such answer.
    """
    return _ordered(app, store, session_id, lambda at: commands.AnswerGate(at=at, unit=gate, text=text))[0]


def settle_doubt(
    app: App, store: Store, session_id: str, unit: UnitId, *, call: str | None, result: str | None
) -> Session:
    """Say what became of a tool call in doubt: its ``result``, or None to have it called again.

    ``call`` names it where a unit has several. Raises OperationError when there is no such call.
    """
    return _ordered(
        app, store, session_id, lambda at: commands.SettleTool(at=at, unit=unit, call=call, done=result)
    )[0]


def rename_session(app: App, store: Store, session_id: str, name: str) -> Session:
    """Call a session otherwise. Raises OperationError."""
    return _ordered(app, store, session_id, lambda at: commands.Rename(at=at, name=name))[0]


def apply_timeouts(app: App, store: Store, session_id: str) -> tuple[Event, ...]:
    """Apply the timeouts of gates that are due, and give what was decided. Raises OperationError."""
    return _ordered(app, store, session_id, lambda at: commands.Tick(at=at))[1]


def _ordered(
    app: App, store: Store, session_id: str, command_at: Callable[[float], commands.Command]
) -> tuple[Session, tuple[Event, ...]]:
    """Commit what the command leads to under a lease of its own: the session afterwards, and the events."""
    now = app.clock.now()
    lease = done(store.lease(session_id, now=now))
    try:
        return _under_lease(store, lease, command_at(now))
    finally:
        store.release(lease)


def _under_lease(store: Store, lease: Lease, command: commands.Command) -> tuple[Session, tuple[Event, ...]]:
    history, session = load_to_publish(store, lease.session_id)
    edited = edited_variables(history, done(store.session_view(session.id)))
    outcome = order(session, command, edited)
    if isinstance(outcome, Failure):
        raise OperationError(Exit.USAGE, error_messages.error(outcome.failure().problem))
    after, edits, decided = outcome.unwrap()
    if decided:
        wires = [codec.encode(event) for event in (*edits, *decided)]
        done(store.append(lease, session.seq, command.at, wires))
        Publisher(store).publish(after)  # views may lag; the next publisher brings them up to date
    return after, decided
