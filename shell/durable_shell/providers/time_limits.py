"""The time that one turn may take, counted while it waits for the model or for a tool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

from durable_core.spec.settings import ModelSettings, TurnLimits
from durable_core.types import Fault


class Overdue(Exception):
    """A call did not end within its limit."""


class TimeLimits:
    """Holds the calls of one turn to ``limits``. A middleware around the SDK's model stage.

    ``fault`` is what the attempt ends with once a call is overdue, whatever the SDK makes of the exception;
    ``overdue`` is called then.
    """

    def __init__(self, limits: TurnLimits, settings: ModelSettings, overdue: Callable[[], None]) -> None:
        self.fault: Fault | None = None
        self._overdue = overdue
        self._limits = limits
        self._settings = settings
        self._left = limits.turn

    async def __call__(self, context: Any, next_fn: Any) -> AsyncGenerator[Any, None]:
        """Around one call of the model."""
        one = self._limits.model
        spent = _Spent()
        try:
            most = self._left if one is None else min(one, self._left)
            async for event in _within(most, next_fn(context), spent):
                yield event
        except Overdue:
            self._end(self._too_slow())
            raise
        finally:
            self._left -= spent.seconds

    async def tool(self, name: str, events: Any) -> AsyncGenerator[Any, None]:
        """The events of one call of a tool, within its limit."""
        try:
            async for event in _within(self._limits.tool, events, _Spent()):
                yield event
        except Overdue:
            self._end(f"The tool {name} did not return within {self._limits.tool:g} s.")
            raise

    def _end(self, message: str) -> None:
        self.fault = Fault("timeout", message)
        self._overdue()

    def _too_slow(self) -> str:
        from durable_shell.providers.fault_messages import told_of  # most turns end in time

        one, turn = self._limits.model, self._limits.turn
        if one is not None and one < self._left:
            return told_of(self._settings, f"did not answer within {one:g} s.")
        return told_of(self._settings, f"did not finish the turn within {turn:g} s.")


class _Spent:
    """Seconds that were waited so far."""

    seconds = 0.0


async def _within(most: float, events: Any, spent: _Spent) -> AsyncGenerator[Any, None]:
    """``events`` as they come. Raises Overdue when waiting for them has taken ``most`` seconds in all."""
    clock = asyncio.get_running_loop().time
    try:
        while True:
            began = clock()
            try:
                async with asyncio.timeout(most - spent.seconds) as limit:
                    event = await anext(events)
            except StopAsyncIteration:
                return
            except TimeoutError:
                if limit.expired():
                    raise Overdue from None
                raise
            finally:
                spent.seconds += clock() - began
            yield event
    finally:
        await events.aclose()
