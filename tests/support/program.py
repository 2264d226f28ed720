"""Runs the real ``strands`` program in a process of its own, as a user's shell would.

It gets a home folder and the variables named here, and nothing else of the developer's. By day its process is
forked from one that has loaded the SDK, which spares most of its time; at night each is started anew: the
console script beside the interpreter where there is one, else the same entry point from the source tree.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.support.fork_server import Program
from tests.support.forked import Forked, Server
from tests.support.night import NIGHTLY

_SCRIPT = Path(sys.executable).with_name("strands")
_ENTRY = "import sys; from durable_shell.cli.main import main; sys.exit(main())"

COMMAND = [str(_SCRIPT)] if _SCRIPT.exists() else [sys.executable, "-P", "-c", _ENTRY]
"""How the program is started."""

# made absolute, since the programs run in folders of their own
_IMPORTS = os.pathsep.join(os.path.abspath(p) for p in os.environ.get("PYTHONPATH", "").split(":") if p)

FORKS = not NIGHTLY and hasattr(socket, "send_fds")
"""Whether programs are forked from one that has loaded the SDK."""

Ran = subprocess.CompletedProcess[str]
"""How a command ended: ``returncode``, ``stdout`` and ``stderr``."""

Running = subprocess.Popen[str] | Forked
"""A program that was started."""


class Runnable(NamedTuple):
    """A program that can be started anew by ``command``, or forked and entered at ``entry``."""

    command: list[str]
    entry: str
    path: str
    """The first folder in which modules are looked for."""


STRANDS = Runnable(COMMAND, "durable_shell.cli.main:main", str(_SCRIPT.parent))


def script(file: Path, function: str) -> Runnable:
    """A Python file, whose ``function`` gives the exit status."""
    return Runnable([sys.executable, str(file)], f"{file.stem}:{function}", str(file.parent))


def surroundings(home: Path, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment variables of a program whose user's home folder is ``home``; ``env`` adds to them."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": _IMPORTS,
        "OPENAI_API_KEY": "a key for the test server",
        **(env or {}),
    }


@cache
def _server() -> Server:
    return Server(surroundings(Path(os.devnull)))


def run(
    *argv: str | Path,
    home: Path,
    cwd: Path | None = None,
    input: str | bytes = "",  # noqa: A002 -- as subprocess calls it
    env: Mapping[str, str] | None = None,
    timeout: float = 300,
    through: Sequence[str] = (),
    program: Runnable = STRANDS,
    anew: bool = False,
) -> Ran:
    """Run one command line to its end; sessions are kept in ``home/.strands``.

    ``through`` is a program that changes something about its process and then becomes the one behind it.
    ``anew`` never forks.
    """
    sent = input.encode() if isinstance(input, str) else input
    words = [*program.command, *map(str, argv)]
    variables = surroundings(home, env)
    if FORKS and not anew and not through and _server().fits(variables):
        forked = fork(*argv, cwd=cwd or home, env=variables, send=sent, program=program)
        try:
            stdout, stderr = forked.communicate(timeout)
        finally:
            forked.kill()
        return Ran(words, forked.wait(), stdout, stderr)
    ran = subprocess.run(
        [*through, *words],
        input=sent,
        capture_output=True,
        cwd=cwd or home,
        env=variables,
        timeout=timeout,
        check=False,
    )
    return Ran(ran.args, ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def start(
    *argv: str | Path,
    home: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    program: Runnable = STRANDS,
    anew: bool = False,
) -> Running:
    """Start one command line in the background; both its outputs are pipes. ``anew`` never forks."""
    variables = surroundings(home, env)
    if FORKS and not anew and _server().fits(variables):
        return fork(*argv, cwd=cwd or home, env=variables, program=program)
    return subprocess.Popen(
        [*program.command, *map(str, argv)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd or home,
        env=variables,
        text=True,
    )


def fork(
    *argv: str | Path,
    cwd: Path,
    env: dict[str, str],
    send: bytes | None = None,
    program: Runnable = STRANDS,
    streams: tuple[int, int, int] | None = None,
    terminal: str = "",
) -> Forked:
    """Fork a program that has loaded the SDK, with these streams, or pipes."""
    words = [program.command[-1], *map(str, argv)]
    asked = Program(program.entry, words, program.path, str(cwd), env, terminal)
    return Forked(_server(), asked, send=send, streams=streams)


def put_on_path(folder: Path) -> Path:
    """Make ``folder/strands``, a script that runs the program; gives the folder, for PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "strands"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    script.chmod(0o755)
    return folder


def wait_until(
    true: Callable[[], bool],
    what: str,
    *,
    within: float = 120,
    process: Running | None = None,
) -> None:
    """Wait until ``true()``.

    Fails with ``what`` was waited for after ``within`` seconds, or as soon as ``process`` ended without it.
    """
    end = time.monotonic() + within
    while not true():
        if process is not None and process.poll() is not None and not true():
            raise AssertionError(f"ended with {process.returncode} before {what}: {process.communicate()}")
        if time.monotonic() > end:
            raise AssertionError(f"not within {within:g} s: {what}")
        time.sleep(0.005)
