"""The journal as an open file that one driver appends to.

One append is one write and one ``fdatasync``; when that returned, the entries are committed. When it did not,
the file is cut back to where it was. After a failed sync nobody knows what the disk holds, so the file takes
no more appends until it has been opened, and so verified, again.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from typing import Any

from returns.result import Failure, Result, Success

from durable_core.frozen import frozen
from durable_shell.store.disk import StandInError, in_words, open_file, read_all, sync_data, write_all
from durable_shell.store.files.journal import EMPTY, MISSING, Damage, Scan, encode_line, scan, shortfall
from durable_shell.store.files.names import JOURNAL
from durable_shell.store.files.views import shown_seq
from durable_shell.store.port import Corrupt, Entry, OutOfStep, StoreError, Unwritable


def read_journal(folder: int, path: str, session_id: str, *, may_be_empty: bool) -> Result[Scan, StoreError]:
    """Read and verify a journal without changing it. ``path`` is its folder's, for messages.

    Only a session that is being made may have an empty journal; elsewhere it is Corrupt.
    """
    loaded = _load(folder, os.path.join(path, JOURNAL), session_id, os.O_RDONLY, may_be_empty)
    if not isinstance(loaded, _Loaded):
        return Failure(loaded)
    os.close(loaded.descriptor)
    return Success(loaded.found)


class JournalFile:
    """An open journal: where it ends, and the hash that the next line is chained to."""

    def __init__(self, descriptor: int, path: str, session_id: str, found: Scan) -> None:
        """Use ``JournalFile.open``, which verifies first."""
        self.last_seq = found.last_seq
        self.last_token = found.last_token
        self._descriptor = descriptor
        self._path = path
        self._session_id = session_id
        self._length = found.length
        self._last_hash = found.last_hash
        self._last_append = b""
        self._poisoned = False

    @staticmethod
    def open(
        folder: int, path: str, session_id: str, *, may_be_empty: bool
    ) -> Result[tuple[JournalFile, Scan], StoreError]:
        """Open for appending: verify, mend the end, and make sure that what was read is on the disk.

        To mend is to cut off a torn end, and to put the last line's line feed in its place. The last step is
        there because a driver acts on what it reads: the lines of a killed driver may have been written and
        not yet synced.
        """
        path = os.path.join(path, JOURNAL)
        loaded = _load(folder, path, session_id, os.O_RDWR | os.O_APPEND, may_be_empty)
        if not isinstance(loaded, _Loaded):
            return Failure(loaded)
        descriptor, found = loaded.descriptor, loaded.found
        try:
            if found.unended:
                os.ftruncate(descriptor, found.length - 1)
                write_all(descriptor, b"\n")
            elif found.torn:
                os.ftruncate(descriptor, found.length)
            sync_data(descriptor)
        except OSError as error:
            os.close(descriptor)
            return Failure(Unwritable(path, in_words(error)))
        return Success((JournalFile(descriptor, path, session_id, found), found))

    def append(
        self, expected: int, at: float, token: int, events: Sequence[dict[str, Any]]
    ) -> Result[int, StoreError]:
        """Commit ``events`` after the entry ``expected``; see ``Store.append``."""
        if expected != self.last_seq:
            return Failure(OutOfStep(self._session_id, expected, self.last_seq))
        if self._poisoned:
            return Failure(Unwritable(self._path, "an earlier write failed; open the session again"))
        entries = [Entry(expected + n, float(at), token, event) for n, event in enumerate(events, 1)]
        if not entries:
            return Success(expected)
        data, last_hash = encode_line(entries, self._last_hash)
        try:
            size = os.fstat(self._descriptor).st_size
            if size != self._length:
                return Failure(OutOfStep(self._session_id, self._length, size, "journal length in bytes"))
            write_all(self._descriptor, data)
        except OSError as error:
            return self._undo(error)
        try:
            sync_data(self._descriptor)
        except OSError as error:
            self._poisoned = True
            return self._undo(error)
        self.last_seq, self.last_token = entries[-1].seq, token
        self._length += len(data)
        self._last_append = data
        self._last_hash = last_hash
        return Success(self.last_seq)

    def take_back(self) -> None:
        """Remove the last append again if it landed behind what another driver has written meanwhile.

        Where it landed in its place, it stays: the other may have read it, and acts on it. No more appends.
        """
        self._poisoned = True
        with contextlib.suppress(OSError):
            length = os.fstat(self._descriptor).st_size
            before = length - len(self._last_append)
            tail = os.pread(self._descriptor, len(self._last_append), before)
            if length > self._length and tail == self._last_append:
                os.ftruncate(self._descriptor, before)
                sync_data(self._descriptor)

    def poison(self) -> None:
        """Refuse further appends."""
        self._poisoned = True

    def close(self) -> None:
        """Close the file. What was committed stays."""
        os.close(self._descriptor)

    def _undo(self, error: OSError) -> Result[int, StoreError]:
        try:
            os.ftruncate(self._descriptor, self._length)
        except OSError:
            self._poisoned = True
        return Failure(Unwritable(self._path, in_words(error)))


@frozen()
class _Loaded:
    descriptor: int
    found: Scan


def _load(folder: int, path: str, session_id: str, flags: int, may_be_empty: bool) -> _Loaded | StoreError:
    try:
        descriptor = open_file(JOURNAL, flags, folder)
    except OSError as error:
        reason = absence(error)
        return Unwritable(path, in_words(error)) if reason is None else Corrupt(session_id, path, 0, reason)
    try:
        # The views first: whoever drives the session meanwhile writes the journal before them.
        shown = shown_seq(folder)
        found = scan(read_all(descriptor))
    except OSError as error:
        os.close(descriptor)
        return Unwritable(path, in_words(error))
    if isinstance(found, Damage):
        os.close(descriptor)
        return Corrupt(session_id, path, found.line, found.reason)
    if not found.entries and not may_be_empty:
        os.close(descriptor)
        return Corrupt(session_id, path, 1, EMPTY)
    short = shortfall(found, shown)
    if short is not None:
        os.close(descriptor)
        return Corrupt(session_id, path, short.line, short.reason)
    return _Loaded(descriptor, found)


def absence(error: OSError) -> str | None:
    """Why there is no journal, if ``error`` came of looking for it because there is none; else None."""
    if isinstance(error, StandInError):
        return f"{MISSING}: {in_words(error)}"
    return MISSING if isinstance(error, FileNotFoundError) else None
