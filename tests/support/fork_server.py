"""A process that has loaded what ``strands`` needs, and forks itself for each program that a test starts.

To load the SDK takes a second of processor, which a test run would spend hundreds of times. A forked program
is a process of its own all the same: it has its own pid, folder, environment, streams and signals, and can be
killed at any instant. Between it and this server stands a watcher, which tells the test of the program's end
and keeps its pid from being given to another process until the test has heard.

    python -P fork_server.py CHANNEL

CHANNEL is the number of a socket. A request is four bytes of length and a JSON object (see ``Program``), with
four descriptors: standard input, output and error, and a socket on which the watcher answers, with the pid at
once and the exit status (as ``Popen.returncode``) at the end. Once told that this was heard, it gives the pid
back and hangs up.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import pkgutil
import signal
import socket
import struct
import sys
import threading
from contextlib import suppress
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

PACKAGES = ("durable_core", "durable_shell")
"""Loaded with all their modules, but for those in ``CLIENTS``."""

CLIENTS = "durable_shell.providers.streams."
"""Each module there loads the client of a provider, which need not be installed."""

USED_CLIENTS = ("openai", "ollama")
"""Those that programs of tests speak with."""

NUMBER = struct.Struct("!i")


class Program(NamedTuple):
    """What is to run, and where."""

    entry: str
    """``module:function``; what the function returns is the exit status."""
    argv: list[str]
    """``sys.argv``."""
    path: str
    """The first folder that modules are looked for in."""
    cwd: str
    env: dict[str, str]
    terminal: str = ""
    """The name of a terminal that becomes the program's own, in a session of its own."""


def load() -> None:
    """Import what programs will need, and keep the garbage collector from touching it in each of them."""
    gc.disable()
    for package in PACKAGES:
        where = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(where, f"{package}."):
            if not module.name.startswith(CLIENTS):
                importlib.import_module(module.name)
    for client in USED_CLIENTS:
        importlib.import_module(CLIENTS + client)
    gc.collect()
    gc.freeze()
    gc.enable()


def serve(channel: socket.socket) -> tuple[Program, list[int]]:
    """Fork for each request until the other side hangs up. Returns in the programs alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # watchers go without being waited for
    while True:
        length, descriptors, _, _ = socket.recv_fds(channel, NUMBER.size, 4)
        if not length:
            os._exit(0)
        request = _exactly(channel, NUMBER.unpack(length)[0])
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            if (pid := os.fork()) == 0:
                return Program(**json.loads(request)), descriptors[:3]
            for descriptor in descriptors[:3]:
                os.close(descriptor)
            watch(pid, socket.socket(fileno=descriptors[3]))
        for descriptor in descriptors:
            os.close(descriptor)


def watch(pid: int, report: socket.socket) -> NoReturn:
    """Tell of the program's start and of its end; then wait until that was heard."""
    report.sendall(NUMBER.pack(pid))
    end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert end is not None
    report.sendall(NUMBER.pack(end.si_status if end.si_code == os.CLD_EXITED else -end.si_status))
    report.recv(1)
    os.waitpid(pid, 0)
    os._exit(0)


def become(program: Program, streams: list[int]) -> None:
    """Make this process what it would be if the interpreter had just been started for ``program``."""
    if program.terminal:
        os.setsid()
        streams[0] = os.open(program.terminal, os.O_RDONLY)  # opened by name, it becomes our own
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(program.cwd)
    os.environ.clear()
    os.environ.update(program.env)
    sys.argv = list(program.argv)
    sys.path.insert(0, program.path)
    sys.modules["__main__"] = ModuleType("__main__")
    sys.stdin = sys.__stdin__ = _stream(0, "r", sys.stdin)
    sys.stdout = sys.__stdout__ = _stream(1, "w", sys.stdout)
    sys.stderr = sys.__stderr__ = _stream(2, "w", sys.stderr)


def _stream(number: int, mode: str, like: Any) -> io.TextIOWrapper:
    """A standard stream, as the interpreter makes it."""
    stream = open(  # noqa: SIM115 -- it is open as long as the program
        number, mode, encoding=like.encoding, errors=like.errors, newline="\n", closefd=False
    )
    assert isinstance(stream, io.TextIOWrapper)
    if number == 2:
        stream.reconfigure(line_buffering=True)
    return stream


def _exactly(channel: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        received += channel.recv(length - len(received))
    return received


def end(status: int) -> NoReturn:
    """Do what the interpreter does at its end, but for taking all that was loaded apart."""
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as the interpreter does
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def main() -> NoReturn:
    """Serve, and in each program run it."""
    load()
    program, streams = serve(socket.socket(fileno=int(sys.argv[1])))
    become(program, streams)
    module, _, function = program.entry.partition(":")
    status = getattr(importlib.import_module(module), function)()
    end(status)


if __name__ == "__main__":
    main()
