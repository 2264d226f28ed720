"""The lease: one driver at a time, a dead one is never waited for, and an old one can't write any more."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import pytest

from durable_core.journal.leases import LEASE_S
from durable_shell.store.files import lease, locks
from durable_shell.store.files.lease import UNKNOWN_HOLDER, LeaseFile, acquire, process_start
from durable_shell.store.files.locks import Locked, open_session
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Corrupt, Held, Holder, NotFound, OutOfStep, Unwritable
from tests.support.store_kit import SESSION, begun, entries, finished, folder_of, start, views

EVENT = {"type": "noted", "n": 2}

# Takes the lease of the session argv[2] under argv[1], says its token, and sleeps until it is killed.
DRIVER = """
import sys
from pathlib import Path
from durable_shell.store.files.store import FileStore
store = FileStore(Path(sys.argv[1]), command="strands resume")
lease = store.lease(sys.argv[2], now=5.0).unwrap()
print(lease.token, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A second process that holds the lease of a finished session."""
    finished(tmp_path)
    process = start(DRIVER, str(tmp_path), SESSION)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "2\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def folder(root: Path) -> Iterator[int]:
    """A descriptor of the session's folder."""
    opened = open_session(str(root), SESSION)
    assert isinstance(opened, int)
    try:
        yield opened
    finally:
        os.close(opened)


def lease_file(root: Path) -> Path:
    return folder_of(root) / ".lease"


def test_there_is_no_lease_of_a_session_that_is_not_there(tmp_path: Path) -> None:
    assert FileStore(tmp_path).lease(SESSION, now=1.0).failure() == NotFound(SESSION)
    assert list(tmp_path.iterdir()) == []


def never(seconds: float) -> None:
    raise AssertionError(f"waited {seconds} s")


def test_a_second_process_is_told_at_once_who_holds_it(
    tmp_path: Path, driver: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", never)
    failure = FileStore(tmp_path).lease(SESSION, now=9.0).failure()
    assert isinstance(failure, Held)
    holder = failure.holder
    assert (holder.pid, holder.host) == (driver.pid, os.uname().nodename)
    assert (holder.token, holder.since, holder.command) == (2, 5.0, "strands resume")
    assert holder.process_start == process_start(driver.pid)
    assert FileStore(tmp_path).holder(SESSION) == holder


def test_a_driver_that_has_not_put_its_name_down_yet_is_not_taken_for_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)  # the lease file names this process, which has given the lease back
    new = store.lease(SESSION, now=5.0).unwrap()
    named = lease_file(tmp_path).read_bytes()
    store.release(new)
    before = lease_file(tmp_path).read_bytes()
    again = FileStore(tmp_path).lease(SESSION, now=6.0).unwrap()
    lease_file(tmp_path).write_bytes(before)  # as if it had the lock and no name there
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1000:  # long after somebody of whom nothing is known would have been given up
            lease_file(tmp_path).write_bytes(named)

    monkeypatch.setattr(time, "sleep", sleep)
    assert FileStore(tmp_path).lease(SESSION, now=7.0).failure() == Held(SESSION, new.holder)
    assert again.token == new.token + 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_death_of_the_holder_frees_the_lease(
    tmp_path: Path, driver: subprocess.Popen[str], number: signal.Signals
) -> None:
    driver.send_signal(number)
    driver.wait()
    store = FileStore(tmp_path)
    assert store.holder(SESSION) is None
    lease = store.lease(SESSION, now=9.0).unwrap()
    assert lease.token == 3
    assert store.append(lease, 1, 1002.0, [EVENT]).unwrap() == 2


def test_a_child_of_the_holder_does_not_keep_the_lease_alive(tmp_path: Path) -> None:
    """A tool may fork a helper that outlives the driver: the kernel would hand it the lock."""
    finished(tmp_path)
    program = DRIVER.replace("print(lease", "import os, time\nif os.fork() == 0: time.sleep(60)\nprint(lease")
    process = start(program, str(tmp_path), SESSION)
    assert process.stdout is not None
    assert process.stdout.readline() == "2\n"
    child = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
    try:
        assert isinstance(FileStore(tmp_path).lease(SESSION, now=9.0).failure(), Held)
        process.kill()
        process.wait()
        assert FileStore(tmp_path).lease(SESSION, now=9.0).unwrap().token == 3
    finally:
        os.kill(child, signal.SIGKILL)
        process.communicate()


def test_the_same_process_cannot_take_it_twice(tmp_path: Path) -> None:
    store, lease = begun(tmp_path)
    for other in (store, FileStore(tmp_path)):
        assert other.lease(SESSION, now=2.0).failure() == Held(SESSION, lease.holder)
    assert store.append(lease, 1, 1002.0, [EVENT]).unwrap() == 2


def test_a_question_about_the_holder_never_makes_a_taker_fail(tmp_path: Path) -> None:
    """Asking takes the lock for a moment; a taker that meets a question waits that moment out."""
    finished(tmp_path)
    asker = start(
        """
import sys
from pathlib import Path
from durable_shell.store.files.store import FileStore
store = FileStore(Path(sys.argv[1]))
print("asking", flush=True)
while True:
    store.holder(sys.argv[2])
""",
        str(tmp_path),
        SESSION,
    )
    try:
        assert asker.stdout is not None
        assert asker.stdout.readline() == "asking\n"
        store = FileStore(tmp_path)
        for turn in range(100):
            store.release(store.lease(SESSION, now=float(turn)).unwrap())
    finally:
        asker.kill()
        asker.communicate()


def test_a_question_is_no_driver_though_the_file_still_names_one_that_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A driver could not write that it gave the lease back, and its process goes on with something else."""
    store, lease = begun(tmp_path)
    with monkeypatch.context() as patches:
        patches.setattr(LeaseFile, "_say_until", lambda *_: None)
        store.release(lease)
    with open(lease_file(tmp_path), "rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        monkeypatch.setattr(time, "sleep", lambda _: fcntl.flock(asking, fcntl.LOCK_UN))
        assert store.lease(SESSION, now=2.0).unwrap().token == 2


def test_a_driver_that_has_not_put_its_name_down_yet_is_waited_for_to_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)
    with folder(tmp_path) as opened:
        lock = acquire(opened, 5.0)
        assert isinstance(lock, LeaseFile)
        monkeypatch.setattr(time, "sleep", lambda _: lock.claim(0, 5.0, "strands resume"))
        failure = store.lease(SESSION, now=5.0).failure()
        assert failure == Held(SESSION, lock.holder)
        lock.release()


def test_a_lease_that_is_claimed_again_keeps_its_token_unless_a_higher_one_is_due(tmp_path: Path) -> None:
    finished(tmp_path)
    with folder(tmp_path) as opened:
        lock = acquire(opened, 5.0)
        assert isinstance(lock, LeaseFile)
        tokens = [lock.claim(at_least, 5.0, "strands resume").token for at_least in (0, 0, 1, 5, 2)]
        assert tokens == [2, 2, 2, 6, 6]
        text = lease_file(tmp_path).read_text()
        lease_file(tmp_path).write_text(text.replace('"pid": ', '"pid": 1'))  # another machine has claimed it
        assert lock.claim(0, 5.0, "strands resume").token == 7
        lock.release()


def test_a_look_at_the_lease_in_the_middle_of_a_renewal_waits_for_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(tmp_path)
    halfway, go_on = threading.Event(), threading.Event()

    def in_two_pieces(descriptor: int, text: bytes) -> None:
        within = text.index(b"1234567.89")  # of the time until when it is held
        os.write(descriptor, text[: within + 9])
        halfway.set()
        go_on.wait()
        os.write(descriptor, text[within + 9 :])

    with folder(tmp_path) as opened, ThreadPoolExecutor(2) as threads:
        lock = acquire(opened, 5.0)
        assert isinstance(lock, LeaseFile)
        lock.claim(0, 5.0, "strands resume")
        with monkeypatch.context() as patches:
            patches.setattr(lease, "write_all", in_two_pieces)
            renewed = threads.submit(lock.renew, 1234567.890123 - LEASE_S)
            assert halfway.wait(30)
            looked = threads.submit(lock.token_in_force)
            wait([looked], timeout=0.2)
            go_on.set()
            assert (renewed.result(), looked.result()) == (True, lock.token)
        lock.release()


@pytest.mark.parametrize(
    "text", [None, b"", b"garbage", b" " * 600], ids=["as it was", "empty", "odd", "long"]
)
def test_a_lease_of_a_damaged_session_changes_nothing_in_its_file(tmp_path: Path, text: bytes | None) -> None:
    store = finished(tmp_path)
    (folder_of(tmp_path) / "journal.jsonl").write_bytes(b"damaged\n")
    if text is not None:
        lease_file(tmp_path).write_bytes(text)
    before = lease_file(tmp_path).read_bytes()
    assert isinstance(store.lease(SESSION, now=2.0).failure(), Corrupt)
    assert lease_file(tmp_path).read_bytes() == before
    assert store.holder(SESSION) is None


def test_a_claim_is_the_lock_that_the_store_drives_under(tmp_path: Path) -> None:
    finished(tmp_path)
    store = FileStore(tmp_path, command="strands resume")
    claim = store.claim(SESSION, now=5.0)
    assert isinstance(claim, Locked)
    held = Held(SESSION, claim.lock.holder)
    assert FileStore(tmp_path).lease(SESSION, now=5.0).failure() == held
    assert FileStore(tmp_path).claim(SESSION, now=5.0) == held
    lease = store.lease(SESSION, now=6.0).unwrap()
    assert (lease.token, lease.holder.since, lease.holder.command) == (2, 6.0, "strands resume")
    assert store.append(lease, 1, 1002.0, [EVENT]).unwrap() == 2
    store.release(lease)
    claim.let_go()  # nothing is left to give back
    assert store.holder(SESSION) is None


def test_a_claim_that_was_let_go_is_no_lease(tmp_path: Path) -> None:
    finished(tmp_path)
    store = FileStore(tmp_path)
    claim = store.claim(SESSION, now=5.0)
    assert isinstance(claim, Locked)
    claim.let_go()
    other = FileStore(tmp_path).lease(SESSION, now=6.0).unwrap()
    assert store.lease(SESSION, now=6.0).failure() == Held(SESSION, other.holder)


def test_a_lock_on_which_no_name_can_be_put_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patches:
        patches.setattr(LeaseFile, "_write", full)
        expected = Unwritable(str(folder_of(tmp_path)), "no space left on the disk")
        assert store.lease(SESSION, now=2.0).failure() == expected
    assert store.lease(SESSION, now=2.0).unwrap().token == 2


def test_a_released_lease_can_be_taken_again_and_the_old_one_is_void(tmp_path: Path) -> None:
    store, lease = begun(tmp_path)
    store.release(lease)
    assert store.holder(SESSION) is None
    assert store.append(lease, 1, 1.0, [EVENT]).failure() == OutOfStep(SESSION, 1, 0, "token")
    fresh = store.lease(SESSION, now=2.0).unwrap()
    assert fresh.token == 2
    assert store.append(lease, 1, 1.0, [EVENT]).failure() == OutOfStep(SESSION, 1, 0, "token")
    store.release(lease)  # does nothing: it is not the lease in force
    assert store.append(fresh, 1, 1002.0, [EVENT]).unwrap() == 2
    assert [entry.token for entry in store.read(SESSION).unwrap()] == [1, 2]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 50,
        b"{",
        b"[1]",
        b"[" * 100_000,
        b'{"pid": 1}',
        b"\xff\xfe",
        b'{"pid":"x","host":"h","process_start":0,"token":7,"since":1.0,"command":"c"}',
        b'{"pid":1,"host":3,"process_start":0,"token":7,"since":1.0,"command":"c"}',
    ],
)
def test_a_damaged_lease_file_never_blocks_and_the_journal_gives_the_token(
    tmp_path: Path, content: bytes
) -> None:
    store = finished(tmp_path)
    lease_file(tmp_path).write_bytes(content)
    assert store.lease(SESSION, now=2.0).unwrap().token == 2


def test_a_damaged_lease_file_of_a_live_holder_still_keeps_others_out(tmp_path: Path) -> None:
    begun_store, lease = begun(tmp_path)
    lease_file(tmp_path).write_bytes(b"garbage")
    assert FileStore(tmp_path).lease(SESSION, now=2.0).failure() == Held(SESSION, UNKNOWN_HOLDER)
    assert begun_store.append(lease, 1, 1.0, [EVENT]).failure() == OutOfStep(SESSION, 1, 0, "token")


def test_a_token_is_above_the_file_and_above_the_journal(tmp_path: Path) -> None:
    store = finished(tmp_path)
    for turn in (2, 3, 4):
        lease = store.lease(SESSION, now=2.0).unwrap()
        assert lease.token == turn
        store.release(lease)
    lease = store.lease(SESSION, now=2.0).unwrap()
    store.append(lease, 1, 1.0, [EVENT]).unwrap()
    store.release(lease)
    lease_file(tmp_path).unlink()
    assert store.lease(SESSION, now=2.0).unwrap().token == 6


def test_a_driver_whose_lease_file_was_replaced_can_write_no_more(tmp_path: Path) -> None:
    old, old_lease = begun(tmp_path)
    lease_file(tmp_path).unlink()
    assert old.append(old_lease, 1, 1.0, [EVENT]).failure() == OutOfStep(SESSION, 1, 0, "token")
    new = FileStore(tmp_path)
    new_lease = new.lease(SESSION, now=2.0).unwrap()
    assert new_lease.token == 2
    assert old.append(old_lease, 1, 1.0, [EVENT]).failure() == OutOfStep(SESSION, 1, 0, "token")
    assert old.publish(SESSION, views()).failure() == OutOfStep(SESSION, 1, 0, "token")
    assert new.append(new_lease, 1, 1002.0, [EVENT]).unwrap() == 2
    assert [entry.event for entry in new.read(SESSION).unwrap()] == [entry.event for entry in entries(2)]
    old.release(old_lease)
    assert new.holder(SESSION) == new_lease.holder


def test_a_driver_whose_token_was_overwritten_can_write_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, lease = begun(tmp_path)
    text = lease_file(tmp_path).read_text()
    lease_file(tmp_path).write_text(text.replace('"token": 1', '"token": 8'))
    written: list[int] = []
    write = os.write
    # not a byte, not even one that would be taken back: others read meanwhile
    monkeypatch.setattr(os, "write", lambda handle, data: (written.append(handle), write(handle, data))[1])
    assert store.append(lease, 1, 1.0, [EVENT]).failure() == OutOfStep(SESSION, 1, 8, "token")
    assert written == []


def test_whoever_takes_a_session_over_makes_sure_that_its_name_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(tmp_path)
    synced: list[int] = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle).st_ino), sync(handle))[1])
    store = FileStore(tmp_path)
    store.release(store.lease(SESSION, now=1.0).unwrap())
    assert (tmp_path / "sessions").stat().st_ino in synced


def test_a_lease_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    store = finished(tmp_path)
    outside = tmp_path / "outside"
    lease_file(tmp_path).unlink()
    lease_file(tmp_path).symlink_to(outside)
    failure = store.lease(SESSION, now=2.0).failure()
    assert isinstance(failure, Unwritable)
    assert failure.reason == "a symbolic link stands there; links are not followed"
    assert store.holder(SESSION) is None
    assert not outside.exists()


def test_a_session_that_is_deleted_while_it_is_being_leased_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)
    real_acquire = acquire

    def too_late(folder: int, now: float, *, dead: object) -> LeaseFile | Holder:
        shutil.rmtree(folder_of(tmp_path))
        return real_acquire(folder, now)

    monkeypatch.setattr(locks, "acquire", too_late)
    assert store.lease(SESSION, now=2.0).failure() == NotFound(SESSION)


@pytest.mark.parametrize("again", [False, True], ids=["removed", "replaced"])
def test_a_lease_file_that_is_replaced_while_it_is_being_locked_is_opened_again(
    again: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock on a file that is no longer in the folder keeps nobody out."""
    store = finished(tmp_path)
    real_flock = fcntl.flock
    removed: list[bool] = []

    def flock(descriptor: int, operation: int) -> None:
        if not removed:
            lease_file(tmp_path).unlink()
            if again:
                lease_file(tmp_path).touch()
            removed.append(True)
        real_flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    lease = store.lease(SESSION, now=2.0).unwrap()
    assert removed == [True]
    assert FileStore(tmp_path).lease(SESSION, now=2.0).failure() == Held(SESSION, lease.holder)
    assert store.append(lease, 1, 1002.0, [EVENT]).unwrap() == 2


def test_a_file_system_without_locks_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = finished(tmp_path)

    def flock(*_: int) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    expected = Unwritable(str(folder_of(tmp_path)), "the file system cannot lock files")
    assert store.lease(SESSION, now=2.0).failure() == expected
    assert store.holder(SESSION) is None
    assert store.list()[0].status == "damaged"


def test_a_release_waits_for_a_running_append_and_happens_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, lease = begun(tmp_path)
    syncing, go_on = threading.Event(), threading.Event()
    real_sync = os.fdatasync

    def slow_sync(descriptor: int) -> None:
        syncing.set()
        assert go_on.wait(300)
        real_sync(descriptor)

    monkeypatch.setattr(os, "fdatasync", slow_sync)
    with ThreadPoolExecutor(4) as threads:
        appended = threads.submit(store.append, lease, 1, 1002.0, [EVENT])
        assert syncing.wait(300)
        released = [threads.submit(store.release, lease) for _ in range(3)]
        time.sleep(0.05)
        assert not any(one.done() for one in released)
        go_on.set()
        assert appended.result().unwrap() == 2
        assert [one.result() for one in released] == [None] * 3
    assert store.lease(SESSION, now=2.0).unwrap().token == 2
    assert store.read(SESSION).unwrap() == entries(2)


def test_a_process_start_tells_two_users_of_a_pid_apart() -> None:
    assert process_start(os.getpid()) > 0
    assert process_start(2**31 - 1) == 0
