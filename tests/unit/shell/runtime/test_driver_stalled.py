"""A disk that stalls in a commit: what has to wait for it, and what must not.

Nothing here waits for a time: the disk goes on when the test says so.
"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from returns.result import Result

from durable_core.session import Options, SessionStarted, start, status
from durable_core.session.conversation import Mark
from durable_core.session.turns import Answer, Turn
from durable_core.spec.models import Spec
from durable_core.types import UnitId, Usage
from durable_shell.errors import StoreFailed
from durable_shell.runtime.clock import SystemClock
from durable_shell.runtime.driver import Drive
from durable_shell.runtime.ports import Models, TurnReport
from durable_shell.store.memory.store import MemoryStore
from durable_shell.store.port import Lease, OutOfStep, StoreError
from durable_shell.terminal.plain import PlainProgress
from tests.support.session_kit import chain_of, source_of, spec_of

SESSION = "0d4c6b1e-7a51-4a0f-9a53-3c1e8f2b6d70"

TURNS = 50
"""Turns of the loop in which everything happens that can happen while the disk stalls."""


class StallingDisk(MemoryStore):
    """Takes an event of the type ``over`` in only once it may go on."""

    def __init__(self, over: str) -> None:
        super().__init__()
        self.stalled = asyncio.Event()
        self.may_go_on = threading.Event()
        self._over = over
        self._loop = asyncio.get_running_loop()

    def append(
        self, lease: Lease, expected: int, at: float, events: Sequence[dict[str, Any]]
    ) -> Result[int, StoreError]:
        if any(event["type"] == self._over for event in events):
            self._loop.call_soon_threadsafe(self.stalled.set)
            self.may_go_on.wait(300)
        return super().append(lease, expected, at, events)

    def types(self) -> list[str]:
        """The types of what is taken in."""
        return [entry.event["type"] for entry in self.read(SESSION).unwrap()]


def drive_of(spec: Spec, disk: StallingDisk, models: Models) -> tuple[Drive, SessionStarted]:
    began = SessionStarted(
        at=1.0, session_id=SESSION, spec=spec, source=source_of(spec), variables={}, options=Options()
    )
    disk.create(SESSION)
    lease = disk.lease(SESSION, now=0.0).unwrap()
    return Drive(start(began), lease, disk, models, SystemClock(), PlainProgress(io.StringIO())), began


async def all_that_can_happen() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


def said(turn: Turn, report: TurnReport) -> Answer:
    report(0, {"role": "user", "content": [{"text": turn.prompt}]}, "d0")
    report(1, {"role": "assistant", "content": [{"text": "ok"}]}, "d1")
    return Answer(text="ok", usage=Usage(1, 1), mark=Mark(count=2, digest="d1"))


class OneThinks:
    """Models that answer at once, but for ``thinks``, which never does."""

    def __init__(self, thinks: UnitId) -> None:
        self.cancelled: list[UnitId] = []
        self._thinks = thinks

    async def answer(self, turn: Turn, report: TurnReport) -> Answer:
        if turn.unit == self._thinks:
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled.append(turn.unit)
        return said(turn, report)

    async def close(self) -> None:
        """Nothing to close."""


def test_the_calls_of_a_driver_that_lost_its_lease_are_cancelled_though_its_disk_stalls() -> None:
    branches = [{"id": name, "steps": [{"agent": "ann"}]} for name in ("fast", "slow")]

    async def lost() -> None:
        disk, models = StallingDisk(over="unit_completed/1"), OneThinks("branches/slow/0")
        drive, began = drive_of(spec_of("parallel", {"branches": branches}, {}), disk, models)
        running = asyncio.create_task(drive.run((began,)))
        try:
            await asyncio.wait_for(disk.stalled.wait(), 300)
            drive.lose_lease()
            await all_that_can_happen()
            assert models.cancelled == ["branches/slow/0"]
            assert not running.done()
        finally:
            disk.may_go_on.set()
            with suppress(StoreFailed):
                await asyncio.wait_for(running, 300)
        ended = running.exception()
        assert isinstance(ended, StoreFailed)
        assert isinstance(ended.error, OutOfStep)

    asyncio.run(lost())


class CallsATool:
    """A model that calls a tool, and knows what was taken in as it did."""

    def __init__(self, disk: StallingDisk, *, reads_only: bool) -> None:
        self.taken_in: list[str] = []
        self._disk = disk
        self._reads_only = reads_only

    async def answer(self, turn: Turn, report: TurnReport) -> Answer:
        await report.tool_started("call-1", "post", {"text": "hi"}, reads_only=self._reads_only)
        self.taken_in = self._disk.types()
        return said(turn, report)

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize("reads_only", [False, True])
def test_no_tool_runs_before_its_start_is_on_the_disk(reads_only: bool) -> None:
    async def calls() -> None:
        disk = StallingDisk(over="tool_started/1")
        models = CallsATool(disk, reads_only=reads_only)
        drive, began = drive_of(chain_of({"agent": "ann"}), disk, models)
        running = asyncio.create_task(drive.run((began,)))
        try:
            await asyncio.wait_for(disk.stalled.wait(), 300)
            await all_that_can_happen()
            assert models.taken_in == [], "the tool runs"
        finally:
            disk.may_go_on.set()
            session = await asyncio.wait_for(running, 300)
        assert models.taken_in[-1] == "tool_started/1"
        assert status(session) == "completed"

    asyncio.run(calls())
