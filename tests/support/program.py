"""Runs the real ``strands`` program in a process of its own, as a user's shell would.

The program is the console script beside the interpreter where there is one, else the same entry point from
the source tree. It gets a home folder and the variables named here, and nothing else of the developer's.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_SCRIPT = Path(sys.executable).with_name("strands")
_ENTRY = "import sys; from durable_shell.cli.main import main; sys.exit(main())"

COMMAND = [str(_SCRIPT)] if _SCRIPT.exists() else [sys.executable, "-P", "-c", _ENTRY]
"""How the program is started."""

# made absolute, since the programs run in folders of their own
_IMPORTS = os.pathsep.join(os.path.abspath(p) for p in os.environ.get("PYTHONPATH", "").split(":") if p)

Ran = subprocess.CompletedProcess[str]
"""How a command ended: ``returncode``, ``stdout`` and ``stderr``."""


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


def run(
    *argv: str | Path,
    home: Path,
    cwd: Path | None = None,
    input: str | bytes = "",  # noqa: A002 -- as subprocess calls it
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
    through: Sequence[str] = (),
) -> Ran:
    """Run one command line to its end; sessions are kept in ``home/.strands``.

    ``through`` is a program that changes something about its process and then becomes the one behind it.
    """
    sent = input.encode() if isinstance(input, str) else input
    ran = subprocess.run(
        [*through, *COMMAND, *map(str, argv)],
        input=sent,
        capture_output=True,
        cwd=cwd or home,
        env=surroundings(home, env),
        timeout=timeout,
        check=False,
    )
    return Ran(ran.args, ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def start(
    *argv: str | Path, home: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start one command line in the background; both its outputs are pipes."""
    return subprocess.Popen(
        [*COMMAND, *map(str, argv)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd or home,
        env=surroundings(home, env),
        text=True,
    )


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
    within: float = 30,
    process: subprocess.Popen[str] | None = None,
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
