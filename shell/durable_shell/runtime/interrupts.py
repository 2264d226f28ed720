"""Ctrl-C while a person, or a person's function, is waited for inside of an event loop."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C is KeyboardInterrupt while the caller waits for what is no coroutine.

    ``asyncio.run`` only notes the first one for later, when its loop gets to run again.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Ctrl-C comes to the main thread alone
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
