"""The store of files and the store of memory give the same answers to the same calls."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from returns.result import Failure, Result, Success

from durable_shell.store.files.store import FileStore
from durable_shell.store.memory import MemoryStore
from durable_shell.store.port import Held, Holder, Lease, Store, StoreError, Unwritable, Views

_A = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
_B = "b1b2c3d4-e5f6-7890-abcd-ef1234567890"
_ids = st.sampled_from([_A, _B, "../../x", "", _A.upper()])
_real_ids = st.sampled_from([_A, _B])
_events = st.lists(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3)), max_size=3)


def _views(number: int) -> Views:
    return Views({"variables": {"n": number}}, {"n": number}, f"spec {number}".encode(), {}, {})


def _plain(value: Any) -> Any:
    """An answer without what may differ: places, reasons, and who a holder is."""
    match value:
        case Success(inner):
            return ("ok", _plain(inner))
        case Failure(Unwritable()):
            return ("unwritable",)
        case Failure(Held(session_id, holder)):
            return ("held", session_id, _plain(holder))
        case Failure(error):
            return (type(error).__name__, getattr(error, "session_id", None), getattr(error, "reason", None))
        case Holder(token=token, since=since):
            return ("holder", token, since)
        case Lease(session_id, token, holder, torn):
            return ("lease", session_id, token, _plain(holder), torn)
        case _:
            return value


class FilesAgainstMemory(RuleBasedStateMachine):
    """Each rule makes one call to both stores; leases are kept in pairs, given back ones included."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.stores: tuple[Store, Store] = (FileStore(self.root), MemoryStore())
        self.leases: list[tuple[Lease, Lease]] = []
        self.now = 0.0

    def both(self, call: Callable[[Store], Result[Any, StoreError]]) -> tuple[Any, Any]:
        answers = (call(self.stores[0]), call(self.stores[1]))
        assert _plain(answers[0]) == _plain(answers[1])
        return answers

    @rule(session_id=_ids)
    def create(self, session_id: str) -> None:
        self.both(lambda store: store.create(session_id))

    @rule(session_id=_ids)
    def lease(self, session_id: str) -> None:
        self.now += 1.0
        files, memory = self.both(lambda store: store.lease(session_id, now=self.now))
        if isinstance(files, Success):
            self.leases.append((files.unwrap(), memory.unwrap()))

    @rule(data=st.data(), events=_events, off=st.sampled_from([0, 0, 0, 1, -1]))
    def append(self, data: st.DataObject, events: list[dict[str, Any]], off: int) -> None:
        if not self.leases:
            return
        pair = data.draw(st.sampled_from(self.leases), label="lease")
        entries = self.stores[1].read(pair[0].session_id).value_or(())
        expected = len(entries) + off
        files = self.stores[0].append(pair[0], expected, 1, events)
        memory = self.stores[1].append(pair[1], expected, 1, events)
        assert _plain(files) == _plain(memory)

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        if not self.leases:
            return
        pair = data.draw(st.sampled_from(self.leases), label="lease")
        for store, lease in zip(self.stores, pair, strict=True):
            store.release(lease)

    @rule(session_id=_ids, number=st.integers(0, 9))
    def publish(self, session_id: str, number: int) -> None:
        self.both(lambda store: store.publish(session_id, _views(number)))

    @rule(session_id=_ids, force=st.booleans())
    def delete(self, session_id: str, force: bool) -> None:
        self.both(lambda store: store.delete(session_id, force=force))

    @rule(session_id=_ids, after=st.integers(-2, 5))
    def read(self, session_id: str, after: int) -> None:
        self.both(lambda store: store.read(session_id, after=after))

    @rule(session_id=_ids)
    def look(self, session_id: str) -> None:
        self.both(lambda store: store.snapshot(session_id))
        self.both(lambda store: store.session_view(session_id))

    @invariant()
    def they_hold_the_same(self) -> None:
        for session_id in (_A, _B):
            self.both(lambda store, session_id=session_id: store.read(session_id))
            holders = [store.holder(session_id) for store in self.stores]
            assert _plain(holders[0]) == _plain(holders[1])

    def teardown(self) -> None:
        for files, _ in self.leases:
            self.stores[0].release(files)
        shutil.rmtree(self.root)


TestFilesAgainstMemory = FilesAgainstMemory.TestCase
TestFilesAgainstMemory.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
