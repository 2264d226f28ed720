"""Ctrl-C and SIGTERM while a session is driven."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator

from durable_shell.runtime.driver import Drive
from durable_shell.terminal import Progress
from durable_shell.terminal.messages import run as run_messages


def stopped_by_signals(progress: Progress) -> Callable[[Drive], contextlib.AbstractContextManager[None]]:
    """A context in which a signal asks a drive to stop, once gently, twice at once."""

    @contextlib.contextmanager
    def handled(drive: Drive) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        is_stopping = False

        def stop() -> None:
            nonlocal is_stopping
            if not is_stopping:
                progress.warn(run_messages.stopping())
            is_stopping = True
            drive.ask_to_stop()

        numbers = (signal.SIGINT, signal.SIGTERM)
        for number in numbers:
            loop.add_signal_handler(number, stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    return handled
