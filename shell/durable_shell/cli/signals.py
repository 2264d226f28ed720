"""Ctrl-C, SIGTERM and SIGHUP while a session is driven."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from durable_shell.runtime.driver import Drive
from durable_shell.terminal import Progress
from durable_shell.terminal.messages import run as run_messages

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedBySignals:
    """Lets a signal ask a drive to stop: once gently, twice at once.

    SIGHUP is the exception. A terminal that closes may send several within a moment, by itself and through
    the shell, and nobody asked for haste: however often it comes, it is one gentle request. Where it is
    ignored, as under ``nohup``, it stays so.

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
        if before[signal.SIGHUP] is signal.SIG_IGN:
            del before[signal.SIGHUP]
        loop = asyncio.get_running_loop()
        stopping = _Stopping(drive, self._progress)
        for number in before:
            loop.add_signal_handler(number, stopping.hung_up if number == signal.SIGHUP else stopping.stop)
        if self._noted:
            stopping.stop()
        try:
            yield
        finally:
            self._noted, self._was_driven = 0, True
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)


class _Stopping:
    """Stops one drive, and tells the person once."""

    def __init__(self, drive: Drive, progress: Progress) -> None:
        self._drive = drive
        self._progress = progress
        self._was_asked = False

    def stop(self) -> None:
        if not self._was_asked:
            self._progress.warn(run_messages.stopping())
        self._was_asked = True
        self._drive.ask_to_stop()

    def hung_up(self) -> None:
        if not self._was_asked:
            self.stop()
