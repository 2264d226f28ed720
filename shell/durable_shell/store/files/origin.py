"""Which sessions began in this home, and which came from elsewhere.

A home has a key that no session holds. A session that begins here gets a mark: the hash of the key and of its
id. The mark lies beside the journal, as a journal travels as a whole and could claim anything. A session that
was copied from another home, or put together by hand, has no mark that this home's key makes.

Sessions of earlier versions have no mark, and a key may get lost. Where the file system says when a folder
came into being, that tells, too: a copy is younger than the lines in it.
"""

from __future__ import annotations

import contextlib
import os
from typing import Final

from durable_shell.store.disk import StandInError, open_file, read_file, sync_data, write_all
from durable_shell.store.port import Entry

MARK: Final = ".origin"
"""The file of a session folder that holds its mark."""

HOME_KEY: Final = "origin_key"
"""The file of a home that holds its key."""

_KEY_BYTES: Final = 32

_BEGINNING_S: Final = 60.0
"""Seconds between a session's first event and the making of its folder, at most."""


def mark_of(root: str, session_id: str) -> bytes | None:
    """The mark of a session of the home ``root``, whose key is made if there is none that serves. OSError.

    None where there can't be one: the key is another user's, who shares the home, or a folder stands in its
    place. The caller sees to it that no other process of this machine makes a key meanwhile.
    """
    try:
        key = _key(root) or _new_key(root)
    except (PermissionError, IsADirectoryError):
        return None
    return None if key is None else _mark(key, session_id)


def write_mark(folder: int, mark: bytes) -> None:
    """Put ``mark`` into a session's folder, durably once the folder is synced. OSError."""
    _write(MARK, os.O_TRUNC, mark, folder)


def is_marked(root: str, folder: int, session_id: str) -> bool:
    """Whether the session has the mark of this home. OSError where that can't be seen."""
    try:
        key = _key(root)
        return key is not None and read_file(MARK, folder) == _mark(key, session_id)
    except (PermissionError, FileNotFoundError, StandInError):
        return False


def began_here(sessions: int, folder: int, first: Entry) -> bool:
    """Whether a session's folder was made by this user, among these sessions, when its journal began.

    ``first`` is the first line of the journal. False where the file system does not tell. OSError.
    """
    from durable_shell.store.files.birth import born_at  # seldom needed

    if os.fstat(folder).st_uid != os.geteuid():
        return False
    started, born, home_born = first.event.get("at"), born_at(folder), born_at(sessions)
    if not isinstance(started, int | float) or born is None or home_born is None:
        return False
    return home_born <= born <= first.at and abs(born - started) <= _BEGINNING_S


def _mark(key: bytes, session_id: str) -> bytes:
    import hashlib  # here, as a second driver is refused through this module and must be told quickly
    import hmac

    return hmac.new(key, session_id.encode("ascii"), hashlib.sha256).hexdigest().encode("ascii")


def _key(root: str) -> bytes | None:
    """The home's key; None if there is none, or what is there was never drawn by us. OSError."""
    try:
        key = read_file(os.path.join(root, HOME_KEY))
    except (FileNotFoundError, StandInError):
        return None
    # a key that was emptied or damaged could be guessed, and all marks with it
    return key if len(key) == 2 * _KEY_BYTES and not key.strip(b"0123456789abcdef") else None


def _new_key(root: str) -> bytes | None:
    """Draw a key, durably, in the place of whatever is there and serves for none. OSError."""
    path = os.path.join(root, HOME_KEY)
    drawn = f"{path}.{os.getpid()}"
    _write(drawn, os.O_TRUNC, os.urandom(_KEY_BYTES).hex().encode("ascii"))
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        # whole under its name at once; and should another machine make one just now, the first stays
        with contextlib.suppress(FileExistsError):
            os.link(drawn, path)
    finally:
        os.unlink(drawn)
    above = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(above)
    finally:
        os.close(above)
    return _key(root)


def _write(name: str, flags: int, data: bytes, within: int | None = None) -> None:
    descriptor = open_file(name, os.O_WRONLY | os.O_CREAT | flags, within)
    try:
        write_all(descriptor, data)
        sync_data(descriptor)
    finally:
        os.close(descriptor)
