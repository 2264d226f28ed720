"""Starting many calls: a few with each commit, each only once it is on disk, and all that may run at once."""

from __future__ import annotations

import asyncio
import io

import pytest

from durable_core.session import Options, SessionStarted, start, status
from durable_core.session.conversation import Mark
from durable_core.session.turns import Answer, Turn
from durable_core.types import UnitId, Usage
from durable_shell.runtime.clock import SystemClock
from durable_shell.runtime.driver import STARTS, Drive
from durable_shell.runtime.ports import TurnReport
from durable_shell.store.memory.store import MemoryStore
from durable_shell.terminal.plain import PlainProgress
from tests.support.session_kit import source_of, spec_of

SESSION = "0d4c6b1e-7a51-4a0f-9a53-3c1e8f2b6d70"


class AllAtOnce:
    """Models that answer no call before as many are under way as may be.

    ``seen`` holds, for each call, which starts were in the store as it began.
    """

    def __init__(self, store: MemoryStore, awaited: int) -> None:
        self._store = store
        self._awaited = awaited
        self._full = asyncio.Event()
        self.running = self.most = 0
        self.seen: dict[UnitId, list[UnitId]] = {}

    async def answer(self, turn: Turn, report: TurnReport) -> Answer:
        assert turn.unit not in self.seen
        self.seen[turn.unit] = started(self._store)
        self.running += 1
        self.most = max(self.most, self.running)
        if self.running == self._awaited:
            self._full.set()
        await self._full.wait()
        report(0, {"role": "user", "content": [{"text": turn.prompt}]}, "d0")
        report(1, {"role": "assistant", "content": [{"text": "ok"}]}, "d1")
        self.running -= 1
        return Answer(text="ok", usage=Usage(1, 1), mark=Mark(count=2, digest="d1"))

    async def close(self) -> None:
        """Nothing to close."""


def started(store: MemoryStore) -> list[UnitId]:
    """The units whose start is in the store, in its order."""
    entries = store.read(SESSION).unwrap()
    return [entry.event["unit"] for entry in entries if entry.event["type"] == "unit_started/1"]


@pytest.mark.parametrize("at_once", [1, STARTS - 1, STARTS, STARTS + 1, 3 * STARTS])
@pytest.mark.parametrize("branches", [2, STARTS, STARTS + 1, 4 * STARTS + 1])
def test_calls_are_started_a_few_a_commit_and_as_many_run_as_may(branches: int, at_once: int) -> None:
    listed = [{"id": f"b{number}", "steps": [{"agent": "ann"}]} for number in range(branches)]
    spec = spec_of("parallel", {"branches": listed}, {"max_parallel": at_once})
    store = MemoryStore()
    store.create(SESSION)
    lease = store.lease(SESSION, now=0.0).unwrap()
    began = SessionStarted(
        at=1.0, session_id=SESSION, spec=spec, source=source_of(spec), variables={}, options=Options()
    )
    awaited = min(branches, at_once)
    models = AllAtOnce(store, awaited)
    drive = Drive(start(began), lease, store, models, SystemClock(), PlainProgress(io.StringIO()))
    session = asyncio.run(asyncio.wait_for(drive.run((began,)), 300))

    assert status(session) == "completed"
    assert models.most == awaited
    assert sorted(started(store)) == sorted(models.seen), "each call once, and nothing else"
    assert all(unit in seen for unit, seen in models.seen.items()), "no call before its start is on disk"
    assert len(models.seen["branches/b0/0"]) == min(STARTS, awaited), "the first waits for its commit alone"
