"""What reports of tools lead to, and a person's word on a call in doubt.

The driver commits these events before the tool runs and before its result is sent, so what is in the
journal is never less than what was done in the world.
"""

from __future__ import annotations

from returns.result import Failure, Result, Success

from durable_core.characters import whole
from durable_core.patterns.base import Unusable
from durable_core.session import events
from durable_core.session.commands import SettleTool
from durable_core.session.state import Session, UnitProgress
from durable_core.session.tool_calls import ToolCall, find_call, result_of_done


def tool_started(report: events.ToolStarted, progress: UnitProgress) -> tuple[events.Event, ...]:
    """A call starts once an attempt, and not at all when its result is known."""
    before = find_call(progress.calls, report.call)
    if before is not None and (before.attempt == report.attempt or before.result is not None):
        return ()
    return (report,)


def tool_returned(report: events.ToolReturned, progress: UnitProgress) -> tuple[events.Event, ...]:
    """A call returns once, and only to the attempt that started it."""
    call = find_call(progress.calls, report.call)
    if call is None or call.attempt != report.attempt or call.result is not None:
        return ()
    return (report,)


def settle(session: Session, wish: SettleTool) -> Result[tuple[events.Event, ...], Unusable]:
    """A call whose outcome is unknown is settled, once, by a person."""
    call = _call_meant(session, wish)
    if isinstance(call, Unusable):
        return Failure(call)
    result = None if wish.done is None else result_of_done(call, whole(wish.done))
    return Success(
        (
            events.ToolSettled(
                at=wish.at,
                unit=wish.unit,
                call=call.call,
                outcome="retry" if wish.done is None else "done",
                result=result,
            ),
        )
    )


def _call_meant(session: Session, wish: SettleTool) -> ToolCall | Unusable:
    unknown = tuple(call for call in session.progress_of(wish.unit).calls if call.outcome_unknown)
    if wish.call is None and len(unknown) == 1:
        return unknown[0]
    names = ", ".join(call.call for call in unknown)
    if not unknown:
        elsewhere = ", ".join(
            sorted(
                unit
                for unit, progress in session.progress.items()
                if any(call.outcome_unknown for call in progress.calls)
            )
        )
        return Unusable(
            f"no tool call is in doubt at {wish.unit}" + (f" (but at {elsewhere})" if elsewhere else "")
        )
    if wish.call is None:
        return Unusable(f"several tool calls are in doubt at {wish.unit} ({names}): name the one you settle")
    return find_call(unknown, wish.call) or Unusable(
        f"the tool call {wish.call} is not in doubt at {wish.unit} (in doubt: {names})"
    )
