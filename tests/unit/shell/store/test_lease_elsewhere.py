"""A shared folder without shared locks, and two machines: the holder's word counts until its lease ends."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from durable_core.journal.leases import LEASE_S, Host
from durable_shell.runtime.clock import SystemClock
from durable_shell.runtime.lease_heartbeat import heartbeat
from durable_shell.store import disk
from durable_shell.store.files import journal_file, lease, listing
from durable_shell.store.files.listing import list_sessions
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Held, Lease, OutOfStep, Unwritable
from durable_shell.terminal.messages.store_errors import store_error
from tests.support.program import wait_until
from tests.support.store_kit import SESSION, begun, entries, folder_of, views

EVENT = {"type": "noted", "n": 2}


@contextmanager
def another_machine() -> Iterator[None]:
    """What is done here is done on a machine that sees the files of the first one, and none of its locks."""
    far = Host("far", "another-boot")
    with ExitStack() as stack:
        for module in (lease, listing):
            stack.enter_context(mock.patch.object(module, "here", return_value=far))
        stack.enter_context(mock.patch.object(fcntl, "flock", return_value=None))
        yield


def at(root: Path, now: float) -> FileStore:
    return FileStore(root, clock=lambda: now)


def test_a_holder_on_another_machine_is_believed_until_its_lease_ends(tmp_path: Path) -> None:
    _, held = begun(tmp_path)
    since = held.holder.since
    with another_machine():
        for now in (since, since + LEASE_S - 0.01):
            store = at(tmp_path, now)
            assert store.lease(SESSION, now=now).failure() == Held(SESSION, held.holder)
            assert store.holder(SESSION) == held.holder
            assert store.delete(SESSION, force=True).failure() == Held(SESSION, held.holder)
            assert store.publish(SESSION, views()).failure() == Held(SESSION, held.holder)
        store = at(tmp_path, since + LEASE_S)
        assert store.holder(SESSION) is None
        assert store.lease(SESSION, now=since + LEASE_S).unwrap().token == held.token + 1


def test_who_comes_back_to_a_lease_that_another_machine_took_over_writes_nothing(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    with another_machine():
        taken = at(tmp_path, 1e9)
        new = taken.lease(SESSION, now=1e9).unwrap()
    store.renew(held, now=1e9)
    assert store.append(held, 1, 1.0, [EVENT]).failure() == OutOfStep(SESSION, 1, 2, "token")
    assert store.publish(SESSION, views()).failure() == OutOfStep(SESSION, 1, 2, "token")
    store.release(held)
    with another_machine():
        assert taken.append(new, 1, 1002.0, [EVENT]).unwrap() == 2
    assert at(tmp_path, 1e9).holder(SESSION) == new.holder
    assert [entry.event for entry in store.read(SESSION).unwrap()] == [entry.event for entry in entries(2)]


def taken_over_in(function: str, module: Any, meanwhile: Callable[[], None]) -> Any:
    """The driver stands still in a call of ``function``, once, and something is done ``meanwhile``."""
    real, todo = getattr(module, function), [meanwhile]

    def stands_still(*arguments: Any) -> Any:
        if todo:
            todo.pop()()
        return real(*arguments)

    return mock.patch.object(module, function, stands_still)


def test_who_stands_still_between_check_and_write_is_not_told_that_it_is_committed(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    other = at(tmp_path, 1e9)
    taken: list[Lease] = []

    def take_over() -> None:
        with another_machine():
            taken.append(other.lease(SESSION, now=1e9).unwrap())
            assert other.append(taken[0], 1, 1002.0, [EVENT]).unwrap() == 2

    with taken_over_in("write_all", journal_file, take_over):
        refused = store.append(held, 1, 1002.0, [{"type": "noted", "n": "late"}]).failure()
    assert refused == OutOfStep(SESSION, 1, 2, "token")
    with another_machine():
        assert other.append(taken[0], 2, 1003.0, [EVENT]).unwrap() == 3
        other.release(taken[0])
    assert store.append(held, 1, 1002.0, [EVENT]).failure() == OutOfStep(SESSION, 1, 2, "token")
    store.release(held)
    events = [entry.event for entry in FileStore(tmp_path).read(SESSION).unwrap()]
    assert events == [*(entry.event for entry in entries(2)), EVENT]


def test_what_was_written_before_another_took_over_stays_as_that_one_has_read_it(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    other = at(tmp_path, 1e9)
    taken: list[Lease] = []

    def take_over() -> None:
        with another_machine():
            taken.append(other.lease(SESSION, now=1e9).unwrap())

    with taken_over_in("sync_data", journal_file, take_over):
        assert store.append(held, 1, 1002.0, [EVENT]).failure() == OutOfStep(SESSION, 1, 2, "token")
    with another_machine():
        assert other.append(taken[0], 2, 1003.0, [EVENT]).unwrap() == 3
    assert len(FileStore(tmp_path).read(SESSION).unwrap()) == 3


def test_a_commit_of_which_nobody_can_tell_whether_it_counts_is_not_told_to(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    real, asked = lease.LeaseFile.token_in_force, []

    def once(file: lease.LeaseFile) -> int:
        asked.append(file)
        if len(asked) == 2:
            raise OSError(errno.EIO, "broken")
        return real(file)

    with mock.patch.object(lease.LeaseFile, "token_in_force", once):
        assert isinstance(store.append(held, 1, 1002.0, [EVENT]).failure(), Unwritable)
        assert isinstance(store.append(held, 1, 1002.0, [EVENT]).failure(), Unwritable | OutOfStep)


def test_a_lease_is_not_in_force_because_another_has_its_token(tmp_path: Path) -> None:
    """A renewal that came late wrote the first token over the second, and the next lease got that again."""
    _, held = begun(tmp_path)
    path = folder_of(tmp_path) / ".lease"
    first = path.read_bytes()
    other, third = at(tmp_path, 1e9), at(tmp_path, 2e9)
    with another_machine():
        second = other.lease(SESSION, now=1e9).unwrap()
        path.write_bytes(first)
        again = third.lease(SESSION, now=2e9).unwrap()
        assert again.token == second.token == held.token + 1
        assert other.append(second, 1, 1002.0, [EVENT]).failure() == OutOfStep(
            SESSION, second.token, 0, "token"
        )
        assert third.append(again, 1, 1002.0, [EVENT]).unwrap() == 2


def test_a_lease_that_was_given_back_is_free_everywhere_at_once(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    store.release(held)
    with another_machine():
        assert at(tmp_path, held.holder.since).lease(SESSION, now=held.holder.since).unwrap().token == 2


def test_a_lease_that_is_renewed_goes_on_holding(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    later = held.holder.since + 50.0
    store.renew(held, now=later)
    with another_machine():
        now = later + LEASE_S - 1
        assert at(tmp_path, now).lease(SESSION, now=now).failure().holder.until == later + LEASE_S
    assert store.append(held, 1, 1002.0, [EVENT]).unwrap() == 2


def test_a_void_lease_is_not_renewed(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    store.release(held)
    new = store.lease(SESSION, now=5.0).unwrap()
    store.renew(held, now=900.0)
    FileStore(tmp_path).renew(new, now=900.0)
    assert store.holder(SESSION) == new.holder


@pytest.mark.parametrize("changed", [{"boot": "since the power cut"}, {"host": "a-container"}, {}], ids=str)
def test_a_dead_holder_on_the_same_machine_is_not_waited_for_whatever_its_lease_says(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    store, held = begun(tmp_path)
    with mock.patch.object(lease.LeaseFile, "_say_until"):  # as if it was killed
        store.release(held)
    with mock.patch.object(lease, "here", return_value=disk.here()._replace(**changed)):
        assert store.lease(SESSION, now=held.holder.since).unwrap().token == 2


def test_a_list_shows_what_runs_on_another_machine_as_running_until_its_lease_ends(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    shown = views()
    shown.session["metadata"]["status"] = "running"
    store.publish(SESSION, shown).unwrap()
    until = held.holder.until
    with another_machine():
        seen = [list_sessions(tmp_path, now=now)[0].status for now in (until - 1, until)]
    assert seen == ["running", "interrupted"]


def test_people_are_told_when_they_may_take_over(tmp_path: Path) -> None:
    _, held = begun(tmp_path)
    there = held.holder._replace(host="far", boot="another-boot", until=43_261.0)
    lines, code = store_error(Held(SESSION, there))
    assert code == 17
    assert lines[0].endswith(f"is in use by process {os.getpid()} on far (strands run)")
    assert lines[1:] == ("If that machine is gone, the session can be resumed from 12:01:01 UTC on.",)
    here_lines, _ = store_error(Held(SESSION, held.holder))
    assert here_lines[1:] == ("Wait until it ends, or stop it: what it has completed is saved.",)
    assert store_error(Held(SESSION, lease.UNKNOWN_HOLDER))[0][0].endswith("is in use by another process")


def test_a_driver_that_does_nothing_else_renews_its_lease(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    renewed = threading.Event()

    class Watched(FileStore):
        def renew(self, lease: Lease, *, now: float) -> bool:
            still_ours = store.renew(lease, now=now)
            renewed.set()
            return still_ours

    with heartbeat(Watched(tmp_path), held, SystemClock(), lost=lambda: None, every=0.01):
        assert renewed.wait(300)
    holder = store.holder(SESSION)
    assert holder is not None
    assert holder.until > held.holder.until


def test_a_lease_file_that_cannot_be_read_is_a_file_error_and_not_a_lost_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, held = begun(tmp_path)

    def unreadable(descriptor: int) -> bytes:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(lease, "read_all", unreadable)
    expected = Unwritable(str(folder_of(tmp_path)), "the disk reported an input/output error")
    assert store.append(held, 1, 1.0, [EVENT]).failure() == expected
    assert store.publish(SESSION, views()).failure() == expected
    assert store.renew(held, now=5.0)
    monkeypatch.undo()
    assert store.append(held, 1, 1002.0, [EVENT]).unwrap() == 2


def test_a_holder_elsewhere_that_is_known_to_be_dead_is_not_waited_for(tmp_path: Path) -> None:
    _, held = begun(tmp_path)
    now = held.holder.since + 1.0
    with another_machine():
        elsewhere = at(tmp_path, now)
        another = held.holder._replace(pid=held.holder.pid + 1)
        assert elsewhere.lease(SESSION, now=now, dead=another).failure() == Held(SESSION, held.holder)
        assert elsewhere.lease(SESSION, now=now, dead=held.holder).unwrap().token == held.token + 1


def test_a_holder_that_is_seen_to_live_is_not_dead_whoever_says_so(tmp_path: Path) -> None:
    _, held = begun(tmp_path)
    refused = FileStore(tmp_path).lease(SESSION, now=2.0, dead=held.holder).failure()
    assert refused == Held(SESSION, held.holder)


def test_a_lease_that_is_somebody_elses_is_not_renewed(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    assert store.renew(held, now=2.0)
    (folder_of(tmp_path) / ".lease").unlink()
    other = FileStore(tmp_path).lease(SESSION, now=3.0).unwrap()
    assert not store.renew(held, now=4.0)
    assert not FileStore(tmp_path).renew(other, now=4.0)  # it was leased through another store object


def test_a_lost_lease_is_told_once_and_the_heart_stands_still(tmp_path: Path) -> None:
    store, held = begun(tmp_path)
    store.release(held)
    told: list[str] = []
    with heartbeat(store, held, SystemClock(), lost=lambda: told.append("lost"), every=0.001):
        wait_until(
            lambda: not any(thread.name == "heartbeat" for thread in threading.enumerate()),
            "the thread that renews the lease ends",
        )
    assert told == ["lost"]
