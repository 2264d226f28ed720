"""Putting a damaged session right: views are written anew, a damaged journal is cut before its damage."""

from __future__ import annotations

import contextlib
from typing import Protocol

from durable_core.journal.examination import Examination
from durable_shell.app import App
from durable_shell.errors import done
from durable_shell.operations.verify import Rebuilt, disk_errors_at, examine, rebuild
from durable_shell.store.port import Store


class RepairConsent(Protocol):
    """Whoever asked for a repair, while it goes on."""

    def agrees(self, seen: Examination) -> bool:
        """Told what was found, before anything changes; whether it is to be put right."""
        ...

    def journal_cut(self, events: int, kept: str) -> None:
        """The journal holds ``events`` now; the damaged one is kept under the name ``kept``."""
        ...


def repair_session(app: App, store: Store, session_id: str, consent: RepairConsent) -> Rebuilt | None:
    """Put a session right; gives what became of the views.

    None if there was nothing to do, or ``consent`` did not agree. Raises StoreFailed, and what ``consent``
    raises.
    """
    mending = done(store.mending(session_id, now=app.clock.now()))
    with contextlib.closing(mending), disk_errors_at(mending.path):
        seen = examine(mending, session_id)
        if not consent.agrees(seen):
            return None
        if seen.cuts:
            kept = mending.cut(len(seen.events))
            consent.journal_cut(len(seen.events), kept)
            seen = examine(mending, session_id, was_cut=True)
        return rebuild(mending, seen)
