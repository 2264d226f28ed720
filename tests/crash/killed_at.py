"""The ``strands`` program that kills itself at one chosen call that touches a session's files.

    python killed_at.py NTH HOW LOG ARGUMENT...

Counts every call by which the store and the artifacts change the disk, and at the NTH (from 1; 0: never)
sends itself SIGKILL: ``before`` the call, ``after`` it, or ``torn``, after half of a write. Each model call
is noted in LOG as it is made, and the number of disk calls when the program ends by itself.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

CHANGES = ("write", "fdatasync", "fsync", "rename", "replace", "mkdir", "unlink", "ftruncate", "rmdir")
"""The calls of ``os`` that change what is on the disk, or when."""

WATCHED = ("durable_shell.store.", "durable_shell.runtime.artifacts")
"""The modules whose calls count."""


def note(log: str, line: str) -> None:
    """Add a line to the log; the kernel has it even when we are killed at once."""
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def die() -> NoReturn:
    """End like a process that the kernel kills: nothing is flushed, nothing is cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


class Killer:
    """Wraps the calls, counts them, and strikes once."""

    def __init__(self, nth: int, how: str) -> None:
        self.count = 0
        self._nth = nth
        self._how = how

    def wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """``real``, counted when a watched module calls it."""

        def call(*args: Any, **named: Any) -> Any:
            caller = sys._getframe(1).f_globals.get("__name__", "")
            if not caller.startswith(WATCHED):
                return real(*args, **named)
            self.count += 1
            if self.count != self._nth:
                return real(*args, **named)
            if self._how == "torn" and name == "write":
                real(args[0], bytes(args[1])[: len(args[1]) // 2])
            elif self._how != "before":
                real(*args, **named)
            die()

        return call


def main(nth: int, how: str, log: str, argv: list[str]) -> int:
    """Run the program on ``argv``."""
    from durable_shell.cli.main import main as strands
    from durable_shell.providers.agent import SdkModels

    answer = SdkModels.answer

    async def noted(self: SdkModels, turn: Any, recording: Any) -> Any:
        note(log, turn.unit)
        return await answer(self, turn, recording)

    SdkModels.answer = noted  # type: ignore[method-assign]  # the program is ours to watch
    killer = Killer(nth, how)
    for name in CHANGES:
        setattr(os, name, killer.wrapped(name, getattr(os, name)))
    code = strands(argv)
    note(log, f"calls {killer.count}")
    return code


def program() -> int:
    """Run what the command line says."""
    return main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])


if __name__ == "__main__":
    sys.exit(program())
