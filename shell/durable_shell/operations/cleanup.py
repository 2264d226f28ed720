"""Deleting the sessions that retention lets go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from returns.result import Failure, Success

from durable_core.catalog.retention import RetentionRule, outdated
from durable_shell.store.files.listing import Listed, list_sessions
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import StoreError


@dataclass(frozen=True, slots=True)
class Freed:
    """What a deletion freed: the session ids, the bytes of their files, and those that could not go."""

    session_ids: tuple[str, ...]
    size: int
    refused: tuple[tuple[str, StoreError], ...]


def delete_all(home: Path, sessions: Iterable[Listed]) -> Freed:
    """Delete sessions, but none that is driven or that might still be repaired."""
    store = FileStore(home, command="strands sessions cleanup")
    gone: list[str] = []
    refused: list[tuple[str, StoreError]] = []
    freed = 0
    for one in sessions:
        size = store.size(one.session_id).value_or(0)
        match store.delete(one.session_id, force=False):
            case Success(_):
                gone.append(one.session_id)
                freed += size
            case Failure(error):
                refused.append((one.session_id, error))
    return Freed(tuple(gone), freed, tuple(refused))


def tidy(home: Path, rule: RetentionRule, *, now: float, spare: str) -> None:
    """Retention at the end of a run: quiet, and no trouble of its own ever becomes the run's.

    ``spare`` is the session that just ran.
    """
    try:
        listed = list_sessions(home, now=now)
    except OSError:
        return
    delete_all(home, (one for one in outdated(listed, rule, now=now) if one.session_id != spare))
