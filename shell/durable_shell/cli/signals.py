"""Ctrl-C and SIGTERM while a session is driven."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

from durable_shell.runtime.driver import Drive
from durable_shell.terminal import Progress
from durable_shell.terminal.messages import run as run_messages

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


class StoppedBySignals:
    """Lets a signal ask a drive to stop: once gently, twice at once.

    Between the drives, while a loop is made and while it is closed, Ctrl-C is noted: raised in the middle of
    asyncio's own code, KeyboardInterrupt leaves tasks behind that complain on the person's screen. What was
    noted stops the drive that begins next. After a drive a second Ctrl-C is KeyboardInterrupt, as the models
    may take long to close.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._was_driven = False
        self._noted = 0

    @contextlib.contextmanager
    def between_drives(self) -> Iterator[None]:
        """Note each Ctrl-C inside, where no drive takes it."""
        before = signal.signal(signal.SIGINT, self._note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _note(self, _: int, __: FrameType | None) -> None:
        self._noted += 1
        if self._was_driven and self._noted > 1:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def during(self, drive: Drive) -> Iterator[None]:
        """Stop ``drive`` when a signal comes, or when one was noted before."""
        before = {number: signal.getsignal(number) for number in _NUMBERS}
        loop = asyncio.get_running_loop()
        stop = self._stopper(drive)
        for number in _NUMBERS:
            loop.add_signal_handler(number, stop)
        if self._noted:
            stop()
        try:
            yield
        finally:
            self._noted, self._was_driven = 0, True
            for number in _NUMBERS:
                loop.remove_signal_handler(number)
                signal.signal(number, before[number])

    def _stopper(self, drive: Drive) -> Callable[[], None]:
        is_stopping = False

        def stop() -> None:
            nonlocal is_stopping
            if not is_stopping:
                self._progress.warn(run_messages.stopping())
            is_stopping = True
            drive.ask_to_stop()

        return stop
