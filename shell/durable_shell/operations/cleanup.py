"""Deleting sessions: those that are named, and those that retention lets go."""

from __future__ import annotations

from collections.abc import Iterable

from returns.result import Failure

from durable_core.catalog.listing import Listed
from durable_core.catalog.retention import RetentionRule, outdated
from durable_core.frozen import frozen
from durable_shell.app import App
from durable_shell.errors import OperationError, StoreFailed
from durable_shell.operations.lookup import listing
from durable_shell.store.port import Store


@frozen()
class Freed:
    """What a deletion freed: the session ids, ``size`` in bytes, and why others could not go."""

    session_ids: tuple[str, ...]
    size: int
    refused: tuple[StoreFailed, ...]


def outdated_sessions(app: App, store: Store, rule: RetentionRule) -> tuple[Listed, ...]:
    """The sessions that ``rule`` lets go now, the oldest first. Raises StoreFailed."""
    return outdated(listing(store), rule, now=app.clock.now())


def still_outdated(
    app: App, store: Store, rule: RetentionRule, chosen: Iterable[Listed]
) -> tuple[Listed, ...]:
    """Those of ``chosen`` that ``rule`` lets go even now: one may have been resumed since they were shown."""
    again = {one.session_id for one in outdated_sessions(app, store, rule)}
    return tuple(one for one in chosen if one.session_id in again)


def delete_all(store: Store, sessions: Iterable[Listed]) -> Freed:
    """Delete sessions, but none that is driven or that might still be repaired: those are in ``refused``.

    Raises nothing for a session that can't go; the others do.
    """
    gone: list[str] = []
    refused: list[StoreFailed] = []
    freed = 0
    for one in sessions:
        size = store.size(one.session_id).value_or(0)
        deleted = store.delete(one.session_id, force=False)
        if isinstance(deleted, Failure):
            refused.append(StoreFailed(deleted.failure()))
        else:
            gone.append(one.session_id)
            freed += size
    return Freed(tuple(gone), freed, tuple(refused))


def apply_retention(app: App, store: Store, rule: RetentionRule, *, spare: str) -> None:
    """Retention at the end of a run: quiet, and no trouble of its own ever becomes the run's.

    ``spare`` is the session that just ran.
    """
    try:
        chosen = outdated_sessions(app, store, rule)
    except OperationError:
        return
    delete_all(store, (one for one in chosen if one.session_id != spare))
