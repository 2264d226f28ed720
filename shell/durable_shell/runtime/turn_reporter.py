"""What the driver is told of a running turn: its messages, its tools before and after each call, its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from durable_core.frozen import frozen
from durable_core.session import Answer, Turn, commands
from durable_core.session.conversation import Memory
from durable_core.types import Fault, Json, UnitId, Usage
from durable_shell.runtime.ports import Clock, GivenUp


@frozen()
class TurnReporter:
    """Reports for one turn; implements ``durable_shell.runtime.ports.TurnReport``.

    ``report`` hands a command to the driver and returns at once; ``committed`` returns when what it led to is
    on disk, with False when it led to nothing.
    """

    turn: Turn
    clock: Clock
    report: Callable[[commands.Command], None]
    committed: Callable[[commands.Command], Awaitable[bool]]

    def __call__(self, index: int, message: Json, digest: str, memory: Memory | None = None) -> None:
        self.report(
            commands.MessageAdded(
                at=self.clock.now(),
                unit=self.turn.unit,
                attempt=self.turn.attempt,
                conversation=self.turn.conversation,
                index=index,
                message=message,
                digest=digest,
                memory=memory,
            )
        )

    async def tool_started(self, call: str, name: str, given: Json, *, reads_only: bool) -> None:
        """See ``TurnReport.tool_started``. Raises GivenUp when the session does not want the call."""
        start = commands.ToolStarted(
            at=self.clock.now(),
            unit=self.turn.unit,
            attempt=self.turn.attempt,
            call=call,
            name=name,
            input=given,
            reads_only=reads_only,
        )
        # A call that only reads waits too: the answer that asked for it is on disk then, and paid for once.
        if not await self.committed(start):
            raise GivenUp(call)

    async def tool_returned(self, call: str, result: Json) -> None:
        """See ``TurnReport.tool_returned``. Raises GivenUp when nobody wants the result."""
        returned = commands.ToolReturned(
            at=self.clock.now(), unit=self.turn.unit, attempt=self.turn.attempt, call=call, result=result
        )
        if not await self.committed(returned):
            raise GivenUp(call)


def faulted(
    unit: UnitId, attempt: int, fault: Fault, now: float, usage: Usage | None = None, chance: float = 0.0
) -> commands.Faulted:
    """An attempt that failed. One that will not be retried needs no ``chance``, which is in [0, 1)."""
    return commands.Faulted(
        at=now, unit=unit, attempt=attempt, fault=fault, usage=usage or Usage(), chance=chance
    )


def unexplained(unit: UnitId, attempt: int, error: Exception, now: float) -> commands.Faulted:
    """An attempt that ended with an exception of no known meaning."""
    return faulted(unit, attempt, Fault("unexplained", f"{type(error).__name__}: {error}"), now)


def answered(unit: UnitId, attempt: int, answer: Answer, now: float) -> commands.Answered:
    """An attempt that gave an answer."""
    return commands.Answered(
        at=now, unit=unit, attempt=attempt, text=answer.text, usage=answer.usage, mark=answer.mark
    )
