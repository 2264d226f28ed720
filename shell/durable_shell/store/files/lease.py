"""The lease: a lock on the ``.lease`` file of a session, held on an open descriptor for the driver's life.

The kernel frees the lock when its holder dies, so on one machine a dead holder never has to be waited for or
guessed at. The file's text names the holder, for people and for other machines, which may not see the lock
(``durable_core.journal.leases``). It carries the fencing token, too: that grows by one with each lease and is
never lower than the journal's last token, so losing the file costs nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time

from durable_core.journal.leases import (
    LEASE_S,
    UNKNOWN_HOLDER,
    Holder,
    holder_from_json,
    holder_to_json,
    holds_elsewhere,
    is_at_work,
    is_elsewhere,
)
from durable_shell.store.disk import here, is_locked, is_shortage, open_file, read_all, read_file, write_all
from durable_shell.store.files.names import LEASE

_LENGTH = 512
"""Bytes of a lease file, filled up with spaces: written over, it is never half of one and half of another."""

# Asking whether a session is alive (listing, holder) takes the lock for some microseconds, or for some
# milliseconds if the asker loses its processor just then; so does a driver before it has put its name down.
# A tenth of a second tells that from a driver that we know nothing of.
_TRIES = 50
# Where the file still names a driver that is gone, another one has the lock and is about to put its name
# down. On a machine that is out of breath that takes its time, and whom we name to people must be right.
_TRIES_FOR_A_NAME = 2500
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
    """A lock that this process holds. ``holder`` is nobody until it is claimed."""

    def __init__(self, folder: int, descriptor: int) -> None:
        """Use ``acquire``, which takes the lock."""
        self.holder = UNKNOWN_HOLDER
        self._folder = folder
        self._descriptor = descriptor
        self._before: bytes | None = None
        # Views are written under this lease while the heartbeat renews it, in a thread of its own: a look at
        # the file in the middle of that would show half of two renewals, and pass for somebody else's lease.
        self._guard = threading.RLock()
        _held_by_this_process.add(descriptor)

    @property
    def token(self) -> int:
        """The fencing token; 0 until the lease is claimed."""
        return self.holder.token

    def claim(self, at_least: int, now: float, command: str) -> Holder:
        """Write down who holds the lease, with a token above the last one and above ``at_least``. OSError.

        Done again, it keeps a token that is high enough and still the last one.
        """
        with self._guard:
            text = read_all(self._descriptor)
            if self._before is None:
                self._before = text
            last = holder_from_json(text)
            ours = self.token != 0 and last == self.holder
            token = max(last.token if ours else last.token + 1, at_least + 1)
            pid = os.getpid()
            place = here()
            self.holder = Holder(
                pid, place.host, place.boot, process_start(pid), token, now, now + LEASE_S, command
            )
            self._write(self._named())
            return self.holder

    def withdraw(self) -> None:
        """Let the file say again what it said before ``claim``: nothing was done under it."""
        with contextlib.suppress(OSError):
            if self._before is not None and self.token_in_force() == self.token:
                self._write(self._before)
        self.holder = UNKNOWN_HOLDER

    def renew(self, now: float) -> bool:
        """Hold the lease for ``LEASE_S`` from ``now``; False if it is not ours any more. OSError."""
        return self._say_until(now + LEASE_S)

    def token_in_force(self) -> int:
        """The token of the folder's lease as it stands now: ours, unless the file was replaced or rewritten.

        0 if the file is gone, or is another one than the one we hold. OSError if there is no telling.
        """
        try:
            there = os.stat(LEASE, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return 0
        if not os.path.samestat(there, os.fstat(self._descriptor)):
            return 0
        with self._guard:
            named = holder_from_json(read_all(self._descriptor))
            if named.token == self.token and named._replace(until=self.holder.until) != self.holder:
                # a renewal that came late hid the token of another lease, so that it was given again
                return 0
            return named.token

    def release(self) -> None:
        """Give the lease and the lock back. The file stays: it remembers the token."""
        with contextlib.suppress(OSError):
            self._say_until(0.0)  # other machines need not wait for its end
        _held_by_this_process.discard(self._descriptor)
        with contextlib.suppress(OSError):
            os.close(self._descriptor)

    def _say_until(self, until: float) -> bool:
        with self._guard:
            if not self.token or self.token_in_force() != self.token:
                return False
            self.holder = self.holder._replace(until=until)
            self._write(self._named())
            return True

    def _named(self) -> bytes:
        return (holder_to_json(self.holder).ljust(_LENGTH - 1) + "\n").encode()

    def _write(self, text: bytes) -> None:
        # Written over, so that a full disk has the room. Not synced: after a power cut nobody holds anything,
        # and the journal knows every token that counted.
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        write_all(self._descriptor, text)
        os.ftruncate(self._descriptor, len(text))


def acquire(
    folder: int, now: float, *, create: bool = True, dead: Holder | None = None
) -> LeaseFile | Holder:
    """Take the lock of a session folder, or say who has it. Never waits for a driver to finish.

    If a living process of this machine is named as the holder, it is said at once.

    ``now``, in seconds since the epoch, tells whether a lease of another machine still holds; one whose
    holder is ``dead`` does not. OSError if the file cannot be opened; FileNotFoundError if it is not there
    and ``create`` is false.
    """
    flags = os.O_RDWR | (os.O_CREAT if create else 0)
    holder = UNKNOWN_HOLDER
    tries = 0
    while tries < (_TRIES_FOR_A_NAME if _is_past(holder) else _TRIES):
        tries += 1
        descriptor = open_file(LEASE, flags, folder)
        try:
            free = _locked(descriptor)
            locked = free and _is_in_place(folder, descriptor)
            holder = holder_from_json(read_all(descriptor))
            driven = not free and is_locked(descriptor) and _is_at_work(holder)
        except OSError:
            os.close(descriptor)
            raise
        if locked and (holder == dead or not holds_elsewhere(holder, here(), now)):
            return LeaseFile(folder, descriptor)
        os.close(descriptor)
        if locked or driven:
            break
        time.sleep(_PAUSE_S)
    return holder


def live_holder(folder: int, now: float) -> Holder | None:
    """Who holds the lease at ``now``; None if nobody does, or if there is no telling.

    OSError if no file can be opened, whoever holds it.
    """
    try:
        descriptor = open_file(LEASE, os.O_RDONLY, folder)
    except OSError as error:
        if is_shortage(error):
            raise
        return None
    try:
        holder = holder_from_json(read_all(descriptor))
        return holder if is_locked(descriptor) or holds_elsewhere(holder, here(), now) else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def last_token(folder: int) -> int:
    """The fencing token that the lease file names; 0 if there is none. OSError if it can't be read."""
    try:
        return holder_from_json(read_file(LEASE, folder)).token
    except FileNotFoundError:
        return 0


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


def _is_past(holder: Holder) -> bool:
    """Whether a process of this machine is named that holds nothing any more."""
    return holder.pid != 0 and not is_elsewhere(holder, here()) and not _is_at_work(holder)


def _is_at_work(holder: Holder) -> bool:
    return is_at_work(holder, here(), process_start(holder.pid))


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
