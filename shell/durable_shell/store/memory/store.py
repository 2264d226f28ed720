"""A store that forgets: ``--no-save-session``, and tests that need no disk.

Behaves like the store of files in every answer it gives (one agreement test holds both to it), but for what
only a disk does: it never fails. Its drivers live in this process and can't be dead while it lives.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Final

from returns.result import Failure, Result, Success

from durable_core.catalog.listing import EVERY, Listed, Query, matching, summarized
from durable_core.catalog.lookup import find, valid_session_id
from durable_core.journal.leases import LEASE_S, UNKNOWN_HOLDER, Holder
from durable_shell.store.digest import is_intact
from durable_shell.store.memory.kept import (
    PLACE,
    MemoryClaim,
    SessionInMemory,
    SharedMemory,
    let_go_of,
    view_of,
)
from durable_shell.store.memory.mending import JOURNAL_NAME, MemoryLooking, MemoryMending
from durable_shell.store.port import (
    NAMING_BUSY,
    NAMING_S,
    AgentView,
    Claim,
    Corrupt,
    Entry,
    Held,
    Lease,
    Looking,
    Mending,
    NotFound,
    OutOfStep,
    Snapshot,
    StoreError,
    Unwritable,
    Views,
)
from durable_shell.store.view_files import files_of, pretty, safe_relative

_NAMED: Final[dict[str, SharedMemory]] = {}


def open_memory(name: str, *, command: str, clock: Callable[[], float]) -> MemoryStore:
    """The store that all who say ``name`` share; without a name one of its own."""
    memory = _NAMED.setdefault(name, SharedMemory()) if name else SharedMemory()
    return MemoryStore(memory, name=name, command=command, clock=clock)


class MemoryStore:
    """Sessions in this process's memory. Implements ``durable_shell.store.port.Store``."""

    views_follow = True
    shared = False
    journal_name = JOURNAL_NAME

    def __init__(
        self,
        memory: SharedMemory | None = None,
        *,
        name: str = "",
        command: str = "strands",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url = f"memory://{name}"
        self._memory = memory or SharedMemory()
        self._command = command
        self._clock = clock

    def list(self, query: Query = EVERY) -> tuple[Listed, ...]:
        """See ``Store.list``."""
        with self._memory.guard:
            kept = [(key, one) for key, one in self._memory.sessions.items() if one.visible]
            return matching((_listed(session_id, one) for session_id, one in kept), query)

    def find(self, word: str) -> tuple[Listed, ...]:
        """See ``Store.find``."""
        return find(self.list(), word)

    def naming(self) -> Claim | StoreError:
        """See ``Store.naming``."""
        if self._memory.names.acquire(timeout=NAMING_S):
            return _Names(self._memory.names)
        return Unwritable(PLACE, NAMING_BUSY)

    def create(self, session_id: str) -> Result[None, StoreError]:
        """See ``Store.create``."""
        if not valid_session_id(session_id):
            return Failure(Unwritable(PLACE, f"{session_id!r:.80} is not a session id"))
        with self._memory.guard:
            if session_id in self._memory.sessions:
                return Failure(Unwritable(PLACE, "a session with this id exists already"))
            self._memory.sessions[session_id] = SessionInMemory(self)
        return Success(None)

    def claim(self, session_id: str, *, now: float) -> Claim | StoreError:
        """See ``Store.claim``."""
        return self._claim(session_id, now)

    def lease(self, session_id: str, *, now: float, dead: Holder | None = None) -> Result[Lease, StoreError]:
        """See ``Store.lease``."""
        del dead  # a holder lives in this process, and is seen to
        with self._memory.guard:
            kept = self._seen(session_id)
            if kept is None:
                return Failure(NotFound(session_id))
            if kept.is_leased or kept.owner not in (None, self):
                return Failure(Held(session_id, kept.holder or UNKNOWN_HOLDER))
            holder = self._hold(kept, now)
            kept.is_leased = True
            return Success(Lease(session_id, holder.token, holder))

    def renew(self, lease: Lease, *, now: float) -> bool:
        """See ``Store.renew``."""
        with self._memory.guard:
            kept = self._driven(lease)
            if kept is None or kept.holder is None:
                return False
            kept.holder = kept.holder._replace(until=now + LEASE_S)
            return True

    def append(
        self, lease: Lease, expected: int, at: float, events: Sequence[dict[str, Any]]
    ) -> Result[int, StoreError]:
        """See ``Store.append``."""
        with self._memory.guard:
            kept = self._driven(lease)
            if kept is None:
                return Failure(OutOfStep(lease.session_id, lease.token, 0, "token"))
            if expected != len(kept.entries):
                return Failure(OutOfStep(lease.session_id, expected, len(kept.entries)))
            for seq, event in enumerate(events, start=expected + 1):
                kept.entries.append(Entry(seq, float(at), lease.token, copy.deepcopy(event)))
            return Success(len(kept.entries))

    def read(self, session_id: str, after: int = 0) -> Result[tuple[Entry, ...], StoreError]:
        """See ``Store.read``."""
        with self._memory.guard:
            kept = self._seen(session_id)
            return (
                Failure(NotFound(session_id))
                if kept is None
                else Success(tuple(kept.entries[max(after, 0) :]))
            )

    def publish(self, session_id: str, views: Views) -> Result[None, StoreError]:
        """See ``Store.publish``."""
        with self._memory.guard:
            kept = self._seen(session_id)
            if kept is None:
                return Failure(NotFound(session_id))
            if kept.holder is not None and not (kept.owner is self and kept.is_leased):
                return Failure(Held(session_id, kept.holder))
            if kept.views is None and not all(map(safe_relative, views.refs)):
                return Failure(Unwritable(PLACE, "a file name leads out of the session"))
            kept.views = _followed(kept.views, views)
        return Success(None)

    def snapshot(self, session_id: str) -> Result[Snapshot, StoreError]:
        """See ``Store.snapshot``."""
        with self._memory.guard:
            kept = self._seen(session_id)
            if kept is None:
                return Failure(NotFound(session_id))
            if kept.views is None:
                return Failure(Corrupt(session_id, PLACE, 0, "the spec as first run is missing"))
            return Success(Snapshot(kept.views.spec_snapshot, dict(kept.views.refs)))

    def session_view(self, session_id: str) -> Result[dict[str, Any] | None, StoreError]:
        """See ``Store.session_view``."""
        with self._memory.guard:
            kept = self._seen(session_id)
            return Failure(NotFound(session_id)) if kept is None else Success(view_of(kept))

    def is_ours(self, session_id: str) -> Result[bool, StoreError]:
        """See ``Store.is_ours``: nothing comes into this memory from elsewhere."""
        with self._memory.guard:
            return Success(True) if self._seen(session_id) else Failure(NotFound(session_id))

    def trust(self, session_id: str) -> Result[None, StoreError]:
        """See ``Store.trust``: there is nothing to remember."""
        return self.is_ours(session_id).map(lambda _: None)

    def size(self, session_id: str) -> Result[int, StoreError]:
        """See ``Store.size``: the bytes that entries and views would take as JSON."""
        with self._memory.guard:
            kept = self._seen(session_id)
            if kept is None:
                return Failure(NotFound(session_id))
            files = {} if kept.views is None else files_of(kept.views)
            lines = (len(pretty(entry._asdict())) for entry in kept.entries)
            return Success(sum(lines) + sum(map(len, files.values())))

    def delete(self, session_id: str, *, force: bool) -> Result[None, StoreError]:
        """See ``Store.delete``."""
        del force
        with self._memory.guard:
            kept = self._seen(session_id)
            # before its first lease only its maker knows of a session, and there is nothing to delete
            if kept is None or (not kept.visible and kept.holder is None):
                return Failure(NotFound(session_id))
            if kept.holder is not None:
                return Failure(Held(session_id, kept.holder))
            del self._memory.sessions[session_id]
        return Success(None)

    def looking(self, session_id: str) -> Result[Looking, StoreError]:
        """See ``Store.looking``."""
        with self._memory.guard:
            kept = self._seen(session_id)
            return Failure(NotFound(session_id)) if kept is None else Success(MemoryLooking(session_id, kept))

    def mending(self, session_id: str, *, now: float) -> Result[Mending, StoreError]:
        """See ``Store.mending``."""
        claim = self._claim(session_id, now)
        return Success(MemoryMending(claim)) if isinstance(claim, MemoryClaim) else Failure(claim)

    def release(self, lease: Lease) -> None:
        """See ``Store.release``."""
        with self._memory.guard:
            kept = self._driven(lease)
            if kept is not None:
                let_go_of(self._memory, lease.session_id, kept)

    def holder(self, session_id: str) -> Holder | None:
        """See ``Store.holder``."""
        with self._memory.guard:
            kept = self._seen(session_id)
            return None if kept is None else kept.holder

    def _seen(self, session_id: str) -> SessionInMemory | None:
        """A session, as far as this object may know of it."""
        kept = self._memory.sessions.get(session_id)
        return kept if kept is not None and (kept.visible or kept.owner is self) else None

    def _claim(self, session_id: str, now: float) -> MemoryClaim | StoreError:
        with self._memory.guard:
            kept = self._seen(session_id)
            if kept is None:
                return NotFound(session_id)
            if kept.owner is not None:
                return Held(session_id, kept.holder or UNKNOWN_HOLDER)
            self._hold(kept, now)
            return MemoryClaim(self._memory, session_id, kept)

    def _driven(self, lease: Lease) -> SessionInMemory | None:
        """The session of ``lease``, if that is this object's and in force."""
        kept = self._memory.sessions.get(lease.session_id)
        in_force = kept is not None and kept.is_leased and kept.owner is self and kept.token == lease.token
        return kept if in_force else None

    def _hold(self, kept: SessionInMemory, now: float) -> Holder:
        """Put our name to a session, with a new token unless the one we have is still the last."""
        if kept.holder is None:
            kept.token += 1
        kept.owner = self
        kept.holder = UNKNOWN_HOLDER._replace(
            host=PLACE, token=kept.token, since=now, until=now + LEASE_S, command=self._command
        )
        return kept.holder


class _Names:
    """See ``durable_shell.store.port.Store.naming``."""

    def __init__(self, lock: Lock) -> None:
        self._lock: Lock | None = lock

    def let_go(self) -> None:
        """See ``Claim.let_go``."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


def _listed(session_id: str, kept: SessionInMemory) -> Listed:
    document = view_of(kept)
    intact = document is None or is_intact(document)
    return summarized(session_id, document, intact=intact, driven=kept.holder is not None)


def _followed(before: Views | None, views: Views) -> Views:
    """``views`` with what it does not name as it was: agents, and the spec as first run."""
    session = copy.deepcopy(views.session)
    # copies of the lists: the caller may go on to lengthen its own
    named = {key: AgentView(view.agent, tuple(view.messages)) for key, view in views.agents.items()}
    if before is None:
        return views._replace(session=session, agents=named, refs=dict(views.refs))
    agents: Mapping[str, AgentView] = {**before.agents, **named}
    return views._replace(
        session=session, agents=agents, spec_snapshot=before.spec_snapshot, refs=before.refs
    )
