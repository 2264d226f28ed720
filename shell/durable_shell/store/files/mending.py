"""Looking at the files of one session, and putting them right while its lock is held.

Nothing here decides: what the journal means and what may be cut is for the caller to say. A file that is cut
or in the way is kept beside its place, under its name and ``.damaged-<time>``.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from durable_core.journal.leases import Holder
from durable_shell.store.disk import is_shortage, make_folder, open_folder, read_file
from durable_shell.store.files.journal import EMPTY, Damage, Scan, scan, shortfall, unharmed
from durable_shell.store.files.journal_file import absence
from durable_shell.store.files.lease import last_token, live_holder
from durable_shell.store.files.locks import Locked
from durable_shell.store.files.names import JOURNAL
from durable_shell.store.files.views import (
    message_names,
    read_session_view,
    replace_file,
    shown_seq,
    sync_names,
)
from durable_shell.store.port import Damaged, StoredJournal, Views
from durable_shell.store.view_files import beyond, differences, files_of


class FileLooking:
    """The files of a session, whoever has its lock. Implements ``durable_shell.store.port.Looking``."""

    def __init__(self, folder: int, path: str, clock: Callable[[], float]) -> None:
        """``folder`` is a descriptor, closed at the end; ``path`` is the same folder's, for messages."""
        self.path = path
        self.journal_path = f"{path}/{JOURNAL}"
        self.folder = folder
        self._clock = clock

    def close(self) -> None:
        """See ``Looking.close``."""
        os.close(self.folder)

    def holder(self) -> Holder | None:
        """See ``Looking.holder``."""
        return live_holder(self.folder, self._clock())

    def token(self) -> int:
        """See ``Looking.token``."""
        return last_token(self.folder)

    def journal(self, *, was_cut: bool = False) -> StoredJournal:
        """See ``Looking.journal``."""
        # The view first: whoever drives the session meanwhile writes the journal before it.
        shown = 0 if was_cut else shown_seq(self.folder)
        try:
            data = read_file(JOURNAL, self.folder)
        except OSError as error:
            reason = absence(error)
            if reason is None:
                raise
            return StoredJournal((), 0, Damaged(0, reason), (), shown)
        found = scan(data)
        if isinstance(found, Scan):
            short = shortfall(found, shown)
            if found.entries and short is None:
                return StoredJournal(found.entries, found.torn, None, (), shown)
            found = short if found.entries and short is not None else Damage(0, EMPTY, found)
        behind = [line for line in data[found.good.length :].split(b"\n") if line]
        damage = Damaged(found.line, found.reason)
        return StoredJournal(found.good.entries, found.good.torn, damage, tuple(unharmed(behind)), shown)

    def session_view(self) -> dict[str, Any] | None:
        """See ``Looking.session_view``."""
        try:
            return read_session_view(self.folder)
        except OSError as error:
            if is_shortage(error):
                raise  # what a person edited there must not be taken for lost
            return None

    def differences(self, views: Views) -> dict[str, str]:
        """See ``Looking.differences``."""
        read = partial(_read, self.folder)
        return differences(files_of(views), read, message_names(self.folder))

    def messages_beyond(self, counts: Mapping[str, int]) -> tuple[str, ...]:
        """See ``Looking.messages_beyond``."""
        return beyond(counts, message_names(self.folder))


class FileMending(FileLooking):
    """The files of a session whose lock is held. Implements ``durable_shell.store.port.Mending``."""

    def __init__(self, locked: Locked, path: str, clock: Callable[[], float]) -> None:
        """``locked`` is let go at the end. OSError, and it is still held."""
        super().__init__(locked.folder, path, clock)
        self._locked = locked
        sync_names(locked.folder)

    def close(self) -> None:
        """See ``Looking.close``: others have the session again."""
        self._locked.let_go()

    def cut(self, entries: int) -> str:
        """See ``Mending.cut``. The old file gets a second name, then the new one takes its place."""
        data = read_file(JOURNAL, self.folder)
        found = scan(data)
        good = found.good if isinstance(found, Damage) else found
        # without the last line feed, which may be missing or have become another byte
        kept = b"".join(line + b"\n" for line in data[: good.length - 1].split(b"\n")[:entries])
        name = _free_name(self.folder, JOURNAL)
        os.link(JOURNAL, name, src_dir_fd=self.folder, dst_dir_fd=self.folder, follow_symlinks=False)
        os.fsync(self.folder)
        replace_file(self.folder, JOURNAL, kept, durable=True)
        return name

    def rebuild(self, paths: Sequence[str], views: Views) -> tuple[str, ...]:
        """See ``Mending.rebuild``."""
        due = files_of(views)
        aside: list[str] = []
        for path in paths:
            *above, name = path.split("/")
            with self._made(above) as folder:
                if path in due:
                    self._clear(folder, name)
                    replace_file(folder, name, due[path], durable=True)
                else:
                    kept = _free_name(folder, name)
                    os.rename(name, kept, src_dir_fd=folder, dst_dir_fd=folder)
                    os.fsync(folder)
                    aside.append("/".join((*above, kept)))
        return tuple(aside)

    @contextlib.contextmanager
    def _made(self, parts: Sequence[str]) -> Iterator[int]:
        folder = os.dup(self.folder)
        try:
            for part in parts:
                self._clear(folder, part, may_be_folder=True)
                make_folder(part, folder)
                below = open_folder(part, folder)
                os.close(folder)
                folder = below
            yield folder
        finally:
            os.close(folder)

    def _clear(self, folder: int, name: str, *, may_be_folder: bool = False) -> None:
        """Move what is in the way of a file, or of a folder, aside. A link is moved, never followed."""
        import stat

        try:
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return
        if not (stat.S_ISDIR(mode) if may_be_folder else stat.S_ISREG(mode)):
            os.rename(name, _free_name(folder, name), src_dir_fd=folder, dst_dir_fd=folder)


def _free_name(folder: int, name: str) -> str:
    """A name beside ``name`` under which it can be kept, that nothing has yet."""
    first = f"{name}.damaged-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    names = set(os.listdir(folder))
    return next(one for one in (first, *(f"{first}-{n}" for n in range(2, 10_000))) if one not in names)


def _read(folder: int, path: str) -> bytes:
    name, _, rest = path.partition("/")
    if not rest:
        return read_file(name, folder)
    below = open_folder(name, folder)
    try:
        return _read(below, rest)
    finally:
        os.close(below)
