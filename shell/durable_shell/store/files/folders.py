"""How a session's folder comes to be, becomes visible, and goes.

A new session is made under a hidden name and gets its real one after its first commit, so a folder with a
session's name always holds at least one complete line. A session is removed under a hidden name too, so
a crash never leaves half of one that looks whole. What a crash does leave is swept up by the next creation.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator

from durable_shell.store.disk import is_locked, is_shortage, make_folder, open_file, open_folder, sync_above
from durable_shell.store.files.lease import LeaseFile, acquire
from durable_shell.store.files.names import FOLDER_PREFIX, JOURNAL, LEASE, session_id_of
from durable_shell.store.files.origin import mark_of, write_mark
from durable_shell.store.port import NAMING_BUSY, NAMING_S

_NEW = ".new_"
_GONE = ".gone_"

_PAUSE_S = 0.01


def folder_name(session_id: str) -> str:
    """The name of a visible session's folder."""
    return FOLDER_PREFIX + session_id


def hidden_name(session_id: str) -> str:
    """The name of a session's folder before its first commit."""
    return _NEW + FOLDER_PREFIX + session_id


@contextlib.contextmanager
def sessions_folder(root: str, *, make: bool = False) -> Iterator[int]:
    """A descriptor of the folder of all sessions. OSError if it cannot be opened, or made.

    ``root`` and its ``sessions`` may be links, as people move them to larger disks; what is inside may not.
    """
    path = os.path.join(root, "sessions")
    if make:
        _make_path(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class NamesLock:
    """The lock that whoever names a session has. Implements ``durable_shell.store.port.Claim``."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def let_go(self) -> None:
        """See ``Claim.let_go``."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def lock_names(root: str) -> NamesLock:
    """Lock the naming of sessions, and make the folder of all sessions. OSError, also after a long wait."""
    _make_path(os.path.join(root, "sessions"))
    # the root, since whoever begins a session locks the folder in it
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    end = time.monotonic() + NAMING_S
    try:
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return NamesLock(descriptor)
            if time.monotonic() > end:
                raise OSError(NAMING_BUSY)
            time.sleep(_PAUSE_S)
    except OSError:
        os.close(descriptor)
        raise


@contextlib.contextmanager
def making(sessions: int) -> Iterator[None]:
    """One maker at a time on this machine. OSError."""
    fcntl.flock(sessions, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(sessions, fcntl.LOCK_UN)


def mark_as_ours(root: str, session_id: str, folder: int) -> None:
    """Give the session whose folder this is the mark of the home ``root``. OSError.

    A home that can keep no key has none: there a session is to be trusted each time.
    """
    with sessions_folder(root) as sessions, making(sessions):
        mark = mark_of(root, session_id)
    if mark is not None:
        write_mark(folder, mark)
        os.fsync(folder)


def begin(sessions: int, session_id: str, mark: Callable[[], bytes | None]) -> tuple[int, LeaseFile]:
    """Make a session's folder, hidden and locked, with its ``mark`` and an empty journal; gives it and its
    lock.

    OSError if the id is taken or there is no room. Nothing stays behind then but what ``sweep`` removes.
    """
    if _exists(folder_name(session_id), sessions):
        raise FileExistsError("a session with this id exists already")
    hidden = hidden_name(session_id)
    # One maker at a time: between making a folder and locking it, a sweep would take it for a leftover.
    with making(sessions):
        _sweep(sessions)
        drawn = mark()
        os.mkdir(hidden, 0o700, dir_fd=sessions)
        folder = open_folder(hidden, sessions)
        try:
            os.close(open_file(JOURNAL, os.O_WRONLY | os.O_CREAT | os.O_EXCL, folder))
            if drawn is not None:
                write_mark(folder, drawn)
            lock = acquire(folder, 0.0)  # a new file, which nobody can have held
            if not isinstance(lock, LeaseFile):
                raise BlockingIOError("the new session is locked by something else")
        except OSError:
            os.close(folder)
            raise
    return folder, lock


def reveal(sessions: int, folder: int, session_id: str) -> None:
    """Give a new session its name, durably. Its journal must be on the disk. OSError if that fails.

    A store that fails here may have made the session visible all the same, with its first commit whole.
    """
    os.fsync(folder)
    os.rename(hidden_name(session_id), folder_name(session_id), src_dir_fd=sessions, dst_dir_fd=sessions)
    os.fsync(sessions)


def discard(sessions: int, session_id: str) -> None:
    """Forget a session that never had a commit."""
    _remove_tree(hidden_name(session_id), sessions)


def remove(sessions: int, session_id: str) -> None:
    """Remove a session for good. The caller holds its lock. OSError if the folder cannot be renamed.

    Once renamed it is gone for everybody; files that cannot be removed are left to the next sweep.
    """
    gone = _GONE + FOLDER_PREFIX + session_id
    _remove_tree(gone, sessions)
    os.rename(folder_name(session_id), gone, src_dir_fd=sessions, dst_dir_fd=sessions)
    os.fsync(sessions)
    _remove_tree(gone, sessions)


def remove_link(sessions: int, session_id: str) -> None:
    """Remove a link in the place of a session; what it points to stays. OSError."""
    os.unlink(folder_name(session_id), dir_fd=sessions)
    os.fsync(sessions)


def size(folder: int) -> int:
    """The lengths of all files below a folder, in bytes. What goes meanwhile counts nothing."""
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(FileNotFoundError):
                    total += os.stat(entry.name, dir_fd=folder, follow_symlinks=False).st_size
                continue
            try:
                below = open_folder(entry.name, folder)
            except FileNotFoundError:
                continue
            try:
                total += size(below)
            finally:
                os.close(below)
    return total


def _sweep(sessions: int) -> None:
    with os.scandir(sessions) as entries:
        names = [entry.name for entry in entries if entry.name.startswith((_NEW, _GONE))]
    for name in names:
        prefix = _NEW if name.startswith(_NEW) else _GONE
        if session_id_of(name.removeprefix(prefix)) is None:
            continue
        if prefix == _GONE or not _is_being_made(sessions, name):
            _remove_tree(name, sessions)


def _is_being_made(sessions: int, name: str) -> bool:
    try:
        folder = open_folder(name, sessions)
    except OSError:
        return True  # not ours to judge
    try:
        lease = open_file(LEASE, os.O_RDONLY, folder)
    except OSError as error:
        return is_shortage(error)
    finally:
        os.close(folder)
    try:
        return is_locked(lease)
    finally:
        os.close(lease)


def _make_path(path: str) -> None:
    """Make a folder and those above it, each for its owner only and each durably in the one above it."""
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:
        _make_path(os.path.dirname(path))
        make_folder(path)
    sync_above(path)


def _exists(name: str, within: int) -> bool:
    try:
        os.stat(name, dir_fd=within, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _remove_tree(name: str, within: int) -> None:
    import shutil  # slow to load, and only a deletion or a leftover needs it

    shutil.rmtree(name, ignore_errors=True, dir_fd=within)
