"""How a home knows its own sessions: by a mark, or by a folder that was made when the journal began."""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from durable_shell.store.files.birth import born_at
from durable_shell.store.files.origin import HOME_KEY, MARK
from durable_shell.store.files.store import FileStore
from tests.support.store_kit import OTHER, SESSION, finished, folder_of


def removed(path: Path) -> None:
    path.unlink(missing_ok=True)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def shortened(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30])


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(64))


def a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


SPOILT = [removed, emptied, shortened, zeroed, a_link, a_folder]


def ours(root: Path, session_id: str = SESSION) -> bool:
    return FileStore(root).is_ours(session_id).unwrap()


def begun_now(root: Path, session_id: str = SESSION) -> None:
    """A session whose lines have the time of this machine, as a driver writes them."""
    store = FileStore(root)
    started = time.time()
    store.create(session_id).unwrap()
    lease = store.lease(session_id, now=started).unwrap()
    store.append(lease, 0, time.time(), [{"type": "began", "at": started}]).unwrap()
    store.append(lease, 1, time.time(), [{"type": "noted", "at": time.time()}]).unwrap()
    store.release(lease)


def tells(folder: Path) -> bool:
    """Whether the file system says when a folder came into being."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return born_at(descriptor) is not None
    finally:
        os.close(descriptor)


@pytest.fixture(params=["the kernel", "a stand-in"])
def telling(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home where it is told when a folder came into being: by a stand-in where the kernel does not."""
    if request.param == "a stand-in" or not tells(tmp_path):
        births: dict[tuple[int, int], float] = {}
        make = os.mkdir

        def noting(path: str, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
            make(path, mode, dir_fd=dir_fd)
            made = os.stat(path, dir_fd=dir_fd)
            births[made.st_dev, made.st_ino] = time.time()

        def noted(descriptor: int) -> float | None:
            folder = os.fstat(descriptor)
            return births.get((folder.st_dev, folder.st_ino))

        monkeypatch.setattr(os, "mkdir", noting)
        monkeypatch.setattr("durable_shell.store.files.birth.born_at", noted)
    return tmp_path / "home"


def test_a_session_that_begins_here_is_ours_and_a_copy_in_another_home_is_not(tmp_path: Path) -> None:
    finished(tmp_path / "mine")
    finished(tmp_path / "other", session_id=OTHER)
    shutil.copytree(folder_of(tmp_path / "mine"), folder_of(tmp_path / "other"))
    assert ours(tmp_path / "mine")
    assert not ours(tmp_path / "other")
    FileStore(tmp_path / "other").trust(SESSION).unwrap()
    assert ours(tmp_path / "other")


def test_a_home_that_moved_as_a_whole_knows_its_sessions(tmp_path: Path) -> None:
    finished(tmp_path / "mine")
    shutil.copytree(tmp_path / "mine", tmp_path / "moved")
    assert ours(tmp_path / "moved")


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_key_that_is_no_key_stops_nobody_and_makes_no_session_ours(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    finished(tmp_path)
    spoil(tmp_path / HOME_KEY)
    assert not ours(tmp_path)
    finished(tmp_path, session_id=OTHER)
    assert ours(tmp_path, OTHER) is (spoil is not a_folder)
    FileStore(tmp_path).trust(SESSION).unwrap()
    assert ours(tmp_path) is (spoil is not a_folder)


def test_a_mark_that_was_made_with_an_emptied_key_is_not_believed(tmp_path: Path) -> None:
    finished(tmp_path)
    (tmp_path / HOME_KEY).write_bytes(b"")
    forged = hmac.new(b"", SESSION.encode(), hashlib.sha256).hexdigest()
    (folder_of(tmp_path) / MARK).write_text(forged)
    assert not ours(tmp_path)


def test_a_key_of_another_user_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(tmp_path)
    key = (tmp_path / HOME_KEY).read_bytes()

    def refused(name: str, *more: object, **named: object) -> int:
        if os.path.basename(name) == HOME_KEY:
            raise PermissionError(13, "Permission denied")
        return real(name, *more, **named)  # type: ignore[arg-type]  # passed on as it came

    real = os.open
    monkeypatch.setattr(os, "open", refused)
    assert not ours(tmp_path)
    finished(tmp_path, session_id=OTHER)
    FileStore(tmp_path).trust(SESSION).unwrap()
    monkeypatch.undo()
    assert (tmp_path / HOME_KEY).read_bytes() == key


@pytest.mark.parametrize("gone", [MARK, HOME_KEY])
def test_a_session_of_our_own_is_known_without_a_mark_by_when_its_folder_was_made(
    gone: str, telling: Path
) -> None:
    begun_now(telling)
    (folder_of(telling) / MARK if gone == MARK else telling / gone).unlink()
    assert ours(telling)


def test_a_copy_without_a_mark_is_younger_than_its_journal(telling: Path, tmp_path: Path) -> None:
    begun_now(telling)
    (folder_of(telling) / MARK).unlink()
    folder_of(telling).rename(tmp_path / "away")
    shutil.copytree(tmp_path / "away", folder_of(telling))
    assert not ours(telling)


def test_a_folder_that_was_moved_into_a_younger_home_did_not_begin_there(
    telling: Path, tmp_path: Path
) -> None:
    begun_now(telling)
    time.sleep(0.02)  # the kernel's time of birth is some milliseconds coarse
    (tmp_path / "young" / "sessions").mkdir(parents=True)
    folder_of(telling).rename(folder_of(tmp_path / "young"))
    assert not ours(tmp_path / "young")


def test_a_folder_of_another_user_did_not_begin_with_us(
    telling: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun_now(telling)
    (folder_of(telling) / MARK).unlink()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert not ours(telling)


def test_a_journal_that_says_it_began_long_before_or_after_its_folder_did_not_begin_here(
    telling: Path,
) -> None:
    finished(telling)  # its lines are of the year 1970
    store = FileStore(telling)
    store.create(OTHER).unwrap()
    lease = store.lease(OTHER, now=0.0).unwrap()
    store.append(lease, 0, time.time() + 3600, [{"type": "began", "at": time.time() + 1800}]).unwrap()
    store.release(lease)
    for session_id in (SESSION, OTHER):
        (folder_of(telling, session_id) / MARK).unlink()
        assert not ours(telling, session_id)


def test_where_the_file_system_does_not_tell_a_session_without_a_mark_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun_now(tmp_path)
    (folder_of(tmp_path) / MARK).unlink()
    monkeypatch.setattr("durable_shell.store.files.birth.born_at", lambda descriptor: None)
    assert not ours(tmp_path)
