"""The open journal: what a failing disk does to it, and that a commit is one write and one sync."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Corrupt, Damaged, OutOfStep, StoredJournal, Unwritable
from tests.support.stand_ins import STAND_INS
from tests.support.store_kit import SESSION, begun, entries, finished, folder_of, lines, run

EVENT = {"type": "noted", "n": 2}


def journal_of(root: Path) -> Path:
    return folder_of(root) / "journal.jsonl"


def failing(number: int) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "no space left on the disk"),
        (errno.EIO, "the disk reported an input/output error"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "permission denied"),
    ],
)
def test_a_refused_write_is_unwritable_in_words_and_leaves_the_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    store, lease = begun(tmp_path)
    before = journal_of(tmp_path).read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", failing(number))
        failed = store.append(lease, 1, 1002.0, [EVENT])
    assert failed.failure() == Unwritable(str(journal_of(tmp_path)), reason)
    assert journal_of(tmp_path).read_bytes() == before
    # There is room again: the same call goes through.
    assert store.append(lease, 1, 1002.0, [EVENT]).unwrap() == 2
    assert store.read(SESSION).unwrap() == entries(2)


def test_a_disk_that_fills_up_in_the_middle_of_a_line_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, lease = begun(tmp_path)
    before = journal_of(tmp_path).read_bytes()
    real_write = os.write
    room = 50

    def write(descriptor: int, data: Any) -> int:
        nonlocal room
        if room == 0:
            raise OSError(errno.ENOSPC, "full")
        written = real_write(descriptor, bytes(data)[: min(room, 20)])
        room -= written
        return written

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", write)
        failed = store.append(lease, 1, 1002.0, [EVENT])
    assert room == 0
    assert isinstance(failed.failure(), Unwritable)
    assert journal_of(tmp_path).read_bytes() == before
    assert store.append(lease, 1, 1002.0, [EVENT]).unwrap() == 2


def test_short_writes_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, lease = begun(tmp_path)
    real_write = os.write
    with monkeypatch.context() as slow:
        slow.setattr(os, "write", lambda descriptor, data: real_write(descriptor, bytes(data)[:7]))
        assert store.append(lease, 1, 1002.0, [EVENT]).unwrap() == 2
    assert store.read(SESSION).unwrap() == entries(2)


def test_a_write_that_takes_nothing_does_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, lease = begun(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", lambda *_: 0)
        assert isinstance(store.append(lease, 1, 1002.0, [EVENT]).failure(), Unwritable)


def test_after_a_failed_sync_the_journal_takes_nothing_until_it_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, lease = begun(tmp_path)
    before = journal_of(tmp_path).read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", failing(errno.EIO))
        assert isinstance(store.append(lease, 1, 1002.0, [EVENT]).failure(), Unwritable)
    assert journal_of(tmp_path).read_bytes() == before
    again = store.append(lease, 1, 1002.0, [EVENT]).failure()
    assert isinstance(again, Unwritable)
    assert again.reason == "an earlier write failed; open the session again"
    store.release(lease)
    fresh = store.lease(SESSION, now=2000.0).unwrap()
    assert store.append(fresh, 1, 1002.0, [EVENT]).unwrap() == 2


def test_where_the_end_cannot_be_cut_off_the_journal_takes_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, lease = begun(tmp_path)
    real_write = os.write
    with monkeypatch.context() as broken:
        parts = iter([10])

        def write(descriptor: int, data: Any) -> int:
            for length in parts:
                return real_write(descriptor, bytes(data)[:length])
            raise OSError(errno.EIO, "gone")

        broken.setattr(os, "write", write)
        broken.setattr(os, "ftruncate", failing(errno.EIO))
        assert isinstance(store.append(lease, 1, 1002.0, [EVENT]).failure(), Unwritable)
    assert isinstance(store.append(lease, 1, 1002.0, [EVENT]).failure(), Unwritable)
    store.release(lease)
    reopened = store.lease(SESSION, now=2000.0).unwrap()
    assert reopened.torn_bytes == 10
    assert store.read(SESSION).unwrap() == entries(1)


def test_a_file_size_limit_set_by_the_system_loses_nothing(tmp_path: Path) -> None:
    """The kernel itself takes a part of a line and refuses the rest; no function is replaced here."""
    program = """
import resource, sys
from pathlib import Path
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Unwritable
store = FileStore(Path(sys.argv[1]))
session = sys.argv[2]
store.create(session).unwrap()
lease = store.lease(session, now=1.0).unwrap()
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
last = 0
while True:
    done = store.append(lease, last, 1.0, [{"text": "x" * 300}])
    if isinstance(failure := done.swap().value_or(None), Unwritable):
        break
    last = done.unwrap()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert len(store.read(session).unwrap()) == last > 5
assert store.append(lease, last, 2.0, [{"text": "room again"}]).unwrap() == last + 1
print(last, failure.reason)
"""
    last, _, reason = run(program, str(tmp_path), SESSION).strip().partition(" ")
    assert reason == "the file would become larger than is allowed"
    assert len(FileStore(tmp_path).read(SESSION).unwrap()) == int(last) + 1


def test_one_append_is_one_write_and_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, lease = begun(tmp_path)
    calls: list[str] = []
    real_write, real_sync = os.write, os.fdatasync

    def write(descriptor: int, data: Any) -> int:
        calls.append("write")
        return real_write(descriptor, data)

    def sync(descriptor: int) -> None:
        calls.append("sync")
        real_sync(descriptor)

    monkeypatch.setattr(os, "write", write)
    monkeypatch.setattr(os, "fdatasync", sync)
    monkeypatch.setattr(os, "fsync", failing(errno.EIO))
    assert store.append(lease, 1, 1002.0, [EVENT, EVENT, EVENT]).unwrap() == 4
    assert calls == ["write", "sync"]


def test_nothing_to_append_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, lease = begun(tmp_path)
    monkeypatch.setattr(os, "write", failing(errno.EIO))
    assert store.append(lease, 1, 1002.0, []).unwrap() == 1


@pytest.mark.parametrize("expected", [0, 1, 3, -1])
def test_an_append_at_the_wrong_place_is_out_of_step(tmp_path: Path, expected: int) -> None:
    store, lease = begun(tmp_path, count=2)
    failed = store.append(lease, expected, 1.0, [EVENT])
    assert failed.failure() == OutOfStep(SESSION, expected, 2)
    assert store.read(SESSION).unwrap() == entries(2)


def test_a_journal_that_something_else_wrote_to_is_out_of_step(tmp_path: Path) -> None:
    store, lease = begun(tmp_path)
    with journal_of(tmp_path).open("ab") as file:
        file.write(b"x")
    failure = store.append(lease, 1, 1.0, [EVENT]).failure()
    assert isinstance(failure, OutOfStep)
    assert failure.what == "journal length in bytes"


def test_opening_to_drive_cuts_a_torn_end_off_and_says_how_long_it_was(tmp_path: Path) -> None:
    store = finished(tmp_path, count=2)
    with journal_of(tmp_path).open("ab") as file:
        file.write(b'{"seq":3,"at"')
    lease = store.lease(SESSION, now=2000.0).unwrap()
    assert lease.torn_bytes == 13
    assert journal_of(tmp_path).read_bytes() == lines(entries(2))


def test_reading_cuts_nothing_off(tmp_path: Path) -> None:
    store = finished(tmp_path, count=2)
    torn = journal_of(tmp_path).read_bytes() + b'{"seq":3,"at"'
    journal_of(tmp_path).write_bytes(torn)
    assert store.read(SESSION).unwrap() == entries(2)
    assert journal_of(tmp_path).read_bytes() == torn


def test_what_a_killed_driver_left_unsynced_is_synced_before_it_is_acted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)
    monkeypatch.setattr(os, "fdatasync", failing(errno.EIO))
    failure = store.lease(SESSION, now=2000.0).failure()
    assert failure == Unwritable(str(journal_of(tmp_path)), "the disk reported an input/output error")
    assert store.holder(SESSION) is None


@pytest.mark.parametrize("content", [b"", b'{"seq":1,"at":10', b"\0" * 100], ids=["empty", "torn", "zeros"])
def test_a_journal_without_one_whole_line_is_corrupt(tmp_path: Path, content: bytes) -> None:
    store = finished(tmp_path)
    journal_of(tmp_path).write_bytes(content)
    expected = Corrupt(SESSION, str(journal_of(tmp_path)), 1, "the journal is empty; nothing was committed")
    assert store.read(SESSION).failure() == expected
    assert store.lease(SESSION, now=1.0).failure() == expected
    assert journal_of(tmp_path).read_bytes() == content
    assert store.holder(SESSION) is None


def test_a_changed_line_is_corrupt_and_named_and_nothing_is_cut_off(tmp_path: Path) -> None:
    store = finished(tmp_path, count=3)
    changed = journal_of(tmp_path).read_bytes().replace(b'"n":2', b'"n":9')
    journal_of(tmp_path).write_bytes(changed)
    expected = Corrupt(SESSION, str(journal_of(tmp_path)), 2, "the line does not match its hash")
    assert store.read(SESSION).failure() == expected
    assert store.lease(SESSION, now=1.0).failure() == expected
    assert journal_of(tmp_path).read_bytes() == changed


def test_a_missing_journal_is_corrupt(tmp_path: Path) -> None:
    store = finished(tmp_path)
    journal_of(tmp_path).unlink()
    expected = Corrupt(SESSION, str(journal_of(tmp_path)), 0, "the journal is missing")
    assert store.read(SESSION).failure() == expected
    assert store.lease(SESSION, now=1.0).failure() == expected
    assert not journal_of(tmp_path).exists()


@pytest.mark.parametrize("kind", STAND_INS)
def test_what_stands_in_the_place_of_a_journal_is_corrupt_and_named_at_once(
    tmp_path: Path, kind: str
) -> None:
    store = finished(tmp_path)
    put, reason = STAND_INS[kind]
    put(journal_of(tmp_path))
    expected = Corrupt(SESSION, str(journal_of(tmp_path)), 0, f"the journal is missing: {reason}")
    assert store.read(SESSION).failure() == expected
    assert store.lease(SESSION, now=1.0).failure() == expected
    with contextlib.closing(store.looking(SESSION).unwrap()) as looking:
        assert looking.journal() == StoredJournal((), 0, Damaged(0, expected.reason), (), shown=0)


def test_a_journal_that_cannot_be_read_is_unwritable_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(os, "pread", failing(errno.EIO))
        failure = store.read(SESSION).failure()
        assert failure == Unwritable(str(journal_of(tmp_path)), "the disk reported an input/output error")
        assert store.lease(SESSION, now=1.0).failure() == Unwritable(str(folder_of(tmp_path)), failure.reason)
        assert isinstance(store.delete(SESSION, force=False).failure(), Unwritable)
    assert store.read(SESSION).unwrap() == entries(1)


@pytest.mark.parametrize("end", [b"", b"J", b"\0", b"\0\0\0", b'\0{"seq":3,"at'])
def test_a_last_line_without_its_line_feed_counts_and_gets_it_back(tmp_path: Path, end: bytes) -> None:
    store = finished(tmp_path, count=2)
    journal_of(tmp_path).write_bytes(lines(entries(2))[:-1] + end)
    assert store.read(SESSION).unwrap() == entries(2)
    lease = store.lease(SESSION, now=2.0).unwrap()
    assert lease.torn_bytes == max(0, len(end) - 1)
    assert journal_of(tmp_path).read_bytes() == lines(entries(2))
    assert store.append(lease, 2, 1003.0, [{"type": "noted", "n": 3}]).unwrap() == 3
    assert [entry.seq for entry in store.read(SESSION).unwrap()] == [1, 2, 3]
