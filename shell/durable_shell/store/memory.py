"""A store that forgets: ``--no-save-session``, and tests that need no disk.

It keeps what a driver needs while it runs and nothing after. Behaves like the store of files in every
answer it gives (one agreement test holds both to it), but for what only a disk does: it never fails, and a
list of its sessions is empty, since nobody can come back to them.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from returns.result import Failure, Result, Success

from durable_core.journal.leases import LEASE_S, NOBODY_KNOWN, Holder
from durable_shell.store.files.disk import valid_session_id
from durable_shell.store.files.listing import Listed
from durable_shell.store.port import (
    Corrupt,
    Entry,
    Held,
    Lease,
    NotFound,
    OutOfStep,
    Snapshot,
    StoreError,
    Unwritable,
    Views,
)

_PLACE = "memory"


@dataclass(slots=True)
class _Kept:
    """One session. ``lease`` is who drives it now; ``view`` is session.json; ``snapshot`` stays the first."""

    entries: list[Entry] = field(default_factory=list)
    token: int = 0
    lease: Lease | None = None
    view: dict[str, Any] | None = None
    snapshot: Snapshot | None = None


class MemoryStore:
    """Sessions in this process's memory. Implements ``durable_shell.store.port.Store``."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Kept] = {}

    def create(self, session_id: str) -> Result[None, StoreError]:
        """See ``Store.create``."""
        if not valid_session_id(session_id):
            return Failure(Unwritable(_PLACE, f"{session_id!r:.80} is not a session id"))
        if session_id in self._sessions:
            return Failure(Unwritable(_PLACE, "a session with this id exists already"))
        self._sessions[session_id] = _Kept()
        return Success(None)

    def lease(self, session_id: str, *, now: float) -> Result[Lease, StoreError]:
        """See ``Store.lease``."""
        kept = self._sessions.get(session_id)
        if kept is None:
            return Failure(NotFound(session_id))
        if kept.lease is not None:
            return Failure(Held(session_id, kept.lease.holder))
        kept.token += 1
        holder = NOBODY_KNOWN._replace(host=_PLACE, token=kept.token, since=now, until=now + LEASE_S)
        kept.lease = Lease(session_id, kept.token, holder)
        return Success(kept.lease)

    def append(
        self, lease: Lease, expected: int, at: float, events: Sequence[dict[str, Any]]
    ) -> Result[int, StoreError]:
        """See ``Store.append``."""
        kept = self._sessions.get(lease.session_id)
        in_force = None if kept is None else kept.lease
        if kept is None or in_force is None or in_force.token != lease.token:
            found = 0 if in_force is None else in_force.token
            return Failure(OutOfStep(lease.session_id, lease.token, found, "token"))
        if expected != len(kept.entries):
            return Failure(OutOfStep(lease.session_id, expected, len(kept.entries)))
        for seq, event in enumerate(events, start=expected + 1):
            kept.entries.append(Entry(seq, float(at), lease.token, copy.deepcopy(event)))
        return Success(len(kept.entries))

    def read(self, session_id: str, after: int = 0) -> Result[tuple[Entry, ...], StoreError]:
        """See ``Store.read``."""
        kept = self._sessions.get(session_id)
        if kept is None:
            return Failure(NotFound(session_id))
        return Success(tuple(kept.entries[max(after, 0) :]))

    def publish(self, session_id: str, views: Views) -> Result[None, StoreError]:
        """See ``Store.publish``. Only what can be asked for is kept: the session's view and the snapshot."""
        kept = self._sessions.get(session_id)
        if kept is None:
            return Failure(NotFound(session_id))
        kept.view = copy.deepcopy(views.session)
        kept.snapshot = kept.snapshot or Snapshot(views.spec_snapshot, dict(views.refs))
        return Success(None)

    def snapshot(self, session_id: str) -> Result[Snapshot, StoreError]:
        """See ``Store.snapshot``."""
        kept = self._sessions.get(session_id)
        if kept is None:
            return Failure(NotFound(session_id))
        if kept.snapshot is None:
            return Failure(Corrupt(session_id, _PLACE, 0, "the spec as first run is missing"))
        return Success(kept.snapshot)

    def session_view(self, session_id: str) -> Result[dict[str, Any] | None, StoreError]:
        """See ``Store.session_view``."""
        kept = self._sessions.get(session_id)
        return Failure(NotFound(session_id)) if kept is None else Success(copy.deepcopy(kept.view))

    def list(self) -> tuple[Listed, ...]:
        """See ``Store.list``."""
        return ()

    def delete(self, session_id: str, *, force: bool) -> Result[None, StoreError]:
        """See ``Store.delete``."""
        del force
        kept = self._sessions.get(session_id)
        # before its first commit only its maker knows of a session, and there is nothing to delete
        if kept is None or (not kept.entries and kept.lease is None):
            return Failure(NotFound(session_id))
        if kept.lease is not None:
            return Failure(Held(session_id, kept.lease.holder))
        del self._sessions[session_id]
        return Success(None)

    def release(self, lease: Lease) -> None:
        """See ``Store.release``."""
        kept = self._sessions.get(lease.session_id)
        if kept is None or kept.lease is None or kept.lease.token != lease.token:
            return
        kept.lease = None
        if not kept.entries:
            del self._sessions[lease.session_id]

    def renew(self, lease: Lease, *, now: float) -> None:
        """See ``Store.renew``. No other machine can see this one."""

    def holder(self, session_id: str) -> Holder | None:
        """See ``Store.holder``."""
        kept = self._sessions.get(session_id)
        return None if kept is None or kept.lease is None else kept.lease.holder
