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
    """A loop for one run. ``at`` is the time it begins at, in seconds.

    ``broken`` holds what callbacks raised, which a loop only logs. ``held_until`` says until when the process
    whose callback is due does nothing, while the others go on: what is due is put off until then.
    """

    def __init__(self, random: Random, at: float = 0.0) -> None:
        super().__init__()
        self.random = random
        self._at = at
        self._begun_at = at
        self._rounds = 0
        # BaseEventLoop asks this object to wait for files and time; there are no files here.
        self._selector = self
        self.held_until: Callable[[], float] = lambda: 0.0
        self._put_off = 0
        self.broken: list[BaseException] = []
        self.set_exception_handler(_note_unless_crashed)

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

    def call_soon(  # type: ignore[override]  # as above
        self, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """As usual, unless the process is held by then."""
        context = contextvars.copy_context() if context is None else context
        return super().call_soon(self._unless_held, context, callback, args, context=context)

    def call_at(  # type: ignore[override]  # as above
        self,
        when: float,
        callback: Callable[..., Any],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """As usual, unless the process is held by then."""
        context = contextvars.copy_context() if context is None else context
        return super().call_at(when, self._unless_held, context, callback, args, context=context)

    def _unless_held(
        self, context: contextvars.Context, callback: Callable[..., Any], args: tuple[Any, ...]
    ) -> None:
        until = self.held_until()
        if until <= self._at:
            callback(*args)
            return
        self._put_off += 1  # in the order in which they were due
        super().call_at(
            until + self._put_off * 1e-9, self._unless_held, context, callback, args, context=context
        )

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


def _note_unless_crashed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The tasks of a dead process end with Crashed and nobody asks them why. Callbacks must not fail."""
    error = context.get("exception")
    if isinstance(error, Crashed):
        return
    if isinstance(loop, SimLoop) and error is not None and "handle" in context:
        loop.broken.append(error)
    loop.default_exception_handler(context)
