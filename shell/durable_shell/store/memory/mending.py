"""A session in memory is looked at and put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from durable_core.journal.leases import Holder
from durable_shell.store.memory.kept import PLACE, MemoryClaim, SessionInMemory, view_of
from durable_shell.store.port import StoredJournal, Views
from durable_shell.store.view_files import differences, files_of

JOURNAL_NAME: Final = "journal"
"""What people read as the name of a journal."""


class MemoryLooking:
    """A session, whoever has it. Implements ``durable_shell.store.port.Looking``."""

    def __init__(self, session_id: str, kept: SessionInMemory) -> None:
        self.path = f"{PLACE}/{session_id}"
        self.journal_path = f"{self.path}/{JOURNAL_NAME}"
        self._kept = kept

    def holder(self) -> Holder | None:
        """See ``Looking.holder``."""
        return self._kept.holder

    def token(self) -> int:
        """See ``Looking.token``."""
        return self._kept.token

    def journal(self, *, was_cut: bool = False) -> StoredJournal:
        """See ``Looking.journal``: what is kept here can't be damaged by a disk."""
        del was_cut
        return StoredJournal(tuple(self._kept.entries), 0, None, (), 0)

    def session_view(self) -> dict[str, Any] | None:
        """See ``Looking.session_view``."""
        return view_of(self._kept)

    def differences(self, views: Views) -> dict[str, str]:
        """See ``Looking.differences``."""
        there = {} if self._kept.views is None else files_of(self._kept.views)

        def read(path: str) -> bytes:
            if path not in there:
                raise FileNotFoundError(path)
            return there[path]

        return differences(files_of(views), read, (path for path in there if "/messages/" in path))

    def messages_beyond(self, counts: Mapping[str, int]) -> tuple[str, ...]:
        """See ``Looking.messages_beyond``: views follow what is committed here, and are never ahead."""
        del counts
        return ()

    def close(self) -> None:
        """See ``Looking.close``."""


class MemoryMending(MemoryLooking):
    """A session that is claimed. Implements ``durable_shell.store.port.Mending``."""

    def __init__(self, claim: MemoryClaim) -> None:
        super().__init__(claim.session_id, claim.kept)
        self._claim = claim

    def cut(self, entries: int) -> str:
        """See ``Mending.cut``."""
        name = f"journal.damaged-{len(self._kept.set_aside) + 1}"
        self._kept.set_aside[name] = self._kept.entries
        self._kept.entries = self._kept.entries[:entries]
        return name

    def rebuild(self, paths: Sequence[str], views: Views) -> tuple[str, ...]:
        """See ``Mending.rebuild``: views are kept together, and so all of them are made anew."""
        del paths
        self._kept.views = views
        return ()

    def close(self) -> None:
        """See ``Looking.close``: others have the session again."""
        self._claim.let_go()
