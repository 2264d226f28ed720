"""The lease: a lock on the ``.lease`` file of a session, held on an open descriptor for the driver's life.

The kernel frees the lock when its holder dies, so a dead holder never has to be waited for or guessed at.
The file's text names the holder for people, and carries the fencing token: it grows by one with each lease
and is never lower than the journal's last token, so losing the file costs nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from dataclasses import asdict, fields
from typing import Any

from durable_shell.store.disk import is_locked, open_file, read_all, write_all
from durable_shell.store.port import Holder

LEASE = ".lease"
NOBODY_KNOWN = Holder(0, "", 0, 0, 0.0, "")

# Asking whether a session is alive (listing, holder) takes the lock for some microseconds, or for some
# milliseconds if the asker loses its processor just then. A tenth of a second tells that from a driver.
_TRIES = 50
_PAUSE_S = 0.002

_held_by_this_process: set[int] = set()


def _let_go_in_child() -> None:
    """A forked child shares the lock; left open there, it would outlive the driver in a tool's helper."""
    for descriptor in _held_by_this_process:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _held_by_this_process.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


class LeaseFile:
    """A lock that this process holds. ``token`` is 0 until it is claimed."""

    def __init__(self, folder: int, descriptor: int) -> None:
        """Use ``acquire``, which takes the lock."""
        self.token = 0
        self._folder = folder
        self._descriptor = descriptor
        _held_by_this_process.add(descriptor)

    def claim(self, at_least: int, now: float, command: str) -> Holder:
        """Write down who holds the lease, with a token above the last one and above ``at_least``. OSError."""
        self.token = max(_parsed(read_all(self._descriptor)).token, at_least) + 1
        pid = os.getpid()
        holder = Holder(pid, os.uname().nodename, process_start(pid), self.token, now, command)
        text = json.dumps(asdict(holder)).encode()
        # Written over and then cut, so that a full disk has the room. Not synced: after a power cut nobody
        # holds anything, and the journal knows every token that counted.
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        write_all(self._descriptor, text)
        os.ftruncate(self._descriptor, len(text))
        return holder

    def token_in_force(self) -> int:
        """The token of the folder's lease as it stands now: ours, unless the file was replaced or rewritten.

        0 if the file is gone, or is another one than the one we hold.
        """
        try:
            there = os.stat(LEASE, dir_fd=self._folder, follow_symlinks=False)
            if not os.path.samestat(there, os.fstat(self._descriptor)):
                return 0
            return _parsed(read_all(self._descriptor)).token
        except OSError:
            return 0

    def release(self) -> None:
        """Give the lock back. The file stays: it remembers the token."""
        _held_by_this_process.discard(self._descriptor)
        with contextlib.suppress(OSError):
            os.close(self._descriptor)


def acquire(folder: int, *, create: bool = True) -> LeaseFile | Holder:
    """Take the lock of a session folder, or say who has it. Never waits for a driver to finish.

    OSError if the file cannot be opened; FileNotFoundError if it is not there and ``create`` is false.
    """
    flags = os.O_RDWR | (os.O_CREAT if create else 0)
    holder = NOBODY_KNOWN
    for _ in range(_TRIES):
        descriptor = open_file(LEASE, flags, folder)
        try:
            if _locked(descriptor) and _is_in_place(folder, descriptor):
                return LeaseFile(folder, descriptor)
            holder = _parsed(read_all(descriptor))
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
        time.sleep(_PAUSE_S)
    return holder


def live_holder(folder: int) -> Holder | None:
    """Who holds the lock at this moment; None if nobody does, or if there is no telling."""
    try:
        descriptor = open_file(LEASE, os.O_RDONLY, folder)
    except OSError:
        return None
    try:
        return _parsed(read_all(descriptor)) if is_locked(descriptor) else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def process_start(pid: int) -> int:
    """When a process started, in clock ticks since boot (field 22 of its ``stat``); 0 if that is not known.

    With the pid it names a process for good, as pids are used again.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # Field 2 is the program's name in parentheses and may hold spaces, so count from behind it.
            return int(file.read().rpartition(b")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_in_place(folder: int, descriptor: int) -> bool:
    """Whether the locked file still is the folder's: it may have been deleted between opening and locking."""
    try:
        there = os.stat(LEASE, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))


def _parsed(text: bytes) -> Holder:
    """What a lease file says. Text that is no holder counts as nothing: it must never block a session."""
    try:
        document: Any = json.loads(text)
        values = {field.name: document[field.name] for field in fields(Holder)}
    except (ValueError, RecursionError, KeyError, TypeError):
        return NOBODY_KNOWN
    numbers = (values["pid"], values["process_start"], values["token"])
    if any(type(number) is not int for number in numbers) or type(values["since"]) not in (int, float):
        return NOBODY_KNOWN
    if not isinstance(values["host"], str) or not isinstance(values["command"], str):
        return NOBODY_KNOWN
    return Holder(**values)
