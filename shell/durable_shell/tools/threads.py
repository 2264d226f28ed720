"""Runs a blocking function in a thread of its own, which never keeps the program from ending.

The loop's own threads are few, and the interpreter waits for them at its end: a tool that hangs would hang
Ctrl-C too. A thread can't be stopped either: one that outlives its limit goes on, and is known here, so that
its tool is not started a second time beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from durable_core.frozen import frozen


@frozen()
class CallKey:
    """What a call is known by: its session and tool, and a name that it has again when it is made again."""

    session: str
    tool: str
    call: str


CALL: Final[contextvars.ContextVar[CallKey | None]] = contextvars.ContextVar("call", default=None)
"""The call that whatever runs in this context is made for."""


@dataclass(eq=False, slots=True)
class _Running:
    """A call in its thread; ``left`` once its limit was passed or its run has ended, so that nobody waits."""

    outcome: Future[Any]
    left: bool = False


_RUNNING: Final[dict[CallKey, _Running]] = {}
"""The calls of this process whose outcome nobody has got yet, over all of its runs and event loops."""


async def in_thread(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What ``function`` returns or raises. Cancelling stops the waiting, not the thread.

    A call (``CALL``) that is made again gets the outcome of the thread that it was left with before, and any
    other call of that tool by the session waits for the end of it first.
    """
    key = CALL.get()
    if key is None:
        return await _outcome(_started(function, args, kwargs))
    running = _RUNNING.get(key)
    if running is None:
        for other, before in list(_RUNNING.items()):
            if before.left and (other.session, other.tool) == (key.session, key.tool):
                await asyncio.wait([_wrapped(before.outcome)])
        running = _RUNNING[key] = _Running(_started(function, args, kwargs))
    running.left = False
    try:
        outcome = await _outcome(running.outcome)
    except asyncio.CancelledError:
        running.left = True
        raise
    except Exception:
        _RUNNING.pop(key, None)
        raise
    _RUNNING.pop(key, None)
    return outcome


def _started(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Future[Any]:
    outcome: Future[Any] = Future()
    outcome.set_running_or_notify_cancel()  # whoever waits can't cancel it from now on
    context = contextvars.copy_context()

    def work() -> None:
        try:
            outcome.set_result(context.run(function, *args, **kwargs))
        except Exception as error:
            # a coroutine can't raise StopIteration
            outcome.set_exception(RuntimeError(repr(error)) if isinstance(error, StopIteration) else error)
        except BaseException as error:  # a tool that calls sys.exit ends itself, and not the run
            outcome.set_exception(RuntimeError(f"the tool asked the program to end: {error!r}"))

    threading.Thread(target=work, name="tool", daemon=True).start()
    return outcome


async def _outcome(running: Future[Any]) -> Any:
    await _wrapped(running)
    return running.result()


def _wrapped(running: Future[Any]) -> asyncio.Future[None]:
    """The end of ``running`` as the loop of here waits for it; that loop may be closed before."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def end() -> None:
        if not ended.done():
            ended.set_result(None)

    def tell(_: Future[Any]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(end)

    running.add_done_callback(tell)
    return ended
