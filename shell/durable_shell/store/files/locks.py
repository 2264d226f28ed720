"""A session's folder, opened and locked, or why it can't be.

Whoever resumes a session comes through here before it loads anything else, so this module and what it imports
must load fast: no ``returns``, no dataclasses, no hashing, no core but the leases.
"""

from __future__ import annotations

import os

from durable_core.catalog.lookup import valid_session_id
from durable_core.journal.leases import Holder
from durable_shell.store.disk import in_words, open_folder
from durable_shell.store.files import folders
from durable_shell.store.files.lease import LeaseFile, acquire
from durable_shell.store.port import Held, NotAFolder, NotFound, StoreError, Unwritable


class Locked:
    """An open session folder whose lock is ours. ``visible`` is false until the first commit.

    Implements ``durable_shell.store.port.Claim``.
    """

    def __init__(self, folder: int, lock: LeaseFile, *, visible: bool) -> None:
        """``folder`` is a descriptor, and is closed with the lock."""
        self.folder = folder
        self.lock = lock
        self.visible = visible
        self._open = True

    @property
    def is_open(self) -> bool:
        """Whether the lock was not given back yet."""
        return self._open

    def let_go(self) -> None:
        """Give the lock back and close the folder. Done again, it does nothing."""
        if self._open:
            self._open = False
            self.lock.release()
            os.close(self.folder)


def session_path(root: str, session_id: str) -> str:
    """Where a session is, for messages. An odd id is not made part of it."""
    sessions = os.path.join(root, "sessions")
    if not valid_session_id(session_id):
        return sessions
    return os.path.join(sessions, folders.folder_name(session_id))


def open_session(root: str, session_id: str, *, visible: bool = True) -> int | StoreError:
    """A descriptor of a session's folder, or what is wrong with it."""
    if not valid_session_id(session_id):
        return NotFound(session_id)
    name = folders.folder_name if visible else folders.hidden_name
    path = session_path(root, session_id)
    try:
        with folders.sessions_folder(root) as sessions:
            return open_folder(name(session_id), sessions)
    except FileNotFoundError:
        return NotFound(session_id)
    except OSError as error:
        if os.path.islink(path):
            return NotAFolder(session_id, path, is_link=True)
        if os.path.isfile(path):
            return NotAFolder(session_id, path, is_link=False)
        return Unwritable(path, in_words(error))


def lock_session(
    root: str,
    session_id: str,
    now: float,
    command: str,
    *,
    visible: bool = True,
    dead: Holder | None = None,
) -> Locked | StoreError:
    """Take the lock of a session and put our name to it; Held at once if somebody has it.

    ``now`` is in seconds since the epoch; ``command`` is what others are told that we do. The lease of a
    ``dead`` holder on another machine is not waited for.
    """
    folder = open_session(root, session_id, visible=visible)
    if not isinstance(folder, int):
        return folder
    try:
        lock = acquire(folder, now, dead=dead)
    except FileNotFoundError:
        os.close(folder)
        return NotFound(session_id)  # deleted since we opened it
    except OSError as error:
        os.close(folder)
        return Unwritable(session_path(root, session_id), in_words(error))
    if not isinstance(lock, LeaseFile):
        os.close(folder)
        return Held(session_id, lock)
    locked = Locked(folder, lock, visible=visible)
    try:
        lock.claim(0, now, command)
    except OSError as error:
        locked.let_go()
        return Unwritable(session_path(root, session_id), in_words(error))
    return locked
