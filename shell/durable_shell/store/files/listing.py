"""All sessions at a glance, from their ``session.json`` alone.

``strands sessions list`` and the completion of ids go through here, so this module and what it imports must
load fast: no ``returns``, no dataclasses, no hashing. One file is read per session; where it says that the
session runs, the lease tells whether anybody still drives it.
"""

from __future__ import annotations

import json
import os
from typing import Any

from durable_core.catalog.listing import Listed, summarized, unlistable, unreadable_view
from durable_core.journal.leases import holder_from_json, holds_elsewhere
from durable_shell.store.digest import is_intact
from durable_shell.store.disk import here, in_words, is_locked, is_shortage, open_file, read_all
from durable_shell.store.files.names import LEASE, session_id_of
from durable_shell.store.view_files import SESSION


def list_sessions(root: str | os.PathLike[str], *, now: float) -> tuple[Listed, ...]:
    """All sessions under ``root`` at ``now``, by session id; none if there is no such folder yet.

    Folders that are being made or removed are not sessions. Raises OSError if the sessions cannot be read as
    a whole; trouble with one of them is an entry of its own.
    """
    sessions = os.path.join(root, "sessions")
    found: list[Listed] = []
    try:
        with os.scandir(sessions) as entries:
            for entry in entries:
                session_id = session_id_of(entry.name)
                if session_id is None:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    found.append(_listed(entry.path, session_id, now))
                else:
                    found.append(unlistable(session_id, "the session is not a folder, or a link to one"))
    except FileNotFoundError:
        return ()
    found.sort()
    return tuple(found)


def _listed(folder: str, session_id: str, now: float) -> Listed:
    document: dict[str, Any] | None
    try:
        document = _document(os.path.join(folder, SESSION))
    except FileNotFoundError:
        document = None
    except OSError as error:
        if is_shortage(error):
            raise
        return unlistable(session_id, f"session.json cannot be read: {in_words(error)}")
    except (ValueError, RecursionError):
        return unreadable_view(session_id)
    intact = document is None or is_intact(document)
    seen = summarized(session_id, document, intact=intact)
    if seen.status != "running" or _is_driven(folder, now):
        return seen
    return summarized(session_id, document, intact=intact, driven=False)


def _document(path: str) -> dict[str, Any]:
    descriptor = open_file(path, os.O_RDONLY)
    try:
        document = json.loads(read_all(descriptor))
    finally:
        os.close(descriptor)
    return document if isinstance(document, dict) else {}


def _is_driven(folder: str, now: float) -> bool:
    try:
        descriptor = open_file(os.path.join(folder, LEASE), os.O_RDONLY)
    except OSError as error:
        if is_shortage(error):
            raise
        return False
    try:
        if is_locked(descriptor):
            return True
        return holds_elsewhere(holder_from_json(read_all(descriptor)), here(), now)
    except OSError:
        return False
    finally:
        os.close(descriptor)
