"""How close a run comes to the ideal schedule, when models take 50 ms and twenty calls may run at once.

Two shapes: 50 branches in parallel (ideally three waves, 150 ms), and a workflow of 100 tasks in five layers,
each task after two of the layer before (250 ms). The drive and the store are the real ones, on a real disk.
The models are a port that sleeps, or the SDK with the echo provider.

Beside each run the same waits are made without any driver, with the bare syncs that the promise costs: one
before each wave and one after the last, and two more for a new session's name. No run that keeps its promise
can be faster than that on this machine.

What a run takes beside its models is processor time, so a processor of half the speed makes it twice as long.
A fixed piece of work is timed beside each run to tell how fast this one is just now.

By hand: ``python -m tests.benchmarks.schedule``; sessions go to the folder for temporary files (TMPDIR).
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

from durable_core.session import Answer, Options, SessionStarted, Source, Turn, start, status
from durable_core.session.conversation import Mark
from durable_core.spec.models import Spec
from durable_core.types import Usage
from durable_shell.providers.agent import SdkModels
from durable_shell.runtime.clock import SystemClock
from durable_shell.runtime.driver import Drive
from durable_shell.runtime.ports import Models, TurnReport
from durable_shell.store.files.store import FileStore
from durable_shell.terminal.plain import PlainProgress
from tests.benchmarks.scale import layers

CALL_S: Final = 0.05
"""Seconds that a model takes to answer."""

WIDTH: Final = 20
"""Calls at once (``max_parallel``)."""

YARDSTICK_S: Final = 0.0065
"""Seconds that ``_yardstick`` took on the machine of docs/explanation/performance.md in a quiet hour, on 23
November 2026, when a transition of a chain took it 30 µs."""

STEP: Final[Mapping[str, Any]] = {"agent": "a", "input": "x"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A workflow, and the waves of ``WIDTH`` calls that it can't be done in fewer of."""

    name: str
    pattern: Mapping[str, Any]
    waves: int

    @property
    def ideal_s(self) -> float:
        """Seconds if nothing but the models took time."""
        return self.waves * CALL_S


BRANCHES: Final = Shape(
    "50 branches",
    {"type": "parallel", "config": {"branches": [{"id": f"b{n}", "steps": [STEP]} for n in range(50)]}},
    waves=3,
)
TASKS: Final = Shape("100 tasks", {"type": "workflow", "config": {"tasks": layers(100, WIDTH)}}, waves=5)


class SleepingModels:
    """Answers each turn after ``CALL_S``; see ``durable_shell.runtime.ports.Models``.

    ``most`` is how many turns it was ever asked at once.
    """

    def __init__(self) -> None:
        self.most = self._now = 0

    async def answer(self, turn: Turn, report: TurnReport) -> Answer:
        """See the port."""
        report(0, {"role": "user", "content": [{"text": turn.prompt}]}, "d0")
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(CALL_S)
        self._now -= 1
        report(1, {"role": "assistant", "content": [{"text": "ok"}]}, "d1")
        return Answer(text="ok", usage=Usage(1, 1), mark=Mark(count=2, digest="d1"))

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The best of several runs of a shape, in seconds, and the best of what was timed beside them."""

    shape: Shape
    run_s: float
    bare_s: float
    yardstick_s: float

    @property
    def slowness(self) -> float:
        """How many times as long as the machine of performance.md this one works at the same; at least 1."""
        return max(1.0, self.yardstick_s / YARDSTICK_S)

    @property
    def to_ideal(self) -> float:
        """The run against the ideal schedule."""
        return self.run_s / self.shape.ideal_s

    @property
    def to_bare(self) -> float:
        """The run against what this machine and its disk take at least."""
        return self.run_s / self.bare_s


def measured(
    shape: Shape, models: Callable[[], Models], folder: Path, *, runs: int, good_enough: float = 0.0
) -> Timing:
    """The best of ``runs`` with sessions below ``folder``, the last one as soon as ``good_enough`` is beaten.

    The best, since whatever else the machine does can only add to a time.
    """
    best = Timing(shape, float("inf"), float("inf"), float("inf"))
    for _ in range(runs):
        best = Timing(
            shape,
            bare_s=min(best.bare_s, asyncio.run(_bare(shape, folder))),
            run_s=min(best.run_s, asyncio.run(run(shape, models(), folder))),
            yardstick_s=min(best.yardstick_s, _yardstick()),
        )
        if best.to_ideal < good_enough:
            break
    return best


def _yardstick() -> float:
    """Seconds for work like ours (small objects, JSON, hashes), none of it done by code of ours."""
    began = time.perf_counter()
    for number in range(1000):
        parts = {str(index): {"text": "ok", "index": index} for index in range(4)}
        event = {"seq": number, "names": tuple(f"unit/{index}" for index in range(8)), "parts": parts}
        hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()
    return time.perf_counter() - began


async def run(shape: Shape, models: Models, home: Path) -> float:
    """Seconds that a run of ``shape`` takes, its session below ``home``."""
    store = FileStore(home)
    session_id = str(uuid.uuid4())
    store.create(session_id).unwrap()
    lease = store.lease(session_id, now=time.time()).unwrap()
    first = SessionStarted(
        at=time.time(),
        session_id=session_id,
        spec=_spec(shape),
        source=Source(text="", format="yaml", sha256=""),
        variables={},
        options=Options(),
    )
    drive = Drive(start(first), lease, store, models, SystemClock(), PlainProgress(io.StringIO()))
    began = time.perf_counter()
    session = await drive.run((first,))
    took = time.perf_counter() - began
    await models.close()
    store.release(lease)
    assert status(session) == "completed", status(session)
    return took


async def _bare(shape: Shape, folder: Path) -> float:
    """The waits alone, and the least that durability costs on this disk."""
    loop = asyncio.get_running_loop()
    descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    above = os.open(folder, os.O_RDONLY)

    def commit() -> None:
        os.write(descriptor, b"x" * 8192)
        os.fdatasync(descriptor)

    def name() -> None:
        for number in range(2):
            os.rename(folder / f"name{number}", folder / f"name{number + 1}")
            os.fsync(above)

    try:
        with ThreadPoolExecutor(1) as disk:
            (folder / "name0").touch()
            began = time.perf_counter()
            await loop.run_in_executor(disk, name)
            for _ in range(shape.waves):
                await loop.run_in_executor(disk, commit)
                await asyncio.gather(*(asyncio.sleep(CALL_S) for _ in range(WIDTH)))
            await loop.run_in_executor(disk, commit)
            return time.perf_counter() - began
    finally:
        os.close(descriptor)
        os.close(above)


def _spec(shape: Shape) -> Spec:
    return Spec.model_validate(
        {
            "version": 0,
            "name": "schedule",
            "runtime": {"provider": "echo", "model_id": f"echo:delay={CALL_S}", "max_parallel": WIDTH},
            "agents": {"a": {"prompt": "p"}},
            "pattern": shape.pattern,
        }
    )


MODELS: Final[Mapping[str, Callable[[], Models]]] = {
    "sleeping port": SleepingModels,
    "SDK, echo": lambda: SdkModels({}),
}


def main() -> None:
    """Print the table that docs/explanation/performance.md shows."""
    print("| Workflow | Models | Ideal, ms | Bare waits, ms | Run, ms | To ideal | To bare | Slowness |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for shape, (name, models) in product((BRANCHES, TASKS), MODELS.items()):
        with tempfile.TemporaryDirectory(prefix="strands-schedule-") as folder:
            one = measured(shape, models, Path(folder), runs=25)
        times = " | ".join(f"{seconds * 1e3:.0f}" for seconds in (shape.ideal_s, one.bare_s, one.run_s))
        ratios = f"{one.to_ideal:.2f} | {one.to_bare:.2f} | {one.slowness:.1f}"
        print(f"| {shape.name} | {name} | {times} | {ratios} |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
