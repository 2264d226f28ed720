"""The shape of a wire format: a request is read, answered in pieces, and the pieces are sent or spoilt."""

from __future__ import annotations

import contextlib
import json
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar, Literal, NamedTuple
from urllib.parse import urlsplit

from tests.support.servers.behaviour import Call, Misbehave, ModelServer

Message = dict[str, str]
"""Role and text of one message."""

WEB_PAGE = "<!doctype html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n"
"""What a proxy answers in place of the provider."""


class Piece(NamedTuple):
    """One part of a streamed answer. The part named ``finish`` says why the answer ended."""

    part: Literal["begin", "content", "finish", "usage", "end"]
    data: bytes


class Handler(BaseHTTPRequestHandler, ABC):
    """One request. A subclass knows a wire format."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each of the small chunks of a stream waits 40 ms for the last one
    model_server: ModelServer
    path_suffix: ClassVar[str]
    stream_type: ClassVar[str]
    reasons: ClassVar[Mapping[str, str]]
    """Why an answer ended, in the provider's word: for ``whole`` and for the kinds that are about it."""
    every_reason: ClassVar[Sequence[str]]
    """Each reason that the provider documents, and one that it does not."""
    stream_errors: ClassVar[Mapping[str, bytes]]
    """The errors that the provider sends within a stream, by name."""
    too_long: ClassVar[str]
    """What the provider says, with status 400, of a conversation that the model can't hold."""
    malformed: ClassVar[bytes]
    """A piece of a stream that can't be read."""

    @abstractmethod
    def read(self, body: dict[str, Any]) -> tuple[str, list[Message]]:
        """The model's name and the messages of a request, the system prompt first."""

    @classmethod
    @abstractmethod
    def pieces(cls, call: Call, text: str, reason: str, *, counted: bool) -> list[Piece]:
        """The whole stream of an answer; ``counted`` says whether usage is reported."""

    @classmethod
    @abstractmethod
    def asks(cls, call: Call, tool: str, arguments: str) -> list[Piece]:
        """The whole stream of an answer that calls a tool with arguments as a model wrote them."""

    @abstractmethod
    def error_body(self, wrong: Misbehave) -> dict[str, Any]:
        """The error document of this provider."""

    def error_headers(self, wrong: Misbehave) -> dict[str, str]:
        """What this provider says of an error in the head of its response."""
        return wrong.headers

    def handle(self) -> None:
        """Answer the requests of one connection, until either side closes it.

        A client that gave up may reset the connection while an answer is written, and just as well when
        the server already waits for the next request; what is lost is nobody's error here.
        """
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            super().handle()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not urlsplit(self.path).path.endswith(self.path_suffix):
            self.reply(404, {"error": f"no such path: {self.path}"})
            return
        model, messages = self.read(body)
        call = Call.read(model, messages, body, {name.lower(): value for name, value in self.headers.items()})
        server = self.model_server
        wrong = server.received(call)
        server.entered(1)
        try:
            server.stopping.wait(server.delay)
            self.respond(call, wrong)
        finally:
            server.entered(-1)

    def respond(self, call: Call, wrong: Misbehave | None) -> None:
        """Answer ``call``, or do what ``wrong`` says."""
        match wrong:
            case Misbehave(kind="drop"):
                self.hang_up()
            case Misbehave(kind="hang"):
                self.model_server.keep_silent()
                self.hang_up()
            case Misbehave(kind="page"):
                self.send_whole(wrong.status, "text/html; charset=utf-8", WEB_PAGE.encode())
            case Misbehave(kind="bare"):
                self.send_whole(wrong.status, "text/plain", b"")
            case Misbehave(kind="status"):
                self.reply(wrong.status, self.error_body(wrong), self.error_headers(wrong))
            case _:
                self.respond_well_or_nearly(call, wrong or Misbehave("whole"))

    def respond_well_or_nearly(self, call: Call, how: Misbehave) -> None:
        """A stream whose status is 200; ``how`` says what is wrong inside, if anything."""
        call = replace(call, reported=how.usage)
        text = "" if how.kind == "empty" else call.answer
        reason = how.reason or self.reasons.get(how.kind, self.reasons["whole"])
        pieces = self.pieces(call, text, reason, counted=how.kind != "no_usage")
        until = how.after if how.after is not None else [piece.part for piece in pieces].index("content") + 1
        begun = [piece.data for piece in pieces[:until]]
        match how.kind:
            case "hangup":
                self.stream(begun, breaks=True)
            case "stall":
                self.stream(begun, holds=True)
            case "cut":
                self.stream(begun)
            case "malformed":
                self.stream([*begun, self.malformed])
            case "error_chunk":
                error = how.error or next(iter(self.stream_errors))
                self.stream([*begun, self.stream_errors[error]])
            case "calls":
                self.stream(piece.data for piece in self.asks(call, how.tool, how.arguments))
            case "unfinished":
                self.stream(piece.data for piece in pieces if piece.part != "finish")
            case "nothing":
                self.stream(piece.data for piece in pieces if piece.part == "end")
            case _:
                self.stream(piece.data for piece in pieces)

    def reply(self, status: int, document: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        """A whole JSON response."""
        self.send_whole(status, "application/json", json.dumps(document).encode(), headers)

    def send_whole(
        self, status: int, content_type: str, data: bytes, headers: dict[str, str] | None = None
    ) -> None:
        """A response in one go."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def stream(self, chunks: Iterable[bytes], *, breaks: bool = False, holds: bool = False) -> None:
        """A chunked response.

        With ``breaks`` the connection closes where the next chunk would be; with ``holds`` it does so only
        when the server breaks the silence.
        """
        self.send_response(200)
        self.send_header("Content-Type", self.stream_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for data in chunks:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()
        if holds:
            self.model_server.keep_silent()
        if breaks or holds:
            self.hang_up()
        else:
            self.wfile.write(b"0\r\n\r\n")

    def hang_up(self) -> None:
        """Close the connection without another word."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the standard library's signature
        """Say nothing on stderr."""


def halves(text: str) -> tuple[str, str]:
    """A text in two: an answer comes in more than one piece."""
    middle = len(text) // 2
    return text[:middle], text[middle:]


def flat(content: Any) -> str:
    """The text of a message's content, whether it came as a text or as a list of parts."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def server_sent(document: Mapping[str, Any], event: str = "") -> bytes:
    """One server-sent event with a JSON document."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(document)}\n\n".encode()
