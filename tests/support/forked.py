"""Programs forked from a process that has loaded the SDK, used like those of ``subprocess``."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from tests.support import fork_server
from tests.support.fork_server import NUMBER, Program


class Forked:
    """A program that runs, with the part of ``subprocess.Popen`` that tests use.

    Its outputs are pipes, read as text, unless descriptors are given for all streams. It reads ``send`` from
    a pipe; if that is None, nothing.
    """

    def __init__(
        self,
        server: Server,
        program: Program,
        *,
        send: bytes | None = None,
        streams: tuple[int, int, int] | None = None,
    ) -> None:
        self.args = program.argv
        self.returncode: int | None = None
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None
        self._send = send
        self._stdin: IO[bytes] | None = None
        self._report, theirs = socket.socketpair()
        inner = list(streams or self._pipes())
        server.request(program, [*inner, theirs.fileno()])
        theirs.close()
        if streams is None:
            for descriptor in inner:
                os.close(descriptor)
        self.pid = self._next_number()

    def _pipes(self) -> tuple[int, int, int]:
        """The program's ends of the pipes; ours are kept."""
        if self._send is None:
            its_in = os.open(os.devnull, os.O_RDONLY)
        else:
            its_in, to_it = os.pipe()
            self._stdin = os.fdopen(to_it, "wb")
        out, its_out = os.pipe()
        err, its_err = os.pipe()
        self.stdout = os.fdopen(out, encoding="utf-8", newline="")
        self.stderr = os.fdopen(err, encoding="utf-8", newline="")
        return its_in, its_out, its_err

    def _next_number(self) -> int:
        received = self._report.recv(NUMBER.size, socket.MSG_WAITALL)
        if not received:
            raise RuntimeError("the process that forks programs has ended")
        (number,) = NUMBER.unpack(received)
        return int(number)

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while the program runs."""
        return self._ended_within(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit status; raises ``subprocess.TimeoutExpired`` if it takes longer."""
        ended = self._ended_within(timeout)
        if ended is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return ended

    def _ended_within(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._report], [], [], timeout)[0]:
            self.returncode = self._next_number()
            self._report.shutdown(socket.SHUT_WR)
            self._report.recv(1)  # the watcher has let go of the pid: nothing is left of the program
            self._report.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the program is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that is left of both outputs, once the program has ended.

        Raises ``subprocess.TimeoutExpired`` if it takes longer.
        """
        end = None if timeout is None else time.monotonic() + timeout
        read: dict[str, str] = {}
        threads = [
            threading.Thread(target=self._write, daemon=True),
            *(
                threading.Thread(target=self._read, args=(name, stream, read), daemon=True)
                for name, stream in (("stdout", self.stdout), ("stderr", self.stderr))
            ),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
            if thread.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.wait(None if end is None else max(0.0, end - time.monotonic()))
        return read["stdout"], read["stderr"]

    def _write(self) -> None:
        if self._stdin is not None and not self._stdin.closed:
            try:
                self._stdin.write(self._send or b"")
            except BrokenPipeError:
                pass  # the program did not want to read it all
            finally:
                self._stdin.close()

    def _read(self, name: str, stream: IO[str] | None, into: dict[str, str]) -> None:
        into[name] = "" if stream is None or stream.closed else stream.read()
        if stream is not None:
            stream.close()


class Server:
    """The process that forks.

    It is started with the variables ``env``, as some are read by the interpreter alone when it starts:
    ``fits`` says whether a program with other variables may be forked from it.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._channel, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(Path(fork_server.__file__)), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=dict(env),
        )
        theirs.close()
        atexit.register(self.end)

    def fits(self, env: Mapping[str, str]) -> bool:
        """Whether an interpreter that is started would make nothing else of ``env``."""
        return _for_the_interpreter(env) == _for_the_interpreter(self._env)

    def request(self, program: Program, descriptors: list[int]) -> None:
        """Ask for a program with these streams and this socket to report on."""
        asked = json.dumps(program._asdict()).encode()
        with self._lock:
            socket.send_fds(self._channel, [NUMBER.pack(len(asked))], descriptors)
            self._channel.sendall(asked)

    def end(self) -> None:
        """Hang up; the server ends by itself."""
        self._channel.close()
        self._process.wait()


def _for_the_interpreter(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(("PYTHON", "LC_", "LANG", "LD_"))}
