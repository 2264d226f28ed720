"""All sessions at a glance, from their ``session.json`` alone.

``strands sessions list`` and the completion of ids go through here, so this module and what it imports must
load fast: no ``returns``, no dataclasses, no hashing. One file is read per session; where it says that the
session runs, the lease tells whether anybody still drives it.
"""

from __future__ import annotations

import binascii
import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from durable_core.journal.leases import holder_from_json, holds_elsewhere
from durable_shell.store.files.disk import (
    LEASE,
    here,
    in_words,
    is_locked,
    open_file,
    read_all,
    session_id_of,
)

CHECK = "crc32"
"""The field of session.json that holds its ``check_of``."""

_JOURNAL_MAY_BE_WHOLE = "the journal may still be whole"


class Listed(NamedTuple):
    """One session in a list. Texts are as ``session.json`` has them, and empty where it has none.

    ``status`` is running, paused, completed or failed as written; ``interrupted`` if it was running and its
    driver is dead; ``damaged`` if ``session.json`` is of no use, and then ``damaged`` says why.
    """

    session_id: str
    name: str
    workflow: str
    pattern: str
    status: str
    updated_at: str
    spec_path: str
    spec_hash: str
    folder: str
    created_at: str
    damaged: str | None


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
                    found.append(_damaged(session_id, "the session is not a folder, or a link to one"))
    except FileNotFoundError:
        return ()
    found.sort()
    return tuple(found)


def _listed(folder: str, session_id: str, now: float) -> Listed:
    try:
        document = _document(os.path.join(folder, "session.json"))
    except FileNotFoundError:
        # The first commit is made before the first views are, so a session that just began looks like this.
        if _is_driven(folder, now):
            return _entry(session_id, {}, "running")
        return _damaged(session_id, f"session.json is missing; {_JOURNAL_MAY_BE_WHOLE}")
    except OSError as error:
        return _damaged(session_id, f"session.json cannot be read: {in_words(error)}")
    except (ValueError, RecursionError):
        return _damaged(session_id, f"session.json is not valid JSON, or is cut off; {_JOURNAL_MAY_BE_WHOLE}")
    metadata = document.get("metadata")
    if not is_intact(document):
        return _damaged(session_id, f"session.json has changed since it was written; {_JOURNAL_MAY_BE_WHOLE}")
    status = metadata.get("status") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(status, str):
        return _damaged(session_id, f"session.json holds no status; {_JOURNAL_MAY_BE_WHOLE}")
    if status == "running" and not _is_driven(folder, now):
        status = "interrupted"
    return _entry(session_id, metadata, status)


def check_of(document: Mapping[str, Any]) -> str:
    """The CRC-32 of what session.json says of the session and of its own age: eight hex digits.

    A list shows it without asking the journal, so it must notice a changed byte. The variables are not
    covered: people may edit them.
    """
    text = json.dumps([document.get("as_of"), document.get("metadata")], sort_keys=True)
    return f"{binascii.crc32(text.encode('ascii')):08x}"


def is_intact(document: Mapping[str, Any]) -> bool:
    """Whether session.json is as it was written, the variables not considered. One without a check passes."""
    return document.get(CHECK) in (None, check_of(document))


def _document(path: str) -> dict[str, Any]:
    descriptor = open_file(path, os.O_RDONLY)
    try:
        document = json.loads(read_all(descriptor))
    finally:
        os.close(descriptor)
    return document if isinstance(document, dict) else {}


def _entry(session_id: str, metadata: dict[str, Any], status: str, damaged: str | None = None) -> Listed:
    def text(key: str) -> str:
        value = metadata.get(key)
        return value if isinstance(value, str) else ""

    return Listed(
        session_id=session_id,
        name=text("name"),
        workflow=text("workflow_name"),
        pattern=text("pattern_type"),
        status=status,
        updated_at=text("updated_at"),
        spec_path=text("spec_path"),
        spec_hash=text("spec_hash"),
        folder=text("folder"),
        created_at=text("created_at"),
        damaged=damaged,
    )


def _damaged(session_id: str, reason: str) -> Listed:
    return _entry(session_id, {}, "damaged", reason)


def _is_driven(folder: str, now: float) -> bool:
    try:
        descriptor = open_file(os.path.join(folder, LEASE), os.O_RDONLY)
    except OSError:
        return False
    try:
        if is_locked(descriptor):
            return True
        return holds_elsewhere(holder_from_json(read_all(descriptor)), here(), now)
    except OSError:
        return False
    finally:
        os.close(descriptor)
