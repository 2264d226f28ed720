"""An event loop whose time is a number: it jumps to the next timer instead of waiting for it.

Work handed to executors runs on the loop itself, at a moment and with a delay that the seed chooses, so a run
with the same seed is the same run. Nothing is random but what comes from ``random``; no thread and no socket
is ever opened. Callbacks run in asyncio's own order; what a seed varies is when things are due.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from random import Random
from typing import Any, Final

from tests.simulation.disk import Crashed

LONGEST: Final = 40 * 86400.0
"""Seconds of virtual time after which a run counts as hanging: far beyond any wait the driver knows."""

MOST_ROUNDS: Final = 20_000
"""Rounds of the loop after which a run counts as spinning."""


class Hangs(AssertionError):
    """Nothing will ever happen again, or the same thing for ever."""


class SimLoop(asyncio.BaseEventLoop):
    """A loop for one run. ``at`` is the time it begins at, in seconds."""

    def __init__(self, random: Random, at: float = 0.0) -> None:
        super().__init__()
        self.random = random
        self._at = at
        self._begun_at = at
        self._rounds = 0
        # BaseEventLoop asks this object to wait for files and time; there are no files here.
        self._selector = self
        self.set_exception_handler(_tell_unless_crashed)

    def time(self) -> float:
        """The loop's own clock, in seconds."""
        return self._at

    def be_patient_anew(self) -> None:
        """Count hours and rounds from here on: what hung is being taken down now."""
        self._begun_at, self._rounds = self._at, 0

    def pass_time(self, seconds: float) -> None:
        """Let time go by at once, as when an operation is slow."""
        self._at += seconds

    def select(self, timeout: float | None) -> list[Any]:
        """Instead of waiting: it is later now."""
        self._rounds += 1
        if timeout is None:
            raise Hangs("no task can run and no timer is set")
        self._at += timeout
        if self._at - self._begun_at > LONGEST or self._rounds > MOST_ROUNDS:
            raise Hangs(f"still running after {self._at - self._begun_at:.0f} s and {self._rounds} rounds")
        return []

    def run_in_executor(  # type: ignore[override]  # the base says the same with variadic type variables
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Run ``func`` here, soon; its result arrives a little later."""
        future = self.create_future()
        context = contextvars.copy_context()
        self.call_later(self._delay(), self._work, future, func, args, context=context)
        return future

    def _work(self, future: asyncio.Future[Any], func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if future.cancelled():
            return
        try:
            result = func(*args)
        except BaseException as error:  # a dead process's task must end too, with the same error
            if not future.done():
                future.set_exception(error)
        else:
            self.call_later(self._delay(), _deliver, future, result)

    def _delay(self) -> float:
        return self.random.choice((0.0, 0.0, 0.0005, 0.002, 0.01))

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none: no file is watched."""

    def _write_to_self(self) -> None:
        """No other thread can wake this loop."""


def _deliver(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _tell_unless_crashed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The tasks of a dead process end with Crashed and nobody asks them why."""
    if not isinstance(context.get("exception"), Crashed):
        loop.default_exception_handler(context)
