"""Waiting for a retry while somebody sets the clock: it takes no longer than was decided."""

from __future__ import annotations

import asyncio
import io

import pytest

from durable_core.session import SessionStarted, start, status
from durable_core.session.conversation import Mark
from durable_core.session.state import Options
from durable_core.session.turns import Answer, NoAnswer, Turn
from durable_core.spec.parse import parse_spec
from durable_core.spec.source import Source
from durable_core.types import Fault, Usage
from durable_shell.runtime.driver import Drive
from durable_shell.runtime.ports import TurnReport
from durable_shell.store.memory.store import MemoryStore
from durable_shell.terminal.plain import PlainProgress

SPEC = """
version: 0
name: one
runtime: {provider: echo, failure_policy: {retries: 2, backoff: constant, wait_min: 8, wait_max: 8}}
agents: {a: {prompt: You think.}}
pattern: {type: chain, config: {steps: [{agent: a}]}}
"""
SESSION = "0d4c6b1e-7a51-4a0f-9a53-3c1e8f2b6d70"
A_DAY = 86_400.0


class SetClock:
    """A clock that somebody sets by ``shift`` seconds, when it has been asked for the time ``at`` times.

    Nobody waits in fact: what is slept is noted, and the time is that much later.
    """

    def __init__(self, shift: float, at: int) -> None:
        self._time = 1_000_000.0
        self._shift = shift
        self._left = at
        self.slept: list[float] = []

    def now(self) -> float:
        self._left -= 1
        if self._left == 0:
            self._time += self._shift
        return self._time

    def chance(self) -> float:
        return 1.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.slept.append(seconds)
        self._time += seconds


class BusyAtFirst:
    """A model that answers the second time."""

    def __init__(self) -> None:
        self._asked = 0

    async def answer(self, turn: Turn, report: TurnReport) -> Answer | NoAnswer:
        self._asked += 1
        if self._asked == 1:
            return NoAnswer(fault=Fault("throttled", "busy"), usage=Usage())
        report(0, {"role": "user", "content": [{"text": turn.prompt}]}, "d0")
        report(1, {"role": "assistant", "content": [{"text": "ok"}]}, "d1")
        return Answer(text="ok", usage=Usage(1, 1), mark=Mark(count=2, digest="d1"))

    async def close(self) -> None:
        """Nothing to close."""


def run_with(clock: SetClock) -> str:
    """A run of the workflow with ``clock``; the status that it ends with."""
    store = MemoryStore()
    store.create(SESSION)
    lease = store.lease(SESSION, now=0.0).unwrap()
    began = SessionStarted(
        at=1_000_000.0,
        session_id=SESSION,
        spec=parse_spec(SPEC).unwrap(),
        source=Source(text=SPEC, format="yaml", sha256="0" * 64),
        variables={},
        options=Options(),
    )
    drive = Drive(start(began), lease, store, BusyAtFirst(), clock, PlainProgress(io.StringIO()))
    return status(asyncio.run(asyncio.wait_for(drive.run((began,)), 300)))


@pytest.mark.parametrize("at", range(1, 12))
@pytest.mark.parametrize("shift", [-A_DAY, -1.0, 0.0, 1.0, A_DAY])
def test_a_clock_that_is_set_makes_no_wait_for_a_retry_longer(shift: float, at: int) -> None:
    clock = SetClock(shift, at)
    assert run_with(clock) == "completed"
    assert sum(clock.slept) <= 8.0


def test_a_clock_that_nobody_sets_waits_as_long_as_was_decided() -> None:
    clock = SetClock(0.0, 1)
    assert run_with(clock) == "completed"
    assert clock.slept == [8.0]
