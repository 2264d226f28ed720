"""Waiting for a coroutine, wherever one stands: with no event loop, or inside of one, as in a notebook."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from durable_shell.runtime.interrupts import interruptible

_T = TypeVar("_T")


def wait_for(make: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """What the coroutine that ``make`` gives returns, or raises.

    Inside a running event loop it runs in a thread with a loop of its own, and the caller's loop stands still
    meanwhile. Ctrl-C cancels the coroutine, waits until that has ended, and is KeyboardInterrupt then.
    """
    return _in_thread(make) if _in_a_loop() else _run(make)


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _run(make: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """What ``asyncio.run`` gives. The notes of a cancellation are the interrupt's, which takes its place."""
    cancelled: list[asyncio.CancelledError] = []

    async def noted() -> _T:
        try:
            return await make()
        except asyncio.CancelledError as error:
            cancelled.append(error)
            raise

    try:
        return asyncio.run(noted())
    except KeyboardInterrupt as interrupt:
        for error in cancelled:
            for note in getattr(error, "__notes__", ()):
                interrupt.add_note(note)
        raise


def _in_thread(make: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []

    async def known() -> _T:
        task = asyncio.current_task()
        assert task is not None
        running.append((asyncio.get_running_loop(), task))
        return await make()

    with ThreadPoolExecutor(1, "strands-durable") as pool:
        waiting = pool.submit(lambda: asyncio.run(known()))
        try:
            with interruptible():
                return waiting.result()
        except KeyboardInterrupt as interrupt:
            for loop, task in running:
                loop.call_soon_threadsafe(task.cancel)
            ended = waiting.exception()
            for note in getattr(ended, "__notes__", ()):
                interrupt.add_note(note)
            raise
