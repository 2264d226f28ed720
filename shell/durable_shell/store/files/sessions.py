"""The sessions of the store that is made of files, one folder each: what is done with one that is open.

This module puts the parts together and turns what the system says into the store's errors; how a line, a
lease, a folder or a view is written stands in the module of that name. ``store`` loads it when it is needed.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from returns.result import Failure, Result, Success

from durable_core.catalog.lookup import valid_session_id
from durable_core.journal.leases import Holder
from durable_shell.store.disk import in_words
from durable_shell.store.files import folders
from durable_shell.store.files.journal_file import JournalFile, read_journal
from durable_shell.store.files.lease import acquire, live_holder
from durable_shell.store.files.locks import Locked, lock_session, open_session, session_path
from durable_shell.store.files.mending import FileLooking, FileMending
from durable_shell.store.files.origin import began_here, is_marked, mark_of
from durable_shell.store.files.views import ViewWriter, read_edited_view, read_snapshot
from durable_shell.store.port import (
    Claim,
    Corrupt,
    Entry,
    Held,
    Lease,
    Looking,
    Mending,
    NotAFolder,
    NotFound,
    OutOfStep,
    Snapshot,
    StoreError,
    Unwritable,
    Views,
)
from durable_shell.store.view_files import SPEC


class _Driven:
    """A session that this store object leases. The guards keep its files open while a call uses them."""

    def __init__(self, locked: Locked, journal: JournalFile) -> None:
        self.locked = locked
        self.lock = locked.lock
        self.journal = journal
        self.views = ViewWriter(locked.folder)
        self.released = False
        self.journal_guard = threading.Lock()
        self.views_guard = threading.Lock()  # a commit does not wait for views

    def in_force(self, token: int) -> int:
        """The token of the session's lease now: ``token`` if that is the one, else another or 0."""
        if self.released or token != self.lock.token:
            return 0
        return self.lock.token_in_force()


class FileSessions:
    """Sessions in files; see ``Store`` for what each call means, and ``FileStore`` for the arguments."""

    def __init__(self, root: str, command: str, clock: Callable[[], float]) -> None:
        self._root = root
        self._command = command
        self._clock = clock
        self._begun: dict[str, Locked] = {}
        self._claimed: dict[str, Locked] = {}
        self._driven: dict[str, _Driven] = {}

    def naming(self) -> Claim | StoreError:
        """See ``Store.naming``."""
        try:
            return folders.lock_names(self._root)
        except OSError as error:
            return Unwritable(self._root, in_words(error))

    def create(self, session_id: str) -> Result[None, StoreError]:
        """See ``Store.create``."""
        path = self._path(session_id)
        if not valid_session_id(session_id):
            return Failure(Unwritable(path, f"{session_id!r:.80} is not a session id"))
        try:
            with folders.sessions_folder(self._root, make=True) as sessions:
                folder, lock = folders.begin(sessions, session_id, lambda: mark_of(self._root, session_id))
        except OSError as error:
            return Failure(Unwritable(path, in_words(error)))
        self._begun[session_id] = Locked(folder, lock, visible=False)
        return Success(None)

    def is_ours(self, session_id: str) -> Result[bool, StoreError]:
        """See ``Store.is_ours``."""
        path = self._path(session_id)
        with self._opened(session_id) as folder:
            if not isinstance(folder, int):
                return Failure(folder)
            try:
                if is_marked(self._root, folder, session_id):
                    return Success(True)
                found = read_journal(folder, path, session_id, may_be_empty=False)
                if not isinstance(found, Success):
                    return Failure(found.failure())
                with folders.sessions_folder(self._root) as sessions:
                    return Success(began_here(sessions, folder, found.unwrap().entries[0]))
            except OSError as error:
                return Failure(Unwritable(path, in_words(error)))

    def trust(self, session_id: str) -> Result[None, StoreError]:
        """See ``Store.trust``."""
        with self._opened(session_id) as folder:
            if not isinstance(folder, int):
                return Failure(folder)
            try:
                folders.mark_as_ours(self._root, session_id, folder)
            except OSError as error:
                return Failure(Unwritable(self._path(session_id), in_words(error)))
        return Success(None)

    def adopt(self, session_id: str, locked: Locked) -> None:
        """Let the next ``lease`` of the session use a lock that was taken before."""
        self._claimed[session_id] = locked

    def is_begun(self, session_id: str) -> bool:
        """Whether this object made the session, and nothing was committed yet."""
        return not self._is_visible(session_id)

    def lease(self, session_id: str, *, now: float, dead: Holder | None = None) -> Result[Lease, StoreError]:
        """See ``Store.lease``."""
        locked = self._ours(session_id) or self._lock(session_id, now, dead)
        if not isinstance(locked, Locked):
            return Failure(locked)
        path = self._path(session_id)
        opened = JournalFile.open(locked.folder, path, session_id, may_be_empty=not locked.visible)
        if not isinstance(opened, Success):
            locked.lock.withdraw()
            self._let_go(session_id, locked)
            return Failure(opened.failure())
        journal, found = opened.unwrap()
        try:
            if locked.visible:
                # Whoever named the session may have died before its name was synced.
                with folders.sessions_folder(self._root) as sessions:
                    os.fsync(sessions)
            holder = locked.lock.claim(journal.last_token, now, self._command)
        except OSError as error:
            journal.close()
            self._let_go(session_id, locked)
            return Failure(Unwritable(path, in_words(error)))
        self._driven[session_id] = _Driven(locked, journal)
        return Success(Lease(session_id, holder.token, holder, found.torn))

    def append(
        self, lease: Lease, expected: int, at: float, events: Sequence[dict[str, Any]]
    ) -> Result[int, StoreError]:
        """See ``Store.append``."""
        driven = self._in_hand(lease.session_id)
        if driven is None:
            return Failure(OutOfStep(lease.session_id, lease.token, 0, "token"))
        with driven.journal_guard:
            try:
                in_force = driven.in_force(lease.token)
            except OSError as error:
                return Failure(Unwritable(self._path(lease.session_id), in_words(error)))
            if in_force != lease.token:
                return Failure(OutOfStep(lease.session_id, lease.token, in_force, "token"))
            done = driven.journal.append(expected, at, lease.token, events)
            if not events or not isinstance(done, Success):
                return done
            void = self._void_since(lease, driven)
            if void is not None:
                return Failure(void)
            if driven.locked.visible:
                return done
            return self._reveal(lease.session_id, driven).map(lambda _: done.unwrap())

    def read(self, session_id: str, after: int = 0) -> Result[tuple[Entry, ...], StoreError]:
        """See ``Store.read``."""
        with self._opened(session_id) as folder:
            if not isinstance(folder, int):
                return Failure(folder)
            new = not self._is_visible(session_id)
            found = read_journal(folder, self._path(session_id), session_id, may_be_empty=new)
            return found.map(lambda scan: scan.entries[max(after, 0) :])

    def publish(self, session_id: str, views: Views) -> Result[None, StoreError]:
        """See ``Store.publish``. Held if another driver has the session, OutOfStep if our lease is void."""
        driven = self._in_hand(session_id)
        try:
            if driven is None:
                return self._publish_undriven(session_id, views)
            with driven.views_guard:
                token = driven.lock.token
                in_force = driven.in_force(token)
                if in_force != token:
                    return Failure(OutOfStep(session_id, token, in_force, "token"))
                driven.views.publish(views)
        except OSError as error:
            return Failure(Unwritable(self._path(session_id), in_words(error)))
        return Success(None)

    def snapshot(self, session_id: str) -> Result[Snapshot, StoreError]:
        """See ``Store.snapshot``."""
        path = os.path.join(self._path(session_id), SPEC)
        with self._opened(session_id) as folder:
            if not isinstance(folder, int):
                return Failure(folder)
            try:
                return Success(read_snapshot(folder))
            except FileNotFoundError:
                return Failure(Corrupt(session_id, path, 0, "the spec as first run is missing"))
            except OSError as error:
                return Failure(Unwritable(path, in_words(error)))

    def session_view(self, session_id: str) -> Result[dict[str, Any] | None, StoreError]:
        """See ``Store.session_view``."""
        with self._opened(session_id) as folder:
            if not isinstance(folder, int):
                return Failure(folder)
            try:
                return read_edited_view(folder, session_id, self._path(session_id))
            except OSError as error:
                return Failure(Unwritable(self._path(session_id), in_words(error)))

    def delete(self, session_id: str, *, force: bool) -> Result[None, StoreError]:
        """See ``Store.delete``."""
        if session_id in self._begun:
            return Failure(NotFound(session_id))
        with self._opened(session_id) as folder:
            try:
                if isinstance(folder, NotAFolder) and folder.is_link and force:
                    with folders.sessions_folder(self._root) as sessions:
                        folders.remove_link(sessions, session_id)
                    return Success(None)
                if not isinstance(folder, int):
                    return Failure(folder)
                return self._delete_opened(session_id, folder, force=force)
            except OSError as error:
                return Failure(Unwritable(self._path(session_id), in_words(error)))

    def size(self, session_id: str) -> Result[int, StoreError]:
        """See ``Store.size``: the bytes in all files, as their lengths say."""
        with self._opened(session_id) as folder:
            if not isinstance(folder, int):
                return Failure(folder)
            try:
                return Success(folders.size(folder))
            except OSError as error:
                return Failure(Unwritable(self._path(session_id), in_words(error)))

    def looking(self, session_id: str) -> Result[Looking, StoreError]:
        """See ``Store.looking``."""
        folder = self._open(session_id)
        if not isinstance(folder, int):
            return Failure(folder)
        return Success(FileLooking(folder, self._path(session_id), self._clock))

    def mending(self, session_id: str, *, now: float) -> Result[Mending, StoreError]:
        """See ``Store.mending``."""
        locked = self._lock(session_id, now)
        if not isinstance(locked, Locked):
            return Failure(locked)
        path = self._path(session_id)
        try:
            return Success(FileMending(locked, path, self._clock))
        except OSError as error:
            locked.let_go()
            return Failure(Unwritable(path, in_words(error)))

    def release(self, lease: Lease) -> None:
        """See ``Store.release``."""
        driven = self._driven.get(lease.session_id)
        if driven is None or driven.lock.token != lease.token:
            return
        with driven.journal_guard, driven.views_guard:
            if driven.released:
                return
            driven.released = True
            del self._driven[lease.session_id]
            driven.journal.close()
            self._let_go(lease.session_id, driven.locked)

    def renew(self, lease: Lease, *, now: float) -> bool:
        """See ``Store.renew``."""
        driven = self._in_hand(lease.session_id)
        if driven is None:
            return False
        with driven.journal_guard:
            if driven.released or driven.lock.token != lease.token:
                return False
            try:
                return driven.lock.renew(now)
            except OSError:
                return True

    def holder(self, session_id: str) -> Holder | None:
        """See ``Store.holder``."""
        if session_id in self._begun:
            return None
        with self._opened(session_id) as folder, contextlib.suppress(OSError):
            return live_holder(folder, self._clock()) if isinstance(folder, int) else None
        return None

    def _in_hand(self, session_id: str) -> _Driven | None:
        """A session that a lease of ours is for; no more once the claim was let go that the lease came of."""
        driven = self._driven.get(session_id)
        if driven is None or driven.locked.is_open:
            return driven
        with driven.journal_guard, driven.views_guard:
            if not driven.released:
                driven.released = True
                driven.journal.close()
                del self._driven[session_id]
        return None

    def _path(self, session_id: str) -> str:
        return session_path(self._root, session_id)

    def _is_visible(self, session_id: str) -> bool:
        driven = self._driven.get(session_id)
        return session_id not in self._begun if driven is None else driven.locked.visible

    def _open(self, session_id: str) -> int | StoreError:
        return open_session(self._root, session_id, visible=self._is_visible(session_id))

    @contextlib.contextmanager
    def _opened(self, session_id: str) -> Iterator[int | StoreError]:
        folder = self._open(session_id)
        try:
            yield folder
        finally:
            if isinstance(folder, int):
                os.close(folder)

    def _ours(self, session_id: str) -> Locked | None:
        """The lock that ``create`` or a claim took, unless it was given back since."""
        begun, claimed = self._begun.pop(session_id, None), self._claimed.pop(session_id, None)
        return next((one for one in (begun, claimed) if one is not None and one.is_open), None)

    def _lock(self, session_id: str, now: float, dead: Holder | None = None) -> Locked | StoreError:
        visible = self._is_visible(session_id)
        return lock_session(self._root, session_id, now, self._command, visible=visible, dead=dead)

    def _let_go(self, session_id: str, locked: Locked) -> None:
        """Close a session, and forget it altogether if nothing was ever committed."""
        if not locked.visible:
            with contextlib.suppress(OSError), folders.sessions_folder(self._root) as sessions:
                folders.discard(sessions, session_id)
        locked.let_go()

    def _reveal(self, session_id: str, driven: _Driven) -> Result[None, StoreError]:
        path = self._path(session_id)
        try:
            with folders.sessions_folder(self._root) as sessions:
                folders.reveal(sessions, driven.locked.folder, session_id)
        except OSError as error:
            driven.journal.poison()
            driven.locked.visible = os.path.lexists(path)
            return Failure(Unwritable(path, in_words(error)))
        driven.locked.visible = True
        return Success(None)

    def _void_since(self, lease: Lease, driven: _Driven) -> StoreError | None:
        """Why what was just written does not count: another took the lease over between check and write.

        Where locks are not shared, whoever stood still meanwhile learns of it only now.
        """
        try:
            in_force = driven.in_force(lease.token)
        except OSError as error:
            driven.journal.poison()
            return Unwritable(self._path(lease.session_id), in_words(error))
        if in_force == lease.token:
            return None
        driven.journal.take_back()
        return OutOfStep(lease.session_id, lease.token, in_force, "token")

    def _publish_undriven(self, session_id: str, views: Views) -> Result[None, StoreError]:
        with self._opened(session_id) as folder:
            if not isinstance(folder, int):
                return Failure(folder)
            holder = None if session_id in self._begun else live_holder(folder, self._clock())
            if holder is not None:
                return Failure(Held(session_id, holder))
            ViewWriter(folder).publish(views)
        return Success(None)

    def _delete_opened(self, session_id: str, folder: int, *, force: bool) -> Result[None, StoreError]:
        try:
            # Not created here: on a full disk there would be no room for it, and removal must still work.
            lock = acquire(folder, self._clock(), create=False)
        except FileNotFoundError:
            return self._delete_locked(session_id, folder, force=force)
        if isinstance(lock, Holder):
            return Failure(Held(session_id, lock))
        try:
            return self._delete_locked(session_id, folder, force=force)
        finally:
            lock.release()

    def _delete_locked(self, session_id: str, folder: int, *, force: bool) -> Result[None, StoreError]:
        if not force:
            found = read_journal(folder, self._path(session_id), session_id, may_be_empty=False)
            if not isinstance(found, Success):
                return Failure(found.failure())
        with folders.sessions_folder(self._root) as sessions:
            folders.remove(sessions, session_id)
        return Success(None)
