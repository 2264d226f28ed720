"""What all model servers share: how they answer, count, log, wait and misbehave.

The answer is a function of the request alone, so a crashed run and a calm one compare equal. Every request is
counted and logged *before* it is answered, so that a test can tell how often a prompt was really sent.

In a prompt (the last user message, else the system message):

- ``key=WORD`` is what the request is counted under, else it is the last user message itself;
- a line ``answer: TEXT`` is answered with TEXT (``\\n`` as a line end), else the answer names the question.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_KEY = re.compile(r"\bkey=([\w./@-]+)")
_ANSWER = re.compile(r"^[ \t]*answer:[ \t]?(.*)$", re.MULTILINE)

KINDS = (
    "whole",  # nothing is wrong
    "status",  # an HTTP error, with its code and body
    "bare",  # a status, and nothing else
    "drop",  # the connection closes before a single byte of an answer
    "hangup",  # the stream breaks in its middle
    "cut",  # the stream ends in good order, but without its end marks
    "malformed",  # a chunk that is not JSON
    "error_chunk",  # an error inside a stream that began well
    "unfinished",  # a stream with its end marks, but without a reason why the answer ended
    "empty",  # an answer without text, usage reported
    "nothing",  # a stream with nothing in it
    "length",  # stopped by the output limit
    "filtered",  # stopped by the content filter
    "reason",  # stopped for the reason that is given
    "calls",  # in place of text, a call of the tool that is given, with the arguments as they are written
    "no_usage",  # a good answer whose usage is missing
    "page",  # a web page in place of a stream, with its status, as a proxy sends one
    "hang",  # no answer at all, until the server breaks it
    "stall",  # a stream that begins well and then is silent, until the server breaks it
)


@dataclass
class Misbehave:
    """Do ``kind`` on the next ``times`` requests whose key is ``key`` (any, when empty).

    A stream that breaks does so ``after`` so many pieces (by default, after the first piece of content).
    ``reason`` is why the answer ends, ``error`` which error of the provider comes within a stream. ``usage``
    is reported in place of the tokens that were counted.
    """

    kind: str
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "the test server says no"
    after: int | None = None
    reason: str = ""
    tool: str = ""
    arguments: str = ""
    error: str = ""
    usage: tuple[int, int] | None = None
    key: str = ""
    times: int = 1


@dataclass(frozen=True)
class Call:
    """One request as it came in."""

    key: str
    model: str
    messages: list[dict[str, str]]
    body: dict[str, Any]
    headers: dict[str, str]
    reported: tuple[int, int] | None = None
    """What is reported in place of the tokens that were counted."""

    @classmethod
    def read(
        cls, model: str, messages: list[dict[str, str]], body: dict[str, Any], headers: dict[str, str]
    ) -> Self:
        """The call that a request with these messages is."""
        last = next((m["content"] for m in reversed(messages) if m["role"] == "user"), "")
        found = _KEY.search(last)
        return cls(found.group(1) if found else last, model, messages, body, headers)

    @property
    def last_user_text(self) -> str:
        """The text of the last user message."""
        return next((m["content"] for m in reversed(self.messages) if m["role"] == "user"), "")

    @property
    def answer(self) -> str:
        """What a well-behaved server answers."""
        for text in (self.last_user_text, *(m["content"] for m in self.messages if m["role"] == "system")):
            if found := _ANSWER.findall(text):
                return str(found[-1]).strip().replace("\\n", "\n")
        digest = hashlib.sha256(self.last_user_text.encode()).hexdigest()[:8]
        flat = " ".join(self.last_user_text.split())
        return f"Answer {digest} to: {flat[:120]}"

    @property
    def usage(self) -> tuple[int, int]:
        """Input and output tokens: words, for want of better."""
        if self.reported is not None:
            return self.reported
        return sum(len(m["content"].split()) for m in self.messages), len(self.answer.split())


class ModelServer:
    """A model server on 127.0.0.1 in threads of this process; a context manager.

    ``delay`` is the time in seconds before each answer; ``log`` gets one JSON line a request, synced.
    """

    handler: type[BaseHTTPRequestHandler]

    def __init__(self, *, port: int = 0, delay: float = 0.0, log: Path | None = None) -> None:
        self.delay = delay
        self.calls: list[Call] = []
        self.at_once = 0
        self.most_at_once = 0
        self.stopping = threading.Event()
        self._silence = threading.Event()
        self._misbehaviours: list[Misbehave] = []
        self._lock = threading.Lock()
        self._log = log.open("a", encoding="utf-8") if log else None
        bound = type("Bound", (self.handler,), {"model_server": self})
        self._http = _Threads(("127.0.0.1", port), bound)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def counts(self) -> Counter[str]:
        """Requests by key."""
        with self._lock:
            return Counter(call.key for call in self.calls)

    def misbehave(self, kind: str, **how: Any) -> None:
        """Queue a fault; see ``Misbehave``."""
        self.misbehave_as(Misbehave(kind, **how))

    def misbehave_as(self, wrong: Misbehave) -> None:
        """Queue a fault."""
        if wrong.kind not in KINDS:
            raise ValueError(f"{wrong.kind} is not one of {KINDS}")
        self._misbehaviours.append(replace(wrong))

    def keep_silent(self) -> None:
        """Say nothing until ``break_silence``, which the end of the server is too."""
        silence = self._silence
        if not self.stopping.is_set():
            silence.wait()

    def break_silence(self) -> None:
        """Let the requests end that are kept waiting now."""
        self._silence.set()
        self._silence = threading.Event()

    def start(self) -> Self:
        """Serve in the background."""
        self._thread.start()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self.break_silence()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        if self._log:
            self._log.close()

    def entered(self, change: int) -> None:
        """Keep ``at_once`` and ``most_at_once``: how many requests are, and ever were, being answered."""
        with self._lock:
            self.at_once += change
            self.most_at_once = max(self.most_at_once, self.at_once)

    def received(self, call: Call) -> Misbehave | None:
        """Count and log a request; what to do wrong about it, if anything."""
        with self._lock:
            self.calls.append(call)
            if self._log:
                entry = {"n": len(self.calls), "key": call.key, "model": call.model}
                entry["messages"] = call.messages
                self._log.write(json.dumps(entry) + "\n")
                self._log.flush()
                os.fsync(self._log.fileno())
            for wrong in self._misbehaviours:
                if wrong.times > 0 and wrong.key in ("", call.key):
                    wrong.times -= 1
                    return wrong
            return None


class _Threads(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def serve(server_type: type[ModelServer]) -> None:
    """Run a server as a program: print its port, then serve until killed.

    ``--fault`` takes ``KIND[:STATUS][:TIMES[:KEY]]`` where STATUS goes with the kind ``status`` only.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--fault", action="append", default=[])
    options = parser.parse_args()
    server = server_type(port=options.port, delay=options.delay, log=options.log)
    for fault in options.fault:
        kind, *rest = fault.split(":")
        how: dict[str, Any] = {"status": int(rest.pop(0))} if kind == "status" else {}
        if rest:
            how["times"] = int(rest.pop(0))
        if rest:
            how["key"] = rest.pop(0)
        server.misbehave(kind, **how)
    with server:
        print(server.port, flush=True)
        threading.Event().wait()
