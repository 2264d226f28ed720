"""The store that is made of files: one folder a session under ``<root>/sessions``.

What a list, a lookup and the refusal of a second driver need is done here and must load fast. All else is
passed on to ``sessions``, which is loaded when it is first needed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from durable_core.catalog.listing import EVERY, Listed, Query, matching
from durable_core.catalog.lookup import find
from durable_shell.store.files.listing import list_sessions
from durable_shell.store.files.locks import Locked, lock_session
from durable_shell.store.files.names import JOURNAL
from durable_shell.store.port import Claim, StoreError

if TYPE_CHECKING:
    from returns.result import Result

    from durable_core.journal.leases import Holder
    from durable_shell.store.files.sessions import FileSessions
    from durable_shell.store.port import Entry, Lease, Looking, Mending, Snapshot, Views


class FileStore:
    """Sessions in files; see ``Store`` for what each call means.

    ``root`` is made when the first session is. ``command`` is what a second driver is told about who holds a
    session, such as ``strands run``; ``clock`` gives the seconds since the epoch, by which leases of other
    machines end. Calls may come from several threads.
    """

    views_follow = True
    shared = True
    journal_name = JOURNAL

    def __init__(
        self,
        root: str | os.PathLike[str],
        *,
        command: str = "strands",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._root = os.path.abspath(root)
        self._command = command
        self._clock = clock
        self._loaded: FileSessions | None = None

    @property
    def url(self) -> str:
        """See ``Store.url``."""
        return f"file://{self._root}"

    def list(self, query: Query = EVERY) -> tuple[Listed, ...]:
        """See ``Store.list``."""
        return matching(list_sessions(self._root, now=self._clock()), query)

    def find(self, word: str) -> tuple[Listed, ...]:
        """See ``Store.find``."""
        return find(self.list(), word)

    def claim(self, session_id: str, *, now: float) -> Claim | StoreError:
        """See ``Store.claim``."""
        visible = self._loaded is None or not self._loaded.is_begun(session_id)
        locked = lock_session(self._root, session_id, now, self._command, visible=visible)
        if isinstance(locked, Locked):
            self._sessions.adopt(session_id, locked)
        return locked

    def naming(self) -> Claim | StoreError:
        """See ``Store.naming``."""
        return self._sessions.naming()

    def create(self, session_id: str) -> Result[None, StoreError]:
        """See ``Store.create``."""
        return self._sessions.create(session_id)

    def lease(self, session_id: str, *, now: float, dead: Holder | None = None) -> Result[Lease, StoreError]:
        """See ``Store.lease``."""
        return self._sessions.lease(session_id, now=now, dead=dead)

    def renew(self, lease: Lease, *, now: float) -> bool:
        """See ``Store.renew``."""
        return self._sessions.renew(lease, now=now)

    def append(
        self, lease: Lease, expected: int, at: float, events: Sequence[dict[str, Any]]
    ) -> Result[int, StoreError]:
        """See ``Store.append``."""
        return self._sessions.append(lease, expected, at, events)

    def read(self, session_id: str, after: int = 0) -> Result[tuple[Entry, ...], StoreError]:
        """See ``Store.read``."""
        return self._sessions.read(session_id, after)

    def publish(self, session_id: str, views: Views) -> Result[None, StoreError]:
        """See ``Store.publish``. Held if another driver has the session, OutOfStep if our lease is void."""
        return self._sessions.publish(session_id, views)

    def snapshot(self, session_id: str) -> Result[Snapshot, StoreError]:
        """See ``Store.snapshot``."""
        return self._sessions.snapshot(session_id)

    def session_view(self, session_id: str) -> Result[dict[str, Any] | None, StoreError]:
        """See ``Store.session_view``."""
        return self._sessions.session_view(session_id)

    def size(self, session_id: str) -> Result[int, StoreError]:
        """See ``Store.size``."""
        return self._sessions.size(session_id)

    def delete(self, session_id: str, *, force: bool) -> Result[None, StoreError]:
        """See ``Store.delete``."""
        return self._sessions.delete(session_id, force=force)

    def looking(self, session_id: str) -> Result[Looking, StoreError]:
        """See ``Store.looking``."""
        return self._sessions.looking(session_id)

    def mending(self, session_id: str, *, now: float) -> Result[Mending, StoreError]:
        """See ``Store.mending``."""
        return self._sessions.mending(session_id, now=now)

    def is_ours(self, session_id: str) -> Result[bool, StoreError]:
        """See ``Store.is_ours``."""
        return self._sessions.is_ours(session_id)

    def trust(self, session_id: str) -> Result[None, StoreError]:
        """See ``Store.trust``."""
        return self._sessions.trust(session_id)

    def release(self, lease: Lease) -> None:
        """See ``Store.release``."""
        self._sessions.release(lease)

    def holder(self, session_id: str) -> Holder | None:
        """See ``Store.holder``."""
        return self._sessions.holder(session_id)

    @property
    def _sessions(self) -> FileSessions:
        if self._loaded is None:
            from durable_shell.store.files.sessions import FileSessions

            self._loaded = FileSessions(self._root, self._command, self._clock)
        return self._loaded
