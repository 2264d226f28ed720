"""A person at a terminal: runs ``strands`` on a pseudo-terminal, reads what it shows and types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.program import COMMAND, FORKS, Running, fork, surroundings

_STEERING = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)")
CTRL_C, CTRL_D = "\x03", "\x04"


class Terminal:
    """One command on a terminal of its own, 100 columns wide; a context manager that ends what still runs."""

    def __init__(
        self, *argv: str, home: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        self.raw = ""
        self._screen, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        self.process = self._start(
            argv, inside, cwd or home, surroundings(home, {"TERM": "xterm-256color", **(env or {})})
        )
        os.close(inside)

    @staticmethod
    def _start(argv: tuple[str, ...], inside: int, cwd: Path, env: dict[str, str]) -> Running:
        # opened by name, the terminal becomes its own, so that Ctrl-C becomes a signal
        name, streams = os.ttyname(inside), (inside, inside, inside)
        if FORKS:
            return fork(*argv, cwd=cwd, env=env, streams=streams, terminal=name)
        return subprocess.Popen(
            ["sh", "-c", 'exec "$@" < "$0"', name, *COMMAND, *argv],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            cwd=cwd,
            env=env,
            start_new_session=True,
            text=True,
        )

    @property
    def text(self) -> str:
        """What was shown so far, without colours and cursor movements."""
        return _STEERING.sub("", self.raw).replace("\r\n", "\n")

    def read_until(self, words: str, *, times: int = 1, within: float = 120) -> None:
        """Read until ``words`` were shown so many ``times``."""
        end = time.monotonic() + within
        while self.text.count(words) < times:
            if time.monotonic() > end or not self._read(0.1):
                raise AssertionError(f"{words!r} was not shown: {self.text}")

    def type(self, keys: str) -> None:
        """Press keys; a line ends with ``\\r``."""
        os.write(self._screen, keys.encode())

    def wait(self, *, within: float = 120) -> int:
        """Read to the end; gives the exit code."""
        end = time.monotonic() + within
        while time.monotonic() < end and self._read(0.1):
            pass
        return self.process.wait(max(0.1, end - time.monotonic()))

    def _read(self, seconds: float) -> bool:
        """Take what is shown within some seconds; False at the end."""
        ready, _, _ = select.select([self._screen], [], [], seconds)
        if not ready:
            return True
        try:
            shown = os.read(self._screen, 65536)
        except OSError:  # the last program on the terminal has ended
            return False
        self.raw += shown.decode(errors="replace")
        return bool(shown)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._screen)
