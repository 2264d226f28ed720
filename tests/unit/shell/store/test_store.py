"""The file store as a whole: how a session comes to be, what may not become a path, and how it goes."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from returns.result import Result

from durable_core.catalog.lookup import valid_session_id
from durable_shell.store.files.store import FileStore
from durable_shell.store.memory.kept import SharedMemory
from durable_shell.store.memory.store import MemoryStore
from durable_shell.store.port import (
    NAMING_BUSY,
    NotAFolder,
    NotFound,
    OutOfStep,
    Store,
    StoreError,
    Unwritable,
)
from tests.support.store_kit import ODD_EVENT, OTHER, SESSION, begun, entries, finished, folder_of, run, views

EVENT = {"type": "noted", "n": 1}

NOT_IDS = [
    "",
    ".",
    "..",
    "../../x",
    "/etc/passwd",
    SESSION.upper(),
    SESSION + "\n",
    "\n" + SESSION,
    SESSION + "/",
    SESSION[:-1],
    SESSION + "0",
    SESSION.replace("-", ""),
    SESSION.replace("a", "\uff41"),  # a full-width letter
    SESSION.replace("1", "\u0661"),  # an Arabic digit
    SESSION + "\0",
    "x" * 100_000,
    "\ud800",
]


def every_call(store: FileStore, session_id: str) -> list[Result[Any, StoreError]]:
    return [
        store.lease(session_id, now=1.0),
        store.read(session_id),
        store.publish(session_id, views()),
        store.snapshot(session_id),
        store.session_view(session_id),
        store.delete(session_id, force=False),
    ]


@pytest.mark.parametrize("text", NOT_IDS)
def test_what_is_not_an_id_names_no_session_and_touches_nothing(tmp_path: Path, text: str) -> None:
    store = finished(tmp_path)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    assert not valid_session_id(text)
    for done in (*every_call(store, text), store.looking(text), store.delete(text, force=True)):
        assert done.failure() == NotFound(text)
    assert store.holder(text) is None
    failure = store.create(text).failure()
    assert isinstance(failure, Unwritable)
    assert failure.path == str(tmp_path / "sessions")
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_an_id_that_is_not_there_is_not_found_and_nothing_is_made(tmp_path: Path) -> None:
    for done in every_call(FileStore(tmp_path), SESSION):
        assert done.failure() == NotFound(SESSION)
    assert list(tmp_path.iterdir()) == []


def test_a_home_below_a_file_is_unwritable_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = FileStore(tmp_path / "file" / ".strands")
    expected = Unwritable(
        str(folder_of(tmp_path / "file" / ".strands")), "a part of the path is not a folder"
    )
    assert store.create(SESSION).failure() == expected
    for done in (*every_call(store, SESSION), store.delete(SESSION, force=True)):
        assert done.failure() == expected
    with pytest.raises(NotADirectoryError):
        store.list()


def test_a_home_that_cannot_hold_files_is_unwritable(tmp_path: Path) -> None:
    failure = FileStore(Path("/proc/strands")).create(SESSION).failure()
    assert isinstance(failure, Unwritable)


def test_a_session_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    store = finished(tmp_path / "elsewhere")
    folder_of(tmp_path).parent.mkdir()
    folder_of(tmp_path).symlink_to(folder_of(tmp_path / "elsewhere"))
    linked = FileStore(tmp_path)
    for done in (*every_call(linked, SESSION), linked.looking(SESSION)):
        assert done.failure() == NotAFolder(SESSION, str(folder_of(tmp_path)), is_link=True)
    assert store.read(SESSION).unwrap() == entries(1)
    linked.delete(SESSION, force=True).unwrap()
    assert linked.list() == ()
    assert store.read(SESSION).unwrap() == entries(1)


def test_a_file_in_the_place_of_a_session_is_never_removed(tmp_path: Path) -> None:
    folder_of(tmp_path).parent.mkdir()
    folder_of(tmp_path).write_text("")
    for done in every_call(FileStore(tmp_path), SESSION):
        assert done.failure() == NotAFolder(SESSION, str(folder_of(tmp_path)), is_link=False)
    refused = FileStore(tmp_path).delete(SESSION, force=True).failure()
    assert refused == NotAFolder(SESSION, str(folder_of(tmp_path)), is_link=False)
    assert folder_of(tmp_path).exists()


def test_an_id_is_not_given_twice(tmp_path: Path) -> None:
    store = finished(tmp_path)
    taken = Unwritable(str(folder_of(tmp_path)), "a session with this id exists already")
    assert store.create(SESSION).failure() == taken
    store.create(OTHER).unwrap()
    assert isinstance(FileStore(tmp_path).create(OTHER).failure(), Unwritable)
    assert store.read(SESSION).unwrap() == entries(1)


def test_what_was_appended_is_read_back_by_another_store(tmp_path: Path) -> None:
    store: Store = FileStore(tmp_path)
    store.create(SESSION).unwrap()
    lease = store.lease(SESSION, now=1.0).unwrap()
    assert store.read(SESSION).unwrap() == ()
    assert store.append(lease, 0, 5, [ODD_EVENT, EVENT]).unwrap() == 2
    assert store.append(lease, 2, 6.25, [EVENT]).unwrap() == 3
    read = FileStore(tmp_path).read(SESSION).unwrap()
    assert [(entry.seq, entry.at, entry.token, entry.event) for entry in read] == [
        (1, 5.0, 1, ODD_EVENT),
        (2, 5.0, 1, EVENT),
        (3, 6.25, 1, EVENT),
    ]
    assert store.read(SESSION, after=2).unwrap() == read[2:]
    assert store.read(SESSION, after=3).unwrap() == ()
    assert store.read(SESSION, after=99).unwrap() == ()
    assert store.read(SESSION, after=-1).unwrap() == read


def test_before_its_first_commit_nobody_else_sees_a_session(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.create(SESSION).unwrap()
    lease = store.lease(SESSION, now=1.0).unwrap()
    other = FileStore(tmp_path)
    assert other.read(SESSION).failure() == NotFound(SESSION)
    assert other.list() == store.list() == ()
    assert store.append(lease, 0, 1.0, []).unwrap() == 0
    assert other.list() == ()
    store.append(lease, 0, 1001.0, [EVENT]).unwrap()
    assert other.read(SESSION).unwrap() == entries(1)
    assert [listed.session_id for listed in other.list()] == [SESSION]
    assert other.holder(SESSION) == lease.holder


def test_views_published_before_the_first_commit_come_along(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.create(SESSION).unwrap()
    store.publish(SESSION, views()).unwrap()
    lease = store.lease(SESSION, now=1.0).unwrap()
    store.publish(SESSION, views(pattern_state={"current_step": 2})).unwrap()
    assert store.list() == ()
    store.append(lease, 0, 1.0, [EVENT]).unwrap()
    assert [listed.workflow for listed in store.list()] == ["tale"]


def test_a_session_released_before_its_first_commit_was_never_there(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.create(SESSION).unwrap()
    store.release(store.lease(SESSION, now=1.0).unwrap())
    assert store.lease(SESSION, now=1.0).failure() == NotFound(SESSION)
    assert list((tmp_path / "sessions").iterdir()) == []
    store.create(SESSION).unwrap()


def test_a_process_that_dies_before_the_first_commit_leaves_nothing_that_lasts(tmp_path: Path) -> None:
    run(
        """
import os, signal, sys
from pathlib import Path
from durable_shell.store.files.store import FileStore
store = FileStore(Path(sys.argv[1]))
store.create(sys.argv[2]).unwrap()
store.lease(sys.argv[2], now=1.0).unwrap()
os._exit(0)
""",
        str(tmp_path),
        SESSION,
    )
    sessions = tmp_path / "sessions"
    assert [path.name for path in sessions.iterdir()] == [f".new_session_{SESSION}"]
    store = FileStore(tmp_path)
    assert store.list() == ()
    store.create(OTHER).unwrap()
    assert [path.name for path in sessions.iterdir()] == [f".new_session_{OTHER}"]


def test_leftovers_are_swept_up_and_what_is_in_the_making_or_strange_is_left_alone(tmp_path: Path) -> None:
    busy = FileStore(tmp_path)
    busy.create(SESSION).unwrap()
    sessions = tmp_path / "sessions"
    kept = [f".new_session_{SESSION}", ".new_things", ".gone_fishing", "notes"]
    for name in (*kept[1:], f".gone_session_{OTHER}", f".new_session_{OTHER}"):
        (sessions / name).mkdir()
        (sessions / name / "file").write_text("")
    third = OTHER.replace("b1", "c1")
    FileStore(tmp_path).create(third).unwrap()
    assert sorted(path.name for path in sessions.iterdir()) == sorted([*kept, f".new_session_{third}"])
    lease = busy.lease(SESSION, now=1.0).unwrap()
    assert busy.append(lease, 0, 1.0, [EVENT]).unwrap() == 1


@pytest.mark.parametrize("step", ["rename", "fsync"])
def test_a_first_commit_that_cannot_be_made_visible_is_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    store = FileStore(tmp_path)
    store.create(SESSION).unwrap()
    lease = store.lease(SESSION, now=1.0).unwrap()

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "gone")

    with monkeypatch.context() as broken:
        broken.setattr(os, step, fail)
        failure = store.append(lease, 0, 1.0, [EVENT]).failure()
    assert failure == Unwritable(str(folder_of(tmp_path)), "the disk reported an input/output error")
    assert isinstance(store.append(lease, 1, 1.0, [EVENT]).failure(), Unwritable)
    store.release(lease)
    assert store.list() == ()


def test_a_session_made_visible_by_a_commit_that_failed_late_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileStore(tmp_path)
    store.create(SESSION).unwrap()
    lease = store.lease(SESSION, now=1.0).unwrap()
    synced: list[int] = []

    def sync(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(errno.EIO, "gone")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", sync)
        assert isinstance(store.append(lease, 0, 1001.0, [EVENT]).failure(), Unwritable)
    assert store.read(SESSION).unwrap() == entries(1)
    store.release(lease)
    fresh = store.lease(SESSION, now=2.0).unwrap()
    assert store.read(SESSION).unwrap() == entries(1)
    assert store.append(fresh, 1, 1.0, [EVENT]).unwrap() == 2


def test_no_room_for_a_new_session_is_unwritable_and_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)
    real_open = os.open

    def no_room(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, "full")
        return real_open(path, flags, *rest, **named)

    with monkeypatch.context() as full:
        full.setattr(os, "open", no_room)
        failure = store.create(OTHER).failure()
    assert failure == Unwritable(str(folder_of(tmp_path, OTHER)), "no space left on the disk")
    assert [listed.session_id for listed in store.list()] == [SESSION]
    store.create(OTHER).unwrap()


@pytest.mark.parametrize("stage", ["made", "driven before"])
def test_no_room_to_write_the_lease_is_unwritable_and_keeps_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    store = finished(tmp_path)
    store.create(OTHER).unwrap()
    wanted = OTHER if stage == "made" else SESSION

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as disk:
        disk.setattr(os, "write", full)
        failure = store.lease(wanted, now=1.0).failure()
    assert failure == Unwritable(str(folder_of(tmp_path, wanted)), "no space left on the disk")
    assert store.lease(SESSION, now=1.0).unwrap().token == 2


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_files_are_for_their_owner_only_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    root = tmp_path / "home" / ".strands"
    before = os.umask(mask)
    try:
        store, _ = begun(root)
        store.publish(SESSION, views(refs={"agents/writer.yaml": b"x"})).unwrap()
    finally:
        os.umask(before)
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in (root, *root.rglob("*"))}
    assert {mode for path, mode in found.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in found.items() if path.is_file()} == {0o600}
    assert len(found) == 19


def test_what_is_committed_is_synced_up_to_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut after the first commit must find the file, and every folder on the way to it."""
    synced: set[str] = set()
    real_fsync, real_fdatasync = os.fsync, os.fdatasync

    def note(descriptor: int) -> None:
        synced.add(os.readlink(f"/proc/self/fd/{descriptor}"))

    def fsync(descriptor: int) -> None:
        note(descriptor)
        real_fsync(descriptor)

    def fdatasync(descriptor: int) -> None:
        note(descriptor)
        real_fdatasync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "fdatasync", fdatasync)
    begun(tmp_path / "home" / ".strands")
    sessions = tmp_path / "home" / ".strands" / "sessions"
    hidden = sessions / f".new_session_{SESSION}"
    # Also those that were there before: whoever made one of them may have died before it was synced.
    key = sessions.parent / f"origin_key.{os.getpid()}"  # as it is called until it is whole
    made = (key, hidden / ".origin", hidden / "journal.jsonl", hidden, sessions)
    assert synced == {str(path) for path in (*made, *sessions.parents)}


@pytest.mark.parametrize("kind", ["files", "memory"])
def test_a_lease_is_void_once_the_claim_that_it_came_of_is_let_go(kind: str, tmp_path: Path) -> None:
    store: Store = FileStore(tmp_path) if kind == "files" else MemoryStore(SharedMemory())
    store.create(SESSION).unwrap()
    first = store.lease(SESSION, now=1.0).unwrap()
    store.append(first, 0, 1.0, [{}]).unwrap()
    store.release(first)
    claim = store.claim(SESSION, now=2.0)
    assert not isinstance(claim, StoreError)
    lease = store.lease(SESSION, now=3.0).unwrap()
    claim.let_go()
    assert store.append(lease, 1, 4.0, [{}]).failure() == OutOfStep(SESSION, lease.token, 0, "token")
    assert not store.renew(lease, now=4.0)
    store.release(lease)  # nothing is left to give back
    assert store.lease(SESSION, now=5.0).unwrap().token == lease.token + 1


@pytest.mark.parametrize("kind", ["files", "memory"])
def test_one_at_a_time_names_sessions_and_others_wait(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("durable_shell.store.files.folders", "durable_shell.store.memory.store"):
        monkeypatch.setattr(f"{module}.NAMING_S", 0.02)
    stores: list[Store]
    if kind == "files":
        stores = [FileStore(tmp_path / "home"), FileStore(tmp_path / "home")]
    else:
        memory = SharedMemory()
        stores = [MemoryStore(memory), MemoryStore(memory)]
    claim = stores[0].naming()
    assert not isinstance(claim, StoreError)
    stores[0].create(SESSION).unwrap()  # who names a session begins one
    refused = stores[1].naming()
    assert isinstance(refused, Unwritable)
    assert refused.reason == NAMING_BUSY
    claim.let_go()
    other = stores[1].naming()
    claim.let_go()  # again: it is not ours any more
    assert isinstance(stores[0].naming(), Unwritable)
    assert not isinstance(other, StoreError)
    other.let_go()


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    finished(tmp_path, session_id=OTHER)
    before = count()
    store = finished(tmp_path)
    for _ in range(5):
        store.release(store.lease(SESSION, now=1.0).unwrap())
        store.publish(SESSION, views()).unwrap()
        store.snapshot(SESSION).unwrap()
        store.read(SESSION).unwrap()
        store.holder(SESSION)
        store.list()
        store.create(SESSION).failure()
    held, lease = begun(tmp_path, session_id=OTHER.replace("b1", "c1"))
    held.lease(lease.session_id, now=1.0).failure()
    held.delete(lease.session_id, force=True).failure()
    held.release(lease)
    (folder_of(tmp_path) / "journal.jsonl").write_bytes(b"{}\n{}\n")
    for done in every_call(store, SESSION)[1:]:
        done.swap()
    store.looking(SESSION).unwrap().close()
    store.delete(SESSION, force=True).unwrap()
    assert count() == before
