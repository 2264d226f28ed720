"""A store that forgets: ``--no-save-session``, and tests that need no disk.

It keeps what a driver needs while it runs and nothing after. Behaves like the store of files in every
answer it gives (one agreement test holds both to it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from returns.result import Failure, Result, Success

from durable_shell.store.listing import Listed
from durable_shell.store.port import (
    Entry,
    Held,
    Holder,
    Lease,
    NotFound,
    OutOfStep,
    Snapshot,
    StoreError,
    Unwritable,
    Views,
)


class MemoryStore:
    """Sessions in this process's memory. Implements ``durable_shell.store.port.Store``."""

    def __init__(self) -> None:
        self._journals: dict[str, list[Entry]] = {}
        self._views: dict[str, Views] = {}
        self._tokens: dict[str, int] = {}
        self._leases: dict[str, Lease] = {}

    def create(self, session_id: str) -> Result[None, StoreError]:
        if session_id in self._journals:
            return Failure(Unwritable("memory", "there is a session of this id already"))
        self._journals[session_id] = []
        return Success(None)

    def lease(self, session_id: str, *, now: float) -> Result[Lease, StoreError]:
        if session_id not in self._journals:
            return Failure(NotFound(session_id))
        if session_id in self._leases:
            return Failure(Held(session_id, self._leases[session_id].holder))
        token = self._tokens.get(session_id, 0) + 1
        holder = Holder(pid=0, host="memory", process_start=0, token=token, since=now, command="")
        self._tokens[session_id] = token
        self._leases[session_id] = Lease(session_id, token, holder)
        return Success(self._leases[session_id])

    def append(
        self, lease: Lease, expected: int, at: float, events: Sequence[dict[str, Any]]
    ) -> Result[int, StoreError]:
        held = self._leases.get(lease.session_id)
        if held is None or held.token != lease.token:
            found = 0 if held is None else held.token
            return Failure(OutOfStep(lease.session_id, lease.token, found, "token"))
        journal = self._journals[lease.session_id]
        if expected != len(journal):
            return Failure(OutOfStep(lease.session_id, expected, len(journal)))
        for seq, event in enumerate(events, start=expected + 1):
            journal.append(Entry(seq, at, lease.token, event))
        return Success(len(journal))

    def read(self, session_id: str, after: int = 0) -> Result[tuple[Entry, ...], StoreError]:
        if session_id not in self._journals:
            return Failure(NotFound(session_id))
        return Success(tuple(self._journals[session_id][after:]))

    def publish(self, session_id: str, views: Views) -> Result[None, StoreError]:
        self._views[session_id] = views
        return Success(None)

    def snapshot(self, session_id: str) -> Result[Snapshot, StoreError]:
        if session_id not in self._views:
            return Failure(NotFound(session_id))
        return Success(Snapshot(self._views[session_id].spec_snapshot, self._views[session_id].refs))

    def session_view(self, session_id: str) -> Result[dict[str, Any] | None, StoreError]:
        views = self._views.get(session_id)
        return Success(None if views is None else views.session)

    def list(self) -> tuple[Listed, ...]:
        return ()

    def delete(self, session_id: str, *, force: bool) -> Result[None, StoreError]:
        del force
        if session_id in self._leases:
            return Failure(Held(session_id, self._leases[session_id].holder))
        if self._journals.pop(session_id, None) is None:
            return Failure(NotFound(session_id))
        self._views.pop(session_id, None)
        return Success(None)

    def release(self, lease: Lease) -> None:
        if self._leases.get(lease.session_id) == lease:
            del self._leases[lease.session_id]

    def holder(self, session_id: str) -> Holder | None:
        lease = self._leases.get(session_id)
        return None if lease is None else lease.holder
