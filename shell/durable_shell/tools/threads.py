"""Runs a blocking function in a thread of its own, which never keeps the program from ending.

The loop's own threads are few, and the interpreter waits for them at its end: a tool that hangs would hang
Ctrl-C too.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import Any


async def in_thread(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What ``function`` returns or raises. Cancelling stops the waiting, not the thread."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: Any, error: BaseException | None) -> None:
        if outcome.cancelled():
            return
        if error is None:
            outcome.set_result(result)
        else:
            outcome.set_exception(error)

    def work() -> None:
        result: Any = None
        failed: BaseException | None = None
        try:
            result = context.run(function, *args, **kwargs)
        except Exception as error:
            # a future takes no StopIteration
            failed = RuntimeError(repr(error)) if isinstance(error, StopIteration) else error
        except BaseException as error:  # a tool that calls sys.exit ends itself, and not the run
            failed = RuntimeError(f"the tool asked the program to end: {error!r}")
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=work, name="tool", daemon=True).start()
    return await outcome
