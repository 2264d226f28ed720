"""The store of files and the store of memory give the same answers to the same calls."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from returns.result import Failure, Result, Success

from durable_core.catalog.listing import Listed, Query
from durable_core.journal.leases import UNKNOWN_HOLDER
from durable_shell.store.files import lease as lease_file
from durable_shell.store.files.store import FileStore
from durable_shell.store.memory.kept import SharedMemory
from durable_shell.store.memory.store import MemoryStore
from durable_shell.store.port import (
    Claim,
    Corrupt,
    Held,
    Holder,
    Lease,
    Mending,
    NotFound,
    Store,
    StoreError,
    Unwritable,
    Views,
)
from tests.support.night import at_night

_A = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
_B = "b1b2c3d4-e5f6-7890-abcd-ef1234567890"
_ids = st.sampled_from([_A, _A, _A, _A, _B, "../../x", "", _A.upper()])
_real_ids = st.sampled_from([_A, _B])
_events = st.lists(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3)), max_size=3)


_statuses = st.sampled_from(["running", "paused", "completed"])
_queries = st.builds(
    Query,
    statuses=st.sampled_from([(), ("paused",), ("interrupted", "running"), ("damaged",)]),
    since=st.sampled_from([None, 0.0, 1e12]),
    limit=st.sampled_from([None, 0, 1]),
    after=st.sampled_from(["", _A, "b"]),
)
_words = st.sampled_from([_A, _B.upper(), "tale", "a1b2", "b1", "@latest", ""])
_drivers = st.sampled_from([0, 1])


def _views(number: int, status: str) -> Views:
    metadata = {
        "status": status,
        "name": "tale" if number % 2 else "",
        "workflow_name": f"w{number}",
        "updated_at": f"2026-01-0{number + 1}T00:00:00+00:00",
    }
    session = {"metadata": metadata, "variables": {"n": number}}
    refs = {"../out": b""} if number == 9 else {}
    return Views(session, {"n": number}, f"spec {number}".encode(), {}, refs)


def _plain(value: Any) -> Any:
    """An answer without what may differ: places, reasons, and who a holder is."""
    match value:
        case Success(inner):
            return ("ok", _plain(inner))
        case Failure(error):
            return _plain(error)
        case Unwritable():
            return ("unwritable",)
        case Held(session_id, holder):
            return ("held", session_id, _plain(holder))
        case Corrupt() | NotFound():
            return (type(value).__name__, value.session_id, getattr(value, "reason", None))
        case Holder(token=token, since=since):
            return ("holder", token, since)
        case Lease(session_id, token, holder, torn):
            return ("lease", session_id, token, _plain(holder), torn)
        case tuple() if value and all(isinstance(one, Listed) for one in value):
            return [one._asdict() for one in value]
        case _:
            return value if isinstance(value, dict | tuple | int | None) else "opened"


class FilesAgainstMemory(RuleBasedStateMachine):
    """Each rule makes one call to both kinds of store, through one of two store objects a kind, as two
    processes have. Leases are kept in pairs with the driver that has them, given back ones included."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        memory = SharedMemory()
        self.pairs: list[tuple[Store, Store]] = [
            (FileStore(self.root, clock=self.clock), MemoryStore(memory, clock=self.clock)) for _ in (0, 1)
        ]
        self.leases: list[tuple[int, Lease, Lease]] = []
        self.claims: list[tuple[Claim, Claim]] = []
        self.now = 0.0
        # both drivers are in this thread: whoever waits for the other would wait in vain
        self.impatience = mock.patch.object(lease_file, "_PAUSE_S", 0.0)
        self.impatience.start()

    def clock(self) -> float:
        return self.now

    def both(self, driver: int, call: Callable[[Store], Any]) -> tuple[Any, Any]:
        files, memory = self.pairs[driver]
        answers = (call(files), call(memory))
        assert _plain(answers[0]) == _plain(answers[1])
        return answers

    @initialize(events=_events, rests=st.booleans())
    def begin(self, events: list[dict[str, Any]], rests: bool) -> None:
        """Most of what can go wrong needs a session that others see; ``rests`` is whether nobody has it."""
        self.create(0, _A)
        self.lease(0, _A, None)
        [(_, files, memory)] = self.leases
        for store, lease in zip(self.pairs[0], (files, memory), strict=True):
            store.append(lease, 0, 1.0, [{}, *events]).unwrap()
        self.publish(0, _A, 1, "running")
        if rests:
            for store, lease in zip(self.pairs[0], (files, memory), strict=True):
                store.release(lease)

    @rule(driver=_drivers, session_id=_ids)
    def create(self, driver: int, session_id: str) -> None:
        self.both(driver, lambda store: store.create(session_id))

    @rule(driver=_drivers, session_id=_ids, dead=st.sampled_from([None, UNKNOWN_HOLDER]))
    def lease(self, driver: int, session_id: str, dead: Holder | None) -> None:
        self.now += 1.0
        files, memory = self.both(
            driver, lambda store: store.lease(session_id, now=self.now, dead=dead or store.holder(session_id))
        )
        if isinstance(files, Success):
            self.leases.append((driver, files.unwrap(), memory.unwrap()))

    @rule(driver=_drivers, session_id=_ids)
    def claim(self, driver: int, session_id: str) -> None:
        self.now += 1.0
        store_of_files, store_of_memory = self.pairs[driver]
        files = store_of_files.claim(session_id, now=self.now)
        memory = store_of_memory.claim(session_id, now=self.now)
        if isinstance(files, StoreError) or isinstance(memory, StoreError):
            assert _plain(files) == _plain(memory)
        else:
            self.claims.append((files, memory))

    @rule(data=st.data())
    def let_go(self, data: st.DataObject) -> None:
        if self.claims:
            for claim in data.draw(st.sampled_from(self.claims), label="claim"):
                claim.let_go()

    @rule(data=st.data(), driver=_drivers, events=_events, off=st.sampled_from([0, 0, 0, 1, -1]))
    def append(self, data: st.DataObject, driver: int, events: list[dict[str, Any]], off: int) -> None:
        """By the driver that has the lease, or by the other one, which may not."""
        if not self.leases:
            return
        _, files, memory = data.draw(st.sampled_from(self.leases), label="lease")
        entries = self.pairs[driver][1].read(files.session_id).value_or(())
        expected = len(entries) + off
        ended = self.pairs[driver][0].append(files, expected, 1, events)
        assert _kind(ended) == _kind(self.pairs[driver][1].append(memory, expected, 1, events))

    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        if not self.leases:
            return
        driver, files, memory = data.draw(st.sampled_from(self.leases), label="lease")
        self.now += 1.0
        renewed = [
            store.renew(lease, now=self.now)
            for store, lease in zip(self.pairs[driver], (files, memory), strict=True)
        ]
        assert renewed[0] == renewed[1]

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        if not self.leases:
            return
        driver, files, memory = data.draw(st.sampled_from(self.leases), label="lease")
        self.pairs[driver][0].release(files)
        self.pairs[driver][1].release(memory)

    @rule(driver=_drivers, session_id=_ids, number=st.integers(0, 9), status=_statuses)
    def publish(self, driver: int, session_id: str, number: int, status: str) -> None:
        self.both(driver, lambda store: store.publish(session_id, _views(number, status)))

    @rule(driver=_drivers, session_id=_ids, force=st.booleans())
    def delete(self, driver: int, session_id: str, force: bool) -> None:
        self.both(driver, lambda store: store.delete(session_id, force=force))

    @rule(driver=_drivers, session_id=_ids, after=st.integers(-2, 5))
    def read(self, driver: int, session_id: str, after: int) -> None:
        self.both(driver, lambda store: store.read(session_id, after=after))

    @rule(driver=_drivers, session_id=_ids)
    def look(self, driver: int, session_id: str) -> None:
        self.both(driver, lambda store: store.snapshot(session_id))
        self.both(driver, lambda store: store.session_view(session_id))
        self.both(driver, lambda store: store.size(session_id).map(lambda _: None))
        self.both(driver, lambda store: store.is_ours(session_id))

    @rule(driver=_drivers, session_id=_ids)
    def trust(self, driver: int, session_id: str) -> None:
        self.both(driver, lambda store: store.trust(session_id))

    @rule(driver=_drivers, query=_queries, word=_words)
    def list_and_find(self, driver: int, query: Query, word: str) -> None:
        self.both(driver, lambda store: store.list(query))
        self.both(driver, lambda store: store.find(word))

    @rule(driver=_drivers, session_id=_ids, number=st.integers(0, 8), cut=st.booleans())
    def mend(self, driver: int, session_id: str, number: int, cut: bool) -> None:
        """Look at the views, write what differs anew, and cut the last entry off if there are several."""
        self.now += 1.0
        due = _views(number, "paused")
        mended = self.both(driver, lambda store: store.mending(session_id, now=self.now))
        if isinstance(mended[0], Success):
            files, memory = (_mended(one.unwrap(), due, cut=cut) for one in mended)
            assert files == memory

    @invariant()
    def they_hold_the_same(self) -> None:
        for driver in (0, 1):
            self.both(driver, lambda store: store.list())
            for session_id in (_A, _B):
                self.both(driver, lambda store, session_id=session_id: store.read(session_id))
                self.both(driver, lambda store, session_id=session_id: store.holder(session_id))
        self.both(1, lambda store: store.snapshot(_A))
        self.both(1, lambda store: store.session_view(_A))

    def teardown(self) -> None:
        for driver, files, _ in self.leases:
            self.pairs[driver][0].release(files)
        for claim, _ in self.claims:
            claim.let_go()
        self.impatience.stop()
        shutil.rmtree(self.root)


def _kind(answer: Result[Any, StoreError]) -> Any:
    """Of an append that is refused only why: a driver that is out of step may be so in several ways."""
    return answer.unwrap() if isinstance(answer, Success) else type(answer.failure()).__name__


def _mended(mending: Mending, due: Views, *, cut: bool) -> Any:
    """What a mending says and does, but for where it is; it is closed."""
    with contextlib.closing(mending):
        journal = mending.journal()
        if cut and len(journal.entries) > 1:
            assert mending.cut(len(journal.entries) - 1).startswith("journal.")
        differences = mending.differences(due)
        mending.rebuild(tuple(differences), due)
        return journal, differences, mending.differences(due), mending.journal(), mending.session_view()


TestFilesAgainstMemory = FilesAgainstMemory.TestCase
TestFilesAgainstMemory.settings = settings(
    max_examples=at_night(60, 500), stateful_step_count=at_night(25, 60), deadline=None
)
