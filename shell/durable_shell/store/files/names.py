"""What the files of a session are called."""

from __future__ import annotations

from durable_core.catalog.lookup import valid_session_id

FOLDER_PREFIX = "session_"
JOURNAL = "journal.jsonl"
LEASE = ".lease"
"""The file of a session folder whose lock is the right to drive; ``lease`` says what stands in it."""


def session_id_of(folder_name: str) -> str | None:
    """The session id that a folder's name holds, or None if it is not the name of a session folder."""
    if not folder_name.startswith(FOLDER_PREFIX):
        return None
    session_id = folder_name[len(FOLDER_PREFIX) :]
    return session_id if valid_session_id(session_id) else None
