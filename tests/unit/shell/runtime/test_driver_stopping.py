"""Stopping a drive whose attempts take their time to end: the drive must not wait for somebody to wake it."""

from __future__ import annotations

import asyncio
import io

import pytest

from durable_core.session import SessionStarted, start
from durable_core.session.state import Options
from durable_core.session.turns import Answer, NoAnswer, Turn
from durable_core.spec.parse import parse_spec
from durable_core.spec.source import Source
from durable_shell.runtime import driver as drive_module
from durable_shell.runtime.clock import SystemClock
from durable_shell.runtime.driver import Drive
from durable_shell.runtime.ports import TurnReport
from durable_shell.store.memory import MemoryStore
from durable_shell.terminal.plain import PlainProgress

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


def drive_of(models: SlowToLetGo) -> tuple[Drive, SessionStarted]:
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


def test_after_the_grace_time_one_request_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive_module, "GRACE_S", 0.05)
    assert asyncio.run(stopped(1)) == "a"
