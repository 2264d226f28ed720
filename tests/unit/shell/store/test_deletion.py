"""Deleting: never under a driver, never half, never what might be repaired unless it is forced."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Corrupt, Held, NotFound, OutOfStep, Unwritable
from tests.support.store_kit import OTHER, SESSION, begun, entries, finished, folder_of, views

EVENT = {"type": "noted", "n": 1}


def test_a_deleted_session_is_gone(tmp_path: Path) -> None:
    store = finished(tmp_path)
    finished(tmp_path, session_id=OTHER)
    store.publish(SESSION, views()).unwrap()
    store.delete(SESSION, force=False).unwrap()
    assert store.delete(SESSION, force=True).failure() == NotFound(SESSION)
    assert [path.name for path in (tmp_path / "sessions").iterdir()] == [f"session_{OTHER}"]


@pytest.mark.parametrize("force", [False, True])
def test_a_driven_session_is_not_deleted(tmp_path: Path, force: bool) -> None:
    store, lease = begun(tmp_path)
    for other in (store, FileStore(tmp_path)):
        assert other.delete(SESSION, force=force).failure() == Held(SESSION, lease.holder)
    assert store.append(lease, 1, 1.0, [EVENT]).unwrap() == 2


def test_a_damaged_session_is_deleted_only_with_force(tmp_path: Path) -> None:
    store = finished(tmp_path)
    (folder_of(tmp_path) / "journal.jsonl").write_bytes(b"{}\n{}\n")
    assert isinstance(store.delete(SESSION, force=False).failure(), Corrupt)
    assert folder_of(tmp_path).exists()
    store.delete(SESSION, force=True).unwrap()
    assert not folder_of(tmp_path).exists()


def test_a_session_without_a_lease_file_is_deleted_without_making_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)
    (folder_of(tmp_path) / ".lease").unlink()
    real_open = os.open

    def no_room(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, "full")
        return real_open(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", no_room)
    store.delete(SESSION, force=True).unwrap()
    assert not folder_of(tmp_path).exists()


def test_a_deletion_cut_short_leaves_no_session_and_is_ended_by_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(shutil, "rmtree", lambda *_, **__: None)
        store.delete(SESSION, force=True).unwrap()
    assert store.list() == ()
    assert store.read(SESSION).failure() == NotFound(SESSION)
    assert len(list((tmp_path / "sessions").iterdir())) == 1
    finished(tmp_path)
    store.delete(SESSION, force=True).unwrap()
    assert list((tmp_path / "sessions").iterdir()) == []


def test_what_an_earlier_deletion_left_is_not_in_the_way_of_a_later_one(tmp_path: Path) -> None:
    store = finished(tmp_path)
    leftover = tmp_path / "sessions" / f".gone_session_{SESSION}"
    leftover.mkdir()
    (leftover / "file").write_text("")
    store.delete(SESSION, force=False).unwrap()
    assert list((tmp_path / "sessions").iterdir()) == []


def test_a_deletion_that_fails_says_so_and_keeps_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    with monkeypatch.context() as broken:
        broken.setattr(os, "rename", refuse)
        failure = store.delete(SESSION, force=True).failure()
    assert failure == Unwritable(str(folder_of(tmp_path)), "permission denied")
    assert store.read(SESSION).unwrap() == entries(1)
    assert store.holder(SESSION) is None


def test_a_session_deleted_by_hand_under_its_driver_stops_it(tmp_path: Path) -> None:
    store, lease = begun(tmp_path)
    shutil.rmtree(folder_of(tmp_path))
    assert store.append(lease, 1, 1.0, [EVENT]).failure() == OutOfStep(SESSION, 1, 0, "token")
    assert store.publish(SESSION, views()).failure() == OutOfStep(SESSION, 1, 0, "token")
    store.release(lease)
    assert not folder_of(tmp_path).exists()
