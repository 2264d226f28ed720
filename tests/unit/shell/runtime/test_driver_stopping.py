"""Stopping a drive whose attempts take their time to end: the drive must not wait for somebody to wake it."""

from __future__ import annotations

import asyncio
import io
from random import Random

import pytest

from durable_core.session import Session, SessionStarted, start, status
from durable_core.session.conversation import Mark
from durable_core.session.state import Options
from durable_core.session.turns import Answer, NoAnswer, Turn
from durable_core.spec.parse import parse_spec
from durable_core.spec.source import Source
from durable_core.types import Usage
from durable_shell.runtime.clock import SystemClock
from durable_shell.runtime.driver import GRACE_S, Drive
from durable_shell.runtime.ports import Models, TurnReport
from durable_shell.store.memory.store import MemoryStore
from durable_shell.terminal.plain import PlainProgress
from tests.simulation.loop import SimLoop

SPEC = """
version: 0
name: one
runtime: {provider: echo}
agents: {a: {prompt: You think.}}
pattern: {type: chain, config: {steps: [{agent: a}]}}
"""
SESSION = "0d4c6b1e-7a51-4a0f-9a53-3c1e8f2b6d70"


class SlowToLetGo:
    """A model that never answers, and that needs several turns of the loop to be cancelled."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def answer(self, turn: Turn, report: TurnReport) -> Answer | NoAnswer:
        self.asked.set()
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.05)  # as closing a connection does
        raise AssertionError("nobody waits that long")

    async def close(self) -> None:
        """Nothing to close."""


def drive_of(models: Models) -> tuple[Drive, SessionStarted]:
    store = MemoryStore()
    store.create(SESSION)
    lease = store.lease(SESSION, now=0.0).unwrap()
    spec = parse_spec(SPEC).unwrap()
    began = SessionStarted(
        at=1.0,
        session_id=SESSION,
        spec=spec,
        source=Source(text=SPEC, format="yaml", sha256="0" * 64, path=None, refs={}),
        variables={},
        options=Options(out="/nowhere", force=False),
        name=None,
    )
    progress = PlainProgress(io.StringIO())
    return Drive(start(began), lease, store, models, SystemClock(), progress), began


async def stopped(times: int) -> str:
    """Ask a drive to stop so many times while its model thinks; gives what it ended with."""
    models = SlowToLetGo()
    drive, began = drive_of(models)
    running = asyncio.create_task(drive.run((began,)))
    await asyncio.wait_for(models.asked.wait(), 300)
    await asyncio.sleep(0.05)  # the drive has nothing left to do but to wait
    for _ in range(times):
        drive.ask_to_stop()
        await asyncio.sleep(0.01)
    session = await asyncio.wait_for(running, 300)
    return session.progress_of("steps/0").conversation


def test_a_second_request_to_stop_ends_the_drive_though_the_model_lets_go_slowly() -> None:
    assert asyncio.run(stopped(2)) == "a"


class Answers:
    """A model that answers after ``seconds``. ``took`` is how long its call took, in the loop's time."""

    def __init__(self, seconds: float) -> None:
        self.asked = asyncio.Event()
        self.took = 0.0
        self._seconds = seconds

    async def answer(self, turn: Turn, report: TurnReport) -> Answer | NoAnswer:
        began = asyncio.get_running_loop().time()
        self.asked.set()
        try:
            await asyncio.sleep(self._seconds)
        finally:
            self.took = asyncio.get_running_loop().time() - began
        report(0, {"role": "user", "content": [{"text": turn.prompt}]}, "d0")
        report(1, {"role": "assistant", "content": [{"text": "ok"}]}, "d1")
        return Answer(text="ok", usage=Usage(1, 1), mark=Mark(count=2, digest="d1"))

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    ("seconds", "took", "stand"),
    [
        (GRACE_S - 1, GRACE_S - 1, "completed"),
        (GRACE_S + 1, GRACE_S, "running"),
        (1e9, GRACE_S, "running"),
    ],
)
def test_what_runs_when_a_drive_is_to_stop_may_go_on_for_the_grace_time_and_no_longer(
    seconds: float, took: float, stand: str
) -> None:
    models = Answers(seconds)

    async def stopped_once() -> Session:
        drive, began = drive_of(models)
        running = asyncio.create_task(drive.run((began,)))
        await models.asked.wait()
        drive.ask_to_stop()
        return await running

    loop = SimLoop(Random(0))  # its time is a number: nobody waits
    session = loop.run_until_complete(stopped_once())
    loop.close()
    assert models.took == pytest.approx(took)
    assert status(session) == stand
