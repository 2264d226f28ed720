"""What is kept of sessions in memory, and the right to one of them."""

from __future__ import annotations

import copy
from threading import Lock, RLock
from typing import Any, Final

from durable_core.journal.leases import Holder
from durable_shell.store.port import Entry, Views

PLACE: Final = "memory"
"""What errors call the place of a session, and leases its host."""


class SessionInMemory:
    """One session. ``owner`` has it now: the store object that made it, claimed it or leases it."""

    def __init__(self, owner: object) -> None:
        self.entries: list[Entry] = []
        self.views: Views | None = None
        self.set_aside: dict[str, list[Entry]] = {}
        self.token = 0
        self.owner: object | None = owner
        self.holder: Holder | None = None
        self.is_leased = False

    @property
    def visible(self) -> bool:
        """Whether others than its maker see it."""
        return bool(self.entries)


class SharedMemory:
    """What several store objects share: sessions by id."""

    def __init__(self) -> None:
        self.sessions: dict[str, SessionInMemory] = {}
        self.guard = RLock()
        self.names = Lock()


class MemoryClaim:
    """See ``durable_shell.store.port.Claim``."""

    def __init__(self, memory: SharedMemory, session_id: str, kept: SessionInMemory) -> None:
        self.session_id = session_id
        self.kept = kept
        self._memory = memory
        self._token = kept.token

    def let_go(self) -> None:
        """See ``Claim.let_go``."""
        with self._memory.guard:
            if self.kept.holder is not None and self.kept.token == self._token:
                let_go_of(self._memory, self.session_id, self.kept)


def let_go_of(memory: SharedMemory, session_id: str, kept: SessionInMemory) -> None:
    """Nobody has the session now; one without a commit never was."""
    kept.owner, kept.holder, kept.is_leased = None, None, False
    if not kept.visible and memory.sessions.get(session_id) is kept:
        del memory.sessions[session_id]


def view_of(kept: SessionInMemory) -> dict[str, Any] | None:
    """A copy of what ``session.json`` would hold; None before the first publish."""
    return None if kept.views is None else copy.deepcopy(kept.views.session)
